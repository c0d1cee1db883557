"""The PCL-5: its frozen wording, and its scoring against worked vectors and against every completion."""

from hashlib import sha256
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.instruments.base import cut_rule, prorated_total
from assessments.instruments.pcl5 import CLUSTERS, ENDORSED_NEEDED, INSTRUMENT

CUT = 33
UNTIMED = settings(deadline=None)  # a busy machine is not a failure


def with_missing(answers, *numbers):
    return [None if n in numbers else answer for n, answer in enumerate(answers, start=1)]


V4 = [2, 0, 0, 0, 0, 2, 0, 2, 2, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0]
V5 = [4] * 5 + [1, 1] + [4] * 7 + [4] * 6
V6 = [3, 2, 1, 3, 2, 3, 3, 1, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 3, 4]
V10 = [2, 2, 2, 2, 1, 2, 2, 1, 2, 2, 2, 1, 2, 1, 2, 1, 2, 2, 1, 1]

# answers | total, answered sum, missing, most in one cluster, prorated | B, C, D, E | DSM rule, cut rule
VECTORS = {
    "V1 all zero": ([0] * 20, (0, 0, 0, 0, 0), (0, 0, 0, 0), (False, False)),
    "V2 all four": ([4] * 20, (80, 80, 0, 0, 80), (20, 8, 28, 24), (True, True)),
    "V3 all one": ([1] * 20, (20, 20, 0, 0, 20), (5, 2, 7, 6), (False, False)),
    "V4 lowest that meets the DSM rule": (V4, (12, 12, 0, 0, 12), (2, 2, 4, 4), (True, False)),
    "V5 high, fails the DSM rule": (V5, (74, 74, 0, 0, 74), (20, 2, 28, 24), (False, True)),
    "V6 typical": (V6, (50, 50, 0, 0, 50), (11, 6, 17, 16), (True, True)),
    "V7 one missing": (with_missing(V6, 8), (None, 49, 1, 1, 52), (11, 6, None, 16), (True, True)),
    "V8 the missing item decides": (
        with_missing(V4, 6),
        (None, 10, 1, 1, 11),
        (2, None, 4, 4),
        (None, False),
    ),
    "V9 three missing": (
        with_missing(V6, 7, 8, 14),
        (None, 44, 3, 2, 52),
        (11, None, None, 16),
        (True, True),
    ),
    "V10 on the cut": (V10, (33, 33, 0, 0, 33), (9, 4, 11, 9), (True, True)),
}

complete = st.lists(st.integers(0, 4), min_size=20, max_size=20)
# no more than three skipped, so that all 5 ** 3 completions can be tried
nearly_complete = st.builds(
    lambda answers, skipped: with_missing(answers, *skipped),
    complete,
    st.sets(st.integers(1, 20), max_size=3),
)
any_answered = st.lists(st.none() | st.integers(0, 4), min_size=20, max_size=20).filter(
    lambda answers: any(answer is not None for answer in answers)
)


def completions(answers):
    for chosen in product(range(5), repeat=answers.count(None)):
        fill = iter(chosen)
        yield [next(fill) if answer is None else answer for answer in answers]


def fill_all(answers, value):
    return [value if answer is None else answer for answer in answers]


def meets_dsm(complete_answers):
    """Written apart from the instrument, for complete answers only."""
    yes = [answer >= 2 for answer in complete_answers]
    return any(yes[:5]) and any(yes[5:7]) and sum(yes[7:14]) >= 2 and sum(yes[14:]) >= 2


def verdict(outcomes):
    """One answer if all completions agree, else None."""
    return outcomes.pop() if len(outcomes) == 1 else None


@pytest.mark.parametrize(("answers", "numbers", "clusters", "rules"), VECTORS.values(), ids=VECTORS)
def test_worked_vectors(answers, numbers, clusters, rules):
    score = INSTRUMENT.score(answers)
    prorated = prorated_total(score.answered_sum, score.missing_items, 20)
    cut = cut_rule(score.answered_sum, score.missing_items, CUT)

    assert (
        score.total,
        score.answered_sum,
        score.missing_items,
        score.most_missing_in_subscale,
        prorated,
    ) == numbers
    assert score.subscales == dict(zip("BCDE", clusters, strict=True))
    assert (score.rule_met, cut) == rules


@pytest.mark.parametrize(("answer", "flags"), [(None, ()), (0, ()), (2, ()), (3, ("item_16",)), (4, ("item_16",))])
def test_risk_taking_asks_for_review_the_same_day(answer, flags):
    answers = [4] * 20
    answers[15] = answer
    assert INSTRUMENT.score(answers).review_flags == flags


@pytest.mark.parametrize("cluster", CLUSTERS, ids=lambda cluster: cluster.id)
def test_each_cluster_alone_can_fail_the_dsm_rule(cluster):
    needed = ENDORSED_NEEDED[cluster.id]
    for endorsed in range(len(cluster.items) + 1):
        answers = [2] * 20
        for number in cluster.items[endorsed:]:
            answers[number - 1] = 1
        assert INSTRUMENT.score(answers).rule_met is (endorsed >= needed)


def test_a_failed_cluster_decides_although_another_is_open():
    answers = with_missing(V4, 6)
    answers[0] = 1  # no intrusion item endorsed, and item 6 unknown
    assert INSTRUMENT.score(answers).rule_met is False


def test_the_cut_rule_is_open_between_its_bounds():
    assert cut_rule(25, 2, CUT) is None
    assert cut_rule(32, 1, CUT) is None
    assert cut_rule(24, 2, CUT) is False
    assert cut_rule(33, 2, CUT) is True
    assert cut_rule(24, 3, 33, max_per_item=3) is None
    assert cut_rule(23, 3, 33, max_per_item=3) is False


@settings(UNTIMED, max_examples=60)
@given(nearly_complete)
def test_both_rules_say_what_every_completion_says(answers):
    score = INSTRUMENT.score(answers)
    full = list(completions(answers))

    assert score.rule_met is verdict({meets_dsm(each) for each in full})
    assert cut_rule(score.answered_sum, score.missing_items, CUT) is verdict({sum(each) >= CUT for each in full})
    assert {INSTRUMENT.score(each).rule_met for each in full} == {meets_dsm(each) for each in full}


@UNTIMED
@given(any_answered, st.integers(28, 45))
def test_both_rules_lie_between_the_lowest_and_highest_completion(answers, cut):
    """Both rules only rise with the answers, so these two completions bound all others."""
    score = INSTRUMENT.score(answers)
    lowest, highest = fill_all(answers, 0), fill_all(answers, 4)

    assert score.rule_met is verdict({meets_dsm(lowest), meets_dsm(highest)})
    assert cut_rule(score.answered_sum, score.missing_items, cut) is verdict({sum(lowest) >= cut, sum(highest) >= cut})


@UNTIMED
@given(any_answered)
def test_the_prorated_total_is_a_possible_total(answers):
    score = INSTRUMENT.score(answers)
    prorated = prorated_total(score.answered_sum, score.missing_items, 20)

    assert score.answered_sum <= prorated <= score.answered_sum + 4 * score.missing_items
    if score.missing_items == 0:
        assert prorated == score.total


@UNTIMED
@given(complete)
def test_the_clusters_add_up_to_the_total(answers):
    score = INSTRUMENT.score(answers)
    assert sum(score.subscales.values()) == score.total == sum(answers)


def test_every_item_is_in_exactly_one_cluster():
    assert [n for cluster in CLUSTERS for n in cluster.items] == list(range(1, 21))
    assert {c.id: len(c.items) * INSTRUMENT.max_per_item for c in CLUSTERS} == {
        "B": 20,
        "C": 8,
        "D": 28,
        "E": 24,
    }


def test_the_wording_is_the_publishers():
    """If this fails, someone edited the questionnaire: put the publisher's wording back (rule 2)."""
    texts = [item.text for item in INSTRUMENT.items]
    assert texts[0] == "Repeated, disturbing, and unwanted memories of the stressful experience?"
    assert texts[16] == "Being \u201csuperalert\u201d or watchful or on guard?"
    assert texts[19] == "Trouble falling or staying asleep?"
    assert (
        sha256("\n".join(texts).encode()).hexdigest()
        == "9eafcfbaef143775bc28aae2e7f08b8aee8a0274967d2feb301c0bfaef44cd6e"
    )
    assert [(o.value, o.label) for o in INSTRUMENT.options] == [
        (0, "Not at all"),
        (1, "A little bit"),
        (2, "Moderately"),
        (3, "Quite a bit"),
        (4, "Extremely"),
    ]


def test_the_forms_differ_in_recall_and_introduction():
    month, week = INSTRUMENT.form("month"), INSTRUMENT.form("week")
    assert (month.recall_days, week.recall_days) == (30, 7)
    assert week.day_rank < month.day_rank  # on one day the month form counts as the later (rule 14a)
    assert month.stem == "In the past month, how much were you bothered by:"
    assert week.stem == "In the past week, how much were you bothered by:"
    assert "Keeping your worst event in mind" in month.instruction
    texts = "\n".join(text for form in (month, week) for text in (form.instruction, form.stem))
    assert sha256(texts.encode()).hexdigest() == "e8ac0033196e92348f60d90df3104384b971a74eb793bc8622258b13cae13532"
