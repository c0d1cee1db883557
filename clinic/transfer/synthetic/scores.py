"""The answers of many PCL-5s at once, and the columns that the instrument would store for them."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assessments.instruments.pcl5 import ENDORSED_FROM, ENDORSED_NEEDED, INSTRUMENT

Ints = NDArray[np.int64]

#: A skipped item.
SKIPPED = -1
_ITEMS, _POINTS = len(INSTRUMENT.items), INSTRUMENT.max_per_item
#: How much more or less often an item is endorsed than the mean item (our own, in logits): sleep, watchfulness and
#: avoidance most; memory gaps and risk taking least.
_LEANING = np.array(
    [0.3, 0.0, -0.5, 0.5, 0.2, 0.45, 0.4, -0.9, 0.3, 0.0, 0.35, 0.2, 0.3, 0.0, -0.1, -1.5, 0.45, 0.2, 0.4, 0.65]
)
#: How far the items of one patient lean away from that.
_OWN_LEANING = 0.45
_STEPS = 12


def leanings(random: np.random.Generator, patients: int) -> NDArray[np.float64]:
    """One row a patient, one column an item."""
    return _LEANING + random.normal(0, _OWN_LEANING, (patients, _ITEMS))


def answers(random: np.random.Generator, levels: NDArray[np.float64], leaning: NDArray[np.float64]) -> Ints:
    """Answers whose expected total is the level: one row a form."""
    share = np.clip(levels, 1.5, _ITEMS * _POINTS - 1.5) / (_ITEMS * _POINTS)
    return random.binomial(_POINTS, _chances(share, leaning)).astype(np.int64)


def _chances(share: NDArray[np.float64], leaning: NDArray[np.float64]) -> NDArray[np.float64]:
    """Per item, such that their mean is the share: the common shift is found by Newton's method."""
    shift = np.log(share / (1 - share))
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-(shift[:, None] + leaning)))
        slope = (chances * (1 - chances)).mean(axis=1)
        shift += np.clip((share - chances.mean(axis=1)) / np.maximum(slope, 1e-3), -1, 1)
    return chances


def stored_columns(given: Ints) -> dict[str, list[Any]]:
    """What `build_assessment` would store for each row of answers; JSON as text, None for what is not known."""
    answered = given != SKIPPED
    missing = _ITEMS - answered.sum(axis=1)
    answered_sum = np.where(answered, given, 0).sum(axis=1)
    parts = {part.id: np.array(part.items) - 1 for part in INSTRUMENT.subscales}
    missing_in = np.array([(~answered[:, items]).sum(axis=1) for items in parts.values()])
    return {
        "answers": [_json(row) for row in given.tolist()],
        "total": _known(answered_sum, missing == 0),
        "answered_sum": answered_sum.tolist(),
        "missing_items": missing.tolist(),
        "most_missing_in_subscale": missing_in.max(axis=0).tolist(),
        "subscales": _subscales(given, list(parts.items()), missing_in),
        "rule_met": _rule_met(given, parts),
        "review_flags": _review_flags(given),
    }


def _json(row: list[int]) -> str:
    text = str(row)
    return text.replace(str(SKIPPED), "null") if SKIPPED in row else text


def _known(values: Ints, where: NDArray[np.bool_]) -> list[int | None]:
    return [value if known else None for value, known in zip(values.tolist(), where.tolist(), strict=True)]


def _subscales(given: Ints, parts: list[tuple[str, Ints]], missing_in: Ints) -> list[str]:
    sums = [
        _known(given[:, items].sum(axis=1), missing == 0) for (_, items), missing in zip(parts, missing_in, strict=True)
    ]
    names = [name for name, _ in parts]
    return [json.dumps(dict(zip(names, row, strict=True))) for row in zip(*sums, strict=True)]


def _rule_met(given: Ints, parts: dict[str, Ints]) -> list[bool | None]:
    """The provisional DSM-5 rule by the bounds of rule 6: no cluster may certainly fail, and all must certainly be met."""
    surely = np.ones(len(given), dtype=bool)
    possibly = surely.copy()
    for name, items in parts.items():
        endorsed = (given[:, items] >= ENDORSED_FROM).sum(axis=1)
        surely &= endorsed >= ENDORSED_NEEDED[name]
        possibly &= endorsed + (given[:, items] == SKIPPED).sum(axis=1) >= ENDORSED_NEEDED[name]
    pairs = zip(surely.tolist(), possibly.tolist(), strict=True)
    return [True if sure else None if possible else False for sure, possible in pairs]


def _review_flags(given: Ints) -> list[str]:
    limits = INSTRUMENT.review_limits
    over = [(given[:, limit.item - 1] >= limit.at_least).tolist() for limit in limits]
    names = [f"item_{limit.item}" for limit in limits]
    return [
        json.dumps([name for name, is_over in zip(names, row, strict=True) if is_over])
        for row in zip(*over, strict=True)
    ]
