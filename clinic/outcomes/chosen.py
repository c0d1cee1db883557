"""Whom the filters of a dashboard choose.

A patient is chosen by her first outcome course. Then all of her courses are in.
"""

import numpy as np
import pandas as pd

from clinic.outcomes.bands import Band
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.extract import of_patients
from clinic.outcomes.filters import BANDS, WORDS, Filters


def chosen(clinic: Clinic, filters: Filters, clinician_id: int | None) -> Clinic:
    """The clinic with the chosen patients alone. `clinician_id` is the one whom `filters.clinician` names."""
    if not filters.any:
        return clinic
    courses, facts = clinic.evaluation.courses, clinic.facts
    kept = courses["is_index"].copy()
    first = quarter(courses["first_infusion_on"])
    kept &= (first >= filters.since) if filters.since else True
    kept &= (first <= filters.until) if filters.until else True
    kept &= (facts["prescriber_id"] == clinician_id).fillna(False).astype(bool) if filters.clinician else True
    values = {"age": facts["age"], "dose": facts["mg_per_kg"], "infusions": courses["infusions"]}
    for name, bands in BANDS.items():
        for band in bands:
            kept &= holds(band, values[name]) if getattr(filters, name) == band.key else True
    for name in WORDS:
        asked = getattr(filters, name)
        kept &= (facts[name] == asked) if asked else True
    return of_patients(clinic, courses.loc[kept, "patient_id"])


def holds(band: Band, values: "pd.Series[float]") -> "pd.Series[bool]":
    """Which of these values the band holds; a missing one never. Of doses two places count.

    Milligrams are drawn up to 0.1 and weights vary: 0.4996 mg/kg was meant as 0.5.
    """
    numbers = values.astype("float64").round(2)
    low = -np.inf if band.low is None else band.low
    high = np.inf if band.high is None else band.high
    return (numbers >= low) & (numbers < high)


def quarter(days: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    """The quarter of each day: "2025-Q1"."""
    return days.dt.year.astype("str") + "-Q" + days.dt.quarter.astype("str")
