"""What the missing could do to a rate: it lies between all of them failing and all of them responding.

Sources: 5.11 and rule 29. Carrying the last total forward is not offered: it is biased in either direction.
"""

from dataclasses import dataclass

from clinic.outcomes.statistics.rates import Rate


@dataclass(frozen=True)
class Bounds:
    """A rate among those evaluated, and its bounds over evaluated and missing (rule 29).

    observed        responded of evaluated, the headline
    non_responder   every missing patient counted as a non-responder, the lower bound
    best_case       every missing patient counted as a responder, the upper bound

    The bounds are no estimates: they are printed without their interval. All are of nobody when nobody is counted.
    """

    observed: Rate
    non_responder: Rate
    best_case: Rate


def bounds(responded: int, evaluated: int, missing: int) -> Bounds:
    """The rate of `responded` among `evaluated`, with `missing` more who were due.

    Raises ValueError unless 0 <= responded <= evaluated and missing >= 0.
    """
    if missing < 0:
        raise ValueError(f"{missing} patients cannot be missing.")
    return Bounds(
        observed=Rate(responded, evaluated),
        non_responder=Rate(responded, evaluated + missing),
        best_case=Rate(responded + missing, evaluated + missing),
    )
