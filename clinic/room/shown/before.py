"""Before the start: the checks, what the records say, the warnings, and what stands against starting."""

from dataclasses import dataclass
from typing import Any

from clinic.room.shown.pcl5 import pcl5_due
from clinic.room.state import Room
from infusions.limits import Finding, Level
from infusions.services.room import warnings_of
from infusions.session import screening
from infusions.session.checklist import ITEMS, Item
from infusions.session.log import Session, Stage

#: Interactions and contraindications that can be ticked, with their field.
TAKEN = [(f"taken.{one.name}", one.words) for one in screening.INTERACTIONS]
HOLDS = [(f"hold.{one.name}", one.words.split(":")[0], one.hold) for one in screening.CONTRAINDICATIONS]


def answered(session: Session) -> int:
    """How many of the checks are answered."""
    answers = session.answers("check")
    return sum(answers.get(item.name, "") in {"yes", "no", "na"} for item in ITEMS)


@dataclass(frozen=True)
class Check:
    """One item of the checklist with its answer, who gave it and when."""

    item: Item
    field: str
    answer: str
    who: str
    evidence: str = ""


def before(room: Room) -> dict[str, Any]:
    """What the first step shows."""
    return {
        "checks": checks(room),
        "warnings": warnings_of(room.infusion, room.session, room.known, room.now),
        "medicines": room.known.medicines,
        "last": room.known.last,
        "last_weight_kg": room.known.last_weight_kg,
        "last_weight_at": room.known.last_weight_at,
        "since": room.known.since,
        "totals": room.known.totals,
        "consent": room.known.consent,
        "pcl5": pcl5_due(room),
        "editable": room.stage not in {Stage.PLANNED, Stage.SIGNED} and room.session.called_off is None,
        "order_fixed": room.stage is not Stage.CHECKS,
    }


def checks(room: Room) -> list[Check]:
    """The items with what was answered."""
    found = []
    for item in ITEMS:
        field = f"check.{item.name}"
        entry = room.session.fields.get(field)
        answer = room.session.text(field)
        who = f"{entry.by}, {room.day_of(entry.at)}" if entry and answer else ""
        found.append(Check(item, field, answer, who, _EVIDENCE.get(item.name, _nothing)(room)))
    return found


def _nothing(room: Room) -> str:
    del room
    return ""


def _consent(room: Room) -> str:
    consent = room.known.consent
    if consent.valid is None:
        return "no off-label consent on record"
    if not consent.valid:
        return "off-label consent was withdrawn"
    return f"off-label, {consent.signed_on:%-d %b %Y}" if consent.signed_on else ""


def _allergies(room: Room) -> str:
    return " ".join(room.patient.allergies.split()) or "not recorded"


def _medicines(room: Room) -> str:
    return ", ".join(medicine.name for medicine in room.known.medicines) or "none on record"


#: What the records say beside an item.
_EVIDENCE = {"consent": _consent, "allergies": _allergies, "medicines": _medicines}


@dataclass(frozen=True)
class Standing:
    """Something that stands against a step. `look` is that of the dose check: reject, override or warn."""

    look: str
    words: str


def standing(findings: list[Finding]) -> list[Standing]:
    """Findings as a list, the gravest first; what only asks to be answered comes last."""
    order = {Level.OVERRIDE: 0, Level.WARN: 1, Level.NOTIFY: 1, Level.ACT: 0}
    looks = {0: "override", 1: "warn"}
    ordered = sorted(findings, key=lambda finding: (order.get(finding.level, 0), -finding.sign_offs))
    return [Standing(looks[order.get(finding.level, 0)], finding.message) for finding in ordered]


def against(room: Room) -> dict[str, Any]:
    """What stands against the start now, for the card with the start button."""
    found = room.against
    if found is None:
        return {"found": None}
    unanswered = [finding for finding in found.findings if "is not answered" in finding.message]
    others = [finding for finding in found.findings if finding not in unanswered]
    return {
        "found": found,
        "problems": list(found.problems.items()),
        "unanswered": len(unanswered),
        "standing": standing(others),
        "needs_reason": bool(found.overrides),
        "needs_second": found.needs_second,
        "clear": not found.problems and not found.overrides,
    }
