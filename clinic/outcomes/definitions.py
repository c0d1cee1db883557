"""The criteria in the words that stand beside the figures: window, response, remission, worsening (rules 15, 18-22, 28)."""

from clinic.outcomes.criteria import LAST, LAST_FIRST_DAY, Criteria


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
