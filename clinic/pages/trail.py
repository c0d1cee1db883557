"""The audit trail: events the newest first, filtered over indexed columns, each put into words.

A filter by days becomes one by ids, which grow with time, so that every filter is read along an index from its newest
event on; the moments are checked all the same.
"""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from clinic.audit.models import AuditEvent
from clinic.lookups import among
from clinic.pages.clinic_day import day_after, day_starts
from clinic.pages.paging import Page, page_of
from clinic.pages.patient_events import words_of
from patients.models import Patient

#: Events on a page.
PAGE_EVENTS = 50
#: Events of transactions that end in another order than they began lie no further apart than this.
_INVERTED_WITHIN = timedelta(hours=1)

#: Kinds of what was done: the name in the form, its words, and the apps whose records it concerns.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "read": ("Opened a page of a patient", ()),
    "list": ("Saw a list, searched or exported", ()),
    "patients": ("Patients, history, consents", ("patients",)),
    "questionnaires": ("Questionnaires", ("assessments",)),
    "infusions": ("Courses and infusions", ("infusions",)),
    "accounts": ("People and settings", ("clinic", "profile")),
    "outcomes": ("Outcome criteria", ("outcomes",)),
}
_ACTIONS = {
    "read": Q(action__startswith="read "),
    "list": Q(action__startswith="list ") | Q(action__startswith="search ") | Q(action__startswith="export "),
}


@dataclass(frozen=True)
class Wanted:
    """Which events: of whom, of what kind, of which days, of which patient, from which event on. None means any."""

    actor_id: int | None = None
    by_system: bool = False
    kind: str = ""
    first_day: date | None = None
    last_day: date | None = None
    denied_only: bool = False
    patient_id: int | None = None
    before: int | None = None

    def as_detail(self) -> dict[str, Any]:
        """The filters for the audit event of this very look: ids and words, nothing of a patient but the event's own id."""
        return {name: value for name, value in vars(self).items() if value and name != "patient_id"}


@dataclass(frozen=True)
class Entry:
    """One event in words. `patient` is None where there is none or who looks may not see patients."""

    event: AuditEvent
    done: str
    record: str
    patient: Patient | None
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)


def entries(wanted: Wanted, *, with_patients: bool) -> Page[Entry]:
    """A page of events, the newest first. Two queries, and one for each end of a range of days."""
    page = page_of(_matching(wanted).order_by("-id"), PAGE_EVENTS, lambda event: event, lambda event: str(event.pk))
    patients = _patients_of(page.rows) if with_patients else {}
    return Page([_entry(event, patients) for event in page.rows], page.next)


def _matching(wanted: Wanted) -> "QuerySet[AuditEvent]":
    rows = AuditEvent.objects.filter(_of_kind(wanted.kind), _in_days(wanted.first_day, wanted.last_day))
    if wanted.by_system:
        rows = rows.filter(actor_id=None)
    if wanted.actor_id is not None:
        rows = rows.filter(actor_id=wanted.actor_id)
    if wanted.patient_id is not None:
        rows = rows.filter(patient_id=wanted.patient_id)
    if wanted.denied_only:
        rows = rows.filter(allowed=False)
    return rows.filter(id__lt=wanted.before) if wanted.before else rows


def _of_kind(kind: str) -> Q:
    if kind not in KINDS:
        return Q()
    labels = [model._meta.label_lower for app in KINDS[kind][1] for model in apps.get_app_config(app).get_models()]
    return _ACTIONS[kind] if kind in _ACTIONS else Q(record_type__in=sorted(labels))


def _in_days(first: date | None, last: date | None) -> Q:
    wanted = Q()
    if first:
        starts = day_starts(first)
        before = AuditEvent.objects.filter(at__lt=starts - _INVERTED_WITHIN).order_by("-at", "-id")
        wanted &= Q(at__gte=starts, id__gt=before.values_list("pk", flat=True).first() or 0)
    if last:
        ends = day_after(last)
        wanted &= Q(at__lt=ends)
        after = AuditEvent.objects.filter(at__gte=ends + _INVERTED_WITHIN).order_by("at", "id")
        if beyond := after.values_list("pk", flat=True).first():
            wanted &= Q(id__lt=beyond)
    return wanted


def _patients_of(events: list[AuditEvent]) -> dict[int, Patient]:
    ids = {event.patient_id for event in events if event.patient_id is not None}
    return {patient.pk: patient for patient in Patient.objects.filter(among("pk", ids)).order_by("pk")}


def _entry(event: AuditEvent, patients: dict[int, Patient]) -> Entry:
    detail = event.detail if isinstance(event.detail, dict) else {"detail": event.detail}
    changed = detail.get("changes")
    changes = changed if isinstance(changed, dict) else {}
    hidden = {"changes"} if event.allowed else {"changes", "page"}
    return Entry(
        event=event,
        done=_done(event, detail),
        record=_record_words(event.record_type),
        patient=patients.get(event.patient_id) if event.patient_id is not None else None,
        changes=[(_words(name), *_both(values)) for name, values in changes.items()],
        facts=[(_words(name), _said(value, name)) for name, value in detail.items() if name not in hidden],
    )


def _done(event: AuditEvent, detail: dict[str, Any]) -> str:
    """What was done or tried, in words."""
    kind, _, rest = event.action.partition(" ")
    if not event.allowed:
        page = str(detail.get("page", "")).replace(":", ", ").replace("_", " ")
        return f"Asked for a page: {page}" if page else f"Asked for: {rest.replace('.', ', ').replace('_', ' ')}"
    return f"Saw a list: {rest}" if kind == "list" else words_of(event.action)


def _both(values: Any) -> tuple[str, str]:
    """Old and new; an event that holds one value alone has it as the new one."""
    if isinstance(values, list) and len(values) == len(("old", "new")):
        return _said(values[0]), _said(values[1])
    return "", _said(values)


def _record_words(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name) if label else ""
    except (LookupError, ValueError):  # a model of an earlier release: the event outlives it
        return label


def _words(name: str) -> str:
    return name.replace("_", " ")


def _said(value: Any, name: str = "") -> str:
    if value is None or value in ("", []):
        return "(empty)"
    if name == "patient_ids" and isinstance(value, list):
        return f"{len(value)} patient{'' if len(value) == 1 else 's'}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{_words(str(key))}: {_said(one)}" for key, one in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
