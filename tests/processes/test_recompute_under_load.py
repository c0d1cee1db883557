"""10,000 courses are recomputed while forms are saved: no save waits long, a recompute that was killed is finished, and
other criteria come into force for all of them at once.
"""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from processes.busy import TOO_LONG, Busy
from processes.many import PATIENTS, make_many
from processes.running import Clinic, OwnPostgres, OwnRedis, Person, Process, fields_of
from processes.whole import NO_NIGHT, queue, today

SAVES = 150
#: Adding up 10,000 courses takes about a second, and must be done within three quarters of this.
SWEEP_SECONDS = 4
#: Figures of a dashboard that do not come from its window.
BESIDE = {"beside", "criterion_a_open", "not_counted", "study", "study_like", "trajectories"}
#: (when it began, when it ended) of the last run.
RUN = "SELECT started_at, ended_at FROM outcomes_recomputerun ORDER BY id DESC LIMIT 1"
BEHIND = """
    SELECT count(*) FROM patients_patient p JOIN outcomes_patientoutcomestate s ON s.patient_id = p.id
    WHERE s.record_version < p.record_version
"""


@pytest.fixture(scope="module")
def databases(folder: Path, postgres: OwnPostgres, migrated: str) -> dict[str, str]:
    """10,000 courses on either database, made at the same time."""
    lite = Clinic(folder / "lite", f"sqlite:///{folder}/large.sqlite3", None)
    large = Clinic(folder / "large", postgres.create("large", migrated), None)
    with ThreadPoolExecutor() as pool:
        list(pool.map(make_many, (lite, large)))
    return {"sqlite": lite.database_url, "postgresql": large.database_url}


def test_saves_on_sqlite_beside_the_command(folder: Path, databases: dict[str, str]) -> None:
    """The command is killed half-way and run again."""
    with Clinic(folder / "lite", databases["sqlite"], None) as clinic:
        began = clinic.rows("SELECT datetime('now')")[0][0]
        busy = Busy(clinic)
        command = clinic.start_manage("recompute_outcomes", "--all")
        busy.save_until(lambda: busy.reached(began) > PATIENTS / 2, "half of them are done")
        command.kill()
        assert PATIENTS / 2 < busy.reached(began) < PATIENTS
        command = clinic.start_manage("recompute_outcomes")
        busy.save_until(lambda: not command.is_running(), "the command ends")
        assert command.popen.returncode == 0
        assert busy.reached(began) == PATIENTS
        assert clinic.rows("PRAGMA integrity_check") == [("ok",)]

        def recompute_again() -> None:
            command = clinic.start_manage("recompute_outcomes", "--all")
            busy.save_until(lambda: not command.is_running(), "the command ends")

        busy.no_save_took_long(recompute_again)


class Large:
    """The clinic of 10,000 courses on PostgreSQL, with two worker processes that stop on demand (processes/marked.py)."""

    def __init__(self, clinic: Clinic, broker: OwnRedis, marks: Path) -> None:
        self.clinic, self.broker, self.marks = clinic, broker, marks
        clinic.rows(NO_NIGHT, today(days_ago=-1))
        with ThreadPoolExecutor() as pool:
            worker = pool.submit(self.start_worker)
            self.busy = Busy(clinic)
        self.worker = worker.result()

    def start_worker(self) -> Process:
        """Two processes."""
        return self.clinic.start_worker(include=["processes.marked"], MARKS=str(self.marks))

    def begin_run(self) -> Any:
        """Have every patient recomputed; when that began."""
        before = self.clinic.rows(RUN)
        queue(self.broker, "recompute_all")
        self.busy.save_until(lambda: self.clinic.rows(RUN) != before, "a run begins")
        return self.clinic.rows(RUN)[0][0]

    def has_ended(self) -> bool:
        """Whether the last run reached everybody."""
        return all(ended_at for _, ended_at in self.clinic.rows(RUN))


@pytest.fixture(scope="module")
def large(folder: Path, databases: dict[str, str]) -> Iterator[Large]:
    marks = folder / "large-marks"
    marks.mkdir()
    with (
        OwnRedis(folder / "large-redis") as broker,
        Clinic(folder / "large", databases["postgresql"], broker.url, SWEEP_SECONDS) as clinic,
    ):
        yield Large(clinic, broker, marks)


def test_saves_on_postgresql_beside_the_workers(large: Large) -> None:
    """Without beat, so that nothing but the runs that are asked for recomputes."""

    def recompute() -> None:
        runs = 0
        while runs < 2 or len(large.busy.seconds) < SAVES:
            large.begin_run()
            large.busy.save_until(large.has_ended, "the run ends")
            runs += 1

    recompute()
    large.busy.no_save_took_long(recompute)


def test_a_run_that_was_killed_half_way_is_ended_by_the_sweep(large: Large) -> None:
    """One of the two processes is stopped in its first chunk, the other does the rest; then both are killed."""
    reached, before = large.marks / "inserted.reached", large.clinic.rows(RUN)
    large.busy.wait(lambda: large.clinic.rows(BEHIND) == [(0,)], "every save is computed", TOO_LONG)
    (large.marks / "inserted.armed").touch()
    queue(large.broker, "recompute_all")
    # What is left of an earlier run may reach the mark first: then the other process begins this one.
    begun = lambda: reached.exists() and large.clinic.rows(RUN) != before  # noqa: E731 - asked again and again
    large.busy.wait(begun, "a process is in the middle of its chunk", TOO_LONG)
    began = large.clinic.rows(RUN)[0][0]
    large.busy.save_until(lambda: large.busy.reached(began) >= PATIENTS / 2, "the other has done much of the rest")
    large.worker.kill()
    assert PATIENTS / 2 <= large.busy.reached(began) < PATIENTS
    assert not large.has_ended()
    reached.unlink()
    large.worker = large.start_worker()
    large.clinic.start_beat()
    large.busy.wait(large.has_ended, "the run ends", TOO_LONG)
    assert large.busy.reached(began) == PATIENTS


def test_other_criteria_come_into_force_at_once(large: Large) -> None:
    """Adopted in the middle of a recompute, with saves going on: every page shows one version, and the last the new one."""
    if not large.clinic.rows("SELECT 1 FROM outcomes_clinicsummary"):
        large.clinic.manage("recompute_outcomes")
    with looking(large.clinic.person("director")) as pages:
        began = large.begin_run()
        large.busy.save_until(lambda: large.busy.reached(began) > 0, "the run has reached some")
        adopt(large.clinic.person("director"))
        large.busy.save_until(lambda: versions(large.clinic)[:3] == (2, 2, 2), "everybody is under the new version")
        large.busy.wait(lambda: versions(large.clinic) == (2, 2, 2, 2), "the new figures are published", TOO_LONG)
        large.busy.wait(lambda: pages[-1][0] == 2, "the page shows them", TOO_LONG)
    shown = [version for version, _ in pages]
    print([(version, shown.count(version)) for version in sorted(set(shown))])
    assert shown == sorted(shown), "first the old version, then the new one"
    assert set(shown) == {1, 2}
    assert len({figures["response.x"] for _, figures in pages}) > 1, "the two versions differ"
    published = large.clinic.rows("SELECT criteria_version, figures -> 'LAST' FROM outcomes_clinicsummary")
    assert {figures["patients"] for _, figures in published} == {PATIENTS}, "nobody is left out of published figures"
    for version, figures in pages:
        found = [{path: at(one, path) for path in figures} for number, one in published if number == version]
        assert figures in found, f"version {version}: {figures}, published were {found}"


@contextmanager
def looking(person: Person) -> Iterator[list[tuple[int, dict[str, str]]]]:
    """The version and the figures of every page that somebody got who asked for the dashboard again and again."""
    pages: list[tuple[int, dict[str, str]]] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            pages.append(version_and_figures(person.get("/outcomes/?window=last").text))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        over.set()
        thread.join()


def adopt(director: Person) -> None:
    """Put another preset in force, as on the page."""
    fields = fields_of(director.get("/outcomes/criteria/").text, "reason")
    answer = director.post("/outcomes/criteria/", fields | {"preset": "Marx-15/28", "reason": "Board of May"})
    assert answer.status == 303, (answer.status, answer.text[:3000])


def versions(clinic: Clinic) -> tuple[int, ...]:
    """Lowest and highest version of the outcomes, lowest of the patients, and that of the figures."""
    return clinic.rows("""
        SELECT (SELECT min(criteria_version) FROM outcomes_courseoutcome),
        (SELECT max(criteria_version) FROM outcomes_courseoutcome),
        (SELECT min(criteria_version) FROM outcomes_patientoutcomestate),
        (SELECT criteria_version FROM outcomes_clinicsummary ORDER BY id DESC LIMIT 1)
    """)[0]


def version_and_figures(page: str) -> tuple[int, dict[str, str]]:
    """The version that a dashboard says it shows, and the figures of the window with their exact values."""
    version = re.search(r"settings v(\d+)[^,]*,\s+records up to", page)
    assert version, page[:3000]
    figures = re.findall(r'data-figure="([^"]+)"\s+data-value="([^"]+)"', page)
    return int(version[1]), {path: value for path, value in figures if path.partition(".")[0] not in BESIDE}


def at(figures: Any, path: str) -> str:
    """The figure at a dotted path, as a page writes it."""
    for name in path.split("."):
        figures = figures[int(name) if isinstance(figures, list) else name]
    return repr(figures)
