"""Figures in print: rounding, minus, too few, intervals, bars, definitions, the study's constants."""

from dataclasses import replace
from typing import Any

import pytest

from clinic.outcomes import study
from clinic.outcomes.criteria import PRESETS, Criteria
from clinic.outcomes.definitions import (
    end_state_words,
    reliable_words,
    remission_words,
    response_words,
    window_label,
    window_words,
    worsening_words,
)
from clinic.outcomes.interval_bars import change_bar, rate_bar
from clinic.outcomes.printed import percent, points, printed, signed
from clinic.outcomes.statistics.paired import paired_change
from clinic.outcomes.statistics.rates import Rate
from clinic.outcomes.study_like import published_response

VA = Criteria()


@pytest.mark.parametrize(
    ("share", "places", "text"),
    [
        (0.625, 0, "63"),
        (0.7525, 1, "75.3"),
        (0.0, 0, "0"),
        (1.0, 0, "100"),
        (0.004, 0, "0.4"),
        (0.0001, 0, "<0.1"),
        (0.9999, 0, ">99.9"),
        (0.996, 0, "99.6"),
        (88 / 117, 1, "75.2"),
    ],
)
def test_a_percentage_is_rounded_half_up_and_never_falsely_0_or_100(share: float, places: int, text: str) -> None:
    assert percent(share, places) == text


def test_numbers_have_a_true_minus_and_no_negative_zero() -> None:
    assert (points(-2.25), points(-0.04), points(31.35)) == ("−2.3", "0.0", "31.4")
    assert (signed(19.66), signed(-19.66), signed(0.0), signed(0.01), signed(10, 0)) == (
        "+19.7",
        "−19.7",
        "0.0",
        "0.0",
        "+10",
    )


def rate(x: int, n: int) -> dict[str, Any]:
    value = Rate(x, n)
    return {"x": x, "n": n, "rate": value.rate, "ci95": list(value.ci95) if value.ci95 else None}


def test_a_rate_is_printed_with_its_path_and_exact_value() -> None:
    shown = printed({"response": rate(88, 117)})["response"]
    assert (shown["x"].text, shown["x"].path, shown["x"].exact) == ("88", "response.x", "88")
    assert (shown["rate"].text, shown["rate"].fine, shown["rate"].exact) == ("75 %", "75.2 %", repr(88 / 117))
    assert [end.fine for end in shown["ci95"]] == ["66.7", "82.2"]
    assert [end.path for end in shown["ci95"]] == ["response.ci95.0", "response.ci95.1"]
    assert str(shown["rate"]) == "75 %"


def test_of_fewer_than_five_only_counts_are_printed() -> None:
    shown = printed({"evaluated": 4, "response": rate(3, 4), "baseline": {"n": 4, "mean": 50.0, "sd": 3.0}})
    assert (shown["response"]["x"].text, shown["response"]["n"].text) == ("3", "4")
    assert (shown["response"]["rate"].text, shown["response"]["rate"].exact, shown["response"]["ci95"]) == (
        "n < 5",
        "",
        [],
    )
    assert {shown["baseline"][name].text for name in ("mean", "sd")} == {"n < 5"}
    assert printed({"response": rate(4, 5)})["response"]["rate"].text == "80 %"


def test_of_nobody_there_is_a_dash_and_never_0_percent() -> None:
    shown = printed({"response": rate(0, 0)})["response"]
    assert (shown["rate"].text, shown["rate"].exact, shown["ci95"]) == ("—", "", [])


@pytest.mark.parametrize(("n", "text"), [(9, "n < 10"), (10, "1.46")])
def test_an_effect_size_needs_ten(n: int, text: str) -> None:
    effect = {"d_rms": 1.4584, "d_rms_ci95": [1.18, 1.74], "d_z": 1.1, "g_rms": None}
    shown = printed({"evaluated": n, "effect_size": effect})["effect_size"]
    assert (shown["d_rms"].text, len(shown["d_rms_ci95"])) == (text, 0 if n < 10 else 2)
    assert shown["g_rms"].text == "—"


def test_a_change_is_the_negative_of_the_reduction_with_its_ends_in_order() -> None:
    reduction = {"n": 128, "mean": 19.66, "sd": 14.0, "median": 20.0, "ci95": [16.7, 22.7]}
    shown = printed({"reduction": reduction})["reduction"]
    assert (shown["change"].text, shown["change"].path, shown["change"].exact) == ("−19.7", "reduction.mean", "19.66")
    assert [end.text for end in shown["change_ci95"]] == ["−22.7", "−16.7"]
    assert [end.path for end in shown["change_ci95"]] == ["reduction.ci95.1", "reduction.ci95.0"]


def test_an_interval_shorter_than_its_rounding_gets_one_more_place() -> None:
    shown = printed({"response": rate(75_000, 100_000)})["response"]
    assert [end.text for end in shown["ci95"]] == ["74.7", "75.3"]
    assert shown["x"].text == "75,000"


def test_words_and_days_are_printed_as_they_are() -> None:
    shown = printed({"n": 20, "preset": "VA-10/33", "median_day": 24.0, "deciles": [10.0, 20.5]})
    assert (shown["preset"].text, shown["median_day"].text) == ("VA-10/33", "24")
    assert [decile.text for decile in shown["deciles"]] == ["10.0", "20.5"]
    assert printed({"n": 20, "median_day": 24.5})["median_day"].text == "24.5"


def test_bars_lie_on_the_rail() -> None:
    bar = rate_bar(rate(0, 20), 0.8)
    assert bar is not None
    assert (bar.low, bar.mark, bar.reference) == ("2.0", "0.4", "158.8")
    assert float(bar.high) < 40
    assert rate_bar(rate(3, 4)) is None
    assert rate_bar({**rate(3, 40), "ci95": None}) is None
    full = rate_bar(rate(20, 20))
    assert full is not None
    assert (full.high, full.reference) == ("198.0", "")


def test_the_bar_of_a_change_grows_with_its_interval() -> None:
    change = {"n": 9, "mean": 19.7, "ci95": [16.7, 22.7]}
    bar = change_bar(change)
    assert bar is not None
    assert float(bar.low) < float(bar.mark) + 1.6 < float(bar.high) < float(bar.reference)
    wide = change_bar({**change, "mean": 30.0, "ci95": [-25.0, 85.0]})
    assert wide is not None
    assert (wide.low, wide.high) == ("2.0", "198.0")
    assert change_bar({**change, "n": 4}) is None
    assert change_bar({**change, "ci95": None}) is None


def test_definitions_follow_the_criteria() -> None:
    assert [window_label(VA, name) for name in ("PRIMARY", "LAST")] == ["Primary 14–31 d", "Last"]
    assert window_label(VA, "EOS", with_days=False) == "End of series"
    assert window_words(VA, "M3") == "60–120 days after the last infusion"
    assert window_words(VA, "LAST").startswith("at least 1 day after the last infusion")
    assert response_words(VA) == "At least 10 points below baseline."
    assert response_words(PRESETS["Percent-50/33"]) == "At least 50 % below baseline."
    assert remission_words(VA) == "Response and below 33."
    assert remission_words(PRESETS["Marx-15/28"]) == "Response and below 29."
    assert remission_words(replace(VA, remission_requires_response=False)) == "Below 33."
    strict = replace(VA, remission_requires_dsm_rule_not_met=True)
    assert remission_words(strict) == "Response, below 33 and DSM-5 rule not met."
    assert worsening_words(VA) == "At least 10 points above baseline, at the same follow-up."
    assert reliable_words(VA) == "At least 15 points below baseline."
    assert end_state_words(VA) == "Reliable change to 28 or less, of those whose baseline is above 28."


def test_the_study_says_what_its_abstract_says() -> None:
    assert (study.N, study.RESPONSES, study.EFFECT_SIZE, study.REMISSION_PERCENT) == (117, 88, 1.64, 62)
    assert pytest.approx(study.ENDPOINT_MEAN - study.BASELINE_MEAN) == study.CHANGE
    root_mean_square = ((study.BASELINE_SD**2 + study.ENDPOINT_SD**2) / 2) ** 0.5
    assert round(-study.CHANGE / root_mean_square, 2) == study.EFFECT_SIZE
    assert published_response()["ci95"] == pytest.approx([0.666722, 0.821521], abs=1e-6)
    caveats = " ".join(study.CAVEATS)
    assert "definitions inferred" in caveats
    assert "suggests against" in caveats
    assert "control group" in caveats
    assert "agreement" not in caveats


def test_the_exact_value_is_what_the_statistics_gave() -> None:
    change = paired_change([52, 61, 45, 38, 70, 33], [28, 50, 44, 20, 35, 31])
    reduction = {"n": 6, "mean": change.reduction.mean, "sd": 1.0, "median": 1.0, "ci95": change.reduction_ci95}
    shown = printed({"reduction": reduction})["reduction"]
    assert float(shown["mean"].exact) == change.reduction.mean
