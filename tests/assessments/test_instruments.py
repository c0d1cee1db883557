"""What every questionnaire can do, and how a new one is found."""

import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from textwrap import dedent

import pytest

import assessments.instruments as registry
from assessments.instruments.base import Form, Instrument, Item, Option, ReviewLimit, Subscale, prorated_total

THREE = Instrument(
    id="three",
    title="Three questions",
    source="made up for tests",
    items=(Item(1, "One?"), Item(2, "Two?"), Item(3, "Three?")),
    options=(Option(0, "No"), Option(1, "Some"), Option(2, "Yes")),
    forms=(Form("week", "Past week", 7, "Please answer.", "In the past week:", 0),),
)

NEW_FILE = """
    from assessments.instruments.base import Form, Instrument, Item, Option

    INSTRUMENT = Instrument(
        id="{id}",
        title="A new one",
        source="made up for tests",
        items=(Item(1, "Well?"),),
        options=(Option(0, "No"), Option(1, "Yes")),
        forms=(Form("week", "Past week", 7, "Please answer.", "In the past week:", 0),),
    )
"""


@pytest.fixture
def write_instrument(tmp_path, monkeypatch):
    """Writes a questionnaire into a folder that the package also looks in, and forgets it afterwards."""
    before = set(sys.modules)
    monkeypatch.setattr(registry, "__path__", [*registry.__path__, str(tmp_path)])

    def write(name, instrument_id):
        (tmp_path / f"{name}.py").write_text(dedent(NEW_FILE.format(id=instrument_id)), encoding="utf-8")

    yield write
    for name in set(sys.modules) - before:
        if name.startswith("assessments.instruments."):
            del sys.modules[name]
            vars(registry).pop(name.rpartition(".")[2], None)


# --- finding questionnaires ---


def test_a_new_questionnaire_is_one_new_file(write_instrument):
    write_instrument("brand_new", "new1")

    assert registry.get("new1").title == "A new one"
    assert [instrument.id for instrument in registry.all_instruments()] == ["new1", "pcl5"]
    assert registry.get("new1").score([1]).total == 1


def test_two_files_cannot_claim_the_same_id(write_instrument):
    write_instrument("pcl5_copy", "pcl5")

    with pytest.raises(ValueError, match=r"pcl5_copy: another file already defines 'pcl5'"):
        registry.all_instruments()


def test_an_unknown_questionnaire_is_refused_by_name():
    with pytest.raises(registry.UnknownInstrument, match=r"No questionnaire 'phq99'; known: pcl5"):
        registry.get("phq99")
    assert issubclass(registry.UnknownInstrument, ValueError)


def test_a_questionnaire_is_built_once():
    assert registry.get("pcl5") is registry.get("pcl5")
    assert registry.all_instruments()[0] is registry.get("pcl5")


def test_scoring_needs_no_django():
    program = "import sys, assessments.instruments as i; i.all_instruments(); sys.exit('django' in sys.modules)"
    root = Path(registry.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0


# --- answers that cannot be scored ---


@pytest.mark.parametrize("answers", [None, "012", 7, {1: 0, 2: 0, 3: 0}, iter([0, 0, 0])])
def test_answers_that_are_no_list(answers):
    assert THREE.problems(answers) == ["Answers must be a list of 3 values."]


@pytest.mark.parametrize("answer", [-1, 3, 1.0, 0.5, float("nan"), True, False, "1", "", [1], 10**30])
def test_values_that_are_no_answer(answer):
    assert THREE.problems([0, answer, None]) == ["Item 2: choose one of 0, 1, 2, or skip the item."]


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ([0, 1], ["Expected 3 answers, got 2."]),
        ([0, 1, 2, 0], ["Expected 3 answers, got 4."]),
        ([], ["Expected 3 answers, got 0.", "No item was answered."]),
        ([None, None, None], ["No item was answered."]),
    ],
)
def test_wrong_numbers_of_answers(answers, problems):
    assert THREE.problems(answers) == problems


def test_all_problems_are_named_at_once():
    message = (
        "Expected 3 answers, got 4. Item 1: choose one of 0, 1, 2, or skip the item. "
        "Item 3: choose one of 0, 1, 2, or skip the item."
    )
    with pytest.raises(ValueError, match="Expected 3") as refused:
        THREE.score([True, 0, "secret", 0])
    assert str(refused.value) == message


@pytest.mark.parametrize("answers", [[0, 1, 2], (0, None, 2)])
def test_usable_answers_have_no_problems(answers):
    assert THREE.problems(answers) == []


# --- scoring without the optional parts, and with them ---


def test_a_questionnaire_without_subscales_or_rule():
    score = THREE.score([2, 1, None])
    assert (score.total, score.answered_sum, score.missing_items) == (None, 3, 1)
    assert (score.subscales, score.most_missing_in_subscale) == ({}, 0)
    assert score.rule_met is None
    assert score.review_flags == ()


def test_several_review_limits_are_flagged_in_order():
    watched = replace(THREE, review_limits=(ReviewLimit(3, 1), ReviewLimit(1, 2)))
    assert watched.score([2, 0, 1]).review_flags == ("item_3", "item_1")
    assert watched.score([1, 2, None]).review_flags == ()


def test_the_fullest_gap_of_any_subscale_is_counted():
    split = replace(THREE, subscales=(Subscale("X", "First", (1,)), Subscale("Y", "Rest", (2, 3))))
    score = split.score([2, None, None])
    assert score.most_missing_in_subscale == 2
    assert score.subscales == {"X": 2, "Y": None}


def test_a_score_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        THREE.score([0, 0, 0]).total = 1


def test_forms_are_found_by_id():
    assert THREE.form("week").recall_days == 7
    with pytest.raises(ValueError, match=r"three has no form 'month'; it has: week\."):
        THREE.form("month")


@pytest.mark.parametrize(
    ("answered_sum", "missing", "count", "expected"),
    [
        (3, 2, 4, 6),  # 3 * 4 / 2
        (1, 1, 3, 2),  # exactly 1.5: half rounds up
        (5, 1, 3, 8),  # exactly 7.5: half rounds up, not to even
        (2, 3, 10, 3),  # 2.857
        (3, 3, 10, 4),  # 4.286
        (0, 19, 20, 0),
    ],
)
def test_prorated_totals(answered_sum, missing, count, expected):
    assert prorated_total(answered_sum, missing, count) == expected


@pytest.mark.parametrize("missing", [-1, 20, 21])
def test_nothing_can_be_prorated_from_nothing(missing):
    with pytest.raises(ValueError, match=f"with {missing} of 20 items missing"):
        prorated_total(10, missing, 20)


# --- descriptions that contradict themselves ---


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"items": ()}, "items must be numbered"),
        ({"items": (Item(1, "One?"), Item(3, "Three?"))}, "items must be numbered"),
        ({"subscales": (Subscale("X", "Beyond", (3, 4)),)}, "names an item that does not exist"),
        ({"review_limits": (ReviewLimit(0, 1),)}, "names an item that does not exist"),
        ({"options": (Option(0, "No"), Option(0, "Yes"))}, "option values must all differ"),
        ({"forms": THREE.forms * 2}, "form ids must all differ"),
        ({"forms": (*THREE.forms, replace(THREE.forms[0], id="month"))}, "form day ranks must all differ"),
        ({"subscales": (Subscale("X", "a", (1,)), Subscale("X", "b", (2,)))}, "subscale ids must all differ"),
    ],
)
def test_a_slip_in_a_description_is_found_on_import(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(THREE, **changes)
