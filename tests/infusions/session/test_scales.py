"""Scales, rescue drugs and what must be true before leaving: literal ranges, totals, and what a missing part does."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infusions.limits import Level, Limits
from infusions.safety import ACCEPTED, check_discharge
from infusions.session.scales import (
    ALDRETE,
    DISCHARGE_ITEMS,
    MOAA_S,
    RESCUE_DRUGS,
    SCALES,
    RescueDrug,
    aldrete_total,
    check_scale,
    discharge_findings,
    meq30_complete,
    score_note,
)

DOMAINS = ("activity", "respiration", "circulation", "consciousness", "spo2")
ALL_TWO = dict.fromkeys(DOMAINS, 2)
RANGES = {
    "cadss": 92,
    "cadss6": 24,
    "meq30_mystical": 75,
    "meq30_positive_mood": 30,
    "meq30_transcendence": 30,
    "meq30_ineffability": 15,
    "meq30_total": 150,
    "intensity": 10,
}
#: 60 % of 75, 30, 30 and 15.
JUST_COMPLETE = {
    "meq30_mystical": 45,
    "meq30_positive_mood": 18,
    "meq30_transcendence": 18,
    "meq30_ineffability": 9,
}


def test_moaa_s_runs_from_alert_down_over_every_accepted_score():
    assert [score for score, _ in MOAA_S] == [5, 4, 3, 2, 1, 0]
    assert ACCEPTED["moaa_s"] == (0, 5)
    assert len({words for _, words in MOAA_S}) == 6


def test_aldrete_has_five_domains_of_three_options():
    assert tuple(domain.name for domain in ALDRETE) == DOMAINS
    for domain in ALDRETE:
        assert [score for score, _ in domain.options] == [2, 1, 0]
        assert len({words for _, words in domain.options}) == 3


@pytest.mark.parametrize(
    ("domains", "total"),
    [
        (ALL_TWO, 10),
        ({**ALL_TWO, "spo2": 1}, 9),
        ({**ALL_TWO, "activity": 0, "respiration": 1}, 7),
        (dict.fromkeys(DOMAINS, 0), 0),
        ({**ALL_TWO, "spo2": None}, None),
        ({**ALL_TWO, "spo2": 3}, None),
        ({**ALL_TWO, "spo2": -1}, None),
        ({name: 2 for name in DOMAINS if name != "circulation"}, None),
        ({**ALL_TWO, "other": 2}, 10),
        ({}, None),
    ],
)
def test_aldrete_total(domains, total):
    assert aldrete_total(domains) == total


@given(st.fixed_dictionaries({name: st.integers(0, 2) for name in DOMAINS}))
def test_a_whole_aldrete_score_is_one_that_a_discharge_accepts(domains):
    total = aldrete_total(domains)
    assert total == sum(domains.values())
    findings = check_discharge(Limits(), aldrete_total=total, aldrete_domains=domains)
    assert not [finding for finding in findings if finding.level is Level.REJECT]


def test_the_scales_and_their_largest_scores():
    assert {name: row.accepted for name, row in SCALES.items()} == {name: (0, most) for name, most in RANGES.items()}
    parts = [most for name, most in RANGES.items() if name.startswith("meq30_") and name != "meq30_total"]
    assert sum(parts) == RANGES["meq30_total"] == 150


@pytest.mark.parametrize("name", RANGES)
def test_a_score_outside_its_scale_is_rejected(name):
    most = RANGES[name]
    for value in (None, 0, 1, most - 1, most):
        assert check_scale(name, value) == []
    for value in (-1, most + 1, Decimal("0.5")):
        (finding,) = check_scale(name, value)
        assert (finding.level, finding.field, finding.limit) == (Level.REJECT, name, "accepted")


def test_a_rejection_says_what_to_enter():
    (finding,) = check_scale("cadss", 93)
    assert finding.message == "CADSS 93 is 1 outside what is accepted: enter a whole number, 0 to 92."


@pytest.mark.parametrize(
    ("name", "text", "note"),
    [
        ("cadss6", "24", ""),
        ("cadss6", "0", ""),
        ("cadss6", "", ""),
        ("chair", "99", ""),
        ("cadss6", "25", "CADSS-6 25 is 1 outside what is accepted: enter a whole number, 0 to 24."),
        ("cadss6", "9.5", "CADSS-6: enter a whole number, 0 to 24."),
        ("cadss6", "-1", "CADSS-6: enter a whole number, 0 to 24."),
        ("cadss6", "²", "CADSS-6: enter a whole number, 0 to 24."),
        ("cadss6", "111111", "CADSS-6: enter a whole number, 0 to 24."),
    ],
)
def test_what_was_typed_as_a_score_and_is_none_is_told(name, text, note):
    assert score_note(name, text) == note


def test_an_unknown_scale_and_a_float_are_errors():
    with pytest.raises(KeyError):
        check_scale("cads", 1)
    with pytest.raises(TypeError, match="not float"):
        check_scale("cadss", 1.0)


def test_a_complete_experience_is_60_percent_on_all_four():
    assert meq30_complete(JUST_COMPLETE) is True
    assert meq30_complete({"meq30_mystical": 75, "meq30_positive_mood": 30}) is None
    assert meq30_complete({}) is None
    for name, score in JUST_COMPLETE.items():
        assert meq30_complete({**JUST_COMPLETE, name: score - 1}) is False
        assert meq30_complete({**JUST_COMPLETE, name: None}) is None


def test_the_percentage_is_a_setting():
    assert meq30_complete(JUST_COMPLETE, percent=61) is False
    assert meq30_complete(JUST_COMPLETE, percent=Decimal("60.1")) is False
    assert meq30_complete(dict.fromkeys(JUST_COMPLETE, 0), percent=0) is True


@given(
    st.fixed_dictionaries({name: st.none() | st.integers(0, RANGES[name]) for name in JUST_COMPLETE}),
    st.integers(0, 100),
)
def test_complete_is_known_when_every_part_is_and_never_gained_by_asking_more(subscales, percent):
    complete = meq30_complete(subscales, percent)
    assert (complete is None) == (None in subscales.values())
    assert not meq30_complete(subscales, percent + 1) or complete


def test_the_rescue_drugs_of_the_rules():
    assert list(RESCUE_DRUGS) == [
        RescueDrug("Ondansetron", "4 mg", ("IV",)),
        RescueDrug("Labetalol", "5–20 mg", ("IV",)),
        RescueDrug("Hydralazine", "5–10 mg", ("IV",)),
        RescueDrug("Clonidine", "0.1 mg", ("PO",)),
        RescueDrug("Midazolam", "1–2 mg", ("IV",)),
        RescueDrug("Diphenhydramine", "", ()),
        RescueDrug("Glycopyrrolate", "", ()),
        RescueDrug("Oxygen", "", ()),
    ]


def test_what_must_be_true_before_leaving():
    names = [
        *("oriented", "steady_gait", "no_dissociation", "nausea_controlled", "no_new_si", "escort_present"),
        "instructions",
    ]
    assert [item.name for item in DISCHARGE_ITEMS] == names
    assert discharge_findings(dict.fromkeys(names, "yes")) == []
    assert [finding.field for finding in discharge_findings({})] == [f"discharge.{name}" for name in names]
    for answer, what in (("no", "is answered no"), ("na", "always applies"), ("", "is not answered")):
        (finding,) = discharge_findings({**dict.fromkeys(names, "yes"), "steady_gait": answer})
        assert (finding.level, finding.field, finding.sign_offs) == (Level.OVERRIDE, "discharge.steady_gait", 1)
        assert what in finding.message
