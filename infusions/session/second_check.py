"""The second check of the dose: a colleague confirms arithmetic, drug and vial before the start. Offered, never required."""

from dataclasses import dataclass

from infusions.session.log import Entry, Kind, Session
from infusions.session.pump import Order


@dataclass(frozen=True)
class SecondCheck:
    """The latest check. `counts` says whether the order is still what was checked."""

    entry: Entry
    counts: bool


def second_check(session: Session, order: Order | None) -> SecondCheck | None:
    """What the latest check is worth for an order; None where nobody checked one."""
    entry = session.last(Kind.DOSE_CHECKED)
    return SecondCheck(entry, Order.from_data(entry.data) == order) if entry else None
