"""The record before the pump: who and when, the checks, the preparation, warnings, and the order with its arithmetic."""

from clinic.room.record.content import Cell, Look, Row, Said, Section, Table, cell, facts
from clinic.room.record.fields_told import name_words
from clinic.room.record.telling import Telling, joined
from infusions import dosing
from infusions.session import screening
from infusions.session.checklist import ITEMS
from infusions.session.fields import BY_NAME
from infusions.session.log import Entry, Kind
from infusions.session.pump import Order
from infusions.session.second_check import second_check
from infusions.session.words import checked_words, origin_words, short

_ANSWERS = {"yes": Said("Yes"), "no": Said("No", Look.WARN), "na": Said("Does not apply")}
_NOT_ANSWERED = Said("Not answered", Look.WARN)
_ORDER_FIELDS = tuple(name for name, field in BY_NAME.items() if field.of_order)
_WARNINGS: dict[str, screening.Warned] = {
    one.name: one for one in (*screening.CONTRAINDICATIONS, *screening.INTERACTIONS, screening.AGE)
}


def session_section(telling: Telling) -> Section:
    """When each step was, where, and who entered anything; initials stand for them below."""
    session = telling.session
    off = session.called_off
    steps = (
        ("Checks begun", Kind.BEGUN),
        ("Pump started", Kind.STARTED),
        ("Pump stopped", Kind.STOPPED),
        ("Left", Kind.DISCHARGED),
    )
    people = [f"{short_name} {name}" for (_, name), short_name in telling.people.items()]
    return Section(
        "session",
        "Session",
        facts(
            ("Stage", "Called off" if off else session.stage.words),
            ("Room or chair", session.text("chair")),
            ("Pump", session.text("pump")),
            *((words, telling.who_when(session.last(kind))) for words, kind in steps),
            ("Called off", f"{off.data['reason']} ({telling.who_when(off)})" if off else ""),
            ("Entered by", cell(*people)),
        ),
    )


def checks_section(telling: Telling) -> Section:
    """Each check with its answer, who gave it and when."""
    rows = []
    for item in ITEMS:
        entry = telling.session.fields.get(f"check.{item.name}")
        answer = _ANSWERS.get(entry.value, _NOT_ANSWERED) if entry else _NOT_ANSWERED
        rows.append((cell(item.words), cell(answer), cell(telling.short_who(entry))))
    table = Table(("Check", "Answer", "By, at"), tuple(rows), (0.6, 0.2, 0.2))
    return Section("checks", "Checks before the start", tables=(table,))


def preparation_section(telling: Telling) -> Section:
    """Weight, fasting, pregnancy test and escort as they were typed, with who typed them."""
    session = telling.session
    kind = {"fatty": "fatty meal", "light": "light meal"}.get(session.text("solid_kind"), session.text("solid_kind"))
    weight = session.text("weight_kg")
    said = (
        ("Weight", f"{weight} kg" if weight else "", "weight_kg"),
        ("Last solid food", joined((telling.local("last_solid_at"), kind)), "last_solid_at"),
        ("Last clear fluid", telling.local("last_clear_at"), "last_clear_at"),
        (
            "Pregnancy test",
            joined((session.text("pregnancy_result").capitalize(), telling.local("pregnancy_tested_at"))),
            "pregnancy_result",
        ),
        ("Escort", joined((session.text("escort_name"), session.text("escort_phone"))), "escort_name"),
    )
    told = [(term, _with_who(telling, text, name)) for term, text, name in said]
    return Section("preparation", "Weight, fasting, escort", facts(*told), nothing="Nothing was entered.")


def _with_who(telling: Telling, text: str, name: str) -> Cell:
    """What was typed, with who typed it or that the last session did."""
    entry = telling.typed(name)
    if not text or entry is None:
        return cell(text)
    origin = f" ({words})" if (words := origin_words(entry)) else ""
    return cell(text, Said(f"{telling.short_who(entry)}{origin}", Look.QUIET))


def warnings_section(telling: Telling) -> Section:
    """Contraindications and interactions that came up, with their source, and who acknowledged each."""
    groups = {group: telling.session.answers(group) for group in ("hold", "taken", "seen")}
    named = {name for answers in groups.values() for name, answer in answers.items() if answer == "yes"}
    known = [name for name in _WARNINGS if name in named]
    rows = tuple(_warning(telling, name) for name in [*known, *sorted(named - set(known))])
    tables = (Table(("Warning", "Source", "Because", "Acknowledged"), rows, (0.43, 0.22, 0.17, 0.18)),) if rows else ()
    return Section("warnings", "Warnings", tables=tables, nothing="None came up.")


def _warning(telling: Telling, name: str) -> Row:
    warned = _WARNINGS.get(name)
    session = telling.session
    if session.text(f"hold.{name}") == "yes":
        held = isinstance(warned, screening.Contraindication) and warned.hold
        why = "Ticked: hold" if held else "Ticked: caution"
    elif session.text(f"taken.{name}") == "yes":
        why = "Taken in the last 24 hours"
    else:
        why = "Age" if warned is screening.AGE else "Medication on record"
    seen = session.fields.get(f"seen.{name}")
    acknowledged = (
        Said(telling.short_who(seen)) if seen and seen.value == "yes" else Said("Not acknowledged", Look.WARN)
    )
    words, source = (warned.words, warned.source) if warned else (name_words(name), "")
    return cell(words), cell(source), cell(why), cell(acknowledged)


def order_section(telling: Telling) -> Section:
    """What was ordered and how each number follows from the others; before the start, what is typed."""
    started = telling.session.started
    if started is None:
        typed: list[tuple[str, str | Cell]] = [(name_words(name), telling.session.text(name)) for name in _ORDER_FIELDS]
        note = "Typed so far. Nothing was started: this is no order."
        typed.append(("Second check", _second_check(telling, None)))
        return Section("order", "Order", facts(*typed), notes=(note,), nothing="Nothing was ordered.")
    return Section("order", "Order", _order(telling, started), notes=_carried_note(telling))


def _order(telling: Telling, started: Entry) -> tuple[tuple[str, Cell], ...]:
    order, data = Order.from_data(started.data), started.data
    counted = dosing.ordered_mg(order.mg_per_kg, order.weight_kg)
    typed = "" if counted == order.mg else f"{short(order.mg)} mg, typed instead of {short(counted)} mg"
    drawn = f"{short(order.mg)} mg ÷ {short(order.vial_mg_per_ml)} mg/mL = {short(order.drug_ml)} mL"
    volume = short(order.volume_ml)
    return facts(
        ("Dose", f"{short(order.mg_per_kg)} mg/kg × {short(order.weight_kg)} kg = {short(counted)} mg"),
        ("Ordered", typed or f"{short(order.mg)} mg"),
        ("Drug", drawn),
        ("Volume", _volume(order)),
        ("Rate", f"{volume} mL in {short(order.minutes)} min = {data['ml_per_h']} mL/h"),
        ("Reason for another dose", telling.session.text("dose_change_reason")),
        ("Second check", _second_check(telling, order)),
        ("Started by", telling.who_when(telling.session.started)),
        ("Limits", f"Version {data['limits_version']}" if "limits_version" in data else ""),
    )


def _second_check(telling: Telling, order: Order | None) -> Cell:
    """The colleague who checked the order, and what she checked where that is not what was started."""
    check = second_check(telling.session, order)
    if check is None:
        return ()
    entry = check.entry
    who = f"{telling.clock(entry.at)}, {entry.data['witness']}"
    if check.counts:
        return cell(who)
    changed = ". The order was changed afterwards" if order else ""
    return cell(who, Said(f"Checked: {checked_words(entry.data)}{changed}", Look.WARN if order else Look.QUIET))


def _volume(order: Order) -> str:
    drug = short(order.drug_ml)
    if order.bag_ml is None:
        return f"No bag: the drug alone, {drug} mL"
    if order.drug_replaces:
        return f"{short(order.bag_ml)} mL; the drug replaces {drug} mL of the bag"
    return f"{short(order.bag_ml)} mL bag + {drug} mL drug = {short(order.volume_ml)} mL"


def _carried_note(telling: Telling) -> tuple[str, ...]:
    """Fields of the order that came from the last session and that nobody changed."""
    fields = telling.session.fields
    carried = [BY_NAME[name].words for name in _ORDER_FIELDS if name in fields and fields[name].data.get("carried")]
    return (f"Taken over from the last session: {', '.join(carried)}.",) if carried else ()
