"""The infusions of one patient as rows: which of how many, when, how much, and how it went."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone

from clinic.lookups import among
from infusions.models import AdverseEvent, Infusion, Status, VitalSigns

_HUNDREDTH = Decimal("0.01")
_COLUMNS = (
    "id",
    "public_id",
    "course_id",
    "course__number",
    "course__planned_infusions",
    "started_at",
    "status",
    "dose_mg_given",
    "weight_kg",
    "dose_mg_per_kg",
)


@dataclass(frozen=True)
class GivenInfusion:
    """A given infusion: the `ordinal`-th of its course. Doses are None for whoever may not see them."""

    id: int
    public_id: str
    course_id: int
    course_number: int
    planned: int
    ordinal: int
    started_at: datetime
    on: date
    stopped_early: bool
    mg_per_kg: Decimal | None
    mg_given: Decimal | None

    @property
    def place(self) -> str:
        """As "2 of 6"; as "7, 6 planned" when the course got more."""
        words = " of {}" if self.ordinal <= self.planned else ", {} planned"
        return f"{self.ordinal}{words.format(self.planned)}"


@dataclass
class Observed:
    """What was observed during an infusion, as a table says it."""

    peak_bp: str = ""
    events: list[str] = field(default_factory=list)


def received_mg_per_kg(mg_given: Decimal | None, weight_kg: Decimal | None, ordered: Decimal | None) -> Decimal | None:
    """mg/kg that went in: mg given over weight; what was ordered where either is not known."""
    if mg_given is None or not weight_kg:
        return ordered
    return (mg_given / weight_kg).quantize(_HUNDREDTH, ROUND_HALF_UP)


def given_infusions(patient_id: int, *, doses: bool) -> list[GivenInfusion]:
    """The given infusions (rule 12) in order of time, without doses unless `doses`. One query."""
    rows = Infusion.objects.given().of_patient(patient_id).order_by("started_at", "id").values(*_COLUMNS)
    ordinals: dict[int, int] = defaultdict(int)
    found = []
    for row in rows:
        ordinals[row["course_id"]] += 1
        found.append(_given(row, ordinals[row["course_id"]], doses=doses))
    return found


def _given(row: dict[str, Any], ordinal: int, *, doses: bool) -> GivenInfusion:
    mg_per_kg = received_mg_per_kg(row["dose_mg_given"], row["weight_kg"], row["dose_mg_per_kg"])
    return GivenInfusion(
        id=row["id"],
        public_id=row["public_id"],
        course_id=row["course_id"],
        course_number=row["course__number"],
        planned=row["course__planned_infusions"],
        ordinal=ordinal,
        started_at=row["started_at"],
        on=timezone.localdate(row["started_at"]),
        stopped_early=row["status"] == Status.STOPPED_EARLY,
        mg_per_kg=mg_per_kg if doses else None,
        mg_given=row["dose_mg_given"] if doses else None,
    )


def observed_during(infusion_ids: Collection[int]) -> dict[int, Observed]:
    """Peak blood pressure (the set with the highest systolic) and adverse events by infusion. Two queries."""
    seen: dict[int, Observed] = defaultdict(Observed)
    vitals = VitalSigns.objects.not_voided().filter(among("infusion_id", infusion_ids), systolic_mmhg__isnull=False)
    for row in vitals.order_by("systolic_mmhg", "id").values("infusion_id", "systolic_mmhg", "diastolic_mmhg"):
        seen[row["infusion_id"]].peak_bp = f"{row['systolic_mmhg']}/{row['diastolic_mmhg'] or '—'}"
    events = AdverseEvent.objects.not_voided().filter(among("infusion_id", infusion_ids)).order_by("started_at", "id")
    for event in events:
        words = f"{event.term}, grade {event.ctcae_grade}{', serious' if event.serious else ''}"
        seen[event.infusion_id].events.append(words)
    return seen
