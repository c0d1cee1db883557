"""Putting the record of a session together: its head, whether it is signed, and its sections."""

from datetime import date, datetime
from typing import Any

from clinic.profile.selectors import current_profile
from clinic.room.record import afterwards, before, observed
from clinic.room.record.content import RecordContent, Section, State
from clinic.room.record.drug_account import account_section
from clinic.room.record.log_told import log_section
from clinic.room.record.pump_told import given_section
from clinic.room.record.telling import Telling
from clinic.web.templatetags.tidemark import day, moment
from infusions.models import Infusion, Phase
from infusions.services.room import heading_of
from infusions.session.log import Entry, Session
from infusions.session.signing import fingerprint

TITLE = "Session record"


def record_now(infusion: Infusion, session: Session, now: datetime) -> RecordContent:
    """The record as it stands, with everything that was added or corrected since it was signed."""
    telling = Telling(infusion, session, now)
    about = heading_of(infusion, session)
    return _content(telling, about, (_state(infusion, session),), afterwards.signatures_section(telling))


def record_as_signed(infusion: Infusion, session: Session, now: datetime) -> RecordContent:
    """The record as the latest signature covers it. Raises ValueError where nothing is signed."""
    told, signed = session.as_signed(), session.signed
    if signed is None:  # as_signed has raised by now
        raise ValueError("This session is not signed.")
    earlier = Telling(infusion, told, now)
    now_of, about = heading_of(infusion, told), signed.data["about"]
    lines = ("What was added or corrected later is not in this version.", *_signature_lines(infusion, session, signed))
    if about["patient"] != now_of["patient"]:
        # The other patient's name does not belong in this one's record.
        about, lines = now_of, (*lines, "It was signed for another patient and moved to this one afterwards.")
    state = State("info", "lock", f"As signed by {signed.data['name']} on {moment(signed.at)}", lines)
    with_it = Telling(infusion, session.before(signed.number + 1), now)
    return _content(earlier, about, (state,), afterwards.signatures_section(with_it))


def _content(telling: Telling, about: dict[str, Any], states: tuple[State, ...], signatures: Section) -> RecordContent:
    """The content under its head; `about` is whose session it is, as `heading_of` tells it."""
    started = telling.session.started
    on = day((started or telling.entries[0]).at)
    name, born, mrn = about["name"], day(date.fromisoformat(about["born"])), about["mrn"]
    return RecordContent(
        clinic=current_profile().name,
        title=TITLE,
        patient=(
            ("Patient", name),
            ("Born", born),
            ("MRN", mrn),
            ("Date", on),
            ("Infusion", f"{about['nth']} of {about['planned']} planned" if started else "Not started"),
            ("Course", f"{about['course']}, {Phase(about['phase']).label.lower()}"),
            ("Prescriber", about["prescriber"] or "Not assigned"),
        ),
        states=(*_voided(telling.infusion), *states),
        sections=_sections(telling, signatures),
        head=(f"{TITLE} · {name}, born {born}, MRN {mrn}", on),
    )


def _sections(telling: Telling, signatures: Section) -> tuple[Section, ...]:
    return (
        before.session_section(telling),
        before.order_section(telling),
        given_section(telling),
        observed.vitals_section(telling),
        observed.alerts_section(telling),
        observed.adverse_section(telling),
        observed.drugs_section(telling),
        account_section(telling),
        before.checks_section(telling),
        before.preparation_section(telling),
        before.warnings_section(telling),
        afterwards.overrides_section(telling),
        afterwards.setting_section(telling),
        observed.notes_section(telling),
        afterwards.recovery_section(telling),
        afterwards.integration_section(telling),
        afterwards.corrections_section(telling),
        signatures,
        log_section(telling),
    )


def _voided(infusion: Infusion) -> tuple[State, ...]:
    if infusion.voided_at is None:
        return ()
    by = infusion.voided_by or "Tidemark"
    return (State("danger", "trash", f"Voided by {by} on {moment(infusion.voided_at)}", (infusion.void_reason,)),)


def _state(infusion: Infusion, session: Session) -> State:
    """Signed, signed and corrected since, called off, or not signed yet."""
    signed, off = session.signed, session.called_off
    if signed is None and off is not None:
        return State("warn", "x", f"Called off: {off.data['reason']}", ("There was no infusion to sign for.",))
    if signed is None:
        return State("warn", "edit", "Not signed", ("This record may still change.",))
    lines = _signature_lines(infusion, session, signed)
    said = f"Signed by {signed.data['name']} on {moment(signed.at)}"
    if session.changed_since_signed:
        return State("warn", "warn", f"Corrected since it was signed. {said}", (*lines, "It needs another signature."))
    later = len([entry for entry in session.events if entry.number > signed.number])
    added = f"{later} {'entry was' if later == 1 else 'entries were'} added afterwards." if later else ""
    return State("info", "lock", said, tuple(filter(None, (*lines, added))))


def _signature_lines(infusion: Infusion, session: Session, signed: Entry) -> tuple[str, ...]:
    """What the signature means, what was missing, and whether the log still gives its fingerprint."""
    kept = signed.data["sha256"]
    holds = fingerprint(infusion.public_id, session.before(signed.number).entries, signed) == kept
    checked = "checked: the log still gives it" if holds else "the log no longer gives it: tell the medical director"
    return (
        f"{afterwards.meaning_of(signed)}.",
        *afterwards.lacking(signed.data),
        f"SHA-256 {kept} ({checked})",
    )
