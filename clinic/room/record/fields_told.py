"""The fields of a session in the words of the page: "check.consent" is a check with its sentence, "na" does not apply."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from clinic.web.templatetags.tidemark import moment
from infusions.session import scales, screening
from infusions.session.checklist import ITEMS
from infusions.session.log import Entry
from infusions.session.words import field_words

_WARNED = {one.name: one.words for one in (*screening.CONTRAINDICATIONS, *screening.INTERACTIONS, screening.AGE)}
#: Group of fields -> what it is called, and its names in words.
_GROUPS: dict[str, tuple[str, Mapping[str, str]]] = {
    "check": ("Check", {item.name: item.words for item in ITEMS}),
    "aldrete": ("Aldrete", {domain.name: domain.words for domain in scales.ALDRETE}),
    "discharge": ("Before leaving", {item.name: item.words for item in scales.DISCHARGE_ITEMS}),
    "hold": ("Condition ticked", _WARNED),
    "taken": ("Taken in the last 24 hours", _WARNED),
    "seen": ("Warning acknowledged", _WARNED),
}
_ANSWERS = {"yes": "yes", "no": "no", "na": "does not apply"}
#: Fields that hold a moment on the clinic's clock.
MOMENTS = frozenset({"last_solid_at", "last_clear_at", "pregnancy_tested_at", "next_appointment"})


def name_words(name: str) -> str:
    """A field as a record calls it."""
    group, _, rest = name.partition(".")
    called, names = _GROUPS.get(group, ("", {}))
    return f"{called}: {names[rest].partition(':')[0].rstrip('.')}" if rest in names else field_words(name)


def value_words(name: str, text: str) -> str:
    """What stands in a field; what cannot be read stays as it was typed."""
    if name in MOMENTS:
        return _local(text)
    return _ANSWERS.get(text, text)


def field_line(entry: Entry) -> str:
    """A field as somebody left it, in a line."""
    return f"{name_words(entry.field)}: {value_words(entry.field, entry.value) or 'cleared'}"


def _local(text: str) -> str:
    """ "2026-02-27T07:30" as "27 Feb 2026, 07:30"."""
    try:
        return moment(timezone.make_aware(datetime.fromisoformat(text)))
    except (ValueError, OverflowError):
        return text
