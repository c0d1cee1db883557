"""Whether a PCL-5 is due before this infusion, and which (rule 15)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from assessments.models import Assessment
from clinic.outcomes.due import WEEKLY_DAYS
from clinic.outcomes.selectors import criteria_in_force
from clinic.room.state import Room
from infusions.models import Phase


@dataclass(frozen=True)
class Pcl5:
    """The last form, and whether one is due today: the month form before a first infusion, then the week form."""

    form: str
    due: bool
    last_on: date | None
    last_total: int | None


def pcl5_due(room: Room) -> Pcl5:
    """How it stands on the day of the session. Two queries."""
    today = timezone.localdate(room.now)
    first = room.number == 1
    forms = Assessment.objects.current().filter(patient=room.patient, instrument="pcl5", completed_on__lte=today)
    last = forms.order_by("-completed_on", "-id").first()
    within = criteria_in_force().criteria().baseline_within_days if first else WEEKLY_DAYS - 1
    due = last is None or last.completed_on < today - timedelta(days=within)
    form = "week" if room.infusion.course.phase == Phase.INDUCTION and not first else "month"
    return Pcl5(form, due, last.completed_on if last else None, last.total if last else None)
