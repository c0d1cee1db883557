"""How ill a patient is on any day, in PCL-5 points, before chance and the items have their say."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from clinic.transfer.synthetic.draws import Draw
from clinic.transfer.synthetic.stories import Kind

#: The effect of an induction is complete so many days after its last infusion; a relapse takes so many.
_SETTLES_DAYS, _RELAPSE_DAYS = 5, 35


@dataclass(frozen=True, slots=True)
class Effect:
    """One induction: from `start` to `settled` points, and back to `returns_to` from `returns_on`, if ever."""

    first_on: date
    last_on: date
    start: float
    settled: float
    returns_on: date | None
    returns_to: float

    def level(self, day: date) -> float:
        """Points on a day after the first infusion."""
        span = (self.last_on - self.first_on).days + _SETTLES_DAYS
        left = 1 - min(1.0, (day - self.first_on).days / span)
        value = self.settled + (self.start - self.settled) * left**1.6
        if self.returns_on and day > self.returns_on:
            value += (self.returns_to - value) * min(1.0, (day - self.returns_on).days / _RELAPSE_DAYS)
        return value


@dataclass(slots=True)
class Symptoms:
    """A patient's course of illness: the severity that she came with and the effects of her inductions, in time order."""

    severity: float
    effects: list[Effect] = field(default_factory=list)

    def level(self, day: date) -> float:
        """Points on this day."""
        begun = [effect for effect in self.effects if effect.first_on < day]
        return begun[-1].level(day) if begun else self.severity

    def respond(self, draw: Draw, kind: Kind, first_on: date, last_on: date, relapses: bool) -> Effect:
        """Add the effect of an induction."""
        start = self.level(first_on)
        returns_on = last_on + timedelta(days=draw.randint(25, 240)) if relapses else None
        effect = Effect(first_on, last_on, start, _settled(draw, kind, start), returns_on, start - draw.uniform(-4, 6))
        self.effects.append(effect)
        return effect


def _settled(draw: Draw, kind: Kind, start: float) -> float:
    if kind is Kind.RESPONDER:
        return start - max(13.0, start * draw.within(0.57, 0.16, 0.22, 0.9))
    if kind is Kind.WORSE:
        return min(78.0, start + draw.uniform(14, 22))
    return start - draw.within(2.5, 4, -6, 9)
