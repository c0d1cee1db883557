"""What somebody asks a letter to hold, and to whom it goes."""

from dataclasses import dataclass

from infusions.models import Course

#: What may be left out: its name -> what it is called.
PARTS = {
    "status": "Current status with its reason",
    "pcl5": "PCL-5 chart and table",
    "infusions": "Infusions with date, mg/kg, mg and minutes",
    "adverse_events": "Adverse events",
}


@dataclass(frozen=True)
class Asked:
    """A letter as it was asked for: `course` is None for a patient without one."""

    recipient: str
    course: Course | None
    text: str
    parts: tuple[str, ...]
