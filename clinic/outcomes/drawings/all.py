"""Every panel of the page of details."""

from collections.abc import Callable
from typing import Any

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.drawings.adverse_events import adverse_events
from clinic.outcomes.drawings.care_flow import care_flow
from clinic.outcomes.drawings.completeness import completeness
from clinic.outcomes.drawings.doses import doses
from clinic.outcomes.drawings.panel import Panel
from clinic.outcomes.drawings.reliable_change import reliable_change
from clinic.outcomes.drawings.retreatment import retreatment
from clinic.outcomes.drawings.setting import setting
from clinic.outcomes.drawings.subgroups import subgroups
from clinic.outcomes.drawings.symptoms import symptoms
from clinic.outcomes.drawings.time_to_first import time_to_first
from clinic.outcomes.drawings.time_to_loss import time_to_loss

Draw = Callable[[dict[str, Any], Criteria], Panel]

#: Panel -> how it is drawn from what charts/all.py computed under the same name: for the window chosen, and for the clinic.
OF_A_WINDOW: dict[str, Draw] = {
    "care_flow": care_flow,
    "subgroups": subgroups,
    "reliable_change": reliable_change,
    "symptoms": symptoms,
}
OF_THE_CLINIC: dict[str, Draw] = {
    "time_to_loss": time_to_loss,
    "time_to_first": time_to_first,
    "completeness": completeness,
    "doses": doses,
    "adverse_events": adverse_events,
    "setting": setting,
    "retreatment": retreatment,
}


def panels(charts: dict[str, Any], window: str, criteria: Criteria) -> dict[str, Panel]:
    """Each panel under its name, of one window."""
    of_window = charts["windows"][window]
    drawn = {name: draw(of_window[name], criteria) for name, draw in OF_A_WINDOW.items()}
    return drawn | {name: draw(charts[name], criteria) for name, draw in OF_THE_CLINIC.items()}
