"""The header of every page of a patient: who this is, what to watch, how she is and why we say so, and the tabs.

A page shows it with `{% include "components/patient_header.html" %}` and `patient_header(…)` as `header` in its context.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from assessments import instruments
from assessments.models import Assessment
from clinic.outcomes.models import CourseOutcome, CriteriaVersion
from clinic.pages.patient_standing import Standing, patient_standing
from clinic.pages.patient_tabs import Tab, patient_tabs
from clinic.pages.room_links import room_of_patient
from clinic.policy import Action, may
from clinic.web.templatetags.tidemark import day
from infusions.models import Course, Infusion
from patients.ages import age_on
from patients.models import Patient
from patients.selectors import failed_adequate_trials

#: What is written where a patient was asked and has no allergy.
_NO_ALLERGY = frozenset({"none", "none known", "no known allergies", "no known drug allergies", "nka", "nkda"})


@dataclass(frozen=True)
class Flag:
    """A chip beside the name. `look` is danger, warn or nothing; `url` is what it speaks of, if there is a page."""

    words: str
    icon: str
    look: str = ""
    url: str = ""


@dataclass(frozen=True)
class PatientHeader:
    """Everything the header shows, and what its page may use again."""

    patient: Patient
    age: int
    permissions: frozenset[Action]
    flags: list[Flag]
    standing: Standing
    tabs: list[Tab]
    open_course: Course | None = None
    prescriber: str = ""
    room: Infusion | None = None

    @property
    def name(self) -> str:
        """The name as it is spoken."""
        return f"{self.patient.given_name} {self.patient.family_name}"

    @property
    def url(self) -> str:
        """Her page."""
        return reverse("pages:patient", args=[self.patient.public_id])

    def allows(self, action: Action) -> bool:
        """Whether the person who looks may do it."""
        return action in self.permissions


def patient_header(patient: Patient, user: Any, now: datetime) -> PatientHeader:
    """The header for `user`. Outcomes that are older than the records are computed first, hers alone.

    Queries: 17, whatever the number of records.
    """
    permissions = permissions_of(user)
    standing = patient_standing(patient, permissions, now)
    return PatientHeader(
        patient=patient,
        age=age_on(patient.date_of_birth, patient.died_on or timezone.localdate(now)),
        permissions=permissions,
        flags=_flags(patient, permissions, standing),
        standing=standing,
        tabs=patient_tabs(patient, permissions),
        open_course=_open_course(patient),
        prescriber=_prescriber(patient) if Action.INFUSION_VIEW in permissions else "",
        room=room_of_patient(patient, timezone.localdate(now)) if Action.INFUSION_RECORD in permissions else None,
    )


def permissions_of(user: Any) -> frozenset[Action]:
    """What `user` may do. One query."""
    roles = user.roles()
    return frozenset(action for action in Action if may(roles, action))


def _open_course(patient: Patient) -> Course | None:
    courses = Course.objects.not_voided().filter(patient=patient, closed_on=None, withdrawn_on=None)
    latest: Course | None = courses.order_by("-number", "-id").first()
    return latest


def _prescriber(patient: Patient) -> str:
    """Who prescribed the latest infusion that names a prescriber."""
    named = Infusion.objects.of_patient(patient.pk).not_voided().filter(prescriber__isnull=False)
    latest = named.select_related("prescriber").order_by("started_at", "planned_for", "id").last()
    return str(latest.prescriber) if latest else ""


def _flags(patient: Patient, permissions: frozenset[Action], standing: Standing) -> list[Flag]:
    """What must be seen before anything is done, the gravest first."""
    flags = [*_life_flags(patient), *_review_flags(patient, standing.latest_form), _allergy_flag(patient)]
    flags += [flag for outcome in standing.outcomes[-1:] for flag in _rise_flags(outcome, standing.criteria)]
    if Action.HISTORY_VIEW in permissions and (failed := failed_adequate_trials(patient)):
        flags.append(Flag(f"{failed} adequate {'trial' if failed == 1 else 'trials'} failed", "pill"))
    order = {"danger": 0, "warn": 1}
    return sorted(flags, key=lambda flag: order.get(flag.look, 2))


def _life_flags(patient: Patient) -> list[Flag]:
    flags = []
    if patient.died_on:
        flags.append(Flag(f"Died {day(patient.died_on)}", "info"))
    if not patient.active:
        flags.append(Flag("Inactive", "pause"))
    return flags


def _allergy_flag(patient: Patient) -> Flag:
    said = " ".join(patient.allergies.split())
    if not said:
        return Flag("Allergies not recorded", "warn", "warn")
    if said.rstrip(".").casefold() in _NO_ALLERGY:
        return Flag(f"Allergies: {said[0].lower()}{said[1:]}", "check")
    return Flag(f"Allergy: {said}", "stop", "danger")


def _review_flags(patient: Patient, form: Assessment | None) -> list[Flag]:
    """Rule 10: an answer of the latest form that asks for a clinician's review the same day."""
    if form is None:
        return []
    url = reverse("assessments:assessment", args=[patient.public_id, form.public_id])
    highest = instruments.get(form.instrument).max_per_item
    items = [int(flag.removeprefix("item_")) for flag in form.review_flags]
    return [
        Flag(
            f"Item {item}: {form.answers[item - 1]} of {highest} on {day(form.completed_on)}, review",
            "stop",
            "danger",
            url,
        )
        for item in items
    ]


def _rise_flags(outcome: CourseOutcome, criteria: CriteriaVersion) -> list[Flag]:
    """Rule 10: a rise over the baseline, whatever the status. One that is past stays readable, in a quiet voice."""
    if outcome.rise_on is None:
        return []
    points = criteria.criteria().worsening_points
    if outcome.rise_on == outcome.latest_on and outcome.latest_total is not None:
        rise = outcome.latest_total - (outcome.baseline_total or 0)
        return [Flag(f"{rise} points over baseline on {day(outcome.rise_on)}, review", "warn", "danger")]
    return [Flag(f"Was {points} or more points over baseline on {day(outcome.rise_on)}", "chart")]
