"""What the pump did: minutes, mg and the moment it will be done, from the entries of the log alone (rule 49)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from infusions import dosing
from infusions.limits import minutes_between
from infusions.session.log import PUMP, Entry, Kind, Session

_MICROSECOND, _MICROSECONDS_A_MINUTE = timedelta(microseconds=1), 60_000_000


@dataclass(frozen=True)
class Order:
    """What was ordered: the bag and the pump. `mg` is in `volume_ml`, which runs in `minutes`."""

    weight_kg: Decimal
    mg_per_kg: Decimal
    mg: Decimal
    minutes: Decimal
    vial_mg_per_ml: Decimal
    bag_ml: Decimal | None = None
    drug_replaces: bool = False

    @property
    def drug_ml(self) -> Decimal:
        """What is drawn from the vial for the bag, to 0.01 mL (rule 48)."""
        return dosing.volume_ml(self.mg, self.vial_mg_per_ml)

    @property
    def volume_ml(self) -> Decimal:
        """What the pump has to give: bag and drug, or the drug alone where there is no bag."""
        if self.bag_ml is None:
            return self.drug_ml
        return self.bag_ml if self.drug_replaces else self.bag_ml + self.drug_ml

    @property
    def rate_ml_per_h(self) -> Decimal:
        """The rate that gives it in the minutes ordered, to 0.1 mL/h. Raises ValueError where the bag is too small."""
        bag = Decimal(0) if self.bag_ml is None else self.bag_ml
        return dosing.bag_rate_ml_per_h(bag, self.drug_ml, self.minutes, drug_replaces=self.drug_replaces)

    def as_data(self) -> dict[str, Any]:
        """Plain values for the log."""
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in vars(self).items()}

    def as_told(self) -> dict[str, Any]:
        """The same with what follows from them, as an entry that says the order keeps it."""
        follows = {"ml_per_h": self.rate_ml_per_h, "drug_ml": self.drug_ml, "volume_ml": self.volume_ml}
        return self.as_data() | {name: str(value) for name, value in follows.items()}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Order":
        """The order of an entry that says one."""
        names = ("weight_kg", "mg_per_kg", "mg", "minutes", "vial_mg_per_ml")
        bag = data["bag_ml"]
        return cls(
            **{name: Decimal(data[name]) for name in names},
            bag_ml=None if bag is None else Decimal(bag),
            drug_replaces=data["drug_replaces"],
        )


@dataclass(frozen=True)
class Stretch:
    """The pump at one rate, from one moment to another. `is_ordered` is the rate of the order itself."""

    begins: datetime
    ends: datetime
    ml_per_h: Decimal
    is_ordered: bool

    @property
    def minutes(self) -> Decimal:
        return minutes_between(self.begins, self.ends)

    @property
    def exact_minutes(self) -> Fraction:
        """The same unrounded: stretches then add up to what one alone would be."""
        return Fraction((self.ends - self.begins) // _MICROSECOND, _MICROSECONDS_A_MINUTE)


@dataclass(frozen=True)
class Pump:
    """What the pump did until `until`, or until it was stopped."""

    order: Order
    stretches: tuple[Stretch, ...]
    #: The rate at `until`; None while it is paused or stopped.
    running_ml_per_h: Decimal | None
    until: datetime
    read_mg: Decimal | None = None

    @classmethod
    def of(cls, session: Session, until: datetime) -> "Pump | None":
        """The pump of a session as of a moment; None if it was not started by then."""
        turns = [entry for entry in session.all(*PUMP) if entry.at <= until]
        if not turns:
            return None
        order = Order.from_data(turns[0].data)
        rate: Decimal = order.rate_ml_per_h
        begins: datetime | None = None
        stretches: list[Stretch] = []
        for entry in turns:
            if begins is not None:
                stretches.append(Stretch(begins, entry.at, rate, rate == order.rate_ml_per_h))
            rate = Decimal(entry.data["ml_per_h"]) if entry.kind is Kind.RATE else rate
            begins = None if entry.kind in {Kind.PAUSED, Kind.STOPPED} else entry.at
        if begins is not None:
            stretches.append(Stretch(begins, until, rate, rate == order.rate_ml_per_h))
        running = None if begins is None else rate
        return cls(order, tuple(stretches), running, until, _read_mg(turns[-1]))

    @property
    def exact_minutes(self) -> Fraction:
        """Minutes during which it ran, pauses excluded."""
        return sum((stretch.exact_minutes for stretch in self.stretches), Fraction(0))

    @property
    def minutes(self) -> Decimal:
        """The same to 0.1 minute, for the record."""
        return dosing.to_tenths(self.exact_minutes)

    @property
    def given_mg(self) -> Decimal:
        """What it delivered, to 0.1 mg: as read from the pump, or rate times minutes, never more than the bag held."""
        if self.read_mg is not None:
            return self.read_mg
        if all(stretch.is_ordered for stretch in self.stretches):
            return dosing.given_mg_at_one_rate(self.order.mg, self.exact_minutes, self.order.minutes)
        return dosing.given_mg(
            [dosing.PumpInterval(self._mg_per_min(stretch), stretch.exact_minutes) for stretch in self.stretches],
            self.order.mg,
        )

    @property
    def ends_at(self) -> datetime | None:
        """When the bag will be empty at the rate it runs at; None while it does not run."""
        if not self.running_ml_per_h:
            return None
        return self.until + timedelta(microseconds=int(self._minutes_left() * _MICROSECONDS_A_MINUTE))

    @property
    def planned_minutes_left(self) -> Decimal:
        """Minutes still to run at the latest rate, also while it is paused."""
        left = self._minutes_left()
        return Decimal(left.numerator) / left.denominator

    def _minutes_left(self) -> Fraction:
        mg = sum((self._mg_per_min(stretch) * stretch.exact_minutes for stretch in self.stretches), Fraction(0))
        return max(Fraction(self.order.mg) - mg, Fraction(0)) / self._mg_per_min(self.stretches[-1])

    def _mg_per_min(self, stretch: Stretch) -> Fraction:
        """The ordered rate is the ordered mg over the ordered minutes; a pump's display rounds it."""
        if stretch.is_ordered:
            return Fraction(self.order.mg) / Fraction(self.order.minutes)
        return Fraction(stretch.ml_per_h) / 60 * Fraction(self.order.mg) / Fraction(self.order.volume_ml)


def _read_mg(last: Entry) -> Decimal | None:
    read = last.data.get("pump_mg") if last.kind is Kind.STOPPED else None
    return None if read is None else Decimal(read)
