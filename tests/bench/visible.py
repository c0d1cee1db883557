"""From a save to the status that counts it: 20 saves a second, and each open page asks until nothing is pending."""

import random
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.figures import SEED, percentile, say, say_aim
from bench.rig import SMALL, Rig, SteadyPerson, signed_in, today, without_form_today
from processes.running import Clinic

PER_SECOND, SECONDS = 20, 15
#: Before it begins: a thread of the web server and a process of the worker connect when they are first needed.
WARM_UP = 40
PEOPLE = ("intake", "clinician") * 4
ASK_EVERY_SECONDS, GIVE_UP_SECONDS = 0.05, 30.0
MOST_P95_MS = 1000.0
SETTLED = "nothing pending"
SHOWN = re.compile(r"/status/\?shown=([\w-]+)")


@dataclass(frozen=True)
class Save:
    """A form that is filled in and will be sent at a moment of its own; whose page says what it `shown` until then."""

    person: SteadyPerson
    patient: str
    fields: dict[str, str]
    shown: str


def measure(rig: Rig) -> None:
    """An open loop: a save is sent when its time has come, however many before it are still waiting."""
    clinic = rig.clinic("visible", SMALL)
    clinic.start_worker(2)
    saves = _filled_in(clinic, WARM_UP + PER_SECOND * SECONDS)
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(_save_and_watch, saves[:WARM_UP], [time.perf_counter()] * WARM_UP))
    with ThreadPoolExecutor(max_workers=len(saves)) as pool:
        begin = time.perf_counter() + 1
        at = (begin + number / PER_SECOND for number in range(PER_SECOND * SECONDS))
        saved, visible = zip(*pool.map(_save_and_watch, saves[WARM_UP:], at), strict=True)
    said = f"{PER_SECOND} saves/s for {SECONDS} s, {SMALL:,} patients"
    say(f"save answered, {said}", saved, p95=True)
    say(f"save to status visible, {said}", visible, p95=True)
    say_aim("p95 of save to status visible", percentile(visible, 95), MOST_P95_MS, "ms")


def _filled_in(clinic: Clinic, count: int) -> list[Save]:
    """So many forms, each of another patient, filled in by people who take turns."""
    people, day = [signed_in(clinic, name) for name in PEOPLE], today(clinic)
    patients = random.Random(SEED).sample(without_form_today(clinic), count)
    found = []
    for at, patient in enumerate(patients):
        person = people[at % len(people)]
        fields = person.blank_pcl5(patient, day, 20 + at % 40)
        found.append(Save(person.alike(), patient, fields, _shown(person.status_of(patient).text)))
    return found


def _save_and_watch(save: Save, at: float) -> tuple[float, float]:
    """Milliseconds from the moment the save was due until it was answered, and until its status was visible."""
    time.sleep(max(0.0, at - time.perf_counter()))
    answer = save.person.post(save.person.entry_path(save.patient), save.fields)
    saved = time.perf_counter() - at
    assert answer.status == 303, f"not saved: {answer.status}\n{answer.text[:2000]}"
    shown = save.shown
    while time.perf_counter() - at < GIVE_UP_SECONDS:
        answer = save.person.fragment(f"/patients/{save.patient}/status/?shown={shown}")
        if answer.status == 200 and SETTLED in answer.text:
            return 1000 * saved, 1000 * (time.perf_counter() - at)
        assert answer.status in {200, 204}, f"status: {answer.status}\n{answer.text[:2000]}"
        shown = _shown(answer.text) if answer.status == 200 else shown
        time.sleep(ASK_EVERY_SECONDS)
    raise AssertionError(f"The status of {save.patient} was not visible within {GIVE_UP_SECONDS:.0f} s.")


def _shown(part: str) -> str:
    """What the part of a page names as shown, to be asked with."""
    found = SHOWN.search(part)
    assert found, f"no status in this part:\n{part[:2000]}"
    return found[1]
