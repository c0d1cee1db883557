"""Today's infusions, one row a person: when, who, which of how many, the last dose, the latest PCL-5, and what to watch."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from assessments.models import Assessment
from clinic.lookups import among
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.models import CourseOutcome
from clinic.outcomes.selectors import criteria_in_force
from clinic.pages.clinic_day import from_now
from clinic.pages.day_flags import Chip, allergy_chip, interval_chip, item_chips, rise_chip
from clinic.pages.given_infusions import received_mg_per_kg
from clinic.pages.infusion_lists import InfusionLists
from clinic.pages.room_links import leads_to_room
from infusions.models import ENDED, Infusion, Phase, Status
from infusions.selectors import limits_in_force
from infusions.session.log import Stage
from patients.ages import age_on
from patients.models import Gender, Patient

#: More than a clinic can give in a day; the list of infusions has them all.
MOST_ROWS = 100
#: Forms older than this say nothing about today.
_FORMS_SINCE = timedelta(days=180)
#: Courses with more infusions than this are told in numbers alone.
_MOST_PIPS = 12
_GENDER_LETTERS = {Gender.FEMALE: "F", Gender.MALE: "M", Gender.NONBINARY: "NB"}


@dataclass(frozen=True)
class Score:
    """The latest PCL-5, the baseline it is compared with, and where both stand on the strip (0-80, 110 wide)."""

    latest: int
    baseline: int | None
    cut: int

    @property
    def change(self) -> int | None:
        """Points gained or lost since the baseline; None where the latest form is the baseline."""
        return None if self.baseline is None else self.latest - self.baseline

    @property
    def strip(self) -> dict[str, str]:
        """Horizontal places of baseline, latest and cut."""
        totals = {
            "before": self.latest if self.baseline is None else self.baseline,
            "now": self.latest,
            "cut": self.cut,
        }
        return {name: f"{4 + 1.275 * total:.1f}" for name, total in totals.items()}


@dataclass(frozen=True)
class DayRow:
    """One infusion of today. `last_dose` and `score` are None for whoever may not see them."""

    infusion: Infusion
    patient: Patient
    age: int
    gender: str
    at: datetime
    when: str
    ordinal: int
    planned: int
    pips: list[str]
    last_dose: Decimal | None = None
    last_on: date | None = None
    score: Score | None = None
    chips: list[Chip] = field(default_factory=list)
    to_room: bool = False

    @property
    def running(self) -> bool:
        """Whether it is being given now."""
        return bool(self.infusion.status == Status.IN_PROGRESS)

    @property
    def goes_on(self) -> bool:
        """Whether somebody is with the patient: it runs, or its session is open in the infusion room."""
        return _goes_on(self.infusion)

    @property
    def last_words(self) -> str:
        """The day of the last dose, with its year only where that is another one."""
        if self.last_on is None:
            return ""
        year = "" if self.last_on.year == timezone.localdate(self.at).year else f" {self.last_on.year}"
        return f"{self.last_on.day} {self.last_on:%b}{year}"

    @property
    def form(self) -> str:
        """The PCL-5 to give on this day (rule 15): the week form during a series, else the month form."""
        return "week" if self.infusion.course.phase == Phase.INDUCTION and self.ordinal > 1 else "month"

    @property
    def waiting(self) -> bool:
        """Whether it is still to begin."""
        return bool(self.infusion.status == Status.PLANNED and not self.infusion.stage)


def arrivals(now: datetime) -> list[DayRow]:
    """Today's infusions as the front desk may see them: when and how many, no dose, no flags. Two queries."""
    infusions = _infusions_of_today(now)
    given = _given_of({infusion.course.patient_id for infusion in infusions})
    return [_bare_row(infusion, given[infusion.course.patient_id], now) for infusion in infusions]


def infusions_of_today(now: datetime) -> list[DayRow]:
    """Today's infusions for who treats: with last dose, latest PCL-5 and flags. Six queries."""
    infusions = _infusions_of_today(now)
    patient_ids = {infusion.course.patient_id for infusion in infusions}
    given, forms = _given_of(patient_ids), _latest_forms(patient_ids, timezone.localdate(now))
    outcomes, criteria, limits = _outcomes_of(patient_ids), criteria_in_force().criteria(), limits_in_force()
    rows = []
    for infusion in infusions:
        patient_id = infusion.course.patient_id
        row = _bare_row(infusion, given[patient_id], now)
        before = [other for other in given[patient_id] if other.pk != infusion.pk and other.started_at < row.at]
        outcome, form = _outcome_for(infusion, outcomes[patient_id]), forms.get(patient_id)
        chips = [*item_chips(form), allergy_chip(row.patient), rise_chip(outcome)]
        if infusion.status not in {*ENDED, Status.CANCELLED, Status.NO_SHOW} and before:
            chips.append(interval_chip(limits, row.at, before[-1].started_at))
        row = replace(
            row, to_room=leads_to_room(infusion, timezone.localdate(now)), when=_stage_words(infusion) or row.when
        )
        rows.append(_with_history(row, before, _score(outcome, form, criteria), [chip for chip in chips if chip]))
    return rows


def _infusions_of_today(now: datetime) -> list[Infusion]:
    """Those that go on, those to come, then those that are over; each by time."""
    found = list(InfusionLists(timezone.localdate(now)).today()[:MOST_ROWS])
    return sorted(found, key=lambda one: 0 if _goes_on(one) else 1 if one.status == Status.PLANNED else 2)


def _goes_on(infusion: Infusion) -> bool:
    """Whether somebody is with the patient: it runs, or its session is open in the infusion room."""
    return bool(infusion.status == Status.IN_PROGRESS or (infusion.in_room and infusion.stage != Stage.DISCHARGED))


def _stage_words(infusion: Infusion) -> str:
    """How far a session kept in the infusion room has come; "" for any other."""
    if not infusion.stage or infusion.status in {Status.CANCELLED, Status.NO_SHOW}:
        return ""
    return "to sign" if infusion.stage == Stage.DISCHARGED else str(infusion.get_stage_display()).lower()


def _given_of(patient_ids: set[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    rows = Infusion.objects.given().filter(among("course__patient_id", patient_ids)).select_related("course")
    for infusion in rows.order_by("started_at", "id"):
        found[infusion.course.patient_id].append(infusion)
    return found


def _latest_forms(patient_ids: set[int], today: date) -> dict[int, Assessment]:
    forms = Assessment.objects.current().filter(among("patient_id", patient_ids), instrument="pcl5")
    recent = forms.filter(completed_on__gte=today - _FORMS_SINCE).in_reading_order()
    return {form.patient_id: form for form in recent}


def _outcomes_of(patient_ids: set[int]) -> dict[int, list[CourseOutcome]]:
    found: dict[int, list[CourseOutcome]] = defaultdict(list)
    rows = CourseOutcome.objects.filter(among("patient_id", patient_ids))
    for outcome in rows.order_by("patient_id", "first_infusion_on", "course_id"):
        found[outcome.patient_id].append(outcome)
    return found


def _outcome_for(infusion: Infusion, outcomes: list[CourseOutcome]) -> CourseOutcome | None:
    """The outcome of an induction is its own; maintenance and booster infusions follow the latest one (rule 12)."""
    if infusion.course.phase != Phase.INDUCTION:
        return outcomes[-1] if outcomes else None
    return next((outcome for outcome in outcomes if outcome.pk == infusion.course_id), None)


def _score(outcome: CourseOutcome | None, form: Assessment | None, criteria: Criteria) -> Score | None:
    if outcome and outcome.latest_total is not None:
        return Score(outcome.latest_total, outcome.baseline_total, criteria.cut)
    if outcome and outcome.baseline_total is not None:
        return Score(outcome.baseline_total, None, criteria.cut)
    return Score(form.total, None, criteria.cut) if form and form.total is not None else None


def _bare_row(infusion: Infusion, given: Iterable[Any], now: datetime) -> DayRow:
    patient, planned = infusion.course.patient, infusion.course.planned_infusions
    at = infusion.started_at or infusion.planned_for
    earlier = [one for one in given if one.course_id == infusion.course_id and one.started_at < at]
    ordinal = len([one for one in earlier if one.pk != infusion.pk]) + 1
    return DayRow(
        infusion=infusion,
        patient=patient,
        age=age_on(patient.date_of_birth, timezone.localdate(now)),
        gender=_GENDER_LETTERS.get(patient.gender, ""),  # type: ignore[call-overload]
        at=at,  # type: ignore[arg-type]
        when=_when(infusion, now),
        ordinal=ordinal,
        planned=planned,
        pips=_pips(infusion, ordinal, planned),
    )


def _with_history(row: DayRow, before: list[Any], score: Score | None, chips: list[Chip]) -> DayRow:
    last = before[-1] if before else None
    dose = received_mg_per_kg(last.dose_mg_given, last.weight_kg, last.dose_mg_per_kg) if last else None
    last_on = timezone.localdate(last.started_at) if last else None
    return replace(row, last_dose=dose, last_on=last_on, score=score, chips=chips)


def _when(infusion: Infusion, now: datetime) -> str:
    if infusion.status == Status.PLANNED and infusion.planned_for:
        return from_now(infusion.planned_for, now)
    if infusion.status == Status.IN_PROGRESS:
        return "running"
    return infusion.get_status_display().lower()


def _pips(infusion: Infusion, ordinal: int, planned: int) -> list[str]:
    """A dot for each planned infusion: given, this one, to come."""
    if planned > _MOST_PIPS:
        return []
    this = "done" if infusion.status in ENDED else "now" if infusion.status == Status.IN_PROGRESS else ""
    return ["done" if place < ordinal else this if place == ordinal else "" for place in range(1, planned + 1)]
