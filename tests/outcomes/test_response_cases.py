"""Literal cases of response and remission: the numbered ones and the worked example of the windows."""

from dataclasses import replace

import pytest
from evaluation_frames import (
    course,
    month,
    week,
)
from response_cases import BASELINE, MARCH, Ask, day, part

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
