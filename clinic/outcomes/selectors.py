"""Reads that leave the ORM: the records as the frames that `response.evaluate` takes, and which outcomes are stale."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from assessments.models import Assessment
from clinic.lookups import among
from clinic.outcomes.criteria import LAST, SCHEDULED_WINDOWS, Criteria
from clinic.outcomes.models import (
    ClinicSummary,
    CriteriaVersion,
    PatientOutcomeState,
    RecomputeRun,
    WindowOutcome,
)
from clinic.profile.zone import zone_in_force
from infusions.models import Infusion
from patients.models import CriterionA, Patient, RecordChange

if TYPE_CHECKING:
    import pandas as pd

    from clinic.outcomes.frames import Kind
    from clinic.outcomes.response import Evaluation


#: More pending changes than this are not counted.
MOST_PENDING = 1_000


def criteria_in_force() -> CriteriaVersion:
    """The version with the highest number."""
    return CriteriaVersion.objects.latest("number")


def criteria_of(number: int) -> Criteria:
    """The criteria of a version."""
    return CriteriaVersion.objects.get(number=number).criteria()


def record_versions(patient_ids: Collection[int]) -> dict[int, int]:
    """Record version by patient, ids ascending. Read it before the records themselves."""
    return dict(Patient.objects.filter(among("pk", patient_ids)).order_by("pk").values_list("pk", "record_version"))


def stale_patients(criteria_version: int) -> "QuerySet[Patient]":
    """Patients whose stored outcomes are missing or older than their records or these criteria.

    One that failed at these very versions is not tried again until either changes.
    """
    current = PatientOutcomeState.objects.filter(
        patient_id=OuterRef("pk"),
        criteria_version__gte=criteria_version,
        record_version__gte=OuterRef("record_version"),
    )
    return Patient.objects.filter(~Exists(current))


def oldest_stale(criteria_version: int, at_most: int) -> list[int]:
    """Ids of stale patients: those whose records changed first come first, then those who are stale for other reasons."""
    first_change = RecordChange.objects.filter(patient_id=OuterRef("pk")).order_by("pk").values("pk")[:1]
    stale = stale_patients(criteria_version).annotate(first_change=Subquery(first_change))
    return list(stale.order_by(F("first_change").asc(nulls_last=True), "pk").values_list("pk", flat=True)[:at_most])


def just_changed(criteria_version: int, at_most: int) -> list[int]:
    """Ids of the stale patients, computed before, whose changes are among the latest `at_most`.

    Without those whose outcomes somebody is writing at this moment: nobody has to wait for another's transaction.
    """
    latest = RecordChange.objects.order_by("-pk").values_list("patient_id", flat=True)[:at_most]
    older = Q(record_version__lt=F("patient__record_version")) | Q(criteria_version__lt=criteria_version)
    states = PatientOutcomeState.objects.filter(older, among("patient_id", set(latest)))
    ids = states.values_list("patient_id", flat=True)
    if not connection.features.has_select_for_update_skip_locked:
        return list(ids)
    with transaction.atomic():
        return list(ids.select_for_update(skip_locked=True, of=("self",)))


def pending_changes() -> int:
    """Changes of records that the published figures do not count; no more than one beyond MOST_PENDING."""
    return RecordChange.objects.order_by()[: MOST_PENDING + 1].count()


def open_run() -> RecomputeRun | None:
    """The run that has not reached every patient yet, if there is one."""
    return RecomputeRun.objects.filter(ended_at=None).order_by("pk").last()


def not_reached(run: RecomputeRun) -> "QuerySet[Patient]":
    """Patients whom the run still has to compute."""
    reached = PatientOutcomeState.objects.filter(
        patient_id=OuterRef("pk"), criteria_version__gte=run.criteria_version, computed_at__gte=run.started_at
    )
    return Patient.objects.filter(~Exists(reached))


def some_stale(criteria_version: int) -> list[int]:
    """Ids of stale patients, ascending; no more than one beyond MOST_PENDING."""
    return list(stale_patients(criteria_version).order_by("pk").values_list("pk", flat=True)[: MOST_PENDING + 1])


def readings_of(patient_ids: Collection[int] | None) -> "pd.DataFrame":
    """The current PCL-5s of these patients (None: all) as `response.evaluate` takes its readings."""
    from clinic.outcomes.frames import read_frame

    rows = Assessment.objects.current().filter(_of_patients("patient_id", patient_ids), instrument="pcl5")
    rows = rows.annotate(
        dsm_rule_not_met=_flag(rule_met=False),
        named_event=Coalesce("index_event_id", 0),
        entry_order=Coalesce("first_version_id", "id"),
    ).order_by("id")
    columns: dict[str, tuple[str, Kind]] = {
        "reading_id": ("id", "integer"),
        "patient_id": ("patient_id", "integer"),
        "completed_on": ("completed_on", "day"),
        "completed_at": ("completed_at", "moment"),
        "recall_days": ("recall_days", "integer"),
        "answered_sum": ("answered_sum", "integer"),
        "missing_items": ("missing_items", "integer"),
        "most_missing_in_cluster": ("most_missing_in_subscale", "integer"),
        "dsm_rule_not_met": ("dsm_rule_not_met", "boolean"),
        "index_event_id": ("named_event", "integer"),
        "entry_order": ("entry_order", "integer"),
    }
    return read_frame(rows, columns)


def courses_of(patient_ids: Collection[int] | None) -> "pd.DataFrame":
    """The given infusions of these patients (None: all) as `response.evaluate` takes its courses."""
    from clinic.outcomes.frames import read_frame

    rows = Infusion.objects.given().filter(_of_patients("course__patient_id", patient_ids))
    rows = rows.annotate(
        patient_id=F("course__patient_id"),
        criterion_a_not_met=_flag(course__patient__criterion_a=CriterionA.NOT_MET),
    ).order_by("id")
    columns: dict[str, tuple[str, Kind]] = {
        "course_id": ("course_id", "integer"),
        "patient_id": ("patient_id", "integer"),
        "number": ("course__number", "integer"),
        "phase": ("course__phase", "text"),
        "criterion_a_not_met": ("criterion_a_not_met", "boolean"),
        "started_at": ("started_at", "moment"),
    }
    frame = read_frame(rows, columns)
    local = frame["started_at"].dt.tz_convert(zone_in_force())
    frame["started_on"] = local.dt.tz_localize(None).dt.normalize()
    return frame


def is_settled(criteria_version: int) -> bool:
    """Whether every patient's outcomes are stored under exactly this version; they may be older than her records."""
    under_it = PatientOutcomeState.objects.filter(patient_id=OuterRef("pk"), criteria_version=criteria_version)
    return not Patient.objects.filter(~Exists(under_it)).exists()


def computed_changes(criteria_version: int) -> list[int]:
    """Ids of the changes of records that stored outcomes rest on, and no published figure counts."""
    stale = stale_patients(criteria_version).filter(pk=OuterRef("patient_id"))
    return list(RecordChange.objects.filter(~Exists(stale)).order_by("pk").values_list("pk", flat=True))


def stored_evaluation(criteria_version: int, as_of: date) -> "Evaluation":
    """What is stored under this version, as `response.evaluate` gave it; whether a window is due comes from `as_of`.

    One statement, so that no recompute can come between courses and windows.
    """
    import pandas as pd

    from clinic.outcomes.frames import read_frame
    from clinic.outcomes.response import Evaluation

    columns = {name: (f"outcome__{name}", kind) for name, kind in _STORED_COURSE.items()}
    columns |= {name: (name, kind) for name, kind in _STORED_WINDOW.items()}
    rows = WindowOutcome.objects.filter(outcome__criteria_version=criteria_version).order_by("outcome_id", "window")
    joined = read_frame(rows, columns)
    joined["due"] = joined["endpoint_id"].notna() | (joined["closes_on"] < pd.Timestamp(as_of))
    windows = {str(name): part.reset_index(drop=True) for name, part in joined.groupby("window", sort=False)}
    courses = next(iter(windows.values()), joined)
    return Evaluation(
        courses, {name: windows.get(name, joined) for name in (*(window.name for window in SCHEDULED_WINDOWS), LAST)}
    )


def failed_patients() -> int:
    """Patients whose outcomes could not be computed and who are therefore in no figure."""
    return PatientOutcomeState.objects.exclude(failed_reason="").count()


def latest_summary(*, with_details: bool = False) -> ClinicSummary | None:
    """The summary that is shown: the one published last."""
    summaries = ClinicSummary.objects.order_by("-pk")
    return (summaries if with_details else summaries.defer("details")).first()


def latest_summary_id() -> int:
    """The id of the summary that is shown; 0 before the first."""
    return ClinicSummary.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


_STORED_COURSE: "dict[str, Kind]" = {
    "course_id": "integer",
    "patient_id": "integer",
    "number": "integer",
    "is_index": "boolean",
    "first_infusion_on": "day",
    "last_infusion_on": "day",
    "induction_complete": "boolean",
    "criterion_a_not_met": "boolean",
    "eligible": "boolean",
    "status": "text",
    "baseline_id": "maybe integer",
    "baseline_on": "day",
    "baseline_total": "maybe integer",
    "weekly_baseline": "boolean",
    "baseline_prorated": "boolean",
    "infusions": "integer",
    "latest_on": "day",
    "first_response_on": "day",
    "first_remission_on": "day",
    "response_index_on": "day",
    "loss_of_response_on": "day",
    "next_induction_on": "day",
    "next_top_up_on": "day",
}
_STORED_WINDOW: "dict[str, Kind]" = {
    "window": "text",
    "closes_on": "day",
    "endpoint_id": "maybe integer",
    "endpoint_on": "day",
    "endpoint_day": "maybe integer",
    "endpoint_recall_days": "maybe integer",
    "endpoint_total": "maybe integer",
    "endpoint_prorated": "boolean",
    "reduction": "maybe integer",
    "response": "maybe boolean",
    "remission": "maybe boolean",
    "worsened": "maybe boolean",
    "reliable_change": "maybe boolean",
    "reliable_and_below": "maybe boolean",
    "covers_pretreatment": "maybe boolean",
    "mixed_recall": "maybe boolean",
}


def _flag(**conditions: Any) -> Case:
    return Case(When(Q(**conditions), then=Value(True)), default=Value(False))


def _of_patients(field: str, patient_ids: Collection[int] | None) -> Q:
    return Q() if patient_ids is None else among(field, patient_ids)
