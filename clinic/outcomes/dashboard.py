"""What the dashboard says: the published summary of one window, in words and in what its charts draw.

One row of the database holds it all (`ClinicSummary`); nothing is added up here, so a clinic of any size opens at once.
What filters or another preset ask for is computed for the page (clinic/outcomes/computed.py).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from clinic.outcomes import selectors
from clinic.outcomes.asked import Asked, Choice, Menu
from clinic.outcomes.computed import computed_summary
from clinic.outcomes.criteria import COMPLETENESS_TARGET, COMPLETENESS_TOO_LOW, PRESETS, Criteria, under_preset
from clinic.outcomes.definitions import (
    end_state_words,
    reliable_words,
    remission_words,
    response_words,
    window_label,
    window_words,
    worsening_words,
)
from clinic.outcomes.drawings import tables
from clinic.outcomes.drawings.all import panels
from clinic.outcomes.drawings.panel import Panel, Table
from clinic.outcomes.drawings.status_mix import status_mix
from clinic.outcomes.drawings.study import study
from clinic.outcomes.drawings.trajectories import trajectories
from clinic.outcomes.drawings.waterfall import waterfall
from clinic.outcomes.interval_bars import IntervalBar, change_bar, rate_bar
from clinic.outcomes.models import ClinicSummary, CriteriaVersion
from clinic.outcomes.printed import percent, printed
from clinic.outcomes.small_numbers import FEW, Count, Withheld, limits
from patients.models import Patient


@dataclass(frozen=True)
class Tab:
    """A window that can be chosen."""

    query: str
    label: str
    current: bool


@dataclass(frozen=True)
class Pending:
    """What is not yet in the summary that is shown.

    `patients` are those whose records or outcomes changed since, counted up to one more than MOST_PENDING. `percent` done is
    given when other criteria are in force than those of the summary.
    """

    patients: Count
    percent: int | None = None

    @property
    def any(self) -> bool:
        """Whether the figures are about to change."""
        return bool(self.patients) or self.percent is not None

    @property
    def words(self) -> str:
        """ "3 changes pending"."""
        if not isinstance(self.patients, Withheld) and self.patients > selectors.MOST_PENDING:
            return f">{selectors.MOST_PENDING:,} changes pending"
        return f"{self.patients} change{'' if self.patients == 1 else 's'} pending"


@dataclass(frozen=True)
class Dashboard:
    """One window of the clinic's summary, or of the patients and the preset that are asked for.

    `published` is the clinic's summary; `summary` what is shown: the same, or what was computed for this page, or None while
    that cannot be computed yet.
    """

    asked: Asked
    published: ClinicSummary | None
    summary: ClinicSummary | None
    version: CriteriaVersion
    in_force: CriteriaVersion
    pending: Pending
    with_details: bool = False

    @property
    def window(self) -> str:
        """The window that is shown."""
        return self.asked.window

    @cached_property
    def empty(self) -> bool:
        """Whether nobody was treated yet."""
        return self.published is None or not self.published.figures[self.window]["patients"]

    @cached_property
    def nothing(self) -> str:
        """Why there is nothing to show of what was asked for; "" when there is something."""
        if self.empty:
            return "nobody treated"
        if self.summary is None:
            return "not there yet"
        return "" if self._figures["patients"] else "nobody chosen"

    @cached_property
    def criteria(self) -> Criteria:
        """The criteria under which is counted."""
        site = self.version.criteria()
        return under_preset(self.asked.preset, self.in_force.criteria()) if self.asked.preset else site

    @property
    def definition(self) -> str:
        """The preset with its version, as it stands beside every rate."""
        if self.asked.preset:
            return f"{self.asked.preset}, not in force, computed now"
        return f"{self.version.preset}, settings v{self.version.number}"

    @property
    def definitions(self) -> Menu:
        """The presets that can be looked through."""
        presets = [(self.version.preset + ", in force", "")] + [(name, name) for name in PRESETS]
        choices = [Choice(words, self.asked.query(preset=name), name == self.asked.preset) for words, name in presets]
        return Menu("Definition", self.definition, bool(self.asked.preset), choices)

    @cached_property
    def menus(self) -> list[Menu]:
        """The filters. One query."""
        charts = self._published_charts
        return self.asked.menus(charts.get("quarters", []), charts.get("clinicians", []))

    @property
    def everybody_treated(self) -> int:
        """How many patients the filters choose from."""
        return int(self.published.figures[self.window]["courses"]) if self.published else 0

    @property
    def query(self) -> str:
        """The address."""
        return self.asked.query()

    @property
    def shown(self) -> str:
        """What the page shows, so that it can ask whether that still holds."""
        return f"{self.figures_shown}.{self.pending.patients}.{self.pending.percent}"

    @property
    def figures_shown(self) -> str:
        """Which figures the page shows."""
        return f"{self.published.pk if self.published else 0}.{self.in_force.number}"

    @property
    def tabs(self) -> list[Tab]:
        """Every window, in order of time."""
        return [
            Tab(
                self.asked.query(window=name),
                window_label(self.criteria, name, with_days=name == self.window),
                name == self.window,
            )
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
        below, without = status["BELOW_CUT"], status["NO_BASELINE"]
        if "criterion_a_not_met" in figures:  # handed on: what is withheld cannot be subtracted
            met = figures["criterion_a_not_met"]
            return printed({"below_cut": below, "no_baseline": without, "criterion_a_not_met": met}, "not_counted.")
        outside = figures["courses"] - figures["eligible"]
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
            "fewest": str(limits().fewest),
            "fewest_for_effect": str(limits().fewest_for_effect),
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
        if "incomplete" in self._beside:  # handed on: judged before anything was withheld
            return str(self._beside["incomplete"])
        completeness = self._beside["completeness"] if self._beside else {"n": 0}
        if completeness["n"] < limits().fewest or completeness["rate"] >= COMPLETENESS_TARGET:
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
            "waterfall": waterfall(self._charts["windows"][self.window]["waterfall"], self.criteria),
            "trajectories": trajectories(self._charts["trajectories"], self.criteria),
            "status": status_mix(self._figures["status"], self._figures["courses"]),
            "study": study(self._charts["study_like"], self._charts["published_response"], self.criteria),
        }

    @cached_property
    def panels(self) -> dict[str, Panel]:
        """The panels by name; those of the page of details are there only where it is asked for."""
        details = (self.summary.details or {}) if self.summary and self.with_details and self._charts else {}
        return panels((self._charts, details), self.window, self.criteria)

    @cached_property
    def tables(self) -> dict[str, tuple[str, Table]]:
        """Title and table of every panel, by the name that its CSV has."""
        charts = self.charts
        if charts is None:
            return {}
        first = {
            "waterfall": ("Who changed, and by how much", tables.waterfall(charts["waterfall"])),
            "trajectories": ("PCL-5 before and after treatment", tables.trajectories(charts["trajectories"])),
            "status-mix": ("Where patients stand today", tables.status_mix(charts["status"])),
            "study": ("This clinic beside the published study", tables.study(charts["study"])),
        }
        return first | {panel.id: (panel.title, panel.table) for panel in self.panels.values()}

    @property
    def failed(self) -> Count:
        """Patients who are in no figure because their outcomes could not be computed."""
        failed: Count = self._charts.get("failed", 0)
        return failed

    @property
    def criterion_a_open(self) -> Any:
        """Eligible patients whose criterion A is unclear or not recorded, as it is printed."""
        return printed({"criterion_a_open": self._charts.get("criterion_a_open", 0)})["criterion_a_open"]

    @property
    def _published_charts(self) -> dict[str, Any]:
        return self.published.drawable if self.published else {}

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


def dashboard(
    asked: Asked, stale: int, now: datetime, *, with_details: bool = False, outside: bool = False
) -> Dashboard:
    """The dashboard that an address asks for. Queries: the criteria in force, the summary, its criteria; filters need more.

    `with_details`: with what the page of details draws. `stale` patients are not yet in it; while other criteria are in
    force all of them are counted. `outside`: the same as it may be handed on, to be used within `small_numbers.handed_on()`.
    """
    published, in_force = selectors.latest_summary(with_details=with_details), selectors.criteria_in_force()
    version, pending = in_force, Pending(stale)
    if published and published.criteria_version != in_force.number:
        version = CriteriaVersion.objects.get(number=published.criteria_version)
        pending = _recomputing(in_force)
    summary = published
    if published and (asked.special or outside):
        summary = computed_summary(published, asked, now, with_details=with_details, outside=outside)
    if outside and 0 < pending.patients < limits().fewest:
        pending = replace(pending, patients=FEW)
    return Dashboard(asked, published, summary, version, in_force, pending, with_details)


def _recomputing(in_force: CriteriaVersion) -> Pending:
    waiting, everybody = selectors.stale_patients(in_force.number).count(), Patient.objects.count()
    return Pending(waiting, 100 * (everybody - waiting) // everybody if everybody else 100)
