"""What the pump gave: oracle O9, pauses, other rates, and what must hold whatever was pressed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_log import ORDER, Written, at

from infusions.session.log import Kind, Session
from infusions.session.pump import Order, Pump

O9 = Order.from_data(ORDER)


def pump_of(session: Session, minute: float) -> Pump:
    pump = Pump.of(session, at(minute))
    assert pump is not None
    return pump


class TestOrder:
    def test_o9(self) -> None:
        assert (O9.drug_ml, O9.volume_ml, O9.rate_ml_per_h) == (Decimal("1.32"), Decimal("101.32"), Decimal("152.0"))
        replaces = Order.from_data({**ORDER, "drug_replaces": True})
        assert (replaces.volume_ml, replaces.rate_ml_per_h) == (Decimal(100), Decimal("150.0"))

    def test_without_a_bag_the_pump_gives_the_drug_alone(self) -> None:
        order = Order.from_data({**ORDER, "bag_ml": None})
        assert (order.volume_ml, order.rate_ml_per_h) == (Decimal("1.32"), Decimal("2.0"))

    @pytest.mark.parametrize("bag", [None, "100"])
    def test_it_comes_back_from_the_log_as_it_went(self, bag: str | None) -> None:
        data = {**ORDER, "bag_ml": bag}
        assert Order.from_data(data).as_data() == data

    def test_it_is_told_with_what_follows_from_it(self) -> None:
        assert O9.as_told() == {**ORDER, "drug_ml": "1.32", "volume_ml": "101.32", "ml_per_h": "152.0"}

    def test_more_drug_than_the_bag_holds(self) -> None:
        with pytest.raises(ValueError, match="cannot replace"):
            _ = Order.from_data({**ORDER, "bag_ml": "1", "drug_replaces": True}).rate_ml_per_h


class TestGiven:
    def test_before_the_start_there_is_no_pump(self) -> None:
        log = Written()
        log.start(5)
        assert Pump.of(log.session, at(4)) is None
        assert Pump.of(Session(), at(4)) is None

    def test_o9_stopped_at_25_of_40_minutes(self) -> None:
        log = Written()
        log.start()
        log.add(Kind.STOPPED, 25, early=True)
        pump = pump_of(log.session, 60)
        assert (pump.minutes, pump.given_mg) == (Decimal("25.0"), Decimal("41.2"))
        assert (pump.running_ml_per_h, pump.ends_at) == (None, None)

    @pytest.mark.parametrize(("minute", "mg"), [(0, "0.0"), (20, "33.0"), (40, "65.9"), (41, "65.9"), (600, "65.9")])
    def test_it_runs_until_the_bag_is_empty(self, minute: int, mg: str) -> None:
        log = Written()
        log.start()
        assert pump_of(log.session, minute).given_mg == Decimal(mg)

    def test_a_pause_gives_nothing(self) -> None:
        log = Written()
        log.start()
        log.add(Kind.PAUSED, 10)
        paused = pump_of(log.session, 14)
        assert (paused.given_mg, paused.running_ml_per_h, paused.ends_at) == (Decimal("16.5"), None, None)
        assert paused.planned_minutes_left == 30
        log.add(Kind.RESUMED, 15)
        pump = pump_of(log.session, 30)
        assert (pump.minutes, pump.given_mg) == (Decimal("25.0"), Decimal("41.2"))
        assert pump.ends_at == at(45)
        assert pump.planned_minutes_left == 15

    def test_another_rate_counts_by_the_volume(self) -> None:
        log = Written()
        log.start()
        log.add(Kind.RATE, 20, ml_per_h="75.99")
        pump = pump_of(log.session, 30)
        # 20 min x 1.6475 mg/min + 10 min x 75.99 mL/h / 60 x 65.9 mg / 101.32 mL = 32.95 + 8.2375
        assert pump.given_mg == Decimal("41.2")
        assert [stretch.is_ordered for stretch in pump.stretches] == [True, False]
        assert [stretch.minutes for stretch in pump.stretches] == [20, 10]
        assert pump.ends_at == at(60)
        log.add(Kind.RATE, 30, ml_per_h="152.0")
        assert pump_of(log.session, 30).stretches[-1].is_ordered
        assert pump_of(log.session, 45).ends_at == at(45)

    def test_what_the_pump_shows_counts_once_it_was_stopped(self) -> None:
        log = Written()
        log.start()
        log.add(Kind.STOPPED, 25, early=True, pump_mg="40.0")
        assert pump_of(log.session, 25).given_mg == Decimal("40.0")
        assert pump_of(log.session, 20).given_mg == Decimal("33.0")

    def test_a_time_that_was_corrected_counts(self) -> None:
        log = Written()
        log.start()
        stop = log.add(Kind.STOPPED, 30, early=True)
        log.retime(stop, 25)
        assert pump_of(log.session, 60).given_mg == Decimal("41.2")

    def test_thirds_of_a_minute_are_not_rounded_on_the_way(self) -> None:
        log = Written()
        log.start(mg="60.3", minutes="6")
        # 60.3 mg x 1/3 min / 6 min is 3.35 mg exactly, and half goes up
        assert pump_of(log.session, 1 / 3).given_mg == Decimal("3.4")


SECONDS = st.integers(0, 3000)
ORDERS = st.fixed_dictionaries(
    {
        "mg": st.decimals(Decimal("0.5"), 200, places=1).map(str),
        "minutes": st.decimals(1, 90, places=1).map(str),
        "bag_ml": st.sampled_from([None, "50", "100", "250"]),
    }
)


@st.composite
def logs(draw: Any) -> tuple[Session, list[int]]:
    """A session whose pump was turned at random, and the seconds of its turns."""
    log, seconds, running = Written(), [0], True
    log.start(**draw(ORDERS))
    for step in draw(st.lists(st.tuples(SECONDS, st.booleans(), st.integers(1, 9999)), max_size=6)):
        wait, turns, rate = step
        seconds.append(seconds[-1] + wait)
        minute = seconds[-1] / 60
        if turns or not running:
            log.add(Kind.PAUSED if running else Kind.RESUMED, minute)
            running = not running
        else:
            log.add(Kind.RATE, minute, ml_per_h=str(Decimal(rate) / 10))
    return log.session, seconds


def moment(second: int) -> float:
    return second / 60


@given(logs(), SECONDS, SECONDS)
def test_given_never_exceeds_the_order_and_never_falls(made: tuple[Session, list[int]], one: int, other: int) -> None:
    session, turns = made
    amounts = [pump_of(session, moment(second)).given_mg for second in sorted([one, other, *turns])]
    assert amounts == sorted(amounts)
    assert amounts[0] >= 0
    assert amounts[-1] <= pump_of(session, 0).order.mg


@given(ORDERS, st.lists(SECONDS, max_size=5), SECONDS)
def test_a_pause_of_no_time_changes_nothing(order: dict[str, Any], pauses: list[int], until: int) -> None:
    whole, split = Written(), Written()
    whole.start(**order)
    split.start(**order)
    for second in sorted(pauses):
        split.add(Kind.PAUSED, moment(second))
        split.add(Kind.RESUMED, moment(second))
    one, other = pump_of(whole.session, moment(until)), pump_of(split.session, moment(until))
    assert (one.given_mg, one.minutes, one.ends_at) == (other.given_mg, other.minutes, other.ends_at)


@given(ORDERS, st.lists(SECONDS, min_size=1, max_size=5), SECONDS)
def test_another_rate_that_goes_back_at_once_changes_nothing(
    order: dict[str, Any], turns: list[int], until: int
) -> None:
    whole, split = Written(), Written()
    whole.start(**order)
    split.start(**order)
    for second in sorted(turns):
        split.add(Kind.RATE, moment(second), ml_per_h="9.9")
        split.add(Kind.RATE, moment(second), ml_per_h=str(Order.from_data({**ORDER, **order}).rate_ml_per_h))
    assert pump_of(whole.session, moment(until)).given_mg == pump_of(split.session, moment(until)).given_mg


@given(logs(), SECONDS)
def test_minutes_and_pauses_are_the_time_on_the_wall(made: tuple[Session, list[int]], after: int) -> None:
    session, turns = made
    until = moment(turns[-1] + after)
    pump = pump_of(session, until)
    edges = [edge for stretch in pump.stretches for edge in (stretch.begins, stretch.ends)]
    pauses = sum(((later - earlier) for earlier, later in zip(edges[1::2], edges[2::2], strict=False)), timedelta(0))
    pauses += at(until) - edges[-1]
    pumped = timedelta(microseconds=int(pump.exact_minutes * 60_000_000))
    assert pumped + pauses == at(until) - at(0)
