"""The arithmetic of an infusion: the worked example, rounding, caps and refusals."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infusions import dosing


class TestWorkedExample:
    """82.4 kg, 0.8 mg/kg in 40 minutes from a 50 mg/mL vial."""

    def test_amounts(self):
        assert dosing.ordered_mg(Decimal("0.8"), Decimal("82.4")) == Decimal("65.9")
        assert dosing.volume_ml(Decimal("65.9"), Decimal(50)) == Decimal("1.32")
        assert dosing.mg_in_volume(Decimal("1.32"), Decimal(50)) == Decimal("66.00")
        assert dosing.wasted_mg(Decimal(500), Decimal("65.9")) == Decimal("434.1")
        assert dosing.kg_from_lb(Decimal("181.7")) == Decimal("82.4")

    def test_rates(self):
        assert dosing.rate_mg_per_min(Decimal("65.9"), 40) == Decimal("1.648")
        assert dosing.rate_mg_per_kg_per_min(Decimal("65.9"), Decimal("82.4"), 40) == Decimal("0.01999")
        assert dosing.bag_rate_ml_per_h(100, Decimal("1.32"), 40, drug_replaces=False) == Decimal("152.0")
        assert dosing.bag_rate_ml_per_h(100, Decimal("1.32"), 40, drug_replaces=True) == Decimal("150.0")

    def test_stopped_at_25_of_40_minutes(self):
        assert dosing.given_mg_at_one_rate(Decimal("65.9"), 25, 40) == Decimal("41.2")
        assert dosing.given_mg([dosing.PumpInterval(Decimal("1.648"), 25)], drawn_mg=Decimal("66.0")) == Decimal("41.2")

    def test_a_pause_delivers_nothing_and_a_new_rate_counts(self):
        intervals = [dosing.PumpInterval(Decimal("1.648"), 10), dosing.PumpInterval(Decimal("0.8"), Decimal("5.5"))]
        assert dosing.given_mg(intervals, drawn_mg=Decimal("66.0")) == Decimal("20.9")

    def test_places_are_kept(self):
        assert str(dosing.ordered_mg(1, 60)) == "60.0"
        assert str(dosing.volume_ml(50, 50)) == "1.00"


def test_halves_are_rounded_up():
    assert dosing.ordered_mg(Decimal("0.5"), Decimal("82.1")) == Decimal("41.1")
    assert dosing.volume_ml(Decimal("1.25"), 50) == Decimal("0.03")
    assert dosing.rate_mg_per_min(1, 16) == Decimal("0.063")


def test_nothing_pumped_is_nothing_given():
    assert dosing.given_mg([], drawn_mg=66) == 0
    assert dosing.given_mg_at_one_rate(Decimal("65.9"), 0, 40) == 0


def test_given_is_capped():
    assert dosing.given_mg([dosing.PumpInterval(2, 60)], drawn_mg=66) == 66
    assert dosing.given_mg_at_one_rate(Decimal("65.9"), 50, 40) == Decimal("65.9")


def test_more_given_than_drawn_leaves_no_waste():
    with pytest.raises(ValueError, match=r"only 60 mg were drawn"):
        dosing.wasted_mg(60, Decimal("60.1"))


def test_replacing_more_than_the_bag_holds_is_refused():
    with pytest.raises(ValueError, match="cannot replace"):
        dosing.bag_rate_ml_per_h(1, 2, 40, drug_replaces=True)


@pytest.mark.parametrize(("wasted", "closes"), [("433.6", True), ("434.6", True), ("433.59", False), ("434.61", False)])
def test_a_session_closes_within_a_hundredth_of_a_millilitre(wasted, closes):
    assert dosing.reconciles(drawn_mg=500, given_mg=Decimal("65.9"), wasted_mg=Decimal(wasted), mg_per_ml=50) is closes


@pytest.mark.parametrize(
    "call",
    [
        lambda: dosing.volume_ml(1, 0),
        lambda: dosing.rate_mg_per_min(1, 0),
        lambda: dosing.rate_mg_per_kg_per_min(1, 0, 40),
        lambda: dosing.rate_mg_per_kg_per_min(1, 80, -40),
        lambda: dosing.bag_rate_ml_per_h(100, 1, 0, drug_replaces=False),
        lambda: dosing.given_mg_at_one_rate(1, 1, 0),
    ],
)
def test_a_divisor_of_zero_is_named(call):
    with pytest.raises(ValueError, match=r"(mg_per_ml|minutes|weight_kg) must be more than 0"):
        call()


@pytest.mark.parametrize("wrong", [0.8, "0.8", None, True])
def test_only_exact_numbers_are_taken(wrong):
    with pytest.raises(TypeError, match="mg_per_kg must be a Decimal"):
        dosing.ordered_mg(wrong, Decimal("82.4"))


def test_negative_and_endless_amounts_are_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        dosing.ordered_mg(Decimal("-0.1"), 80)
    with pytest.raises(ValueError, match="finite"):
        dosing.ordered_mg(Decimal("NaN"), 80)


amounts = st.decimals(min_value=0, max_value=1000, places=4)
divisors = st.decimals(min_value=Decimal("0.01"), max_value=1000, places=2)


@given(mg_per_kg=amounts, weight=amounts)
def test_rounding_is_never_off_by_more_than_half_a_unit(mg_per_kg, weight):
    error = dosing.ordered_mg(mg_per_kg, weight) - mg_per_kg * weight
    assert Decimal("-0.05") < error <= Decimal("0.05")


@given(mg=amounts, concentration=divisors)
def test_the_volume_holds_the_drug_to_half_a_hundredth(mg, concentration):
    drawn = dosing.mg_in_volume(dosing.volume_ml(mg, concentration), concentration)
    assert abs(drawn - mg) <= Decimal("0.005") * concentration
    assert dosing.reconciles(drawn_mg=drawn, given_mg=mg, wasted_mg=0, mg_per_ml=concentration)


@given(intervals=st.lists(st.builds(dosing.PumpInterval, amounts, amounts), max_size=5), drawn=amounts)
def test_given_and_wasted_make_up_what_was_drawn(intervals, drawn):
    given_mg = dosing.given_mg(intervals, drawn_mg=drawn)
    assert 0 <= given_mg <= drawn
    assert given_mg + dosing.wasted_mg(drawn, given_mg) == drawn


@given(mg=amounts, pumped=amounts, planned=divisors)
def test_no_more_is_given_than_ordered(mg, pumped, planned):
    assert 0 <= dosing.given_mg_at_one_rate(mg, pumped, planned) <= mg


def test_thirds_of_a_minute_are_exact():
    third = Fraction(1, 3)
    assert dosing.given_mg_at_one_rate(Decimal("60.3"), third, 6) == Decimal("3.4")  # 3.35 exactly
    intervals = [dosing.PumpInterval(Fraction(603, 60), third / 2) for _ in range(2)]
    assert dosing.given_mg(intervals, Decimal("60.3")) == Decimal("3.4")
    with pytest.raises(ValueError, match="pumped_minutes must not be negative"):
        dosing.given_mg_at_one_rate(1, -third, 6)
