"""The sweep of each minute, runs over every patient, and the night's run: who is computed when, and what is taken up again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from builders import NOW, make_patient, make_treated_patient
from django.db import DatabaseError

from clinic.outcomes import response, selectors, services, sweeping, tasks
from clinic.outcomes.criteria import PRESETS
from clinic.outcomes.models import ClinicSummary, CourseOutcome, PatientOutcomeState, RecomputeRun, SweepState
from clinic.profile.selectors import current_profile
from clinic.profile.services import change_profile
from patients.models import Patient, RecordChange
from patients.services import announce_change

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Whom a sweep computes, batch by batch."""
    heard: list[list[int]] = []
    recompute = services.recompute_or_note_failure

    def note(patient_ids: list[int], *rest: Any) -> int:
        heard.append(patient_ids)
        return recompute(patient_ids, *rest)

    monkeypatch.setattr(services, "recompute_or_note_failure", note)
    return heard


def sweep(now: datetime = NOW) -> int | None:
    return sweeping.sweep(now=now)


def make_computed(number: int) -> list[int]:
    """So many patients whose outcomes are stored, and in the published figures."""
    patients = [make_treated_patient().pk for _ in range(number)]
    sweep()
    return patients


def adopt(preset: str = "Marx-15/28") -> None:
    services.adopt_criteria(actor=None, criteria=PRESETS[preset], reason="Board", now=NOW)


def use_zone(name: str) -> None:
    version = current_profile().number
    change_profile(actor=None, version=version, now=NOW, time_zone=name, name="Tidewater", crisis_text="")


class TestSweep:
    def test_what_is_stale_is_computed_and_published(self) -> None:
        patients = [make_treated_patient().pk for _ in range(3)]
        assert sweep() == 3
        assert set(CourseOutcome.objects.values_list("patient_id", flat=True)) == set(patients)
        assert ClinicSummary.objects.get().figures["PRIMARY"]["patients"] == 3
        assert not RecordChange.objects.exists()
        assert SweepState.objects.get().ended_at == NOW
        assert sweep() == 0

    def test_the_oldest_change_comes_first_and_who_is_stale_for_another_reason_last(
        self, batches: list[list[int]]
    ) -> None:
        first, second, third, fourth = make_computed(4)
        batches.clear()
        adopt()  # everybody is stale
        for patient_id in (third, first, third):
            announce_change({patient_id})
        sweep()
        assert batches == [[third, first, second, fourth]]

    def test_no_more_than_so_many_at_once(self, monkeypatch: pytest.MonkeyPatch, batches: list[list[int]]) -> None:
        monkeypatch.setattr(sweeping, "PATIENTS_PER_SWEEP", 3)
        monkeypatch.setattr(sweeping, "PATIENTS_PER_BATCH", 2)
        patients = [make_treated_patient().pk for _ in range(5)]
        assert [sweep(), sweep(), sweep()] == [3, 2, 0]
        assert batches == [patients[:2], patients[2:3], patients[3:]]

    def test_one_at_whom_it_fails_is_noted_and_not_tried_again(
        self, monkeypatch: pytest.MonkeyPatch, batches: list[list[int]]
    ) -> None:
        patients = [make_treated_patient().pk for _ in range(4)]
        evaluate = response.evaluate

        def refuse(readings: Any, courses: Any, *rest: Any) -> Any:
            if patients[2] in set(courses["patient_id"]):
                raise ArithmeticError("cannot be")
            return evaluate(readings, courses, *rest)

        monkeypatch.setattr(response, "evaluate", refuse)
        assert [sweep(), sweep()] == [4, 0]
        failed = PatientOutcomeState.objects.exclude(failed_reason="").values_list("patient_id", "failed_reason")
        assert list(failed) == [(patients[2], "ArithmeticError: cannot be")]
        assert batches.count([patients[2]]) == 1
        assert ClinicSummary.objects.get().figures["PRIMARY"]["patients"] == 3


class TestLease:
    def test_a_second_sweep_does_nothing_while_one_is_at_work(
        self, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
    ) -> None:
        """Each batch extends the lease: all together take far longer than one lease."""
        monkeypatch.setattr(sweeping, "PATIENTS_PER_BATCH", 1)
        seconds: list[int | None] = []

        def take_long(patient_ids: list[int], now: datetime, *_rest: Any) -> int:
            clock.move_to(now + sweeping.LEASE * 0.9)
            seconds.append(sweep(now + sweeping.LEASE * 0.9))
            return 0

        for _ in range(4):
            make_patient()
        monkeypatch.setattr(services, "recompute_or_note_failure", take_long)
        assert sweep() == 4
        assert seconds == [None] * 4

    def test_a_sweep_that_died_keeps_nobody_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        make_treated_patient()
        with monkeypatch.context() as patched:
            patched.setattr(response, "evaluate", broken)
            with pytest.raises(DatabaseError):
                sweep()
        assert sweep(NOW + sweeping.LEASE) is None
        assert sweep(NOW + sweeping.LEASE + timedelta(microseconds=1)) == 1

    def test_a_lease_is_shorter_than_the_time_between_two_sweeps(self, settings: Any) -> None:
        assert timedelta(0) < sweeping.LEASE < timedelta(seconds=settings.SWEEP_SECONDS)


def broken(*_arguments: Any) -> Any:
    raise DatabaseError("the database is away")


class TestRun:
    def test_it_is_begun_once_and_ended_when_everybody_was_reached(self, clock: time_machine.Traveller) -> None:
        patients = make_computed(3)
        clock.move_to(LATER)
        run = sweeping.begin_run(now=LATER)
        assert sweeping.begin_run(now=LATER + timedelta(minutes=1)) == run
        assert (run.patients, run.started_at, sweeping.chunks(run)) == (3, LATER, [patients])
        sweeping.recompute_chunk(patients[:2], now=LATER)
        assert selectors.open_run() == run
        assert sweeping.chunks(run) == [patients[2:]]
        sweeping.recompute_chunk(patients[2:], now=LATER)
        run.refresh_from_db()
        assert (run.ended_at, selectors.open_run()) == (LATER, None)
        assert ClinicSummary.objects.latest("id").computed_at == LATER

    def test_its_messages_hold_so_many_patients_each(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweeping, "PATIENTS_PER_BATCH", 2)
        patients = [make_patient().pk for _ in range(5)]
        pieces = sweeping.chunks(sweeping.begin_run(now=NOW))
        assert pieces == [patients[:2], patients[2:4], patients[4:]]

    def test_one_that_was_begun_and_lost_is_taken_up_by_the_sweep(
        self, batches: list[list[int]], clock: time_machine.Traveller
    ) -> None:
        """From the far end, so that it meets the messages of the run where they are."""
        patients = make_computed(4)
        clock.move_to(LATER)
        run = sweeping.begin_run(now=LATER)
        sweeping.recompute_chunk(patients[:1], now=LATER)
        batches.clear()
        assert sweep(LATER) == 3
        assert batches == [patients[:0:-1]]
        run.refresh_from_db()
        assert run.ended_at == LATER
        assert set(PatientOutcomeState.objects.values_list("computed_at", flat=True)) == {LATER}

    def test_handed_out_again_it_goes_on_where_it_was(
        self, batches: list[list[int]], clock: time_machine.Traveller
    ) -> None:
        patients = make_computed(3)
        clock.move_to(LATER)
        sweeping.begin_run(now=LATER)
        sweeping.recompute_chunk(patients[:2], now=LATER)
        batches.clear()
        tasks.recompute_all()
        assert batches == [patients[2:]]
        assert RecomputeRun.objects.get().ended_at == LATER

    def test_a_chunk_that_comes_twice_or_after_the_end_computes_nobody(
        self, batches: list[list[int]], clock: time_machine.Traveller
    ) -> None:
        patients = make_computed(2)
        clock.move_to(LATER)
        sweeping.begin_run(now=LATER)
        batches.clear()
        for _ in range(3):
            sweeping.recompute_chunk(patients[:1], now=LATER)
        sweeping.recompute_chunk(patients, now=LATER)
        sweeping.recompute_chunk(patients, now=LATER)
        assert [ids for ids in batches if ids] == [patients[:1], patients[1:]]

    def test_a_patient_at_whom_it_fails_does_not_keep_it_open(
        self, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
    ) -> None:
        patients = make_computed(1)
        clock.move_to(LATER)
        monkeypatch.setattr(response, "evaluate", lambda *_: 1 / 0)
        run = sweeping.begin_run(now=LATER)
        sweeping.recompute_chunk(patients, now=LATER)
        run.refresh_from_db()
        assert run.ended_at == LATER

    def test_other_criteria_end_it_where_it_stands(self) -> None:
        make_computed(2)
        old = sweeping.begin_run(now=NOW)
        adopt()
        new = sweeping.begin_run(now=LATER)
        old.refresh_from_db()
        assert (old.criteria_version, old.ended_at) == (1, LATER)
        assert (new.criteria_version, new.ended_at) == (2, None)
        assert len(sweeping.chunks(new)[0]) == 2

    def test_in_a_clinic_without_patients_it_ends_at_once(self) -> None:
        tasks.recompute_all()
        assert RecomputeRun.objects.get().ended_at == NOW


class TestNight:
    """The clinic lies in New York: 00:05 there is 05:05 UTC in winter, 04:05 in summer."""

    @pytest.mark.parametrize(
        ("moment", "due"),
        [
            ("2026-01-15 05:04:59", False),
            ("2026-01-15 05:05:00", True),
            ("2026-01-15 16:00", True),  # nobody was there at night
            ("2026-01-16 04:59", True),
            ("2026-06-15 04:04:59", False),
            ("2026-06-15 04:05:00", True),
            ("2026-03-08 05:05:00", True),  # the clocks go forward two hours later
            ("2026-11-01 04:05:00", True),  # and back
        ],
    )
    def test_it_is_due_from_five_past_midnight_by_the_clinics_clock(self, moment: str, due: bool) -> None:
        assert sweeping.nightly_is_due(utc(moment)) is due

    def test_once_a_day_and_again_the_next_night(self) -> None:
        make_patient()
        runs = []
        for minute in range(0, 3 * 24 * 60, 25):
            runs += [minute] if nightly(utc("2026-01-15 05:00") + timedelta(minutes=minute)) else []
        assert runs == [25, 1450, 2900]

    @pytest.mark.parametrize("day", [date(2026, 3, 7), date(2026, 10, 31)])
    def test_once_a_day_when_the_clocks_are_changed(self, day: date) -> None:
        """Hours that are missing or come twice make no second run and lose none."""
        begin = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
        days = [nightly(begin + timedelta(minutes=30 * step)) for step in range(3 * 48)]
        assert [found for found in days if found] == [day + timedelta(days=later) for later in range(4)]

    def test_nights_without_a_worker_are_caught_up_by_one_run(self) -> None:
        assert nightly(utc("2026-01-15 06:00")) == date(2026, 1, 15)
        assert nightly(utc("2026-01-19 17:00")) == date(2026, 1, 19)
        assert nightly(utc("2026-01-19 17:01")) is None

    def test_another_time_zone_makes_no_second_run_of_a_day_and_skips_none(self) -> None:
        assert nightly(utc("2026-01-15 06:00")) == date(2026, 1, 15)
        use_zone("Pacific/Honolulu")  # where the 14th goes on, and then comes the 15th
        assert nightly(utc("2026-01-15 06:01")) is None
        assert nightly(utc("2026-01-15 12:00")) is None
        assert nightly(utc("2026-01-16 10:05")) == date(2026, 1, 16)
        use_zone("Asia/Tokyo")  # where the 17th begins at 15:00 UTC
        assert nightly(utc("2026-01-16 15:04")) is None
        assert nightly(utc("2026-01-16 15:05")) == date(2026, 1, 17)

    def test_a_run_that_is_open_becomes_the_nights_run(self) -> None:
        make_patient()
        run = sweeping.begin_run(now=NOW)
        sweeping.begin_run(now=LATER, nightly=True)
        run.refresh_from_db()
        assert run.nightly_on == date(2026, 6, 1)
        assert RecomputeRun.objects.count() == 1

    def test_it_computes_everybody_stale_or_not(self, clock: time_machine.Traveller) -> None:
        make_computed(2)
        CourseOutcome.objects.update(status="AWAITING")
        clock.move_to(LATER)
        tasks.nightly()
        assert set(CourseOutcome.objects.values_list("status", flat=True)) == {"REMISSION"}
        assert Patient.objects.count() == RecomputeRun.objects.get().patients == 2


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def nightly(moment: datetime) -> date | None:
    """What the task of each minute does at this moment: the day of the run that it begins and, here, ends."""
    with time_machine.travel(moment, tick=False):
        before = RecomputeRun.objects.count()
        tasks.nightly()
        if RecomputeRun.objects.count() == before:
            return None
        run = RecomputeRun.objects.latest("id")
        assert run.ended_at
        return run.nightly_on
