"""Recording a whole session, and adding to it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.audit.services import record_event
from infusions import safety
from infusions.dosing import check_dose
from infusions.limits import Finding, Limits, Number
from infusions.models import Course, Infusion, IntegrationNote, Route, SessionEntry, VitalSigns
from infusions.selectors import consent_on, limits_in_force
from infusions.services.crossings import printed
from infusions.services.giving import record_infusion, refuse_kept_in_room
from patients.models import Patient


@transaction.atomic
def add_to_session(*, actor: Any, entry: SessionEntry, now: datetime) -> SessionEntry:
    """Save a new, unsaved entry of a session: vital signs, an adverse event or an integration note.

    Raises ValidationError on bad values and on a moment in the future (rule 52).
    """
    for name in ("taken_at", "started_at", "ended_at"):
        if (moment := getattr(entry, name, None)) and moment > now:
            raise ValidationError({name: "This moment is in the future. Check day and time."})
    refuse_kept_in_room(entry.infusion)
    entry.entered_by = actor
    entry.full_clean()
    entry.save(force_insert=True)
    patient_id = entry.infusion.course.patient_id
    record_event(actor, f"add {entry._meta.verbose_name}", patient_id=patient_id, record=entry)
    return entry


@transaction.atomic
def record_session(
    *,
    actor: Any,
    course: Course,
    now: datetime,
    entries: Iterable[SessionEntry] = (),
    vial_mg_per_ml: Number | None = None,
    bag_ml: Number | None = None,
    **fields: Any,
) -> Infusion:
    """Save a given infusion with everything observed and written for it, or nothing.

    `entries` are unsaved vital signs, adverse events and notes; `fields` those of `record_infusion`. Besides the limits of
    the infusion itself this asks for a valid consent, a pressure that allowed the start and a diluted vial.
    """
    entries = list(entries)
    limits = limits_in_force()
    also: list[Finding] = []
    if start_at := fields.get("started_at"):
        sets = [entry for entry in entries if isinstance(entry, VitalSigns)]
        vial = vial_mg_per_ml if fields.get("route", Route.IV) == Route.IV else None
        also = findings_before(course.patient, start_at, sets, limits, vial_mg_per_ml=vial, bag_ml=bag_ml)
    infusion = record_infusion(actor=actor, course=course, now=now, limits=limits, also=also, **fields)
    for entry in entries:
        entry.infusion = infusion
        try:
            add_to_session(actor=actor, entry=entry, now=now)
        except ValidationError as error:
            raise ValidationError([f"{_named(entry)}: {message}" for message in error.messages]) from error
    return infusion


def _named(entry: SessionEntry) -> str:
    name = str(entry._meta.verbose_name)
    if isinstance(entry, IntegrationNote):
        return name.capitalize()
    moment = getattr(entry, "taken_at", None) or getattr(entry, "started_at", None)
    return f"{name} at {timezone.localtime(moment):%H:%M}".capitalize() if moment else name.capitalize()


def findings_before(
    patient: Patient,
    start_at: datetime,
    sets: Iterable[VitalSigns],
    limits: Limits,
    *,
    vial_mg_per_ml: Number | None = None,
    bag_ml: Number | None = None,
) -> list[Finding]:
    """What stood against starting: the consent, the last vital signs before the start, and an undiluted vial."""
    consent = consent_on(patient, timezone.localdate(start_at))
    findings = safety.check_preparation(
        limits, consent_valid=consent.valid, consent_age_days=consent.age_days, escort_confirmed=True
    )
    before = [one.reading() for one in sets if one.taken_at <= start_at]
    if before:
        latest = max(before, key=lambda reading: reading.measured_at)
        findings += safety.check_vital_signs(limits, latest, phase=safety.Phase.BEFORE, earlier=before)
    findings += check_dose(limits, vial_mg_per_ml=vial_mg_per_ml, dilution_recorded=bag_ml is not None)
    return printed(findings)
