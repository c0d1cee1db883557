"""The clinic's study-like figures with the contrast that the published study reports (rule 36): psychotherapy or none."""

from dataclasses import replace
from typing import Any

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.subgroups import subgroups
from clinic.outcomes.criteria import DEFAULT_PRESET, LAST, under_preset
from clinic.outcomes.study_like import restate, study_like


def study(clinic: Clinic) -> dict[str, Any]:
    """`study_like`, and `psychotherapy`: n of the smaller group, difference in points with its interval, Hedges g.

    Empty where the two groups are too few to be compared (rule 31).
    """
    restated = restate(clinic.evaluation, under_preset(DEFAULT_PRESET, clinic.criteria))
    groups = {group["name"]: group for group in subgroups(replace(clinic, evaluation=restated), LAST)["groups"]}
    contrast = groups.get("psychotherapy", {}).get("contrast", {})
    compared = {}
    if "difference" in contrast:
        compared = {"n": min(contrast["sizes"]), **{name: contrast[name] for name in ("difference", "ci95", "g")}}
    return study_like(clinic.evaluation, clinic.criteria) | {"psychotherapy": compared}
