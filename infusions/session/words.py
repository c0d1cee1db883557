"""Entries of a session's log in words, as the page, the print and the PDF say them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from infusions.session.fields import BY_NAME
from infusions.session.log import Entry, Kind, Session

_ACTIONS = {
    "none": "no action",
    "slowed": "infusion slowed",
    "paused": "infusion paused",
    "stopped": "infusion stopped",
    "rescue": "rescue medication",
    "transferred": "transferred",
}
#: What is not recorded is not said.
_RELATED = {
    "unrelated": "unrelated",
    "unlikely": "unlikely to be related",
    "possible": "possibly related",
    "probable": "probably related",
    "definite": "definitely related",
}
GRADES = {1: "mild", 2: "moderate", 3: "severe", 4: "life-threatening", 5: "death"}
UNITS = {"mg": "mg", "vial_ml": "mL of the vial", "bag_ml": "mL of the bag"}
_CALLED_OFF = {"cancelled": "Cancelled", "no_show": "Did not come"}


def short(number: Any) -> str:
    """An amount without trailing zeros."""
    return f"{Decimal(str(number)).normalize():f}"


def vitals_words(data: dict[str, Any]) -> str:
    """One set: "168/102, pulse 94, SpO₂ 96 %, breaths 16, sedation 4"."""
    systolic, diastolic = data.get("systolic_mmhg"), data.get("diastolic_mmhg")
    pressure = f"{'–' if systolic is None else systolic}/{'–' if diastolic is None else diastolic}"
    oxygen = "on oxygen" if data.get("on_room_air") is False else ""
    named = (
        ("heart_rate_per_min", "pulse {}"),
        ("spo2_percent", f"SpO₂ {{}} % {oxygen}".rstrip()),
        ("respirations_per_min", "breaths {}"),
        ("temperature_celsius", "{} °C"),
        ("moaa_s", "sedation {}"),
        ("rass", "RASS {}"),
        ("pain", "pain {}"),
        ("nausea", "nausea {}"),
    )
    parts = [] if systolic is None and diastolic is None else [pressure]
    parts += [words.format(data[name]) for name, words in named if data.get(name) is not None]
    parts += [oxygen] if oxygen and data.get("spo2_percent") is None else []
    return ", ".join(parts)


def _ordered(data: dict[str, Any]) -> str:
    return f"{short(data['mg'])} mg ({short(data['mg_per_kg'])} mg/kg × {short(data['weight_kg'])} kg)"


def _pumped(data: dict[str, Any]) -> str:
    bag = "" if data["bag_ml"] is None else f" in {short(data['volume_ml'])} mL"
    return f"{bag} at {data['ml_per_h']} mL/h for {short(data['minutes'])} min"


def checked_words(data: dict[str, Any]) -> str:
    """What a colleague checks of an order: the dose, what is drawn from which vial, the pump."""
    drawn = f"{short(data['drug_ml'])} mL of {short(data['vial_mg_per_ml'])} mg/mL"
    return f"{_ordered(data)}, {drawn}{_pumped(data)}"


def _started(data: dict[str, Any]) -> str:
    over = f". Started all the same: {data['override']}" if data.get("override") else ""
    second = f". Second prescriber: {data['second_sign_off']['name']}" if data.get("second_sign_off") else ""
    return f"Started: {_ordered(data)}{_pumped(data)}{over}{second}"


def _stopped(data: dict[str, Any]) -> str:
    read = f"; the pump shows {short(data['pump_mg'])} mg" if data.get("pump_mg") is not None else ""
    return (f"Stopped early: {data['reason']}" if data["early"] else "Stopped: the bag is empty") + read


def _drug(data: dict[str, Any]) -> str:
    response = f"; {data['response']}" if data.get("response") else ""
    return f"{data['name']} {data['dose']} {data['route']}: {data['reason']}{response}"


def _adverse(data: dict[str, Any]) -> str:
    grade = data["ctcae_grade"]
    parts = [f"grade {grade}, {GRADES[grade]}"]
    parts += [f"serious: {data['serious_criterion']}"] if data.get("serious") else []
    parts += [_RELATED[data["relatedness"]]] if data["relatedness"] in _RELATED else []
    parts += [_ACTIONS[data["action_taken"]]]
    parts += [data["outcome"]] if data.get("outcome") else []
    return f"{data['term']}, " + "; ".join(parts)


def _drawn(data: dict[str, Any]) -> str:
    return f"Drawn: {short(data['ml'])} mL × {short(data['vial_mg_per_ml'])} mg/mL = {short(data['mg'])} mg, lot {data['lot']}"


def _wasted(data: dict[str, Any]) -> str:
    amount = f"{short(data['amount'])} {UNITS[data['unit']]}"
    converted = "" if data["unit"] == "mg" else f" = {short(data['mg'])} mg"
    return f"Wasted: {amount}{converted}, lot {data['lot']}, {data['method']}: {data['reason']}. Witness: {data['witness']}"


def _discharged(data: dict[str, Any]) -> str:
    aldrete = "not scored" if data["aldrete"] is None else f"{data['aldrete']} of 10"
    over = f". Discharged all the same: {data['override']}" if data.get("override") else ""
    return f"Discharged, Aldrete {aldrete}, {data['observed_minutes']} min after the end{over}"


_WORDS: dict[Kind, Callable[[dict[str, Any]], str]] = {
    Kind.BEGUN: lambda data: "Checks begun",
    Kind.CALLED_OFF: lambda data: f"{_CALLED_OFF[data['status']]}: {data['reason']}",
    Kind.VITALS: vitals_words,
    Kind.DOSE_CHECKED: lambda data: f"Second check by {data['witness']}: {checked_words(data)}",
    Kind.STARTED: _started,
    Kind.PAUSED: lambda data: f"Paused: {data['reason']}",
    Kind.RESUMED: lambda data: "Resumed",
    Kind.RATE: lambda data: f"Rate {short(data['ml_per_h'])} mL/h: {data['reason']}",
    Kind.STOPPED: _stopped,
    Kind.DRUG: _drug,
    Kind.ADVERSE: _adverse,
    Kind.NOTE: lambda data: str(data["text"]),
    Kind.DRAWN: _drawn,
    Kind.WASTED: _wasted,
    Kind.DISCHARGED: _discharged,
    Kind.INTEGRATION: lambda data: f"Integration note: {data['text']}",
    Kind.SIGNED: lambda data: f"Signed by {data['name']}",
    Kind.ADDENDUM: lambda data: f"Addendum: {data['text']}",
}


def words(entry: Entry, session: Session, clock: Callable[[Any], str]) -> str:
    """An entry in a sentence. `clock` shows a moment on the clinic's clock."""
    data = entry.data
    if entry.kind is Kind.FIELD:
        return f"{field_words(entry.field)}: {entry.value or 'cleared'}"
    if entry.kind in {Kind.STRUCK, Kind.RETIMED, Kind.ACKNOWLEDGED}:
        return _about(entry, session.number(int(data["of"])), session, clock)
    return _WORDS[entry.kind](data)


def _about(entry: Entry, other: Entry | None, session: Session, clock: Callable[[Any], str]) -> str:
    """An entry about an earlier one."""
    what = f"“{words(other, session, clock)}” of {clock(other.at)}" if other else "an entry"
    if entry.kind is Kind.ACKNOWLEDGED:
        return f"Acknowledged {what}: {entry.data['done']}"
    if entry.kind is Kind.RETIMED:
        return f"Time of {what} is {clock(entry.at)}: {entry.data['reason']}"
    return f"Struck out {what}: {entry.data['reason']}"


def origin_words(entry: Entry) -> str:
    """Where a field that nobody typed in this session came from; "" for one that somebody did."""
    if entry.data.get("planned"):
        return "from the plan"
    return "from the last session" if entry.data.get("carried") else ""


def field_words(name: str) -> str:
    """A field as the page calls it."""
    return BY_NAME[name].words if name in BY_NAME else name.replace(".", ": ").replace("_", " ")
