"""Every page speaks in the clinic's time."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from clinic.profile.selectors import current_profile

#: Asked by machines, also while the database is away: these answers show no clinic and tell no time.
_WITHOUT_CLINIC = frozenset({"/healthz", "/readyz"})


def on_clinic_time(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Read the profile once for the request (the context processor shows it) and set the clock to its zone."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path_info in _WITHOUT_CLINIC:
            return get_response(request)
        profile = current_profile()
        request.clinic_profile = profile  # type: ignore[attr-defined]
        with timezone.override(ZoneInfo(profile.time_zone)):
            return get_response(request)

    return answer
