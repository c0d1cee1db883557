"""A session's log in memory, for tests of the pure files: minutes are counted from the begin of the checks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from infusions.session.log import Entry, Kind, Session

BEGIN = datetime(2026, 2, 27, 19, 0, tzinfo=UTC)
#: The order of oracle O9: 82.4 kg at 0.8 mg/kg in 40 minutes, 50 mg/mL added to 100 mL.
ORDER: dict[str, Any] = {
    "weight_kg": "82.4",
    "mg_per_kg": "0.8",
    "mg": "65.9",
    "minutes": "40",
    "vial_mg_per_ml": "50",
    "bag_ml": "100",
    "drug_replaces": False,
}


def at(minute: float) -> datetime:
    return BEGIN + timedelta(minutes=minute)


class Written:
    """A log to which entries are added; each call gives the number of its entry."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, kind: Kind, minute: float = 0, **data: Any) -> int:
        return self._append(kind, minute, data)

    def start(self, minute: float = 0, **changed: Any) -> int:
        return self._append(Kind.STARTED, minute, {**ORDER, **changed})

    def type(self, name: str, value: str, version: int = 1) -> int:
        return self._append(Kind.FIELD, 0, {"value": value}, name, version)

    def strike(self, number: int, minute: float = 0) -> int:
        return self._append(Kind.STRUCK, minute, {"of": number, "reason": "Wrong chair"})

    def retime(self, number: int, minute: float) -> int:
        return self._append(Kind.RETIMED, minute, {"of": number, "reason": "Clock"})

    def _append(self, kind: Kind, minute: float, data: dict[str, Any], field: str = "", version: int = 0) -> int:
        number = len(self.entries) + 1
        self.entries.append(Entry(number, kind, at(minute), at(minute), 7, "Lena Marchetti", data, field, version))
        return number

    @property
    def session(self) -> Session:
        return Session.of(reversed(self.entries))
