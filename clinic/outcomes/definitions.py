"""The criteria in the words that stand beside the figures: window, response, remission, worsening (rules 15, 18-22, 28)."""

from typing import Any

from clinic.outcomes.criteria import LAST, LAST_FIRST_DAY, PRESETS, SCHEDULED_WINDOWS, Criteria

#: Every value that may be adopted: its name -> what it is, and its unit. Days of windows are added below.
VALUES = {
    "eligibility_cut": ("Counted from a baseline of", "points"),
    "cut": ("Probable PTSD from a total of", "points"),
    "response_points": ("Response in points, at least", "points below baseline"),
    "response_percent": ("Response in percent, at least", "% below baseline"),
    "remission_at_most": ("Remission, total at most", "points"),
    "remission_requires_response": ("Remission only with a response", ""),
    "remission_requires_dsm_rule_not_met": ("Remission only if the DSM-5 rule is not met", ""),
    "worsening_points": ("Worse, at least", "points above baseline"),
    "reliable_points": ("Reliable change, at least", "points below baseline"),
    "reliable_at_most": ("End state, total at most", "points"),
    "max_missing_items": ("Missing answers in a form, at most", "of 20"),
    "max_missing_per_cluster": ("Missing answers in a cluster, at most", ""),
    "baseline_within_days": ("Baseline before the first infusion, at most", "days"),
    "exclude_covers_pretreatment": ("Leave out follow-ups that look back to before treatment", ""),
}
#: The days of a window, in the order in which they are given.
DAYS = {"first_day": "first day", "last_day": "last day", "target_day": "target day"}
VALUES |= {
    f"{window.name}_{day}".lower(): (f"{window.label}, {words}", "")
    for window in SCHEDULED_WINDOWS
    for day, words in DAYS.items()
}


def window_label(criteria: Criteria, name: str, with_days: bool = True) -> str:
    """A window as it is chosen: "Primary 14–31 d", or "Primary"."""
    if name == LAST:
        return "Last"
    [window] = (window for window in criteria.windows if window.name == name)
    return f"{window.label} {window.first_day}–{window.last_day} d" if with_days else window.label


def window_words(criteria: Criteria, name: str) -> str:
    """When a follow-up of the window is: "14–31 days after the last infusion"."""
    if name == LAST:
        day = "day" if LAST_FIRST_DAY == 1 else "days"
        return f"at least {LAST_FIRST_DAY} {day} after the last infusion (latest PCL-5)"
    [window] = (window for window in criteria.windows if window.name == name)
    return f"{window.first_day}–{window.last_day} days after the last infusion"


def response_words(criteria: Criteria) -> str:
    """What a response is."""
    if criteria.response_percent is not None:
        return f"At least {criteria.response_percent} % below baseline."
    return f"At least {criteria.response_points} points below baseline."


def remission_words(criteria: Criteria) -> str:
    """What remission is."""
    parts = ["response"] if criteria.remission_requires_response else []
    parts.append(f"below {criteria.remission_at_most + 1}")
    if criteria.remission_requires_dsm_rule_not_met:
        parts.append("DSM-5 rule not met")
    text = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    return f"{text[0].upper()}{text[1:]}."


def worsening_words(criteria: Criteria) -> str:
    """What worsening is."""
    return f"At least {criteria.worsening_points} points above baseline, at the same follow-up."


def reliable_words(criteria: Criteria) -> str:
    """What reliable change is."""
    return f"At least {criteria.reliable_points} points below baseline."


def end_state_words(criteria: Criteria) -> str:
    """What reliable change with the end state is."""
    low = criteria.reliable_at_most
    return f"Reliable change to {low} or less, of those whose baseline is above {low}."


def definition(criteria: Criteria) -> list[tuple[str, str]]:
    """What a preset says: terms and their meaning."""
    items, in_cluster = criteria.max_missing_items, criteria.max_missing_per_cluster
    return [
        ("Counted", f"A baseline of at least {criteria.eligibility_cut} points."),
        ("Response", response_words(criteria)),
        ("Remission", remission_words(criteria)),
        ("Worse", worsening_words(criteria)),
        ("Reliable change", reliable_words(criteria)),
        ("End state", end_state_words(criteria)),
        ("Probable PTSD", f"A total of at least {criteria.cut} points."),
        ("Missing answers", f"At most {items} in a form and {in_cluster} in a cluster; forms with more are left out."),
    ]


def in_every_preset() -> list[tuple[str, str]]:
    """What all presets say alike."""
    first, *others = map(definition, PRESETS.values())
    return [said for said in first if all(said in other for other in others)]


def site_settings(criteria: Criteria) -> list[tuple[str, str]]:
    """What no preset says and the clinic settles: terms and their meaning."""
    days = criteria.baseline_within_days
    counted = "left out" if criteria.exclude_covers_pretreatment else "counted, and flagged"
    windows = "; ".join(
        f"{window.label} {window.first_day}–{window.last_day} (target {window.target_day})"
        for window in criteria.windows
    )
    return [
        ("Baseline", f"The latest PCL-5 of the {days} days before the first infusion, a month form if there is one."),
        ("Looking back", f"Follow-ups that look back to before treatment are {counted}."),
        ("Follow-ups", f"Days after the last infusion: {windows}."),
    ]


def values_of(criteria: Criteria) -> dict[str, Any]:
    """Every value under its name in VALUES."""
    values = {name: getattr(criteria, name) for name in VALUES if hasattr(criteria, name)}
    for window in criteria.windows:
        values |= {f"{window.name}_{day}".lower(): getattr(window, day) for day in DAYS}
    return values


def value_words(value: bool | int | None) -> str:
    """A value as it is printed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def changes(before: Criteria, after: Criteria) -> list[tuple[str, str, str]]:
    """What differs: the value, what it was, and what it is with its unit."""
    old, new = values_of(before), values_of(after)
    return [
        (words, value_words(old[name]), f"{value_words(new[name])} {unit if new[name] is not None else ''}".rstrip())
        for name, (words, unit) in VALUES.items()
        if old[name] != new[name]
    ]
