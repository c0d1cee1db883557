"""Which PCL-5 is due on a day, how late it is, and which form it is (rules 14, 15, 27b)."""

from datetime import date, timedelta

import pytest

from clinic.outcomes.criteria import SCHEDULED_WINDOWS, Window
from clinic.outcomes.due import (
    Period,
    State,
    before_series,
    during_series,
    in_window,
    planned_after_opening,
    series_runs_since,
)

LAST_INFUSION = date(2026, 3, 1)
WINDOWS = {window.name: window for window in SCHEDULED_WINDOWS}
EOS = WINDOWS["EOS"]


def period_of(name: str) -> Period:
    window = WINDOWS[name]
    return in_window(
        window, LAST_INFUSION + timedelta(days=window.first_day), LAST_INFUSION + timedelta(days=window.last_day)
    )


@pytest.mark.parametrize(
    ("window", "form", "planned_day"),
    [("EOS", "week", 7), ("PRIMARY", "month", 28), ("M3", "month", 90), ("M6", "month", 180), ("M12", "month", 365)],
)
def test_each_window_has_its_form_and_its_planned_day(window: str, form: str, planned_day: int) -> None:
    period = period_of(window)
    assert (period.form, (period.planned_on - LAST_INFUSION).days) == (form, planned_day)


@pytest.mark.parametrize(
    ("day", "state", "late"),
    [
        (13, State.LATER, 0),
        (14, State.DUE, 0),
        (28, State.DUE, 0),
        (29, State.OVERDUE, 1),
        (31, State.OVERDUE, 3),
        (32, State.MISSED, 1),
        (60, State.MISSED, 29),
    ],
)
def test_the_primary_window_day_by_day(day: int, state: State, late: int) -> None:
    today = LAST_INFUSION + timedelta(days=day)
    assert (period_of("PRIMARY").state(today), period_of("PRIMARY").days_late(today)) == (state, late)


def test_the_planned_day_lies_in_the_window_whatever_the_site_sets() -> None:
    assert planned_after_opening(Window("PRIMARY", "Primary", 14, 24, 21)) == 10
    assert planned_after_opening(Window("PRIMARY", "Primary", 30, 40, 35)) == 0
    assert planned_after_opening(Window("M3", "3 months", 60, 120, 90)) == 30


@pytest.mark.parametrize(("day", "state", "late"), [(6, State.LATER, 0), (7, State.DUE, 0), (10, State.OVERDUE, 3)])
def test_during_a_series_a_week_form_is_due_a_week_after_the_last(day: int, state: State, late: int) -> None:
    last_form = date(2026, 3, 1)
    period = during_series(last_form, last_infusion_on=date(2026, 3, 5), end_of_series=EOS)
    today = last_form + timedelta(days=day)
    assert (period.form, period.state(today), period.days_late(today)) == ("week", state, late)
    assert period.closes_on == date(2026, 3, 18)


@pytest.mark.parametrize(
    ("days_before", "state"),
    [(31, State.LATER), (30, State.DUE), (1, State.DUE), (0, State.OVERDUE), (-1, State.MISSED)],
)
def test_a_baseline_counts_for_thirty_days(days_before: int, state: State) -> None:
    first = date(2026, 3, 31)
    period = before_series(first, baseline_within_days=30)
    assert period.form == "month"
    assert period.state(first - timedelta(days=days_before)) is state


def test_a_series_runs_as_long_as_its_end_of_series_window_would_be_open() -> None:
    assert series_runs_since(date(2026, 3, 14), EOS) == date(2026, 3, 1)
