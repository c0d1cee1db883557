"""The table of who may do what. Pages name an action; this file alone decides.

All clinical staff of the clinic may see all of its patients; an administrator sees no clinical record. A person may hold
several roles and may do what any of them may.
"""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What a person is in the clinic."""

    INTAKE = "intake"
    CLINICIAN = "clinician"
    MEDICAL_DIRECTOR = "medical_director"
    ADMINISTRATOR = "administrator"


ROLE_LABELS = {
    Role.INTAKE: "Intake",
    Role.CLINICIAN: "Clinician",
    Role.MEDICAL_DIRECTOR: "Medical director",
    Role.ADMINISTRATOR: "Administrator",
}


class Action(StrEnum):
    """Something that can be done, named as `thing.verb`."""

    PATIENT_VIEW = "patient.view"
    PATIENT_EDIT = "patient.edit"
    HISTORY_VIEW = "history.view"  # medication, prior treatment, psychotherapy, index event, criterion A
    HISTORY_EDIT = "history.edit"
    CONSENT_RECORD = "consent.record"
    ASSESSMENT_VIEW = "assessment.view"
    ASSESSMENT_RECORD = "assessment.record"
    INFUSION_DATES_VIEW = "infusion_dates.view"  # when and how many, without dose or notes
    INFUSION_VIEW = "infusion.view"
    INFUSION_RECORD = "infusion.record"
    DOSE_OVERRIDE = "dose.override"
    COURSE_MANAGE = "course.manage"
    NOTE_VIEW = "note.view"
    STATUS_VIEW = "status.view"
    LETTER_WRITE = "letter.write"  # letters about a patient to whoever referred her: write, read and send again
    OUTCOMES_VIEW = "outcomes.view"
    OUTCOMES_EXPORT = "outcomes.export"
    RESEARCH_EXPORT = "research.export"  # de-identified records of single patients
    CRITERIA_ADOPT = "criteria.adopt"
    CLINICAL_LIMITS_EDIT = "clinical_limits.edit"
    AUDIT_VIEW = "audit.view"
    OPERATIONS_VIEW = "operations.view"  # whether everything is counted, and if not, why
    ACCOUNTS_MANAGE = "accounts.manage"
    SETTINGS_EDIT = "settings.edit"


_INTAKE = frozenset(
    {
        Action.PATIENT_VIEW,
        Action.PATIENT_EDIT,
        Action.CONSENT_RECORD,
        Action.ASSESSMENT_VIEW,
        Action.ASSESSMENT_RECORD,
        Action.INFUSION_DATES_VIEW,
        Action.STATUS_VIEW,
    }
)
_CLINICIAN = _INTAKE | {
    Action.HISTORY_VIEW,
    Action.HISTORY_EDIT,
    Action.INFUSION_VIEW,
    Action.INFUSION_RECORD,
    Action.DOSE_OVERRIDE,
    Action.COURSE_MANAGE,
    Action.NOTE_VIEW,
    Action.LETTER_WRITE,
}
_MEDICAL_DIRECTOR = _CLINICIAN | {
    Action.OUTCOMES_VIEW,
    Action.OUTCOMES_EXPORT,
    Action.RESEARCH_EXPORT,
    Action.CRITERIA_ADOPT,
    Action.CLINICAL_LIMITS_EDIT,
    Action.AUDIT_VIEW,
    Action.OPERATIONS_VIEW,
}
_ADMINISTRATOR = frozenset({Action.ACCOUNTS_MANAGE, Action.SETTINGS_EDIT, Action.OPERATIONS_VIEW})

ALLOWED: dict[str, frozenset[Action]] = {
    Role.INTAKE: _INTAKE,
    Role.CLINICIAN: _CLINICIAN,
    Role.MEDICAL_DIRECTOR: _MEDICAL_DIRECTOR,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
}


def may(roles: Iterable[str], action: Action) -> bool:
    """Whether a holder of these roles may do it. An unknown role may do nothing."""
    return any(action in ALLOWED.get(role, frozenset()) for role in roles)
