"""Figures as they are printed: rounded half up, a true minus, a dash for what has no value, "n < 5" for what is too few.

Sources: rules 28-32 of the clinical rules. Counts are always printed; a percentage, a mean or an interval of fewer than
`limits().fewest` patients and an effect size of fewer than `limits().fewest_for_effect` never are (rule 31). A count that is
withheld (small_numbers.py) is printed as its words; beside it stands what is not None.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from clinic.outcomes.small_numbers import Count, Withheld, limits

NO_VALUE = "—"


@dataclass(frozen=True)
class Printed:
    """One figure: where it stands among the figures (a dotted path), its exact value, and its text, coarse and fine.

    `exact` is what `repr` gives; empty where there is no value or it is not shown.
    """

    path: str
    exact: str
    text: str
    fine: str

    def __str__(self) -> str:
        return self.text


def printed(figures: dict[str, Any], path: str = "", n: Count = 0) -> dict[str, Any]:
    """The same dictionary with a Printed in place of every number, and of every interval or row of deciles the list of them.

    An interval that is not shown is an empty list. Beside each mean reduction stands the change, its negative: `change` and
    `change_ci95`. `n` is how many patients the figures rest on where they do not say so themselves.
    """
    n = figures.get("n", figures.get("evaluated", n))
    shown = {name: _one(f"{path}{name}", name, value, n, figures) for name, value in figures.items()}
    if path.endswith("reduction."):
        shown["change"] = _measured(f"{path}mean", figures["mean"], n, _MEASURES["change"])
        shown["change_ci95"] = _ends(f"{path}ci95", figures["ci95"], n, _MEASURES["change"])[::-1]
    return shown


def percent(share: float, places: int = 0) -> str:
    """A share of 1 in percent, without the sign; never 0 or 100 unless it is exactly that."""
    text = _rounded(100 * share, places)
    if Decimal(text) not in (0, 100) or share in (0, 1):
        return text
    if not places:
        return percent(share, 1)
    return "<0.1" if share < 0.5 else ">99.9"


def points(value: float, places: int = 1) -> str:
    """A number with a true minus where it is negative."""
    return _rounded(value, places).replace("-", "−")


def signed(value: float, places: int = 1) -> str:
    """A change with its sign: "−19.7", "+3.0", "0.0"."""
    text = points(value, places)
    return f"+{text}" if value > 0 and Decimal(text) else text


def probability(p: float) -> str:
    """A p value: three places, never 0 or 1."""
    text = _rounded(p, 3)
    return {"0.000": "<0.001", "1.000": ">0.999"}.get(text, text)


@dataclass(frozen=True)
class _Measure:
    """How a kind of figure is written, coarse and fine, and whether it is an effect size."""

    coarse: Callable[[float], str]
    fine: Callable[[float], str]
    effect: bool = False

    @property
    def fewest(self) -> int:
        """Of how many patients at least it is printed."""
        return limits().fewest_for_effect if self.effect else limits().fewest


_POINTS = _Measure(points, lambda value: points(value, 2))
_EFFECT = _Measure(lambda value: points(value, 2), lambda value: points(value, 3), effect=True)
_WHOLE = _Measure(lambda value: points(value, 0), lambda value: points(value, 0))
_MEASURES = {
    "rate": _Measure(lambda share: f"{percent(share)} %", lambda share: f"{percent(share, 1)} %"),
    "bound": _Measure(percent, lambda share: percent(share, 1)),
    "change": _Measure(lambda value: signed(-value), lambda value: signed(-value, 2)),
    "ci95": _POINTS,
    "mean": _POINTS,
    "sd": _POINTS,
    "median": _POINTS,
    "median_day": _Measure(lambda value: points(value, 0 if value.is_integer() else 1), points),
    "deciles": _POINTS,
    "d_rms": _EFFECT,
    "d_rms_ci95": _EFFECT,
    **dict.fromkeys(("g_rms", "d_z", "d_z_ci95", "g_z", "d_av", "d_rm", "d_base"), _EFFECT),
    "g": _EFFECT,
    "difference": _POINTS,
    "w": _POINTS,
    "t": _Measure(lambda value: points(value, 2), lambda value: points(value, 3)),
    "df": _POINTS,
    "p": _Measure(probability, probability),
    "min": _WHOLE,
    "max": _WHOLE,
}


def _one(path: str, name: str, value: Any, n: Count, siblings: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return printed(value, f"{path}.", n)
    if isinstance(value, Withheld):
        return Printed(path, "", str(value), str(value))
    if name not in _MEASURES:
        text = f"{value:,}" if isinstance(value, int) else str(value)
        return Printed(path, repr(value), text, text)
    measure = _MEASURES["bound" if name == "ci95" and "rate" in siblings else name]
    if name.endswith("ci95") or isinstance(value, list):
        return _ends(path, value, n, measure)
    return _measured(path, value, n, measure)


def _ends(path: str, ends: list[float] | None, n: Count, measure: _Measure) -> list[Printed]:
    if ends is None or _few(n, measure):
        return []
    shown = [_measured(f"{path}.{place}", end, n, measure) for place, end in enumerate(ends)]
    if len({end.text for end in shown}) == 1:  # an interval so short needs the next place
        return [replace(end, text=end.fine) for end in shown]
    return shown


def _few(n: Count, measure: _Measure) -> bool:
    """Whether n are too few for it. What rests on a number that is withheld was left out where it has to be."""
    return not isinstance(n, Withheld) and n < measure.fewest


def _measured(path: str, value: float | None, n: Count, measure: _Measure) -> Printed:
    if value is None or not n:
        return Printed(path, "", NO_VALUE, NO_VALUE)
    if _few(n, measure):
        few = f"n < {measure.fewest}"
        return Printed(path, "", few, few)
    return Printed(path, repr(value), measure.coarse(value), measure.fine(value))


def _rounded(value: float, places: int) -> str:
    """By the digits that `repr` shows, so that 62.5 is 63 as by hand."""
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return str(rounded if rounded else abs(rounded))
