"""Kaplan & Meier: oracle O4, the 6-MP patients of Freireich, the formulas once more in fractions, statsmodels."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight

from clinic.outcomes.statistics.survival import Step, Survival, kaplan_meier

#: Oracle O4.
DAYS = [14, 21, 28, 28, 35, 42, 60, 60, 90, 90]
EVENT = [True, False, True, True, True, False, True, False, False, False]

#: Weeks in remission under 6-mercaptopurine, 21 children, and whether they relapsed (Freireich and others 1963).
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]

#: Followed patients with many ties, so that events and censorings share days.
PATIENTS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=40)


def curve_of(patients: list[tuple[float, bool]]) -> Survival:
    return kaplan_meier([day for day, _ in patients], [event for _, event in patients])


def plain_survival(patients: list[tuple[float, bool]], day: float) -> tuple[Fraction, Fraction | None]:
    """S and Greenwood's sum at `day`, by the definition: over each distinct day so far, those at risk and the events.

    The sum is None from where S is 0.
    """
    survival, greenwood = Fraction(1), Fraction(0)
    for moment in sorted({last for last, _ in patients if last <= day}):
        at_risk = sum(last >= moment for last, _ in patients)
        events = sum(event for last, event in patients if last == moment)
        survival *= 1 - Fraction(events, at_risk)
        if events == at_risk:
            return survival, None
        greenwood += Fraction(events, at_risk * (at_risk - events))
    return survival, greenwood


def test_the_ten_patients_of_the_clinical_rules() -> None:
    """Oracle O4, every row."""
    curve = kaplan_meier(DAYS, EVENT)
    assert (curve.n, curve.events, curve.median) == (10, 5, 60.0)
    rows = [(step.day, step.at_risk, step.events, step.censored) for step in curve.steps]
    assert rows == [
        (14, 10, 1, 0),
        (21, 9, 0, 1),
        (28, 8, 2, 0),
        (35, 6, 1, 0),
        (42, 5, 0, 1),
        (60, 4, 1, 1),
        (90, 2, 0, 2),
    ]
    assert [step.survival for step in curve.steps] == pytest.approx(
        [0.9, 0.9, 0.675, 0.5625, 0.5625, 0.421875, 0.421875], abs=1e-12
    )
    assert [step.se for step in curve.steps] == pytest.approx(
        [0.094868, 0.094868, 0.155071, 0.165064, 0.165064, 0.173659, 0.173659], abs=1e-6
    )
    limits = [(0.473009, 0.985281)] * 2 + [(0.290585, 0.882497)] + [(0.209421, 0.809171)] * 2
    limits += [(0.111029, 0.712567)] * 2
    for step, expected in zip(curve.steps, limits, strict=True):
        assert step.ci95 == pytest.approx(expected, abs=1e-6)


def test_the_ten_patients_between_the_steps() -> None:
    curve = kaplan_meier(DAYS, EVENT)
    assert curve.at(13.9) == (1.0, None)
    assert curve.at(14) == curve.at(20) == (curve.steps[0].survival, curve.steps[0].ci95)
    assert curve.at(59)[0] == pytest.approx(0.5625)
    assert curve.at(60) == curve.at(400) == (curve.steps[-1].survival, curve.steps[-1].ci95)
    assert [curve.at_risk(day) for day in (0, 14, 15, 30, 60, 61, 90, 91)] == [10, 10, 9, 6, 4, 2, 2, 0]


def test_the_median_of_the_ten_patients_has_one_end() -> None:
    """The lower limit is .4730 on day 14 already; the upper one ends at .7126."""
    assert kaplan_meier(DAYS, EVENT).median_ci95 == (14.0, None)


def test_the_children_of_freireich() -> None:
    curve = kaplan_meier(WEEKS, RELAPSED)
    assert (curve.n, curve.events, curve.median) == (21, 9, 23.0)
    survival = {step.day: step.survival for step in curve.steps if step.events}
    assert survival == pytest.approx(
        {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}, abs=5e-4
    )
    assert {step.day: step.at_risk for step in curve.steps if step.events} == {
        6: 21,
        7: 17,
        10: 15,
        13: 12,
        16: 11,
        22: 7,
        23: 6,
    }
    assert curve.median_ci95 == (13.0, None)


def test_of_nobody_nothing_is_known() -> None:
    nobody = kaplan_meier([], [])
    assert nobody == Survival(n=0, events=0, steps=(), median=None, median_ci95=(None, None))
    assert nobody.at(30) == (1.0, None)
    assert nobody.at_risk(0) == 0


@pytest.mark.parametrize("n", [1, 2, 7])
def test_all_lost_on_one_day(n: int) -> None:
    curve = kaplan_meier([30] * n, [True] * n)
    assert curve.steps == (Step(30.0, n, n, 0, 0.0, 0.0, None),)
    assert (curve.median, curve.median_ci95) == (30.0, (None, None))


def test_nobody_lost() -> None:
    curve = kaplan_meier([10, 10, 20], [False] * 3)
    assert curve.steps == (Step(10.0, 3, 0, 2, 1.0, 0.0, None), Step(20.0, 1, 0, 1, 1.0, 0.0, None))
    assert (curve.median, curve.median_ci95) == (None, (None, None))


def test_who_is_censored_on_the_day_of_an_event_was_at_risk() -> None:
    tied, later = kaplan_meier([10, 10], [True, False]), kaplan_meier([10, 11], [True, False])
    assert tied.at(10)[0] == later.at(10)[0] == 0.5
    assert kaplan_meier([10, 9], [True, False]).at(10)[0] == 0.0


@pytest.mark.parametrize("n", [2, 24, 28, 30, 94, 1_000])
def test_half_is_reached_exactly(n: int) -> None:
    """One lost each day: S is .5 after n/2 days. A product of rounded 1 - d/n misses that for n = 24, among others."""
    curve = kaplan_meier(range(1, n + 1), [True] * n)
    assert curve.median == n / 2


def test_days_and_events_of_pandas() -> None:
    frame = pd.DataFrame({"days": DAYS, "event": EVENT}, index=range(5, 15))
    typed = frame.astype({"days": "Int64", "event": "boolean"})
    assert kaplan_meier(frame.days, frame.event) == kaplan_meier(typed.days, typed.event) == kaplan_meier(DAYS, EVENT)
    step = kaplan_meier(np.array(DAYS, dtype=np.int16), np.array(EVENT)).steps[0]
    assert [type(value) for value in (step.day, step.at_risk, step.events, step.survival)] == [float, int, int, float]


@pytest.mark.parametrize(
    ("days", "event", "said"),
    [
        ([10, 20], [True], "not of the same patients"),
        ([-1], [True], "negative"),
        ([math.nan], [True], "missing"),
        ([math.inf], [False], "infinite"),
        ([10], [2], "neither True nor False"),
        ([10], [None], "missing"),
        ([10], pd.array([None], dtype="boolean"), r"missing|not a number|NA"),
        ([[10]], [[True]], "one row"),
    ],
)
def test_what_is_no_follow_up_is_refused(days: object, event: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        kaplan_meier(days, event)


@given(PATIENTS)
def test_the_curve_is_that_of_the_formulas_in_fractions(patients: list[tuple[int, bool]]) -> None:
    z = norm.ppf(0.975)
    curve = curve_of(patients)
    assert [step.day for step in curve.steps] == sorted({day for day, _ in patients})
    for step in curve.steps:
        survival, greenwood = plain_survival(patients, step.day)
        assert step.survival == float(survival)
        spread = math.sqrt(greenwood) if greenwood else 0.0
        assert step.se == pytest.approx(survival * spread, abs=1e-12)
        if 0 < survival < 1:
            power = z * spread / abs(math.log(survival))
            expected = (survival ** math.exp(power), survival ** math.exp(-power))
            assert step.ci95 == pytest.approx(expected, abs=1e-12)
        else:
            assert step.ci95 is None
    halves = [step.day for step in curve.steps if plain_survival(patients, step.day)[0] <= Fraction(1, 2)]
    assert curve.median == (halves[0] if halves else None)


@given(PATIENTS)
def test_patients_are_counted_once(patients: list[tuple[int, bool]]) -> None:
    curve = curve_of(patients)
    assert curve.n == len(patients) == sum(step.events + step.censored for step in curve.steps)
    assert curve.events == sum(event for _, event in patients) == sum(step.events for step in curve.steps)
    for day in range(14):
        assert curve.at_risk(day) == sum(last >= day for last, _ in patients)


@given(PATIENTS)
def test_survival_never_rises_and_lies_in_its_interval(patients: list[tuple[int, bool]]) -> None:
    curve = curve_of(patients)
    assert all(one.survival >= other.survival for one, other in pairwise(curve.steps))
    for step in curve.steps:
        assert 0.0 <= step.survival <= 1.0
        assert (step.ci95 is None) == (step.survival in (0.0, 1.0))
        assert step.ci95 is None or 0.0 <= step.ci95[0] < step.survival < step.ci95[1] <= 1.0
    low, high = curve.median_ci95
    assert low is None or curve.median is None or low <= curve.median
    assert high is None or low <= curve.median <= high


@given(st.lists(st.integers(0, 12), min_size=1, max_size=40))
def test_where_nobody_is_censored_survival_is_the_share_left(days: list[int]) -> None:
    curve = kaplan_meier(days, [True] * len(days))
    for day in range(14):
        left = sum(last > day for last in days) / len(days)
        assert curve.at(day)[0] == left
    for step in curve.steps:  # Greenwood is then the variance of a share
        assert step.se == pytest.approx(math.sqrt(step.survival * (1 - step.survival) / len(days)), abs=1e-12)


@given(PATIENTS.flatmap(lambda patients: st.tuples(st.just(patients), st.permutations(patients))))
def test_the_order_of_the_followed_changes_nothing(
    orders: tuple[list[tuple[int, bool]], list[tuple[int, bool]]],
) -> None:
    assert curve_of(orders[0]) == curve_of(orders[1])


@given(PATIENTS, st.integers(0, 12))
def test_a_loss_in_place_of_a_censoring_lowers_the_curve_from_that_day(
    patients: list[tuple[int, bool]], day: int
) -> None:
    lost, censored = curve_of([*patients, (day, True)]), curve_of([*patients, (day, False)])
    for moment in range(14):
        assert lost.at_risk(moment) == censored.at_risk(moment)
        if moment < day:
            assert lost.at(moment) == censored.at(moment)
        elif censored.at(moment)[0] > 0:
            assert lost.at(moment)[0] < censored.at(moment)[0]


@settings(deadline=None)
@given(PATIENTS)
def test_the_curve_is_that_of_statsmodels(patients: list[tuple[int, bool]]) -> None:
    """Which keeps event days only, and divides by 0 where all are lost: a patient who stays on keeps that from it."""
    assume(any(event for _, event in patients))
    stays = [*patients, (99, False)]
    other = SurvfuncRight([day for day, _ in stays], [int(event) for _, event in stays])
    curve = curve_of(stays)
    steps = [step for step in curve.steps if step.events]
    assert [step.day for step in steps] == other.surv_times.tolist()
    assert [step.at_risk for step in steps] == other.n_risk.tolist()
    assert [step.survival for step in steps] == pytest.approx(other.surv_prob, abs=1e-12)
    assert [step.se for step in steps] == pytest.approx(other.surv_prob_se, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_of_the_median_is_that_of_statsmodels(seed: int) -> None:
    """Among many patients, so that its interval (the days not refused by a test of S = .5) has no gap."""
    random = np.random.default_rng(seed)
    fall, leave = random.exponential(60, 150).round(2), random.exponential(120, 150).round(2)
    days, event = np.append(np.minimum(fall, leave), 999), np.append(fall <= leave, False)
    low, high = SurvfuncRight(days, event.astype(int)).quantile_ci(0.5, method="cloglog")
    assert kaplan_meier(days, event).median_ci95 == (low, None if math.isinf(high) else high)


def test_a_hundred_thousand_patients() -> None:
    random = np.random.default_rng(3)
    days, event = random.integers(0, 730, 100_000), random.random(100_000) < 0.6
    curve = kaplan_meier(days, event)
    assert len(curve.steps) == 730
    hazard = -np.log1p(-np.array([step.events / step.at_risk for step in curve.steps[:-1]])).cumsum()
    assert [step.survival for step in curve.steps[:-1]] == pytest.approx(np.exp(-hazard), rel=1e-9)
