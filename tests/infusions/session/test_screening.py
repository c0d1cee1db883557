"""Contraindications and interactions: each with its source, and found by the words of a medicine's name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infusions.session import screening
from infusions.session.screening import AGE, CONTRAINDICATIONS, INTERACTIONS, age_warning, interactions_of

PREFIXES = [(warned, prefix) for warned in INTERACTIONS for prefix in warned.prefixes]


def names(*medicines):
    return [match.warned.name for match in interactions_of(medicines)]


def test_the_contraindications_of_the_rules():
    assert [(one.name, one.source) for one in CONTRAINDICATIONS if one.hold] == [
        ("hypersensitivity", "Ketalar label; Spravato prescribing information"),
        ("aneurysm", "Ketalar label; Spravato prescribing information, in part"),
        ("recent_stroke", "Ketalar label; Spravato prescribing information, in part"),
        ("aortic_dissection", "Ketalar label; Spravato prescribing information, in part"),
        ("unstable_coronary", "Ketalar label; Spravato prescribing information, in part"),
        ("heart_failure", "Ketalar label; Spravato prescribing information, in part"),
        ("psychosis", "Unconfirmed"),
        ("mania", "Unconfirmed"),
        ("pregnancy", "Ketalar label"),
        ("intoxication", "Unconfirmed"),
        ("uncontrolled_hypertension", "Unconfirmed"),
    ]
    cautions = [one for one in CONTRAINDICATIONS if not one.hold]
    assert [one.name for one in cautions] == [
        *("liver", "cystitis", "raised_pressure_in_head_or_eye", "hyperthyroidism", "sleep_apnoea", "substance_use"),
        "personality_or_dissociative",
    ]
    assert all(one.source.startswith("Unconfirmed") for one in cautions)


def test_the_interactions_of_the_rules():
    assert [(one.name, one.source) for one in INTERACTIONS] == [
        ("benzodiazepine", "Andrade 2017; Veraart 2021; sedation: Ketalar label"),
        ("lamotrigine", "Veraart 2021"),
        ("maoi", "Veraart 2021, case reports; the warning for blood pressure is this project's own"),
        ("antipsychotic", "Veraart 2021, possible"),
        ("naltrexone", "Unconfirmed"),
        ("cyp_inducer", "Andrade 2017"),
        ("cyp_inhibitor", "Andrade 2017"),
        ("theophylline", "Ketalar label"),
        ("opioid", "Ketalar label"),
        ("depressant", "Ketalar label"),
        ("stimulant", "Ketalar label"),
    ]


def test_a_name_can_be_stored_and_words_are_one_sentence():
    warnings = [*CONTRAINDICATIONS, *INTERACTIONS, AGE]
    assert len({warned.name for warned in warnings}) == len(warnings)
    for warned in warnings:
        assert re.fullmatch(r"[a-z_]+", warned.name)
        assert re.fullmatch(r"[A-Z][^.]+\.", warned.words)


@pytest.mark.parametrize(
    ("medicine", "expected"),
    [
        ("Lorazepam 1 mg", ["benzodiazepine"]),
        ("Xanax", ["benzodiazepine"]),
        ("CLONAZEPAM ODT", ["benzodiazepine"]),
        ("Clonidine", []),
        ("Clomipramine", []),
        ("lamoTRIgine XR", ["lamotrigine"]),
        ("Lamisil", []),
        ("Tranylcypromine", ["maoi"]),
        ("Emsam patch (selegiline)", ["maoi"]),
        ("Haloperidol decanoate", ["antipsychotic"]),
        ("Quetiapine", []),
        ("Vivitrol", ["naltrexone"]),
        ("bupropion/naltrexone", ["naltrexone"]),
        ("Naloxone", []),
        ("Rifampin", ["cyp_inducer"]),
        ("St. John's wort", ["cyp_inducer"]),
        ("St John’s  wort", ["cyp_inducer"]),
        ("Oxcarbazepine", []),
        ("Phenobarbital", ["cyp_inducer", "depressant"]),
        ("Nirmatrelvir-ritonavir", ["cyp_inhibitor"]),
        ("Ketoconazole cream", ["cyp_inhibitor"]),
        ("Aminophylline", ["theophylline"]),
        ("Theo-24", ["theophylline"]),
        ("Acetaminophen/codeine", ["opioid"]),
        ("Suboxone film", ["opioid"]),
        ("Zolpidem", ["depressant"]),
        ("Sodium  Oxybate", ["depressant"]),
        ("alcohol, 2 drinks a day", ["depressant"]),
        ("Adderall XR 20 mg", ["stimulant"]),
        ("mixed amphetamine salts", ["stimulant"]),
        ("Pseudoephedrine", ["stimulant"]),
        ("norlorazepam", []),
        ("Sertraline", []),
        ("", []),
    ],
)
def test_medicines_are_found_by_the_beginning_of_a_word(medicine, expected):
    assert names(medicine) == expected


def test_matches_name_the_medicine_as_it_was_written_each_once():
    matches = interactions_of(["Sertraline", "Valium 5 mg", "Lamictal", "Valium 5 mg"])
    assert [(match.warned.name, match.medicine) for match in matches] == [
        ("benzodiazepine", "Valium 5 mg"),
        ("lamotrigine", "Lamictal"),
    ]
    assert interactions_of([]) == []


def test_no_prefix_is_listed_twice_or_hidden_behind_another():
    for warned in INTERACTIONS:
        for prefix in warned.prefixes:
            assert prefix == prefix.lower().strip()
            assert [other for other in warned.prefixes if prefix.startswith(other)] == [prefix]


@given(
    st.sampled_from(PREFIXES),
    st.sampled_from([str.upper, str.lower, str.title]),
    st.sampled_from(["", "2 x ", "generic-", "("]),
    st.sampled_from(["", "um", " 10 mg", ", as needed"]),
)
def test_every_prefix_is_found_in_whatever_case_and_company(listed, case, before, after):
    warned, prefix = listed
    assert warned.name in names(f"{before}{case(prefix)}{after}")


@given(st.sampled_from(PREFIXES))
def test_no_prefix_is_found_inside_a_word(listed):
    warned, prefix = listed
    assert warned.name not in names(f"xyz{prefix}")


@given(st.lists(st.text()))
def test_any_text_is_taken(medicines):
    assert {match.medicine for match in interactions_of(medicines)} <= set(medicines)


@pytest.mark.parametrize(("age", "warned"), [(None, None), (0, None), (64, None), (65, None), (66, AGE), (90, AGE)])
def test_older_than_65(age, warned):
    assert age_warning(age) == warned


@pytest.mark.parametrize(("given", "due"), [(0, False), (5, False), (6, True), (7, False), (12, True)])
def test_liver_and_bladder_are_asked_for_every_six_infusions(given: int, due: bool):
    assert (screening.periodic_check(given) is screening.PERIODIC) is due
