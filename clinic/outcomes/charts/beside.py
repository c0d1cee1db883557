"""What is printed beside the rates of a window (rules 20, 22, 30; 5.11)."""

from typing import Any

import pandas as pd

from assessments.instruments.pcl5 import WEEK
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.chosen import quarter
from clinic.outcomes.figures import counted
from clinic.outcomes.statistics.rates import rate_figures


def beside(clinic: Clinic, window: str) -> dict[str, Any]:
    """What is printed beside the rates of a window.

    eligible_share                        eligible of the courses, a rate
    completeness                          evaluated of those whose window is over, without those who left: a rate
                                          (rule 30; 5.11)
    weekly_endpoints, weekly_remissions   evaluated endpoints and remissions that rest on a week form (rule 20)
    worsened_outside                      worsened courses that are not eligible (rule 22)
    left                                  missing whose patient died or withdrew before the window closed
    response_after, remission_after       rates without the endpoints that look back to before treatment (rule 13)
    """
    course, end = counted(clinic.evaluation, window)
    found = end["endpoint_id"].notna()
    evaluated = course["eligible"] & found
    weekly = evaluated & (end["endpoint_recall_days"] == WEEK.recall_days).fillna(False).astype(bool)
    outside = found & ~course["eligible"] & course["baseline_total"].notna()
    over = course["eligible"] & (end["closes_on"] < pd.Timestamp(clinic.as_of))
    missing = over & ~found
    after = evaluated & ~end["covers_pretreatment"].fillna(False).astype(bool)
    left = int((clinic.facts.loc[missing[missing].index, "left_on"] <= end.loc[missing, "closes_on"]).sum())
    return {
        "eligible_share": rate_figures(course["eligible"].sum(), len(course)),
        "completeness": rate_figures((over & found).sum(), over.sum() - left),
        "weekly_endpoints": int(weekly.sum()),
        "weekly_remissions": int(end.loc[weekly, "remission"].sum()),
        "worsened_outside": int(end.loc[outside, "worsened"].sum()),
        "left": left,
        "response_after": rate_figures(end.loc[after, "response"].sum(), after.sum()),
        "remission_after": rate_figures(end.loc[after, "remission"].sum(), after.sum()),
    }


def criterion_a_open(clinic: Clinic) -> int:
    """Eligible index courses whose patient's criterion A is unclear or not recorded (rule 12b)."""
    course = clinic.evaluation.courses
    return int((course["is_index"] & course["eligible"] & clinic.facts["criterion_a_open"]).sum())


def quarters(clinic: Clinic) -> list[str]:
    """The quarters in which first infusions were, the latest first."""
    return sorted(set(quarter(clinic.evaluation.courses["first_infusion_on"])), reverse=True)


def clinicians(clinic: Clinic) -> list[int]:
    """The accounts that ordered the first infusion of an index course."""
    first = clinic.facts.loc[clinic.evaluation.courses["is_index"], "prescriber_id"]
    return sorted(int(account) for account in first.dropna().unique())
