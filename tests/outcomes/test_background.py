"""Handing work to workers, or doing it here: no page waits for a broker, and none is broken by one."""

import logging
from typing import Any

import pytest
from builders import NOW, make_treated_patient
from celery import current_app
from django.conf import LazySettings
from django.db import DatabaseError
from kombu.exceptions import OperationalError

from clinic.outcomes import background, response, selectors, services, tasks
from clinic.outcomes.models import ClinicSummary, PatientOutcomeState
from patients.models import Patient, RecordChange
from patients.services import announce_change
from patients.signals import record_changed

BROKER = "redis://127.0.0.1:1/0"


class Task:
    """Stands for a task: notes what it was handed, and fails as a broker does that is away."""

    def __init__(self) -> None:
        self.handed: list[tuple[Any, ...]] = []
        self.away = False

    def apply_async(self, arguments: Any, **options: Any) -> None:
        self.handed.append((*arguments, options))
        if self.away:
            raise OperationalError("Error 111 connecting to 127.0.0.1:6379 with secret-of-the-broker")


@pytest.fixture(autouse=True)
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock that counts how long nothing is sent; it begins long after anything that another test did."""
    now = [1e9]
    monkeypatch.setattr(background.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(background, "_silent_until", 0.0)
    return now


@pytest.fixture
def with_workers(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> dict[str, Task]:
    """A broker is configured; every task only notes what it is handed."""
    settings.CELERY_BROKER_URL = BROKER
    stand_ins = {name: Task() for name in ("recompute_patients", "recompute_all", "refresh_summary")}
    for name, task in stand_ins.items():
        monkeypatch.setattr(tasks, name, task)
    return stand_ins


@pytest.mark.usefixtures("with_workers")
class TestHandOver:
    def test_after_a_failure_nothing_is_sent_for_half_a_minute(self, seconds: list[float]) -> None:
        task = Task()
        task.away = True
        sent = []
        for moment in (0.0, 0.1, 15.0, 29.9, 30.0, 30.1, 59.9):
            seconds[0] = 1e9 + moment
            background.hand_over(task, moment)
            sent = [at for at, _ in task.handed]
        assert sent == [0.0, 30.0]
        task.away, seconds[0] = False, 1e9 + 60.0
        assert background.hand_over(task, 60.0) is True
        assert background.hand_over(task, 60.0) is True

    def test_what_was_not_taken_is_said_once_and_without_what_it_held(self, caplog: pytest.LogCaptureFixture) -> None:
        task = Task()
        task.away = True
        with caplog.at_level(logging.INFO, "clinic"):
            assert background.hand_over(task, [4711]) is False
            assert background.hand_over(task, [4711]) is False
        assert [record.getMessage() for record in caplog.records] == [
            "The broker took no message (OperationalError); trying again in 30 s"
        ]

    def test_options_go_with_the_message(self) -> None:
        task = Task()
        background.hand_over(task, [1, 2], expires=10)
        assert task.handed == [([1, 2], {"expires": 10})]


class TestNews:
    def test_ids_are_handed_over_in_order(self, with_workers: dict[str, Task]) -> None:
        record_changed.send_robust(sender=Patient, patient_ids=frozenset({30, 4, 12}))
        assert with_workers["recompute_patients"].handed == [([4, 12, 30], {})]

    @pytest.mark.parametrize(("patients", "messages"), [(500, 1), (501, 0)])
    def test_news_of_many_patients_is_left_to_the_sweep(
        self, with_workers: dict[str, Task], patients: int, messages: int
    ) -> None:
        record_changed.send_robust(sender=Patient, patient_ids=frozenset(range(patients)))
        assert len(with_workers["recompute_patients"].handed) == messages

    def test_everybody_is_left_to_the_pages_where_there_is_no_worker(
        self, with_workers: dict[str, Task], settings: LazySettings
    ) -> None:
        background.recompute_everybody()
        settings.CELERY_BROKER_URL = ""
        background.recompute_everybody()
        assert with_workers["recompute_all"].handed == [({},)]


@pytest.mark.django_db
class TestWithoutBroker:
    def test_it_is_done_here_and_at_once(self, django_capture_on_commit_callbacks: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            patient = make_treated_patient()
        assert not background.has_workers()
        assert PatientOutcomeState.objects.get(patient=patient).record_version > 0
        assert not selectors.stale_patients(1).exists()

    @pytest.mark.parametrize("error", [DatabaseError("database is locked"), ArithmeticError("cannot be")])
    def test_a_failure_breaks_no_save(
        self,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Any,
        caplog: pytest.LogCaptureFixture,
        error: Exception,
    ) -> None:
        """A patient's own fault is noted; the database's leaves her stale, and the next page tries again."""

        def fail(*_arguments: Any) -> Any:
            raise error

        monkeypatch.setattr(response, "evaluate", fail)
        with django_capture_on_commit_callbacks(execute=True):
            patient = make_treated_patient()
        states = PatientOutcomeState.objects.filter(patient=patient).values_list("failed_reason", flat=True)
        assert list(states) == ([] if isinstance(error, DatabaseError) else ["ArithmeticError: cannot be"])
        assert type(error).__name__ in caplog.text
        assert str(error) not in caplog.text

    def test_a_page_works_off_what_is_stale_and_publishes(self) -> None:
        make_treated_patient()
        assert background.bring_up_to_date(now=NOW) == 0
        assert ClinicSummary.objects.get().figures["PRIMARY"]["patients"] == 1


def patients_with_news(number: int) -> list[int]:
    """Patients who were computed, and whose records changed since; nobody was told."""
    patients = [make_treated_patient() for _ in range(number)]
    services.recompute_stale(now=NOW)
    for patient in patients:
        announce_change({patient.pk})
    return [patient.pk for patient in patients]


@pytest.mark.django_db
class TestTask:
    @pytest.fixture
    def computed(self, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
        """Whom each task computes."""
        heard: list[list[int]] = []
        recompute = services.recompute_or_note_failure

        def note(patient_ids: list[int], *rest: Any) -> int:
            heard.append(patient_ids)
            return recompute(patient_ids, *rest)

        monkeypatch.setattr(services, "recompute_or_note_failure", note)
        return heard

    def test_whoever_waits_is_computed_with_the_first_and_only_once(self, computed: list[list[int]]) -> None:
        patients = patients_with_news(3)
        computed.clear()
        for patient_id in patients:
            tasks.recompute_patients([patient_id])
        assert computed == [patients]
        assert not selectors.stale_patients(1).exists()

    def test_no_more_are_taken_along_than_the_latest(
        self, computed: list[list[int]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second, third, fourth = patients_with_news(4)
        computed.clear()
        monkeypatch.setattr(services, "TAKEN_ALONG", 2)
        tasks.recompute_patients([first])
        assert computed == [[first, third, fourth]]
        assert list(selectors.stale_patients(1).values_list("pk", flat=True)) == [second]

    def test_who_is_stale_for_no_change_of_her_own_is_left_to_the_sweep(self, computed: list[list[int]]) -> None:
        first, second = patients_with_news(2)
        RecordChange.objects.filter(patient_id=second).delete()
        computed.clear()
        tasks.recompute_patients([first])
        assert computed == [[first]]

    def test_the_log_keeps_the_kind_and_the_place_of_a_failure_and_not_its_words(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(*_arguments: Any) -> None:
            raise DatabaseError("Failing row contains (Quillfeather)")

        monkeypatch.setattr(services, "recompute_with_those_waiting", fail)
        tasks.recompute_patients.apply(([1],), throw=False)
        (said,) = [record for record in caplog.records if record.name == "celery.app.trace"]
        text = logging.Formatter().format(said)
        assert "Quillfeather" not in text
        assert f"DatabaseError at {__file__}:" in text


@pytest.mark.django_db
class TestWithWorkers:
    def test_a_page_computes_nothing_and_says_what_is_pending(
        self, with_workers: dict[str, Task], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_treated_patient(endpoint=None)
        monkeypatch.setattr(services, "recompute_patients", lambda *_, **__: pytest.fail("computed for a page"))
        monkeypatch.setattr(services, "refresh_summary", lambda *_, **__: pytest.fail("added up for a page"))
        assert background.bring_up_to_date(now=NOW) == 2, "registered, and one form"
        assert with_workers["refresh_summary"].handed == [({"expires": 10},)]

    def test_figures_that_hold_are_not_asked_for_again(self, with_workers: dict[str, Task]) -> None:
        make_treated_patient()
        services.recompute_stale(now=NOW)
        services.refresh_summary(1, now=NOW)
        assert background.bring_up_to_date(now=NOW) == 0
        assert with_workers["refresh_summary"].handed == []


def test_every_task_that_is_routed_or_scheduled_exists(settings: LazySettings) -> None:
    known = {name for name in current_app.tasks if name.startswith("clinic.")}
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert set(settings.CELERY_TASK_ROUTES) | scheduled <= known
    assert known - set(settings.CELERY_TASK_ROUTES) == {"clinic.outcomes.tasks.recompute_patients"}, (
        "the only quick one"
    )
