"""Long lists in pages: the next page begins after the last row shown, so it costs the same however far one goes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from infusions.models import Course, Infusion

Row = TypeVar("Row")

#: Counting stops here: "more than 1,000".
MOST_COUNTED = 1_000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of a page, and the cursor of the next one, if there is more."""

    rows: list[Row]
    next: str = ""


def page_of(
    rows: "QuerySet[Any]", size: int, to_row: Callable[[Any], Row], cursor_of: Callable[[Row], str]
) -> Page[Row]:
    """The first `size` rows, and where the next page begins. One query."""
    found = [to_row(row) for row in rows[: size + 1]]
    shown = found[:size]
    return Page(shown, cursor_of(shown[-1]) if len(found) > size else "")


def count_up_to(rows: "QuerySet[Any]") -> str:
    """How many, in words: "17", or "more than 1,000" without counting further. One query."""
    found = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"more than {MOST_COUNTED:,}" if found > MOST_COUNTED else f"{found:,}"


def cursor_in(text: str) -> str:
    """The cursor of an address, or none where it cannot be one."""
    return text if re.fullmatch(r"[\w~-]{1,80}", text, re.ASCII) else ""


def after_course(cursor: str, day_field: str, *, descending: bool = False) -> Q | None:
    """What comes after the row of this cursor ("day~course" or "day~course~window") in its list; None if it names none."""
    day_text, _, rest = cursor.partition("~")
    public_id, _, window = rest.partition("~")
    course_id = Course.objects.filter(public_id=public_id).values_list("pk", flat=True).first()
    try:
        day = date.fromisoformat(day_text)
    except ValueError:
        return None
    if course_id is None:
        return None
    key = "outcome_id" if window else "course_id"
    same_day = Q(**{day_field: day})
    later = Q(**{f"{day_field}__{'lt' if descending else 'gt'}": day}) | same_day & Q(**{f"{key}__gt": course_id})
    return later | same_day & Q(outcome_id=course_id, window__gt=window) if window else later


def after_infusion(cursor: str, moment_field: str, *, descending: bool = False) -> Q | None:
    """What comes after the infusion with this public id in a list by `moment_field`, then id; None if there is none such.

    `moment_field` may be `at`, the annotation of lists that order by the planned moment or else the start.
    """
    known = Infusion.objects.annotate(at=Coalesce("planned_for", "started_at"))
    last = known.filter(public_id=cursor).values("pk", moment_field).first()
    if last is None or last[moment_field] is None:
        return None
    onward = "lt" if descending else "gt"
    at = last[moment_field]
    return Q(**{f"{moment_field}__{onward}": at}) | Q(**{moment_field: at, f"id__{onward}": last["pk"]})
