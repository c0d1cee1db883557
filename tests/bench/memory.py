"""What the processes of a large clinic hold in memory: the web server after every page, a worker after the whole clinic."""

import json
from pathlib import Path

from bench.figures import say
from bench.rig import PATIENTS, Rig, signed_in
from processes.running import Clinic, Process, wait_until

TIMES = 200
RECOMPUTE_SECONDS = 1200.0
#: Paths of every page that is opened by itself; "{}" stands for a patient.
PAGES = (
    *("/", "/patients/", "/questionnaires/", "/infusions/", "/outcomes/", "/outcomes/criteria/", "/operations/"),
    *("/patients/{}/", "/patients/{}/courses/", "/patients/{}/sessions/", "/patients/{}/questionnaires/"),
    *("/patients/{}/notes/", "/patients/{}/who-looked/", "/patients/{}/status/", "/patients/{}/questionnaires/new/"),
)
RUN_AND_SUMMARY = """
    SELECT (SELECT count(*) FROM outcomes_recomputerun WHERE ended_at IS NOT NULL),
    (SELECT computed_at FROM outcomes_clinicsummary ORDER BY id DESC LIMIT 1)
"""


def measure(rig: Rig) -> None:
    """Resident memory now and at its peak, of each process."""
    clinic = rig.clinic("large", PATIENTS)
    patients = [
        public_id for (public_id,) in clinic.rows("SELECT public_id FROM patients_patient ORDER BY id LIMIT 20")
    ]
    served = _serve(clinic, patients)
    [web] = [process for process in clinic.processes if process.name == "web"]
    _say(f"web process after {served} pages", web)
    print(f"  imported by it: {_imported(clinic)}", flush=True)
    worker = clinic.start_worker(2)
    _recompute_all(clinic)
    _say(f"worker process after a recompute of {PATIENTS:,} patients and the summary", worker)


def _serve(clinic: Clinic, patients: list[str]) -> int:
    director, served = signed_in(clinic, "director"), 0
    for page in PAGES:
        for turn in range(TIMES):
            answer = director.get(page.format(patients[turn % len(patients)]))
            assert answer.status == 200, f"{page}: {answer.status}\n{answer.text[:2000]}"
            served += 1
    return served


def _imported(clinic: Clinic) -> str:
    answer = json.loads(signed_in(clinic, "director").get("/bench/imported/").text)
    return ", ".join(name for name, there in answer.items() if there) or "neither numpy nor pandas nor scipy"


def _recompute_all(clinic: Clinic) -> None:
    """As adopting criteria does it: one message for each 2,000 patients, then the summary."""
    [(runs, published)] = clinic.rows(RUN_AND_SUMMARY)
    clinic.manage("shell", "--command", "from clinic.outcomes.background import recompute_everybody as go; go()")

    def done() -> bool:
        [(runs_now, published_now)] = clinic.rows(RUN_AND_SUMMARY)
        return bool(runs_now > runs and published_now > published)

    wait_until(done, "everybody is recomputed and the figures are published", RECOMPUTE_SECONDS, 0.5, clinic.logs)


def _say(name: str, process: Process) -> None:
    """Gunicorn and Celery work in children of the process that was started; that one only minds them."""
    minding, working = sizes(process.pid), [sizes(pid) for pid in process.family() if pid != process.pid]
    say(f"{name}, resident", [now for now, _ in working], "MB")
    say(f"{name}, peak", [peak for _, peak in working], "MB")
    print(f"  the parent that minds it: resident {minding[0]:.0f} MB, peak {minding[1]:.0f} MB", flush=True)


def sizes(pid: int) -> tuple[float, float]:
    """Resident memory of a process now and at most (VmHWM), in MB."""
    said = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    now, peak = (int(said[name].removesuffix("kB")) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, peak
