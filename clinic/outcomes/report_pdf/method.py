"""How the figures came about, written from the criteria under which they were counted."""

from reportlab.platypus import Flowable, Spacer

from clinic.outcomes.criteria import (
    COMPLETENESS_TOO_LOW,
    INDUCTION_COMPLETE_DAYS,
    INDUCTION_COMPLETE_INFUSIONS,
    LAST,
    Criteria,
)
from clinic.outcomes.dashboard import Dashboard
from clinic.outcomes.definitions import definition, site_settings, window_words
from clinic.outcomes.printed import percent
from clinic.pdf.document import WIDTH, Heading
from clinic.pdf.tables import pairs
from clinic.pdf.words import words


def method(board: Dashboard) -> list[Flowable]:
    """The section with its heading."""
    return [
        Heading("Method"),
        words("Method", "h2"),
        words(
            "Records of routine care at one clinic, without a control group. Everything was computed by Tidemark under the "
            f"definition {board.definition}; whoever has the same records and settings gets the same figures.",
            "small",
        ),
        Spacer(0, 4),
        pairs([*terms(board.criteria, board.window), *rates(board.words), *comparisons(board.words)], WIDTH, 0.17),
    ]


def terms(criteria: Criteria, window: str) -> list[tuple[str, str]]:
    """Who is counted, by what, and when."""
    nearest = (
        "the latest PCL-5 counts"
        if window == LAST
        else "the PCL-5 nearest to the target day counts, of two as near the later"
    )
    return [
        (
            "Patients",
            "Each patient’s first induction course with a given infusion; later courses stand in the figure of retreatment "
            f"alone. An induction is complete with {INDUCTION_COMPLETE_INFUSIONS} infusions within "
            f"{INDUCTION_COMPLETE_DAYS} days; whoever had fewer is counted, too.",
        ),
        (
            "Measure",
            "PCL-5 (PTSD Checklist for DSM-5): 20 items of 0–4, totals 0–80, week and month forms.",
        ),
        ("This window", f"PCL-5 {window_words(criteria, window)}: {nearest}."),
        *definition(criteria),
        *site_settings(criteria),
    ]


def rates(said: dict[str, str]) -> list[tuple[str, str]]:
    """How rates were computed, and what is done about missing forms."""
    return [
        (
            "Missing data",
            "Rates are of observed cases. Missing: the window is over without a usable PCL-5. The bounds count every missing "
            "one as a non-response (non-responder imputation) and as a response (best case). No value is carried forward.",
        ),
        (
            "Completeness",
            "Valid PCL-5s of those eligible whose window is over, without who died or withdrew before. Target "
            f"{said['target']}; below {percent(COMPLETENESS_TOO_LOW)} % rates are greyed out.",
        ),
        ("Rates", "95 % intervals by Wilson’s score method without continuity correction."),
    ]


def comparisons(said: dict[str, str]) -> list[tuple[str, str]]:
    """How changes, times and groups were computed, and what is not shown."""
    return [
        (
            "Change",
            "Mean of the paired differences with the paired t interval. Effect size d rms: mean reduction over the root mean "
            "square of the SDs at baseline and follow-up, its interval from the noncentral t distribution (Algina and "
            "Keselman). Also d z (over the SD of the reduction) and Hedges g.",
        ),
        (
            "Time to event",
            "Kaplan–Meier with log-log intervals. Events are seen at a PCL-5, so the time is that of detection; curves stop "
            f"where fewer than {said['fewest']} are at risk.",
        ),
        (
            "Subgroups",
            "Exploratory, unadjusted: means with t intervals; two levels by Welch’s t test and Hedges g with the pooled SD.",
        ),
        (
            "Few patients",
            f"Of fewer than {said['fewest']} patients no percentage, mean or interval is printed and nothing is drawn, of fewer "
            f"than {said['fewest_for_effect']} no effect size.",
        ),
    ]
