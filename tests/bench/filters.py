"""What the dashboard costs at 10,000 courses: as it was published, of chosen patients, under another preset, as a file."""

from bench.figures import say, say_aim
from bench.memory import sizes
from bench.rig import Rig, SteadyPerson, signed_in
from processes.running import Clinic

#: An invented clinic of so many patients has some more courses.
PATIENTS = 10_000
TURNS = 5
MOST_MS, MOST_MB = 1000.0, 300.0
FILTERS = (
    *(
        "since=2025-Q1",
        "until=2025-Q2",
        "psychotherapy=yes",
        "dose=0.5-0.8",
        "infusions=6",
        "gender=female",
        "age=35-49",
    ),
    "since=2024-Q1&psychotherapy=yes&gender=female&age=35-49",
)
PRESET = "preset=Marx-15/28"


def measure(rig: Rig) -> None:
    """Each address in turn, the memory of the web process before and after, then what is made to be taken along."""
    clinic = rig.clinic("ten thousand courses", PATIENTS)
    director = signed_in(clinic, "director")
    for page in ("/outcomes/", "/outcomes/details/"):
        say(f"{page}, as published", _times(director, [f"{page}?window={name}" for name in ("primary", "last")]))
    before = _memory(clinic)
    first = _times(director, [f"/outcomes/?{FILTERS[0]}"], turns=1)
    say("/outcomes/, the first filter that a web process meets (it loads pandas)", first)
    chosen: list[float] = []
    for page in ("/outcomes/", "/outcomes/details/"):
        for asked in FILTERS:
            times = _times(director, [f"{page}?{asked}"])
            say(f"{page}?{asked}", times)
            chosen += times
    say_aim("any filter, the slowest answer", max(chosen), MOST_MS, "ms")
    say_aim("memory of the web process, more than before", _memory(clinic) - before, MOST_MB, "MB")
    say("/outcomes/, another preset, first asked for", _times(director, [f"/outcomes/?{PRESET}"], turns=1))
    say("/outcomes/, another preset, afterwards", _times(director, [f"/outcomes/?{PRESET}"]))
    say("list behind a filtered number", _times(director, [f"/outcomes/patients/?of=response&{FILTERS[0]}"]))
    say("CSV of a panel", _times(director, ["/outcomes/panels/subgroups.csv"]))
    say("report for the clinic, PDF", _times(director, ["/outcomes/report.pdf?for=clinic"]))
    say("report to hand on, PDF", _times(director, ["/outcomes/report.pdf"]))
    say_aim(
        "memory of the web process at its peak, more than before", _memory(clinic, peak=True) - before, MOST_MB, "MB"
    )


def _times(director: SteadyPerson, paths: list[str], turns: int = TURNS) -> list[float]:
    """Milliseconds of each answer."""
    times = []
    for path in paths * turns:
        answer = director.get(path)
        assert answer.status == 200, f"{path}: {answer.status}\n{answer.text[:2000]}"
        times.append(1000 * answer.seconds)
    return times


def _memory(clinic: Clinic, *, peak: bool = False) -> float:
    """Of the largest child of the web server, in MB."""
    [web] = [process for process in clinic.processes if process.name == "web"]
    return max(sizes(pid)[peak] for pid in web.family() if pid != web.pid)
