"""What the address of a dashboard asks for: a window, filters, and a preset if it is another than the one in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth import get_user_model

from clinic.outcomes import filters as bands
from clinic.outcomes.criteria import PRESETS, Criteria
from clinic.outcomes.filters import Filters
from clinic.public_id import is_public_id

DEFAULT_WINDOW = "PRIMARY"


@dataclass(frozen=True)
class Choice:
    """One value that can be chosen, and the address that chooses it."""

    words: str
    query: str
    current: bool


@dataclass(frozen=True)
class Menu:
    """A filter with its values."""

    label: str
    chosen: str
    on: bool
    choices: list[Choice]


@dataclass(frozen=True)
class Asked:
    """`preset` is "" for the criteria in force; `clinicians` are those who can be asked for: public id -> name."""

    window: str = DEFAULT_WINDOW
    preset: str = ""
    filters: Filters = field(default_factory=Filters)
    clinicians: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> "Asked":
        """What these parameters ask for; unknown words mean their default. One query where a clinician is asked for."""
        window, preset = parameters.get("window", "").upper(), parameters.get("preset", "")
        asked_for = parameters.get("clinician", "")
        clinicians = _names(public_id=asked_for) if is_public_id(asked_for) else {}
        return cls(
            window if window in Criteria().window_names else DEFAULT_WINDOW,
            preset if preset in PRESETS else "",
            bands.read(parameters, clinicians),
            clinicians,
        )

    @property
    def special(self) -> bool:
        """Whether anything but the published summary is asked for."""
        return self.filters.any or bool(self.preset)

    @property
    def key(self) -> str:
        """The window as it stands in addresses."""
        return self.window.lower()

    @property
    def words(self) -> list[tuple[str, str]]:
        """The filters in words."""
        return self.filters.words(self.clinicians)

    def query(self, **changed: Any) -> str:
        """The query string of this address with some parts changed."""
        window, preset = changed.pop("window", self.window), changed.pop("preset", self.preset)
        return bands.address(replace(self.filters, **changed), window=window.lower(), preset=preset)

    @property
    def everything(self) -> str:
        """The address."""
        return self.query()

    @property
    def everybody(self) -> str:
        """The address without filters."""
        return bands.address(Filters(), window=self.key, preset=self.preset)

    def menus(self, quarters: list[str], clinician_ids: list[int]) -> list[Menu]:
        """The filters with what can be chosen: these quarters, these accounts. One query."""
        asked = replace(self, clinicians={**_names(pk__in=clinician_ids), **self.clinicians})
        return [asked._menu(name, quarters) for name in bands.LABELS]

    def _menu(self, name: str, quarters: list[str]) -> Menu:
        values = bands.options(name, self.clinicians)
        if name in {"since", "until"}:
            values = {quarter: bands.quarter_words(quarter) for quarter in quarters}
        now = getattr(self.filters, name)
        choices = [Choice("All", self.query(**{name: ""}), not now)]
        choices += [Choice(words, self.query(**{name: value}), value == now) for value, words in values.items()]
        return Menu(bands.LABELS[name], bands.said(name, now, self.clinicians) if now else "All", bool(now), choices)


def _names(**condition: Any) -> dict[str, str]:
    """Public id -> name of these accounts, by name."""
    people = get_user_model().objects.filter(**condition).order_by("full_name", "pk")
    return dict(people.values_list("public_id", "full_name"))


def clinician_id(asked: Asked) -> int | None:
    """The account that the address names. One query where it names one."""
    if not asked.filters.clinician:
        return None
    found = get_user_model().objects.filter(public_id=asked.filters.clinician).values_list("pk", flat=True)
    return found.order_by("pk").first()
