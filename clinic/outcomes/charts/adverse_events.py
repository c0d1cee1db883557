"""How often adverse events were recorded, and which (rule 55)."""

from typing import Any

import pandas as pd

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.small_numbers import limits
from clinic.outcomes.statistics.rates import rate_figures

#: The commonest terms have a row each; the others share one.
MOST_TERMS = 6


def adverse_events(clinic: Clinic) -> dict[str, Any]:
    """Of every given infusion that counts for an outcome course, also of later courses: safety asks for each exposure.

    infusions, patients: how many were given, and to how many
    grades: any, grade_2, grade_3 (that grade or more), serious
    terms: up to MOST_TERMS of the commonest, written as most often, then what is left with the term None
    Each of these is {name or term, infusions, patients, highest}: infusions and patients with one or more such events of
    all, as rates with Wilson's interval (rule 55; no percentage of fewer than limits().fewest patients), and the highest grade.
    """
    of_course = clinic.facts.set_index("course_id")["patient_id"]
    patient = clinic.sessions.set_index("infusion_id")["course_id"].map(of_course)
    events = clinic.events.assign(patient_id=clinic.events["infusion_id"].map(patient))
    given = (len(patient), patient.nunique())
    grades = {
        "any": events,
        "grade_2": events[events["ctcae_grade"] >= 2],
        "grade_3": events[events["ctcae_grade"] >= 3],
        "serious": events[events["serious"].astype(bool)],
    }
    return {
        "infusions": given[0],
        "patients": given[1],
        "grades": [{"name": name} | _share(of, given) for name, of in grades.items()],
        "terms": [{"term": term} | _share(of, given) for term, of in _by_term(events)],
    }


def _share(events: pd.DataFrame, given: tuple[int, int]) -> dict[str, Any]:
    infusions, patients = given
    shares: dict[str, Any] = {
        "infusions": rate_figures(events["infusion_id"].nunique(), infusions),
        "patients": rate_figures(events["patient_id"].nunique(), patients),
        "highest": int(events["ctcae_grade"].max()) if len(events) else None,
    }
    if patients < limits().fewest:
        shares |= {name: shares[name] | {"rate": None, "ci95": None} for name in ("infusions", "patients")}
    return shares


def _by_term(events: pd.DataFrame) -> list[tuple[str | None, pd.DataFrame]]:
    """By infusions, then patients, then the alphabet; capitals and spaces part no terms."""
    key = events["term"].astype(str).str.split().str.join(" ").str.casefold()
    groups = [(name, of) for name, of in events.groupby(key) if of["patient_id"].nunique() >= limits().fewest_for_term]
    groups.sort(key=lambda group: (-group[1]["infusion_id"].nunique(), -group[1]["patient_id"].nunique(), group[0]))
    shown = groups[:MOST_TERMS]
    terms: list[tuple[str | None, pd.DataFrame]] = [(of["term"].str.strip().mode()[0], of) for _, of in shown]
    others = events[~key.isin([name for name, _ in shown])]
    return [*terms, (None, others)] if len(others) else terms
