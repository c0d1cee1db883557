"""Response and remission: readings, courses and criteria in; one row per outcome course and window out.

One implementation for one course or a hundred thousand (rules 12-27b). No clock: `as_of` is an argument.

**readings**: one row per current, not voided PCL-5 form.
    reading_id int64 · patient_id int64 · completed_on datetime64 (clinic-local day, midnight, no zone) ·
    completed_at datetime64 UTC or NaT (when only the day is known) · recall_days int (7 week form, 30 month form) ·
    answered_sum int · missing_items int · most_missing_in_cluster int (largest count of unanswered items in one cluster) ·
    dsm_rule_not_met bool (certainly not met, whatever the unanswered items are) ·
    index_event_id int64 (0 = names none) · entry_order int64 (order of first entry; a correction keeps its place)
**courses**: one row per given infusion (completed or stopped early with more than 0 mg) of a course that is not voided.
    course_id int64 · patient_id int64 · number int (unique in the patient) · phase str (induction, maintenance, booster) ·
    criterion_a_not_met bool · started_at datetime64 UTC · started_on datetime64 (clinic-local day, midnight, no zone)

**Evaluation.courses**: one row per outcome course (induction with a given infusion up to `as_of`), by patient_id,
    then first infusion.
    course_id · patient_id · number · is_index (the patient's first outcome course, rule 12a) ·
    first_infusion_on · last_infusion_on (of the induction) · induction_infusions · induction_complete (4 within 28 days) ·
    infusions (the induction's and those of the maintenance and booster courses that follow it) ·
    criterion_a_not_met · eligible (rule 18) · status · reason (in words) · provisional (undefined unless the status rests on a
    follow-up) · response_lost_on (RELAPSED only: first reading without response after the last one with it) ·
    baseline_id, _on, _total, _recall_days · weekly_baseline · baseline_prorated ·
    latest_id, _on, _total (the last follow-up: what a status rests on that rests on one) ·
    rise_on (rule 10: latest follow-up that is `worsening_points` or more over the baseline, whatever the status) ·
    first_response_on · first_remission_on (rule 27) ·
    response_index_on (rule 26: day of the PRIMARY endpoint if it is a response; of EOS if there is no PRIMARY endpoint) ·
    loss_of_response_on, loss_of_remission_on (first reading after that day without it; remission only if held at that day) ·
    next_induction_on · next_top_up_on (first maintenance or booster infusion after the induction's last, before the next
    induction)
**Evaluation.windows[name]**: the same rows in the same order, for "EOS", "PRIMARY", "M3", "M6", "M12" and "LAST".
    course_id · opens_on · closes_on (LAST: 1 and 31 days after the last induction infusion) · due (rule 29) ·
    endpoint_id, _on, _day (days after the last induction infusion), _total, _recall_days, _prorated ·
    reduction · response · remission · worsened · reliable_change · reliable_and_below (undefined if the baseline itself is) ·
    category (rule 23) · mixed_recall · covers_pretreatment · covers_series · sustained_response (rule 25; M3, M6, M12)
Outcomes are given whenever both readings exist, eligible or not. Days are datetime64 (NaT = none); totals and day counts
nullable Int64; a yes or no that may be undefined is nullable boolean.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from assessments.instruments.pcl5 import MONTH
from clinic.outcomes.criteria import LAST, LAST_DUE_AFTER_DAYS, LAST_FIRST_DAY, Criteria
from clinic.outcomes.follow_ups import FollowUps, follow_ups
from clinic.outcomes.inductions import NO_DAY, Bools, Days, Ints, OutcomeCourses, outcome_courses
from clinic.outcomes.readings import NONE, Readings, baseline_positions, valid_readings
from clinic.outcomes.reasons import reason
from clinic.outcomes.statuses import CATEGORIES, FOLLOWED_STATUSES, STATUSES

#: The windows at which a response of PRIMARY can have been sustained (rule 25).
SUSTAINED_AT = ("M3", "M6", "M12")


@dataclass(frozen=True)
class Evaluation:
    """One row per outcome course in `courses` and, in the same order, in each frame of `windows`."""

    courses: pd.DataFrame
    windows: dict[str, pd.DataFrame]

    @cached_property
    def index(self) -> "Evaluation":
        """The index courses alone, as every panel counts them: divided once, not by each panel anew."""
        is_index = self.courses["is_index"]
        return Evaluation(self.courses[is_index], {name: frame[is_index] for name, frame in self.windows.items()})


def evaluate(readings: pd.DataFrame, courses: pd.DataFrame, criteria: Criteria, as_of: date) -> Evaluation:
    """Evaluate every outcome course from what is dated on or before `as_of`. Frames and columns: see the module."""
    today = np.datetime64(as_of, "D")
    outcome = outcome_courses(courses, today)
    valid = valid_readings(readings, outcome, criteria, today)
    baseline = baseline_positions(valid, outcome, criteria)
    follow_up = follow_ups(valid, baseline, outcome, criteria)
    endpoints = {window.name: follow_up.nearest(window) for window in criteria.windows}
    endpoints[LAST] = follow_up.latest(follow_up.may_be_endpoint & (follow_up.day_after >= LAST_FIRST_DAY))
    spans = {window.name: (window.first_day, window.last_day) for window in criteria.windows}
    spans[LAST] = (LAST_FIRST_DAY, LAST_DUE_AFTER_DAYS)
    windows = {
        name: _window_frame(spans[name], position, outcome, follow_up, today) for name, position in endpoints.items()
    }
    for name, window in windows.items():
        primary = endpoints["PRIMARY"] if name in SUSTAINED_AT else np.full(follow_up.count, NONE)
        window["sustained_response"] = _booleans(*follow_up.sustained(primary, endpoints[name]))
    return Evaluation(_course_frame(outcome, valid, baseline, follow_up, endpoints, criteria), windows)


def _course_frame(
    outcome: OutcomeCourses,
    valid: Readings,
    baseline: Ints,
    follow_up: FollowUps,
    endpoints: dict[str, Ints],
    criteria: Criteria,
) -> pd.DataFrame:
    seen = follow_up.readings
    every = np.ones(len(follow_up.course), dtype=bool)
    latest = follow_up.latest(every)
    status, lost = _status(valid, baseline, follow_up, latest, criteria)
    index = _response_index(follow_up, endpoints)
    in_remission = np.where(_at(follow_up.remission, index), index, NONE)
    eligible = (baseline != NONE) & (_at(valid.total, baseline) >= criteria.eligibility_cut)
    followed = np.isin(status, FOLLOWED_STATUSES)
    frame = pd.DataFrame(
        {
            "course_id": outcome.course_id,
            "patient_id": outcome.patient_id,
            "number": outcome.number,
            "is_index": ~outcome.has_previous,
            "first_infusion_on": outcome.first_on,
            "last_infusion_on": outcome.last_on,
            "induction_infusions": outcome.induction_infusions,
            "induction_complete": outcome.induction_complete,
            "infusions": outcome.infusions,
            "criterion_a_not_met": outcome.criterion_a_not_met,
            "eligible": eligible & ~outcome.criterion_a_not_met,
            "status": status,
            "provisional": _booleans(_at(follow_up.day_after <= 0, latest), followed),
            "response_lost_on": _days(seen.day, lost),
            "baseline_id": _integers(valid.reading_id, baseline),
            "baseline_on": _days(valid.day, baseline),
            "baseline_total": _integers(valid.total, baseline),
            "baseline_recall_days": _integers(valid.recall_days, baseline),
            "weekly_baseline": _at(valid.recall_days != MONTH.recall_days, baseline),
            "baseline_prorated": _at(valid.prorated, baseline),
            "latest_id": _integers(seen.reading_id, latest),
            "latest_on": _days(seen.day, latest),
            "latest_total": _integers(seen.total, latest),
            "rise_on": _days(seen.day, follow_up.latest(follow_up.worsened)),
            "first_response_on": _days(seen.day, follow_up.first(follow_up.response)),
            "first_remission_on": _days(seen.day, follow_up.first(follow_up.remission)),
            "response_index_on": _days(seen.day, index),
            "loss_of_response_on": _days(seen.day, follow_up.first_after(index, ~follow_up.response)),
            "loss_of_remission_on": _days(seen.day, follow_up.first_after(in_remission, ~follow_up.remission)),
            "next_induction_on": outcome.next_first_on,
            "next_top_up_on": outcome.next_top_up_on,
        }
    )
    during_series = follow_up.first(follow_up.response & (follow_up.day_after <= 0)) != NONE
    return frame.assign(reason=_reasons(frame, during_series, criteria))


def _status(
    valid: Readings, baseline: Ints, follow_up: FollowUps, latest: Ints, criteria: Criteria
) -> tuple[NDArray[np.object_], Ints]:
    """Rule 27a's status of each course, and for RELAPSED the position of the reading at which the loss was seen."""
    last_response = follow_up.latest(follow_up.response & (follow_up.day_after > 0))
    responds = _at(follow_up.response, latest)
    status = np.select(
        [
            baseline == NONE,
            _at(valid.total, baseline) < criteria.eligibility_cut,
            latest == NONE,
            _at(follow_up.worsened, latest),
            responds & _at(follow_up.remission, latest),
            responds,
            last_response != NONE,
        ],
        STATUSES[1:8],
        STATUSES[8],
    ).astype(object)
    lost = follow_up.first_after(last_response, ~follow_up.response)
    return status, np.where(status == "RELAPSED", lost, NONE)


def _response_index(follow_up: FollowUps, endpoints: dict[str, Ints]) -> Ints:
    """Rule 26: the PRIMARY endpoint if it is a response, or EOS when there is no PRIMARY endpoint."""
    index = np.where(endpoints["PRIMARY"] != NONE, endpoints["PRIMARY"], endpoints["EOS"])
    return np.where(_at(follow_up.response, index), index, NONE)


def _window_frame(
    span: tuple[int, int], position: Ints, outcome: OutcomeCourses, follow_up: FollowUps, today: np.datetime64
) -> pd.DataFrame:
    seen = follow_up.readings
    found = position != NONE
    closes_on = outcome.last_on + np.timedelta64(span[1], "D")
    paired = _at(follow_up.has_baseline, position)
    reliable_and_below = _booleans(
        _at(follow_up.reliable_and_below, position), paired & _at(follow_up.csc_defined, position)
    )
    category = np.array([*CATEGORIES, None], dtype=object)[
        np.where(paired, _at(follow_up.category, position), len(CATEGORIES))
    ]
    frame = {
        "course_id": outcome.course_id,
        "opens_on": outcome.last_on + np.timedelta64(span[0], "D"),
        "closes_on": closes_on,
        "due": found | (closes_on < today),
        "endpoint_id": _integers(seen.reading_id, position),
        "endpoint_on": _days(seen.day, position),
        "endpoint_day": _integers(follow_up.day_after, position),
        "endpoint_total": _integers(seen.total, position),
        "endpoint_recall_days": _integers(seen.recall_days, position),
        "endpoint_prorated": _at(seen.prorated, position),
        "reduction": pd.arrays.IntegerArray(_at(follow_up.reduction, position), ~paired),
        **{
            name: _booleans(_at(getattr(follow_up, name), position), paired)
            for name in ("response", "remission", "worsened", "reliable_change")
        },
        "reliable_and_below": reliable_and_below,
        "category": category,
        "mixed_recall": _booleans(_at(follow_up.mixed_recall, position), paired),
        "covers_pretreatment": _booleans(_at(follow_up.covers_pretreatment, position), found),
        "covers_series": _booleans(_at(follow_up.covers_series, position), found),
    }
    return pd.DataFrame(frame)


def _reasons(frame: pd.DataFrame, during_series: Bools, criteria: Criteria) -> list[str]:
    names = ("first_infusion_on", "last_infusion_on", "baseline_on", "latest_on", "response_lost_on")
    day = {name: frame[name].to_numpy().astype("datetime64[D]").tolist() for name in names}
    total = {name: frame[name].fillna(0).tolist() for name in ("baseline_total", "latest_total")}
    return [
        reason(
            status=status,
            criteria=criteria,
            responded_during_series=during,
            **{name: values[row] for name, values in (day | total).items()},
        )
        for row, (status, during) in enumerate(zip(frame["status"], during_series.tolist(), strict=True))
    ]


def _at(values: NDArray[Any], position: Ints) -> NDArray[Any]:
    """The values at the positions; zero, False or NaT at NONE (the last place of the longer array)."""
    nothing = NO_DAY if values.dtype.kind == "M" else np.zeros(1, dtype=values.dtype)
    return np.append(values, nothing)[position]


def _days(values: Days, position: Ints) -> Days:
    return _at(values, position)


def _integers(values: Ints, position: Ints) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(_at(values, position), position == NONE)


def _booleans(values: Bools, known: Bools) -> pd.arrays.BooleanArray:
    return pd.arrays.BooleanArray(values, ~known)
