"""The fields of a session that save themselves: their names, lengths, and which of them the next session begins with.

A field keeps what was typed, also when it is wrong: nothing typed is ever lost. It is judged when it is used.
"""

from dataclasses import dataclass

from infusions.session.log import is_draft

#: The longest text of a note, and of a line.
NOTE_LENGTH, LINE_LENGTH = 20_000, 200
#: The longest name of a field.
NAME_LENGTH = 80


@dataclass(frozen=True)
class Field:
    """One field. `carried` ones begin as the last session left them; weight, vital signs and lot never do.

    `of_order` ones are fixed once the pump was started.
    """

    name: str
    words: str
    length: int = LINE_LENGTH
    carried: bool = False
    of_order: bool = False


FIELDS = (
    Field("chair", "Room or chair", carried=True),
    Field("intention", "Intention", NOTE_LENGTH),
    Field("preparation_note", "Preparation note", NOTE_LENGTH),
    Field("last_solid_at", "Last solid food"),
    Field("solid_kind", "Kind of meal"),
    Field("last_clear_at", "Last clear fluid"),
    Field("pregnancy_result", "Pregnancy test"),
    Field("pregnancy_tested_at", "Pregnancy test taken"),
    Field("escort_name", "Escort", carried=True),
    Field("escort_phone", "Escort's phone", carried=True),
    Field("weight_kg", "Weight, kg", of_order=True),
    Field("dose_mg_per_kg", "Dose, mg/kg", of_order=True),
    Field("dose_mg", "Ordered, mg", of_order=True),
    Field("minutes", "Duration, min", carried=True, of_order=True),
    Field("vial_mg_per_ml", "Vial, mg/mL", of_order=True),
    Field("bag_ml", "Bag or diluent, mL", carried=True, of_order=True),
    Field("drug_replaces", "The drug replaces as much diluent", carried=True, of_order=True),
    Field("dose_change_reason", "Reason for another dose", NOTE_LENGTH, of_order=True),
    Field("pump", "Pump", carried=True),
    Field("eye_mask", "Eye mask", carried=True),
    Field("music", "Music", carried=True),
    Field("playlist", "Playlist", carried=True),
    Field("sitter", "Sitter or therapist", carried=True),
    Field("intensity", "Intensity, 0-10"),
    Field("cadss", "CADSS, 0-92"),
    Field("cadss6", "CADSS-6, 0-24"),
    Field("meq30_mystical", "MEQ-30 mystical, 0-75"),
    Field("meq30_positive_mood", "MEQ-30 positive mood, 0-30"),
    Field("meq30_transcendence", "MEQ-30 transcendence, 0-30"),
    Field("meq30_ineffability", "MEQ-30 ineffability, 0-15"),
    Field("next_appointment", "Next appointment"),
)
BY_NAME = {field.name: field for field in FIELDS}
CARRIED = tuple(field.name for field in FIELDS if field.carried)
#: Families of fields whose names come from the lists of the checks: "check.vitals", "taken.lamotrigine", "aldrete.activity".
_GROUPS = ("check", "taken", "hold", "seen", "aldrete", "discharge")


def length_of(name: str) -> int:
    """The longest text that a field takes; 0 for a field that there is not."""
    if len(name) > NAME_LENGTH:
        return 0
    if is_draft(name):
        return NOTE_LENGTH if all(part.isalnum() for part in name.replace("_", ".").split(".")) else 0
    group, dot, rest = name.partition(".")
    if dot and group in _GROUPS and rest.isidentifier():
        return LINE_LENGTH
    return BY_NAME[name].length if name in BY_NAME else 0


def of_order(name: str) -> bool:
    """Whether a field is fixed once the pump was started."""
    return name in BY_NAME and BY_NAME[name].of_order
