"""Literal cases: which infusions, courses and readings count, and as what (rules 4, 7, 12, 14, 16)."""

from dataclasses import replace

import pytest
from evaluation_frames import (
    by_production,
    by_reference,
    course,
    entered,
    month,
    week,
)
from response_cases import BASELINE, LATE, MARCH, VA, Ask, day, part

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
