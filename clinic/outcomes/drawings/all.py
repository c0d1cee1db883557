"""Every panel, of the dashboard and of its page of details."""

from collections.abc import Callable, Iterable
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

#: Panel -> how it is drawn from what charts/all.py computed under the same name.
DRAWN: dict[str, Draw] = {
    "care_flow": care_flow,
    "time_to_loss": time_to_loss,
    "subgroups": subgroups,
    "completeness": completeness,
    "time_to_first": time_to_first,
    "reliable_change": reliable_change,
    "symptoms": symptoms,
    "doses": doses,
    "adverse_events": adverse_events,
    "setting": setting,
    "retreatment": retreatment,
}


def panels(stored: Iterable[dict[str, Any]], window: str, criteria: Criteria) -> dict[str, Panel]:
    """Each panel under its name, of one window: those of which something is stored."""
    computed: dict[str, Any] = {}
    for charts in stored:
        computed |= charts | charts.get("windows", {}).get(window, {})
    return {name: draw(computed[name], criteria) for name, draw in DRAWN.items() if name in computed}
