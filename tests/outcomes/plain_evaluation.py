"""The outcome rules once more, one patient and one course at a time, in plain Python.

Written from the clinical rules (numbers beside the steps) and from nothing else, so that it can disagree with
`clinic.outcomes.response`. Slow and simple on purpose: loops over a few records, no pandas.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from plain_records import CourseRecord, GivenInfusion, Reading, Situation

from clinic.outcomes.criteria import (
    INDUCTION_COMPLETE_DAYS,
    INDUCTION_COMPLETE_INFUSIONS,
    LAST,
    LAST_DUE_AFTER_DAYS,
    LAST_FIRST_DAY,
    Criteria,
    Window,
)


def evaluate_plainly(
    patient_readings: Sequence[Reading],
    patient_courses: Sequence[CourseRecord],
    criteria: Criteria,
    as_of: date,
) -> list[dict[str, Any]]:
    """One dict per outcome course of one patient, in the order of their first infusions."""
    readings = usable_readings(patient_readings, criteria, as_of)
    started = [course.as_of(as_of) for course in patient_courses]
    started = [course for course in started if course.infusions]
    # Rule 12: outcome courses are induction courses with a given infusion.
    outcome_courses = [course for course in started if course.phase == "induction"]
    outcome_courses.sort(key=lambda course: (course.first.started_at, course.number))
    top_ups = [infusion for course in started if course.phase != "induction" for infusion in course.infusions]
    top_ups.sort(key=lambda infusion: infusion.started_at)
    rows = []
    for place, course in enumerate(outcome_courses):
        previous = outcome_courses[place - 1] if place > 0 else None
        following = outcome_courses[place + 1] if place + 1 < len(outcome_courses) else None
        baseline = find_baseline(course, previous, readings, criteria)
        follow_ups = find_follow_ups(course, following, baseline, readings)
        own_top_ups = find_top_ups(course, outcome_courses, top_ups)
        situation = Situation(course, following, baseline, follow_ups, own_top_ups, criteria, as_of)
        row = course_row(situation)
        row["is_index"] = place == 0  # rule 12a
        rows.append(row)
    return rows


def usable_readings(readings: Sequence[Reading], criteria: Criteria, as_of: date) -> list[Reading]:
    """Rules 4 and 7: forms up to the day with few enough unanswered items, in the order of rule 14a."""
    usable = []
    for reading in readings:
        if reading.completed_on > as_of:
            continue
        if reading.missing_items > criteria.max_missing_items:
            continue
        if reading.most_missing_in_cluster > criteria.max_missing_per_cluster:
            continue
        usable.append(reading)
    return sorted(usable, key=lambda reading: reading.position)


def before_the_start(reading: Reading, course: CourseRecord) -> bool:
    """Rule 14: an earlier day; or the same day, with no time or a time earlier than the start."""
    if reading.completed_on != course.first.started_on:
        return reading.completed_on < course.first.started_on
    return reading.completed_at is None or reading.completed_at < course.first.started_at


def find_baseline(
    course: CourseRecord, previous: CourseRecord | None, readings: list[Reading], criteria: Criteria
) -> Reading | None:
    """Rule 14: the latest monthly reading of the period, or else the latest weekly one."""
    earliest = course.first.started_on - timedelta(days=criteria.baseline_within_days)
    monthly, weekly = [], []
    for reading in readings:
        if reading.completed_on < earliest or not before_the_start(reading, course):
            continue
        if previous is not None and reading.completed_on <= previous.last.started_on:
            continue
        (monthly if reading.monthly else weekly).append(reading)
    if monthly:
        return monthly[-1]
    return weekly[-1] if weekly else None


def find_follow_ups(
    course: CourseRecord, following: CourseRecord | None, baseline: Reading | None, readings: list[Reading]
) -> list[Reading]:
    """Rules 14, 16 and 27a: from the day after the first infusion until the next induction course starts."""
    found = []
    for reading in readings:
        if reading.completed_on <= course.first.started_on:
            continue
        if following is not None and not before_the_start(reading, following):
            continue
        if baseline is not None and not comparable(baseline, reading):
            continue
        found.append(reading)
    return found


def comparable(one: Reading, other: Reading) -> bool:
    """Rule 4: incomparable only if both name an index event and these differ."""
    both_name_one = one.index_event_id != 0 and other.index_event_id != 0
    return not (both_name_one and one.index_event_id != other.index_event_id)


def find_top_ups(
    course: CourseRecord, outcome_courses: list[CourseRecord], top_ups: list[GivenInfusion]
) -> list[GivenInfusion]:
    """Rule 12: maintenance and booster infusions count for the induction course they follow."""
    own = []
    for infusion in top_ups:
        followed = [other for other in outcome_courses if other.first.started_at <= infusion.started_at]
        if followed and followed[-1] is course:
            own.append(infusion)
    return own


def course_row(situation: Situation) -> dict[str, Any]:
    course = situation.course
    windows = {window.name: window_row(situation, window) for window in situation.criteria.windows}
    windows[LAST] = window_row(situation, None)
    for name, window in windows.items():
        window["sustained_response"] = sustained_response(situation, windows, name)
    following = situation.following
    return {
        "course_id": course.course_id,
        "patient_id": course.patient_id,
        "number": course.number,
        "first_infusion_on": course.first.started_on,
        "last_infusion_on": course.last.started_on,
        "induction_infusions": len(course.infusions),
        "induction_complete": induction_complete(course),
        "infusions": len(course.infusions) + len(situation.top_ups),
        "criterion_a_not_met": course.criterion_a_not_met,
        "eligible": eligible(situation),
        **baseline_columns(situation.baseline),
        **status_columns(situation),
        **first_times(situation),
        **losses(situation, windows),
        "next_induction_on": following.first.started_on if following else None,
        "next_top_up_on": next_top_up_on(situation),
        "windows": windows,
    }


def induction_complete(course: CourseRecord) -> bool:
    """Rule 12: four given infusions, the first and the fourth at most 28 days apart."""
    days = [infusion.started_on for infusion in course.infusions]
    for place in range(len(days) - INDUCTION_COMPLETE_INFUSIONS + 1):
        fourth = days[place + INDUCTION_COMPLETE_INFUSIONS - 1]
        if (fourth - days[place]).days <= INDUCTION_COMPLETE_DAYS:
            return True
    return False


def eligible(situation: Situation) -> bool:
    """Rules 12b and 18."""
    if situation.baseline is None or situation.course.criterion_a_not_met:
        return False
    return situation.baseline.total >= situation.criteria.eligibility_cut


def baseline_columns(baseline: Reading | None) -> dict[str, Any]:
    return {
        "baseline_id": baseline.reading_id if baseline else None,
        "baseline_on": baseline.completed_on if baseline else None,
        "baseline_total": baseline.total if baseline else None,
        "baseline_recall_days": baseline.recall_days if baseline else None,
        "weekly_baseline": baseline is not None and not baseline.monthly,
        "baseline_prorated": baseline is not None and baseline.prorated,
    }


def status_columns(situation: Situation) -> dict[str, Any]:
    """Rule 27a, with the last follow-up."""
    status = decide_status(situation)
    latest = situation.follow_ups[-1] if situation.follow_ups else None
    followed = status not in ("NO_BASELINE", "BELOW_CUT", "AWAITING")
    return {
        "status": status,
        "provisional": situation.day(latest) <= 0 if followed else None,
        "response_lost_on": response_lost_on(situation) if status == "RELAPSED" else None,
        "latest_id": latest.reading_id if latest else None,
        "latest_on": latest.completed_on if latest else None,
        "latest_total": latest.total if latest else None,
    }


def decide_status(situation: Situation) -> str:
    """Rule 27a, in its order."""
    if situation.baseline is None:
        return "NO_BASELINE"
    if situation.baseline.total < situation.criteria.eligibility_cut:  # rule 64
        return "BELOW_CUT"
    if not situation.follow_ups:
        return "AWAITING"
    return status_after(situation, situation.follow_ups[-1])


def status_after(situation: Situation, latest: Reading) -> str:
    """Rule 27a from the latest follow-up on."""
    if situation.worsened(latest):
        return "WORSENED"
    if situation.response(latest):
        return "REMISSION" if situation.remission(latest) else "RESPONSE"
    for earlier in situation.follow_ups[:-1]:
        if situation.day(earlier) > 0 and situation.response(earlier):
            return "RELAPSED"
    return "NO_RESPONSE"


def response_lost_on(situation: Situation) -> date:
    """Rule 27a: the first reading without response after the last one with it."""
    lost_on = None
    for reading in situation.follow_ups:
        if situation.response(reading):
            lost_on = None
        elif lost_on is None:
            lost_on = reading.completed_on
    return lost_on


def first_times(situation: Situation) -> dict[str, date | None]:
    """Rules 10 and 27, over all follow-ups."""
    first_response = first_remission = latest_rise = None
    for reading in situation.follow_ups if situation.baseline else []:
        if first_response is None and situation.response(reading):
            first_response = reading.completed_on
        if first_remission is None and situation.remission(reading):
            first_remission = reading.completed_on
        if situation.worsened(reading):
            latest_rise = reading.completed_on
    return {
        "first_response_on": first_response,
        "first_remission_on": first_remission,
        "rise_on": latest_rise,
    }


def losses(situation: Situation, windows: dict[str, dict[str, Any]]) -> dict[str, date | None]:
    """Rule 26: from a response at PRIMARY, or at EOS when there is no PRIMARY reading."""
    found = {"response_index_on": None, "loss_of_response_on": None, "loss_of_remission_on": None}
    index_window = windows["PRIMARY"] if windows["PRIMARY"]["endpoint_id"] is not None else windows["EOS"]
    if not index_window["response"]:
        return found
    found["response_index_on"] = index_window["endpoint_on"]
    ids = [reading.reading_id for reading in situation.follow_ups]
    later = situation.follow_ups[ids.index(index_window["endpoint_id"]) + 1 :]
    without_response = [reading for reading in later if not situation.response(reading)]
    without_remission = [reading for reading in later if not situation.remission(reading)]
    if without_response:
        found["loss_of_response_on"] = without_response[0].completed_on
    if index_window["remission"] and without_remission:
        found["loss_of_remission_on"] = without_remission[0].completed_on
    return found


def next_top_up_on(situation: Situation) -> date | None:
    """The first maintenance or booster infusion after the induction's last, before the next induction."""
    for infusion in situation.top_ups:
        if infusion.started_at > situation.course.last.started_at:
            return infusion.started_on
    return None


def window_row(situation: Situation, window: Window | None) -> dict[str, Any]:
    """Rules 15 and 16; no window stands for LAST."""
    last_on = situation.course.last.started_on
    first_day, last_day = LAST_FIRST_DAY, LAST_DUE_AFTER_DAYS
    if window is not None:
        first_day, last_day = window.first_day, window.last_day
    closes_on = last_on + timedelta(days=last_day)
    endpoint = last_endpoint(situation) if window is None else window_endpoint(situation, window)
    return {
        "course_id": situation.course.course_id,
        "opens_on": last_on + timedelta(days=first_day),
        "closes_on": closes_on,
        "due": situation.as_of > closes_on or endpoint is not None,  # rule 29
        "endpoint_id": endpoint.reading_id if endpoint else None,
        "endpoint_on": endpoint.completed_on if endpoint else None,
        "endpoint_day": situation.day(endpoint) if endpoint else None,
        "endpoint_total": endpoint.total if endpoint else None,
        "endpoint_recall_days": endpoint.recall_days if endpoint else None,
        "endpoint_prorated": endpoint is not None and endpoint.prorated,
        "covers_pretreatment": covers_pretreatment(situation, endpoint) if endpoint else None,
        "covers_series": endpoint.looks_back_before(last_on) if endpoint else None,  # rule 13
        **outcome_columns(situation, endpoint),
    }


def covers_pretreatment(situation: Situation, reading: Reading) -> bool:
    return reading.looks_back_before(situation.course.first.started_on)  # rule 13


def possible_endpoints(situation: Situation) -> list[Reading]:
    """Follow-ups; without those that look back to before treatment if the clinic chose so (rule 13)."""
    possible = []
    for reading in situation.follow_ups:
        if situation.criteria.exclude_covers_pretreatment and covers_pretreatment(situation, reading):
            continue
        possible.append(reading)
    return possible


def window_endpoint(situation: Situation, window: Window) -> Reading | None:
    """Rule 16: nearest to the target; on a tie the later day, then the later by rule 14a."""
    best = None
    for reading in possible_endpoints(situation):  # in the order of 14a, so a later tie replaces an earlier
        if not window.first_day <= situation.day(reading) <= window.last_day:
            continue
        distance = abs(situation.day(reading) - window.target_day)
        if best is None or distance <= abs(situation.day(best) - window.target_day):
            best = reading
    return best


def last_endpoint(situation: Situation) -> Reading | None:
    """Rule 15: the latest reading at least a day after the last induction infusion."""
    after = [reading for reading in possible_endpoints(situation) if situation.day(reading) >= LAST_FIRST_DAY]
    return after[-1] if after else None


def outcome_columns(situation: Situation, endpoint: Reading | None) -> dict[str, Any]:
    """Rules 13 and 19 to 23: everything that needs both readings."""
    names = "reduction response remission worsened reliable_change reliable_and_below category mixed_recall"
    if endpoint is None or situation.baseline is None:
        return dict.fromkeys(names.split())
    baseline, criteria = situation.baseline, situation.criteria
    reliable = situation.reduction(endpoint) >= criteria.reliable_points
    reliable_and_below = None
    if baseline.total > criteria.reliable_at_most:  # rule 21
        reliable_and_below = reliable and endpoint.total <= criteria.reliable_at_most
    return {
        "reduction": situation.reduction(endpoint),
        "response": situation.response(endpoint),
        "remission": situation.remission(endpoint),
        "worsened": situation.worsened(endpoint),
        "reliable_change": reliable,
        "reliable_and_below": reliable_and_below,
        "category": category(situation, endpoint),
        "mixed_recall": endpoint.recall_days != baseline.recall_days,
    }


def category(situation: Situation, endpoint: Reading) -> str:
    """Rule 23."""
    if not situation.response(endpoint):
        return "no_response"
    if endpoint.total >= situation.criteria.cut:
        return "response_at_or_above_cut"
    if endpoint.total > situation.criteria.reliable_at_most:
        return "response_below_cut"
    return "response_at_most_28"


def sustained_response(situation: Situation, windows: dict[str, dict[str, Any]], name: str) -> bool | None:
    """Rule 25: response at PRIMARY, at this window and at every visit between, scheduled or not."""
    if name not in ("M3", "M6", "M12"):
        return None
    if windows["PRIMARY"]["response"] is None or windows[name]["response"] is None:
        return None
    visits = [reading.reading_id for reading in situation.follow_ups]
    start, end = (visits.index(windows[window]["endpoint_id"]) for window in ("PRIMARY", name))
    return all(situation.response(reading) for reading in situation.follow_ups[start : end + 1])
