"""A PCL-5 saved through its page, against a view that inserts one row, behind the same server and sign-in, in turn."""

import random
import statistics
import time

from bench.figures import SEED, say, say_aim
from bench.rig import SMALL, Rig, SteadyPerson, signed_in, today, without_form_today
from processes.running import Clinic

PAIRS, WARM_UP = 200, 20
#: With workers a save may take so many times a bare insert; without them, so many ms more, because it computes, too.
MOST_TIMES, MOST_MS_MORE = 3.0, 60.0
#: A worker that computes what was saved is done after this long, and takes nothing from the next measurement.
BREATH_SECONDS = 0.15
TABLE = {
    True: "CREATE TABLE bench_bare_row (id bigserial PRIMARY KEY, posted jsonb NOT NULL, saved_at timestamptz NOT NULL)",
    False: "CREATE TABLE bench_bare_row (id integer PRIMARY KEY, posted text NOT NULL, saved_at datetime NOT NULL)",
}


def measure(rig: Rig) -> None:
    """With PostgreSQL, broker and worker; then embedded: SQLite, and no broker."""
    clinic = rig.clinic("saves", SMALL)
    clinic.start_worker(2)
    save, bare = _pairs(clinic)
    say("PCL-5 save, PostgreSQL and worker", save)
    say("bare insert, PostgreSQL and worker", bare)
    ratios = [one / other for one, other in zip(save, bare, strict=True)]
    say("PCL-5 save / bare insert, PostgreSQL and worker", ratios, "×")
    say_aim("median ratio", statistics.median(ratios), MOST_TIMES, "×")
    save, bare = _pairs(rig.clinic("embedded", SMALL, embedded=True))
    say("PCL-5 save, embedded", save)
    say("bare insert, embedded", bare)
    more = [one - other for one, other in zip(save, bare, strict=True)]
    say("PCL-5 save - bare insert, embedded", more)
    say_aim("median difference", statistics.median(more), MOST_MS_MORE, "ms")


def _pairs(clinic: Clinic) -> tuple[list[float], list[float]]:
    """Milliseconds of each save and of the bare insert beside it; which of them comes first alternates.

    Both follow directly on the page where the form is filled in: after a pause the first request is always slower.
    """
    clinic.rows(TABLE[clinic.on_postgres])
    person, day = signed_in(clinic, "intake"), today(clinic)
    patients = random.Random(SEED).sample(without_form_today(clinic), PAIRS + WARM_UP)
    save, bare = [], []
    for number, patient in enumerate(patients):
        for what in ("bare", "save") if number % 2 else ("save", "bare"):
            fields = person.blank_pcl5(patient, day, 20 + number % 40)
            if what == "bare":
                bare.append(_bare(person, fields))
            else:
                save.append(_save(person, patient, fields))
    return save[WARM_UP:], bare[WARM_UP:]


def _save(person: SteadyPerson, patient: str, fields: dict[str, str]) -> float:
    answer = person.post(person.entry_path(patient), fields)
    assert answer.status == 303, f"not saved: {answer.status}\n{answer.text[:2000]}"
    person.get(answer.location)  # as a browser does; it takes the message away
    time.sleep(BREATH_SECONDS)
    return 1000 * answer.seconds


def _bare(person: SteadyPerson, fields: dict[str, str]) -> float:
    answer = person.post("/bench/bare/", fields)
    assert answer.status == 303, f"not inserted: {answer.status}\n{answer.text[:2000]}"
    return 1000 * answer.seconds
