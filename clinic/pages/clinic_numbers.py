"""The clinic in a few numbers for its medical director: outcomes as published, completeness, safety, and what changed.

Every rate is n of N with its interval, what is missing, window, preset and version (rule 28); nothing of fewer than five
is given as a percentage or mean (rule 31).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from assessments.models import Assessment
from clinic.outcomes.criteria import Criteria, Window
from clinic.outcomes.models import ClinicSummary, CriteriaVersion
from clinic.outcomes.selectors import criteria_in_force
from clinic.pages.clinic_day import day_after, day_starts
from clinic.pages.forms_due import DueForms
from clinic.pages.paging import count_up_to
from clinic.pages.room_links import unsigned_sessions
from infusions.models import AdverseEvent, Infusion
from patients.models import Patient, RecordChange

#: The window of the headline.
PRIMARY = "PRIMARY"
#: Fewer than this are counted and never made a rate or a mean of (rule 31).
FEWEST = 5
#: Below this share of forms the rates may be biased (rule 30).
COMPLETE_FROM_PERCENT = 80
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Number:
    """One number as it is printed: its name, value, what it is of, interval and definition."""

    name: str
    value: str
    of: str
    interval: str = ""
    definition: str = ""
    warn: bool = False


@dataclass(frozen=True)
class Change:
    """A count of the last seven days and of the seven before."""

    what: str
    now: int
    before: int

    @property
    def difference(self) -> int:
        """How many more, or fewer."""
        return self.now - self.before


@dataclass(frozen=True)
class ClinicNumbers:
    """What the medical director's home shows. `basis` is empty while no figures were published."""

    numbers: list[Number]
    basis: str
    pending: str
    events: Number
    serious: int
    unsigned: str
    changes: list[Change] = field(default_factory=list)
    lead: str = ""


def clinic_numbers(now: datetime) -> ClinicNumbers:
    """The numbers as of now; the outcomes are those last published. Fourteen queries, whatever the size of the clinic."""
    today = timezone.localdate(now)
    summary = ClinicSummary.objects.order_by("-id").first()
    in_force = criteria_in_force()
    criteria = in_force.criteria()
    numbers, basis, lead = [], "", "No outcome figures were published yet."
    if summary:
        version = CriteriaVersion.objects.get(number=summary.criteria_version)
        window = next(window for window in version.criteria().windows if window.name == PRIMARY)
        numbers = _outcome_numbers(summary.figures[PRIMARY], version.criteria())
        basis, lead = _basis(summary, version, window), _lead(summary.figures[PRIMARY], window)
        numbers += [_completeness(summary)] if summary.drawable else []
    numbers += [_overdue(today, criteria)]
    events, serious = _adverse_events(today)
    return ClinicNumbers(
        numbers=numbers,
        basis=basis,
        pending=count_up_to(RecordChange.objects.all()),
        events=events,
        serious=serious,
        unsigned=count_up_to(unsigned_sessions(now)),
        changes=_changes(today),
        lead=lead,
    )


def _outcome_numbers(figures: dict[str, Any], criteria: Criteria) -> list[Number]:
    drop = f"{criteria.response_points} or more points"
    if criteria.response_points is None:
        drop = f"{criteria.response_percent} % or more"
    missing = f"{figures['missing']} missing"
    remission = f"total below {criteria.remission_at_most + 1}"
    if criteria.remission_requires_response:
        remission += ", and response"
    return [
        _rate("Response", figures["response"], f"{drop} better · {missing}"),
        _rate("Remission", figures["remission"], f"{remission} · {missing}"),
        _rate("Worsened", figures["worsened"], f"{criteria.worsening_points} or more points worse · {missing}"),
        _mean_change(figures["reduction"], missing),
    ]


def _rate(name: str, rate: dict[str, Any], definition: str) -> Number:
    if rate["n"] < FEWEST:
        return Number(name, f"n < {FEWEST}", f"{rate['x']} of {rate['n']}", definition=definition)
    low, high = rate["ci95"]
    interval = f"95 % CI {_rounded(100 * low)}–{_rounded(100 * high)} %"
    return Number(name, f"{_rounded(100 * rate['rate'])} %", f"{rate['x']} of {rate['n']}", interval, definition)


def _mean_change(reduction: dict[str, Any], missing: str) -> Number:
    definition = f"baseline to follow-up, PCL-5 points; minus is better · {missing}"
    if reduction["n"] < FEWEST:
        return Number("Mean change", f"n < {FEWEST}", f"n {reduction['n']}", definition=definition)
    low, high = (-bound for bound in reversed(reduction["ci95"]))
    interval = f"95 % CI {_rounded(low, 1)} to {_rounded(high, 1)}"
    return Number("Mean change", _rounded(-reduction["mean"], 1), f"n {reduction['n']}", interval, definition)


def _basis(summary: ClinicSummary, version: CriteriaVersion, window: Window) -> str:
    at = timezone.localtime(summary.computed_at)
    return (
        f"{window.label} window, days {window.first_day}–{window.last_day} after the last infusion · each patient’s first "
        f"course · {version.preset}, settings version {version.number} · as of {at.day} {at:%b %Y, %H:%M} · "
        "observational, no control group; provisional, not a diagnosis"
    )


def _lead(figures: dict[str, Any], window: Window) -> str:
    rate = figures["response"]
    if rate["n"] < FEWEST:
        return f"{rate['n']} first courses are evaluated in the {window.label.lower()} window: too few for a rate."
    low, high = rate["ci95"]
    return (
        f"{rate['x']} of {rate['n']} first courses responded ({_rounded(100 * rate['rate'])} %, 95 % CI "
        f"{_rounded(100 * low)}–{_rounded(100 * high)} %) in the {window.label.lower()} window; {figures['missing']} missing."
    )


def _completeness(summary: ClinicSummary) -> Number:
    """As published (rule 30; 5.11): forms in the window, of those whose window is over, without who died or withdrew."""
    obtained = summary.drawable["windows"][PRIMARY]["beside"]["completeness"]
    x, n = obtained["x"], obtained["n"]
    definition = f"with a PCL-5 in the primary window, of those whose window is over · target {COMPLETE_FROM_PERCENT} %"
    if n < FEWEST:
        return Number("Completeness", f"n < {FEWEST}", f"{x} of {n}", definition=definition)
    low = 100 * x < COMPLETE_FROM_PERCENT * n
    words = "below target: rates may be biased" if low else ""
    return Number("Completeness", f"{_rounded(100 * x / n)} %", f"{x} of {n}", words, definition, warn=low)


def _overdue(today: date, criteria: Criteria) -> Number:
    due = DueForms(today, criteria)
    late, open_now = count_up_to(due.overdue_after_treatment()), count_up_to(due.after_treatment())
    definition = "past the planned day, window still open"
    return Number("Overdue PCL-5s", late, f"of {open_now} due after treatment", definition=definition, warn=late != "0")


def _adverse_events(today: date) -> tuple[Number, int]:
    """Rule 55: infusions with at least one adverse event, of those given in the last seven days; and how many grave ones."""
    event = AdverseEvent.objects.not_voided().filter(infusion=OuterRef("pk"))
    grave = event.filter(Q(ctcae_grade__gte=3) | Q(serious=True))
    given = Infusion.objects.given().filter(started_at__gte=day_after(today - _WEEK), started_at__lt=day_after(today))
    counts = given.aggregate(
        n=Count("id"), x=Count("id", filter=Q(Exists(event))), grave=Count("id", filter=Q(Exists(grave)))
    )
    x, n = counts["x"], counts["n"]
    definition = "infusions with one or more, of those given in the last 7 days"
    if n < FEWEST:
        return Number("Adverse events", f"n < {FEWEST}", f"{x} of {n} infusions", definition=definition), counts[
            "grave"
        ]
    from clinic.outcomes.statistics.rates import Rate  # scipy is slow to import: only a director's page needs it

    low, high = Rate(x, n).ci95 or (0.0, 0.0)
    interval = f"95 % CI {_rounded(100 * low)}–{_rounded(100 * high)} %"
    number = Number("Adverse events", f"{_rounded(100 * x / n)} %", f"{x} of {n} infusions", interval, definition)
    return number, counts["grave"]


def _changes(today: date) -> list[Change]:
    """What happened in the last seven days and in the seven before, today included."""
    this, end = day_after(today - _WEEK), day_after(today)
    before = day_starts(today - 2 * _WEEK + timedelta(days=1))
    first_day, first_before = today - _WEEK, today - 2 * _WEEK
    forms = Assessment.objects.current().filter(
        instrument="pcl5", completed_on__gt=first_before, completed_on__lte=today
    )
    infusions = Infusion.objects.given().filter(started_at__gte=before, started_at__lt=end)
    patients = Patient.objects.filter(entered_at__gte=before, entered_at__lt=end)
    in_week = {
        "Patients registered": (patients, Q(entered_at__gte=this)),
        "Infusions given": (infusions, Q(started_at__gte=this)),
        "PCL-5s completed": (forms, Q(completed_on__gt=first_day)),
    }
    found = []
    for what, (rows, recent) in in_week.items():
        counts = rows.aggregate(both=Count("id"), now=Count("id", filter=recent))
        found.append(Change(what, counts["now"], counts["both"] - counts["now"]))
    return found


def _rounded(value: float, places: int = 0) -> str:
    """Half up, with a true minus."""
    number = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{number + 0:f}".replace("-", "−")
