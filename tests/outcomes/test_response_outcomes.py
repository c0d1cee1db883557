"""Literal cases: outcomes, eligibility, status, loss of response, and reasons (rules 12b, 18 to 27a, 64)."""

from dataclasses import replace

import pytest
from evaluation_frames import (
    courses_frame,
    entered,
    month,
    readings_frame,
    rows_of,
    week,
)
from plain_records import Reading
from response_cases import BASELINE, LATE, MARCH, MARX, NYS, PERCENT_30, PERCENT_50, VA, Ask, day, part

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.response import evaluate

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
