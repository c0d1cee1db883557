"""Who looked at a patient's record and who changed it, in words."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from clinic.audit.models import AuditEvent

EVENTS_A_PAGE = 25
PAGES_IN_WORDS = {
    "pages:patient": "overview",
    "pages:patient_courses": "courses",
    "pages:patient_sessions": "sessions",
    "pages:patient_questionnaires": "questionnaires",
    "pages:patient_notes": "notes",
    "pages:patient_who_looked": "who looked",
    "assessments:assessment": "a questionnaire",
    "infusions:infusion": "a session",
    "room:room": "the infusion room",
    "session_record:record": "a session's record",
    "session_record:as_signed": "a session's record, as signed",
    "letters:letters": "letters",
    "letters:new": "a letter, to write",
    "patients:history": "history",
    "patients:consents": "consents",
    "patients:edit": "details, to edit",
    "patients:history_new": "history, to add",
    "patients:history_amend": "an entry of the history, to amend",
    "patients:history_void": "an entry of the history, to void",
    "patients:consent_new": "consents, to record",
    "patients:consent_withdraw": "a consent, to withdraw",
    "patients:consent_void": "a consent, to void",
    "assessments:new": "a questionnaire, to enter",
    "assessments:correct": "a questionnaire, to correct",
    "assessments:move": "a questionnaire, to move",
    "assessments:void": "a questionnaire, to void",
    "infusions:course_open": "courses, to open",
    "infusions:course_close": "a course, to close",
    "infusions:course_withdraw": "a course, to withdraw",
    "infusions:course_void": "a course, to void",
    "infusions:infusion_plan": "an infusion, to plan",
    "infusions:infusion_plan_series": "a course, to plan its infusions",
    "infusions:infusion_new": "an infusion, to record",
    "infusions:infusion_status": "an infusion, to go on with",
    "infusions:infusion_replan": "an infusion, to move to another time",
    "infusions:infusion_correct": "an infusion, to correct",
    "infusions:infusion_move": "an infusion, to move",
    "infusions:infusion_void": "an infusion, to void",
    "infusions:vitals_new": "vital signs, to add",
    "infusions:event_new": "an adverse event, to add",
    "infusions:note_new": "an integration note, to add",
}


@dataclass(frozen=True)
class EventLine:
    """An event with what was done in words, and what changed."""

    event: AuditEvent
    done: str
    changed: list[str]
    reason: str


def event_lines(patient_id: int, number: str) -> Page[Any]:
    """Events of a patient, the latest first. Two queries."""
    events = AuditEvent.objects.filter(patient_id=patient_id).order_by("-id")
    page: Page[Any] = Paginator(events, EVENTS_A_PAGE).get_page(number)
    page.object_list = [
        EventLine(event, words_of(event.action), _changed(event.detail), str(event.detail.get("reason", "")))
        for event in page.object_list
    ]
    return page


def words_of(action: str) -> str:
    """An action of the audit trail in words: "read pages:patient" is "Looked at: overview"."""
    kind, _, rest = action.partition(" ")
    if kind == "read":
        page = rest.partition(":")[2] or rest
        return f"Looked at: {PAGES_IN_WORDS.get(rest, page.replace('_', ' '))}"
    if kind == "denied":
        return f"Was refused: {rest.replace('.', ', ').replace('_', ' ')}"
    return action[:1].upper() + action[1:]


def _changed(detail: dict[str, Any]) -> list[str]:
    """Each changed field as "phone: old → new"."""
    changes = detail.get("changes")
    if not isinstance(changes, dict):
        return []
    return [
        f"{name.replace('_', ' ')}: {_said(values[0])} → {_said(values[-1])}"
        for name, values in changes.items()
        if isinstance(values, list) and values
    ]


def _said(value: Any) -> str:
    return "nothing" if value in (None, "") else str(value)
