"""What stands on the home page of somebody with these roles, and its answer in a sentence."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth import get_user_model

from clinic.outcomes.due import State
from clinic.pages.attention import Attention, attention
from clinic.pages.clinic_numbers import ClinicNumbers, clinic_numbers
from clinic.pages.forms_due import DueForm
from clinic.pages.room_links import in_room
from clinic.pages.today import DayRow, arrivals, infusions_of_today
from clinic.pages.worklist import Tab, due_now
from clinic.policy import Role
from clinic.web.templatetags.tidemark import clock

#: Forms to give that a home page shows; the questionnaires page has them all.
FORMS_SHOWN = 8


@dataclass(frozen=True)
class Section:
    """What a role sees. None, and no query, for who does not hold it."""

    arrivals: list[DayRow] | None = None
    day: list[DayRow] | None = None
    attention: Attention | None = None
    forms: list[DueForm] | None = None
    forms_tabs: list[Tab] = field(default_factory=list)
    numbers: ClinicNumbers | None = None
    accounts: int | None = None
    rooms: int | None = None
    leads: tuple[str, ...] = ()

    @property
    def cut(self) -> int | None:
        """The clinic's cut, where a strip shows it."""
        return next((row.score.cut for row in self.day or [] if row.score), None)

    @property
    def patient_ids(self) -> set[int]:
        """Whose names the page shows."""
        rows = [*(self.arrivals or []), *(self.day or [])]
        listed = {row.patient.pk for row in rows} | {form.patient.pk for form in self.forms or []}
        return listed | (self.attention.patient_ids if self.attention else set())


def home_sections(roles: Collection[str], now: datetime) -> Section:
    """The sections of these roles. A clinician's list of the day holds the front desk's, so it stands for both."""
    leads: list[str] = []
    treats, receives = Role.CLINICIAN in roles, Role.INTAKE in roles
    day = infusions_of_today(now) if treats else None
    waits, rooms = (attention(now), in_room().count()) if treats else (None, None)
    arriving = arrivals(now) if receives and not treats else None
    forms, tabs = due_now(now, FORMS_SHOWN) if receives else (None, [])
    numbers = clinic_numbers(now) if Role.MEDICAL_DIRECTOR in roles else None
    accounts = get_user_model().objects.filter(is_active=True).count() if Role.ADMINISTRATOR in roles else None
    if day is not None and waits is not None:
        leads.append(_day_lead(day, waits))
    if arriving is not None:
        leads.append(_arrivals_lead(arriving))
    if forms is not None:
        leads.append(_forms_lead(forms, tabs))
    if numbers is not None:
        leads.append(numbers.lead)
    if accounts is not None:
        leads.append(f"{_count(accounts, 'account is', 'accounts are')} open.")
    return Section(arriving, day, waits, forms, tabs, numbers, accounts, rooms, tuple(leads))


def _day_lead(rows: list[DayRow], waits: Attention) -> str:
    """What runs, who is next, and what must be looked at the same day."""
    running = [row for row in rows if row.running]
    waiting = [row for row in rows if row.waiting]
    said = [f"{_count(len(running), 'infusion is', 'infusions are')} running."] if running else []
    if waiting:
        said.append(f"Next at {clock(waiting[0].at)}: {_name(waiting[0])}, {_place(waiting[0])}.")
    elif rows and not running:
        said.append(f"Nothing is left to begin today ({len(rows)} on the list).")
    elif not rows:
        said.append("No infusion is planned for today.")
    if waits.reviews:
        said.append(f"{_count(int(waits.reviews_count), 'PCL-5 asks', 'PCL-5s ask')} for your review.")
    return " ".join(said)


def _arrivals_lead(rows: list[DayRow]) -> str:
    waiting = [row for row in rows if row.waiting]
    if not waiting:
        return "Nobody else is expected for an infusion today."
    people = _count(len(waiting), "person is", "people are")
    return f"{people} still to come today, the next at {clock(waiting[0].at)}: {_name(waiting[0])}."


def _forms_lead(forms: list[DueForm], tabs: list[Tab]) -> str:
    if not forms:
        return "No PCL-5 is due."
    counts = ", ".join(f"{tab.count} {tab.words[0].lower()}{tab.words[1:]}" for tab in tabs if tab.count != "0")
    first = forms[0]
    if first.state is not State.OVERDUE:
        return f"PCL-5s to give: {counts}; none is overdue."
    name = f"{first.patient.given_name} {first.patient.family_name}"
    return f"PCL-5s to give: {counts}. Most overdue, by {_count(first.days_late, 'day', 'days')}: {name}."


def _place(row: DayRow) -> str:
    return "first infusion" if row.ordinal == 1 else f"infusion {row.ordinal} of {row.planned}"


def _name(row: DayRow) -> str:
    return f"{row.patient.given_name} {row.patient.family_name}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
