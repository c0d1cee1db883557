"""The record after the pump: setting, recovery, overrides, what was written, signed and corrected afterwards."""

from typing import Any

from clinic.room.record.content import Cell, Look, Row, Said, Section, Table, Written, cell, facts
from clinic.room.record.observed import texts_of
from clinic.room.record.telling import Telling, joined
from infusions.forms.room import SignEntry
from infusions.session import scales
from infusions.session.ending import aldrete_domains
from infusions.session.fields import BY_NAME
from infusions.session.log import Entry, Kind

_YES_NO = {"yes": "Yes", "no": "No"}
_SCALES = (
    "intensity",
    "cadss",
    "cadss6",
    "meq30_mystical",
    "meq30_positive_mood",
    "meq30_transcendence",
    "meq30_ineffability",
)
_STEPS = {Kind.STARTED: "Start", Kind.RATE: "Rate", Kind.DISCHARGED: "Leaving"}
MEANINGS: dict[str, str] = dict(SignEntry.base_fields["meaning"].choices)  # type: ignore[attr-defined]


def setting_section(telling: Telling) -> Section:
    """What was done so that the session could go well."""
    session = telling.session
    texts = [
        Written(entry.value.strip(), f"{BY_NAME[name].words}. {telling.who_when(entry)}")
        for name in ("intention", "preparation_note")
        if (entry := telling.typed(name))
    ]
    return Section(
        "setting",
        "Setting",
        facts(
            ("Eye mask", _YES_NO.get(session.text("eye_mask"), "Not recorded")),
            ("Music", _YES_NO.get(session.text("music"), "Not recorded")),
            ("Playlist", session.text("playlist")),
            ("Sitter or therapist", session.text("sitter")),
        ),
        texts=tuple(texts),
    )


def recovery_section(telling: Telling) -> Section:
    """The modified Aldrete score, the list before leaving, and what the patient said of the session."""
    session = telling.session
    left = session.last(Kind.DISCHARGED)
    total = scales.aldrete_total(aldrete_domains(session))
    minutes = left.data["observed_minutes"] if left else None
    return Section(
        "recovery",
        "Recovery and leaving",
        facts(
            ("Left", telling.who_when(left) or "Not yet"),
            ("Observed", "" if minutes is None else f"{minutes} min after the end of the infusion"),
            ("Modified Aldrete", "Not scored in all five parts" if total is None else f"{total} of 10"),
            *((BY_NAME[name].words, session.text(name)) for name in _SCALES),
            ("Next appointment", telling.local("next_appointment")),
        ),
        (_aldrete(telling), _list_before_leaving(telling)),
    )


def _aldrete(telling: Telling) -> Table:
    domains, rows = aldrete_domains(telling.session), []
    for domain in scales.ALDRETE:
        score = domains.get(domain.name)
        meaning = Said("Not scored", Look.WARN) if score is None else Said(dict(domain.options)[score])
        entry = telling.typed(f"aldrete.{domain.name}")
        rows.append(
            (cell(domain.words), cell(str(score) if score is not None else "–"), cell(meaning), _who(telling, entry))
        )
    return Table(("Aldrete", "Score", "Meaning", "By, at"), tuple(rows), (0.22, 0.1, 0.5, 0.18), (1,))


def _list_before_leaving(telling: Telling) -> Table:
    answers = {"yes": Said("Yes"), "no": Said("No", Look.WARN)}
    rows: list[Row] = []
    for item in scales.DISCHARGE_ITEMS:
        entry = telling.typed(f"discharge.{item.name}")
        answer = answers.get(entry.value) if entry else None
        rows.append((cell(item.words), cell(answer or Said("Not answered", Look.WARN)), _who(telling, entry)))
    return Table(("Before leaving", "Answer", "By, at"), tuple(rows), (0.62, 0.2, 0.18))


def _who(telling: Telling, entry: Entry | None) -> Cell:
    return cell(telling.short_who(entry))


def overrides_section(telling: Telling) -> Section:
    """What stood against a step and who answered for it, with the second signer; also of a step that was struck out."""
    rows = tuple(
        telling.as_it_stands(line, _override(telling, line.entry))
        for line in telling.lines(*_STEPS)
        if line.entry.data.get("crossed")
    )
    table = Table(("Step", "What stood against it", "Reason", "By, at"), rows, (0.1, 0.42, 0.32, 0.16))
    return Section(
        "overrides",
        "Limits crossed and overrides",
        tables=(table,) if rows else (),
        nothing="Nothing stood against a step.",
    )


def _override(telling: Telling, entry: Entry) -> Row:
    second = entry.data.get("second_sign_off", {}).get("name", "")
    reason = entry.data.get("override") or entry.data.get("reason") or "Warnings only: no reason is asked"
    return (
        cell(_STEPS[entry.kind]),
        tuple(Said(message, Look.WARN) for message in entry.data["crossed"]),
        cell(reason, f"Second prescriber: {second}" if second else ""),
        _who(telling, entry),
    )


def integration_section(telling: Telling) -> Section:
    """What was worked through afterwards."""
    texts = texts_of(telling, Kind.INTEGRATION)
    return Section("integration", "Integration notes", texts=texts, nothing="No integration note yet.")


def signatures_section(telling: Telling) -> Section:
    """Every signature with its meaning, its fingerprint and what was missing then."""
    rows = tuple(_signature(telling, entry) for entry in telling.session.all(Kind.SIGNED))
    table = Table(("When", "Signed by", "Meaning", "SHA-256"), rows, (0.13, 0.2, 0.37, 0.3))
    return Section("signatures", "Signatures", tables=(table,) if rows else (), nothing="Not signed.")


def _signature(telling: Telling, entry: Entry) -> Row:
    return (
        cell(telling.clock(entry.at)),
        cell(entry.data["name"]),
        cell(meaning_of(entry), *(Said(line, Look.WARN) for line in lacking(entry.data))),
        cell(entry.data["sha256"]),
    )


def meaning_of(signed: Entry) -> str:
    """What the signature means."""
    return MEANINGS.get(signed.data["meaning"], signed.data["meaning"])


def lacking(data: dict[str, Any]) -> tuple[str, ...]:
    """What the record lacked when it was signed, and why it was signed all the same."""
    if not data["missing"]:
        return ()
    return (f"Missing when it was signed: {'; '.join(data['missing'])}. Reason: {data['reason']}",)


def corrections_section(telling: Telling) -> Section:
    """Addenda; and every entry that was struck out or got another time, by whom and why."""
    rows = tuple(_correction(telling, entry) for entry in telling.entries if entry.kind in {Kind.STRUCK, Kind.RETIMED})
    table = Table(("Entry", "Correction", "By, at"), rows, (0.45, 0.37, 0.18))
    return Section(
        "corrections",
        "Addenda and corrections",
        tables=(table,) if rows else (),
        texts=texts_of(telling, Kind.ADDENDUM),
        nothing="None.",
    )


def _correction(telling: Telling, correction: Entry) -> Row:
    entry = telling.session.number(int(correction.data["of"]))
    if entry is None:
        return cell("–"), cell(correction.data["reason"]), ()
    struck = correction.kind is Kind.STRUCK
    what = Said(f"{telling.clock(entry.at)} {telling.words(entry)}", struck=struck)
    did = "Struck out" if struck else f"Time {telling.clock(entry.at)} corrected to {telling.clock(correction.at)}"
    at = telling.clock(correction.recorded_at)
    return cell(what), cell(joined((did, correction.data["reason"]), ": ")), cell(f"{telling.by(correction)}, {at}")
