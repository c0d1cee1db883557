"""The days of the clinic as moments, and how far away a moment is, in words."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def day_starts(day: date) -> datetime:
    """The moment at which a calendar day begins on the clinic's clock (rule 17)."""
    return datetime.combine(day, time(), timezone.get_current_timezone())


def day_after(day: date, days: int = 1) -> datetime:
    """The moment at which the day so many days later begins: the end of this day, for `< day_after(day)`."""
    return day_starts(day + timedelta(days=days))


def from_now(moment: datetime, now: datetime) -> str:
    """How far away: "in 52 min", "in 1 h 22", "25 min ago"; "now" within a minute."""
    minutes = round((moment - now).total_seconds() / 60)
    if not minutes:
        return "now"
    hours, rest = divmod(abs(minutes), 60)
    words = f"{hours} h {rest:02}" if hours else f"{rest} min"
    return f"in {words}" if minutes > 0 else f"{words} ago"


def long_day(day: date) -> str:
    """A day as a heading says it: "Saturday 21 November"."""
    return f"{day:%A} {day.day} {day:%B}"
