"""A clinic with everything that belongs to it, for tests that take some of it away."""

import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from celery import Celery
from processes.running import Clinic, OwnPostgres, OwnRedis, Person, Process, wait_until

SWEEP_SECONDS = 2
#: Two sweeps, and a little for computing on a machine that runs other tests, too.
TWO_SWEEPS = 2 * SWEEP_SECONDS + 2.0
#: In the name, record number and notes of every patient here, and nowhere else.
CANARY = "Quillfeather"
STATE = """
    SELECT p.record_version = s.record_version AND s.criteria_version = (SELECT max(number) FROM outcomes_criteriaversion)
    AND s.failed_reason = '', c.latest_total, (SELECT count(*) FROM patients_recordchange r WHERE r.patient_id = p.id)
    FROM patients_patient p JOIN outcomes_courseoutcome c ON c.patient_id = p.id
    JOIN outcomes_patientoutcomestate s ON s.patient_id = p.id WHERE p.id = %s AND c.is_index
"""
#: As if the night's run of this day and the next had been: only the runs that a test asks for.
NO_NIGHT = """
    INSERT INTO outcomes_recomputerun (started_at, ended_at, criteria_version, patients, nightly_on)
    VALUES (now(), now(), 1, 0, %s)
"""


@dataclass(frozen=True)
class Treated:
    """A patient with one course and no PCL-5 in the last days, and how she stood when the clinic was made."""

    id: int
    public_id: str
    status: str


@dataclass
class WholeClinic:
    """A clinic with its database, broker, web server, worker and beat, all of which run when a test begins."""

    clinic: Clinic
    postgres: OwnPostgres
    broker: OwnRedis
    marks: Path
    web: Process = field(init=False)
    worker: Process = field(init=False)
    beat: Process = field(init=False)
    _treated: list[Treated] = field(init=False)

    def begin(self) -> None:
        """Make patients and start everything, all at the same time."""
        self.marks.mkdir()
        with ThreadPoolExecutor() as pool:
            begun = [pool.submit(part) for part in (self._make_patients, self.start_worker, self.clinic.start_web)]
        self.web = [part.result() for part in begun][-1]
        self.clinic.rows(NO_NIGHT, today(days_ago=-1))
        self.beat = self.clinic.start_beat()

    def _make_patients(self) -> None:
        self.clinic.manage("make_clinic", "--patients", "120", "--detail", "core", "--staff")
        named = "UPDATE patients_patient SET family_name = %s || id, mrn = %s || id, allergies = %s"
        self.clinic.rows(named, *[CANARY] * 3)
        self._treated = [Treated(*row) for row in self.clinic.rows(TREATED)]

    def mend(self) -> None:
        """Start what a test left dead, so that the next one has everything."""
        for mark in self.marks.iterdir():
            mark.unlink()
        self.broker.thaw()
        if not self.broker.process.is_running():
            self.broker.start()
        if not self.web.is_running():
            self.web = self.clinic.start_web()
        if not self.worker.is_running():
            self.start_worker()
        if not self.beat.is_running():
            self.beat = self.clinic.start_beat()

    def start_worker(self) -> None:
        """Two processes that stop and fail on demand (processes/marked.py)."""
        self.worker = self.clinic.start_worker(include=["processes.marked"], MARKS=str(self.marks))

    @contextmanager
    def worker_frozen(self) -> Iterator[None]:
        """SIGSTOP the worker with its children; messages stay in the queues meanwhile, as it asks for none any more."""
        os.killpg(self.worker.pid, signal.SIGSTOP)
        try:
            time.sleep(0.05)  # it has stopped by now
            self.wait(lambda: not self.broker.blocked_clients(), "what the worker had asked for is answered")
            yield
        finally:
            os.killpg(self.worker.pid, signal.SIGCONT)

    def start_web_anew(self) -> None:
        """A web process to which nothing has happened yet."""
        self.web.terminate()
        self.web = self.clinic.start_web()

    def treated(self, number: int = 1, status: str = "") -> list[Treated]:
        """So many patients whom no test has had, all of this status if one is named; NO_RESPONSE is given away last."""
        found = [patient for patient in self._treated if status in {"", patient.status}][:number]
        assert len(found) == number, f"{len(self._treated)} patients are left: make more of them"
        self._treated = [patient for patient in self._treated if patient not in found]
        return found

    def arm(self, point: str) -> Path:
        """Have the worker that gets there next stop (processes/marked.py); the file that is there while it is stopped."""
        (self.marks / f"{point}.armed").touch()
        return self.marks / f"{point}.reached"

    def wait(self, done: Any, what: str, seconds: float = TWO_SWEEPS) -> Any:
        """Wait for something, with the logs where it does not come."""
        return wait_until(done, what, seconds, logs=[*self.clinic.logs, self.postgres.log])

    def wait_until_right(self, patients: Sequence[Treated], total: int, seconds: float = TWO_SWEEPS) -> float:
        """Wait until their last PCL-5 is in their outcomes and in the published figures; the seconds it took."""
        began = time.monotonic()
        what = f"{len(patients)} patients stand at {total}"
        self.wait(lambda: all(self.state(patient) == [(True, total, 0)] for patient in patients), what, seconds)
        return time.monotonic() - began

    def state(self, patient: Treated) -> list[tuple[Any, ...]]:
        """(up to date, total of the last PCL-5 in the outcomes, changes that no figure counts): one row, not two."""
        return self.clinic.rows(STATE, patient.id)

    def messages(self) -> list[dict[str, Any]]:
        """What waits in the queues."""
        with closing(self.broker.client()) as client:
            waiting = [line for queue in ("changes", "whole-clinic") for line in client.lrange(queue, 0, -1)]
        return [json.loads(line) for line in waiting]

    def sweeps(self) -> Any:
        """When the last sweep ended."""
        return self.clinic.rows("SELECT ended_at FROM outcomes_sweepstate")

    def wait_for_sweeps(self, number: int) -> None:
        """Wait until so many more sweeps have ended."""
        for _ in range(number):
            last = self.sweeps()
            self.wait(lambda last=last: self.sweeps() != last, "another sweep ends")


TREATED = """
    SELECT p.id, p.public_id, c.status FROM patients_patient p JOIN outcomes_courseoutcome c ON c.patient_id = p.id
    WHERE c.is_index AND c.eligible AND p.died_on IS NULL AND c.latest_on < CURRENT_DATE - 20
    AND NOT EXISTS (SELECT 1 FROM infusions_course o WHERE o.patient_id = p.id AND o.id <> c.course_id)
    ORDER BY c.status = 'NO_RESPONSE', p.id
"""


def queue(broker: OwnRedis, task: str, *arguments: Any, **options: Any) -> None:
    """Put a message into the queue that the app would choose."""
    name = "changes" if task == "recompute_patients" else "whole-clinic"
    with Celery("tests", broker=broker.url, set_as_current=False) as sender:
        sender.send_task(f"clinic.outcomes.tasks.{task}", arguments, queue=name, **options)


def today(days_ago: int = 0) -> str:
    """The clinic's day, as a form takes it."""
    now: datetime = datetime.now(ZoneInfo("America/New_York"))
    day: date = now.date() - timedelta(days=days_ago)
    return day.isoformat()


def saved(person: Person, patient: Treated, total: int, days_ago: int = 0) -> None:
    """Save a PCL-5 of that day."""
    answer = person.save_pcl5(patient.public_id, today(days_ago), total)
    assert answer.status == 303, (answer.status, answer.seconds, answer.text[:3000])
