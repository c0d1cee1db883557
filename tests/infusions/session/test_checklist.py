"""The checks before an infusion: which there are, and what each answer asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infusions.limits import Finding, Level
from infusions.session.checklist import ANSWERS, ITEMS, findings

NAMES = [
    *("two_identifiers", "consent", "allergies", "medicines", "fasting", "pregnancy_test", "vitals", "escort"),
    *("suicide_screen", "mental_status", "iv_access", "airway_equipment", "pcl5", "preparation_session"),
]
MAY_NOT_APPLY = {"pregnancy_test", "pcl5", "preparation_session"}
ALL_YES = dict.fromkeys(NAMES, "yes")


def test_there_are_fourteen_checks_in_the_order_of_the_work():
    assert [item.name for item in ITEMS] == NAMES
    assert {item.name for item in ITEMS if item.may_not_apply} == MAY_NOT_APPLY
    assert ANSWERS == ("yes", "no", "na")


def test_words_are_short_and_their_own():
    words = [item.words for item in ITEMS]
    assert len(set(words)) == len(words)
    assert max(map(len, words)) <= 60


def test_all_in_order_finds_nothing():
    assert findings(ALL_YES) == []
    assert findings({**ALL_YES, **dict.fromkeys(MAY_NOT_APPLY, "na")}) == []


def test_nothing_answered_finds_every_item_in_order():
    assert [finding.field for finding in findings({})] == [f"check.{name}" for name in NAMES]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("no", "“Consent signed and still valid” is answered no; a prescriber must give a reason."),
        ("", "“Consent signed and still valid” is not answered; a prescriber must give a reason."),
        ("maybe", "“Consent signed and still valid” is not answered; a prescriber must give a reason."),
        (
            "na",
            "“Consent signed and still valid” is answered “does not apply”, but always applies; "
            "a prescriber must give a reason.",
        ),
    ],
)
def test_what_is_not_in_order_asks_one_prescriber_for_a_reason(answer, message):
    assert findings({**ALL_YES, "consent": answer}) == [
        Finding(Level.OVERRIDE, "check.consent", "required", message, sign_offs=1)
    ]


def test_a_missing_answer_is_not_answered():
    answers = {name: answer for name, answer in ALL_YES.items() if name != "escort"}
    assert [finding.field for finding in findings(answers)] == ["check.escort"]


@given(st.dictionaries(st.sampled_from([*NAMES, "other"]), st.sampled_from([*ANSWERS, "", "YES"])))
def test_an_item_is_found_unless_it_is_yes_or_may_not_apply(answers):
    in_order = {
        name for name in NAMES if answers.get(name) == "yes" or (answers.get(name) == "na" and name in MAY_NOT_APPLY)
    }
    found = findings(answers)
    assert [finding.field for finding in found] == [f"check.{name}" for name in NAMES if name not in in_order]
    assert {(finding.level, finding.limit, finding.sign_offs) for finding in found} <= {(Level.OVERRIDE, "required", 1)}
