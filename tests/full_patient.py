"""One patient with something on every page, and an account, so that every address has something to show."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from builders import NOW, local, make_course, make_infusion, make_letter, make_patient, make_pcl5, make_user
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver
from kept_session import make_kept_session

from clinic.policy import Role
from clinic.room.lots.names import name_of
from infusions.models import IntegrationNote, VitalSigns
from infusions.services import add_to_session, plan_infusion
from patients.models import Consent, IndexEvent, Patient, PriorTreatment, PsychiatricMedication, PsychotherapyEpisode
from patients.services import add_to_history


@dataclass(frozen=True)
class Known:
    """What the parts of an address stand for."""

    patient: Patient
    ids: dict[str, str]

    def address(self, name: str, **instead: str) -> str:
        """The address of a page of this patient, with some ids put in place of hers."""
        ids = {**self.ids, **instead}
        if name.startswith("people:"):
            ids["public_id"] = ids["account_id"]
        if name.startswith("patients:consent_"):
            ids["entry_id"] = ids["consent_id"]
        if name in {"infusions:infusion_status", "infusions:infusion_replan"} or name.startswith("room:"):
            ids["infusion_id"] = ids["planned_id"]
        if name.startswith("session_record:"):
            ids["infusion_id"] = ids["kept_id"]
        return reverse(name, kwargs={part: ids[part] for part in addresses()[name]})


def make_full_patient(**fields: str) -> Known:
    """A patient with history, consent, course, infusions (given and planned), vitals, a note and PCL-5s."""
    patient = make_patient(**fields)
    course = make_course(patient)
    entry = add_to_history(actor=None, entry=PriorTreatment(patient=patient, treatment="Sertraline", weeks=12))
    for other in (
        IndexEvent(patient=patient, description="A crash"),
        PsychotherapyEpisode(patient=patient, modality="EMDR", started_on=date(2025, 1, 1)),
        PsychiatricMedication(patient=patient, name="Lamotrigine", dose="100 mg"),
    ):
        add_to_history(actor=None, entry=other)
    consent = add_to_history(
        actor=None, entry=Consent(patient=patient, kind=Consent.Kind.OFF_LABEL_KETAMINE, signed_on=date(2025, 1, 1))
    )
    infusion = make_infusion(course, date(2025, 3, 3), intention="To let the day end", preparation_note="Calm")
    for day in (6, 10, 13):
        make_infusion(course, date(2025, 3, day))
    planned = plan_infusion(actor=None, course=course, planned_for=local(date(2026, 6, 2)))
    add_to_session(
        actor=None,
        now=NOW,
        entry=VitalSigns(infusion=infusion, taken_at=infusion.started_at, systolic_mmhg=128, diastolic_mmhg=80),
    )
    add_to_session(actor=None, now=NOW, entry=IntegrationNote(infusion=infusion, text="Slept well"))
    make_pcl5(patient, date(2025, 2, 20), 54)
    assessment = make_pcl5(patient, date(2025, 4, 3), 30)
    author = make_user(Role.INTAKE)
    letter = make_letter(patient, author)
    kept = make_kept_session(course, date(2025, 3, 17), author)
    ids = {
        "public_id": patient.public_id,
        "account_id": author.public_id,
        "kind": "prior-treatment",
        "panel": "waterfall",
        "what": "note",
        "entry_id": entry.public_id,
        "consent_id": consent.public_id,
        "course_id": course.public_id,
        "infusion_id": infusion.public_id,
        "planned_id": planned.public_id,
        "kept_id": kept.public_id,
        "lot": name_of("k7 41/b"),
        "assessment_id": assessment.public_id,
        "letter_id": letter.public_id,
    }
    return Known(patient, ids)


def addresses() -> dict[str, set[str]]:
    """Every page of the app by its name with its namespace, and the names of the changing parts of its address."""
    return dict(_named(get_resolver(), "", set()))


def _named(resolver: URLResolver, space: str, outer: set[str]) -> Iterator[tuple[str, set[str]]]:
    for pattern in resolver.url_patterns:
        parts = outer | set(pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            yield from _named(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space, parts)
        else:
            yield f"{space}{pattern.name}", parts
