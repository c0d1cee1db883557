"""The dashboard page: its numbers are the report's, nothing of too few, never an error page, one row read."""

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from builders import make_course, make_infusion, make_patient, make_pcl5, make_treated_patient, make_user
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.outcomes import response, services
from clinic.outcomes.criteria import PRESETS, Criteria
from clinic.outcomes.models import ClinicSummary, PatientOutcomeState, SummaryState
from clinic.policy import Role
from infusions.models import Course
from patients.models import CriterionA, Patient

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 7, 1, 14, 2, tzinfo=ZoneInfo("America/New_York"))
MARCH = (3, 6, 10, 13)
WINDOWS = ("primary", "eos", "m3", "m6", "m12", "last")


@pytest.fixture(autouse=True)
def _in_july() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def director(client: Client) -> Client:
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    return client


def page(client: Client, window: str = "primary") -> str:
    answer = client.get(reverse("outcomes:dashboard"), {"window": window})
    assert answer.status_code == 200
    return answer.content.decode()


def figures_in(text: str) -> dict[str, set[str]]:
    """Every figure of a page: its path and all exact values it is shown with."""
    found: dict[str, set[str]] = {}
    for path, value in re.findall(r'data-figure="([^"]+)"\s+data-value="([^"]*)"', text):
        found.setdefault(path, set()).add(value)
    return found


def drawn(text: str, name: str) -> Any:
    match = re.search(rf'<script id="{name}-data" type="application/json">(.*?)</script>', text)
    assert match
    return json.loads(match[1])


def report(window: str, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("outcomes_report", "--format", "json", "--window", window, *options, stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def at(result: dict[str, Any], path: str) -> Any:
    value: Any = result
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def make_varied_clinic(patients: int = 36) -> None:
    """Baselines, endpoints, forms and days of every kind; some without a follow-up, a baseline or criterion A."""
    for number in range(patients):
        patient = make_patient(criterion_a=CriterionA.NOT_MET if number % 17 == 3 else CriterionA.MET)
        course = make_course(patient)
        for day in MARCH[: 1 + number % 4]:
            make_infusion(course, date(2025, 3, day))
        baseline = 28 + (number * 7) % 45
        if number % 11:
            make_pcl5(patient, date(2025, 2, 20), baseline, form="week" if number % 9 == 4 else "month")
        if number % 5:
            days, form = (5 + (number * 13) % 100, "week" if number % 3 else "month")
            make_pcl5(patient, date(2025, 3, 13) + timedelta(days=days), (number * 11) % 70, form=form)
        if number % 4 == 1:
            make_pcl5(patient, date(2025, 6, 10), (number * 17) % 60)


def test_every_number_of_the_page_is_the_reports(director: Client) -> None:
    make_varied_clinic()
    for window in WINDOWS:
        compare(report(window), figures_in(page(director, window)))


def compare(result: dict[str, Any], shown: dict[str, set[str]]) -> None:
    """Every figure on the page that the report has, and that none is lacking."""
    others = {"beside", "study_like", "study", "trajectories", "not_counted"}
    for path, values in shown.items():
        if path.partition(".")[0] not in others and values != {""}:
            [value] = values
            assert float(value) == at(result, path), path
    counts = {"courses", "eligible", "evaluated", "missing", "not_due", "response.x", "remission.x", "worsened.x"}
    counts |= {f"status.{code}" for code in result["status"] if code != "NOT_STARTED"}
    assert counts | {"flags.covers_pretreatment", "flags.prorated", "best_case.x"} <= set(shown)
    if result["evaluated"] >= 10:
        exact = {"response.rate", "response.ci95.0", "reduction.mean", "reduction.ci95.1", "effect_size.d_rms_ci95.0"}
        assert exact <= set(shown)
        assert "" not in set.union(*(shown[path] for path in exact))


def test_the_example_in_docs_shows_what_the_report_prints(director: Client) -> None:
    call_command("import_records", str(settings.BASE_DIR / "docs" / "example"), stdout=StringIO())
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("America/New_York")), tick=False):
        director.force_login(make_user(Role.MEDICAL_DIRECTOR))
        for window in WINDOWS:
            compare(report(window), figures_in(page(director, window)))


def test_the_lead_says_the_answer_first(director: Client) -> None:
    for endpoint in (30, 30, 44, 52, 70, None):
        make_treated_patient(54, endpoint)
    text = " ".join(page(director).split())
    assert (
        "Of 5 patients followed up 14–31 days after the last infusion, "
        '<b class="tm-strong">3 responded</b>, 2 of them in remission, and <b class="tm-strong">1 worsened</b>. '
        "1 follow-up is missing." in text
    )
    assert "Nobody has been followed up 60–120 days after the last infusion yet." in " ".join(
        page(director, "m3").split()
    )


def test_an_empty_clinic_says_what_to_do_next(director: Client) -> None:
    text = page(director)
    assert "No outcomes yet" in text
    assert "data-figure" not in text
    make_patient()
    assert "No outcomes yet" in page(director)


@pytest.mark.parametrize("window", ["", "PRIMARY", "week", "LAST'; DROP", "\x00", "x" * 5_000, "ß", "<b>"])
def test_an_unknown_window_is_the_primary_one(director: Client, window: str) -> None:
    make_treated_patient()
    text = page(director, window)
    assert re.search(r'href="\?window=primary"[^>]*aria-current="true"', text)
    assert "<b>" not in re.findall(r"\?window=([^\"]*)", text)


@pytest.mark.parametrize("role", [Role.INTAKE, Role.CLINICIAN, Role.ADMINISTRATOR])
def test_the_outcomes_are_the_directors(client: Client, role: Role) -> None:
    client.force_login(make_user(role))
    for name in ("outcomes:dashboard", "outcomes:patients_behind"):
        assert client.get(reverse(name)).status_code == 403


def test_of_fewer_than_five_there_is_no_percentage_interval_or_mark(director: Client) -> None:
    for _ in range(4):
        make_treated_patient()
    text = page(director)
    shown = figures_in(text)
    assert (shown["response.x"], shown["response.n"], shown["response.rate"]) == ({"4"}, {"4"}, {""})
    assert not [path for path in shown if "ci95" in path and shown[path] != {""} and not path.startswith("study.")]
    assert shown["reduction.mean"] == {""}
    assert "n &lt; 5" in text
    for name in ("waterfall", "trajectories", "status-mix", "study"):
        values = drawn(text, name)
        assert not values.get("bars")
        assert not values.get("visits")
        assert not values.get("rows")
        assert not values.get("clinic", {}).get("response")
    assert "fewer than 5 patients" in text


@pytest.mark.parametrize(("patients", "text"), [(9, "n &lt; 10"), (10, "d<sub>rms</sub>")])
def test_an_effect_size_needs_ten(director: Client, patients: int, text: str) -> None:
    for number in range(patients):
        make_treated_patient(54, 30 + number)
    shown = figures_in(page(director))
    assert text in page(director)
    assert (shown["effect_size.d_rms"] == {""}) is (patients == 9)


@pytest.mark.parametrize(
    ("missing", "banner", "greyed"), [(1, False, False), (2, True, False), (5, True, False), (6, True, True)]
)
def test_few_follow_ups_are_warned_of_and_fewer_than_half_grey_the_rates(
    director: Client, missing: int, banner: bool, greyed: bool
) -> None:
    for _ in range(5):
        make_treated_patient()
    for _ in range(missing):
        make_treated_patient(endpoint=None)
    text = page(director)
    assert ("Rates may be biased" in text) is banner
    assert ("tm-rates--doubtful" in text) is greyed


def test_who_died_or_withdrew_before_the_window_closed_is_not_due(director: Client) -> None:
    for _ in range(5):
        make_treated_patient()
    died, withdrew, later = (make_treated_patient(endpoint=None) for _ in range(3))
    Patient.objects.filter(pk=died.pk).update(died_on=date(2025, 3, 20))
    Course.objects.filter(patient=withdrew).update(withdrawn_on=date(2025, 4, 13), withdrawn_reason="Moved")
    Course.objects.filter(patient=later).update(withdrawn_on=date(2025, 4, 14), withdrawn_reason="Moved")
    text = " ".join(page(director).split())
    shown = figures_in(text)
    assert (shown["missing"], shown["evaluated"]) == ({"3"}, {"5"})
    assert float(next(iter(shown["beside.completeness.rate"]))) == 5 / 6
    assert "Of the missing, 2 died or withdrew before: not in the percentage." in text


def test_criterion_a_left_open_is_counted_beside(director: Client) -> None:
    for _ in range(5):
        make_treated_patient()
    assert "Criterion A open in 5 eligible." in page(director)


def test_a_change_is_in_the_next_page(director: Client) -> None:
    patients = [make_treated_patient(endpoint=None) for _ in range(5)]
    assert figures_in(page(director))["evaluated"] == {"0"}
    make_pcl5(patients[0], date(2025, 4, 3), 20)  # announced: recomputed after the commit
    services.recompute_patients([patients[0].pk], now=NOW)
    assert figures_in(page(director))["evaluated"] == {"1"}
    Patient.objects.filter(pk=patients[1].pk).update(record_version=99)
    assert "0 changes pending" in page(director), "what is stale is worked off first"
    assert "As of" in page(director)


def test_more_stale_patients_than_a_page_works_off_are_counted(director: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(services, "STALE_IN_A_PAGE", 1)
    for _ in range(5):
        make_treated_patient()
    assert "No outcomes yet" in page(director), "nothing was published yet"
    services.recompute_all(now=NOW)
    assert figures_in(page(director))["courses"] == {"5"}
    Patient.objects.update(record_version=50)
    text = page(director)
    assert "4 changes pending" in text
    assert figures_in(text)["courses"] == {"5"}, "the last summary stays"
    monkeypatch.setattr("clinic.outcomes.selectors.MOST_PENDING", 2)
    assert "&gt;2 changes pending" in page(director)


def test_other_criteria_are_worked_off_while_the_old_figures_stand_under_their_own_version(
    director: Client, monkeypatch: Any
) -> None:
    for _ in range(5):
        make_treated_patient()
    page(director)
    services.adopt_criteria(actor=None, criteria=PRESETS["Marx-15/28"], reason="Board", now=NOW)
    monkeypatch.setattr(services, "STALE_IN_A_PAGE", 2)
    text = page(director)
    assert 'Recomputing under settings v2 (Marx-15/28): <span id="recomputed-percent">40 %' in text
    assert "VA-10/33, settings v1" in text
    assert figures_in(text)["remission.x"] == {"5"}
    page(director)
    text = page(director)
    assert "Recomputing" not in text
    assert "Marx-15/28, settings v2" in text
    assert figures_in(text)["remission.x"] == {"0"}
    assert "Response and below 29" in text


def test_what_cannot_be_recomputed_leaves_the_last_summary(director: Client, monkeypatch: Any, caplog: Any) -> None:
    for _ in range(5):
        make_treated_patient()
    before = figures_in(page(director))
    Patient.objects.update(record_version=50)

    def broken(*_: Any) -> Any:
        raise RuntimeError("no memory")

    monkeypatch.setattr(services, "recompute_or_note_failure", broken)
    text = page(director)
    assert figures_in(text) == before
    assert "5 changes pending" in text
    assert "could not be brought up to date" in caplog.text


def test_patients_in_no_figure_are_told_of(director: Client, monkeypatch: Any) -> None:
    for _ in range(5):
        make_treated_patient()
    unlucky = Patient.objects.order_by("pk")[0]
    evaluate = response.evaluate

    def fails_for_one(readings: Any, courses: Any, *rest: Any) -> Any:
        if (readings["patient_id"] == unlucky.pk).any():
            raise ValueError("odd record")
        return evaluate(readings, courses, *rest)

    monkeypatch.setattr(response, "evaluate", fails_for_one)
    text = page(director)
    assert figures_in(text)["courses"] == {"4"}
    assert "1 patient is in no figure" in text


def test_a_new_day_makes_a_new_summary(director: Client) -> None:
    for _ in range(5):
        make_treated_patient(endpoint=None)
    late = make_patient()
    make_pcl5(late, date(2025, 6, 1), 50)
    make_infusion(make_course(late), date(2025, 6, 1))
    assert (figures_in(page(director))["missing"], SummaryState.objects.get().dirty) == ({"5"}, False)
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        director.force_login(make_user(Role.MEDICAL_DIRECTOR))
        shown = figures_in(page(director))
        assert shown["missing"] == {"6"}
        assert report("primary")["missing"] == 6
    assert ClinicSummary.objects.count() == 2


def test_the_summary_of_a_large_clinic_stands_for_a_while(director: Client, monkeypatch: Any) -> None:
    for _ in range(5):
        make_treated_patient()
    page(director)
    monkeypatch.setattr(services, "PATIENTS_ADDED_UP_AT_ONCE", 4)
    make_treated_patient()
    assert figures_in(page(director))["courses"] == {"5"}
    with time_machine.travel(NOW + services.SUMMARY_OF_MANY_STANDS_FOR, tick=False):
        assert figures_in(page(director))["courses"] == {"6"}


def test_only_the_last_summary_keeps_what_is_drawn(director: Client) -> None:
    for _ in range(5):
        make_treated_patient()
        page(director)
    assert [bool(row.charts) for row in ClinicSummary.objects.order_by("pk")] == [False] * 4 + [True]
    assert all(row.figures for row in ClinicSummary.objects.order_by("pk"))


@pytest.mark.parametrize("charts", [None, {"format": 0, "windows": {}}])
def test_a_summary_of_an_older_release_still_shows_its_figures(director: Client, charts: Any) -> None:
    for _ in range(5):
        make_treated_patient()
    page(director)
    ClinicSummary.objects.update(charts=charts)
    text = page(director)
    assert figures_in(text)["response.x"] == {"5"}
    assert 'id="waterfall"' not in text
    assert "drawn again" in text


def test_chart_and_table_hold_the_same_numbers(director: Client) -> None:
    make_varied_clinic()
    text = page(director, "last")
    bars = drawn(text, "waterfall")["bars"]
    rows = re.findall(
        r'data-value="(-?\d+)">[^<]*</td>\s*<td data-value="(\w+)">.*?<td class="tm-num" data-value="(\d+)">',
        text,
        re.S,
    )
    assert [[int(change), kind] for change, kind, count in rows for _ in range(int(count))] == bars
    shown = figures_in(text)
    for visit in drawn(text, "trajectories")["visits"]:
        assert shown[f"trajectories.{visit['name']}.mean"] == {repr(visit["mean"])}
        assert shown[f"trajectories.{visit['name']}.n"] == {str(visit["n"])}
    clinic = drawn(text, "study")["clinic"]
    assert shown["study_like.response.rate"] == {repr(clinic["response"]["rate"])}
    assert shown["study_like.endpoint.mean"] == {repr(clinic["after"])}
    for row in drawn(text, "status-mix")["rows"]:
        assert any(shown[path] == {str(row["count"])} for path in shown if path.startswith("status."))


def test_the_study_like_figures_are_those_of_va_10_33_on_last(director: Client) -> None:
    make_varied_clinic()
    services.adopt_criteria(
        actor=None, criteria=replace(PRESETS["Marx-15/28"], eligibility_cut=40), reason="Board", now=NOW
    )
    shown, result = figures_in(page(director)), report("last", "--preset", "VA-10/33")
    for path in ("response.x", "response.rate", "remission.x", "baseline.mean", "endpoint.sd", "effect_size.d_rms"):
        assert float(next(iter(shown[f"study_like.{path}"]))) == at(result, path), path


def test_the_comparison_comes_with_its_caveats(director: Client) -> None:
    for _ in range(5):
        make_treated_patient()
    text = page(director)
    for words in ("Definitions inferred", "control group", "VA/DoD", "suggests against", "treating clinic"):
        assert words in text
    assert "in agreement" not in text


def test_no_patient_is_named(director: Client) -> None:
    patient = make_treated_patient()
    for _ in range(5):
        make_treated_patient()
    text = page(director)
    for secret in (patient.mrn, patient.given_name, patient.family_name, patient.public_id):
        assert secret not in text


def test_the_page_asks_as_much_of_sixty_patients_as_of_five(director: Client) -> None:
    def asked() -> int:
        page(director)  # works off and publishes
        with CaptureQueriesContext(connection) as queries:
            page(director)
        return len(queries)

    for _ in range(5):
        make_treated_patient()
    few = asked()
    for number in range(55):
        make_treated_patient(40 + number % 30, number)
    assert asked() == few <= 14


def test_pandas_is_not_needed_to_show_what_is_published(director: Client, monkeypatch: Any) -> None:
    make_treated_patient()
    page(director)
    for name in ("stored_evaluation", "readings_of", "courses_of"):
        monkeypatch.setattr(f"clinic.outcomes.selectors.{name}", None)
    page(director)
    assert not PatientOutcomeState.objects.exclude(failed_reason="").exists()


def test_percentages_have_no_line_of_their_own(director: Client) -> None:
    for _ in range(5):
        make_treated_patient()
    services.adopt_criteria(actor=None, criteria=PRESETS["Percent-50/33"], reason="Board", now=NOW)
    text = page(director)
    assert "At least 50 % below baseline." in text
    assert [line["at"] for line in drawn(text, "waterfall")["references"]] == [10, -15]
    services.adopt_criteria(
        actor=None, criteria=replace(Criteria(), remission_requires_response=False), reason="Board", now=NOW
    )
    assert "5 are in remission" in " ".join(page(director).split())
