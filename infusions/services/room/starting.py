"""What stands against starting the pump: the checks, the warnings nobody acknowledged, the vital signs, and the dose."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from infusions import dosing, safety
from infusions.limits import Finding, Level, Limits, minutes_between
from infusions.models import Infusion
from infusions.selectors import Preparation, preparation_for
from infusions.services.crossings import printed
from infusions.session import checklist, screening, vitals
from infusions.session.fields import BY_NAME, LINE_LENGTH
from infusions.session.log import Kind, Session
from infusions.session.pump import Order
from patients.ages import age_on

#: What an order needs; the ordered mg follow from dose and weight unless somebody typed them.
_NEEDED = ("weight_kg", "dose_mg_per_kg", "minutes", "vial_mg_per_ml")
#: Field -> how many decimals are kept of it.
_AMOUNTS = {"weight_kg": 2, "dose_mg_per_kg": 4, "minutes": 1, "vial_mg_per_ml": 2, "dose_mg": 2, "bag_ml": 2}
#: An amount in digits, with a point perhaps: what Python reads besides ("1_0", "1e3") nobody means.
_AMOUNT = re.compile(r"[0-9]{1,5}(\.[0-9]*)?|\.[0-9]+")
#: The slowest rate that a pump's display can show.
_SLOWEST_ML_PER_H = Decimal("0.1")
#: Where a finding about an order stands on the page.
_PLACES = {"mg_per_kg": "dose_mg_per_kg", "mg": "dose_mg", "rate_mg_per_kg_per_min": "minutes", "dilution": "bag_ml"}


@dataclass(frozen=True)
class Against:
    """What stands against a start. `problems` (field -> message) must be mended; `findings` may be overridden."""

    problems: dict[str, str]
    findings: list[Finding]
    known: Preparation
    order: Order | None = None
    amounts: dict[str, Decimal] = field(default_factory=dict)

    @property
    def overrides(self) -> list[Finding]:
        """What a prescriber must give a reason for."""
        return [finding for finding in self.findings if finding.level is Level.OVERRIDE]

    @property
    def needs_second(self) -> bool:
        """Whether a second prescriber must sign: a dose above the hard cap."""
        return any(finding.sign_offs > 1 for finding in self.findings)


def place_of(finding: Finding) -> str:
    """The field beside which a finding about the order stands."""
    return _PLACES.get(finding.field, finding.field)


def against_start(infusion: Infusion, session: Session, limits: Limits, at: datetime) -> Against:
    """Everything that stands against starting at `at`, mended or not. Four queries."""
    known = preparation_for(infusion.course.patient, at)
    amounts, problems = _amounts(session)
    findings = [*checklist.findings(session.answers("check")), *_screened(infusion, session, known, at)]
    dose, order = _dose(session, amounts, known, limits)
    for finding in dose:
        if finding.level is Level.REJECT:
            problems.setdefault(place_of(finding), finding.message)
    findings += [finding for finding in dose if finding.level is not Level.REJECT]
    interval = printed(
        dosing.check_interval(
            limits, start_at=timezone.localtime(at), previous_starts=_earlier_starts(infusion, known, at)
        )
    )
    for found in interval:
        if found.level is Level.REJECT:
            problems["at"] = found.message
    findings += [found for found in interval if found.level is not Level.REJECT]
    findings += _vitals(session, limits, at)
    findings += _prepared(session, known, limits, at, problems)
    problems |= _impossible(session, order) if order is not None else {}
    missing = {name: f"{BY_NAME[name].words}: enter it." for name in _NEEDED if name not in amounts}
    problems = {**missing, **problems}
    return Against(problems, printed(findings), known, order if not problems else None, amounts)


def _amounts(session: Session) -> tuple[dict[str, Decimal], dict[str, str]]:
    """What is typed as exact numbers, and what is no number."""
    amounts: dict[str, Decimal] = {}
    problems: dict[str, str] = {}
    for name, places in _AMOUNTS.items():
        text = session.text(name)
        if not text:
            continue
        number = as_amount(text)
        if number is None:
            problems[name] = "Enter a number above 0 with a decimal point, for example 82.4."
        elif as_amount(text, places) is None:
            problems[name] = f"Enter at most {places} decimal{'s' if places > 1 else ''}."
        else:
            amounts[name] = number
    return amounts, problems


def as_amount(text: str, places: int = 4) -> Decimal | None:
    """An exact amount above 0 and below 100,000 with so many decimals at most; None for anything else."""
    if len(text) > LINE_LENGTH or not _AMOUNT.fullmatch(text):
        return None
    number = Decimal(text)
    return number if number > 0 and number == round(number, places) else None


def _impossible(session: Session, order: Order) -> dict[str, str]:
    """What no bag, pump or vial can do, field -> message."""
    drug = order.drug_ml
    if drug < dosing.ML_TOLERANCE:
        return {"dose_mg_per_kg": "This comes to less than 0.01 mL of the vial. Check dose, weight and vial."}
    if order.bag_ml is not None and order.drug_replaces and drug > order.bag_ml:
        return {"bag_ml": f"{drug} mL of drug is more than the bag holds. Enter a larger bag."}
    if order.rate_ml_per_h < _SLOWEST_ML_PER_H:
        return {"minutes": "The pump would run below 0.1 mL/h. Check bag and minutes."}
    drawn = {Decimal(entry.data["vial_mg_per_ml"]) for entry in session.all(Kind.DRAWN)} - {order.vial_mg_per_ml}
    if drawn:
        told = f"Drawn was from a vial of {min(drawn).normalize():f} mg/mL. Mend this, or strike what was drawn."
        return {"vial_mg_per_ml": told}
    return {}


def _dose(
    session: Session, amounts: dict[str, Decimal], known: Preparation, limits: Limits
) -> tuple[list[Finding], Order | None]:
    """The limits of the dose, and the order where everything for it is typed. The weight is of today, so it has no age."""
    weight, dose = amounts.get("weight_kg"), amounts.get("dose_mg_per_kg")
    ordered = dosing.ordered_mg(dose, weight) if weight and dose else None
    mg = amounts.get("dose_mg", ordered)
    found = dosing.check_dose(
        limits,
        weight_kg=weight,
        last_weight_kg=known.last_weight_kg,
        mg_per_kg=dose,
        previous_mg_per_kg=known.last.dose_mg_per_kg if known.last else None,
        mg=mg,
        minutes=amounts.get("minutes"),
        vial_mg_per_ml=amounts.get("vial_mg_per_ml"),
        dilution_recorded="bag_ml" in amounts,
    )
    if mg is None or not all(name in amounts for name in _NEEDED):
        return printed(found), None
    order = Order(
        weight_kg=amounts["weight_kg"],
        mg_per_kg=amounts["dose_mg_per_kg"],
        mg=mg,
        minutes=amounts["minutes"],
        vial_mg_per_ml=amounts["vial_mg_per_ml"],
        bag_ml=amounts.get("bag_ml"),
        drug_replaces=session.text("drug_replaces") == "yes",
    )
    return printed(found), order


def _earlier_starts(infusion: Infusion, known: Preparation, at: datetime) -> list[datetime]:
    """The start of the last infusion, and those of the last 31 days for the counts of rule 58."""
    rows = (
        Infusion.objects.given().of_patient(infusion.course.patient_id).filter(started_at__gt=at - timedelta(days=31))
    )
    starts = list(rows.exclude(pk=infusion.pk).order_by("started_at", "id").values_list("started_at", flat=True))
    last = known.last.started_at if known.last else None
    return starts if last is None or last in starts else [last, *starts]


def _vitals(session: Session, limits: Limits, at: datetime) -> list[Finding]:
    """The last set before the start and the last blood pressure: taken at all, recently, and allowing it."""
    before = [entry for entry in vitals.sets(session) if entry.at <= at]
    if not before:
        return [safety.unmet("vitals", "No vital signs were taken before the start")]
    last, pressure = before[-1], vitals.last_pressure(before)
    reading = vitals.reading_of(last)
    missing = [] if pressure else [safety.unmet("vitals", "The last vital signs have no blood pressure")]
    if pressure is not None:  # somebody may have read the SpO2 alone after it
        there = vitals.reading_of(pressure)
        reading = replace(reading, systolic_mmhg=there.systolic_mmhg, diastolic_mmhg=there.diastolic_mmhg)
    earlier = [vitals.reading_of(entry) for entry in before[:-1]]
    taken_at = (pressure or last).at
    return [
        *missing,
        *safety.check_vital_signs(limits, reading, phase=safety.Phase.BEFORE, earlier=earlier),
        *safety.check_vitals_schedule(limits, phase=safety.Phase.BEFORE, last_at=taken_at, now=at),
    ]


def _prepared(
    session: Session, known: Preparation, limits: Limits, at: datetime, problems: dict[str, str]
) -> list[Finding]:
    """Consent, fasting, pregnancy test and escort; a time that cannot be read is a problem beside its field."""
    hours: dict[str, Decimal | None] = {}
    for name in ("last_clear_at", "last_solid_at", "pregnancy_tested_at"):
        hours[name] = _hours_since(session.text(name), at)
        if session.text(name) and hours[name] is None:
            problems[name] = "This is no day and time before the start. Enter them again."
    fatty = session.text("solid_kind") == "fatty"
    result = session.text("pregnancy_result")
    return safety.check_preparation(
        limits,
        clear_fluid_hours=hours["last_clear_at"],
        light_meal_hours=hours["last_solid_at"],
        fatty_meal_hours=hours["last_solid_at"] if fatty else None,
        pregnancy_test_applies=session.text("check.pregnancy_test") != "na",
        pregnancy_test_positive={"positive": True, "negative": False}.get(result),
        pregnancy_test_age_hours=hours["pregnancy_tested_at"],
        consent_valid=known.consent.valid,
        consent_age_days=known.consent.age_days,
        escort_confirmed=bool(session.text("escort_name")),
    )


def _hours_since(text: str, at: datetime) -> Decimal | None:
    """Hours from a moment on the clinic's clock ("2026-02-27T07:30") to `at`; None if it is none, or later."""
    try:
        hours = minutes_between(timezone.make_aware(datetime.fromisoformat(text)), at) / 60
    except (ValueError, OverflowError):
        return None
    return hours if hours >= 0 else None


@dataclass(frozen=True)
class Warned:
    """A warning as the page shows it: what it is about, and whether somebody acknowledged it."""

    name: str
    words: str
    source: str
    about: str
    seen: bool


def warnings_of(infusion: Infusion, session: Session, known: Preparation, at: datetime) -> list[Warned]:
    """Interactions of the patient's medicines and of those ticked, contraindications that were ticked, and the age."""
    about: dict[str, tuple[Any, str]] = {}
    for match in screening.interactions_of(medicine.name for medicine in known.medicines):
        about.setdefault(match.warned.name, (match.warned, match.medicine))
    ticked = session.answers("taken")
    for warned in screening.INTERACTIONS:
        if ticked.get(warned.name) == "yes":
            about.setdefault(warned.name, (warned, "in the last 24 h"))
    held = session.answers("hold")
    for condition in screening.CONTRAINDICATIONS:
        if held.get(condition.name) == "yes":
            about[condition.name] = (condition, "hold" if condition.hold else "caution")
    patient = infusion.course.patient
    if (old := screening.age_warning(age_on(patient.date_of_birth, timezone.localdate(at)))) is not None:
        about[old.name] = (old, "age")
    given_in_a_year = known.totals.get(365, (0, None))[0]
    if (due := screening.periodic_check(given_in_a_year)) is not None:
        about[due.name] = (due, f"{given_in_a_year} infusions")
    seen = session.answers("seen")
    return [
        Warned(name, warned.words, warned.source, why, seen.get(name) == "yes") for name, (warned, why) in about.items()
    ]


def _screened(infusion: Infusion, session: Session, known: Preparation, at: datetime) -> list[Finding]:
    """A condition to hold for needs a reason; every warning needs to be acknowledged before the start (rule 57)."""
    held = session.answers("hold")
    holds = [one for one in screening.CONTRAINDICATIONS if one.hold and held.get(one.name) == "yes"]
    findings = [safety.unmet(f"hold.{one.name}", one.words.split(":")[0]) for one in holds]
    unseen = [warned for warned in warnings_of(infusion, session, known, at) if not warned.seen]
    return findings + [
        safety.unmet(f"seen.{warned.name}", f"The warning “{warned.words.split(':')[0]}” is not acknowledged")
        for warned in unseen
    ]


def order_or_refuse(against: Against) -> Order:
    """The order of a start. Raises ValidationError, a message a field, while something must be mended."""
    if against.order is None:
        raise ValidationError(dict(against.problems))
    return against.order
