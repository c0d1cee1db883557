"""Criteria: the presets, what may be changed, and what may not."""

from dataclasses import replace

import pytest

from clinic.outcomes.criteria import (
    DEFAULT_PRESET,
    PRESET_SOURCES,
    PRESETS,
    SCHEDULED_WINDOWS,
    Criteria,
    Window,
    named,
    under_preset,
)
from clinic.outcomes.migrations import __path__ as migrations


def test_the_presets_are_those_of_the_rules() -> None:
    table = {
        name: (
            criteria.eligibility_cut,
            criteria.response_points,
            criteria.response_percent,
            criteria.remission_at_most,
            criteria.remission_requires_response,
        )
        for name, criteria in PRESETS.items()
    }
    assert table == {
        "VA-10/33": (33, 10, None, 32, True),
        "NYS-12/33": (33, 12, None, 32, True),
        "Marx-15/28": (33, 15, None, 28, True),
        "Percent-30/33": (33, None, 30, 32, True),
        "Percent-50/33": (33, None, 50, 32, True),
    }
    for name, criteria in PRESETS.items():
        assert (criteria.preset, criteria.problems()) == (name, [])
        assert (criteria.worsening_points, criteria.reliable_points, criteria.reliable_at_most) == (10, 15, 28)
        assert (criteria.max_missing_items, criteria.max_missing_per_cluster) == (2, 1)


def test_the_windows_are_those_of_the_rules() -> None:
    spans = [(window.name, window.first_day, window.last_day, window.target_day) for window in SCHEDULED_WINDOWS]
    assert spans == [
        ("EOS", 1, 13, 7),
        ("PRIMARY", 14, 31, 21),
        ("M3", 60, 120, 90),
        ("M6", 150, 210, 180),
        ("M12", 330, 400, 365),
    ]
    assert Criteria().window_names == ("EOS", "PRIMARY", "M3", "M6", "M12", "LAST")


def test_the_first_version_is_the_default_preset() -> None:
    from importlib import import_module

    begin = import_module("clinic.outcomes.migrations.0002_begin")
    assert migrations
    assert Criteria.from_dict(begin.VALUES) == PRESETS[DEFAULT_PRESET] == Criteria()


@pytest.mark.parametrize("criteria", PRESETS.values(), ids=PRESETS)
def test_values_come_back_as_they_went(criteria: Criteria) -> None:
    assert Criteria.from_dict(criteria.as_dict()) == criteria


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"response_points": None}, "either in points or in percent"),
        ({"response_percent": 30}, "either in points or in percent"),
        ({"cut": 27}, "cut is 27: choose a number from 28 to 45"),
        ({"cut": 46}, "28 to 45"),
        ({"eligibility_cut": 27}, "28 to 45"),
        ({"max_missing_items": 5}, "0 to 4"),
        ({"response_points": 0}, "1 to 80"),
        ({"remission_at_most": 33}, "start in remission"),
        ({"windows": (replace(SCHEDULED_WINDOWS[0], last_day=14), *SCHEDULED_WINDOWS[1:])}, "EOS and PRIMARY overlap"),
        ({"windows": (replace(SCHEDULED_WINDOWS[0], target_day=20), *SCHEDULED_WINDOWS[1:])}, "target day"),
        ({"windows": (replace(SCHEDULED_WINDOWS[0], first_day=0), *SCHEDULED_WINDOWS[1:])}, "1 or later"),
        ({"windows": (*SCHEDULED_WINDOWS[:4], replace(SCHEDULED_WINDOWS[4], last_day=3_651))}, "3650 or earlier"),
        ({"windows": SCHEDULED_WINDOWS[1:]}, "in this order"),
        ({"windows": (*SCHEDULED_WINDOWS, Window("M24", "2 years", 700, 760, 730))}, "in this order"),
    ],
)
def test_what_cannot_be_adopted_is_said(changed: dict[str, object], message: str) -> None:
    criteria = replace(Criteria(), **changed)
    assert any(message in problem for problem in criteria.problems())
    with pytest.raises(ValueError, match=message):
        Criteria.from_dict(criteria.as_dict())


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown criteria: respnse_points"):
        Criteria.from_dict({"respnse_points": 10})


def test_every_preset_names_its_source() -> None:
    assert list(PRESET_SOURCES) == list(PRESETS)


def test_a_fault_says_where_it_is() -> None:
    wrong = replace(
        Criteria(),
        cut=27,
        response_percent=30,
        remission_at_most=40,
        windows=(replace(SCHEDULED_WINDOWS[0], last_day=20, target_day=21), *SCHEDULED_WINDOWS[1:]),
    )
    places = [place for place, _words in wrong.faults()]
    assert places == ["response_points", "cut", "remission_at_most", "EOS.target_day", "PRIMARY.first_day"]
    assert wrong.problems() == [words for _place, words in wrong.faults()]


@pytest.mark.parametrize("name", PRESETS)
def test_values_bear_the_name_of_the_preset_that_they_are(name: str) -> None:
    site = replace(Criteria(), baseline_within_days=5, exclude_covers_pretreatment=True)
    assert named(replace(under_preset(name, site), preset="Own")) == under_preset(name, site)
    assert named(replace(under_preset(name, site), max_missing_items=1)).preset == "Own"
