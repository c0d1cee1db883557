"""The page of one session as a tablet has it open, without a browser: it sends again, under the same key, what got no answer."""

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from processes.chairs import Seat
from processes.person import TOO_LONG, Answer, Person

#: Seconds from a try that came to nothing to the next; the page waits longer.
AGAIN_AFTER = 0.2
#: What is not answered after so many seconds of trying will not be.
GIVE_UP_AFTER = 60.0
#: A line that breaks does so before anything can have been answered.
LOST_AFTER = 0.002
#: Every check with the answer that stands against nothing.
CHECKS = (
    *("two_identifiers", "consent", "allergies", "medicines", "fasting", "vitals", "escort", "suicide_screen"),
    *("mental_status", "iv_access", "airway_equipment", "pcl5", "preparation_session"),
)
#: What is typed before a start: 0.8 mg/kg of 82.4 kg in 40 minutes.
ORDER = {"weight_kg": "82.4", "dose_mg_per_kg": "0.8", "minutes": "40", "vial_mg_per_ml": "50", "bag_ml": "100"}


@dataclass(frozen=True)
class Kept:
    """What the server said it had kept, under its key: the kind of an entry, or a field with its version and text."""

    kind: str
    field: str = ""
    version: int = 0
    value: str = ""


@dataclass
class Tablet:
    """The open page of a seat. `kept` is everything that was acknowledged, `tries` how often each status came."""

    person: Person
    seat: Seat
    kept: dict[str, Kept] = field(default_factory=dict)
    versions: Counter[str] = field(default_factory=Counter)
    tries: Counter[int] = field(default_factory=Counter)
    latest: int = 0
    #: The answer to the next request is not waited for, and it is sent again at once.
    lose_next: bool = False

    def since(self, after: int = 0, *, whole: bool = True) -> Answer:
        """What this page does not know yet, asked until it is answered; `whole` asks for an answer in any case."""
        token = "token=1&" if whole else ""
        return self._until_answered(lambda: self.person.get(f"{self.seat.path}since/?{token}after={after}"))

    def ask(self) -> Answer:
        """As the open page asks by itself: 204 while there is nothing new."""
        answer = self.since(self.latest, whole=False)
        if answer.status == 200:
            self._told(answer)
        return answer

    def look(self) -> dict[str, Any]:
        """Every part and field as it is now."""
        answer = self.since()
        assert answer.status == 200, (answer.status, answer.text[:2000])
        return self._told(answer)

    def type(self, name: str, value: str) -> Answer:
        """Keep a field; 200 is noted as kept."""
        key, seen = str(uuid4()), self.versions[name]
        typed = {"name": name, "value": value, "seen": str(seen), "key": key}
        answer = self._until_answered(lambda: self.person.post(f"{self.seat.path}field/", self._with_token(typed)))
        if answer.status == 200:
            self.versions[name] = json.loads(answer.text)["version"]
            self.kept[key] = Kept("field", self.stored(name), self.versions[name], value)
        return answer

    def enter(self, kind: str, **values: str) -> Answer:
        """Make an entry; 200 is noted as kept."""
        key = str(uuid4())
        typed = {**values, "key": key, "since": str(self.latest)}
        answer = self._until_answered(
            lambda: self.person.post(f"{self.seat.path}entries/{kind}/", self._with_token(typed))
        )
        if answer.status == 200:
            self.kept[key] = Kept(kind)
            self._told(answer)
        return answer

    def must(self, kind: str, **values: str) -> dict[str, Any]:
        """Make an entry that nothing stands against; the session afterwards."""
        answer = self.enter(kind, **values)
        assert answer.status == 200, (kind, answer.status, answer.text[:2000])
        told: dict[str, Any] = json.loads(answer.text)
        return told

    def prepare(self) -> None:
        """Begin the checks and answer all of them, type the order and take the vital signs: the pump can be started."""
        self.look()  # it brings the token
        self.must("begun")
        answers = {f"check.{name}": "yes" for name in CHECKS} | {"check.pregnancy_test": "na"}
        for name, value in (answers | ORDER | {"escort_name": "Her sister"}).items():
            answer = self.type(name, value)
            assert answer.status == 200, (name, answer.status, answer.text[:2000])
        self.must("vitals", systolic_mmhg="128", diastolic_mmhg="80", heart_rate_per_min="72", spo2_percent="98")

    def stored(self, name: str) -> str:
        """A field as the log names it: a draft has the number of its writer."""
        return f"my.{self.seat.user}.{name.removeprefix('my.')}" if name.startswith("my.") else name

    def _with_token(self, typed: dict[str, str]) -> dict[str, str]:
        return {**typed, "csrfmiddlewaretoken": self.person.cookies.get("csrftoken", "")}

    def _told(self, answer: Answer) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(answer.text)
        self.latest = max(self.latest, told["latest"])
        for name, one in told["fields"].items():
            self.versions[name] = max(self.versions[name], one["version"])
        return told

    def _until_answered(self, ask: Any) -> Answer:
        began = time.monotonic()
        while True:
            lost, self.lose_next = self.lose_next, False
            self.person.patience = LOST_AFTER if lost else TOO_LONG
            answer: Answer = ask()
            self.tries[answer.status] += 1
            if 0 < answer.status < 500:
                return answer
            if lost:
                continue
            assert time.monotonic() - began < GIVE_UP_AFTER, (answer.status, answer.text[:500])
            time.sleep(AGAIN_AFTER)
