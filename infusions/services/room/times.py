"""When an entry can have happened (rule 52): never in the future, and in the order in which a session goes."""

from datetime import datetime, timedelta
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils import timezone

from infusions.session.log import PUMP, Entry, Kind, Session

#: What is observed lies no farther from the begin of the checks than this.
_NEAR = timedelta(hours=24)
_LATE = frozenset(
    {
        *(Kind.ADVERSE, Kind.INTEGRATION, Kind.ADDENDUM, Kind.SIGNED, Kind.WASTED, Kind.DRAWN, Kind.CALLED_OFF),
        *(Kind.ACKNOWLEDGED, Kind.STRUCK),  # said of what was observed, whenever that is noticed
    }
)
#: What follows each other in the order of recording.
_STEPS = (Kind.BEGUN, *PUMP, Kind.DISCHARGED, Kind.SIGNED)
#: What was entered before the start lies before it.
_BEFORE_START = (Kind.VITALS, Kind.DOSE_CHECKED)
#: The same minute counts as after: a typed time has no seconds.
_MINUTE = timedelta(minutes=1)


def checked(session: Session, kind: Kind, at: datetime, now: datetime) -> datetime:
    """The moment of an entry, moved by less than a minute where a typed time lies in the minute of the step before it.

    Raises ValidationError on "at" for a moment that cannot be.
    """
    if at > now:
        if at - now >= _MINUTE:
            raise ValidationError({"at": f"{_clock(at)} is in the future. Enter when it happened."})
        at = now
    floor = _floor(session, kind)
    if floor is not None and at < floor.at:
        if floor.at - at >= _MINUTE:
            told = f"{_clock(at)} is before {_named(floor)}. Mend the time."
            raise ValidationError({"at": told})
        at = floor.at
    if kind is Kind.VITALS:
        _refuse_after_discharge(session, at)
    _refuse_far(session, kind, at)
    return at


def _floor(session: Session, kind: Kind) -> Entry | None:
    """The entry that this one follows (rule 52).

    The pump's last turn; before a start the checks, the last vital signs and the second check; before the discharge the end
    and the last vital signs.
    """
    kinds: dict[Kind, tuple[Kind, ...]] = dict.fromkeys(PUMP, PUMP)
    kinds |= {
        Kind.STARTED: (Kind.BEGUN,),
        Kind.DISCHARGED: (Kind.STOPPED, Kind.VITALS),
        Kind.SIGNED: (Kind.DISCHARGED,),
    }
    before = session.all(*kinds.get(kind, ())) + (_taken_for_start(session) if kind is Kind.STARTED else [])
    return max(before, key=lambda entry: (entry.at, entry.number), default=None)


def _refuse_after_discharge(session: Session, at: datetime) -> None:
    discharged = session.last(Kind.DISCHARGED)
    if discharged is not None and at > discharged.at:
        raise ValidationError({"at": f"The patient left at {_clock(discharged.at)}. Mend the time, or write a note."})


def _refuse_far(session: Session, kind: Kind, at: datetime) -> None:
    """Nothing of a session lies a day before the begin of its checks, and little a day after it."""
    begun = session.last(Kind.BEGUN)
    if begun is not None and (begun.at - at > _NEAR or (kind not in _LATE and at - begun.at > _NEAR)):
        raise ValidationError({"at": "This is more than a day from the begin of the session. Check day and time."})


def moved(session: Session, number: int, at: datetime) -> datetime:
    """The other time of an entry, moved by less than a minute where it lies in the minute of the step before it."""
    before = [entry for entry in session.all(*_STEPS) if entry.number < number]
    entry = session.number(number)
    if entry is None or entry.kind not in _STEPS or not before:
        return at
    late = before[-1].at - at
    return before[-1].at if timedelta(0) < late < _MINUTE else at


def refuse_disorder(session: Session, now: datetime) -> None:
    """After a correction: the steps must still follow each other, and rule 52 hold. Raises ValidationError on "at"."""
    for earlier, later in (*pairwise(session.all(*_STEPS)), *_around_start(session)):
        if later.at < earlier.at:
            told = f"Then {_named(later)} would come before {_named(earlier)}."
            raise ValidationError({"at": f"{told} Mend the time."})
    for entry in session.events:
        if entry.at > now:
            raise ValidationError({"at": "This moment is in the future. Check day and time."})
        if entry.kind is Kind.VITALS:
            _refuse_after_discharge(session, entry.at)
        _refuse_far(session, entry.kind, entry.at)


def _around_start(session: Session) -> list[tuple[Entry, Entry]]:
    """Vital signs and second checks that were entered for the start, each with the start."""
    started = session.started
    return [(entry, started) for entry in _taken_for_start(session)] if started else []


def _taken_for_start(session: Session) -> list[Entry]:
    """Vital signs and second checks that were entered before the pump was first started.

    Where that start was struck to mend its order, the later ones were entered while the pump ran: it may have started before.
    """
    first = next((entry.number for entry in session.entries if entry.kind is Kind.STARTED), None)
    return [entry for entry in session.all(*_BEFORE_START) if first is None or entry.number < first]


def _named(entry: Entry) -> str:
    return f"“{entry.kind.replace('_', ' ')}” at {_clock(entry.at)}"


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
