"""The worklists: one of several lists is shown, the others are tabs with their counts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from clinic.outcomes.selectors import criteria_in_force
from clinic.pages.clinic_day import day_starts
from clinic.pages.forms_due import MISSED_SHOWN_DAYS, DueForm, DueForms
from clinic.pages.infusion_lists import InfusionLists, InfusionRow
from clinic.pages.paging import Page, after_course, after_infusion, count_up_to, page_of

#: Rows on a page.
PAGE_ROWS = 100


@dataclass(frozen=True)
class Tab:
    """One of the lists: its name in the address, its words, and how many rows it has."""

    name: str
    words: str
    count: str


@dataclass(frozen=True)
class Worklist:
    """What a worklist page shows."""

    tabs: list[Tab]
    current: Tab
    page: Page[Any]
    first_page: bool


@dataclass(frozen=True)
class _List:
    name: str
    words: str
    rows: "QuerySet[Any]"
    to_row: Callable[[Any], Any]
    after: Callable[[str], Q | None]


def questionnaires_due(chosen: str, cursor: str, now: datetime) -> Worklist:
    """The PCL-5s to give, the list `chosen` from `cursor` on. Queries: criteria, a count a list, the rows, the cursor's row."""
    due = DueForms(timezone.localdate(now), criteria_in_force().criteria())
    lists = [
        _List(
            "after",
            "After treatment",
            due.after_treatment(),
            due.open_window_form,
            lambda cursor: after_course(cursor, "planned_on"),
        ),
        _List(
            "during",
            "During a series",
            due.during_series(),
            due.series_form,
            lambda cursor: after_course(cursor, "last_form_on"),
        ),
        _List(
            "before",
            "Before the first infusion",
            due.before_first_infusion(day_starts),
            due.baseline_form,
            lambda cursor: after_infusion(cursor, "planned_for"),
        ),
        _List(
            "missed",
            f"Missed in the last {MISSED_SHOWN_DAYS} days",
            due.missed(),
            due.missed_window_form,
            lambda cursor: after_course(cursor, "closes_on", descending=True),
        ),
    ]
    return _worklist(lists, chosen, cursor, lambda row: row.cursor)


def infusions_to_do(chosen: str, cursor: str, now: datetime, *, doses: bool) -> Worklist:
    """The clinic's infusions, the list `chosen` from `cursor` on; doses only for who may see them."""
    lists = InfusionLists(timezone.localdate(now))

    def order(field: str, *, descending: bool = False) -> Callable[[str], Q | None]:
        return lambda cursor: after_infusion(cursor, field, descending=descending)

    found = [
        _List("today", "Today", lists.today(), lambda row: row, order("at")),
        _List("planned", "Planned", lists.planned(), lambda row: row, order("planned_for")),
        _List("open", "To close", lists.to_close(), lambda row: row, order("at")),
        _List("recent", "Recent", lists.recent(), lambda row: row, order("started_at", descending=True)),
    ]
    shown = _worklist(found, chosen, cursor, lambda row: row.public_id, uncounted=("recent",))
    rows: list[InfusionRow] = lists.rows(shown.page.rows, doses=doses)
    return Worklist(shown.tabs, shown.current, Page(rows, shown.page.next), shown.first_page)


def _worklist(
    lists: list[_List],
    chosen: str,
    cursor: str,
    cursor_of: Callable[[Any], str],
    uncounted: tuple[str, ...] = (),
) -> Worklist:
    tabs = [Tab(one.name, one.words, "" if one.name in uncounted else count_up_to(one.rows)) for one in lists]
    position = next((place for place, one in enumerate(lists) if one.name == chosen), 0)
    one = lists[position]
    onward = one.after(cursor) if cursor else None
    rows = one.rows.filter(onward) if onward is not None else one.rows
    page = page_of(rows, PAGE_ROWS, one.to_row, cursor_of)
    return Worklist(tabs, tabs[position], page, onward is None)


def due_now(now: datetime, most: int) -> tuple[list[DueForm], list[Tab]]:
    """The forms that a home page shows, the latest overdue first and at most so many, and a tab with the count of each list."""
    due = DueForms(timezone.localdate(now), criteria_in_force().criteria())
    first = due.before_first_infusion(day_starts)
    forms = [due.baseline_form(row) for row in first[:most]]
    forms += [due.series_form(row) for row in due.during_series()[:most]]
    forms += [due.open_window_form(row) for row in due.after_treatment()[:most]]
    forms.sort(key=lambda form: (-form.days_late, form.period.closes_on, form.cursor))
    tabs = [
        Tab("before", "Before the first infusion", count_up_to(first)),
        Tab("during", "During a series", count_up_to(due.during_series())),
        Tab("after", "After treatment", count_up_to(due.after_treatment())),
    ]
    return forms[:most], tabs
