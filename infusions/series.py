"""The moments of a planned series: so many infusions by a rule, each at the same time on the clinic's clock.

Moments of a rule are local, without a time zone: the clocks may change between two of them, and one may not exist. The
form that takes them says so. There is no clock here, and nothing is proposed but the days that the rule names.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from infusions.dosing import check_interval
from infusions.limits import Finding, Limits

DAYS_A_WEEK = 7
#: Infusions a week -> days after the first one, in each week. Three lie 48 h apart at least, as rule 58 asks.
_SPREAD = {1: (0,), 2: (0, 3), 3: (0, 2, 4)}
#: So many a week can be asked for: three in Feder 2021, two in Abdallah 2022, one in a taper.
A_WEEK = tuple(_SPREAD)


@dataclass(frozen=True)
class Rule:
    """Every so many days; or, without `every_days`, on these days of each week (0 Monday to 6 Sunday)."""

    every_days: int | None = None
    weekdays: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if (self.every_days is None) != bool(self.weekdays):
            raise ValueError("A rule has either a number of days or days of the week.")
        if self.every_days is not None and self.every_days < 1:
            raise ValueError("From one infusion to the next it is 1 day at least.")
        if not self.weekdays <= set(range(DAYS_A_WEEK)):
            raise ValueError("A day of the week is 0 (Monday) to 6 (Sunday).")


def spread_over_week(first: date, a_week: int) -> frozenset[int]:
    """The days of the week of so many infusions a week, when the first one is on this day."""
    return frozenset((first.weekday() + days) % DAYS_A_WEEK for days in _SPREAD[a_week])


def local_moments(first: datetime, count: int, rule: Rule) -> list[datetime]:
    """So many local moments from `first` on, itself the first where the rule names its day. Raises ValueError if aware."""
    if first.tzinfo is not None:
        raise ValueError("The first moment is one of the clinic's clock, without a time zone.")
    return list(islice(_on_days(first, rule), count))


def _on_days(first: datetime, rule: Rule) -> Iterator[datetime]:
    moment = first
    while True:
        if rule.every_days is not None or moment.weekday() in rule.weekdays:
            yield moment
        moment += timedelta(days=rule.every_days or 1)


def findings_along(
    limits: Limits, *, given: Iterable[datetime], planned: Sequence[datetime], zone: ZoneInfo
) -> list[list[Finding]]:
    """What starting at each planned moment would cross, after the starts in `given` and the planned moments before it.

    In the order of `planned`; of two at one moment both are told (rule 58). Days are those of `zone` (rule 17).
    """
    starts = list(given)
    found = []
    for place, moment in enumerate(planned):
        others = [*starts, *planned[:place], *planned[place + 1 :]]
        before = [other for other in others if other.astimezone(UTC) <= moment.astimezone(UTC)]
        found.append(check_interval(limits, start_at=moment.astimezone(zone), previous_starts=before))
    return found
