"""Everything the dashboard draws, under the names by which it is stored."""

from collections.abc import Callable
from typing import Any

from clinic.outcomes.charts.adverse_events import adverse_events
from clinic.outcomes.charts.beside import beside, clinicians, criterion_a_open, quarters
from clinic.outcomes.charts.care_flow import care_flow
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.completeness import completeness
from clinic.outcomes.charts.doses import doses
from clinic.outcomes.charts.reliable_change import reliable_change
from clinic.outcomes.charts.retreatment import retreatment
from clinic.outcomes.charts.setting import setting
from clinic.outcomes.charts.study import study
from clinic.outcomes.charts.subgroups import subgroups
from clinic.outcomes.charts.symptoms import symptoms
from clinic.outcomes.charts.time_to_first import time_to_first
from clinic.outcomes.charts.time_to_loss import time_to_loss
from clinic.outcomes.charts.trajectories import trajectories
from clinic.outcomes.charts.waterfall import waterfall
from clinic.outcomes.study_like import published_response

OfWindow = dict[str, Callable[[Clinic, str], dict[str, Any]]]
OfClinic = dict[str, Callable[[Clinic], Any]]

#: What the dashboard draws: of each window, and of what has no window. This and the details are stored with each summary.
OF_A_WINDOW: OfWindow = {
    "waterfall": lambda clinic, window: waterfall(clinic.evaluation, window),
    "beside": beside,
    "care_flow": care_flow,
    "subgroups": subgroups,
}
OF_THE_CLINIC: OfClinic = {
    "trajectories": lambda clinic: trajectories(clinic.evaluation, clinic.criteria),
    "study_like": study,
    "published_response": lambda _clinic: published_response(),
    "criterion_a_open": criterion_a_open,
    "quarters": quarters,
    "clinicians": clinicians,
    "time_to_loss": time_to_loss,
    "completeness": completeness,
}
#: What the page of details draws besides.
DETAILS_OF_A_WINDOW: OfWindow = {
    "reliable_change": reliable_change,
    "symptoms": symptoms,
}
DETAILS_OF_THE_CLINIC: OfClinic = {
    "time_to_first": time_to_first,
    "doses": doses,
    "adverse_events": adverse_events,
    "setting": setting,
    "retreatment": retreatment,
}


def clinic_charts(clinic: Clinic, windows_asked: tuple[str, ...]) -> dict[str, Any]:
    """What the dashboard draws: these windows under `windows`, and beside it what has no window."""
    return _computed(clinic, windows_asked, OF_A_WINDOW, OF_THE_CLINIC)


def clinic_details(clinic: Clinic, windows_asked: tuple[str, ...]) -> dict[str, Any]:
    """What the page of details draws besides, in the same shape."""
    return _computed(clinic, windows_asked, DETAILS_OF_A_WINDOW, DETAILS_OF_THE_CLINIC)


def _computed(clinic: Clinic, windows: tuple[str, ...], of_window: OfWindow, of_clinic: OfClinic) -> dict[str, Any]:
    drawn = {window: {name: compute(clinic, window) for name, compute in of_window.items()} for window in windows}
    return {"windows": drawn} | {name: compute(clinic) for name, compute in of_clinic.items()}
