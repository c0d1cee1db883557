"""Sessions entered at random, corrected at random: what must hold of their sums whatever was pressed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.core.exceptions import ValidationError
from hypothesis import find, given, settings
from hypothesis import strategies as st
from written_log import Written, at

from infusions.limits import Limits
from infusions.services.projecting import infusion_values
from infusions.services.room.times import refuse_disorder
from infusions.session import ending, vitals
from infusions.session.log import Entry, Kind, Session
from infusions.session.pump import Pump
from infusions.session.stock import account
from infusions.session.words import words

LIMITS = Limits()
#: A log of thirty entries takes a while on a busy machine.
LONG = settings(deadline=None)
WAITS = st.sampled_from([0.1, 0.5, 1, 4, 5, 10, 16])
READINGS = st.fixed_dictionaries(
    {},
    optional={
        "systolic_mmhg": st.sampled_from([120, 165, 185, 205]),
        "diastolic_mmhg": st.sampled_from([80, 102, 112]),
        "heart_rate_per_min": st.sampled_from([72, 125, 135]),
        "moaa_s": st.integers(0, 5),
        "rass": st.integers(-5, 4),
        "pain": st.integers(0, 10),
    },
)
#: What the entries say that are no vital signs, no correction and no acknowledgement.
SAID: dict[Kind, dict[str, Any]] = {
    Kind.CALLED_OFF: {"status": "no_show", "reason": "No answer"},
    Kind.PAUSED: {"reason": "Pressure"},
    Kind.RESUMED: {},
    Kind.NOTE: {"text": "Calm"},
    Kind.DRAWN: {"lot": "K1", "vial_mg_per_ml": "50", "ml": "1.32", "mg": "66.000"},
    Kind.WASTED: {
        "lot": "K1",
        "vial_mg_per_ml": "50",
        "amount": "0.1",
        "unit": "mg",
        "mg": "0.100",
        "method": "sink",
        "reason": "Left over",
        "witness": "Jo",
    },
    Kind.DISCHARGED: {"aldrete": 10, "observed_minutes": 60},
    Kind.SIGNED: {"name": "Lena", "sha256": ""},
}
KINDS = (*SAID, Kind.STARTED, Kind.RATE, Kind.STOPPED, Kind.VITALS, Kind.ACKNOWLEDGED, Kind.STRUCK, Kind.RETIMED)


@st.composite
def logs(draw: Any) -> tuple[list[Entry], float]:
    """The entries of a session that the room would have taken, and the minute of the last."""
    log, minute = Written(), 0.0
    log.add(Kind.BEGUN)
    for _ in range(draw(st.integers(0, 30))):
        minute += draw(WAITS)
        session = log.session
        enter(draw, log, draw(st.sampled_from([kind for kind in KINDS if session.allows(kind)])), minute)
    return log.entries, minute


def enter(draw: Any, log: Written, kind: Kind, minute: float) -> None:
    session = log.session
    if kind in {Kind.STRUCK, Kind.RETIMED}:
        correct(draw, log, kind, minute)
    elif kind is Kind.ACKNOWLEDGED:
        for alert in vitals.open_alerts(session)[:1]:
            log.add(kind, minute, of=alert.entry.number, done="Paused")
    elif kind is Kind.VITALS:
        data = draw(READINGS)
        found = vitals.findings_of(session, vitals.reading_from(data, at(minute)), LIMITS)
        log.add(kind, minute, **data, findings=[vitals.as_data(one) for one in found])
    elif kind is Kind.STARTED:
        log.start(minute, ml_per_h="152.0", volume_ml="101.32")
    elif kind is Kind.RATE:
        log.add(kind, minute, ml_per_h=draw(st.sampled_from(["75.0", "152.0", "300.0"])), reason="Restless")
    elif kind is Kind.STOPPED:
        read = draw(st.sampled_from([{}, {"pump_mg": "40.0"}]))
        log.add(kind, minute, early=True, reason="Headache", **read)
    else:
        log.add(kind, minute, **SAID[kind])


def correct(draw: Any, log: Written, kind: Kind, minute: float) -> None:
    """Strike an entry or give it another time, if the room would have taken it."""
    session = log.session
    may = session.may_strike if kind is Kind.STRUCK else session.may_retime
    about = [entry.number for entry in session.entries if may(entry)]
    if not about:
        return
    if kind is Kind.STRUCK:
        log.strike(draw(st.sampled_from(about)), minute)
    else:
        log.retime(draw(st.sampled_from(about)), draw(st.floats(0, minute)))
    try:
        refuse_disorder(log.session, at(minute))
    except ValidationError:
        log.entries.pop()


def as_it_stands(entries: list[Entry]) -> list[Entry]:
    """The log as if nothing had been corrected: what was struck never entered, the rest entered with its last time."""
    struck = {entry.data["of"] for entry in entries if entry.kind is Kind.STRUCK}
    times = {entry.data["of"]: entry.at for entry in entries if entry.kind is Kind.RETIMED}
    return [
        replace(entry, at=times.get(entry.number, entry.at))
        for entry in entries
        if entry.kind not in {Kind.STRUCK, Kind.RETIMED} and entry.number not in struck
    ]


def sums(session: Session, until: Any) -> list[Any]:
    """Every figure and state that a page shows of a session."""
    pump = Pump.of(session, until)
    return [
        session.stage,
        None if pump is None else (pump.exact_minutes, pump.minutes, pump.given_mg, pump.ends_at),
        account(session, until),
        vitals.next_due(session, LIMITS),
        vitals.missed_sets(session, LIMITS),
        [alert.entry.at for alert in vitals.open_alerts(session)],
        [finding.message for finding in ending.against_discharge(session, LIMITS, until)],
        ending.missing(session, LIMITS),
        ending.things_open(session, LIMITS),
        infusion_values(session),
    ]


@LONG
@given(logs())
def test_a_correction_is_as_if_it_had_been_entered_so(made: tuple[list[Entry], float]) -> None:
    entries, minute = made
    assert sums(Session.of(entries), at(minute)) == sums(Session.of(as_it_stands(entries)), at(minute))


@LONG
@given(logs(), st.randoms(use_true_random=False))
def test_it_does_not_matter_when_what_was_seen_was_entered(made: tuple[list[Entry], float], chance: Any) -> None:
    """Notes, drug and vital signs of other moments, entered before or after each other and the steps around them."""
    entries, minute = made
    free = {Kind.NOTE, Kind.DRAWN, Kind.WASTED, Kind.VITALS}
    standing = [entry for entry in as_it_stands(entries) if entry.kind is not Kind.ACKNOWLEDGED]
    if len({entry.at for entry in standing}) < len(standing):
        return
    places = sorted(chance.sample(range(len(standing)), sum(entry.kind in free for entry in standing)))
    late = [entry for entry in standing if entry.kind in free]
    chance.shuffle(late)
    steps = iter([entry for entry in standing if entry.kind not in free])
    turns = [late.pop() if place in places else next(steps) for place in range(len(standing))]
    other = Session.of(replace(entry, number=number) for number, entry in enumerate(turns, start=1))
    one, two = sums(Session.of(standing), at(minute)), sums(other, at(minute))
    one[5], two[5] = sorted(one[5]), sorted(two[5])  # alerts stand in the order in which they were entered
    assert one == two


@LONG
@given(logs(), st.randoms(use_true_random=False))
def test_a_log_is_the_same_in_whatever_order_it_is_read(made: tuple[list[Entry], float], chance: Any) -> None:
    entries, _ = made
    assert Session.of(chance.sample(entries, len(entries))) == Session.of(entries)


@LONG
@given(logs())
def test_minutes_are_from_start_to_stop_without_the_pauses(made: tuple[list[Entry], float]) -> None:
    entries, minute = made
    session = Session.of(entries)
    pump = Pump.of(session, at(minute))
    if session.started is None or pump is None:
        assert pump is None
        return
    paused = timedelta(0)
    since = None
    end = session.stopped.at if session.stopped else at(minute)
    for entry in session.all(Kind.PAUSED, Kind.RESUMED):
        if entry.kind is Kind.PAUSED:
            since = entry.at
        elif since is not None:
            paused, since = paused + (entry.at - since), None
    paused += end - since if since is not None else timedelta(0)
    ran = end - session.started.at - paused
    assert pump.exact_minutes == Fraction(ran // timedelta(microseconds=1), 60_000_000)
    assert Decimal(0) <= pump.given_mg <= pump.order.mg


@LONG
@given(logs())
def test_every_entry_has_words(made: tuple[list[Entry], float]) -> None:
    session = Session.of(made[0])
    said = [words(entry, session, lambda moment: f"{moment:%H:%M}") for entry in session.entries]
    assert all(said[entry.number - 1] for entry in session.entries if entry.kind is not Kind.VITALS)


def test_the_random_logs_reach_every_kind() -> None:
    """Else the laws above would hold of nothing."""
    for kind in KINDS:
        find(logs(), lambda made, kind=kind: kind in {entry.kind for entry in made[0]})
