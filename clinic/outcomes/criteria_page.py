"""What the page of the criteria shows beside the form: how far the recompute is, and every version that was in force."""

from dataclasses import dataclass
from itertools import pairwise

from clinic.outcomes import selectors
from clinic.outcomes.definitions import changes
from clinic.outcomes.models import ClinicSummary, CriteriaVersion
from patients.models import Patient


@dataclass(frozen=True)
class Recompute:
    """How far the recompute under the criteria in force is. `failed` patients could not be computed and are not `left`."""

    in_force: CriteriaVersion
    summary: ClinicSummary | None
    patients: int
    left: int
    failed: int

    @property
    def done(self) -> bool:
        """Whether every patient is computed and the figures that are shown are those of the criteria in force."""
        return not self.left and self.summary is not None and self.summary.criteria_version == self.in_force.number

    @property
    def shown(self) -> str:
        """What the page shows of it, for the page to send back: nothing is drawn anew while it holds."""
        return f"{self.in_force.number}-{self.left}-{self.patients}-{'done' if self.done else 'open'}"

    @property
    def computed(self) -> int:
        """Patients who are computed."""
        return self.patients - self.left

    @property
    def percent(self) -> int:
        """How much is computed; 100 only when nobody is left."""
        return 100 * self.computed // self.patients if self.patients else 100


def recompute(in_force: CriteriaVersion) -> Recompute:
    """How far it is now. Four queries."""
    return Recompute(
        in_force=in_force,
        summary=ClinicSummary.objects.order_by("-pk").only("criteria_version", "computed_at").first(),
        patients=Patient.objects.count(),
        left=selectors.stale_patients(in_force.number).count(),
        failed=selectors.failed_patients(),
    )


def history() -> list[tuple[CriteriaVersion, list[tuple[str, str, str]]]]:
    """Every version, newest first, with what it changed: the value, before and after; nothing for the first. One query."""
    versions = list(CriteriaVersion.objects.select_related("adopted_by").order_by("-number"))
    changed = [changes(before.criteria(), after.criteria()) for after, before in pairwise(versions)]
    return list(zip(versions, [*changed, []], strict=True))
