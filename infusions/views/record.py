"""What the record of one infusion shows: each set of vital signs with the lines it crosses, sums, and who did what."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.web.templatetags.tidemark import moment
from infusions import dosing, safety
from infusions.limits import Level, Limits
from infusions.models import ENDED, Infusion, Status, VitalSigns
from infusions.selectors import given_before, limits_in_force, session_record
from infusions.services import printed
from infusions.services.room import session_of
from infusions.views.dose_check import Shown, Sum, shown

#: What the audit trail calls an action, and what a record calls it.
_DONE = {
    "plan infusion": "Planned",
    "record infusion": "Recorded",
    "import records": "Imported",
    "change infusion status": "Status changed",
    "replan infusion": "Planned anew",
    "amend infusion": "Corrected",
    "move infusion": "Moved",
    "void infusion": "Voided",
}
_PHASES = {
    safety.Phase.BEFORE: "Before",
    safety.Phase.DURING: "During",
    safety.Phase.RECOVERY: "After",
}


@dataclass(frozen=True)
class ShownSet:
    """One set of vital signs on the page."""

    vitals: VitalSigns
    phase: str
    findings: list[Shown]
    crossed: frozenset[str]


@dataclass(frozen=True)
class Deed:
    """One entry of the history of a record."""

    what: str
    who: str
    at: datetime
    reason: str
    limits: list[str]
    override: str
    second: str


def record_context(infusion: Infusion, now: datetime) -> dict[str, Any]:
    """Everything the page of one infusion shows."""
    patient = infusion.course.patient
    kept = session_record(infusion, patient)
    ended_at = _ended_at(infusion)
    standing = [one for one in kept.vitals if one.voided_at is None]
    sets = shown_sets(standing, infusion.started_at, ended_at, limits_in_force())
    given = infusion.status in ENDED and bool(infusion.dose_mg_given) and infusion.voided_at is None
    return {
        "infusion": infusion,
        "number": given_before(infusion.course, infusion.started_at) + 1 if given and infusion.started_at else None,
        "over": infusion.status in ENDED,
        "changeable": infusion.status in {Status.PLANNED, Status.IN_PROGRESS} and infusion.voided_at is None,
        "begun": infusion.status in {Status.IN_PROGRESS, *ENDED},
        "ended_at": ended_at,
        "sums": list(_sums(infusion)),
        "sets": sets,
        "acts": [one for one in sets if any(found.look == "act" for found in one.findings)],
        "events": [event for event in kept.events if event.voided_at is None],
        "notes": [note for note in kept.notes if note.voided_at is None],
        "history": [deed(event) for event in kept.history if event.action in _DONE],
        "printed_at": now,
    }


def _ended_at(infusion: Infusion) -> datetime | None:
    """When the pump was stopped: as the session says, whose minutes leave the pauses out, else after its minutes."""
    if infusion.stage:
        stopped = session_of(infusion).stopped
        return stopped.at if stopped else None
    if infusion.started_at is None or infusion.minutes is None or infusion.status not in ENDED:
        return None
    return infusion.started_at + timedelta(minutes=float(infusion.minutes))


def _sums(infusion: Infusion) -> list[Sum]:
    """Ordered and given as they are on record, with the arithmetic behind them."""
    dose, weight, ordered, given = (
        infusion.dose_mg_per_kg,
        infusion.weight_kg,
        infusion.dose_mg_ordered,
        infusion.dose_mg_given,
    )
    lines = []
    if dose and weight:
        lines.append(
            Sum("Dose × weight", f"{_short(dose)} mg/kg × {_short(weight)} kg", f"{dosing.ordered_mg(dose, weight)} mg")
        )
    if ordered and given is not None:
        lines.append(
            Sum("Given of ordered", f"{_short(given)} of {_short(ordered)} mg", f"{given * 100 / ordered:.0f} %")
        )
    if given and weight:
        lines.append(Sum("Given by weight", f"{_short(given)} mg ÷ {_short(weight)} kg", f"{given / weight:.2f} mg/kg"))
    if given and infusion.minutes:
        rate = dosing.rate_mg_per_min(given, infusion.minutes)
        lines.append(Sum("Rate", f"{_short(given)} mg ÷ {_short(infusion.minutes)} min", f"{rate} mg/min"))
    return lines


def _short(value: Decimal) -> str:
    return f"{value.normalize():f}"


def shown_sets(
    vitals: list[VitalSigns], started_at: datetime | None, ended_at: datetime | None, limits: Limits
) -> list[ShownSet]:
    """Each set, oldest first, judged against the last one before the start and the sets before it (rule 51)."""
    readings = [one.reading() for one in vitals]
    phases = [_phase(one.taken_at, started_at, ended_at) for one in vitals]
    before = [reading for reading, phase in zip(readings, phases, strict=True) if phase is safety.Phase.BEFORE]
    sets = []
    for number, (one, reading, phase) in enumerate(zip(vitals, readings, phases, strict=True)):
        found = safety.check_vital_signs(
            limits, reading, phase=phase, baseline=before[-1] if before else None, earlier=readings[:number]
        )
        crossed = frozenset(finding.field for finding in found if finding.level is not Level.REJECT)
        sets.append(ShownSet(one, _PHASES[phase], [shown(finding) for finding in printed(found)], crossed))
    return sets


def _phase(at: datetime, started_at: datetime | None, ended_at: datetime | None) -> safety.Phase:
    if started_at is None or at <= started_at:
        return safety.Phase.BEFORE
    return safety.Phase.RECOVERY if ended_at is not None and at > ended_at else safety.Phase.DURING


def deed(event: AuditEvent) -> Deed:
    """An audit event as a line of the record."""
    detail = event.detail
    changed = detail.get("changes", {})
    what = _DONE[event.action]
    if "status" in changed:
        what = Status(changed["status"][1]).label
    elif event.action == "amend infusion" and changed:
        what = f"{what}: {', '.join(_field_label(name) for name in changed)}"
    elif event.action == "replan infusion" and "planned_for" in changed:
        what = f"{what}: {' → '.join(_moment_of(told) for told in changed['planned_for'])}"
    second = detail.get("second_sign_off", {})
    return Deed(
        what=what,
        who=event.actor_name,
        at=timezone.localtime(event.at),
        reason=detail.get("reason", ""),
        limits=detail.get("crossed", []),
        override=detail.get("override", ""),
        second=second.get("name", ""),
    )


def _moment_of(told: str | None) -> str:
    """A moment of an audit event as pages say it."""
    return moment(datetime.fromisoformat(told)) if told else "no time"


def _field_label(name: str) -> str:
    """A field as the record calls it, for example "dose mg given"."""
    field: Any = Infusion._meta.get_field(name)
    return str(field.verbose_name)
