"""Every kind of entry in a sentence."""

from datetime import datetime
from typing import Any

import pytest
from written_log import ORDER, Written

from infusions.session.log import Kind
from infusions.session.words import field_words, origin_words, short, vitals_words, words

STARTED = {**ORDER, "ml_per_h": "152.0", "volume_ml": "101.32", "drug_ml": "1.32", "override": "", "crossed": []}
ADVERSE = {
    "term": "Nausea",
    "ctcae_grade": 2,
    "serious": False,
    "serious_criterion": "",
    "relatedness": "not_recorded",
    "expected": "yes",
    "action_taken": "none",
    "outcome": "",
}
DRUG = {"name": "Ondansetron", "dose": "4 mg", "route": "IV", "reason": "nausea"}
WASTED = {
    "lot": "K1",
    "amount": "0.18",
    "unit": "vial_ml",
    "mg": "9.000",
    "method": "sink",
    "reason": "left over",
    "witness": "Ann Wu",
}

SAID: list[tuple[Kind, dict[str, Any], str]] = [
    (Kind.BEGUN, {}, "Checks begun"),
    (Kind.CALLED_OFF, {"status": "cancelled", "reason": "ill"}, "Cancelled: ill"),
    (Kind.CALLED_OFF, {"status": "no_show", "reason": "no answer"}, "Did not come: no answer"),
    (Kind.VITALS, {"systolic_mmhg": 168, "diastolic_mmhg": 102, "heart_rate_per_min": 94}, "168/102, pulse 94"),
    (
        Kind.DOSE_CHECKED,
        {**STARTED, "witness": "Ann Wu"},
        "Second check by Ann Wu: 65.9 mg (0.8 mg/kg × 82.4 kg), 1.32 mL of 50 mg/mL in 101.32 mL at 152.0 mL/h for 40 min",
    ),
    (
        Kind.STARTED,
        STARTED,
        "Started: 65.9 mg (0.8 mg/kg × 82.4 kg) in 101.32 mL at 152.0 mL/h for 40 min",
    ),
    (
        Kind.STARTED,
        {**STARTED, "bag_ml": None, "override": "Ill at ease", "second_sign_off": {"user": 8, "name": "Ann Wu"}},
        "Started: 65.9 mg (0.8 mg/kg × 82.4 kg) at 152.0 mL/h for 40 min. Started all the same: Ill at ease. "
        "Second prescriber: Ann Wu",
    ),
    (Kind.PAUSED, {"reason": "pressure"}, "Paused: pressure"),
    (Kind.RESUMED, {}, "Resumed"),
    (Kind.RATE, {"ml_per_h": "100.0", "reason": "restless"}, "Rate 100 mL/h: restless"),
    (Kind.STOPPED, {"early": False, "reason": ""}, "Stopped: the bag is empty"),
    (
        Kind.STOPPED,
        {"early": True, "reason": "headache", "pump_mg": "41.0"},
        "Stopped early: headache; the pump shows 41 mg",
    ),
    (Kind.DRUG, DRUG, "Ondansetron 4 mg IV: nausea"),
    (Kind.DRUG, {**DRUG, "response": "better"}, "Ondansetron 4 mg IV: nausea; better"),
    (Kind.ADVERSE, ADVERSE, "Nausea, grade 2, moderate; no action"),
    (
        Kind.ADVERSE,
        {
            **ADVERSE,
            "ctcae_grade": 4,
            "serious": True,
            "serious_criterion": "danger to life",
            "relatedness": "possible",
            "action_taken": "stopped",
            "outcome": "recovered",
        },
        "Nausea, grade 4, life-threatening; serious: danger to life; possibly related; infusion stopped; recovered",
    ),
    (Kind.ADVERSE, {**ADVERSE, "relatedness": "unrelated"}, "Nausea, grade 2, moderate; unrelated; no action"),
    (Kind.NOTE, {"text": "Calm"}, "Calm"),
    (
        Kind.DRAWN,
        {"ml": "1.50", "vial_mg_per_ml": "50", "mg": "75.000", "lot": "K1"},
        "Drawn: 1.5 mL × 50 mg/mL = 75 mg, lot K1",
    ),
    (Kind.WASTED, WASTED, "Wasted: 0.18 mL of the vial = 9 mg, lot K1, sink: left over. Witness: Ann Wu"),
    (
        Kind.WASTED,
        {**WASTED, "unit": "mg", "amount": "9"},
        "Wasted: 9 mg, lot K1, sink: left over. Witness: Ann Wu",
    ),
    (
        Kind.DISCHARGED,
        {"aldrete": 10, "observed_minutes": 61, "override": ""},
        "Discharged, Aldrete 10 of 10, 61 min after the end",
    ),
    (
        Kind.DISCHARGED,
        {"aldrete": None, "observed_minutes": 20, "override": "Insists"},
        "Discharged, Aldrete not scored, 20 min after the end. Discharged all the same: Insists",
    ),
    (Kind.INTEGRATION, {"text": "Lighter"}, "Integration note: Lighter"),
    (Kind.SIGNED, {"name": "Lena Marchetti"}, "Signed by Lena Marchetti"),
    (Kind.ADDENDUM, {"text": "Rang the next day"}, "Addendum: Rang the next day"),
    (Kind.ACKNOWLEDGED, {"of": 1, "done": "rest"}, "Acknowledged “Calm” of 19:00: rest"),
    (Kind.STRUCK, {"of": 1, "reason": "wrong chair"}, "Struck out “Calm” of 19:00: wrong chair"),
    (Kind.RETIMED, {"of": 1, "reason": "clock"}, "Time of “Calm” of 19:00 is 19:05: clock"),
    (Kind.STRUCK, {"of": 99, "reason": "gone"}, "Struck out an entry: gone"),
]


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


@pytest.mark.parametrize(("kind", "data", "said"), SAID)
def test_a_sentence(kind: Kind, data: dict[str, Any], said: str) -> None:
    log = Written()
    log.add(Kind.NOTE, text="Calm")
    log.add(kind, 5, **data)
    assert words(log.entries[-1], log.session, clock) == said


def test_every_kind_is_said() -> None:
    assert {kind for kind, _, _ in SAID} | {Kind.FIELD} == set(Kind)


def test_a_field() -> None:
    log = Written()
    log.type("weight_kg", "82.4")
    log.type("check.vitals", "yes")
    log.type("sitter", "")
    said = [words(entry, log.session, clock) for entry in log.entries]
    assert said == ["Weight, kg: 82.4", "check: vitals: yes", "Sitter or therapist: cleared"]
    assert field_words("taken.lamotrigine_xr") == "taken: lamotrigine xr"


def test_a_whole_set_of_vital_signs() -> None:
    data = {"systolic_mmhg": 168, "heart_rate_per_min": 94, "spo2_percent": 96, "on_room_air": False}
    rest = {"respirations_per_min": 16, "moaa_s": 4, "rass": -1, "pain": 0, "nausea": 3}
    assert vitals_words(data | rest) == (
        "168/–, pulse 94, SpO₂ 96 % on oxygen, breaths 16, sedation 4, RASS -1, pain 0, nausea 3"
    )
    assert vitals_words({"diastolic_mmhg": 80, "spo2_percent": 96, "on_room_air": True}) == "–/80, SpO₂ 96 %"
    assert vitals_words({"heart_rate_per_min": 83, "on_room_air": False}) == "pulse 83, on oxygen"
    assert vitals_words({"respirations_per_min": 16, "temperature_celsius": "36.0"}) == "breaths 16, 36.0 °C"
    assert vitals_words({}) == ""


@pytest.mark.parametrize(("number", "shown"), [("40.00", "40"), ("1E+2", "100"), (0, "0"), ("0.10", "0.1")])
def test_an_amount_without_trailing_zeros(number: Any, shown: str) -> None:
    assert short(number) == shown


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, ""),
        ({"carried": True}, "from the last session"),
        ({"carried": True, "planned": True}, "from the plan"),
    ],
)
def test_where_a_field_came_from(data: dict[str, Any], said: str) -> None:
    log = Written()
    log.add(Kind.FIELD, value="Ann", **data)
    assert origin_words(log.entries[0]) == said
