"""Which PCL-5 is to be given and how late it is: dates and today in, a state out (rules 14, 15, 16, 27b).

Stored rows hold only when a window opens and closes; "due" and "overdue" are said here, from the day on which they are
read. A form is **due** from the day its period opens to the day it is planned for, **overdue** after that as long as it
still counts, and **missed** once the period is over: then no form can fill it any more.

The forms of rule 15: the week form during the series and in the EOS window, the month form in every later window and
before the first infusion. PRIMARY is planned for day 28, so that it looks back as little as possible into the series; every
other window for its target day.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clinic.outcomes.criteria import Window

#: Days after the last induction infusion on which a window's form is planned, where that is not the target day.
_PLANNED_DAYS = {"PRIMARY": 28}
#: Windows whose form looks back a week; all others look back a month.
_WEEK_FORM_WINDOWS = frozenset({"EOS"})
#: During the series a week form is given so many days after the last form, or after the first infusion.
WEEKLY_DAYS = 7


class State(StrEnum):
    """How a form stands on a day."""

    LATER = "later"
    DUE = "due"
    OVERDUE = "overdue"
    MISSED = "missed"


@dataclass(frozen=True)
class Period:
    """When a form may be given: it counts from `opens_on` to `closes_on`, and `planned_on` is the day it is planned for."""

    form: str
    opens_on: date
    planned_on: date
    closes_on: date

    def state(self, today: date) -> State:
        """How the form, not given yet, stands on this day."""
        if today < self.opens_on:
            return State.LATER
        if today > self.closes_on:
            return State.MISSED
        return State.DUE if today <= self.planned_on else State.OVERDUE

    def days_late(self, today: date) -> int:
        """Days since the day it was planned for (overdue) or since it stopped counting (missed); else 0."""
        match self.state(today):
            case State.OVERDUE:
                return (today - self.planned_on).days
            case State.MISSED:
                return (today - self.closes_on).days
        return 0


def planned_after_opening(window: Window) -> int:
    """Days from the opening of a window to the day its form is planned for, inside the window."""
    planned = min(max(_PLANNED_DAYS.get(window.name, window.target_day), window.first_day), window.last_day)
    return planned - window.first_day


def in_window(window: Window, opens_on: date, closes_on: date) -> Period:
    """The form of a window of a course that is over."""
    form = "week" if window.name in _WEEK_FORM_WINDOWS else "month"
    return Period(form, opens_on, opens_on + timedelta(days=planned_after_opening(window)), closes_on)


def during_series(last_form_on: date, last_infusion_on: date, end_of_series: Window) -> Period:
    """The next week form of a running series; `last_form_on` is the day of the last form, or of the first infusion."""
    due_on = last_form_on + timedelta(days=WEEKLY_DAYS)
    return Period("week", due_on, due_on, last_infusion_on + timedelta(days=end_of_series.last_day))


def before_series(first_infusion_on: date, baseline_within_days: int) -> Period:
    """The baseline: a month form at most so many days before the first infusion, which is planned for this day."""
    opens_on = first_infusion_on - timedelta(days=baseline_within_days)
    return Period("month", opens_on, first_infusion_on - timedelta(days=1), first_infusion_on)


def series_runs_since(today: date, end_of_series: Window) -> date:
    """The earliest last infusion of a series that still runs: later than that its end-of-series window is over.

    A series runs while its course is open, fewer infusions were given than planned, and the last was not long ago. One
    that nobody closed is over by then, and its later windows apply.
    """
    return today - timedelta(days=end_of_series.last_day)
