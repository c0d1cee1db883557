"""The clinic's figures for one window: who is counted, who is missing, and what came of it (rules 12a, 18-22, 28, 29, 32)."""

from typing import Any

import pandas as pd

from clinic.outcomes.response import Evaluation
from clinic.outcomes.statistics.numbers import Summary
from clinic.outcomes.statistics.paired import PairedChange, paired_change
from clinic.outcomes.statistics.rates import rate_figures
from clinic.outcomes.statuses import STATUSES

#: Which outcome courses are counted: each patient's first (rule 12a), or all of them, then without intervals.
COURSES_IN = ("first", "all")


def window_figures(evaluation: Evaluation, window: str, courses_in: str = "first") -> dict[str, Any]:
    """Every figure of one window as plain values; what cannot be computed is None.

    Rates, changes and flags are over the evaluated courses: eligible, with an endpoint in the window. Intervals need
    independent patients, so they are None for "all" courses.
    """
    course, end = counted(evaluation, window, courses_in)
    evaluated = course["eligible"] & end["endpoint_id"].notna()
    due = course["eligible"] & end["due"]
    missing = int((due & ~evaluated).sum())
    pairs = end[evaluated]
    n = len(pairs)
    intervals = courses_in == "first"
    change = paired_change(course.loc[evaluated, "baseline_total"].astype(int), pairs["endpoint_total"].astype(int))
    responded = int(pairs["response"].sum())
    return {
        "patients": int(evaluation.courses["patient_id"].nunique()),
        "courses": len(course),
        "eligible": int(course["eligible"].sum()),
        "evaluated": n,
        "missing": missing,
        "not_due": int((course["eligible"] & ~end["due"]).sum()),
        "status": {status: int((course["status"] == status).sum()) for status in STATUSES},
        "flags": _flags(course[evaluated], pairs),
        **_change_figures(change, intervals),
        "response": rate_figures(responded, n, intervals),
        "remission": rate_figures(pairs["remission"].sum(), n, intervals),
        "worsened": rate_figures(pairs["worsened"].sum(), n, intervals),
        "reliable_change": rate_figures(pairs["reliable_change"].sum(), n, intervals),
        "reliable_and_below": rate_figures(
            pairs["reliable_and_below"].sum(), pairs["reliable_and_below"].notna().sum(), intervals
        ),
        "non_responder_imputation": rate_figures(responded, n + missing, intervals=False),
        "best_case": rate_figures(responded + missing, n + missing, intervals=False),
        "infusions_per_course": _spread(course.loc[evaluated, "infusions"]),
    }


def course_rows(evaluation: Evaluation, window: str, mrns: dict[int, str]) -> list[dict[str, Any]]:
    """One plain row per outcome course, counted or not, by MRN and number; `mrns` maps patient ids to record numbers."""
    course, end = evaluation.courses, evaluation.windows[window]
    course_columns = ("number", "status", "provisional", "eligible", "baseline_on", "baseline_total", "infusions")
    end_columns = ("endpoint_on", "endpoint_total", "reduction", "response", "remission", "category")
    joined = course[["patient_id", *course_columns]].join(end[list(end_columns)])
    rows = [
        {
            "mrn": mrns[row["patient_id"]],
            "course": row["number"],
            **{name: _plain(row[name]) for name in _ROW_ORDER},
        }
        for row in joined.to_dict("records")
    ]
    return sorted(rows, key=lambda row: (row["mrn"], row["course"]))


_ROW_ORDER = (
    "status",
    "provisional",
    "eligible",
    "baseline_on",
    "baseline_total",
    "endpoint_on",
    "endpoint_total",
    "reduction",
    "response",
    "remission",
    "category",
    "infusions",
)


def counted(evaluation: Evaluation, window: str, courses_in: str = "first") -> tuple[pd.DataFrame, pd.DataFrame]:
    """The courses that count and, in the same order, what the window says of them. ValueError on unknown `courses_in`."""
    if courses_in not in COURSES_IN:
        raise ValueError(f"courses_in is {courses_in!r}: choose one of {', '.join(COURSES_IN)}.")
    counts = evaluation if courses_in == "all" else evaluation.index
    return counts.courses, counts.windows[window]


def _flags(course: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, int]:
    return {
        "covers_pretreatment": int(pairs["covers_pretreatment"].sum()),
        "mixed_recall": int(pairs["mixed_recall"].sum()),
        "weekly_baseline": int(course["weekly_baseline"].sum()),
        "prorated": int((course["baseline_prorated"] | pairs["endpoint_prorated"]).sum()),
    }


def _change_figures(change: PairedChange, intervals: bool) -> dict[str, Any]:
    return {
        "baseline": _summary(change.baseline),
        "endpoint": _summary(change.endpoint),
        "reduction": {
            **_summary(change.reduction),
            "median": change.reduction_median,
            "ci95": _interval(change.reduction_ci95, intervals),
        },
        "effect_size": {
            "d_rms": change.d_rms,
            "d_rms_ci95": _interval(change.d_rms_ci95, intervals),
            "g_rms": change.g_rms,
            "d_z": change.d_z,
            "d_z_ci95": _interval(change.d_z_ci95, intervals),
            "g_z": change.g_z,
            "d_av": change.d_av,
            "d_rm": change.d_rm,
            "d_base": change.d_base,
        },
        "paired_t": {"t": change.t, "df": change.n - 1 if change.t is not None else None, "p": change.p},
        "wilcoxon": {"w": change.wilcoxon_w, "p": change.wilcoxon_p},
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {"n": summary.n, "mean": summary.mean, "sd": summary.sd}


def _interval(ci95: tuple[float, float] | None, intervals: bool) -> list[float] | None:
    return list(ci95) if ci95 and intervals else None


def _spread(infusions: "pd.Series[int]") -> dict[str, Any]:
    summary = Summary.of(infusions)
    low, high = (int(infusions.min()), int(infusions.max())) if len(infusions) else (None, None)
    return {"mean": summary.mean, "sd": summary.sd, "min": low, "max": high}


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else value
