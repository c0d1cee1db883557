"""Vital signs and adverse events of an invented infusion, minute by minute."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from clinic.transfer.synthetic.batches import Batch
from clinic.transfer.synthetic.draws import Draw
from infusions.models import AdverseEvent, VitalSigns
from patients.models import YesNo

#: Every 10 minutes during the infusion, every 15 after it (rule 50).
_DURING_EVERY, _RECOVERY_EVERY, _RECOVERY_SETS = 10, 15, 4
#: Pressures rise by about +16/+11 mmHg at the peak in published series (section 4.3 of the clinical rules).
_PEAK_SYSTOLIC, _PEAK_DIASTOLIC = (16, 8), (10, 6)
_HYPERTENSION = "Transient hypertension"
_EVENTS = {
    "Nausea": 30,
    "Headache": 20,
    "Dizziness": 20,
    "Vomiting": 4,
    "Anxiety": 9,
    "Blurred vision": 5,
    "Sedation": 4,
    _HYPERTENSION: 8,
}
_SELDOM_GRADE_2 = 0.14
_OUTCOMES = (
    "Resolved before discharge",
    "Resolved without treatment",
    "Resolved the same evening",
    "Improved, gone at the call next day",
)


def add_adverse_events(batch: Batch, draw: Draw, record: dict[str, Any], start: datetime, minutes: int) -> bool:
    """Add what went wrong, which is nothing in five of six infusions; whether the pressure rose over the action line."""
    if not draw.chance(0.16):
        return False
    terms = {draw.of(_EVENTS) for _ in range(draw.choice((1, 1, 1, 1, 2)))}
    for term in sorted(terms):
        started_at = start + timedelta(minutes=draw.randint(10, minutes))
        grade = 2 if term in {"Vomiting", _HYPERTENSION} or draw.chance(_SELDOM_GRADE_2) else 1
        batch.add(
            AdverseEvent,
            **record,
            term=term,
            started_at=started_at,
            ended_at=started_at + timedelta(minutes=draw.randint(10, 110)),
            ctcae_grade=grade,
            relatedness=draw.of({"possible": 3, "probable": 5, "definite": 2}),
            expected=YesNo.YES,
            action_taken=_action(draw, term, grade),
            outcome=draw.choice(_OUTCOMES),
        )
    return _HYPERTENSION in terms


def _action(draw: Draw, term: str, grade: int) -> str:
    if grade == 1:
        return draw.of({"none": 8, "slowed": 1, "paused": 1})
    return "rescue" if term in {"Nausea", "Vomiting"} else draw.of({"slowed": 2, "paused": 2, "rescue": 1})


def add_vitals(
    batch: Batch, draw: Draw, record: dict[str, Any], start: datetime, minutes: int, *, over_line: bool, now: datetime
) -> None:
    """Add the sets before, during and after an infusion, as far as it has come at `now`."""
    systolic, diastolic = draw.within(122, 11, 98, 148), draw.within(77, 7, 58, 92)
    heart_rate, saturation = draw.within(74, 9, 54, 100), draw.choice((97, 98, 98, 99))
    rise = draw.within(*_PEAK_SYSTOLIC, 0, 34), draw.within(*_PEAK_DIASTOLIC, 0, 20)
    for at_minute, effect in _schedule(draw, minutes):
        taken_at = start + timedelta(minutes=at_minute)
        if taken_at > now:
            return
        high = over_line and effect > 0.85
        upper = 181 + draw.random() * 8 if high else systolic + rise[0] * effect + draw.gauss(0, 3)
        lower = 104 + draw.random() * 5 if high else diastolic + rise[1] * effect + draw.gauss(0, 2.5)
        batch.add(
            VitalSigns,
            **record,
            taken_at=taken_at,
            systolic_mmhg=round(upper),
            diastolic_mmhg=round(min(lower, upper - 18)),
            heart_rate_per_min=round(heart_rate + 6 * effect + draw.gauss(0, 3)),
            spo2_percent=min(100, saturation - round(1.2 * effect) + draw.choice((-1, 0, 0, 1))),
            on_room_air=YesNo.YES,
            respirations_per_min=draw.choice((13, 14, 14, 15, 16, 16, 17, 18)),
            moaa_s=4 if effect > 0.6 and draw.chance(0.55) else 5,
        )


def _schedule(draw: Draw, minutes: int) -> Iterator[tuple[int, float]]:
    """Minutes after the start and how strong the effect is then; now and then a set was not taken."""
    yield -draw.randint(3, 12), 0.0
    during = range(_DURING_EVERY, minutes + 1, _DURING_EVERY)
    after = range(minutes + _RECOVERY_EVERY, minutes + _RECOVERY_EVERY * _RECOVERY_SETS + 1, _RECOVERY_EVERY)
    for at_minute in (*during, *after):
        ebb = 0.5 ** ((at_minute - minutes) / _RECOVERY_EVERY) if at_minute > minutes else at_minute / minutes
        if not draw.chance(0.02):
            yield at_minute, ebb
