"""Finding patients: by name, MRN or birth date; by status; in pages that stay fast however many patients there are."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.outcomes.models import CourseOutcome
from patients.models import Patient
from patients.search import search_key

PAGE_ROWS = 50
#: Beyond this many the list says "more than": counting everything would be slower than finding.
COUNTED_TO = 1_000
#: How a birth date may be typed.
DAY_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%b %d, %Y", "%B %d, %Y")
#: Nothing typed sorts after this character, the last there is.
_LAST = "\U0010ffff"

ACTIVE, INACTIVE = "active", "inactive"
NOT_STARTED = "NOT_STARTED"


@dataclass(frozen=True)
class Order:
    """How the list is sorted: the columns of one index, with the id as the tie-break, and the direction."""

    words: str
    columns: tuple[str, ...]
    descending: bool = False

    def by(self, *, backwards: bool) -> list[str]:
        """The columns for `order_by`."""
        sign = "-" if self.descending != backwards else ""
        return [f"{sign}{column}" for column in self.columns]

    def beyond(self, row: Patient, *, backwards: bool) -> Q:
        """What comes after this row (before it when backwards). The first condition lets the index begin there."""
        comparison = "lt" if self.descending != backwards else "gt"
        here = {column: getattr(row, column) for column in self.columns}
        first = self.columns[0]
        beyond, same = Q(), Q()
        for column, value in here.items():
            beyond |= same & Q(**{f"{column}__{comparison}": value})
            same &= Q(**{column: value})
        return Q(**{f"{first}__{comparison}e": here[first]}) & beyond


_NAME = ("family_name_key", "given_name_key", "id")
ORDERS = {
    "name": Order("Name, A to Z", _NAME),
    "name-down": Order("Name, Z to A", _NAME, descending=True),
    "mrn": Order("MRN, lowest first", ("mrn_key", "id")),
    "mrn-down": Order("MRN, highest first", ("mrn_key", "id"), descending=True),
    "born": Order("Birth date, oldest patient first", ("date_of_birth", "id")),
    "born-down": Order("Birth date, youngest patient first", ("date_of_birth", "id"), descending=True),
    "registered-down": Order("Registered, newest first", ("id",), descending=True),
    "registered": Order("Registered, first first", ("id",)),
}


@dataclass(frozen=True)
class Search:
    """What is looked for. `after` and `before` are public ids of the rows next to the page."""

    text: str = ""
    status: str = ""
    state: str = ""
    order: str = "name"
    after: str = ""
    before: str = ""

    @property
    def narrows(self) -> bool:
        """Whether it leaves anybody out."""
        return bool(self.text or self.status or self.state)


@dataclass(frozen=True)
class Found:
    """One page of what was found, how many there are in all (`COUNTED_TO` + 1: more), and the ways on and back."""

    patients: list[Patient]
    count: int
    before: str = ""
    after: str = ""

    @property
    def count_words(self) -> str:
        """How many patients were found."""
        if self.count > COUNTED_TO:
            return f"More than {COUNTED_TO:,} patients"
        return f"{self.count:,} patient{'' if self.count == 1 else 's'}"


def find(search: Search) -> Found:
    """The page of patients asked for. Three queries; indexes find and sort, and nothing beyond `COUNTED_TO` is counted."""
    order, everybody = ORDERS[search.order], Patient.objects.filter(*_conditions(search))
    neighbour = _neighbour(search)
    backwards = bool(neighbour and search.before)
    page = everybody.filter(order.beyond(neighbour, backwards=backwards)) if neighbour else everybody
    rows = list(page.order_by(*order.by(backwards=backwards))[: PAGE_ROWS + 1])
    more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
    if backwards:
        rows.reverse()
    return Found(
        patients=rows,
        count=everybody.order_by()[: COUNTED_TO + 1].count(),
        before=rows[0].public_id if rows and (more if backwards else neighbour) else "",
        after=rows[-1].public_id if rows and (backwards or more) else "",
    )


def matching(text: str) -> Q:
    """Patients whose MRN, given name or family name begins so, or whose birth date it is.

    "given family", "family given" and "family, given" find the same; accents, case and blanks do not matter.
    """
    key = search_key(text)
    found = _begins("mrn_key", key) if key else Q(pk__in=())
    if (born := typed_day(text)) is not None:
        found |= Q(date_of_birth=born)
    for one, other in _name_parts(text):
        found |= _named(one, other) | _named(other, one)
    return found


def typed_day(text: str) -> date | None:
    """The day that was typed, as 1984-08-03, 08/03/1984 or 3 Aug 1984; None when it is none."""
    plain = " ".join(text.split())
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a birth date has no zone
        except ValueError:
            continue
    return None


def _name_parts(text: str) -> list[tuple[str, str]]:
    """Every way to read the text as two names, and as one name alone. A comma says where they part."""
    parts = [key for part in text.split(",") if (key := search_key(part))]
    if len(parts) > 1:
        return [(parts[0], " ".join(parts[1:]))]
    words = parts[0].split() if parts else []
    splits = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return [(" ".join(words), ""), *splits] if words else []


def _named(family: str, given: str) -> Q:
    named = Q()
    if family:
        named &= _begins("family_name_key", family)
    if given:
        named &= _begins("given_name_key", given)
    return named


def _begins(column: str, key: str) -> Q:
    """The column begins with the key, said so that the index is used: SQLite's LIKE ignores case, and so its indexes."""
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": key, f"{column}__lt": key + _LAST})
    return Q(**{f"{column}__startswith": key})


def _conditions(search: Search) -> list[Any]:
    conditions: list[Any] = []
    if search.text.strip(" ,"):
        conditions.append(matching(search.text))
    if search.state:
        conditions.append(Q(active=search.state == ACTIVE))
    if search.status == NOT_STARTED:
        conditions.append(~Exists(CourseOutcome.objects.filter(patient_id=OuterRef("pk"))))
    elif search.status:
        conditions.append(Q(pk__in=_latest_outcomes().filter(status=search.status).values("patient_id")))
    return conditions


def _latest_outcomes() -> "QuerySet[CourseOutcome]":
    """The latest outcome course of each patient: its status is the patient's (rule 27b)."""
    same_day = Q(first_infusion_on=OuterRef("first_infusion_on"), course_id__gt=OuterRef("course_id"))
    later = CourseOutcome.objects.filter(
        Q(first_infusion_on__gt=OuterRef("first_infusion_on")) | same_day, patient_id=OuterRef("patient_id")
    )
    return CourseOutcome.objects.filter(~Exists(later))


def _neighbour(search: Search) -> Patient | None:
    """The row next to the page asked for; one that is gone leads to the first page."""
    public_id = search.before or search.after
    return Patient.objects.filter(public_id=public_id).first() if public_id else None
