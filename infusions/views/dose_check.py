"""The dose check of a page: the arithmetic, and what the limits say to what is typed so far."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils import timezone

from clinic.web.templatetags.tidemark import plain
from infusions import dosing
from infusions.forms.dose_fields import DoseFields
from infusions.forms.recording import RecordForm
from infusions.limits import Finding, Level, Limits
from infusions.models import Course, Infusion, Route, Status
from infusions.selectors import limits_in_force
from infusions.services import check_infusion, crossed_limits, findings_before, printed
from patients.models import Patient

#: Level -> look, icon, words. A cap is an override with two sign-offs.
_LOOKS = {
    Level.REJECT: ("reject", "stop", "Refused"),
    Level.OVERRIDE: ("override", "warn", "Needs a reason"),
    Level.WARN: ("warn", "info", "Check"),
    Level.ACT: ("act", "stop", "Act now"),
    Level.NOTIFY: ("warn", "info", "Tell the prescriber"),
}
#: The gravest first.
_ORDER = list(_LOOKS)


@dataclass(frozen=True)
class Shown:
    """A finding as a page shows it."""

    look: str
    icon: str
    words: str
    message: str


def shown(finding: Finding) -> Shown:
    """A finding with its shape and words."""
    if finding.sign_offs > 1:
        return Shown("override", "users", "Needs two prescribers", finding.message)
    return Shown(*_LOOKS[finding.level], finding.message)


@dataclass(frozen=True)
class Sum:
    """A line of the arithmetic. `field` still lacks `value`: the clinician may put it there."""

    label: str
    how: str
    result: str
    field: str = ""
    value: str = ""
    words: str = ""


@dataclass(frozen=True)
class DoseCheck:
    """What the page shows beside the dose."""

    sums: list[Sum]
    findings: list[Shown]
    missing: list[str]
    needs_reason: bool
    needs_second: bool
    refused: bool
    #: Whether the route is one that the rules print no dose limits for.
    unjudged: bool


def dose_check(form: DoseFields, patient: Patient, *, unless: Infusion | None = None) -> DoseCheck:
    """The check of a bound form, half-filled or wrong as it may be. `unless` is the infusion that is being changed."""
    form.is_valid()
    values = {name: form.cleaned_data.get(name) for name in form.DOSE}
    values |= {
        name: form.cleaned_data.get(name) for name in ("started_at", "vial_mg_per_ml", "bag_ml", "drug_replaces")
    }
    status = form.cleaned_data.get("status") or Status.COMPLETED
    rejected = [_rejection(message) for message in _rejections(form)]
    found = _findings(form, patient, values, status, unless)
    found = sorted(
        dict.fromkeys([*rejected, *found]), key=lambda finding: (_ORDER.index(finding.level), -finding.sign_offs)
    )
    asked = ("weight_kg", "dose_mg_per_kg", "dose_mg_ordered", "minutes")
    return DoseCheck(
        sums=list(_sums(values, status)),
        findings=[shown(finding) for finding in found],
        missing=[str(form.fields[name].label) for name in asked if name in form.fields and values[name] is None],
        needs_reason=any(finding.level is Level.OVERRIDE for finding in found),
        needs_second=any(finding.sign_offs > 1 for finding in found),
        refused=any(finding.level is Level.REJECT for finding in found),
        unjudged=values["route"] not in {None, "", Route.IV},
    )


def _rejections(form: DoseFields) -> list[str]:
    """What a field itself refuses to accept."""
    errors = form.errors.as_data()
    return [
        error.messages[0]
        for name in (*form.DOSE, "started_at")
        for error in errors.get(name, [])
        if error.code not in {"required", None} or (name == "started_at" and error.code is None)
    ]


def _rejection(message: str) -> Finding:
    return Finding(Level.REJECT, "", "accepted", message)


def _findings(
    form: DoseFields, patient: Patient, values: dict[str, Any], status: str, unless: Infusion | None
) -> list[Finding]:
    limits = limits_in_force()
    if values["started_at"] is None:
        return _dose_alone(values, limits)
    infusion = Infusion(course=Course(patient=patient), status=status, **{name: values[name] for name in form.DOSE})
    infusion.started_at, infusion.pk = values["started_at"], unless.pk if unless else None
    findings = check_infusion(infusion, limits)
    if unless is not None:
        signed = crossed_limits(unless)
        findings = [_signed(one) if (one.field, one.limit) in signed else one for one in findings]
    if unless is None or unless.status == Status.PLANNED:
        findings += _before(form, patient, values, limits)
    return findings


def _signed(finding: Finding) -> Finding:
    """What the record crossed before it is changed asks for nothing new."""
    if finding.level is not Level.OVERRIDE:
        return finding
    return replace(finding, level=Level.WARN, sign_offs=0, message=f"{finding.message} It did so before this change.")


def _before(form: DoseFields, patient: Patient, values: dict[str, Any], limits: Limits) -> list[Finding]:
    """What stands against the start; an undiluted vial only where it goes into a vein."""
    vial = values["vial_mg_per_ml"] if values["route"] == Route.IV else None
    sets = form.sets_before() if isinstance(form, RecordForm) else []
    return findings_before(patient, values["started_at"], sets, limits, vial_mg_per_ml=vial, bag_ml=values["bag_ml"])


def _dose_alone(values: dict[str, Any], limits: Limits) -> list[Finding]:
    if values["route"] != Route.IV:
        return []
    return printed(
        dosing.check_dose(
            limits,
            weight_kg=values["weight_kg"],
            mg_per_kg=values["dose_mg_per_kg"],
            mg=values["dose_mg_ordered"],
            minutes=values["minutes"],
        )
    )


def _sums(values: dict[str, Any], status: str) -> Iterator[Sum]:
    weight, dose, minutes = (_positive(values[name]) for name in ("weight_kg", "dose_mg_per_kg", "minutes"))
    ordered, given, vial = (_positive(values[name]) for name in ("dose_mg_ordered", "dose_mg_given", "vial_mg_per_ml"))
    computed = dosing.ordered_mg(dose, weight) if dose and weight else None
    if computed:
        how = f"{plain(dose)} mg/kg × {plain(weight)} kg"
        offer = ("dose_mg_ordered", str(computed), "as ordered") if ordered != computed else ()
        yield Sum("Dose × weight", how, f"{computed} mg", *offer)
    mg = ordered or computed
    if mg and vial:
        yield Sum("Draw", f"{plain(mg)} mg ÷ {plain(vial)} mg/mL", f"{dosing.volume_ml(mg, vial)} mL")
        yield from _pump(mg, vial, minutes, values)
    if mg and minutes and status != Status.STOPPED_EARLY:
        yield Sum("Rate", f"{plain(mg)} mg ÷ {plain(minutes)} min", f"{dosing.rate_mg_per_min(mg, minutes)} mg/min")
        if weight:
            rate = dosing.rate_mg_per_kg_per_min(mg, weight, minutes)
            yield Sum("By weight", f"{plain(mg)} mg ÷ {plain(weight)} kg ÷ {plain(minutes)} min", f"{rate} mg/kg/min")
    if given and mg:
        yield Sum("Given", f"{plain(given)} of {plain(mg)} mg", f"{given * 100 / mg:.0f} %")
    if ordered and values["dose_mg_given"] is None and status == Status.COMPLETED:
        yield Sum("Given in full", "as ordered", f"{plain(ordered)} mg", "dose_mg_given", str(ordered), "as given")


def _pump(mg: Decimal, vial: Decimal, minutes: Decimal | None, values: dict[str, Any]) -> Iterator[Sum]:
    bag, drug, replaces = _positive(values["bag_ml"]), dosing.volume_ml(mg, vial), bool(values["drug_replaces"])
    if not bag or not minutes:
        return
    if replaces and drug > bag:
        yield Sum("Pump", f"{drug} mL of drug is more than the bag of {plain(bag)} mL", "—")
        return
    volume = f"{plain(bag)} mL" if replaces else f"({plain(bag)} + {drug}) mL"
    rate = dosing.bag_rate_ml_per_h(bag, drug, minutes, drug_replaces=replaces)
    yield Sum("Pump", f"{volume} in {plain(minutes)} min", f"{rate} mL/h")


def _positive(value: Decimal | None) -> Decimal | None:
    return value if value is not None and value > 0 else None


def weight_note(last_kg: Decimal | None, last_at: Any) -> str:
    """What stands under the weight: the last one with its day."""
    if last_kg is None:
        return "No weight on record."
    day = timezone.localdate(last_at)
    return f"Last {plain(last_kg)} kg, {day.day} {day:%b %Y}."
