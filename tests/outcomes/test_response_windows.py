"""Literal cases: windows, what is due, and what an endpoint looks back on (rules 13, 15, 16, 29)."""

from dataclasses import replace
from datetime import date

import pytest
from evaluation_frames import (
    course,
    month,
    week,
)
from plain_records import Reading
from response_cases import BASELINE, VA, Ask, day, part

# The windows (15, 16, 29).


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("EOS", "2025-03-14", "2025-03-26"),
        ("PRIMARY", "2025-03-27", "2025-04-13"),
        ("M3", "2025-05-12", "2025-07-11"),
        ("M6", "2025-08-10", "2025-10-09"),
        ("M12", "2026-02-06", "2026-04-17"),
    ],
)
def test_both_ends_of_a_window_belong_to_it(ask: Ask, name: str, first: str, last: str) -> None:
    [row] = ask()
    assert part(row["windows"][name], "opens_on closes_on") == (day(first), day(last))
    for inside in (first, last):
        [row] = ask(BASELINE, month(inside, 40))
        assert row["windows"][name]["endpoint_on"] == day(inside)
    outside = [str(date.fromordinal(day(first).toordinal() - 1)), str(date.fromordinal(day(last).toordinal() + 1))]
    [row] = ask(BASELINE, *(month(when, 40) for when in outside))
    assert row["windows"][name]["endpoint_on"] is None


def test_last_is_the_latest_reading_however_late(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-04-03", 30), week("2026-10-01", 33))
    last = row["windows"]["LAST"]
    assert part(last, "opens_on closes_on endpoint_day endpoint_recall_days") == (
        day("2025-03-14"),
        day("2025-04-13"),
        567,
        7,
    )
    assert part(last, "endpoint_total mixed_recall response remission") == (33, True, True, False)


def test_a_reading_on_the_day_of_the_last_infusion_is_in_no_window(ask: Ask) -> None:
    [row] = ask(BASELINE, week("2025-03-13 18:00", 30))
    assert {window["endpoint_id"] for window in row["windows"].values()} == {None}
    assert part(row, "status provisional latest_total") == ("REMISSION", True, 30)


def test_nearest_to_the_target_counts_not_the_latest(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-04-01", 44), month("2025-04-06", 41), month("2025-04-13", 42))
    assert row["windows"]["PRIMARY"]["endpoint_total"] == 44  # 2 days away, against 3 and 10


def test_days_are_calendar_days_across_the_change_of_the_clocks(ask: Ask) -> None:
    # Clocks in New York go forward on 9 March and back on 2 November 2025.
    spring = course(1, "2025-03-08 20:00")
    [row] = ask(week("2025-03-09 08:00", 40), courses=[spring])
    assert row["windows"]["LAST"]["endpoint_day"] == 1
    autumn = course(1, "2025-11-01 23:30")
    [row] = ask(week("2025-11-15", 40), courses=[autumn])
    assert row["windows"]["PRIMARY"]["endpoint_day"] == 14


@pytest.mark.parametrize(
    ("name", "closes"), [("EOS", "2025-03-26"), ("PRIMARY", "2025-04-13"), ("LAST", "2025-04-13"), ("M3", "2025-07-11")]
)
def test_a_window_is_due_the_day_after_it_closed(ask: Ask, name: str, closes: str) -> None:
    [row] = ask(BASELINE, as_of=closes)
    assert row["windows"][name]["due"] is False
    [row] = ask(BASELINE, as_of=str(date.fromordinal(day(closes).toordinal() + 1)))
    assert row["windows"][name]["due"] is True


def test_a_window_is_due_as_soon_as_it_has_an_endpoint(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-03-27", 40), as_of="2025-03-27")
    assert {name: row["windows"][name]["due"] for name in ("EOS", "PRIMARY", "LAST")} == {
        "EOS": True,
        "PRIMARY": True,
        "LAST": True,
    }
    assert row["windows"]["M3"]["due"] is False


# What an endpoint looks back on (13).


@pytest.mark.parametrize(
    ("reading", "pretreatment", "series"),
    [
        (month("2025-04-01", 30), True, True),
        (month("2025-04-02", 30), False, True),
        (month("2025-04-11", 30), False, True),
        (month("2025-04-12", 30), False, False),
        (week("2025-03-19", 30), False, True),
        (week("2025-03-20", 30), False, False),
    ],
)
def test_looking_back(ask: Ask, reading: Reading, pretreatment: bool, series: bool) -> None:
    [row] = ask(BASELINE, reading)
    assert part(row["windows"]["LAST"], "covers_pretreatment covers_series") == (pretreatment, series)


def test_endpoints_that_look_back_to_before_treatment_may_be_excluded(ask: Ask) -> None:
    strict = replace(VA, exclude_covers_pretreatment=True)
    readings = [BASELINE, month("2025-04-01", 50), week("2025-04-08", 42)]
    [row] = ask(*readings, criteria=strict)
    assert part(row["windows"]["PRIMARY"], "endpoint_total covers_pretreatment") == (42, False)
    [row] = ask(*readings)
    assert part(row["windows"]["PRIMARY"], "endpoint_total covers_pretreatment") == (50, True)


def test_an_excluded_endpoint_still_decides_the_status(ask: Ask) -> None:
    strict = replace(VA, exclude_covers_pretreatment=True)
    [row] = ask(BASELINE, week("2025-03-20", 50), month("2025-03-28", 30), criteria=strict)
    assert part(row, "status latest_total first_response_on") == ("REMISSION", 30, day("2025-03-28"))
    assert part(row["windows"]["PRIMARY"], "endpoint_id due") == (None, True)
    assert row["windows"]["LAST"]["endpoint_total"] == 50
    [row] = ask(BASELINE, month("2025-03-28", 30), criteria=strict, as_of="2025-03-29")
    assert part(row["windows"]["LAST"], "endpoint_id due") == (None, False)
