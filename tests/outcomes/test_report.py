"""The outcomes report: figures against published numbers, its keys, its options, its text."""

import json
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest
from builders import NOW, make_course, make_infusion, make_patient, make_pcl5, make_treated_patient, make_user
from django.core.management import CommandError, call_command

from clinic.outcomes import services
from clinic.outcomes.criteria import PRESETS
from clinic.outcomes.models import CourseOutcome
from clinic.policy import Role
from infusions.models import Infusion, Phase
from patients.models import CriterionA, Patient

pytestmark = pytest.mark.django_db

KEYS = [
    *("as_of", "preset", "criteria_version", "window", "patients", "courses", "eligible", "evaluated", "missing"),
    *("not_due", "status", "flags", "baseline", "endpoint", "reduction", "effect_size", "paired_t", "wilcoxon"),
    *(
        "response",
        "remission",
        "worsened",
        "reliable_change",
        "reliable_and_below",
        "non_responder_imputation",
        "best_case",
    ),
    "infusions_per_course",
]
#: Twelve pairs with published figures (Lakens 2013 formulas, checked with scipy).
BASELINES = (52, 61, 45, 38, 70, 33, 55, 48, 41, 64, 58, 36)
ENDPOINTS = (28, 50, 44, 20, 35, 31, 22, 40, 46, 30, 29, 14)


def report(*options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("outcomes_report", "--format", "json", *options, stdout=out)
    return json.loads(out.getvalue())


def near(value: Any, expected: Any) -> bool:
    return value == pytest.approx(expected, abs=1e-6)


@pytest.fixture
def twelve_pairs() -> None:
    for baseline, endpoint in zip(BASELINES, ENDPOINTS, strict=True):
        make_treated_patient(baseline, endpoint)


def test_the_twelve_pairs_give_the_published_figures(twelve_pairs: None) -> None:
    result = report("--window", "primary")
    assert list(result) == KEYS
    assert (result["patients"], result["eligible"], result["evaluated"], result["missing"]) == (12, 12, 12, 0)
    assert near(result["baseline"], {"n": 12, "mean": 50.083333, "sd": 11.866364})
    assert near(result["endpoint"], {"n": 12, "mean": 32.416667, "sd": 11.007917})
    reduction = result["reduction"]
    assert near(reduction["ci95"], [8.753631, 26.579703])
    assert near([reduction[name] for name in ("mean", "sd", "median")], [17.666667, 14.02811, 20.0])
    effect = result["effect_size"]
    assert near([effect["d_rms"], effect["d_z"], effect["g_rms"]], [1.543588, 1.259376, 1.435475])
    assert near(effect["d_rms_ci95"], [0.583376, 2.466475])
    response = result["response"]
    assert (response["x"], response["n"]) == (8, 12)
    assert near([response["rate"], *response["ci95"]], [0.666667, 0.390622, 0.86188])
    assert [result[name]["x"] for name in ("remission", "worsened", "reliable_change", "reliable_and_below")] == [
        6,
        0,
        7,
        4,
    ]
    assert result["infusions_per_course"] == {"mean": 4.0, "sd": 0.0, "min": 4, "max": 4}


@pytest.mark.parametrize(
    ("preset", "responses", "remissions"),
    [("VA-10/33", 8, 6), ("NYS-12/33", 7, 6), ("Marx-15/28", 7, 4), ("Percent-30/33", 7, 6), ("Percent-50/33", 5, 4)],
)
def test_another_preset_is_computed_on_the_fly_and_stores_nothing(
    twelve_pairs: None, preset: str, responses: int, remissions: int
) -> None:
    result = report("--preset", preset)
    assert (result["response"]["x"], result["remission"]["x"]) == (responses, remissions)
    assert (result["preset"], result["criteria_version"]) == (preset, 1 if preset == "VA-10/33" else None)
    assert not CourseOutcome.objects.exists()


def test_nobody_is_null_and_never_nan_or_0_percent() -> None:
    result = report()
    assert (result["window"], result["courses"], result["response"]["rate"]) == ("last", 0, None)
    nothing = [result[name] for name in ("baseline", "reduction", "effect_size", "infusions_per_course")]
    assert {value for part in nothing for name, value in part.items() if name != "n"} == {None}
    assert result["best_case"] == {"x": 0, "n": 0, "rate": None, "ci95": None}


def test_one_patient_has_a_mean_and_no_interval() -> None:
    make_treated_patient()
    result = report()
    assert result["reduction"] == {"n": 1, "mean": 24.0, "sd": None, "median": 24.0, "ci95": None}
    assert set(result["effect_size"].values()) == {None}


def test_missing_not_due_and_the_two_bounds() -> None:
    make_treated_patient(54, 30)
    make_treated_patient(54, 52)
    make_treated_patient(54, None)
    late = make_patient()
    make_pcl5(late, date(2025, 3, 30), 50)
    make_infusion(make_course(late), date(2025, 4, 1))
    result = report("--window", "primary", "--as-of", "2025-04-20")
    assert [result[name] for name in ("eligible", "evaluated", "missing", "not_due")] == [4, 2, 1, 1]
    assert result["non_responder_imputation"] == {"x": 1, "n": 3, "rate": 1 / 3, "ci95": None}
    assert result["best_case"] == {"x": 2, "n": 3, "rate": 2 / 3, "ci95": None}
    assert result["status"] == {
        **dict.fromkeys(["NOT_STARTED", "NO_BASELINE", "BELOW_CUT", "WORSENED", "RESPONSE", "RELAPSED"], 0),
        "AWAITING": 2,
        "REMISSION": 1,
        "NO_RESPONSE": 1,
    }


def test_not_eligible_courses_are_tracked_but_not_counted() -> None:
    below = make_treated_patient(30, 62)
    not_met = make_treated_patient(54, 30)
    Patient.objects.filter(pk=not_met.pk).update(criterion_a=CriterionA.NOT_MET)
    result = report("--courses")
    assert (result["courses"], result["eligible"], result["evaluated"]) == (2, 0, 0)
    rows = {row["mrn"]: row for row in result["course_rows"]}
    assert (rows[below.mrn]["status"], rows[below.mrn]["reduction"], rows[below.mrn]["provisional"]) == (
        "BELOW_CUT",
        -32,
        None,
    )
    assert (rows[not_met.mrn]["status"], rows[not_met.mrn]["eligible"], rows[not_met.mrn]["response"]) == (
        "REMISSION",
        False,
        True,
    )


def retreat(patient: Patient, day: date, baseline: int, endpoint: int) -> None:
    make_pcl5(patient, day - timedelta(days=5), baseline)
    make_infusion(make_course(patient, 2), day)
    make_pcl5(patient, day + timedelta(days=21), endpoint)


def test_all_courses_are_counted_without_any_interval(twelve_pairs: None) -> None:
    retreat(Patient.objects.order_by("pk")[0], date(2025, 9, 1), 50, 20)
    first, both = report(), report("--courses-in", "all")
    assert (first["courses"], both["courses"], both["patients"]) == (12, 13, 12)
    assert first["evaluated"] + 1 == both["evaluated"]
    assert "ci95" not in json.dumps({name: value for name, value in _intervals(both).items() if value is not None})


def _intervals(result: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{outer}.{inner}": value
        for outer, part in result.items()
        if isinstance(part, dict)
        for inner, value in part.items()
        if inner.endswith("ci95")
    }


def test_every_course_has_its_row() -> None:
    """The baseline of the second course is a follow-up of the first as well, and shows its relapse (rule 14)."""
    patient = make_treated_patient(54, 30)
    retreat(patient, date(2025, 9, 1), 50, 48)
    make_infusion(make_course(patient, 3, phase=Phase.BOOSTER), date(2025, 10, 1))
    assert report("--courses-in", "all", "--courses", "--window", "primary")["course_rows"] == [
        {
            "mrn": patient.mrn,
            "course": 1,
            "status": "RELAPSED",
            "provisional": False,
            "eligible": True,
            "baseline_on": "2025-02-20",
            "baseline_total": 54,
            "endpoint_on": "2025-04-03",
            "endpoint_total": 30,
            "reduction": 24,
            "response": True,
            "remission": True,
            "category": "response_below_cut",
            "infusions": 4,
        },
        {
            "mrn": patient.mrn,
            "course": 2,
            "status": "NO_RESPONSE",
            "provisional": False,
            "eligible": True,
            "baseline_on": "2025-08-27",
            "baseline_total": 50,
            "endpoint_on": "2025-09-22",
            "endpoint_total": 48,
            "reduction": 2,
            "response": False,
            "remission": False,
            "category": "no_response",
            "infusions": 2,
        },
    ]


def test_rows_are_given_of_every_outcome_course_also_where_only_the_first_are_counted() -> None:
    patient = make_treated_patient()
    retreat(patient, date(2025, 9, 1), 50, 48)
    result = report("--courses")
    assert (result["courses"], [row["course"] for row in result["course_rows"]]) == (1, [1, 2])


def test_a_preset_is_what_the_rules_say_also_when_own_values_bear_its_name() -> None:
    make_treated_patient(38, 20)
    own = replace(PRESETS["VA-10/33"], eligibility_cut=40, baseline_within_days=5)
    services.adopt_criteria(actor=None, criteria=own, reason="Board", now=NOW)
    in_force, preset = report(), report("--preset", "VA-10/33")
    assert (in_force["criteria_version"], in_force["status"]["NO_BASELINE"]) == (2, 1)
    assert (preset["criteria_version"], preset["status"]["NO_BASELINE"]) == (None, 1), "the period is the site's"
    services.adopt_criteria(actor=None, criteria=replace(own, baseline_within_days=30), reason="Board", now=NOW)
    assert (report()["eligible"], report("--preset", "VA-10/33")["eligible"]) == (0, 1)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_cannot_show_every_sign_gets_the_report_all_the_same(encoding: str) -> None:
    make_treated_patient()
    stream = TextIOWrapper(BytesIO(), encoding=encoding)
    call_command("outcomes_report", "--courses", stdout=stream)
    stream.flush()
    assert b"54 ? 30" in stream.buffer.getvalue()


def test_flags_are_counted_over_the_evaluated() -> None:
    patient = make_patient()
    course = make_course(patient)
    make_infusion(course, date(2025, 3, 3))
    make_pcl5(patient, date(2025, 2, 20), 40, form="week", answers=[2] * 19 + [None])
    make_pcl5(patient, date(2025, 3, 18), 20)
    make_treated_patient()
    result = report()
    assert result["flags"] == {"covers_pretreatment": 1, "mixed_recall": 1, "weekly_baseline": 1, "prorated": 1}


def test_the_report_follows_the_criteria_in_force(twelve_pairs: None) -> None:
    services.adopt_criteria(actor=None, criteria=PRESETS["Marx-15/28"], reason="Board", now=NOW)
    result = report()
    assert (result["preset"], result["criteria_version"], result["response"]["x"]) == ("Marx-15/28", 2, 7)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--preset", "mine"], "VA-10/33"),
        (["--as-of", "1.3.2025"], "YYYY-MM-DD"),
        (["--window", "week"], "primary"),
        (["--courses-in", "some"], "first"),
    ],
)
def test_a_wrong_option_says_what_is_accepted(options: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        report(*options)


def test_the_text_says_who_is_counted_and_what_is_missing(twelve_pairs: None) -> None:
    out = StringIO()
    call_command("outcomes_report", "--courses", "--as-of", "2026-06-01", stdout=out)
    text = out.getvalue()
    assert "as of 2026-06-01, window last, criteria VA-10/33 (version 1)" in text
    assert "12 eligible: 12 evaluated, 0 missing, 0 not due" in text
    assert "Response                           8 of 12, 66.7 %, 95 % CI 39.1 to 86.2" in text
    assert "REMISSION 6" in text
    assert "52 → 28, 4 infusions" in text
    both = StringIO()
    call_command("outcomes_report", "--courses-in", "all", stdout=both)
    assert "Courses, not patients" in both.getvalue()
    assert "Courses, not patients" not in text
    empty = StringIO()
    Patient.objects.update(criterion_a=CriterionA.NOT_MET)
    call_command("outcomes_report", "--preset", "Marx-15/28", stdout=empty)
    assert "Response                           0 of 0, —" in empty.getvalue()
    assert "(not in force, no version)" in empty.getvalue()


def test_courses_in_is_first_or_all() -> None:
    from clinic.outcomes.report import Wanted
    from clinic.outcomes.report import report as compute

    with pytest.raises(ValueError, match="first, all"):
        compute(Wanted(["last"], courses_in="some"), date(2026, 6, 1))


def test_recompute_outcomes_works_off_what_is_stale_and_publishes() -> None:
    make_treated_patient()
    for option, expected in (([], "Recomputed 1 "), ([], "Recomputed 0 "), (["--all"], "Recomputed 1 ")):
        out = StringIO()
        call_command("recompute_outcomes", *option, stdout=out)
        assert expected in out.getvalue()


def test_the_tests_of_the_twelve_pairs(twelve_pairs: None) -> None:
    result = report("--window", "primary")
    assert near([result["paired_t"][name] for name in ("t", "df", "p")], [4.362607, 11, 0.001131])
    assert near([result["wilcoxon"][name] for name in ("w", "p")], [3, 0.002441])
    effect = result["effect_size"]
    expected = {"d_av": 1.54468, "d_rm": 1.54287, "d_base": 1.48880, "g_z": 1.17117}
    assert {name: effect[name] for name in expected} == pytest.approx(expected, abs=1e-5)
    assert effect["d_z_ci95"] == pytest.approx([0.47596, 2.01234], abs=1e-5)


def make_groups() -> None:
    """Ten in psychotherapy, who improve more, and ten not; the women among them are all in it."""
    for number in range(20):
        therapy = number % 2
        patient = make_patient(gender="female" if therapy else "male")
        course = make_course(patient, psychotherapy_at_start="yes" if therapy else "no")
        make_infusion(course, date(2025, 3, 3) if therapy else date(2024, 11, 4))
        start = date(2025, 3, 3) if therapy else date(2024, 11, 4)
        make_pcl5(patient, start - timedelta(days=9), 60)
        make_pcl5(patient, start + timedelta(days=20), 30 + number + (0 if therapy else 5))
        make_pcl5(patient, start + timedelta(days=90), 58)


def test_subgroups_and_survival_are_added() -> None:
    make_groups()
    result = report("--window", "primary", "--subgroups", "--survival")
    therapy = result["subgroups"]["groups"][0]
    assert [(row["label"], row["n"]) for row in therapy["rows"]] == [("Yes", 10), ("No", 10)]
    assert therapy["contrast"]["difference"] == pytest.approx(4)
    assert therapy["contrast"]["g"] is not None
    curves = result["survival"]["time_to_loss"]["curves"]
    assert (curves["all"]["n"], curves["all"]["median"]) == (18, 70)
    out = StringIO()
    call_command("outcomes_report", "--window", "primary", "--subgroups", "--survival", stdout=out)
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert any(line.startswith("Psychotherapy: Yes n 10, 20.00, 95 % CI") for line in lines)
    assert any(line.startswith("Yes against No 4.00, 95 % CI") and "Hedges g" in line for line in lines)
    assert any(line.startswith("all n 18, events 18, median 70, 95 % CI") for line in lines)
    assert "remission n 20, events 1, median not reached, 95 % CI not reached to not reached" in lines


def test_every_window_at_once() -> None:
    make_groups()
    every = report("--window", "all")
    assert list(every["windows"]) == ["last", "eos", "primary", "m3", "m6", "m12"]
    single = report("--window", "m3")
    assert every["windows"]["m3"] == {name: single[name] for name in every["windows"]["m3"]}
    out = StringIO()
    call_command("outcomes_report", "--window", "all", stdout=out)
    assert out.getvalue().count("Outcomes as of") == 6


def test_filters_choose_by_the_first_course() -> None:
    make_groups()
    assert report("--gender", "female")["patients"] == 10
    both = report("--since", "2025-Q1", "--psychotherapy", "yes", "--subgroups")
    assert (both["patients"], both["filters"]) == (10, {"since": "2025-Q1", "psychotherapy": "yes"})
    assert report("--until", "2024-Q4", "--gender", "female")["patients"] == 0
    out = StringIO()
    call_command("outcomes_report", "--gender", "female", stdout=out)
    assert "Chosen by gender: female" in out.getvalue()


def test_a_clinician_is_named_by_work_email() -> None:
    make_groups()
    doctor = make_user(Role.CLINICIAN)
    course = Patient.objects.earliest("pk").pk
    Infusion.objects.filter(course__patient_id=course).update(prescriber=doctor)
    assert report("--clinician", doctor.email.upper())["patients"] == 1


def test_every_filter_that_is_wrong_is_said() -> None:
    with pytest.raises(CommandError) as refused:
        report("--since", "2025-13", "--until", "x", "--clinician", "nobody@tidemark.example")
    assert str(refused.value).splitlines() == [
        "--since '2025-13' is no quarter; write it as 2025-Q1.",
        "--until 'x' is no quarter; write it as 2025-Q1.",
        "--clinician: nobody here has this work e-mail.",
    ]
