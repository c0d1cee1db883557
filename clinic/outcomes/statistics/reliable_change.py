"""Who changed by more than the questionnaire's error of measurement, and who left the patients' range.

The points and the cut in use are fixed, published values (rule 21); the formulas are here to check and to explain
them, not to derive new ones from a clinic's own small sample (5.5).

Sources: 5.5 and rule 21; Jacobson & Truax 1991.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clinic.outcomes.statistics.numbers import pairs

#: From best to worst.
JT_CLASSES = ("recovered", "improved", "unchanged", "deteriorated")
#: The normal quantile as Jacobson & Truax print it, so that points agree with published ones to every digit.
_Z = 1.96


@dataclass(frozen=True)
class CutOffs:
    """Three totals that part patients from others where higher is worse, in points (Jacobson & Truax 1991).

    a   M_clinical - 2 s_clinical: outside the patients' range
    b   M_norm + 2 s_norm: inside everybody else's range
    c   (s_clinical M_norm + s_norm M_clinical) / (s_clinical + s_norm): nearer to everybody else
    """

    a: float
    b: float
    c: float


def reliable_change_points(sd: float, reliability: float) -> float:
    """The change in points that error of measurement alone exceeds once in 20: 1.96 √2 SEM, SEM = s √(1 - r).

    `sd` is that of the patients before treatment, `reliability` that of the questionnaire. Totals are whole, so the
    next whole number is what counts. Raises ValueError unless sd >= 0 and 0 <= reliability <= 1.
    """
    if not (math.isfinite(sd) and sd >= 0 and 0 <= reliability <= 1):
        raise ValueError(f"No error of measurement for an SD of {sd} and a reliability of {reliability}.")
    return _Z * math.sqrt(2) * sd * math.sqrt(1 - reliability)


def cut_offs(clinical_mean: float, clinical_sd: float, norm_mean: float, norm_sd: float) -> CutOffs:
    """The cut-offs between patients ("clinical") and everybody else ("norm"); see `CutOffs`.

    Raises ValueError unless all four are finite and both SDs are above 0.
    """
    moments = (clinical_mean, clinical_sd, norm_mean, norm_sd)
    if not (all(map(math.isfinite, moments)) and clinical_sd > 0 and norm_sd > 0):
        raise ValueError(f"No cut-offs for means and SDs of {moments}: an SD is above 0.")
    return CutOffs(
        a=clinical_mean - 2 * clinical_sd,
        b=norm_mean + 2 * norm_sd,
        c=(clinical_sd * norm_mean + norm_sd * clinical_mean) / (clinical_sd + norm_sd),
    )


def jacobson_truax(
    baseline: npt.ArrayLike, endpoint: npt.ArrayLike, *, reliable_points: int, at_most: int
) -> npt.NDArray[np.str_]:
    """One of JT_CLASSES for each pair of whole totals B, F, shape (n,); D = B - F (5.5).

    recovered      D >= reliable_points, F <= at_most and B > at_most
    improved       D >= reliable_points otherwise
    deteriorated   D <= -reliable_points
    unchanged      all others

    Raises ValueError when a total is missing or not whole, the lengths differ or reliable_points < 1.
    """
    if reliable_points < 1:
        raise ValueError(f"A reliable change of {reliable_points} points would be none: give 1 or more.")
    before, after = (_whole(totals) for totals in pairs(baseline, endpoint))
    reduction = before - after
    improved = reduction >= reliable_points
    recovered = improved & (after <= at_most) & (before > at_most)
    best, better, same, worse = JT_CLASSES
    classes = np.select([recovered, improved, reduction <= -reliable_points], [best, better, worse], same)
    return classes.astype(np.str_)


def _whole(totals: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    if (totals % 1 != 0).any():
        raise ValueError("A total is not a whole number.")
    return totals.astype(np.int64)
