"""What waits for a clinician: forms to review, sessions unsigned or without a note, infusions nobody closed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment
from clinic.lookups import among
from clinic.outcomes.models import CourseOutcome
from clinic.pages.clinic_day import day_after, day_starts
from clinic.pages.infusion_lists import InfusionLists
from clinic.pages.paging import count_up_to
from clinic.pages.room_links import MOST_UNSIGNED, Unsigned, unsigned
from infusions.models import Infusion, IntegrationNote
from patients.models import Patient

#: Flags and sessions of so many days are listed, and so many of them.
SHOWN_DAYS = 7
SHOWN_ROWS = 8


@dataclass(frozen=True)
class Review:
    """A form that asks for a clinician's look the same day (rule 10), and why."""

    patient: Patient
    on: date
    reasons: list[str]
    url: str


@dataclass(frozen=True)
class Attention:
    """The four lists, each with how many there are in all."""

    reviews: list[Review]
    reviews_count: str
    without_note: list[Infusion]
    without_note_count: str
    unclosed: list[Infusion]
    unclosed_count: str
    unsigned: list[Unsigned]
    unsigned_count: str

    @property
    def patient_ids(self) -> set[int]:
        """Whose names the lists show."""
        listed = (*self.without_note, *self.unclosed, *(one.infusion for one in self.unsigned))
        sessions = [infusion.course.patient_id for infusion in listed]
        return {review.patient.pk for review in self.reviews} | set(sessions)


def attention(now: datetime) -> Attention:
    """What waits as of now. Nine queries."""
    today = timezone.localdate(now)
    reviews, late = _reviews(today), unsigned(now)
    without_note, unclosed = _without_note(today), InfusionLists(today).to_close()
    return Attention(
        reviews=reviews[:SHOWN_ROWS],
        reviews_count=str(len(reviews)),
        without_note=list(without_note[:SHOWN_ROWS]),
        without_note_count=count_up_to(without_note),
        unclosed=list(unclosed[:SHOWN_ROWS]),
        unclosed_count=count_up_to(unclosed),
        unsigned=late[:SHOWN_ROWS],
        unsigned_count=str(len(late)) if len(late) < MOST_UNSIGNED else f"{MOST_UNSIGNED} or more",
    )


def _reviews(today: date) -> list[Review]:
    """Forms of the last days with a flagged answer or a rise over the baseline, the latest first."""
    since = today - timedelta(days=SHOWN_DAYS)
    rises = _rises(since)
    flagged = _forms().filter(completed_on__gte=since).exclude(review_flags=[])
    risen = _forms().filter(among("patient_id", {patient_id for patient_id, _ in rises}), completed_on__gte=since)
    forms = {form.pk: form for form in flagged}
    forms |= {form.pk: form for form in risen if (form.patient_id, form.completed_on) in rises}
    newest = sorted(forms.values(), key=lambda form: (form.completed_on, form.pk), reverse=True)
    return [_review(form, rises.get((form.patient_id, form.completed_on))) for form in newest]


def _forms() -> "QuerySet[Assessment]":
    forms = Assessment.objects.current().filter(instrument="pcl5").select_related("patient")
    rows: QuerySet[Assessment] = forms.order_by("-completed_on", "-id")
    return rows


def _rises(since: date) -> dict[tuple[int, date], int]:
    """(patient, day) -> points over the baseline, of the latest follow-up of each course that rose since that day."""
    rows = CourseOutcome.objects.filter(rise_on__gte=since).order_by("course_id")
    return {
        (outcome.patient_id, outcome.rise_on): (outcome.latest_total or 0) - (outcome.baseline_total or 0)
        for outcome in rows
        if outcome.rise_on and outcome.rise_on == outcome.latest_on
    }


def _review(form: Assessment, rise: int | None) -> Review:
    items = [int(flag.removeprefix("item_")) for flag in form.review_flags]
    reasons = [f"Item {item} is {form.answers[item - 1]}" for item in items]
    if rise is not None:
        reasons.append(f"{rise} points over the baseline")
    url = reverse("assessments:assessment", args=[form.patient.public_id, form.public_id])
    return Review(form.patient, form.completed_on, reasons, url)


def _without_note(today: date) -> "QuerySet[Infusion]":
    """Given infusions of the last days that have no integration note, the oldest first."""
    note = IntegrationNote.objects.not_voided().filter(infusion=OuterRef("pk"))
    since = day_starts(today - timedelta(days=SHOWN_DAYS))
    given = Infusion.objects.given().filter(started_at__gte=since, started_at__lt=day_after(today))
    rows: QuerySet[Infusion] = given.filter(~Exists(note)).select_related("course__patient")
    return rows.order_by("started_at", "id")
