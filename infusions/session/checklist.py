"""The checks before an infusion, and what stands against a start when one is not met (clinical rule 46, section 4.2).

An answer is "yes" (done, and in order), "no", or "na" where an item may not apply. Whatever is not in order can be
overridden by one prescriber with a reason. Numbers (hours of fasting, age of a test) are judged in `infusions.safety`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infusions.limits import Finding
from infusions.safety import unmet

#: What can be answered; anything else, also nothing, is "not answered".
ANSWERS = ("yes", "no", "na")


@dataclass(frozen=True)
class Item:
    """One check. `name` is stored and never changes; `words` are what the tablet shows."""

    name: str
    words: str
    may_not_apply: bool = False


#: Section 4.2 in the order of the work. "Yes" is always the answer with which the infusion may start.
ITEMS = (
    Item("two_identifiers", "Two identifiers checked"),
    Item("consent", "Consent signed and still valid"),
    Item("allergies", "Allergies checked"),
    Item("medicines", "Medicines, alcohol and substances gone through"),
    Item("fasting", "Fasting kept; last meal and last drink noted"),
    Item("pregnancy_test", "Pregnancy test negative", may_not_apply=True),
    Item("vitals", "Blood pressure, pulse, SpO₂, breaths and temperature taken"),
    Item("escort", "Escort named, with a phone number"),
    Item("suicide_screen", "Suicide risk screened, with a plan where needed"),
    Item("mental_status", "Mental status checked, no sign of psychosis"),
    Item("iv_access", "Intravenous access in place"),
    Item("airway_equipment", "Airway equipment and crash cart checked"),
    Item("pcl5", "PCL-5 filled in, if due", may_not_apply=True),
    Item("preparation_session", "Preparation session held (set and setting)", may_not_apply=True),
)


def findings(answers: Mapping[str, str]) -> list[Finding]:
    """What stands against a start by the answers, name of the item -> answer, in the order of the list."""
    return findings_of(ITEMS, answers, prefix="check")


def findings_of(items: Iterable[Item], answers: Mapping[str, str], *, prefix: str) -> list[Finding]:
    """One finding an item that is not in order; its field is `prefix` and the item's name."""
    wrong = ((item, _wrong(item, answers.get(item.name, ""))) for item in items)
    return [unmet(f"{prefix}.{item.name}", f"“{item.words}” {what}") for item, what in wrong if what]


def _wrong(item: Item, answer: str) -> str:
    """What is wrong with an answer, as the end of a sentence; empty if it is in order."""
    if answer not in ANSWERS:
        return "is not answered"
    if answer == "no":
        return "is answered no"
    if answer == "na" and not item.may_not_apply:
        return "is answered “does not apply”, but always applies"
    return ""
