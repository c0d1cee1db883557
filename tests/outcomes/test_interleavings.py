"""Workers and saves in each other's way: real threads with real connections on PostgreSQL.

SQLite has one writer at a time, which a transaction takes at its beginning: there the waiting alone is tested.
"""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from builders import NOW, make_pcl5, make_treated_patient
from django.db import connection

from assessments.models import Assessment
from assessments.services import move_assessment
from clinic.outcomes import background, response, selectors, services, stored, tasks
from clinic.outcomes.criteria import PRESETS
from clinic.outcomes.models import ClinicSummary, CourseOutcome, PatientOutcomeState, WindowOutcome
from infusions.models import Course
from infusions.services import void_course
from patients.models import Patient

pytestmark = pytest.mark.django_db(transaction=True)
WAIT_SECONDS = 20


class Worker(threading.Thread):
    """Runs work on a connection of its own; `result` raises what the work raised."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work, self.error = work, None

    def run(self) -> None:
        try:
            self.work()
        except BaseException as error:
            self.error = error
        finally:
            connection.close()

    def finish(self) -> None:
        self.join(WAIT_SECONDS)
        assert not self.is_alive(), "the worker hangs"
        if self.error:
            raise self.error


def in_another_connection(work: Callable[[], Any]) -> None:
    worker = Worker(work)
    worker.start()
    worker.finish()


def once_before(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, action: Callable[[], Any]) -> None:
    """Run the action, once and on another connection, just before the named step; later calls go straight through."""
    step, done = getattr(owner, name), []

    def with_action(*arguments: Any, **named: Any) -> Any:
        if not done:
            done.append(True)
            in_another_connection(action)
        return step(*arguments, **named)

    monkeypatch.setattr(owner, name, with_action)


@pytest.fixture(autouse=True)
def _news_waits_for_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "NEWS_AT_ONCE", 0)


def sweep() -> None:
    services.recompute_stale(now=NOW)


def status_of(patient: Patient) -> list[str]:
    return list(CourseOutcome.objects.filter(patient=patient).order_by("number").values_list("status", flat=True))


def is_stale(patient: Patient) -> bool:
    return selectors.stale_patients(selectors.criteria_in_force().number).filter(pk=patient.pk).exists()


STEPS = {
    "after the versions, before the readings": (selectors, "readings_of"),
    "between readings and courses": (selectors, "courses_of"),
    "after all reads, before computing": (response, "evaluate"),
    "after computing, before writing": (services, "_replace_outcomes"),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_save_in_the_middle_of_a_recompute_is_never_lost(
    monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]
) -> None:
    """Red when the record versions are read after the records: the old result would be marked as current."""
    patient = make_treated_patient(endpoint=None)
    once_before(monkeypatch, *step, lambda: make_pcl5(patient, date(2025, 4, 3), 30))
    services.recompute_patients([patient.pk], now=NOW)
    assert is_stale(patient) or status_of(patient) == ["REMISSION"]
    sweep()
    assert (is_stale(patient), status_of(patient)) == (False, ["REMISSION"])


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_criteria_change_in_the_middle_of_a_recompute(monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]) -> None:
    patient = make_treated_patient(baseline=40, endpoint=29)
    adopt = PRESETS["Marx-15/28"]
    action = lambda: services.adopt_criteria(actor=None, criteria=adopt, reason="Board", now=NOW)  # noqa: E731
    once_before(monkeypatch, *step, action)
    services.recompute_patients([patient.pk], now=NOW)
    assert is_stale(patient)
    sweep()
    assert (is_stale(patient), status_of(patient)) == (False, ["NO_RESPONSE"])
    assert set(CourseOutcome.objects.values_list("criteria_version", flat=True)) == {2}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_course_voided_in_the_middle_of_a_recompute(monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]) -> None:
    """Red without the delete: the outcome would outlive its course."""
    patient = make_treated_patient()
    sweep()
    course = Course.objects.get(patient=patient)
    once_before(monkeypatch, *step, lambda: void_course(actor=None, course=course, reason="Twice", now=NOW))
    services.recompute_patients([patient.pk], now=NOW)
    sweep()
    assert (is_stale(patient), status_of(patient)) == (False, [])
    assert not WindowOutcome.objects.filter(outcome__patient=patient).exists()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_form_moved_in_the_middle_of_a_recompute(monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]) -> None:
    patient, other = make_treated_patient(), make_treated_patient(endpoint=None)
    form = Assessment.objects.get(patient=patient, completed_on=date(2025, 4, 3))
    once_before(
        monkeypatch,
        *step,
        lambda: move_assessment(actor=None, assessment=form, to_patient=other, now=NOW, reason="Wrong chart"),
    )
    services.recompute_patients([patient.pk, other.pk], now=NOW)
    sweep()
    assert (status_of(patient), status_of(other)) == (["AWAITING"], ["REMISSION"])
    assert not is_stale(patient)
    assert not is_stale(other)


def test_a_late_worker_does_not_overwrite_a_newer_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first worker read before the save; a second one, that read after it, ends first."""
    patient = make_treated_patient(endpoint=None)

    def save_and_recompute() -> None:
        make_pcl5(patient, date(2025, 4, 3), 30)
        services.recompute_patients([patient.pk], now=NOW)

    once_before(monkeypatch, services, "_replace_outcomes", save_and_recompute)
    services.recompute_patients([patient.pk], now=NOW)
    assert (is_stale(patient), status_of(patient)) == (False, ["REMISSION"])


def test_the_same_task_twice_in_any_order_changes_nothing() -> None:
    patient = make_treated_patient()
    sweep()
    before = list(CourseOutcome.objects.values()), list(WindowOutcome.objects.order_by("outcome_id", "window").values())
    workers = [Worker(lambda: services.recompute_patients([patient.pk], now=NOW)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.finish()
    assert (
        list(CourseOutcome.objects.values()),
        list(WindowOutcome.objects.order_by("outcome_id", "window").values()),
    ) == before


def waits_for_a_lock() -> bool:
    """Whether another connection waits; SQLite does not tell, so there the caller's pause must do."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def test_of_two_workers_writing_at_once_the_newer_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red without the lock: the older worker, stopped between its look at the state and its writing, would write last."""
    if connection.vendor == "sqlite":
        expect_one_writer_at_a_time(monkeypatch)
        return
    patient = make_treated_patient(endpoint=None)
    sweep()
    make_pcl5(patient, date(2025, 6, 12), 48)
    looked, may_write = threading.Event(), threading.Event()
    delete = stored.delete_outcomes

    def stop_the_first(patient_ids: list[int]) -> None:
        if not looked.is_set():
            looked.set()
            assert may_write.wait(WAIT_SECONDS)
        delete(patient_ids)

    monkeypatch.setattr(stored, "delete_outcomes", stop_the_first)
    older = Worker(lambda: services.recompute_patients([patient.pk], now=NOW))
    older.start()
    assert looked.wait(WAIT_SECONDS)
    make_pcl5(patient, date(2025, 4, 3), 30)
    make_pcl5(patient, date(2025, 7, 12), 20)
    newer = Worker(lambda: services.recompute_patients([patient.pk], now=NOW))
    newer.start()
    while newer.is_alive() and not waits_for_a_lock():
        newer.join(0.02)
    may_write.set()
    older.finish()
    newer.finish()
    assert (is_stale(patient), status_of(patient)) == (False, ["REMISSION"])


def test_a_task_waits_for_nobody_elses_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker is in the middle of writing a patient who changed just now: the next leaves her to it."""
    if connection.vendor == "sqlite":
        return  # one writer at a time, whosever the patient is
    first, second = make_treated_patient(endpoint=None), make_treated_patient(endpoint=None)
    sweep()
    make_pcl5(first, date(2025, 4, 3), 20)
    writing, may_go_on = threading.Event(), threading.Event()
    mark = services._mark_computed

    def stop_the_first(*arguments: Any) -> None:
        if not writing.is_set():
            writing.set()
            assert may_go_on.wait(WAIT_SECONDS)
        mark(*arguments)

    monkeypatch.setattr(services, "_mark_computed", stop_the_first)
    slow = Worker(lambda: tasks.recompute_patients([first.pk]))
    slow.start()
    assert writing.wait(WAIT_SECONDS)
    make_pcl5(second, date(2025, 4, 3), 20)
    in_another_connection(lambda: tasks.recompute_patients([second.pk]))
    assert [is_stale(first), is_stale(second)] == [True, False]
    may_go_on.set()
    slow.finish()
    assert not is_stale(first)


def expect_one_writer_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite the transaction itself is the lock: a second worker waits until the first has committed."""
    patient = make_treated_patient()
    order: list[str] = []
    delete = stored.delete_outcomes

    def note(patient_ids: list[int]) -> None:
        order.append("in")
        delete(patient_ids)
        order.append("out")

    monkeypatch.setattr(stored, "delete_outcomes", note)
    workers = [Worker(lambda: services.recompute_patients([patient.pk], now=NOW)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.finish()
    assert order == ["in", "out", "in", "out"]


def test_two_saves_that_touch_the_same_two_patients_do_not_deadlock() -> None:
    first, second = make_treated_patient(), make_treated_patient()
    forms = [Assessment.objects.get(patient=patient, completed_on=date(2025, 4, 3)) for patient in (first, second)]
    make_pcl5(first, date(2025, 5, 3), 30)
    there = Assessment.objects.get(patient=first, completed_on=date(2025, 5, 3))
    make_pcl5(second, date(2025, 5, 4), 30)
    back = Assessment.objects.get(patient=second, completed_on=date(2025, 5, 4))
    workers = [
        Worker(lambda: move_assessment(actor=None, assessment=there, to_patient=second, now=NOW, reason="Swap")),
        Worker(lambda: move_assessment(actor=None, assessment=back, to_patient=first, now=NOW, reason="Swap")),
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.finish()
    sweep()
    assert [form.patient_id for form in forms] == [first.pk, second.pk]
    assert Assessment.objects.current().filter(patient=first, completed_on=date(2025, 5, 4)).exists()
    assert Assessment.objects.current().filter(patient=second, completed_on=date(2025, 5, 3)).exists()


@pytest.mark.parametrize("step", ["stored_evaluation", "is_settled"])
def test_a_recompute_in_the_middle_of_a_refresh_is_in_the_next_summary(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    patient = make_treated_patient(endpoint=52)
    sweep()

    def save_and_sweep() -> None:
        make_pcl5(patient, date(2025, 6, 12), 20)
        sweep()

    once_before(monkeypatch, selectors, step, save_and_sweep)
    services.refresh_summary(1, now=NOW)
    services.refresh_summary(1, now=NOW)
    assert ClinicSummary.objects.latest("id").figures["LAST"]["remission"]["x"] == 1


def test_a_criteria_change_in_the_middle_of_a_refresh_publishes_no_mixed_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patients = [make_treated_patient(baseline=40, endpoint=29) for _ in range(3)]
    sweep()

    def adopt_and_recompute_one() -> None:
        services.adopt_criteria(actor=None, criteria=PRESETS["Marx-15/28"], reason="Board", now=NOW)
        services.recompute_patients([patients[0].pk], now=NOW)

    once_before(monkeypatch, selectors, "stored_evaluation", adopt_and_recompute_one)
    assert services.refresh_summary(1, now=NOW) is False
    assert not ClinicSummary.objects.exists()
    sweep()
    assert services.refresh_summary(2, now=NOW) is True
    figures = ClinicSummary.objects.get().figures["PRIMARY"]
    assert (figures["evaluated"], figures["response"]["x"]) == (3, 0)


def test_rows_read_before_everybody_was_recomputed_are_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    patients = [make_treated_patient() for _ in range(3)]
    services.recompute_patients([patients[0].pk], now=NOW)
    read = selectors.stored_evaluation

    def read_then_sweep(*arguments: Any) -> Any:
        stored = read(*arguments)
        in_another_connection(sweep)
        return stored

    monkeypatch.setattr(selectors, "stored_evaluation", read_then_sweep)
    services.refresh_summary(1, now=NOW)
    sweep()
    services.refresh_summary(1, now=NOW)
    assert {summary.figures["PRIMARY"]["evaluated"] for summary in ClinicSummary.objects.all()} == {3}


def test_the_uncommitted_rows_of_a_recompute_are_not_missed_by_a_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refresh that begins while a recompute has written but not committed waits for it, or leaves the summary dirty."""
    patient = make_treated_patient(endpoint=52)
    sweep()
    services.refresh_summary(1, now=NOW)
    make_pcl5(patient, date(2025, 6, 12), 20)
    written, may_commit = threading.Event(), threading.Event()
    mark = services._mark_computed

    def stop_before_commit(*arguments: Any, **named: Any) -> None:
        mark(*arguments, **named)
        written.set()
        assert may_commit.wait(WAIT_SECONDS)

    monkeypatch.setattr(services, "_mark_computed", stop_before_commit)
    worker = Worker(sweep)
    worker.start()
    assert written.wait(WAIT_SECONDS)
    refresh = Worker(lambda: services.refresh_summary(1, now=NOW))
    refresh.start()
    refresh.join(0.2)
    while refresh.is_alive() and not waits_for_a_lock():
        refresh.join(0.02)
    may_commit.set()
    worker.finish()
    refresh.finish()
    services.refresh_summary(1, now=NOW)
    assert ClinicSummary.objects.latest("id").figures["LAST"]["remission"]["x"] == 1
    assert PatientOutcomeState.objects.get(patient=patient).failed_reason == ""
