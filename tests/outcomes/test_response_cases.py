"""Literal cases of the outcome rules, each asked of `evaluate` and of the plain reference.

Unless a case says otherwise: course 1 with infusions on 3, 6, 10 and 13 March 2025, a baseline of 54 on a month form of
20 February, seen from the end of 2026. Numbers in comments are those of the clinical rules.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from evaluation_frames import (
    by_production,
    by_reference,
    course,
    courses_frame,
    entered,
    month,
    readings_frame,
    rows_of,
    week,
)
from plain_evaluation import CourseRecord, Reading

from clinic.outcomes.criteria import PRESETS, Criteria
from clinic.outcomes.response import evaluate

VA = PRESETS["VA-10/33"]
NYS = PRESETS["NYS-12/33"]
MARX = PRESETS["Marx-15/28"]
PERCENT_30 = PRESETS["Percent-30/33"]
PERCENT_50 = PRESETS["Percent-50/33"]
MARCH = course(1, "2025-03-03", "2025-03-06", "2025-03-10", "2025-03-13")
BASELINE = month("2025-02-20", 54)
LATE = "2026-12-31"

Rows = list[dict[str, Any]]
Ask = Callable[..., Rows]


@pytest.fixture(params=["production", "reference"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Answers of one of the two implementations to: these readings and courses, in the order entered."""
    answer = by_production if request.param == "production" else by_reference

    def rows(
        *readings: Reading,
        courses: Sequence[CourseRecord] = (MARCH,),
        criteria: Criteria = VA,
        as_of: str = LATE,
    ) -> Rows:
        return answer(entered(readings), list(courses), criteria, date.fromisoformat(as_of))

    return rows


def day(text: str) -> date:
    return date.fromisoformat(text)


def part(row: dict[str, Any], names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names.split())


# The numbered cases.


def test_case_1_remission_in_the_primary_window(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-04-03", 30))
    assert part(row, "status provisional eligible latest_id latest_total") == ("REMISSION", False, True, 2, 30)
    primary = row["windows"]["PRIMARY"]
    assert part(primary, "endpoint_day endpoint_total reduction") == (21, 30, 24)
    assert part(primary, "response remission category") == (True, True, "response_below_cut")


def test_case_2_equally_near_the_target_the_later_day_counts(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-04-02", 40), month("2025-04-04", 30))
    assert part(row["windows"]["PRIMARY"], "endpoint_total endpoint_on") == (30, day("2025-04-04"))


@pytest.mark.parametrize("reverse", [False, True])
def test_case_3_on_one_day_the_month_form_is_the_later(ask: Ask, reverse: bool) -> None:
    same_day = [week("2025-04-03", 44), month("2025-04-03", 30)]
    [row] = ask(BASELINE, *(reversed(same_day) if reverse else same_day))
    assert row["windows"]["PRIMARY"]["endpoint_total"] == 30
    assert row["windows"]["LAST"]["endpoint_total"] == 30
    assert part(row, "status latest_total") == ("REMISSION", 30)


@pytest.mark.parametrize(
    ("when", "total"),
    [("2025-03-03", 50), ("2025-03-03 09:59", 50), ("2025-03-03 10:00", 54), ("2025-03-03 11:00", 54)],
)
def test_case_4_a_reading_on_the_first_day(ask: Ask, when: str, total: int) -> None:
    [row] = ask(BASELINE, month(when, 50))
    assert part(row, "baseline_total status latest_on") == (total, "AWAITING", None)


def test_case_5_a_weekly_baseline(ask: Ask) -> None:
    [row] = ask(week("2025-02-20", 50))
    assert part(row, "baseline_total baseline_recall_days weekly_baseline") == (50, 7, True)
    assert part(row, "status eligible") == ("AWAITING", True)


def test_case_6_the_baseline_period_is_thirty_days(ask: Ask) -> None:
    [inside] = ask(month("2025-02-01", 54))
    [outside] = ask(month("2025-01-31", 54))
    assert part(inside, "baseline_on status") == (day("2025-02-01"), "AWAITING")
    assert part(outside, "baseline_on baseline_total status eligible") == (None, None, "NO_BASELINE", False)


def test_case_7_a_response_during_the_series_alone_is_not_relapse(ask: Ask) -> None:
    [row] = ask(BASELINE, week("2025-03-08", 40), month("2025-04-03", 52))
    assert part(row, "status provisional response_lost_on") == ("NO_RESPONSE", False, None)
    assert row["first_response_on"] == day("2025-03-08")


def test_case_8_below_the_cut_and_worsened(ask: Ask) -> None:
    [row] = ask(month("2025-02-20", 30), month("2025-04-03", 62))
    assert part(row, "status eligible provisional latest_total") == ("BELOW_CUT", False, None, 62)
    assert row["rise_on"] == day("2025-04-03")
    assert part(row["windows"]["PRIMARY"], "reduction worsened response") == (-32, True, False)


def test_case_9_a_prorated_baseline_at_the_cut(ask: Ask) -> None:
    [row] = ask(month("2025-02-20", 31, missing=1))
    assert part(row, "baseline_total baseline_prorated eligible status") == (33, True, True, "AWAITING")


def test_case_10_after_a_booster_the_window_is_still_that_of_the_induction(ask: Ask) -> None:
    booster = course(2, "2025-04-22", phase="booster")
    [row] = ask(BASELINE, month("2025-06-12", 28), courses=[MARCH, booster])
    assert part(row["windows"]["M3"], "endpoint_day endpoint_total") == (91, 28)
    assert part(row, "infusions induction_infusions") == (5, 4)
    assert part(row, "next_top_up_on last_infusion_on") == (day("2025-04-22"), day("2025-03-13"))


def test_case_11_no_baseline_from_within_the_earlier_induction(ask: Ask) -> None:
    second = course(2, "2025-04-02")
    first_row, second_row = ask(BASELINE, month("2025-03-12", 45), courses=[MARCH, second])
    assert part(second_row, "baseline_id status") == (None, "NO_BASELINE")
    assert part(first_row, "latest_total provisional next_induction_on") == (45, True, day("2025-04-02"))


@pytest.mark.parametrize(("days", "last"), [(4, "2025-03-13"), (3, "2025-03-10")])
def test_case_12_the_last_given_infusion_ends_the_series(ask: Ask, days: int, last: str) -> None:
    # The fourth was stopped at 10 mg: given. At 0 mg it is not given, and so not in the frame.
    [row] = ask(BASELINE, courses=[replace(MARCH, infusions=MARCH.infusions[:days])])
    assert part(row, "last_infusion_on induction_infusions infusions") == (day(last), days, days)


def test_case_13_last_before_primary_is_due(ask: Ask) -> None:
    [row] = ask(BASELINE, week("2025-03-18", 40), as_of="2025-03-20")
    assert row["last_infusion_on"] == day("2025-03-13")
    three = replace(MARCH, infusions=MARCH.infusions[:3])
    [row] = ask(BASELINE, week("2025-03-18", 40), courses=[three], as_of="2025-03-20")
    assert part(row["windows"]["LAST"], "endpoint_total endpoint_day due") == (40, 8, True)
    assert part(row["windows"]["PRIMARY"], "endpoint_total due") == (None, False)
    assert part(row["windows"]["EOS"], "endpoint_total due") == (40, True)


def test_case_14_criterion_a_not_met_keeps_the_status(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-04-03", 30), courses=[replace(MARCH, criterion_a_not_met=True)])
    assert part(row, "status eligible criterion_a_not_met") == ("REMISSION", False, True)
    assert row["windows"]["PRIMARY"]["response"] is True


# The worked example of the windows: first infusion 3 March, last 14 March.

WORKED_COURSE = course(1, "2025-03-03", "2025-03-07", "2025-03-14")
WORKED_READINGS = (
    month("2025-02-10", 51),
    BASELINE,
    week("2025-03-03 08:30", 52),
    week("2025-03-17", 35),
    month("2025-04-04", 30),
    month("2025-04-10", 29),
    month("2025-05-02", 31),
    month("2025-06-20", 33),
    month("2025-09-30", 46),
)
WORKED_WINDOWS = {
    "EOS": (day("2025-03-17"), 3, 35, 19, True, False, True, False, True),
    "PRIMARY": (day("2025-04-04"), 21, 30, 24, True, True, False, False, True),
    "M3": (day("2025-06-20"), 98, 33, 21, True, False, False, False, False),
    "M6": (day("2025-09-30"), 200, 46, 8, False, False, False, False, False),
    "M12": (None,) * 9,
    "LAST": (day("2025-09-30"), 200, 46, 8, False, False, False, False, False),
}


def test_worked_example_windows(ask: Ask) -> None:
    [row] = ask(*WORKED_READINGS, courses=[WORKED_COURSE])
    columns = "endpoint_on endpoint_day endpoint_total reduction response remission"
    flags = " mixed_recall covers_pretreatment covers_series"
    assert {name: part(row["windows"][name], columns + flags) for name in WORKED_WINDOWS} == WORKED_WINDOWS
    endpoints = {window["endpoint_on"] for window in row["windows"].values()}
    assert day("2025-05-02") not in endpoints  # unscheduled
    assert part(row, "baseline_on baseline_recall_days baseline_total") == (day("2025-02-20"), 30, 54)


def test_worked_example_losses(ask: Ask) -> None:
    [row] = ask(*WORKED_READINGS, courses=[WORKED_COURSE])
    index = row["response_index_on"]
    assert index == day("2025-04-04")
    assert (row["loss_of_response_on"], (row["loss_of_response_on"] - index).days) == (day("2025-09-30"), 179)
    assert (row["loss_of_remission_on"], (row["loss_of_remission_on"] - index).days) == (day("2025-06-20"), 77)
    assert part(row, "status response_lost_on") == ("RELAPSED", day("2025-09-30"))
    assert part(row, "first_response_on first_remission_on") == (day("2025-03-17"), day("2025-04-04"))
    assert part(row["windows"]["M3"], "sustained_response category") == (True, "response_at_or_above_cut")
    assert row["windows"]["M6"]["sustained_response"] is False
    assert row["windows"]["M12"]["sustained_response"] is None


# Which infusions and courses count (12, 12a).


def test_a_course_without_an_infusion_up_to_the_day_has_no_row(ask: Ask) -> None:
    assert ask(BASELINE, as_of="2025-03-02") == []
    [row] = ask(BASELINE, as_of="2025-03-03")
    assert part(row, "first_infusion_on last_infusion_on induction_infusions infusions") == (
        day("2025-03-03"),
        day("2025-03-03"),
        1,
        1,
    )


def test_only_infusions_up_to_the_day_count(ask: Ask) -> None:
    booster = course(2, "2025-04-22", phase="booster")
    [row] = ask(BASELINE, courses=[MARCH, booster], as_of="2025-03-12")
    assert part(row, "last_infusion_on infusions next_top_up_on") == (day("2025-03-10"), 3, None)
    assert row["windows"]["PRIMARY"]["opens_on"] == day("2025-03-24")


def test_only_readings_up_to_the_day_count(ask: Ask) -> None:
    readings = [BASELINE, month("2025-04-03", 30), month("2025-06-20", 50)]
    [row] = ask(*readings, as_of="2025-06-19")
    assert part(row, "status latest_on") == ("REMISSION", day("2025-04-03"))
    [row] = ask(*readings, as_of="2025-06-20")
    assert part(row, "status latest_on") == ("RELAPSED", day("2025-06-20"))


def test_maintenance_alone_gives_no_row(ask: Ask) -> None:
    assert ask(BASELINE, courses=[replace(MARCH, phase="maintenance")]) == []
    assert ask(BASELINE, courses=[replace(MARCH, phase="booster")]) == []


@pytest.mark.parametrize(
    ("days", "complete"),
    [
        (["2025-03-03", "2025-03-10", "2025-03-17", "2025-03-31"], True),
        (["2025-03-03", "2025-03-10", "2025-03-17", "2025-04-01"], False),
        (["2025-02-03", "2025-03-03", "2025-03-10", "2025-03-17", "2025-03-31"], True),
        (["2025-03-03", "2025-03-04", "2025-03-05"], False),
        (["2025-03-03 09:00", "2025-03-03 13:00", "2025-03-03 17:00", "2025-03-03 19:00"], True),
    ],
)
def test_induction_complete_is_four_within_28_days(ask: Ask, days: list[str], complete: bool) -> None:
    [row] = ask(courses=[course(1, *days)])
    assert row["induction_complete"] is complete


def test_the_index_course_is_the_first_by_infusion_not_by_number(ask: Ask) -> None:
    later = course(1, "2025-09-01")
    earlier = course(2, "2025-03-03")
    rows = ask(courses=[later, earlier])
    assert [part(row, "course_id number is_index") for row in rows] == [(102, 2, True), (101, 1, False)]
    assert [row["next_induction_on"] for row in rows] == [day("2025-09-01"), None]


def test_top_ups_count_for_the_induction_they_follow(ask: Ask) -> None:
    courses = [
        course(1, "2024-11-05", phase="maintenance"),
        replace(MARCH, number=2, course_id=102),
        course(3, "2025-04-22", "2025-05-22", phase="maintenance"),
        course(4, "2025-06-22", phase="booster"),
        course(5, "2025-08-04", "2025-08-08"),
        course(6, "2025-12-01", phase="booster"),
    ]
    rows = ask(courses=courses)
    assert [part(row, "number induction_infusions infusions") for row in rows] == [(2, 4, 7), (5, 2, 3)]
    assert [row["next_top_up_on"] for row in rows] == [day("2025-04-22"), day("2025-12-01")]
    assert [row["next_induction_on"] for row in rows] == [day("2025-08-04"), None]
    assert [row["last_infusion_on"] for row in rows] == [day("2025-03-13"), day("2025-08-08")]


def test_a_top_up_on_the_day_of_the_next_induction(ask: Ask) -> None:
    second = course(2, "2025-08-04 12:00")
    morning = course(3, "2025-08-04 09:00", phase="booster")
    afternoon = course(3, "2025-08-04 15:00", phase="booster")
    rows = ask(courses=[MARCH, second, morning])
    assert [part(row, "infusions next_top_up_on") for row in rows] == [(5, day("2025-08-04")), (1, None)]
    rows = ask(courses=[MARCH, second, afternoon])
    assert [part(row, "infusions next_top_up_on") for row in rows] == [(4, None), (2, day("2025-08-04"))]


def test_a_booster_in_the_middle_of_the_series_counts_and_is_no_top_up_after_it(ask: Ask) -> None:
    [row] = ask(courses=[MARCH, course(2, "2025-03-08", phase="booster")])
    assert part(row, "infusions induction_infusions next_top_up_on") == (5, 4, None)
    assert row["last_infusion_on"] == day("2025-03-13")


# The baseline (14) and the order of readings (14a).


def test_a_month_form_is_the_baseline_even_if_a_week_form_is_later(ask: Ask) -> None:
    [row] = ask(month("2025-02-05", 51), week("2025-02-28", 60))
    assert part(row, "baseline_total weekly_baseline") == (51, False)


def test_the_latest_week_form_when_no_month_form_is_in_the_period(ask: Ask) -> None:
    [row] = ask(month("2025-01-31", 70), week("2025-02-10", 50), week("2025-02-28", 60))
    assert part(row, "baseline_total weekly_baseline") == (60, True)


def test_on_one_day_the_form_entered_later_is_the_later(ask: Ask) -> None:
    [row] = ask(month("2025-02-20", 50), BASELINE, month("2025-04-03", 40), month("2025-04-03", 36))
    assert part(row, "baseline_total latest_total latest_id") == (54, 36, 4)
    assert row["windows"]["PRIMARY"]["endpoint_total"] == 36


@pytest.mark.parametrize("answer", [by_production, by_reference])
def test_a_correction_keeps_the_place_of_what_it_replaces(answer: Ask) -> None:
    baseline, first, second = entered([BASELINE, month("2025-04-03", 40), month("2025-04-03", 36)])
    corrected = replace(first, reading_id=9, answered_sum=41)
    [row] = answer([baseline, corrected, second], [MARCH], VA, day(LATE))
    assert part(row, "latest_id latest_total") == (3, 36)


def test_a_reading_of_the_first_day_after_the_start_is_never_a_follow_up(ask: Ask) -> None:
    one = course(1, "2025-03-03")
    [row] = ask(BASELINE, month("2025-03-03 15:00", 20), courses=[one])
    assert part(row, "status latest_on first_response_on") == ("AWAITING", None, None)
    assert row["windows"]["LAST"]["endpoint_id"] is None
    [row] = ask(BASELINE, month("2025-03-04", 20), courses=[one])
    assert part(row, "status provisional") == ("REMISSION", False)


def test_the_day_is_the_clinics_not_that_of_utc(ask: Ask) -> None:
    # An infusion at 21:00 in New York is on the next day in UTC.
    evening = course(1, "2025-03-03 21:00")
    [row] = ask(month("2025-03-03 20:30", 50), week("2025-03-04", 45), courses=[evening])
    assert part(row, "baseline_total first_infusion_on latest_total") == (50, day("2025-03-03"), 45)
    assert row["windows"]["EOS"]["endpoint_day"] == 1


@pytest.mark.parametrize(
    ("missing", "in_cluster", "used"), [(0, 0, True), (2, 1, True), (2, 2, False), (3, 1, False), (3, 2, False)]
)
def test_forms_with_too_many_missing_items_are_no_readings(ask: Ask, missing: int, in_cluster: int, used: bool) -> None:
    form = month("2025-04-03", 20, missing=missing, most_missing_in_cluster=in_cluster)
    [row] = ask(BASELINE, form)
    assert row["status"] == ("REMISSION" if used else "AWAITING")
    assert row["windows"]["LAST"]["endpoint_prorated"] is (used and missing > 0)


def test_the_limits_of_missing_items_are_settings(ask: Ask) -> None:
    form = month("2025-04-03", 20, missing=4, most_missing_in_cluster=2)
    [row] = ask(BASELINE, form, criteria=replace(VA, max_missing_items=4, max_missing_per_cluster=2))
    assert row["latest_total"] == 25
    [row] = ask(BASELINE, month("2025-04-03", 20, missing=1), criteria=replace(VA, max_missing_items=0))
    assert row["status"] == "AWAITING"


@pytest.mark.parametrize(
    ("answered_sum", "missing", "total"),
    [(49, 1, 52), (10, 1, 11), (18, 2, 20), (9, 2, 10), (76, 1, 80), (72, 2, 80), (0, 2, 0), (19, 1, 20)],
)
def test_prorated_totals_round_half_up(ask: Ask, answered_sum: int, missing: int, total: int) -> None:
    [row] = ask(BASELINE, month("2025-04-03", answered_sum, missing=missing))
    assert row["latest_total"] == total


@pytest.mark.parametrize(("answered_sum", "total"), [(6, 8), (2, 3), (10, 13), (58, 73)])
def test_an_exact_half_is_rounded_up(ask: Ask, answered_sum: int, total: int) -> None:
    # 16 of 20 answered: 6 becomes 7.5, 2 becomes 2.5, 10 becomes 12.5 and 58 becomes 72.5.
    form = month("2025-04-03", answered_sum, missing=4)
    [row] = ask(BASELINE, form, criteria=replace(VA, max_missing_items=4))
    assert row["latest_total"] == total


@pytest.mark.parametrize(
    ("named_before", "named_after", "status"),
    [(0, 0, "REMISSION"), (5, 0, "REMISSION"), (0, 6, "REMISSION"), (5, 5, "REMISSION"), (5, 6, "AWAITING")],
)
def test_readings_about_different_events_are_not_compared(
    ask: Ask, named_before: int, named_after: int, status: str
) -> None:
    before = replace(BASELINE, index_event_id=named_before)
    [row] = ask(before, month("2025-04-03", 30, index_event_id=named_after))
    assert row["status"] == status
    assert row["windows"]["PRIMARY"]["endpoint_total"] == (30 if status == "REMISSION" else None)


def test_a_comparable_reading_counts_though_a_nearer_one_is_about_another_event(ask: Ask) -> None:
    before = replace(BASELINE, index_event_id=5)
    [row] = ask(before, month("2025-04-03", 30, index_event_id=6), month("2025-04-10", 40, index_event_id=5))
    assert row["windows"]["PRIMARY"]["endpoint_total"] == 40
    assert part(row, "status first_response_on") == ("RESPONSE", day("2025-04-10"))


def test_without_a_baseline_endpoints_exist_and_outcomes_do_not(ask: Ask) -> None:
    [row] = ask(month("2025-04-03", 30, index_event_id=5), week("2025-04-05", 20, index_event_id=6))
    assert part(row, "status eligible latest_on") == ("NO_BASELINE", False, day("2025-04-05"))
    assert part(row, "first_response_on rise_on response_index_on provisional") == (None,) * 4
    primary = row["windows"]["PRIMARY"]
    assert part(primary, "endpoint_total due covers_pretreatment covers_series") == (30, True, False, True)
    assert part(primary, "reduction response remission worsened category mixed_recall") == (None,) * 6
    assert part(primary, "reliable_change reliable_and_below") == (None, None)


# A second induction (12a, 14, 16).

SECOND = course(2, "2025-08-04", "2025-08-08")


def test_readings_from_the_next_inductions_start_belong_to_it(ask: Ask) -> None:
    readings = [BASELINE, month("2025-04-03", 30), week("2025-08-05", 52), month("2025-08-29", 20)]
    first, second = ask(*readings, courses=[MARCH, SECOND])
    assert part(first, "status latest_total latest_on") == ("REMISSION", 30, day("2025-04-03"))
    assert part(first["windows"]["LAST"], "endpoint_total endpoint_day") == (30, 21)
    assert part(second, "status latest_on") == ("NO_BASELINE", day("2025-08-29"))
    assert second["windows"]["PRIMARY"]["endpoint_total"] == 20


def test_a_follow_up_of_one_induction_may_be_the_baseline_of_the_next(ask: Ask) -> None:
    first, second = ask(BASELINE, month("2025-07-20", 50), courses=[MARCH, SECOND])
    assert part(first, "status latest_total") == ("NO_RESPONSE", 50)
    assert part(second, "status baseline_total is_index") == ("AWAITING", 50, False)


@pytest.mark.parametrize(
    ("when", "belongs_to_both"),
    [("2025-08-04", True), ("2025-08-04 09:30", True), ("2025-08-04 10:00", False), ("2025-08-04 12:00", False)],
)
def test_a_reading_on_the_day_the_next_induction_starts(ask: Ask, when: str, belongs_to_both: bool) -> None:
    first, second = ask(BASELINE, month(when, 50), courses=[MARCH, SECOND])
    assert first["status"] == ("NO_RESPONSE" if belongs_to_both else "AWAITING")
    assert second["baseline_total"] == (50 if belongs_to_both else None)
    assert second["latest_on"] is None


def test_the_next_baseline_is_from_a_day_after_the_earlier_inductions_last_infusion(ask: Ask) -> None:
    second = course(2, "2025-04-02")
    on_the_day = ask(month("2025-03-13", 45), courses=[MARCH, second])[1]
    day_after = ask(month("2025-03-14", 45), courses=[MARCH, second])[1]
    assert (on_the_day["baseline_total"], day_after["baseline_total"]) == (None, 45)


def test_a_top_up_does_not_end_the_baseline_period(ask: Ask) -> None:
    booster = course(3, "2025-07-25", phase="booster")
    second = ask(month("2025-07-20", 45), courses=[MARCH, SECOND, booster])[1]
    assert second["baseline_total"] == 45


def test_an_induction_that_starts_later_than_the_day_does_not_end_the_earlier(ask: Ask) -> None:
    readings = [BASELINE, month("2025-04-03", 30)]
    [row] = ask(*readings, courses=[MARCH, SECOND], as_of="2025-08-03")
    assert part(row, "status next_induction_on") == ("REMISSION", None)


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


# Outcomes of an endpoint (19 to 24, 64).


@pytest.mark.parametrize(
    ("criteria", "before", "after", "response", "remission"),
    [
        (VA, 54, 44, True, False),
        (VA, 54, 45, False, False),
        (VA, 43, 33, True, False),
        (VA, 42, 32, True, True),
        (VA, 41, 32, False, False),
        (NYS, 44, 32, True, True),
        (NYS, 44, 33, False, False),
        (NYS, 43, 32, False, False),
        (MARX, 44, 29, True, False),
        (MARX, 43, 28, True, True),
        (MARX, 42, 28, False, False),
        (PERCENT_30, 70, 49, True, False),
        (PERCENT_30, 70, 50, False, False),
        (PERCENT_30, 33, 23, True, True),
        (PERCENT_30, 33, 24, False, False),
        (PERCENT_50, 70, 35, True, False),
        (PERCENT_50, 70, 36, False, False),
        (PERCENT_50, 58, 29, True, True),
        (PERCENT_50, 59, 30, False, False),
    ],
)
def test_presets_at_their_edges(
    ask: Ask, criteria: Criteria, before: int, after: int, response: bool, remission: bool
) -> None:
    [row] = ask(month("2025-02-20", before), month("2025-04-03", after), criteria=criteria)
    assert part(row["windows"]["PRIMARY"], "response remission") == (response, remission)
    expected = "REMISSION" if remission else "RESPONSE" if response else "NO_RESPONSE"
    assert row["status"] == expected


@pytest.mark.parametrize("after", [0, 5])
def test_no_percent_of_a_baseline_of_nothing(ask: Ask, after: int) -> None:
    [row] = ask(month("2025-02-20", 0), month("2025-04-03", after), criteria=PERCENT_30)
    assert part(row, "status first_response_on response_index_on") == ("BELOW_CUT", None, None)
    assert not row["windows"]["PRIMARY"]["response"]
    assert not row["windows"]["PRIMARY"]["remission"]


@pytest.mark.parametrize(
    ("before", "after", "reliable", "and_below", "category"),
    [
        (54, 45, False, False, "no_response"),
        (54, 44, False, False, "response_at_or_above_cut"),
        (54, 39, True, False, "response_at_or_above_cut"),
        (54, 33, True, False, "response_at_or_above_cut"),
        (54, 32, True, False, "response_below_cut"),
        (54, 29, True, False, "response_below_cut"),
        (54, 28, True, True, "response_at_most_28"),
        (42, 28, False, False, "response_at_most_28"),
        (43, 28, True, True, "response_at_most_28"),
        (29, 14, True, True, "response_at_most_28"),
        (28, 13, True, None, "response_at_most_28"),
        (20, 19, False, None, "no_response"),
    ],
)
def test_reliable_change_and_category(
    ask: Ask, before: int, after: int, reliable: bool, and_below: bool | None, category: str
) -> None:
    [row] = ask(month("2025-02-20", before), month("2025-04-03", after))
    primary = row["windows"]["PRIMARY"]
    assert part(primary, "reliable_change reliable_and_below category") == (reliable, and_below, category)


def test_remission_without_response_is_an_option_for_windows_not_for_the_status(ask: Ask) -> None:
    relaxed = replace(VA, remission_requires_response=False)
    [row] = ask(month("2025-02-20", 36), month("2025-04-03", 30), criteria=relaxed)
    assert part(row["windows"]["PRIMARY"], "response remission") == (False, True)
    assert part(row, "status first_remission_on first_response_on") == ("NO_RESPONSE", day("2025-04-03"), None)


@pytest.mark.parametrize(("not_met", "status"), [(True, "REMISSION"), (False, "RESPONSE")])
def test_remission_may_require_that_the_dsm_rule_is_not_met(ask: Ask, not_met: bool, status: str) -> None:
    strict = replace(VA, remission_requires_dsm_rule_not_met=True)
    [row] = ask(BASELINE, month("2025-04-03", 30, dsm_rule_not_met=not_met), criteria=strict)
    assert row["status"] == status
    assert row["windows"]["PRIMARY"]["remission"] is not_met


@pytest.mark.parametrize(("after", "worsened"), [(63, False), (64, True), (80, True)])
def test_worsening_at_its_edge(ask: Ask, after: int, worsened: bool) -> None:
    [row] = ask(BASELINE, month("2025-04-03", after))
    assert row["windows"]["PRIMARY"]["worsened"] is worsened
    assert row["status"] == ("WORSENED" if worsened else "NO_RESPONSE")
    assert row["rise_on"] == (day("2025-04-03") if worsened else None)


# Eligibility (12b, 18).


@pytest.mark.parametrize(
    ("total", "not_met", "eligible", "status"),
    [
        (33, False, True, "AWAITING"),
        (32, False, False, "BELOW_CUT"),
        (33, True, False, "AWAITING"),
        (32, True, False, "BELOW_CUT"),
    ],
)
def test_eligibility(ask: Ask, total: int, not_met: bool, eligible: bool, status: str) -> None:
    # "Unclear" and "not recorded" arrive here as not "not met", and are eligible.
    [row] = ask(month("2025-02-20", total), courses=[replace(MARCH, criterion_a_not_met=not_met)])
    assert part(row, "eligible status") == (eligible, status)


def test_below_cut_goes_by_the_eligibility_cut(ask: Ask) -> None:
    stricter = replace(VA, eligibility_cut=40, cut=33)
    [row] = ask(month("2025-02-20", 39), month("2025-04-03", 29), criteria=stricter)
    assert part(row, "status eligible") == ("BELOW_CUT", False)
    assert row["windows"]["PRIMARY"]["category"] == "response_below_cut"


def test_category_goes_by_the_cut(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-04-03", 30), criteria=replace(VA, cut=30))
    assert row["windows"]["PRIMARY"]["category"] == "response_at_or_above_cut"
    assert row["windows"]["PRIMARY"]["remission"] is True


# The status (27a).


def test_awaiting(ask: Ask) -> None:
    [row] = ask(BASELINE)
    assert part(row, "status provisional latest_id latest_on latest_total") == ("AWAITING", None, None, None, None)


@pytest.mark.parametrize(
    ("total", "status"),
    [(64, "WORSENED"), (63, "NO_RESPONSE"), (45, "NO_RESPONSE"), (44, "RESPONSE"), (33, "RESPONSE"), (32, "REMISSION")],
)
@pytest.mark.parametrize(("when", "provisional"), [("2025-03-08", True), ("2025-03-13", True), ("2025-03-14", False)])
def test_the_status_of_one_reading(ask: Ask, when: str, provisional: bool, total: int, status: str) -> None:
    [row] = ask(BASELINE, week(when, total))
    assert part(row, "status provisional latest_total latest_on") == (status, provisional, total, day(when))
    assert row["response_lost_on"] is None


def test_relapse_names_the_first_reading_after_the_last_response(ask: Ask) -> None:
    totals = {"2025-04-03": 30, "2025-05-01": 50, "2025-06-01": 40, "2025-07-01": 47, "2025-08-01": 52}
    [row] = ask(BASELINE, *(month(when, total) for when, total in totals.items()))
    assert part(row, "status response_lost_on latest_total") == ("RELAPSED", day("2025-07-01"), 52)
    assert part(row, "response_index_on loss_of_response_on") == (day("2025-04-03"), day("2025-05-01"))
    assert row["loss_of_remission_on"] == day("2025-05-01")


def test_a_response_on_the_day_of_the_last_infusion_is_one_of_the_series(ask: Ask) -> None:
    [row] = ask(BASELINE, week("2025-03-13", 30), month("2025-04-03", 50))
    assert part(row, "status response_lost_on") == ("NO_RESPONSE", None)
    [row] = ask(BASELINE, week("2025-03-14", 30), month("2025-04-03", 50))
    assert part(row, "status response_lost_on") == ("RELAPSED", day("2025-04-03"))


def test_worsened_comes_before_relapsed(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-04-03", 30), month("2025-06-01", 64))
    assert part(row, "status response_lost_on rise_on") == ("WORSENED", None, day("2025-06-01"))
    assert row["loss_of_response_on"] == day("2025-06-01")


def test_relapse_on_one_day_by_the_month_form(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-04-03", 50), week("2025-04-03", 30))
    assert part(row, "status response_lost_on latest_id") == ("RELAPSED", day("2025-04-03"), 2)


def test_a_rise_stays_on_record_after_it_has_passed(ask: Ask) -> None:
    totals = {"2025-03-08": 70, "2025-04-03": 66, "2025-06-01": 40}
    [row] = ask(BASELINE, *(month(when, total) for when, total in totals.items()))
    assert part(row, "status rise_on") == ("RESPONSE", day("2025-04-03"))


def test_first_response_and_remission_may_be_during_the_series(ask: Ask) -> None:
    readings = [week("2025-03-04", 44), week("2025-03-11", 32), month("2025-04-03", 20)]
    [row] = ask(BASELINE, *readings)
    assert part(row, "first_response_on first_remission_on") == (day("2025-03-04"), day("2025-03-11"))


# Loss of response, and response that lasts (25, 26).


def test_the_index_is_eos_only_without_a_primary_reading(ask: Ask) -> None:
    eos, lost = week("2025-03-20", 30), month("2025-06-12", 50)
    [row] = ask(BASELINE, eos, lost)
    assert part(row, "response_index_on loss_of_response_on") == (day("2025-03-20"), day("2025-06-12"))
    [row] = ask(BASELINE, eos, month("2025-04-03", 50), lost)
    assert part(row, "response_index_on loss_of_response_on loss_of_remission_on") == (None, None, None)


def test_no_loss_without_a_later_reading(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-04-03", 30))
    assert part(row, "response_index_on loss_of_response_on latest_on") == (
        day("2025-04-03"),
        None,
        day("2025-04-03"),
    )


def test_remission_is_lost_only_if_it_was_held_at_the_index(ask: Ask) -> None:
    totals = {"2025-04-03": 40, "2025-05-01": 30, "2025-06-12": 35}
    [row] = ask(BASELINE, *(month(when, total) for when, total in totals.items()))
    assert part(row, "response_index_on loss_of_response_on loss_of_remission_on") == (day("2025-04-03"), None, None)


def test_an_unscheduled_reading_shows_the_loss(ask: Ask) -> None:
    # 10 April is in the primary window but further from its target than the index of 4 April.
    [row] = ask(BASELINE, month("2025-04-04", 30), month("2025-04-10", 50))
    assert part(row, "response_index_on loss_of_response_on") == (day("2025-04-04"), day("2025-04-10"))


def test_below_the_cut_losses_are_dated_all_the_same(ask: Ask) -> None:
    [row] = ask(month("2025-02-20", 30), month("2025-04-03", 18), month("2025-06-12", 28))
    assert part(row, "status response_index_on loss_of_response_on") == (
        "BELOW_CUT",
        day("2025-04-03"),
        day("2025-06-12"),
    )


@pytest.mark.parametrize(
    ("primary", "m3", "m6", "sustained"),
    [
        (30, 30, 30, (True, True)),
        (30, 50, 30, (False, False)),
        (50, 30, 30, (False, False)),
        (30, 30, 50, (True, False)),
        (30, None, 30, (None, True)),
        (None, 30, 30, (None, None)),
    ],
)
def test_sustained_response(
    ask: Ask, primary: int | None, m3: int | None, m6: int | None, sustained: tuple[bool | None, ...]
) -> None:
    days = {"2025-04-03": primary, "2025-06-12": m3, "2025-09-10": m6}
    [row] = ask(BASELINE, *(month(when, total) for when, total in days.items() if total is not None))
    assert tuple(row["windows"][name]["sustained_response"] for name in ("M3", "M6")) == sustained
    assert row["windows"]["M12"]["sustained_response"] is None


def test_sustained_response_is_lost_at_an_unscheduled_reading_too(ask: Ask) -> None:
    [row] = ask(BASELINE, month("2025-04-03", 30), month("2025-05-02", 50), month("2025-06-12", 30))
    assert row["loss_of_response_on"] == day("2025-05-02")
    assert row["windows"]["M3"]["sustained_response"] is False


def test_a_loss_may_be_on_the_day_of_the_index(ask: Ask) -> None:
    # The month form looks back to before treatment, so that the week form of the same day is the endpoint.
    strict = replace(VA, exclude_covers_pretreatment=True)
    [row] = ask(BASELINE, week("2025-03-28", 30), month("2025-03-28", 50), criteria=strict)
    assert part(row, "response_index_on loss_of_response_on") == (day("2025-03-28"), day("2025-03-28"))


# Several patients, and what only `evaluate` gives.


def test_patients_are_apart_and_in_order(ask: Ask) -> None:
    other = replace(MARCH, course_id=201, patient_id=2)
    theirs = [replace(BASELINE, patient_id=2, answered_sum=40), replace(month("2025-04-03", 20), patient_id=2)]
    rows = ask(*theirs, BASELINE, month("2025-04-03", 50), courses=[other, MARCH])
    assert [part(row, "patient_id course_id status baseline_total is_index") for row in rows] == [
        (1, 101, "NO_RESPONSE", 54, True),
        (2, 201, "REMISSION", 40, True),
    ]


@pytest.mark.parametrize(
    ("readings", "status"),
    [
        ([], "NO_BASELINE"),
        ([month("2025-02-20", 30)], "BELOW_CUT"),
        ([BASELINE], "AWAITING"),
        ([BASELINE, month("2025-04-03", 70)], "WORSENED"),
        ([BASELINE, month("2025-04-03", 30)], "REMISSION"),
        ([BASELINE, month("2025-04-03", 40)], "RESPONSE"),
        ([BASELINE, month("2025-04-03", 40), month("2025-06-01", 50)], "RELAPSED"),
        ([BASELINE, month("2025-04-03", 50)], "NO_RESPONSE"),
    ],
)
def test_every_status_has_its_reason_in_words(readings: list[Reading], status: str) -> None:
    frames = readings_frame(entered(readings)), courses_frame([MARCH])
    [row] = rows_of(evaluate(*frames, VA, day(LATE)), with_reason=True)
    assert row["status"] == status
    assert isinstance(row["reason"], str)
    assert row["reason"].strip()


def test_the_reason_says_when_response_was_lost_or_was_there_during_the_series() -> None:
    lost = [BASELINE, month("2025-04-03", 40), month("2025-06-01", 50)]
    [row] = rows_of(evaluate(readings_frame(entered(lost)), courses_frame([MARCH]), VA, day(LATE)), with_reason=True)
    assert "response lost since" in row["reason"].lower()
    series = [BASELINE, week("2025-03-08", 40), month("2025-04-03", 52)]
    [row] = rows_of(evaluate(readings_frame(entered(series)), courses_frame([MARCH]), VA, day(LATE)), with_reason=True)
    assert "during the series" in row["reason"].lower()
