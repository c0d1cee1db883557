"""The derived side on one connection: what is stale, what is stored, failures, the summary, criteria."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from builders import NOW, make_course, make_infusion, make_patient, make_pcl5, make_treated_patient, make_user
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from assessments.services import correct_assessment, move_assessment, void_assessment
from clinic.outcomes import background, response, selectors, services
from clinic.outcomes.criteria import PRESETS, Criteria
from clinic.outcomes.models import ClinicSummary, CourseOutcome, PatientOutcomeState, SummaryState, WindowOutcome
from clinic.policy import Role
from infusions.services import record_infusion, void_course
from patients.models import Patient

pytestmark = pytest.mark.django_db


def stale() -> list[int]:
    return list(selectors.stale_patients(selectors.criteria_in_force().number).values_list("pk", flat=True))


def status_of(patient: Patient) -> str | None:
    return CourseOutcome.objects.filter(patient=patient).order_by("-number").values_list("status", flat=True).first()


def test_a_row_per_course_and_window_is_stored() -> None:
    patient = make_treated_patient()
    services.recompute_stale(now=NOW)
    outcome = CourseOutcome.objects.get(patient=patient)
    assert (outcome.status, outcome.eligible, outcome.baseline_total, outcome.latest_total) == (
        "REMISSION",
        True,
        54,
        30,
    )
    assert outcome.reason == "54 → 30 on 3 Apr 2025 (−24), day 21 after the last infusion. Response and remission."
    assert (outcome.criteria_version, outcome.as_of) == (1, date(2026, 6, 1))
    windows = {row.window: row for row in WindowOutcome.objects.filter(outcome=outcome)}
    assert set(windows) == {"EOS", "PRIMARY", "M3", "M6", "M12", "LAST"}
    primary = windows["PRIMARY"]
    assert (primary.opens_on, primary.closes_on) == (date(2025, 3, 27), date(2025, 4, 13))
    assert (primary.endpoint_on, primary.endpoint_day, primary.endpoint_total) == (date(2025, 4, 3), 21, 30)
    assert (primary.response, primary.remission, primary.worsened, primary.reduction) == (True, True, False, 24)
    assert primary.category == "response_below_cut"
    assert (windows["M3"].endpoint_on, windows["M3"].response, windows["M3"].category) == (None, None, None)


def test_stored_rows_read_back_as_they_were_evaluated() -> None:
    for endpoint in (30, 52, 66, None):
        make_treated_patient(endpoint=endpoint)
    services.recompute_stale(now=NOW)
    stored = selectors.stored_evaluation(1, date(2026, 6, 1))
    computed = response.evaluate(selectors.readings_of(None), selectors.courses_of(None), Criteria(), date(2026, 6, 1))
    for name in ("status", "eligible", "baseline_total", "infusions", "is_index"):
        assert stored.courses[name].tolist() == computed.courses[name].tolist()
    for window, frame in computed.windows.items():
        for name in ("due", "endpoint_total", "response", "remission", "worsened", "covers_pretreatment"):
            assert stored.windows[window][name].tolist() == frame[name].tolist(), (window, name)


def test_a_patient_is_stale_until_recomputed(django_capture_on_commit_callbacks: Any) -> None:
    patient = make_treated_patient(endpoint=None)
    assert stale() == [patient.pk]
    assert services.recompute_stale(now=NOW) == 1
    assert (stale(), status_of(patient)) == ([], "AWAITING")
    with django_capture_on_commit_callbacks(execute=False):
        make_pcl5(patient, date(2025, 4, 3), 30)
    assert stale() == [patient.pk]


def test_news_of_a_change_recomputes_after_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        patient = make_treated_patient()
    assert (stale(), status_of(patient)) == ([], "REMISSION")


def test_news_of_many_patients_waits_for_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    make_treated_patient()
    monkeypatch.setattr(background, "NEWS_AT_ONCE", 0)
    background.recompute_changed(patient_ids=frozenset(Patient.objects.values_list("pk", flat=True)))
    assert CourseOutcome.objects.count() == 0


def test_a_failing_listener_does_not_undo_the_record(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    patient = make_patient()

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(response, "evaluate", fail)
    with django_capture_on_commit_callbacks(execute=True):
        form = make_pcl5(patient, date(2025, 2, 20), 54)
    form.refresh_from_db()
    assert stale() == [patient.pk]


def test_a_patient_who_fails_at_a_save_is_noted_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    patient = make_patient()
    monkeypatch.setattr(response, "evaluate", lambda *_args: 1 / 0)
    with django_capture_on_commit_callbacks(execute=True):
        make_pcl5(patient, date(2025, 2, 20), 54)
    state = PatientOutcomeState.objects.get(patient=patient)
    assert (stale(), state.failed_reason) == ([], "ZeroDivisionError: division by zero")


def test_correcting_moving_and_voiding_forms_change_the_outcome() -> None:
    patient, other = make_treated_patient(), make_treated_patient(endpoint=None)
    form = selectors.Assessment.objects.get(patient=patient, completed_on=date(2025, 4, 3))
    corrected = correct_assessment(actor=None, assessment=form, now=NOW, reason="Item 3 misread", answers=[2] * 20)
    services.recompute_stale(now=NOW)
    assert status_of(patient) == "RESPONSE"
    moved = move_assessment(actor=None, assessment=corrected, to_patient=other, now=NOW, reason="Wrong chart")
    services.recompute_stale(now=NOW)
    assert (status_of(patient), status_of(other)) == ("AWAITING", "RESPONSE")
    void_assessment(actor=None, assessment=moved, reason="Not her handwriting", now=NOW)
    services.recompute_stale(now=NOW)
    assert status_of(other) == "AWAITING"


def test_a_voided_course_leaves_no_outcome_behind() -> None:
    patient = make_treated_patient()
    services.recompute_stale(now=NOW)
    void_course(actor=None, course=selectors.Infusion.objects.first().course, reason="Entered twice", now=NOW)
    services.recompute_stale(now=NOW)
    assert CourseOutcome.objects.filter(patient=patient).count() == 0
    assert WindowOutcome.objects.filter(outcome__patient=patient).count() == 0
    assert stale() == []


def test_an_infusion_given_later_moves_the_windows() -> None:
    patient = make_treated_patient()
    services.recompute_stale(now=NOW)
    record_infusion(
        actor=None,
        course=selectors.Infusion.objects.first().course,
        now=NOW,
        started_at=make_infusion(make_course(make_patient()), date(2025, 3, 17)).started_at,
        dose_mg_given=40,
        minutes=40,
    )
    services.recompute_stale(now=NOW)
    outcome = CourseOutcome.objects.get(patient=patient)
    assert (outcome.infusions, outcome.last_infusion_on) == (5, date(2025, 3, 17))


def test_one_failing_patient_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    patients = [make_treated_patient() for _ in range(4)]
    broken = patients[2].pk
    evaluate = response.evaluate

    def fail_for_one(readings: Any, *rest: Any) -> Any:
        if broken in set(readings["patient_id"]):
            raise ArithmeticError("cannot be")
        return evaluate(readings, *rest)

    monkeypatch.setattr(response, "evaluate", fail_for_one)
    services.recompute_stale(now=NOW)
    assert set(CourseOutcome.objects.values_list("patient_id", flat=True)) == {p.pk for p in patients} - {broken}
    state = PatientOutcomeState.objects.get(patient_id=broken)
    assert state.failed_reason == "ArithmeticError: cannot be"
    assert (stale(), services.recompute_stale(now=NOW)) == ([], 0)
    monkeypatch.setattr(response, "evaluate", evaluate)
    make_pcl5(patients[2], date(2025, 6, 12), 20)
    services.recompute_stale(now=NOW)
    state.refresh_from_db()
    assert (state.failed_reason, status_of(patients[2])) == ("", "REMISSION")


def test_a_fault_that_no_patient_can_be_the_cause_of_ends_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        make_treated_patient()
    monkeypatch.setattr(services, "MOST_FAILURES", 2)
    monkeypatch.setattr(response, "evaluate", lambda *_arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.recompute_stale(now=NOW)
    assert PatientOutcomeState.objects.exclude(failed_reason="").count() == 2


def test_the_same_versions_computed_again_replace_what_is_stored() -> None:
    patient = make_treated_patient()
    services.recompute_stale(now=NOW)
    CourseOutcome.objects.update(status="AWAITING")
    services.recompute_patients([patient.pk], now=NOW)
    assert status_of(patient) == "REMISSION"


def test_the_summary_equals_the_report_and_is_published_once() -> None:
    from clinic.outcomes.report import Wanted, report

    for endpoint in (30, 52, 66, None):
        make_treated_patient(endpoint=endpoint)
    services.recompute_stale(now=NOW)
    assert services.refresh_summary(1, now=NOW) is True
    assert services.refresh_summary(1, now=NOW) is False
    [summary] = ClinicSummary.objects.all()
    for window in ("LAST", "PRIMARY", "EOS", "M12"):
        expected = report(Wanted([window.lower()]), date(2026, 6, 1))
        assert summary.figures[window] == {name: expected[name] for name in summary.figures[window]}
    assert summary.figures["PRIMARY"]["response"]["x"] == 1
    assert summary.figures["PRIMARY"]["missing"] == 1


def test_no_summary_while_a_patient_is_stale_or_another_refresh_runs() -> None:
    patient = make_treated_patient()
    assert services.refresh_summary(1, now=NOW) is False
    assert SummaryState.objects.get().dirty is True
    services.recompute_stale(now=NOW)
    SummaryState.objects.update(refreshing_since=NOW)
    assert services.refresh_summary(1, now=NOW) is False
    assert services.refresh_summary(1, now=NOW + 2 * services.REFRESH_GIVEN_UP_AFTER) is True
    make_pcl5(patient, date(2025, 6, 12), 20)
    services.recompute_stale(now=NOW)
    assert SummaryState.objects.get().dirty is True


def test_a_failing_refresh_leaves_the_summary_dirty_and_free(monkeypatch: pytest.MonkeyPatch) -> None:
    make_treated_patient()
    services.recompute_stale(now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(selectors, "stored_evaluation", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            services.refresh_summary(1, now=NOW)
    assert services.refresh_summary(1, now=NOW) is True


def test_adopting_criteria_makes_everything_stale_and_keeps_the_last_summary() -> None:
    patient = make_treated_patient(baseline=40, endpoint=29)
    services.recompute_stale(now=NOW)
    services.refresh_summary(1, now=NOW)
    director = make_user(Role.MEDICAL_DIRECTOR)
    version = services.adopt_criteria(actor=director, criteria=PRESETS["Marx-15/28"], reason="Board of May", now=NOW)
    assert (version.number, version.preset, version.criteria()) == (2, "Marx-15/28", PRESETS["Marx-15/28"])
    assert stale() == [patient.pk]
    assert services.refresh_summary(2, now=NOW) is False
    assert ClinicSummary.objects.latest("id").criteria_version == 1
    assert status_of(patient) == "REMISSION"
    services.recompute_stale(now=NOW)
    assert services.refresh_summary(1, now=NOW) is False, "an old version is not published from newer rows"
    assert services.refresh_summary(2, now=NOW) is True
    assert status_of(patient) == "NO_RESPONSE"


@pytest.mark.parametrize(
    ("criteria", "reason"),
    [(replace(Criteria(), cut=50), "why"), (Criteria(), " "), (replace(Criteria(), response_points=None), "why")],
)
def test_criteria_that_cannot_be_used_or_have_no_reason_are_refused(criteria: Criteria, reason: str) -> None:
    with pytest.raises(ValidationError):
        services.adopt_criteria(actor=None, criteria=criteria, reason=reason, now=NOW)
    assert selectors.criteria_in_force().number == 1


def test_recompute_all_computes_everybody_again() -> None:
    patient = make_treated_patient()
    services.recompute_stale(now=NOW)
    CourseOutcome.objects.update(status="AWAITING")
    heard: list[int] = []
    assert services.recompute_all(now=NOW, progress=heard.append) == 1
    assert (heard, status_of(patient)) == ([1], "REMISSION")


def test_patients_are_written_some_at_a_time_and_others_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    patients = [make_treated_patient() for _ in range(4)]
    monkeypatch.setattr(services, "PATIENTS_PER_TRANSACTION", 1)
    wanted = [patients[0].pk, patients[3].pk]
    services.recompute_patients(wanted, now=NOW)
    assert sorted(CourseOutcome.objects.values_list("patient_id", flat=True)) == wanted
    assert len(stale()) == 2
