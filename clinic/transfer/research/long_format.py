"""The PCL-5s of the outcome courses in long format, one row each (rules 14, 14a, 16, 17)."""

import numpy as np
import pandas as pd

from assessments.instruments.pcl5 import CLUSTERS, INSTRUMENT
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.follow_ups import follow_ups
from clinic.outcomes.inductions import Ints, OutcomeCourses
from clinic.outcomes.readings import NONE, Readings, baseline_positions
from clinic.outcomes.response import Evaluation
from clinic.transfer.research.offsets import days_from, only_from

ITEMS = tuple(item.number for item in INSTRUMENT.items)
BASELINE = "baseline"


def readings_of_courses(valid: Readings, outcome: OutcomeCourses, criteria: Criteria) -> pd.DataFrame:
    """The readings that belong to an outcome course, in the order of rule 14a within a patient.

    reading_id · at (position of the course among `outcome`) · completed_on · recall_days · total · prorated ·
    follows (it is after the first infusion). A reading between two courses belongs to the first of them, also where it is
    the baseline of the second. What names another index event than the baseline is left out, as in every outcome (rule 4).
    """
    baseline = baseline_positions(valid, outcome, criteria)
    before = (valid.course == NONE) & (valid.next_course != NONE)
    before &= valid.comparable(np.append(baseline, NONE)[valid.next_course])
    earlier, after = valid.where(before), follow_ups(valid, baseline, outcome, criteria)
    parts = [_frame(earlier, earlier.next_course, follows=False), _frame(after.readings, after.course, follows=True)]
    place = {reading: at for at, reading in enumerate(valid.reading_id.tolist())}
    both = pd.concat(parts, ignore_index=True)
    return both.sort_values("reading_id", key=lambda ids: ids.map(place)).reset_index(drop=True)


def _frame(readings: Readings, course: Ints, *, follows: bool) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "reading_id": readings.reading_id,
            "at": course,
            "completed_on": readings.day.astype("datetime64[us]"),
            "recall_days": readings.recall_days,
            "total": readings.total,
            "prorated": readings.prorated,
            "follows": follows,
        }
    )


def readings_table(
    readings: pd.DataFrame, answers: pd.DataFrame, evaluation: Evaluation, keys: pd.DataFrame
) -> pd.DataFrame:
    """`readings.csv`, but for its order. `keys`: study_id and course of each row of the evaluation; `answers` by reading."""
    courses = evaluation.courses.reset_index(drop=True)
    own = courses.loc[readings["at"]].reset_index(drop=True)
    looks_back_to = readings["completed_on"] - pd.to_timedelta(readings["recall_days"], unit="D")
    after_last = only_from(0, days_from(own["last_infusion_on"], readings["completed_on"]))
    baseline_of = readings["reading_id"].map(_numbers(courses["baseline_id"], keys["course"])).astype("Int64")
    course = keys["course"].loc[readings["at"]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "study_id": keys["study_id"].loc[readings["at"]].to_numpy(),
            "course": course,
            "day": days_from(own["first_infusion_on"], readings["completed_on"]),
            "day_after_last": after_last.where(readings["follows"]),
            "recall_days": readings["recall_days"],
            "role": _roles(readings["reading_id"], evaluation, baseline_of == course),
            "baseline_of_course": baseline_of,
            "total": readings["total"],
            **_clusters(answers.loc[readings["reading_id"]].reset_index(drop=True)),
            "prorated": readings["prorated"],
            "covers_pretreatment": looks_back_to < own["first_infusion_on"],
        }
    )


def _numbers(reading_ids: "pd.Series[int]", course: "pd.Series[int]") -> dict[int, int]:
    known = reading_ids.notna()
    return dict(zip(reading_ids[known].tolist(), course[known].tolist(), strict=True))


def _roles(reading_id: "pd.Series[int]", evaluation: Evaluation, is_baseline: "pd.Series[bool]") -> "pd.Series[str]":
    """What each reading is for its own course: "baseline", or the windows of which it is the endpoint, such as "m3;last"."""
    role = pd.Series("", index=reading_id.index, dtype="str")
    role = role.mask(is_baseline.fillna(value=False).astype(bool), BASELINE)
    for name, window in evaluation.windows.items():
        is_endpoint = reading_id.isin(window["endpoint_id"].dropna())
        role = role.mask(is_endpoint, role + ";" + name.lower())
    return role.str.removeprefix(";")


def _clusters(answers: pd.DataFrame) -> "dict[str, pd.Series[int]]":
    """Cluster sums (missing if any of their items is: rule 3) and items."""
    sums = {
        f"cluster_{cluster.id.lower()}": answers[list(cluster.items)].sum(axis=1, skipna=False) for cluster in CLUSTERS
    }
    items = {f"item_{number:02}": answers[number] for number in ITEMS}
    return {name: column.astype("Int64") for name, column in (sums | items).items()}
