"""What stands against the discharge, and what a session still lacks when it is signed (rules 53, 61)."""

from datetime import datetime
from typing import Any

from infusions import safety
from infusions.limits import Finding, Limits, minutes_between
from infusions.session import scales, vitals
from infusions.session.log import Kind, Session, Stage
from infusions.session.stock import account


def aldrete_domains(session: Session) -> dict[str, int]:
    """The domains of the modified Aldrete score that were chosen."""
    answers = session.answers("aldrete")
    return {one.name: int(answers[one.name]) for one in scales.ALDRETE if answers.get(one.name) in {"0", "1", "2"}}


def observed_minutes(session: Session, at: datetime) -> Any:
    """Minutes from the end of the infusion to `at`; None if it did not end."""
    return minutes_between(session.stopped.at, at) if session.stopped else None


def against_discharge(session: Session, limits: Limits, at: datetime) -> list[Finding]:
    """Everything that stands against leaving at `at`. An alert that nobody acknowledged does, too."""
    domains, answers = aldrete_domains(session), session.answers("discharge")
    stopped, sets = session.stopped, vitals.sets(session)
    recovery = [entry for entry in sets if stopped and entry.at >= stopped.at]
    first, now = vitals.baseline(session), vitals.last_pressure(recovery)
    findings = safety.check_discharge(
        limits,
        observation_minutes=observed_minutes(session, at),
        aldrete_total=scales.aldrete_total(domains),
        aldrete_domains=domains,
        reading=vitals.reading_of(now) if now else None,
        baseline=vitals.reading_of(first) if first else None,
        escort_confirmed=answers.get("escort_present") == "yes",
        suicide_rescreened=answers.get("no_new_si") in {"yes", "no"},
    )
    if now is None:
        what = "blood pressure was" if recovery else "vital signs were"
        findings.append(safety.unmet("vitals", f"No {what} taken after the end"))
    if vitals.open_alerts(session):
        findings.append(safety.unmet("alerts", "An alert is not acknowledged"))
    # `check_discharge` asks for the escort and for a screening; of the list there remains that it found something.
    found_new = "no" if answers.get("no_new_si") == "no" else "yes"
    return findings + scales.discharge_findings({**answers, "escort_present": "yes", "no_new_si": found_new})


def discharge_values(session: Session, at: datetime) -> dict[str, Any]:
    """What the entry of the discharge says in figures."""
    minutes = observed_minutes(session, at)
    return {
        "aldrete": scales.aldrete_total(aldrete_domains(session)),
        "observed_minutes": None if minutes is None else int(minutes),
    }


def missing(session: Session, limits: Limits) -> list[str]:
    """What a complete record would have and this one lacks, or has wrong, in words; a signature then needs a reason."""
    gaps = vitals.missed_sets(session, limits)
    lacks = {
        "An alert is not acknowledged": bool(vitals.open_alerts(session)),
        _drug_missing(session): True,
        "No integration note yet": bool(session.last(Kind.DISCHARGED)) and not session.all(Kind.INTEGRATION),
        "No intention": not session.text("intention"),
        "No intensity rated by the patient": bool(session.stopped) and not session.text("intensity"),
        f"Vital signs were late {gaps} {'time' if gaps == 1 else 'times'} during the infusion": gaps > 0,
    }
    unscored = (scales.score_note(name, session.text(name)) for name in scales.SCALES)
    return [words for words, lacking in lacks.items() if words and lacking] + [note for note in unscored if note]


def _drug_missing(session: Session) -> str:
    """What is not accounted for, once the pump was stopped; "" where drawn, given and wasted agree (rule 61)."""
    if session.stopped is None:
        return ""
    sums = account(session, session.stopped.at)
    if sums.vial_mg_per_ml is None and sums.given_mg:
        return "No lot and volume drawn from a vial"
    if sums.reconciles:
        return ""
    if sums.left_mg < 0:
        return f"{-sums.left_mg.normalize():f} mg more given and wasted than the {sums.drawn_mg.normalize():f} mg drawn"
    return f"Drug not accounted for: {sums.left_mg.normalize():f} mg of {sums.drawn_mg.normalize():f} mg drawn"


def things_open(session: Session, limits: Limits) -> list[str]:
    """What stands between now and the signature, in words: the steps to come, then what is missing."""
    steps = []
    if session.stage in {Stage.RUNNING, Stage.PAUSED}:
        steps.append("Stop time and mg given")
    if session.stage not in {Stage.DISCHARGED, Stage.SIGNED}:
        steps.append("Discharge score and time")
    return steps + missing(session, limits)
