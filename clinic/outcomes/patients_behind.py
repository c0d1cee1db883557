"""The patients behind a number of the dashboard, as the stored outcomes show them now.

The address names a group and a window, never a patient; pages are numbered. Whoever looks is noted with the ids shown.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils import timezone

from assessments.instruments.pcl5 import WEEK
from assessments.models import Assessment
from clinic.audit.services import record_event
from clinic.lookups import among
from clinic.outcomes import selectors
from clinic.outcomes.asked import Asked
from clinic.outcomes.computed import clinic_asked_for
from clinic.outcomes.dashboard import Pending
from clinic.outcomes.definitions import window_label, window_words
from clinic.outcomes.models import CriteriaVersion, WindowOutcome
from clinic.outcomes.statuses import STATUSES
from clinic.web.templatetags.tidemark import STATUS_WORDS

ROWS_A_PAGE = 50
_BY_NAME = ("outcome__patient__family_name_key", "outcome__patient__given_name_key", "outcome_id")
DEFAULT_GROUP = "evaluated"

_ELIGIBLE = Q(outcome__eligible=True)
_EVALUATED = _ELIGIBLE & Q(endpoint_id__isnull=False)
_NO_ENDPOINT = _ELIGIBLE & Q(endpoint_id__isnull=True)
_PRORATED = Q(outcome__baseline_prorated=True) | Q(endpoint_prorated=True)
#: Group -> its title and who is in it. `missing` and `not_due` also ask for today (`_condition`).
_GROUPS: dict[str, tuple[str, Q]] = {
    "treated": ("Treated", Q()),
    "eligible": ("Eligible", _ELIGIBLE),
    "not_eligible": ("Treated, not eligible", Q(outcome__eligible=False)),
    "evaluated": ("Evaluated", _EVALUATED),
    "missing": ("Follow-up missing", _NO_ENDPOINT),
    "not_due": ("Follow-up not due yet", _NO_ENDPOINT),
    "response": ("Response", _EVALUATED & Q(response=True)),
    "remission": ("Remission", _EVALUATED & Q(remission=True)),
    "worsened": ("Worsened", _EVALUATED & Q(worsened=True)),
    "reliable_change": ("Reliable change", _EVALUATED & Q(reliable_change=True)),
    "reliable_and_below": ("Reliable change, end state reached", _EVALUATED & Q(reliable_and_below=True)),
    "worsened_outside": ("Worsened, not eligible", Q(outcome__eligible=False, worsened=True)),
    "weekly_endpoint": ("Endpoint from a week form", _EVALUATED & Q(endpoint_recall_days=WEEK.recall_days)),
    "covers_pretreatment": ("Endpoint looks back to before treatment", _EVALUATED & Q(covers_pretreatment=True)),
    "mixed_recall": ("Week and month form mixed", _EVALUATED & Q(mixed_recall=True)),
    "weekly_baseline": ("Baseline from a week form", _EVALUATED & Q(outcome__weekly_baseline=True)),
    "prorated": ("Prorated total", _EVALUATED & _PRORATED),
}
_GROUPS |= {
    f"status-{code.lower()}": (f"Status today: {STATUS_WORDS[code][1]}", Q(outcome__status=code))
    for code in STATUSES[1:]
}


@dataclass(frozen=True)
class Row:
    """One patient's index course; a PCL-5 is its random id, or empty where there is none."""

    patient: Any
    course: Any
    window: Any
    baseline_public_id: str
    endpoint_public_id: str

    @property
    def change(self) -> int | None:
        """Endpoint minus baseline."""
        return None if self.window.reduction is None else -int(self.window.reduction)

    @property
    def flags(self) -> list[str]:
        """What to know of these readings."""
        found = {
            "looks back to before treatment": self.window.covers_pretreatment,
            "week and month form": self.window.mixed_recall,
            "week-form baseline": self.course.weekly_baseline,
            "week-form endpoint": self.window.endpoint_recall_days == WEEK.recall_days,
            "prorated": self.course.baseline_prorated or self.window.endpoint_prorated,
            "during the series": self.course.provisional,
        }
        return [words for words, holds in found.items() if holds]


@dataclass(frozen=True)
class Listed:
    """A page of the patients of one group in one window, with the count of all of them at this moment."""

    of: str
    title: str
    asked: Asked
    version: CriteriaVersion
    pending: Pending
    page: "Page[Any]"
    rows: list[Row]

    @property
    def count(self) -> int:
        """How many there are in all."""
        return self.page.paginator.count

    @property
    def count_words(self) -> str:
        """The count with its noun."""
        return f"{self.count:,} patient{'' if self.count == 1 else 's'}"

    @property
    def window(self) -> str:
        """The window that is shown."""
        return self.asked.window

    @property
    def definition(self) -> str:
        """Under which definition the patients are in this group."""
        if self.asked.preset:
            return f"{self.asked.preset}, not in force; the status is that of settings v{self.version.number}"
        return f"{self.version.preset}, settings v{self.version.number}"

    @property
    def query(self) -> str:
        """The address of the dashboard that it belongs to."""
        return self.asked.query()

    @property
    def window_label(self) -> str:
        """The window in words."""
        return window_label(self.version.criteria(), self.window)

    @property
    def window_words(self) -> str:
        """When a follow-up of the window is."""
        return window_words(self.version.criteria(), self.window)


def patients_behind(*, actor: Any, now: datetime, stale: int, asked: Asked, of: str, page: str) -> Listed:
    """A page of the list behind a number, noted as seen by `actor`; unknown words of the address mean their default.

    Queries: criteria, count, ids, rows, forms, the audit event. `stale` patients are not yet in it. Filters choose by the
    published extract; under another preset than the one in force it also says who is in the group.
    """
    of, today = of if of in _GROUPS else DEFAULT_GROUP, timezone.localdate(now)
    version = selectors.criteria_in_force()
    counted = _index_courses(asked.window, version.number)
    if not asked.preset:
        counted = counted.filter(_condition(of, today))
    if asked.special:
        counted = counted.filter(among("outcome_id", _chosen(asked, _condition(of, today), now)))
    asked_page = Paginator(counted.values_list("outcome_id", flat=True), ROWS_A_PAGE).get_page(page)
    rows = _rows(asked.window, list(asked_page.object_list))
    seen = {"of": of, "window": asked.window, "page": asked_page.number, "count": asked_page.paginator.count}
    seen |= {"filters": asked.filters.asked()} if asked.filters.any else {}
    record_event(actor, "list outcomes", detail={**seen, "patients": [row.patient.pk for row in rows]})
    return Listed(of, _GROUPS[of][0], asked, version, Pending(stale), asked_page, rows)


def _chosen(asked: Asked, condition: Q, now: datetime) -> list[int]:
    """The outcome courses of the patients whom the filters choose, under another preset of those for whom the condition
    holds under it; nobody while there is no extract."""
    published = selectors.latest_summary()
    clinic = clinic_asked_for(published, asked, now) if published else None
    if clinic is None:
        return []
    courses, window = clinic.evaluation.courses, clinic.evaluation.windows[asked.window]
    chosen = courses[_holds(condition, courses, window)] if asked.preset else courses
    return [int(course_id) for course_id in chosen["course_id"]]


def _holds(condition: Q, courses: Any, window: Any) -> Any:
    """For which courses a condition of this module holds, told by the frames of an evaluation (clinic/outcomes/response.py)."""
    import pandas as pd

    found = pd.Series(condition.connector == Q.AND, index=courses.index)
    for part in condition.children:
        if isinstance(part, Q):
            holds = _holds(part, courses, window)
        else:
            name, value = cast("tuple[str, Any]", part)
            holds = _equals(name, value, courses, window)
        found = found & holds if condition.connector == Q.AND else found | holds
    return ~found if condition.negated else found


def _equals(name: str, value: Any, courses: Any, window: Any) -> Any:
    import pandas as pd

    frame = courses if name.startswith("outcome__") else window
    column, _, lookup = name.removeprefix("outcome__").partition("__")
    if lookup == "isnull":
        return frame[column].isna() == value
    if lookup == "lt":
        return frame[column] < pd.Timestamp(value)
    return (frame[column] == value).fillna(False).astype(bool)


def _index_courses(window: str, criteria_version: int) -> "QuerySet[WindowOutcome]":
    index_courses = WindowOutcome.objects.filter(
        window=window, outcome__criteria_version=criteria_version, outcome__is_index=True
    )
    return index_courses.order_by(*_BY_NAME)


def _condition(of: str, today: date) -> Q:
    closed = Q(closes_on__lt=today)
    timed = {"missing": closed, "not_due": ~closed}.get(of, Q())
    return _GROUPS[of][1] & timed


def _rows(window: str, course_ids: list[int]) -> list[Row]:
    """The ids were sorted first, by themselves: whole rows of a large clinic are many times as wide."""
    chosen = WindowOutcome.objects.filter(among("outcome_id", course_ids), window=window)
    outcomes = list(chosen.select_related("outcome__patient").order_by(*_BY_NAME)) if course_ids else []
    named = {reading for each in outcomes for reading in (each.outcome.baseline_id, each.endpoint_id) if reading}
    forms = Assessment.objects.filter(among("pk", sorted(named))).order_by("pk")
    public_id = dict(forms.values_list("pk", "public_id")) if named else {}
    return [
        Row(
            patient=each.outcome.patient,
            course=each.outcome,
            window=each,
            baseline_public_id=public_id.get(each.outcome.baseline_id or 0, ""),
            endpoint_public_id=public_id.get(each.endpoint_id or 0, ""),
        )
        for each in outcomes
    ]
