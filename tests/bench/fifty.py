"""Fifty sessions open at once for two minutes, with the web server as `make run` starts it, and with two processes."""

from bench.figures import SEED, percentile, say, say_aim
from bench.rig import Rig
from processes.crowd import USERS, fifty
from processes.running import Clinic

#: Patients of the clinic; the sessions are those of fifty more.
PATIENTS = 200
SECONDS, EMBEDDED_SECONDS = 120, 30
MOST_P95_MS = 300.0


def measure(rig: Rig) -> None:
    """On PostgreSQL with one web process and with two, and for a shorter time embedded."""
    clinic = rig.clinic("fifty", PATIENTS)
    _measured(clinic, "PostgreSQL, 1 web process", SECONDS)
    [web] = [process for process in clinic.processes if process.name == "web"]
    web.terminate()
    clinic.environment["WEB_WORKERS"] = "2"
    clinic.start_web()
    _measured(clinic, "PostgreSQL, 2 web processes", SECONDS)
    clinic.stop()
    _measured(rig.clinic("fifty embedded", PATIENTS, embedded=True), "embedded", EMBEDDED_SECONDS)


def _measured(clinic: Clinic, where: str, seconds: int) -> None:
    told = fifty(clinic, seconds, SEED)
    print(f"{USERS} sessions for {seconds} s, {where}: {told.kept:,} entries and fields were acknowledged", flush=True)
    print(f"  tries by status (0: not waited for, and sent again): {dict(sorted(told.tries.items()))}", flush=True)
    for kind, values in sorted(told.seconds.items()):
        times = [1000 * second for second in values]
        say(f"  {kind}, {where}", times, p95=True)
        say_aim(f"  {kind}, p99 {percentile(times, 99):.0f} ms, p95", percentile(times, 95), MOST_P95_MS, "ms")
    assert not told.wrong, "\n".join(told.wrong[:20])
    print("  no error, and every one of them is in the database once", flush=True)
