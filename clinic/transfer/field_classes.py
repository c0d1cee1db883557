"""What each stored field may tell: identifying, clinical or neutral. A field that is not named here fails the suite.

identifying  names, reaches or points at a person (patient or staff) or at the clinic, by itself or beside what an outsider
             may know: names, contacts, record numbers, ids, births, days and moments of care, origin, and every free text,
             because nobody can promise what somebody wrote there
clinical     says how a patient was, was treated or did, without saying who: scores, doses, answers, outcomes
neutral      says nothing of a patient: versions, settings, marks of the software

No identifying field leaves in the research export, except through a derivation that `research/columns.py` declares.
"""

from dataclasses import dataclass, fields
from typing import Literal

FieldClass = Literal["identifying", "clinical", "neutral"]


@dataclass(frozen=True)
class Fields:
    """The fields of one model, by class, each a list of names divided by blanks."""

    identifying: str = ""
    clinical: str = ""
    neutral: str = ""


#: What every clinical record carries, and every one that can be edited.
_RECORD = "id public_id entered_by entered_at voided_at voided_by void_reason"
_ENTRY = f"{_RECORD} patient"
_SESSION_ENTRY = f"{_RECORD} infusion event"

CLASSES: dict[str, Fields] = {
    "patients.Patient": Fields(
        identifying="id public_id mrn given_name family_name mrn_key given_name_key family_name_key date_of_birth "
        "race_ethnicity phone email address allergies died_on import_key entered_by entered_at",
        clinical="gender criterion_a psychotherapy_at_intake psychiatric_medications_at_intake",
        neutral="active record_version version",
    ),
    "patients.RecordChange": Fields(identifying="id patient changed_at"),
    "patients.IndexEvent": Fields(identifying=f"{_ENTRY} description confirmed_on", neutral="version"),
    "patients.PsychotherapyEpisode": Fields(
        identifying=f"{_ENTRY} modality therapist started_on ended_on", neutral="version"
    ),
    "patients.PsychiatricMedication": Fields(identifying=f"{_ENTRY} name dose started_on ended_on", neutral="version"),
    "patients.PriorTreatment": Fields(
        identifying=f"{_ENTRY} treatment dose", clinical="weeks adequate_trial outcome", neutral="version"
    ),
    "patients.Consent": Fields(
        identifying=f"{_ENTRY} document_version signed_on withdrawn_on", clinical="kind", neutral="version"
    ),
    "infusions.Course": Fields(
        identifying=f"{_ENTRY} opened_on closed_on withdrawn_on withdrawn_reason",
        clinical="number phase planned_infusions psychotherapy_at_start psychiatric_medications_at_start",
        neutral="version",
    ),
    "infusions.Infusion": Fields(
        identifying=f"{_RECORD} course status_reason planned_for prescriber started_at limits_overridden_reason "
        "preparation_note intention sitter import_key",
        clinical="status stage minutes weight_kg dose_mg_per_kg dose_mg_ordered dose_mg_given route eye_mask music",
        neutral="version",
    ),
    "infusions.IntegrationNote": Fields(identifying=f"{_SESSION_ENTRY} text"),
    "infusions.VitalSigns": Fields(
        identifying=f"{_SESSION_ENTRY} taken_at",
        clinical="systolic_mmhg diastolic_mmhg heart_rate_per_min spo2_percent on_room_air respirations_per_min "
        "temperature_celsius moaa_s rass",
    ),
    "infusions.AdverseEvent": Fields(
        identifying=f"{_SESSION_ENTRY} term started_at ended_at outcome",
        clinical="ctcae_grade serious relatedness expected action_taken",
    ),
    "infusions.SessionEvent": Fields(
        identifying="id infusion at recorded_at by by_name key content_hash field data",
        clinical="kind",
        neutral="version",
    ),
    "infusions.StockEntry": Fields(
        identifying="id event infusion at lot lot_key by witness", clinical="kind vial_mg_per_ml mg"
    ),
    "infusions.SessionPresence": Fields(identifying="id infusion user seen_at editing"),
    "infusions.LimitsVersion": Fields(
        identifying="reason adopted_at adopted_by",
        neutral="id number values changed",
    ),
    "assessments.Assessment": Fields(
        identifying=f"{_ENTRY} index_event completed_on completed_at replaces replace_reason first_version",
        clinical="instrument form language mode answers total answered_sum missing_items most_missing_in_subscale "
        "subscales rule_met review_flags recall_days day_rank",
        neutral="replaced",
    ),
    "outcomes.CriteriaVersion": Fields(identifying="reason adopted_at adopted_by", neutral="id number preset values"),
    "outcomes.PatientOutcomeState": Fields(
        identifying="patient failed_reason", neutral="criteria_version record_version computed_at"
    ),
    "outcomes.CourseOutcome": Fields(
        identifying="course patient first_infusion_on last_infusion_on reason response_lost_on baseline_id baseline_on "
        "latest_id latest_on rise_on first_response_on first_remission_on response_index_on loss_of_response_on "
        "loss_of_remission_on next_induction_on next_top_up_on",
        clinical="number is_index induction_infusions induction_complete infusions criterion_a_not_met eligible status "
        "provisional baseline_total baseline_recall_days weekly_baseline baseline_prorated latest_total",
        neutral="criteria_version as_of",
    ),
    "outcomes.WindowOutcome": Fields(
        identifying="outcome opens_on closes_on endpoint_id endpoint_on",
        clinical="endpoint_day endpoint_total endpoint_recall_days endpoint_prorated reduction response remission "
        "worsened reliable_change reliable_and_below category mixed_recall covers_pretreatment covers_series "
        "sustained_response",
        neutral="window",
    ),
    "outcomes.SummaryState": Fields(neutral="id dirty refreshing_since"),
    "outcomes.SweepState": Fields(neutral="id claimed_until ended_at"),
    "outcomes.RecomputeRun": Fields(neutral="id started_at ended_at criteria_version patients nightly_on"),
    "outcomes.ClinicSummary": Fields(
        identifying="charts details", clinical="figures", neutral="id criteria_version as_of computed_at"
    ),
    "outcomes.DashboardVisit": Fields(identifying="id user before_at latest_at", neutral="before latest"),
    "outcomes.SavedView": Fields(identifying="id public_id owner name query created_at", neutral="shared"),
    "outcomes.ClinicExtract": Fields(identifying="packed", neutral="id summary preset computed_at format"),
    "letters.Letter": Fields(
        identifying="id public_id patient author author_name created_at recipient sha256 pdf",
        clinical="course_number",
        neutral="included record_version criteria_version",
    ),
    "audit.AuditEvent": Fields(
        identifying="id at actor_id actor_name patient_id record_id detail", neutral="action record_type allowed"
    ),
    "web.FormReceipt": Fields(identifying="id key user content_hash location saved_at"),
    "profile.ClinicProfile": Fields(
        identifying="name time_zone crisis_text changed_at changed_by", neutral="id number"
    ),
    "clinic.User": Fields(
        identifying="id password last_login public_id email full_name created_at", neutral="is_active version"
    ),
    "clinic.RoleGrant": Fields(identifying="id user", neutral="role"),
}


def classified() -> dict[str, FieldClass]:
    """Class by field, as "app.Model.field". Raises ValueError when a field is named twice."""
    found: dict[str, FieldClass] = {}
    for model, of_model in CLASSES.items():
        for kind in fields(of_model):
            for name in getattr(of_model, kind.name).split():
                if f"{model}.{name}" in found:
                    raise ValueError(f"{model}.{name} has two classes.")
                found[f"{model}.{name}"] = kind.name  # type: ignore[assignment]
    return found
