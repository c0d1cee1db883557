"""What sessions took from lots: drawn, given, wasted, and whether each session's account agrees.

Stock is a ledger: what was taken back by a correction is a line with a negative amount. Which line that was, and another
time that one was given, the log of the session says.
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
from infusions.models import Infusion, SessionEvent, Status, StockEntry
from infusions.session.log import Kind, Stage
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
    """These lots in their order. Two queries, however many sessions there are."""
    wanted, spelled = list(keys), {}
    sessions: dict[int, list[StockEntry]] = defaultdict(list)
    touched = StockEntry.objects.filter(lot_key__in=wanted).order_by().values("infusion_id")
    corrections = SessionEvent.objects.filter(infusion_id__in=touched, kind__in=[Kind.STRUCK, Kind.RETIMED])
    corrected = {(kind, of): at for kind, of, at in corrections.order_by("id").values_list("kind", "data__of", "at")}
    people = ("infusion__course__patient", "witness")
    for entry in StockEntry.objects.filter(infusion_id__in=touched).select_related(*people).order_by("id"):
        spelled[entry.lot_key] = entry.lot
        if entry.mg > 0 and (Kind.STRUCK, entry.event_id) not in corrected:
            entry.at = corrected.get((Kind.RETIMED, entry.event_id), entry.at)
            sessions[entry.infusion_id].append(entry)
    return [_lot(key, spelled[key], list(sessions.values())) for key in wanted]


def _lot(key: str, words: str, sessions: list[list[StockEntry]]) -> Lot:
    found = [use for standing in sessions if (use := _use(key, standing))]
    found.sort(key=lambda use: (use.at, use.infusion.pk), reverse=True)
    return Lot(name_of(key), words, tuple(found))


def _use(key: str, standing: list[StockEntry]) -> Use | None:
    """What a session took from a lot; None where nothing, or all of it was taken back."""
    own = [entry for entry in standing if entry.lot_key == key]
    if not own:
        return None
    infusion = own[0].infusion
    others = {entry.lot_key: entry.lot for entry in standing if entry.lot_key != key}
    return Use(
        infusion=infusion,
        at=min(entry.at for entry in own),
        last_at=max(entry.at for entry in own),
        drawn_mg=_sum(own, _DRAWN),
        wasted_mg=_sum(own, _WASTED),
        given_mg=_given(infusion),
        witnesses=tuple(dict.fromkeys(str(entry.witness) for entry in own if entry.witness)),
        other_lots=tuple(others.values()),
        verdict=_verdict(infusion, standing),
    )


def _sum(entries: list[StockEntry], kind: str) -> Decimal:
    return sum((entry.mg for entry in entries if entry.kind == kind), _NOTHING)


def _given(infusion: Infusion) -> Decimal | None:
    """What the session gave in mg; nothing where it was called off, None while the pump may still run."""
    if infusion.status in _CALLED_OFF:
        return _NOTHING
    return None if infusion.stage in _OPEN else infusion.dose_mg_given


def _verdict(infusion: Infusion, standing: list[StockEntry]) -> Verdict:
    given = _given(infusion)
    if given is None:
        return Verdict.OPEN
    vials = [entry.vial_mg_per_ml for entry in standing if entry.kind == _DRAWN]
    sums = Account(_sum(standing, _DRAWN), given, _sum(standing, _WASTED), min(vials, default=None))
    return Verdict.AGREES if sums.reconciles else Verdict.DIFFERS
