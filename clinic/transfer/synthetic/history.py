"""What invented patients bring with them: the event, treatments tried, medicines, psychotherapy and consents."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from clinic.transfer.synthetic.batches import Batch
from clinic.transfer.synthetic.draws import Draw
from clinic.transfer.synthetic.names import EITHER, FAMILY, FEMALE, MALE
from patients.models import (
    Consent,
    IndexEvent,
    PriorTreatment,
    PsychiatricMedication,
    PsychotherapyEpisode,
    YesNo,
)

_WHAT = (
    "Head-on collision on a county road; trapped in the car for about an hour.",
    "Assault by a stranger in a parking garage.",
    "Violence by a former partner over several years; the last night is the index event.",
    "Deployment: convoy hit by a roadside explosion, two friends killed.",
    "House fire; carried a sibling out.",
    "Emergency delivery with heavy blood loss and fear of dying.",
    "Robbery at gunpoint while closing the shop.",
    "Farm machinery accident; hand crushed.",
    "Worked as a paramedic; a call to a drowned child.",
    "Awake during part of an operation.",
    "Flood: hours on the roof before rescue.",
    "Found a parent after suicide.",
    "Bitten by a dog as an adult, with several operations on the face.",
    "Shooting at the workplace; hid in a storage room.",
    "Fall from scaffolding; saw a colleague fall first.",
    "Abuse by a relative between the ages of 8 and 12.",
    "Weeks in intensive care with delirium.",
    "Train struck a person while the patient was driving it.",
)
_DETAIL = (
    "Patient prefers to call it “that day”.",
    "Details only as far as needed for the questionnaire; not asked further.",
    "Anniversaries are difficult.",
    "Avoids the place to this day.",
    "Told to the team in the second conversation.",
    "Confirmed together with the patient as the event to keep in mind for the PCL-5.",
    "Several other events in childhood; this one troubles most.",
)
_TRIED = (
    ("Sertraline", ("100 mg/day", "150 mg/day", "200 mg/day")),
    ("Paroxetine", ("20 mg/day", "40 mg/day")),
    ("Venlafaxine XR", ("150 mg/day", "225 mg/day")),
    ("Fluoxetine", ("20 mg/day", "40 mg/day")),
    ("Mirtazapine", ("15 mg/day", "30 mg/day")),
    ("Prazosin", ("3 mg at night", "6 mg at night")),
    ("Prolonged exposure", ("8 sessions", "12 sessions")),
    ("Cognitive processing therapy", ("12 sessions", "9 sessions")),
    ("EMDR", ("6 sessions", "10 sessions")),
    ("Group therapy", ("one term",)),
    ("Quetiapine", ("50 mg at night",)),
    ("Transcranial magnetic stimulation", ("30 sessions", "36 sessions")),
)
_TRIAL_OUTCOMES: dict[str, float] = {
    PriorTreatment.Outcome.NONE: 40,
    PriorTreatment.Outcome.PARTIAL: 34,
    PriorTreatment.Outcome.NOT_TOLERATED: 14,
    PriorTreatment.Outcome.RESPONSE: 8,
    PriorTreatment.Outcome.NOT_RECORDED: 4,
}
_TAKEN = (
    ("Sertraline", ("50 mg", "100 mg", "150 mg")),
    ("Escitalopram", ("10 mg", "20 mg")),
    ("Venlafaxine XR", ("75 mg", "150 mg")),
    ("Bupropion XL", ("150 mg", "300 mg")),
    ("Trazodone", ("50 mg at night", "100 mg at night")),
    ("Prazosin", ("2 mg at night", "4 mg at night")),
    ("Lamotrigine", ("100 mg", "200 mg")),
    ("Hydroxyzine", ("25 mg as needed",)),
    ("Lorazepam", ("0.5 mg as needed",)),
    ("Buspirone", ("10 mg twice a day",)),
)
_THERAPIES = {
    "Cognitive processing therapy": 3,
    "EMDR": 3,
    "Prolonged exposure": 2,
    "Supportive psychotherapy": 3,
    "Internal family systems": 1,
    "Acceptance and commitment therapy": 1,
    "Somatic experiencing": 1,
}
#: How many psychiatric medicines are taken at intake.
_MEDICATIONS = {0: 22, 1: 33, 2: 28, 3: 13, 4: 4}
_CONSENT_FORM = "2024-03"
#: Consents that nobody needs for treatment.
_OPTIONAL = (Consent.Kind.MESSAGES, Consent.Kind.RESEARCH)


@dataclass(frozen=True, slots=True)
class AtIntake:
    """What the patient's own row says of the history; courses repeat it."""

    psychotherapy: str
    medications: int | None


def at_intake(draw: Draw) -> AtIntake:
    """Whether the patient is in psychotherapy and how many psychiatric medicines she takes."""
    if draw.chance(0.06):
        return AtIntake(YesNo.NOT_RECORDED, None)
    return AtIntake(YesNo.YES if draw.chance(0.58) else YesNo.NO, draw.of(_MEDICATIONS))


def add_history(
    batch: Batch, draw: Draw, of_patient: dict[str, Any], counted: AtIntake, born_on: date, registered_on: date
) -> int | None:
    """Add the entries of one patient, all known at registration; the id of the index event, if there is one."""
    event_id = None
    if draw.chance(0.93):
        confirmed_on = registered_on if draw.chance(0.85) else None
        text = f"{draw.choice(_WHAT)} {draw.choice(_DETAIL)}"
        event_id = batch.add(IndexEvent, **of_patient, description=text, confirmed_on=confirmed_on)
    _add_trials(batch, draw, of_patient)
    _add_medications(batch, draw, of_patient, counted.medications or 0, registered_on)
    _add_psychotherapy(batch, draw, of_patient, counted.psychotherapy == YesNo.YES, born_on, registered_on)
    return event_id


def add_consents(
    batch: Batch, draw: Draw, of_patient: dict[str, Any], signed_on: date, treated: bool, until: date
) -> None:
    """Add what the patient signed; nobody is treated without the first two."""
    kinds = [Consent.Kind.TREATMENT] if treated or draw.chance(0.7) else []
    kinds += [Consent.Kind.OFF_LABEL_KETAMINE] if treated or draw.chance(0.4) else []
    kinds += [Consent.Kind.MESSAGES] if draw.chance(0.6) else []
    kinds += [Consent.Kind.RESEARCH] if draw.chance(0.4) else []
    for kind in kinds:
        changed_mind_on = signed_on + timedelta(days=draw.randint(40, 300))
        withdrawn = kind in _OPTIONAL and changed_mind_on < until and draw.chance(0.06)
        batch.add(
            Consent,
            **of_patient,
            kind=kind,
            document_version=_CONSENT_FORM,
            signed_on=signed_on,
            withdrawn_on=changed_mind_on if withdrawn else None,
        )


def _add_trials(batch: Batch, draw: Draw, of_patient: dict[str, Any]) -> None:
    for treatment, doses in draw.sample(_TRIED, draw.of({1: 6, 2: 28, 3: 34, 4: 20, 5: 12})):
        outcome = draw.of(_TRIAL_OUTCOMES)
        short = outcome == PriorTreatment.Outcome.NOT_TOLERATED
        adequate = YesNo.NO if short else draw.of({YesNo.YES: 82, YesNo.NO: 10, YesNo.NOT_RECORDED: 8})
        batch.add(
            PriorTreatment,
            **of_patient,
            treatment=treatment,
            dose=draw.choice(doses),
            weeks=draw.randint(1, 4) if short else draw.randint(6, 40) if draw.chance(0.9) else None,
            adequate_trial=adequate,
            outcome=outcome,
        )


def _add_medications(batch: Batch, draw: Draw, of_patient: dict[str, Any], current: int, registered_on: date) -> None:
    stopped = draw.of({0: 60, 1: 30, 2: 10})
    for place, (name, doses) in enumerate(draw.sample(_TAKEN, current + stopped)):
        started_on: date | None = registered_on - timedelta(days=draw.randint(200, 1600))
        ended_on = registered_on - timedelta(days=draw.randint(20, 190)) if place >= current else None
        if draw.chance(0.12):
            started_on = None
        dates = {"started_on": started_on, "ended_on": ended_on}
        batch.add(PsychiatricMedication, **of_patient, name=name, dose=draw.choice(doses), **dates)


def _add_psychotherapy(
    batch: Batch, draw: Draw, of_patient: dict[str, Any], current: bool, born_on: date, registered_on: date
) -> None:
    ends: list[date | None] = [None] if current else []
    if draw.chance(0.45):
        ends.insert(0, registered_on - timedelta(days=draw.randint(120, 1500)))
    for ended_on in ends:
        started_on = (ended_on or registered_on) - timedelta(days=draw.randint(30, 700))
        batch.add(
            PsychotherapyEpisode,
            **of_patient,
            modality=draw.of(_THERAPIES),
            therapist=person(draw) if draw.chance(0.8) else "",
            started_on=max(started_on, born_on),
            ended_on=ended_on,
        )


def person(draw: Draw) -> str:
    """A full name for somebody beside the patient: a therapist, a sitter."""
    return f"{draw.choice(FEMALE + MALE + EITHER)} {draw.choice(FAMILY)}"


def entered(staff_id: int | None, at: datetime) -> dict[str, Any]:
    """Who entered a record and when."""
    return {"entered_by_id": staff_id, "entered_at": at}
