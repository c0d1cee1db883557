"""The tables of the research export from a `Clinic`: study ids and day offsets, no dates, small groups pooled."""

from dataclasses import dataclass

import pandas as pd

from clinic.outcomes.bands import AGE
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.chosen import holds
from clinic.transfer.research.long_format import readings_table
from clinic.transfer.research.offsets import days_from
from clinic.transfer.research.suppression import OTHER, Pooling, pool

READINGS, COURSES, INFUSIONS, EVENTS = "readings.csv", "courses.csv", "infusions.csv", "adverse_events.csv"
#: Medicines from this number on are one band.
MANY_MEDICATIONS = 3
NOT_RECORDED = "not_recorded"
#: Decimals of mg/kg: with more, weight and dose could be found from their ratio.
DOSE_DECIMALS = 2
_BY = {
    READINGS: ["study_id", "course"],  # then as they are: rule 14a
    COURSES: ["study_id", "course"],
    INFUSIONS: ["study_id", "course", "session"],
    EVENTS: ["study_id", "course", "session", "term", "ctcae_grade"],
}


@dataclass(frozen=True)
class Released:
    """The tables by file name, and what was pooled in them."""

    tables: dict[str, pd.DataFrame]
    poolings: list[Pooling]


def released(
    clinic: Clinic,
    readings: pd.DataFrame,
    answers: pd.DataFrame,
    phases: "pd.Series[str]",
    ids: dict[int, str],
    known_terms: frozenset[str],
) -> Released:
    """Everything that leaves. `readings`: see `long_format`; `answers` by reading; `phases` by infusion; `ids` by patient."""
    courses = clinic.evaluation.courses
    keys = pd.DataFrame(
        {
            "course_id": courses["course_id"],
            "study_id": courses["patient_id"].map(ids).astype("str"),
            "course": courses.groupby("patient_id").cumcount() + 1,
            "first_on": courses["first_infusion_on"],
        }
    )
    sessions = clinic.sessions[clinic.sessions["started_on"] <= pd.Timestamp(clinic.as_of)]
    sessions = sessions.merge(keys, on="course_id").assign(phase=lambda rows: rows["infusion_id"].map(phases))
    tables = {
        READINGS: readings_table(readings, answers, clinic.evaluation, keys),
        COURSES: _courses(clinic, keys, sessions),
        INFUSIONS: _infusions(sessions),
        EVENTS: _events(clinic.events, sessions),
    }
    poolings = _pool(tables, known_terms)
    return Released({name: _in_order(name, table) for name, table in tables.items()}, poolings)


def _courses(clinic: Clinic, keys: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    courses, facts = clinic.evaluation.courses, clinic.facts
    first_of_patient = courses.groupby("patient_id")["first_infusion_on"].transform("min")
    dose = sessions.groupby("course_id")["mg_per_kg"].mean()
    table = pd.DataFrame(
        {
            "study_id": keys["study_id"],
            "course": keys["course"],
            "days_since_first_course": days_from(first_of_patient, courses["first_infusion_on"]),
            "age_band": _age_bands(facts["age"].groupby(courses["patient_id"]).transform("first")),
            "gender": facts["gender"],
            "psychotherapy": facts["psychotherapy"],
            "medications": _medication_bands(facts["medications"]),
            "infusions": courses["infusions"],
            "induction_infusions": courses["induction_infusions"],
            "days_in_series": days_from(courses["first_infusion_on"], courses["last_infusion_on"]),
            "mean_mg_per_kg": courses["course_id"].map(dose).round(DOSE_DECIMALS),
            "baseline_total": courses["baseline_total"],
            "eligible": courses["eligible"],
            "status": courses["status"],
        }
    )
    for name, window in clinic.evaluation.windows.items():
        for column, source in WINDOW_COLUMNS.items():
            table[f"{name.lower()}_{column}"] = window[source]
    return table


#: What courses.csv says of each window, and where the evaluation has it.
WINDOW_COLUMNS = {
    "day": "endpoint_day",
    "total": "endpoint_total",
    "reduction": "reduction",
    "response": "response",
    "remission": "remission",
}


def _age_bands(age: "pd.Series[int]") -> "pd.Series[str]":
    """The band of each age; that of the patient's first course stands for all, so that no birthday lies between two."""
    bands = pd.Series(NOT_RECORDED, index=age.index, dtype="str")
    for band in AGE:
        bands = bands.mask(holds(band, age.astype("float64")), band.key)
    return bands


def _medication_bands(count: "pd.Series[int]") -> "pd.Series[str]":
    words = count.astype("str").mask(
        (count >= MANY_MEDICATIONS).fillna(value=False).astype(bool), f"{MANY_MEDICATIONS}+"
    )
    return words.where(count.notna(), NOT_RECORDED)


def _infusions(sessions: pd.DataFrame) -> pd.DataFrame:
    table = sessions[["study_id", "course", "session", "phase"]].copy()
    table["day"] = days_from(sessions["first_on"], sessions["started_on"])
    table["mg_per_kg"] = sessions["mg_per_kg"].round(DOSE_DECIMALS)
    said = ["minutes", "eye_mask", "music", "preparation", "intention", "integration"]
    return table.join(sessions[said])


def _events(events: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    joined = events.merge(sessions[["infusion_id", "study_id", "course", "session"]], on="infusion_id")
    return joined[["study_id", "course", "session", "term", "ctcae_grade", "serious"]]


def _pool(tables: dict[str, pd.DataFrame], known_terms: frozenset[str]) -> list[Pooling]:
    """Pool the small groups of every category by which somebody could be known, in place; what was pooled."""
    poolings = []
    for file, column, written_as, known in (
        (COURSES, "age_band", None, None),
        (COURSES, "gender", None, None),
        (COURSES, "psychotherapy", None, None),
        (COURSES, "medications", None, None),
        (EVENTS, "term", OTHER, known_terms),
        (EVENTS, "ctcae_grade", None, None),
        (EVENTS, "serious", None, None),
    ):
        table = tables[file]
        said = table.assign(**{column: _words(table[column])})
        instead = {"written_as": written_as} if written_as else {}
        values, pooling = pool(said, file, column, known=known, **instead)
        tables[file] = table.assign(**{column: values})
        poolings.append(pooling)
    return poolings


def _words(values: "pd.Series[int]") -> "pd.Series[str]":
    """Yes and no as the files write them, everything else as it is."""
    return (values.astype("int64") if values.dtype == bool else values).astype("str")


def _in_order(name: str, table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(_BY[name], kind="stable").reset_index(drop=True)
