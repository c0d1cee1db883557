"""Who the invented patients are: the demographics of one, as a row of the patients table."""

import re
from datetime import date, timedelta
from typing import Any

from clinic.transfer.synthetic.draws import Draw
from clinic.transfer.synthetic.names import DOMAINS, FAMILY, GIVEN, STREETS, TOWNS
from clinic.transfer.synthetic.stories import Stage, Story
from patients.models import CriterionA, Gender, RaceEthnicity
from patients.search import search_key

#: The first patient's number, less one.
FIRST_MRN = 10_000
_GENDERS: dict[str, float] = {
    Gender.FEMALE: 56,
    Gender.MALE: 38,
    Gender.NONBINARY: 3,
    Gender.OTHER: 1,
    Gender.NOT_RECORDED: 2,
}
_RACES: dict[str, float] = {
    RaceEthnicity.WHITE: 50,
    RaceEthnicity.HISPANIC: 16,
    RaceEthnicity.BLACK: 13,
    RaceEthnicity.ASIAN: 6,
    RaceEthnicity.MULTIPLE: 4,
    RaceEthnicity.MIDDLE_EASTERN: 2,
    RaceEthnicity.AMERICAN_INDIAN: 2,
    RaceEthnicity.PACIFIC_ISLANDER: 1,
    RaceEthnicity.OTHER: 1,
    RaceEthnicity.DECLINED: 2,
    RaceEthnicity.NOT_RECORDED: 3,
}
_CRITERION_A: dict[str, float] = {
    CriterionA.MET: 86,
    CriterionA.UNCLEAR: 5,
    CriterionA.NOT_RECORDED: 7,
    CriterionA.NOT_MET: 2,
}
_NONE_KNOWN = "none known"
_ALLERGIES = (
    "penicillin (rash)",
    "sulfonamides (hives)",
    "latex (contact rash)",
    "codeine (nausea, itching)",
    "ondansetron (headache)",
    "shellfish (swelling of the lips)",
    "peanuts (anaphylaxis 2011, carries epinephrine)",
    "adhesive tape (skin irritation)",
    "ibuprofen (wheezing)",
    "cephalexin (rash); bee stings (local swelling)",
)


def patient_values(story: Story, draw: Draw) -> dict[str, Any]:
    """The patient's own columns, without what depends on treatment."""
    gender = draw.of(_GENDERS)
    given_name, family_name = draw.choice(GIVEN[gender]), draw.choice(FAMILY)
    mrn = f"TM-{FIRST_MRN + story.index + 1}"
    return {
        "mrn": mrn,
        "given_name": given_name,
        "family_name": family_name,
        "mrn_key": search_key(mrn),
        "given_name_key": search_key(given_name),
        "family_name_key": search_key(family_name),
        "date_of_birth": _born_on(story.registered_on, draw),
        "gender": gender,
        "race_ethnicity": draw.of(_RACES),
        "phone": f"({draw.choice((518, 607, 802, 845))}) 555-01{draw.randint(0, 99):02}" if draw.chance(0.94) else "",
        "email": _email(given_name, family_name, story.index, draw) if draw.chance(0.86) else "",
        "address": f"{draw.randint(1, 480)} {draw.choice(STREETS)}, {draw.choice(TOWNS)}" if draw.chance(0.9) else "",
        "allergies": draw.choice(_ALLERGIES) if draw.chance(0.2) else _NONE_KNOWN if draw.chance(0.85) else "",
        "criterion_a": draw.of(_CRITERION_A),
        "active": not (story.dies or (story.stage is Stage.FOLLOWED and draw.chance(0.05))),
        "record_version": 1,
    }


def _born_on(registered_on: date, draw: Draw) -> date:
    years = draw.within(41, 12.5, 19, 76)
    return registered_on - timedelta(days=int(years * 365.25))


def _email(given_name: str, family_name: str, index: int, draw: Draw) -> str:
    name = re.sub("[^a-z]+", "-", search_key(f"{given_name} {family_name}")).strip("-")
    return f"{name}.{index + 1}@{draw.choice(DOMAINS)}"
