"""The clinic's clock. Whatever counts days does so inside `in_clinic_time()`: pages by a middleware, commands by decoration."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone

from clinic.profile.selectors import current_profile


@contextmanager
def in_clinic_time() -> Iterator[None]:
    """Run what is inside, or the decorated function, in the time zone that the clinic set. One query, made on entering."""
    with timezone.override(ZoneInfo(current_profile().time_zone)):
        yield


def zone_in_force() -> ZoneInfo:
    """The zone that is active now: the clinic's inside `in_clinic_time()`. No query."""
    return ZoneInfo(timezone.get_current_timezone_name())


@lru_cache
def zone_names() -> frozenset[str]:
    """Every zone that can be chosen: places and UTC, without the aliases that no clinic lives in."""
    return frozenset(name for name in available_timezones() if name == "UTC" or _is_place(name))


def _is_place(name: str) -> bool:
    return "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/", "US/"))
