"""Intervals and the normal quantiles behind them: of the standard library alone, so that printing a rate needs no scipy."""

from statistics import NormalDist

Interval = tuple[float, float]

#: The normal quantile of every 95 % interval, 1.959964.
Z95 = NormalDist().inv_cdf(0.975)
#: That of the outer, 99.8 % limits of a funnel plot, 3.090232 (5.10).
Z998 = NormalDist().inv_cdf(0.999)
