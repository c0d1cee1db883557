"""The pages that are opened most, on a small and on a large clinic in turn: what a page costs must not grow with the clinic."""

import random
import re
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.figures import SEED, say, say_aim
from bench.rig import PATIENTS, SMALL, Rig, SteadyPerson, signed_in
from processes.running import Answer, Clinic, fields_of

ROUNDS, WARM_UP = 60, 5
MOST_TIMES = 2.0
#: Patients whose pages are opened in turn, all with as many records as each other.
ALIKE = 20
ROW = re.compile(r"<tr\b")
RECORDS = """
    SELECT p.public_id, c.courses, c.infusions, a.forms, o.status FROM patients_patient p
    JOIN (SELECT patient_id, count(DISTINCT c.id) AS courses, count(*) AS infusions FROM infusions_course c
          JOIN infusions_infusion i ON i.course_id = c.id GROUP BY patient_id) c ON c.patient_id = p.id
    JOIN (SELECT patient_id, count(*) AS forms FROM assessments_assessment GROUP BY patient_id) a ON a.patient_id = p.id
    JOIN outcomes_courseoutcome o ON o.patient_id = p.id WHERE c.courses = 1 ORDER BY p.id
"""
NAMES = "SELECT family_name_key, given_name_key FROM patients_patient ORDER BY id"


@dataclass(frozen=True)
class Side:
    """Who looks at one of the two clinics, the form that finds a few patients, and the patients whose pages are opened."""

    person: SteadyPerson
    search: dict[str, str]
    alike: list[str]


def measure(rig: Rig) -> None:
    """Each page on both clinics, in turn; a ratio only where both showed as many rows."""
    clinics = rig.clinic("small", SMALL), rig.clinic("large", PATIENTS)
    typed = _typed_alike(*(clinic.rows(NAMES) for clinic in clinics))
    alike = _patients_alike(*(clinic.rows(RECORDS) for clinic in clinics))
    sides = [_side(*each) for each in zip(clinics, typed, alike, strict=True)]
    pages: dict[str, Callable[[Side, int], Answer]] = {
        "list of patients": lambda side, _: side.person.get("/patients/"),
        "search": lambda side, _: side.person.post("/patients/", side.search),
        "patient page": lambda side, turn: side.person.patient_page(side.alike[turn % len(side.alike)]),
        "dashboard": lambda side, _: side.person.get("/outcomes/"),
        "director's home": lambda side, _: side.person.get("/"),
    }
    for name, ask in pages.items():
        _compare(name, ask, sides)


def _side(clinic: Clinic, typed: str, alike: list[str]) -> Side:
    person = signed_in(clinic, "director")
    page = person.get("/patients/").text
    return Side(person, fields_of(page, "q") | {"q": typed}, alike)


def _compare(name: str, ask: Callable[[Side, int], Answer], sides: list[Side]) -> None:
    times: list[list[float]] = [[], []]
    rows: list[set[int]] = [set(), set()]
    for turn in range(ROUNDS + WARM_UP):
        for at in (0, 1) if turn % 2 else (1, 0):
            answer = ask(sides[at], turn)
            assert answer.status == 200, f"{name}: {answer.status}\n{answer.text[:2000]}"
            if turn >= WARM_UP:
                times[at].append(1000 * answer.seconds)
                rows[at].add(len(ROW.findall(answer.text)))
    for patients, seconds, shown in zip((SMALL, PATIENTS), times, rows, strict=True):
        say(f"{name}, {patients:,} patients, {_range(shown)} rows", seconds)
    if rows[0] == rows[1]:
        small, large = (statistics.median(seconds) for seconds in times)
        say_aim(f"{name}, ratio of the medians", large / small, MOST_TIMES, "×")
    else:
        print(f"  {name}: no ratio, as the two showed different numbers of rows", flush=True)


def _range(numbers: set[int]) -> str:
    return "–".join(str(number) for number in sorted({min(numbers), max(numbers)}))


def _typed_alike(small: list[Any], large: list[Any]) -> list[str]:
    """A family name with the beginning of a given name on each side, that as many patients have: as many as can be."""
    found = [_hits(small, 1), _hits(large, 3)]
    most = max(set(found[0].values()) & set(found[1].values()))
    return [min(typed for typed, hits in side.items() if hits == most) for side in found]


def _hits(names: list[Any], letters: int) -> Counter[str]:
    return Counter(f"{family} {given[:letters]}" for family, given in names)


def _patients_alike(small: list[Any], large: list[Any]) -> list[list[str]]:
    """Public ids on each side of patients with the same status and as many infusions and forms as each other."""
    sides = [[(public_id, tuple(kind)) for public_id, *kind in rows] for rows in (small, large)]
    counts = [Counter(kind for _, kind in side) for side in sides]
    common = max(counts[0].keys() & counts[1].keys(), key=lambda kind: (min(counts[0][kind], ALIKE), kind))
    chosen = [[public_id for public_id, of_kind in side if of_kind == common] for side in sides]
    return [random.Random(SEED).sample(ids, min(len(ids), ALIKE)) for ids in chosen]
