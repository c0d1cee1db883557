"""The scales of a session, what a patient must be able to do before leaving, and the rescue drugs (4.4, 4.5, rule 54).

Totals are recorded as numbers; no item of CADSS or MEQ-30 is worded here, because their licences are not settled. The
words of MOAA/S and of the modified Aldrete score are our own, from the meaning. "Not recorded" is None, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from infusions.limits import Finding, Limits, Number, Row, exact
from infusions.session.checklist import Item, findings_of

#: Modified Observer's Assessment of Alertness/Sedation, BMC Anesthesiology 12871-022-01788-1: score and meaning.
MOAA_S: tuple[tuple[int, str], ...] = (
    (5, "Alert, answers to the name"),
    (4, "Drowsy, answers slowly to the name"),
    (3, "Answers only to a loud or repeated call"),
    (2, "Answers only to mild prodding"),
    (1, "Reacts only to a squeeze of the trapezius"),
    (0, "No reaction"),
)


@dataclass(frozen=True)
class AldreteDomain:
    """One of the five parts of the modified Aldrete score. `options` are score and meaning, the best first."""

    name: str
    words: str
    options: tuple[tuple[int, str], ...]


#: Modified Aldrete score (StatPearls). Circulation compares with the blood pressure before the infusion; respiration,
#: consciousness and activity have no wording in the clinical rules, so theirs is general knowledge, unconfirmed.
ALDRETE: tuple[AldreteDomain, ...] = (
    AldreteDomain(
        "activity",
        "Activity",
        ((2, "Moves both arms and both legs"), (1, "Moves two limbs"), (0, "Moves no limb")),
    ),
    AldreteDomain(
        "respiration",
        "Respiration",
        ((2, "Breathes deeply and coughs"), (1, "Short of breath, or breathes shallowly"), (0, "Does not breathe")),
    ),
    AldreteDomain(
        "circulation",
        "Circulation",
        (
            (2, "Blood pressure within 20 % of before"),
            (1, "Blood pressure 20 to 50 % off"),
            (0, "Blood pressure more than 50 % off"),
        ),
    ),
    AldreteDomain(
        "consciousness",
        "Consciousness",
        ((2, "Fully awake"), (1, "Wakes when called"), (0, "Does not react")),
    ),
    AldreteDomain(
        "spo2",
        "SpO₂",
        (
            (2, "Above 92 % on room air"),
            (1, "Needs oxygen to stay above 90 %"),
            (0, "Below 90 % even with oxygen"),
        ),
    ),
)


def aldrete_total(domains: Mapping[str, int | None]) -> int | None:
    """The modified Aldrete score, 0 to 10; None unless all five domains have one of their scores."""
    scores = [domains.get(domain.name) for domain in ALDRETE]
    known = [score for score in scores if score in (0, 1, 2)]
    return sum(known) if len(known) == len(ALDRETE) else None


def _score(name: str, label: str, largest: int) -> Row:
    """A scale of whole numbers from 0."""
    return Row(name, label, "", accepted=(0, largest), whole=True)


#: The four parts of the MEQ-30: 15, 6, 6 and 3 items of 0 to 5 (Barrett 2015).
_MEQ30 = (
    _score("meq30_mystical", "MEQ-30 mystical", 75),
    _score("meq30_positive_mood", "MEQ-30 positive mood", 30),
    _score("meq30_transcendence", "MEQ-30 transcendence", 30),
    _score("meq30_ineffability", "MEQ-30 ineffability", 15),
)
#: Every scale by name. CADSS: 23 items of 0 to 4 (PMID 29045915; the range is unconfirmed). CADSS-6: six of them.
SCALES: dict[str, Row] = {
    row.field: row
    for row in (
        _score("cadss", "CADSS", 92),
        _score("cadss6", "CADSS-6", 24),
        *_MEQ30,
        _score("meq30_total", "MEQ-30 total", 150),
        _score("intensity", "Intensity rated by the patient", 10),
    )
}


def check_scale(name: str, value: Number | None) -> list[Finding]:
    """A rejection when `value` is no score of the scale `name`; none when it is not recorded.

    Raises KeyError for a scale that is not in `SCALES`.
    """
    return SCALES[name].check(value, Limits())


def score_note(name: str, text: str) -> str:
    """What is wrong with a text that was typed as a score; "" for a score, for none, and for what is no scale."""
    if name not in SCALES or not text:
        return ""
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        return f"{SCALES[name].label}: enter a whole number, 0 to {SCALES[name].accepted[1]}."
    return "".join(finding.message for finding in check_scale(name, int(text)))


def meq30_complete(subscales: Mapping[str, Number | None], percent: Number = 60) -> bool | None:
    """Whether it was a "complete mystical experience": all four parts at `percent` of their maximum or above (rule 54).

    60 % is the clinic's to change (Barrett 2015; the 60 unconfirmed). None when any of the four is missing.
    """
    needed = exact(percent, "percent")
    known = [(exact(score), row.accepted[1]) for row in _MEQ30 if (score := subscales.get(row.field)) is not None]
    if len(known) < len(_MEQ30):
        return None
    return all(score * 100 >= needed * largest for score, largest in known)


@dataclass(frozen=True)
class RescueDrug:
    """A drug for an adverse event. `usual_dose` is a label and no order; what the rules do not print is empty."""

    name: str
    usual_dose: str = ""
    routes: tuple[str, ...] = ()


#: Section 4.5, unconfirmed throughout: the clinic's own protocol decides.
RESCUE_DRUGS: tuple[RescueDrug, ...] = (
    RescueDrug("Ondansetron", "4 mg", ("IV",)),
    RescueDrug("Labetalol", "5–20 mg", ("IV",)),
    RescueDrug("Hydralazine", "5–10 mg", ("IV",)),
    RescueDrug("Clonidine", "0.1 mg", ("PO",)),
    RescueDrug("Midazolam", "1–2 mg", ("IV",)),
    RescueDrug("Diphenhydramine"),
    RescueDrug("Glycopyrrolate"),
    RescueDrug("Oxygen"),
)

#: What must be true before a patient leaves, beyond the modified Aldrete score; our own choice (section 4.4).
DISCHARGE_ITEMS: tuple[Item, ...] = (
    Item("oriented", "Oriented to person, place, time and situation"),
    Item("steady_gait", "Walks steadily"),
    Item("no_dissociation", "No ongoing dissociation"),
    Item("nausea_controlled", "Nausea controlled"),
    Item("no_new_si", "No new suicidal thoughts"),
    Item("escort_present", "Escort present"),
    Item("instructions", "Instructions given"),
)


def discharge_findings(answers: Mapping[str, str]) -> list[Finding]:
    """What stands against leaving by the answers, name of the item -> answer, in the order of the list.

    The score, the minutes and the blood pressure are judged by `infusions.safety.check_discharge`.
    """
    return findings_of(DISCHARGE_ITEMS, answers, prefix="discharge")
