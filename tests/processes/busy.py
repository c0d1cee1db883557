"""A clinic of 10,000 courses in which somebody saves one form after another."""

import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from processes.many import PATIENTS
from processes.running import Clinic, Person, wait_until
from processes.whole import today

LONGEST_SECONDS = 0.3
#: A recompute takes a few seconds; on a machine that does much else besides it may take this long.
TOO_LONG = 60.0
REACHED = """
    SELECT count(*) FROM outcomes_patientoutcomestate s JOIN patients_patient p ON p.id = s.patient_id
    WHERE s.computed_at >= %s AND s.record_version = p.record_version AND s.failed_reason = ''
"""


@dataclass
class Busy:
    """A clinic of 10,000 courses in which somebody saves one form after another."""

    clinic: Clinic
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clinic.start_web()
        patients = self.clinic.rows("SELECT public_id FROM patients_patient ORDER BY id DESC")
        self.patients: Iterator[str] = (public_id for (public_id,) in patients)
        self.person = self.clinic.person()
        self.form = self.person.blank_pcl5(next(self.patients), today(), 20)
        self.save()
        self.seconds.clear()  # the first save of a web process loads what computes outcomes

    def save(self) -> None:
        """Save a PCL-5 of the next patient, and note how long it took."""
        fields = self.form | {"idempotency_key": str(uuid.uuid4())}
        answer = self.person.post(Person.entry_path(next(self.patients)), fields)
        assert answer.status == 303, (answer.status, answer.seconds, answer.text[:2000])
        self.seconds.append(answer.seconds)

    def save_until(self, done: Callable[[], Any], what: str) -> None:
        """Go on saving until something is so."""
        until = time.monotonic() + TOO_LONG
        while not done():
            assert time.monotonic() < until, what
            self.save()

    def no_save_took_long(self, again: Callable[[], None]) -> None:
        """Look how long they took, of a hundred all but one; up to twice again, for this machine may do other things, too."""
        for _ in range(2):
            if self.late() < LONGEST_SECONDS:
                return
            self.seconds.clear()
            again()
        assert self.late() < LONGEST_SECONDS

    def late(self) -> float:
        """Print how long the saves took; the 99th percentile in seconds."""
        some, ordered = len(self.seconds), sorted(self.seconds)
        p99, where = ordered[int(some * 0.99)], "PostgreSQL" if self.clinic.on_postgres else "SQLite"
        print(
            f"\n{where}: {some} saves while {PATIENTS:,} courses were recomputed: min {ordered[0]:.3f} s, median "
            f"{statistics.median(ordered):.3f} s, p99 {p99:.3f} s, max {ordered[-1]:.3f} s"
        )
        return p99

    def wait(self, done: Callable[[], Any], what: str, seconds: float) -> None:
        """Wait for something without saving."""
        wait_until(done, what, seconds, logs=self.clinic.logs)

    def reached(self, since: Any) -> int:
        """How many patients were computed since then and not changed again."""
        return int(self.clinic.rows(REACHED, since)[0][0])
