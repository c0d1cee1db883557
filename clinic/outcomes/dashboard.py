"""What the dashboard says: the published summary of one window, in words and in what its charts draw.

One row of the database holds it all (`ClinicSummary`); nothing is added up here, so a clinic of any size opens at once.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clinic.outcomes import drawings, selectors
from clinic.outcomes.criteria import COMPLETENESS_TARGET, COMPLETENESS_TOO_LOW, Criteria
from clinic.outcomes.definitions import (
    end_state_words,
    reliable_words,
    remission_words,
    response_words,
    window_label,
    window_words,
    worsening_words,
)
from clinic.outcomes.interval_bars import IntervalBar, change_bar, rate_bar
from clinic.outcomes.models import ClinicSummary, CriteriaVersion
from clinic.outcomes.printed import FEWEST, FEWEST_FOR_EFFECT, percent, printed
from patients.models import Patient

DEFAULT_WINDOW = "PRIMARY"


@dataclass(frozen=True)
class Tab:
    """A window that can be chosen."""

    key: str
    label: str
    current: bool


@dataclass(frozen=True)
class Pending:
    """What is not yet in the summary that is shown.

    `patients` are those whose records or outcomes changed since, counted up to one more than MOST_PENDING. `percent` done is
    given when other criteria are in force than those of the summary.
    """

    patients: int
    percent: int | None = None

    @property
    def any(self) -> bool:
        """Whether the figures are about to change."""
        return self.patients > 0 or self.percent is not None

    @property
    def words(self) -> str:
        """ "3 changes pending"."""
        if self.patients > selectors.MOST_PENDING:
            return f">{selectors.MOST_PENDING:,} changes pending"
        return f"{self.patients} change{'' if self.patients == 1 else 's'} pending"


@dataclass(frozen=True)
class Dashboard:
    """One window of the clinic's summary. `empty` when nobody was treated yet: then nothing else may be asked."""

    window: str
    summary: ClinicSummary | None
    version: CriteriaVersion
    in_force: CriteriaVersion
    pending: Pending

    @cached_property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return self.summary is None or not self._figures["patients"]

    @cached_property
    def criteria(self) -> Criteria:
        """The criteria under which the summary was counted."""
        return self.version.criteria()

    @property
    def shown(self) -> str:
        """What the page shows, so that it can ask whether that still holds."""
        return f"{self.figures_shown}.{self.pending.patients}.{self.pending.percent}"

    @property
    def figures_shown(self) -> str:
        """Which figures the page shows."""
        return f"{self.summary.pk if self.summary else 0}.{self.in_force.number}"

    @property
    def key(self) -> str:
        """The window as it stands in addresses."""
        return self.window.lower()

    @property
    def tabs(self) -> list[Tab]:
        """Every window, in order of time."""
        return [
            Tab(name.lower(), window_label(self.criteria, name, with_days=name == self.window), name == self.window)
            for name in self.criteria.window_names
        ]

    @cached_property
    def n(self) -> dict[str, Any]:
        """The figures of the window as they are printed."""
        return printed(self._figures)

    @cached_property
    def beside(self) -> dict[str, Any]:
        """What is printed beside them; empty while an older summary is shown that has no charts."""
        return printed(self._beside, "beside.")

    @property
    def not_counted(self) -> dict[str, Any]:
        """Why treated patients are not eligible."""
        figures, status = self._figures, self._figures["status"]
        outside = figures["courses"] - figures["eligible"]
        below, without = status["BELOW_CUT"], status["NO_BASELINE"]
        counts = {"below_cut": below, "no_baseline": without, "criterion_a_not_met": max(outside - below - without, 0)}
        return printed(counts, "not_counted.")

    @property
    def words(self) -> dict[str, str]:
        """The definitions, and the numbers from which on something is shown."""
        return {
            "window": window_words(self.criteria, self.window),
            "response": response_words(self.criteria),
            "remission": remission_words(self.criteria),
            "worsened": worsening_words(self.criteria),
            "reliable": reliable_words(self.criteria),
            "reliable_and_below": end_state_words(self.criteria),
            "target": f"{percent(COMPLETENESS_TARGET)} %",
            "fewest": str(FEWEST),
            "fewest_for_effect": str(FEWEST_FOR_EFFECT),
        }

    @property
    def bars(self) -> dict[str, IntervalBar | None]:
        """The interval bars of the first row."""
        figures, beside = self._figures, self._beside
        bars = {name: rate_bar(figures[name]) for name in ("response", "remission", "worsened")}
        if beside:
            bars["eligible"] = rate_bar(beside["eligible_share"])
            bars["completeness"] = rate_bar(beside["completeness"], COMPLETENESS_TARGET)
        return {**bars, "change": change_bar(figures["reduction"])}

    @property
    def incomplete(self) -> str:
        """Rule 30: "" when enough were followed up, "low" below the target, "too low" when the rates are greyed."""
        completeness = self._beside["completeness"] if self._beside else {"n": 0}
        if completeness["n"] < FEWEST or completeness["rate"] >= COMPLETENESS_TARGET:
            return ""
        return "too low" if completeness["rate"] < COMPLETENESS_TOO_LOW else "low"

    @property
    def outdated(self) -> bool:
        """Whether other criteria are in force than those of the summary."""
        return self.version.number != self.in_force.number

    @cached_property
    def charts(self) -> dict[str, Any] | None:
        """What is drawn, and the same as tables; None while an older summary is shown that has no charts."""
        if not self._charts:
            return None
        return {
            "waterfall": drawings.waterfall(self._charts["windows"][self.window]["waterfall"], self.criteria),
            "trajectories": drawings.trajectories(self._charts["trajectories"], self.criteria),
            "status": drawings.status_mix(self._figures["status"]),
            "study": drawings.study(self._charts["study_like"], self._charts["published_response"], self.criteria),
        }

    @property
    def failed(self) -> int:
        """Patients who are in no figure because their outcomes could not be computed."""
        return int(self._charts.get("failed", 0))

    @property
    def criterion_a_open(self) -> Any:
        """Eligible patients whose criterion A is unclear or not recorded, as it is printed."""
        return printed({"criterion_a_open": self._charts.get("criterion_a_open", 0)})["criterion_a_open"]

    @property
    def _figures(self) -> dict[str, Any]:
        figures: dict[str, Any] = self.summary.figures[self.window] if self.summary else {}
        return figures

    @property
    def _charts(self) -> dict[str, Any]:
        return self.summary.drawable if self.summary else {}

    @property
    def _beside(self) -> dict[str, Any]:
        beside: dict[str, Any] = self._charts["windows"][self.window]["beside"] if self._charts else {}
        return beside


def window_named(key: str) -> str:
    """The window of an address; the primary one when it names none."""
    names = Criteria().window_names
    return key.upper() if key.upper() in names else DEFAULT_WINDOW


def dashboard(key: str, stale: int) -> Dashboard:
    """The dashboard of the window that an address names. Queries: the criteria in force, the summary, its criteria.

    `stale` patients are not yet in it; while other criteria are in force all of them are counted.
    """
    summary, in_force = selectors.latest_summary(), selectors.criteria_in_force()
    if summary is None or summary.criteria_version == in_force.number:
        return Dashboard(window_named(key), summary, in_force, in_force, Pending(stale))
    version = CriteriaVersion.objects.get(number=summary.criteria_version)
    return Dashboard(window_named(key), summary, version, in_force, _recomputing(in_force))


def _recomputing(in_force: CriteriaVersion) -> Pending:
    waiting, everybody = selectors.stale_patients(in_force.number).count(), Patient.objects.count()
    return Pending(waiting, 100 * (everybody - waiting) // everybody if everybody else 100)
