"""What is known about outcome courses beside their outcomes, as the frames of `charts.clinic.Clinic`."""

import json
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from django.db.models import Case, Exists, OuterRef, Q, TextField, Value, When
from django.db.models.functions import Cast

from assessments.models import Assessment
from clinic.lookups import among
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.frames import read_frame
from clinic.profile.zone import zone_in_force
from infusions.models import AdverseEvent, Course, Infusion, IntegrationNote, Phase, Route
from patients.models import CriterionA, Patient, PsychotherapyEpisode, YesNo

if TYPE_CHECKING:
    from clinic.outcomes.response import Evaluation

#: Items of the questionnaire.
ITEMS = range(1, 21)
_KEPT: tuple[str, ...] = (
    "course_id",
    "patient_id",
    "left_on",
    "died_on",
    "age",
    "gender",
    "psychotherapy",
    "medications",
)
_KEPT += ("mg_per_kg", "prescriber_id", "criterion_a_open")


def clinic_of(evaluation: "Evaluation", criteria: Criteria, as_of: date) -> Clinic:
    """The courses of an evaluation with everything that panels need of them. Six queries, whatever their number."""
    sessions = _sessions(evaluation.courses)
    return Clinic(
        evaluation=evaluation,
        facts=_facts(evaluation.courses, sessions),
        sessions=sessions.drop(columns=["patient_id", "prescriber_id", "started_at"]),
        events=_events(sessions["infusion_id"]),
        answers=answers_of(_readings(evaluation)),
        criteria=criteria,
        as_of=as_of,
        registered=Patient.objects.count(),
    )


def _facts(courses: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    rows = Course.objects.not_voided().order_by("pk")
    known = read_frame(
        rows,
        {
            "course_id": ("pk", "integer"),
            "criterion_a": ("patient__criterion_a", "text"),
            "died_on": ("patient__died_on", "day"),
            "withdrawn_on": ("withdrawn_on", "day"),
            "born_on": ("patient__date_of_birth", "day"),
            "gender": ("patient__gender", "text"),
            "therapy_at_start": ("psychotherapy_at_start", "text"),
            "therapy_at_intake": ("patient__psychotherapy_at_intake", "text"),
            "medications_at_start": ("psychiatric_medications_at_start", "maybe integer"),
            "medications_at_intake": ("patient__psychiatric_medications_at_intake", "maybe integer"),
        },
    )
    columns = ["course_id", "patient_id", "is_index", "first_infusion_on", "last_infusion_on"]
    facts = courses[columns].merge(known, on="course_id", how="left", validate="one_to_one")
    facts["left_on"] = facts[["died_on", "withdrawn_on"]].min(axis=1)
    facts["criterion_a_open"] = facts["criterion_a"].isin([CriterionA.UNCLEAR, CriterionA.NOT_RECORDED])
    facts["age"] = _years(facts["born_on"], facts["first_infusion_on"])
    facts["psychotherapy"] = _psychotherapy(facts)
    at_intake = facts["medications_at_intake"].where(facts["is_index"])
    facts["medications"] = facts["medications_at_start"].fillna(at_intake)
    by_course = sessions.groupby("course_id")
    facts["mg_per_kg"] = facts["course_id"].map(by_course["mg_per_kg"].mean())
    facts["prescriber_id"] = facts["course_id"].map(by_course["prescriber_id"].first()).astype("Int64")
    return facts[list(_KEPT)]


def _years(born_on: "pd.Series[pd.Timestamp]", on: "pd.Series[pd.Timestamp]") -> "pd.Series[int]":
    before_birthday = on.dt.month * 100 + on.dt.day < born_on.dt.month * 100 + born_on.dt.day
    return (on.dt.year - born_on.dt.year - before_birthday).astype("Int64")


def _psychotherapy(facts: pd.DataFrame) -> "pd.Series[str]":
    """Yes if an episode overlaps the infusions; else what the course says; of a first course, else what the intake says."""
    said = facts["therapy_at_start"].where(
        (facts["therapy_at_start"] != YesNo.NOT_RECORDED) | ~facts["is_index"], facts["therapy_at_intake"]
    )
    columns = {"patient_id": ("patient_id", "integer"), "from": ("started_on", "day"), "to": ("ended_on", "day")}
    episodes = read_frame(PsychotherapyEpisode._default_manager.filter(voided_at=None).order_by("pk"), columns)  # type: ignore[arg-type]
    both = facts[["course_id", "patient_id", "first_infusion_on", "last_infusion_on"]].merge(episodes, on="patient_id")
    ended_before = both["to"].notna() & (both["to"] < both["first_infusion_on"])
    during = both.loc[(both["from"] <= both["last_infusion_on"]) & ~ended_before, "course_id"]
    return said.mask(facts["course_id"].isin(during), YesNo.YES.value)


def _sessions(courses: pd.DataFrame) -> pd.DataFrame:
    table: Any = IntegrationNote.objects
    notes = table.filter(voided_at=None, infusion_id=OuterRef("pk"))
    rows = Infusion.objects.given().annotate(
        prepared=_yes(~Q(preparation_note="")),
        intended=_yes(~Q(intention="")),
        integrated=_yes(Exists(notes)),
    )
    frame = read_frame(
        rows.order_by("pk"),
        {
            "infusion_id": ("pk", "integer"),
            "own_course_id": ("course_id", "integer"),
            "patient_id": ("course__patient_id", "integer"),
            "phase": ("course__phase", "text"),
            "started_at": ("started_at", "moment"),
            "route": ("route", "text"),
            "ordered": ("dose_mg_per_kg", "maybe number"),
            "weight_kg": ("weight_kg", "maybe number"),
            "mg": ("dose_mg_given", "maybe number"),
            "minutes": ("minutes", "maybe number"),
            "eye_mask": ("eye_mask", "text"),
            "music": ("music", "text"),
            "prescriber_id": ("prescriber_id", "maybe integer"),
            "preparation": ("prepared", "boolean"),
            "intention": ("intended", "boolean"),
            "integration": ("integrated", "boolean"),
        },
    )
    frame["started_on"] = frame["started_at"].dt.tz_convert(zone_in_force()).dt.tz_localize(None).dt.normalize()
    frame["mg_per_kg"] = (frame["mg"] / frame["weight_kg"]).fillna(frame["ordered"]).where(frame["route"] == Route.IV)
    frame["is_induction"] = frame["phase"] == Phase.INDUCTION
    return _followed(frame, courses).drop(columns=["own_course_id", "phase", "route", "ordered", "weight_kg"])


def _followed(sessions: pd.DataFrame, courses: pd.DataFrame) -> pd.DataFrame:
    """With the outcome course that each session counts for and its number there; without those that count for none."""
    firsts = courses[["course_id", "patient_id", "first_infusion_on"]].astype({"first_infusion_on": "datetime64[us]"})
    firsts = firsts.sort_values("first_infusion_on", kind="stable")
    top_ups = sessions[~sessions["is_induction"]].sort_values("started_on", kind="stable")
    followed = pd.merge_asof(
        top_ups, firsts, left_on="started_on", right_on="first_infusion_on", by="patient_id", allow_exact_matches=True
    ).dropna(subset="course_id")
    own = sessions[sessions["is_induction"] & sessions["own_course_id"].isin(courses["course_id"])]
    counted = pd.concat([own.assign(course_id=own["own_course_id"]), followed.drop(columns="first_infusion_on")])
    counted = counted.astype({"course_id": "int64"}).sort_values(["course_id", "started_at"], kind="stable")
    counted["session"] = counted.groupby("course_id").cumcount() + 1
    return counted.reset_index(drop=True)


def _events(infusion_ids: "pd.Series[int]") -> pd.DataFrame:
    rows = AdverseEvent._default_manager.filter(voided_at=None).order_by("pk")
    events = read_frame(
        rows,
        {
            "infusion_id": ("infusion_id", "integer"),
            "term": ("term", "text"),
            "ctcae_grade": ("ctcae_grade", "integer"),
            "serious": ("serious", "boolean"),
        },
    )
    return events[events["infusion_id"].isin(infusion_ids)].reset_index(drop=True)


def _readings(evaluation: "Evaluation") -> set[int]:
    index = evaluation.courses["is_index"] & evaluation.courses["eligible"]
    ids = [evaluation.courses.loc[index, "baseline_id"]]
    ids += [window.loc[index, "endpoint_id"] for window in evaluation.windows.values()]
    return set(pd.concat(ids).dropna().astype("int64").tolist())


def answers_of(reading_ids: Collection[int]) -> pd.DataFrame:
    """The answers of these forms: see `Clinic.answers`."""
    rows = Assessment.objects.filter(among("pk", sorted(reading_ids))).annotate(text=Cast("answers", TextField()))
    frame = read_frame(rows.order_by("pk"), {"reading_id": ("pk", "integer"), "text": ("text", "text")})
    answers = json.loads(f"[{','.join(frame['text'])}]")
    items = np.array(answers, dtype=np.float64).reshape(len(answers), len(ITEMS))
    return pd.DataFrame(items, index=pd.Index(frame["reading_id"], name="reading_id"), columns=list(ITEMS))


def _yes(condition: Q | Exists) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))
