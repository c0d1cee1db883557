"""What the page's script knows of a questionnaire: enough to add up as it is keyed, and no wording to disagree with."""

from typing import Any

from assessments.forms.fields import NOT_ANSWERED
from assessments.instruments.base import EndorsedRule, Instrument
from assessments.models import Assessment
from assessments.selectors import PRORATED_UP_TO, PRORATED_UP_TO_IN_SUBSCALE
from clinic.web.templatetags.tidemark import day


def panel_of(instrument: Instrument, previous: Assessment | None) -> dict[str, Any]:
    """Items, points, subscales and rule as plain values, and the previous total to compare with."""
    rule = instrument.rule
    return {
        "items": len(instrument.items),
        "values": [option.value for option in instrument.options],
        "notAnswered": NOT_ANSWERED,
        "subscales": [{"id": part.id, "items": part.items} for part in instrument.subscales],
        "rule": _rule(rule) if isinstance(rule, EndorsedRule) else None,
        "review": [{"item": limit.item, "atLeast": limit.at_least} for limit in instrument.review_limits],
        "prorated": {"items": PRORATED_UP_TO, "inSubscale": PRORATED_UP_TO_IN_SUBSCALE},
        "previous": None if previous is None else {"total": previous.total, "on": day(previous.completed_on)},
    }


def _rule(rule: EndorsedRule) -> dict[str, Any]:
    needed = [{"id": part.id, "items": part.items, "needed": count} for part, count in rule.needed]
    return {"label": rule.label, "atLeast": rule.at_least, "needed": needed}
