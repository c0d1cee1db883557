"""What sessions took from lots: drawn, given, wasted, and whether each session's account agrees.

Stock is a ledger: what was taken back by a correction is a line with a negative amount, and only sums count.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Max, QuerySet

from clinic.room.lots.names import name_of
from infusions.models import Infusion, Status, StockEntry
from infusions.session.log import Stage
from infusions.session.stock import Account

_DRAWN, _WASTED = StockEntry.Kind.DRAWN, StockEntry.Kind.WASTED
#: Stages in which the pump may still run, so that nobody can say yet what was given.
_OPEN = frozenset({"", Stage.PLANNED, Stage.CHECKS, Stage.RUNNING, Stage.PAUSED})
_CALLED_OFF = frozenset({Status.CANCELLED, Status.NO_SHOW})
_NOTHING = Decimal(0)


class Verdict(StrEnum):
    """Whether what a session drew is accounted for (rule 61)."""

    AGREES = "Reconciles"
    DIFFERS = "Does not reconcile"
    OPEN = "Open"


@dataclass(frozen=True)
class Use:
    """What one session took from one lot, in mg; `given_mg` is of the session, from whatever lots (None: not known yet)."""

    infusion: Infusion
    at: datetime
    last_at: datetime
    drawn_mg: Decimal
    wasted_mg: Decimal
    given_mg: Decimal | None
    witnesses: tuple[str, ...]
    other_lots: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True)
class Lot:
    """A lot with the sessions that used it; `name` stands for it in addresses, `words` is as it was last typed."""

    name: str
    words: str
    uses: tuple[Use, ...]

    @property
    def first_at(self) -> datetime | None:
        return min((use.at for use in self.uses), default=None)

    @property
    def last_at(self) -> datetime | None:
        return max((use.last_at for use in self.uses), default=None)

    @property
    def drawn_mg(self) -> Decimal:
        return sum((use.drawn_mg for use in self.uses), _NOTHING)

    @property
    def wasted_mg(self) -> Decimal:
        return sum((use.wasted_mg for use in self.uses), _NOTHING)

    @property
    def patients(self) -> int:
        """How many people received from it, or had it drawn for them."""
        return len({use.infusion.course.patient_id for use in self.uses})

    @property
    def differing(self) -> int:
        """Sessions of this lot that do not reconcile."""
        return sum(use.verdict is Verdict.DIFFERS for use in self.uses)


def lot_keys() -> "QuerySet[Any, Any]":
    """The key of every lot, the latest used first."""
    rows: QuerySet[Any, Any] = StockEntry.objects.values("lot_key").annotate(last=Max("at"))
    return rows.order_by("-last", "lot_key").values_list("lot_key", flat=True)


def lots(keys: Iterable[str]) -> list[Lot]:
    """These lots in their order. One query, however many sessions there are."""
    wanted = list(keys)
    sessions: dict[int, list[StockEntry]] = defaultdict(list)
    touched = StockEntry.objects.filter(lot_key__in=wanted).order_by().values("infusion_id")
    people = ("infusion__course__patient", "witness")
    for entry in StockEntry.objects.filter(infusion_id__in=touched).select_related(*people).order_by("id"):
        sessions[entry.infusion_id].append(entry)
    return [_lot(key, list(sessions.values())) for key in wanted]


def _lot(key: str, sessions: list[list[StockEntry]]) -> Lot:
    found = [use for entries in sessions if (use := _use(key, entries))]
    found.sort(key=lambda use: (use.at, use.infusion.pk), reverse=True)
    spelled = [entry for entries in sessions for entry in entries if entry.lot_key == key]
    return Lot(name_of(key), max(spelled, key=lambda entry: entry.pk).lot, tuple(found))


def _use(key: str, entries: list[StockEntry]) -> Use | None:
    """What a session took from a lot; None where all of it was taken back."""
    own = [entry for entry in entries if entry.lot_key == key]
    drawn, wasted = _sum(own, _DRAWN), _sum(own, _WASTED)
    if not own or not (drawn or wasted):
        return None
    infusion = own[0].infusion
    standing = _standing(own)
    others = {entry.lot_key: entry.lot for entry in _standing(entries) if entry.lot_key != key}
    return Use(
        infusion=infusion,
        at=min(entry.at for entry in standing),
        last_at=max(entry.at for entry in standing),
        drawn_mg=drawn,
        wasted_mg=wasted,
        given_mg=_given(infusion),
        witnesses=tuple(dict.fromkeys(str(entry.witness) for entry in standing if entry.witness)),
        other_lots=tuple(others.values()),
        verdict=_verdict(infusion, entries),
    )


def _sum(entries: list[StockEntry], kind: str) -> Decimal:
    return sum((entry.mg for entry in entries if entry.kind == kind), _NOTHING)


def _standing(entries: list[StockEntry]) -> list[StockEntry]:
    """The lines that no later line took back: each taking back ends the latest like it at the same moment."""
    standing: list[StockEntry] = []
    for entry in entries:
        if entry.mg > 0:
            standing.append(entry)
            continue
        taken = [one for one in standing if _like(one) == (*_like(entry)[:-1], -entry.mg)]
        standing = [one for one in standing if not taken or one is not taken[-1]]
    return standing


def _like(entry: StockEntry) -> tuple[object, ...]:
    return entry.kind, entry.lot_key, entry.vial_mg_per_ml, entry.at, entry.mg


def _given(infusion: Infusion) -> Decimal | None:
    """What the session gave in mg; nothing where it was called off, None while the pump may still run."""
    if infusion.status in _CALLED_OFF:
        return _NOTHING
    return None if infusion.stage in _OPEN else infusion.dose_mg_given


def _verdict(infusion: Infusion, entries: list[StockEntry]) -> Verdict:
    given = _given(infusion)
    if given is None:
        return Verdict.OPEN
    vials = [entry.vial_mg_per_ml for entry in _standing(entries) if entry.kind == _DRAWN]
    sums = Account(_sum(entries, _DRAWN), given, _sum(entries, _WASTED), min(vials, default=None))
    return Verdict.AGREES if sums.reconciles else Verdict.DIFFERS
