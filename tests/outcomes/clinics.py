"""Made-up clinics for the panels: an evaluation from pairs of totals, and a `Clinic` around one, as far as a test needs it."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.response import Evaluation

VA = Criteria()
#: Every window is over by then.
AS_OF = date(2026, 6, 1)
DAYS = {"EOS": 7, "PRIMARY": 21, "M3": 90, "M6": 180, "M12": 365, "LAST": 365}
#: Baseline, then the total in each window; None where there is no endpoint.
Pair = tuple[int, dict[str, int]]
FIRST, LAST_INFUSION = pd.Timestamp("2025-03-03"), pd.Timestamp("2025-03-14")
_DAYS_OF_COURSE = ("first_response_on", "first_remission_on", "response_index_on", "loss_of_response_on")
_DAYS_OF_COURSE += ("next_induction_on", "next_top_up_on", "latest_on")


def evaluation(*patients: Pair, **columns: Any) -> Evaluation:
    """One eligible index course a patient, from 3 to 14 March 2025, 6 infusions; `columns` replace columns of the courses."""
    n = len(patients)
    courses = pd.DataFrame(
        {
            "course_id": np.arange(1, n + 1),
            "patient_id": np.arange(1, n + 1),
            "number": 1,
            "is_index": True,
            "first_infusion_on": FIRST,
            "last_infusion_on": LAST_INFUSION,
            "induction_complete": True,
            "criterion_a_not_met": False,
            "eligible": [baseline >= VA.eligibility_cut for baseline, _ in patients],
            "status": "NO_RESPONSE",
            "baseline_id": pd.array(np.arange(n) * 10 + 1, dtype="Int64"),
            "baseline_on": pd.Timestamp("2025-02-20"),
            "baseline_total": pd.array([baseline for baseline, _ in patients], dtype="Int64"),
            "weekly_baseline": False,
            "baseline_prorated": False,
            "infusions": 6,
            **dict.fromkeys(_DAYS_OF_COURSE, pd.NaT),
            **columns,
        }
    ).astype(dict.fromkeys(_DAYS_OF_COURSE, "datetime64[us]"))
    return Evaluation(courses, {name: _window(name, at, patients) for at, name in enumerate(DAYS, start=2)})


def clinic(of: Evaluation, *, as_of: date = AS_OF, registered: int | None = None, **frames: Any) -> Clinic:
    """A clinic of these courses. `frames`: columns of `facts` by name, or whole `sessions`, `events`, `answers`."""
    whole = {name: frames.pop(name) for name in ("sessions", "events", "answers") if name in frames}
    facts = pd.DataFrame(
        {
            "course_id": of.courses["course_id"],
            "patient_id": of.courses["patient_id"],
            "left_on": pd.NaT,
            "died_on": pd.NaT,
            "age": 40,
            "gender": "female",
            "psychotherapy": "not_recorded",
            "medications": pd.NA,
            "mg_per_kg": 0.5,
            "prescriber_id": pd.NA,
            "criterion_a_open": False,
            **frames,
        },
        index=of.courses.index,
    ).astype(
        {
            "left_on": "datetime64[us]",
            "died_on": "datetime64[us]",
            "age": "Int64",
            "medications": "Int64",
            "prescriber_id": "Int64",
        }
    )
    return Clinic(
        evaluation=of,
        facts=facts,
        sessions=whole.get("sessions", sessions()),
        events=whole.get("events", events()),
        answers=whole.get("answers", pd.DataFrame(columns=range(1, 21), dtype="float64")),
        criteria=VA,
        as_of=as_of,
        registered=len(of.courses) if registered is None else registered,
    )


def sessions(*rows: dict[str, Any]) -> pd.DataFrame:
    """Sessions; each row says only what differs from a plain one (course 1, session 1)."""
    plain = {
        "course_id": 1,
        "session": 1,
        "is_induction": True,
        "started_on": FIRST,
        "mg_per_kg": 0.5,
        "mg": 40.0,
        "minutes": 40.0,
        "eye_mask": "not_recorded",
        "music": "not_recorded",
        "preparation": False,
        "intention": False,
        "integration": False,
    }
    made = [{"infusion_id": at, **plain, **row} for at, row in enumerate(rows, start=1)]
    return pd.DataFrame(made, columns=["infusion_id", *plain])


def events(*rows: dict[str, Any]) -> pd.DataFrame:
    """Adverse events; each row says only what differs from a plain one (infusion 1)."""
    plain = {"infusion_id": 1, "term": "Nausea", "ctcae_grade": 1, "serious": False}
    return pd.DataFrame([{**plain, **row} for row in rows], columns=list(plain))


def _window(name: str, at: int, patients: tuple[Pair, ...]) -> pd.DataFrame:
    totals = [seen.get(name) for _, seen in patients]
    rows = [judge(baseline, total) for (baseline, _), total in zip(patients, totals, strict=True)]
    endpoint_on = LAST_INFUSION + pd.Timedelta(days=DAYS[name])
    frame = pd.DataFrame(
        {
            "closes_on": pd.Timestamp("2025-05-01"),
            "endpoint_id": pd.array(
                [None if total is None else 10 * row + at for row, total in enumerate(totals)], dtype="Int64"
            ),
            "endpoint_on": [pd.NaT if total is None else endpoint_on for total in totals],
            "endpoint_day": pd.array([None if total is None else DAYS[name] for total in totals], dtype="Int64"),
            "endpoint_recall_days": pd.array([None if total is None else 30 for total in totals], dtype="Int64"),
            "endpoint_total": pd.array(totals, dtype="Int64"),
            "endpoint_prorated": False,
            "reduction": pd.array(
                [None if seen is None else start - seen for (start, _), seen in zip(patients, totals, strict=True)],
                dtype="Int64",
            ),
            "due": True,
        }
    ).astype({"endpoint_on": "datetime64[us]"})
    for column in ("response", "remission", "worsened", "reliable_change", "reliable_and_below"):
        frame[column] = pd.array([row and row[column] for row in rows], dtype="boolean")
    for column in ("covers_pretreatment", "mixed_recall"):
        frame[column] = pd.array([None if total is None else False for total in totals], dtype="boolean")
    return frame


def judge(baseline: int, total: int | None) -> dict[str, bool | None] | None:
    """The plain rules of VA-10/33."""
    if total is None:
        return None
    drop = baseline - total
    below = None if baseline <= 28 else drop >= 15 and total <= 28
    return {
        "response": drop >= 10,
        "remission": drop >= 10 and total < 33,
        "worsened": drop <= -10,
        "reliable_change": drop >= 15,
        "reliable_and_below": below,
    }
