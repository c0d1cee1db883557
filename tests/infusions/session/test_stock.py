"""Drug drawn, given and wasted: rule 61."""

from decimal import Decimal

import pytest
from written_log import ORDER, Written, at

from infusions.session.log import Kind
from infusions.session.pump import Order
from infusions.session.stock import UNITS, account, wasted_mg

O9 = Order.from_data(ORDER)


def ended(*drawn: tuple[str, str], wasted: str = "0", given: str = "65.9") -> Written:
    """A session that drew (mg, mg/mL), gave and wasted so much."""
    log = Written()
    log.start()
    for mg, vial in drawn:
        log.add(Kind.DRAWN, 0, lot="K1", mg=mg, vial_mg_per_ml=vial)
    log.add(Kind.STOPPED, 40, early=False, pump_mg=given)
    if wasted != "0":
        log.add(Kind.WASTED, 41, mg=wasted)
    return log


@pytest.mark.parametrize(
    ("wasted", "agree"),
    [
        ("8.599", False),
        ("8.600", True),
        ("8.601", True),
        ("9.100", True),
        ("9.600", True),
        ("9.601", False),
    ],
)
def test_they_agree_within_the_drug_in_a_hundredth_of_a_millilitre(wasted: str, agree: bool) -> None:
    """75 mg drawn of 50 mg/mL less 65.9 mg given are 9.1 mg, and 0.01 mL hold 0.5 mg."""
    sums = account(ended(("75.000", "50"), wasted=wasted).session, at(60))
    assert sums.left_mg == Decimal("9.1") - Decimal(wasted)
    assert sums.reconciles is agree


def test_of_several_vials_the_weakest_sets_the_tolerance() -> None:
    sums = account(ended(("50.000", "50"), ("16.000", "10")).session, at(60))
    assert (sums.drawn_mg, sums.vial_mg_per_ml, sums.left_mg) == (66, 10, Decimal("0.1"))
    assert sums.reconciles
    assert not account(ended(("50.000", "50"), ("16.001", "10")).session, at(60)).reconciles


def test_without_a_vial_nothing_may_have_been_given_or_wasted() -> None:
    assert not account(ended().session, at(60)).reconciles
    assert account(ended(given="0").session, at(60)).reconciles
    assert not account(ended(given="0", wasted="1").session, at(60)).reconciles
    assert account(Written().session, at(60)).reconciles


def test_a_struck_line_does_not_count() -> None:
    log = ended(("75.000", "50"), wasted="9.1")
    log.strike(4)
    assert account(log.session, at(60)).wasted_mg == 0


def test_waste_in_each_unit() -> None:
    assert UNITS == ("mg", "vial_ml", "bag_ml")
    vial = Decimal(50)
    assert wasted_mg(Decimal("9.1"), "mg", vial_mg_per_ml=vial, order=None) == Decimal("9.100")
    assert wasted_mg(Decimal("0.18"), "vial_ml", vial_mg_per_ml=vial, order=None) == Decimal("9.000")
    # 38 mL of 65.9 mg in 101.32 mL
    assert wasted_mg(Decimal(38), "bag_ml", vial_mg_per_ml=vial, order=O9) == Decimal("24.716")
    with pytest.raises(ValueError, match="there is no bag"):
        wasted_mg(Decimal(38), "bag_ml", vial_mg_per_ml=vial, order=None)
