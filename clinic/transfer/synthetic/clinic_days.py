"""The days and hours of the clinic: when it is open, how often a patient comes, and moments in its time zone."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FRIDAY = 4
#: Days to the next session by weekday (Monday is 0), so that nobody is asked to come on a weekend.
TWICE_A_WEEK: Mapping[int, int] = {0: 3, 1: 3, 2: 5, 3: 4, 4: 4, 5: 3, 6: 3}
THRICE_A_WEEK: Mapping[int, int] = {0: 2, 1: 2, 2: 2, 3: 4, 4: 3, 5: 2, 6: 2}
WEEKLY: Mapping[int, int] = dict.fromkeys(range(7), 7)

#: Starts of the sessions of a day, in minutes after midnight: half past eight to half past three.
SLOTS = tuple(range(8 * 60 + 30, 15 * 60 + 31, 30))


def open_day(day: date) -> date:
    """This day, or the Monday after it when it is a weekend."""
    return day if day.weekday() <= _FRIDAY else day + timedelta(days=7 - day.weekday())


def last_open_day(day: date) -> date:
    """This day, or the Friday before it when it is a weekend."""
    return day if day.weekday() <= _FRIDAY else day - timedelta(days=day.weekday() - _FRIDAY)


def moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The moment so many minutes after midnight on the clinic's clock, in UTC."""
    hours, rest = divmod(minutes, 60)
    return datetime.combine(day, time(hours, rest), zone).astimezone(UTC)
