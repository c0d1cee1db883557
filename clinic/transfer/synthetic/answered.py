"""The PCL-5s of many invented patients as rows: answered and scored all at once, entered one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from assessments.instruments.pcl5 import INSTRUMENT
from assessments.models import Assessment, Mode
from clinic.transfer.synthetic.clinic_days import moment
from clinic.transfer.synthetic.draws import Draw
from clinic.transfer.synthetic.forms import FormPlan
from clinic.transfer.synthetic.history import entered
from clinic.transfer.synthetic.scores import SKIPPED, Ints, answers, leanings, stored_columns
from clinic.transfer.synthetic.sessions import Place

_MODES: dict[str, float] = {Mode.SELF: 62, Mode.PAPER: 24, Mode.READ_ALOUD: 10, Mode.NOT_RECORDED: 4}
_TIMED = (Mode.SELF, Mode.READ_ALOUD)
_FORMS = {form.id: {"recall_days": form.recall_days, "day_rank": form.day_rank} for form in INSTRUMENT.forms}


@dataclass(frozen=True, slots=True)
class Filler:
    """A patient who fills in forms. `sessions`: minute of the day at which a session begins, by day."""

    patient_id: int
    event_id: int | None
    sessions: Mapping[date, int]
    forms: list[FormPlan]
    draw: Draw


def add_forms(place: Place, random: np.random.Generator, fillers: list[Filler]) -> None:
    """Answer, score and add every form of these patients."""
    plans = [plan for filler in fillers for plan in filler.forms]
    if not plans:
        return
    whose = np.repeat(np.arange(len(fillers)), [len(filler.forms) for filler in fillers])
    levels = np.array([plan.level for plan in plans])
    given = answers(random, levels, leanings(random, len(fillers))[whose])
    _correct_and_skip(given, fillers)
    columns = stored_columns(given)
    names, rows = list(columns), zip(*columns.values(), strict=True)
    for filler in fillers:
        scored = [dict(zip(names, next(rows), strict=True)) for _ in filler.forms]
        _add_forms_of(place, filler, scored)


def _correct_and_skip(given: Ints, fillers: list[Filler]) -> None:
    """Give each correction the answers of what it replaces, but for one; then leave out what was skipped."""
    first = 0
    for filler in fillers:
        for row, plan in enumerate(filler.forms, start=first):
            if plan.corrects is not None:
                given[row] = given[first + plan.corrects]
                if plan.changed_item not in filler.forms[plan.corrects].skipped:
                    given[row, plan.changed_item] = (given[row, plan.changed_item] + 1) % (INSTRUMENT.max_per_item + 1)
        for row, plan in enumerate(filler.forms, start=first):
            given[row, list(plan.skipped)] = SKIPPED
        first += len(filler.forms)


def _add_forms_of(place: Place, filler: Filler, scored: list[dict[str, Any]]) -> None:
    corrected = {plan.corrects for plan in filler.forms}
    ids: list[int] = []
    asked: list[dict[str, Any]] = []
    for position, (plan, score) in enumerate(zip(filler.forms, scored, strict=True)):
        if plan.corrects is None:
            values, entered_at = _asked(place, filler, plan)
        else:
            original = ids[plan.corrects]
            values = asked[plan.corrects] | {"replaces_id": original, "first_version_id": original}
            values["replace_reason"] = plan.reason
            entered_at = _days_later(place, plan, filler.draw)
        asked.append(values)
        slip = _voided(place, plan, filler.draw) | ({"replaced": True} if position in corrected else {})
        by = entered(place.staff.intake, entered_at)
        ids.append(place.batch.add(Assessment, **(values | score | slip | by)))


def _asked(place: Place, filler: Filler, plan: FormPlan) -> tuple[dict[str, Any], datetime]:
    """What is known of a form but for its answers, and when it was entered; before a session of that day."""
    draw = filler.draw
    mode = draw.of(_MODES)
    session = filler.sessions.get(plan.day)
    minute = session - draw.randint(15, 45) if session else draw.randint(8 * 60, 17 * 60 + 30)
    completed_at = moment(plan.day, minute, place.zone)
    values = {
        "patient_id": filler.patient_id,
        "instrument": INSTRUMENT.id,
        "form": plan.form,
        "index_event_id": filler.event_id if draw.chance(0.9) else None,
        "completed_on": plan.day,
        "completed_at": completed_at if mode in _TIMED else None,
        "mode": mode,
        **_FORMS[plan.form],
    }
    return values, completed_at + timedelta(minutes=draw.randint(1, 9) if mode in _TIMED else draw.randint(60, 240))


def _days_later(place: Place, plan: FormPlan, draw: Draw) -> datetime:
    return moment(plan.day + timedelta(days=draw.randint(1, 4)), draw.randint(9 * 60, 16 * 60), place.zone)


def _voided(place: Place, plan: FormPlan, draw: Draw) -> dict[str, Any]:
    if not plan.voided:
        return {}
    at = _days_later(place, plan, draw)
    return {"voided_at": at, "voided_by_id": place.staff.intake, "void_reason": plan.reason}
