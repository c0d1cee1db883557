"""The second check of the dose counts for the order that was checked and for no other."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from written_log import ORDER, Written

from infusions.session.log import Kind
from infusions.session.pump import Order
from infusions.session.second_check import second_check

O9 = Order.from_data(ORDER)


def checked(**changed: Any) -> Written:
    log = Written()
    log.add(Kind.BEGUN)
    log.add(Kind.DOSE_CHECKED, **O9.as_told() | changed, witness="Ann Wu")
    return log


def test_nobody_checked() -> None:
    assert second_check(Written().session, O9) is None


def test_it_counts_however_the_number_is_written() -> None:
    check = second_check(checked(minutes="40.0").session, O9)
    assert check is not None
    assert check.counts
    assert check.entry.data["witness"] == "Ann Wu"


@pytest.mark.parametrize(
    "changed",
    [
        {"weight_kg": Decimal("82.5")},
        {"mg_per_kg": Decimal("0.81")},
        {"mg": Decimal("66.0")},
        {"minutes": Decimal(41)},
        {"vial_mg_per_ml": Decimal(100)},
        {"bag_ml": None},
        {"drug_replaces": True},
    ],
)
def test_another_order_was_not_checked(changed: dict[str, Any]) -> None:
    check = second_check(checked().session, replace(O9, **changed))
    assert check is not None
    assert not check.counts


def test_no_order_was_not_checked() -> None:
    check = second_check(checked().session, None)
    assert check is not None
    assert not check.counts


def test_the_latest_counts_and_a_struck_one_never() -> None:
    log = checked()
    latest = log.add(Kind.DOSE_CHECKED, **O9.as_told() | {"mg": "70"}, witness="Bo Li")
    before = second_check(log.session, O9)
    log.strike(latest)
    after = second_check(log.session, O9)
    assert before is not None
    assert after is not None
    assert (before.counts, after.counts) == (False, True)
