"""Which patients a dashboard is asked for, as it stands in its address: coarse bands, nothing that names a patient.

Whom they choose: clinic/outcomes/chosen.py, which a page without filters need not load.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlencode

from clinic.outcomes.bands import AGE, DOSE, INFUSIONS, Band

_QUARTER = re.compile(r"20\d\d-Q[1-4]")
BANDS: dict[str, tuple[Band, ...]] = {"age": AGE, "dose": DOSE, "infusions": INFUSIONS}
#: What a word of the address means, for the filters that are no band.
WORDS = {
    "psychotherapy": {"yes": "Yes", "no": "No", "not_recorded": "Not recorded"},
    "gender": {
        "female": "Women",
        "male": "Men",
        "nonbinary": "Non-binary",
        "other": "Other",
        "not_recorded": "Not recorded",
    },
}
LABELS = {
    "since": "First infusion from",
    "until": "First infusion until",
    "clinician": "Clinician",
    "psychotherapy": "Psychotherapy",
    "dose": "Dose",
    "infusions": "Infusions",
    "gender": "Gender",
    "age": "Age",
}


@dataclass(frozen=True)
class Filters:
    """What was asked for; "" is everybody. `since` and `until` are quarters, `clinician` a public id of staff."""

    since: str = ""
    until: str = ""
    clinician: str = ""
    psychotherapy: str = ""
    dose: str = ""
    infusions: str = ""
    gender: str = ""
    age: str = ""

    @property
    def any(self) -> bool:
        """Whether anything is asked for."""
        return self != Filters()

    def asked(self) -> dict[str, str]:
        """The filters that are set, by name."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    def words(self, clinicians: Mapping[str, str]) -> list[tuple[str, str]]:
        """What is asked for, in words. `clinicians`: public id -> name."""
        return [(LABELS[name], said(name, value, clinicians)) for name, value in self.asked().items()]


def read(asked: Mapping[str, str], clinicians: Mapping[str, str]) -> Filters:
    """The filters of an address. What is not known is left out: an old address opens all the same."""
    known = {name: asked.get(name, "") for name in LABELS}
    return Filters(**{name: value for name, value in known.items() if value in options(name, clinicians, value)})


def options(name: str, clinicians: Mapping[str, str], asked: str = "") -> dict[str, str]:
    """What can be asked for: value -> words. Of quarters, `asked` itself if it is one."""
    if name in BANDS:
        return {band.key: band.label for band in BANDS[name]}
    if name == "clinician":
        return dict(clinicians)
    if name in WORDS:
        return WORDS[name]
    return {asked: quarter_words(asked)} if _QUARTER.fullmatch(asked) else {}


def said(name: str, value: str, clinicians: Mapping[str, str]) -> str:
    """A value in words."""
    return options(name, clinicians, value).get(value, value)


def quarter_words(value: str) -> str:
    """ "2025-Q1" as "Jan – Mar 2025"."""
    months = ("Jan – Mar", "Apr – Jun", "Jul – Sep", "Oct – Dec")
    return f"{months[int(value[-1]) - 1]} {value[:4]}"


def address(filters: Filters, **others: str) -> str:
    """The query string of these filters and what else the address says; empty values are left out."""
    return urlencode({name: value for name, value in {**others, **filters.asked()}.items() if value})
