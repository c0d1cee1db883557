"""What stands against the discharge, and what a session lacks when it is signed."""

from decimal import Decimal
from typing import Any

import pytest
from written_log import Written, at

from infusions.limits import Level, Limits
from infusions.session import ending
from infusions.session.log import Kind, Session

LIMITS = Limits()
DOMAINS = ("activity", "respiration", "circulation", "consciousness", "spo2")
LIST = (
    *("oriented", "steady_gait", "no_dissociation", "nausea_controlled", "no_new_si"),
    *("escort_present", "instructions"),
)


def ready(**changed: str) -> Written:
    """A session that is over, with everything for a discharge; fields are changed as "aldrete__activity"."""
    log = Written()
    log.add(Kind.BEGUN, -10)
    log.add(Kind.VITALS, -5, systolic_mmhg=128, diastolic_mmhg=80)
    log.start()
    log.add(Kind.STOPPED, 40, early=False)
    log.add(Kind.VITALS, 100, systolic_mmhg=130, diastolic_mmhg=80)
    fields = {f"aldrete.{name}": "2" for name in DOMAINS} | {f"discharge.{name}": "yes" for name in LIST}
    for name, value in (fields | {name.replace("__", "."): text for name, text in changed.items()}).items():
        log.type(name, value)
    return log


def against(log: Written, minute: float = 100) -> list[tuple[str, str]]:
    findings = ending.against_discharge(log.session, LIMITS, at(minute))
    return [(finding.level.value, finding.field) for finding in findings]


class TestDischarge:
    def test_with_everything_in_order_nothing(self) -> None:
        assert against(ready()) == []
        assert ending.discharge_values(ready().session, at(100)) == {"aldrete": 10, "observed_minutes": 60}

    @pytest.mark.parametrize(
        ("minute", "level"), [(69.9, "override"), (70, "warn"), (99.9, "warn"), (100, None), (101, None)]
    )
    def test_30_minutes_of_observation_and_a_warning_below_60(self, minute: float, level: str | None) -> None:
        assert against(ready(), minute) == ([(level, "observation_minutes")] if level else [])

    @pytest.mark.parametrize(
        ("changed", "fields"),
        [
            ({"aldrete__activity": "1"}, []),
            ({"aldrete__activity": "1", "aldrete__spo2": "1"}, ["aldrete_total"]),
            ({"aldrete__activity": "0"}, ["aldrete_total", "aldrete_domains"]),
            ({"aldrete__activity": ""}, ["aldrete_total"]),
            ({"aldrete__activity": "3"}, ["aldrete_total"]),
            ({"discharge__escort_present": "no"}, ["escort"]),
            ({"discharge__escort_present": ""}, ["escort"]),
            ({"discharge__no_new_si": "no"}, ["discharge.no_new_si"]),
            ({"discharge__no_new_si": ""}, ["suicide_rescreened"]),
            ({"discharge__no_new_si": "na"}, ["suicide_rescreened"]),
            ({"discharge__oriented": "no"}, ["discharge.oriented"]),
            ({"discharge__instructions": ""}, ["discharge.instructions"]),
        ],
    )
    def test_each_thing_that_is_missing_is_said_once(self, changed: dict[str, str], fields: list[str]) -> None:
        assert against(ready(**changed)) == [("override", field) for field in fields]

    def test_the_pressure_against_the_baseline(self) -> None:
        log = ready()
        log.add(Kind.VITALS, 101, systolic_mmhg=158, diastolic_mmhg=80)
        assert against(log, 110) == [("warn", "blood_pressure")]
        log.add(Kind.VITALS, 102, systolic_mmhg=160, diastolic_mmhg=80)
        assert against(log, 110) == [("override", "systolic_mmhg")]

    def test_the_last_pressure_counts_whatever_was_read_after_it(self) -> None:
        log = ready()
        log.add(Kind.VITALS, 101, systolic_mmhg=190, diastolic_mmhg=80)
        log.add(Kind.VITALS, 102, spo2_percent=98)
        assert against(log, 110) == [("override", "systolic_mmhg")]

    def test_without_a_pressure_after_the_end(self) -> None:
        log = ready()
        log.strike(5)
        log.add(Kind.VITALS, 99, spo2_percent=98)
        found = ending.against_discharge(log.session, LIMITS, at(100))
        assert [finding.message for finding in found] == [
            "No blood pressure was taken after the end; a prescriber must give a reason."
        ]

    def test_a_set_from_during_the_infusion_is_none_of_recovery(self) -> None:
        log = ready()
        log.strike(5)
        assert against(log) == [("override", "vitals")]

    def test_an_open_alert(self) -> None:
        log = ready()
        finding = {"level": Level.ACT.value, "field": "spo2_percent", "limit": "some", "message": "Low."}
        alert = log.add(Kind.VITALS, 99, findings=[finding])
        assert against(log) == [("override", "alerts")]
        log.add(Kind.ACKNOWLEDGED, 100, of=alert, done="Oxygen")
        assert against(log) == []

    def test_without_an_end_nothing_was_observed(self) -> None:
        session = Session()
        assert ending.observed_minutes(session, at(0)) is None
        assert ending.discharge_values(session, at(0)) == {"aldrete": None, "observed_minutes": None}
        fields = {finding.field for finding in ending.against_discharge(session, LIMITS, at(0))}
        assert {"observation_minutes", "aldrete_total", "escort", "suicide_rescreened", "vitals"} <= fields


def complete(**drawn: Any) -> Written:
    log = ready(intention="Breath", intensity="7")
    for minute in (10, 20, 30):
        log.add(Kind.VITALS, minute, spo2_percent=98)
    log.add(Kind.DRAWN, -1, **{"lot": "K1", "vial_mg_per_ml": "50", "ml": "1.32", "mg": "66.000", **drawn})
    log.add(Kind.DISCHARGED, 100)
    log.add(Kind.INTEGRATION, 101, text="Lighter")
    return log


class TestMissing:
    def test_a_complete_record_lacks_nothing(self) -> None:
        assert ending.missing(complete().session, LIMITS) == []
        assert ending.things_open(complete().session, LIMITS) == []

    def test_everything_that_can_be_missing(self) -> None:
        log = ready()
        log.add(
            Kind.VITALS, 100, findings=[{"level": "act", "field": "spo2_percent", "limit": "some", "message": "Low."}]
        )
        log.add(Kind.DISCHARGED, 100)
        assert ending.missing(log.session, LIMITS) == [
            "An alert is not acknowledged",
            "No lot and volume drawn from a vial",
            "No integration note yet",
            "No intention",
            "No intensity rated by the patient",
            "Vital signs were late 1 time during the infusion",
        ]

    def test_a_score_outside_its_scale(self) -> None:
        log = complete()
        log.type("cadss6", "99")
        assert ending.missing(log.session, LIMITS) == [
            "CADSS-6 99 is 75 outside what is accepted: enter a whole number, 0 to 24."
        ]

    def test_gaps_are_counted(self) -> None:
        log = ready()
        log.add(Kind.VITALS, 20, spo2_percent=98)
        assert "Vital signs were late 2 times during the infusion" in ending.missing(log.session, LIMITS)

    def test_drug_that_is_not_accounted_for(self) -> None:
        said = ending.missing(complete(ml="2", mg="100.000").session, LIMITS)
        assert said == ["Drug not accounted for: 34.1 mg of 100 mg drawn"]
        said = ending.missing(complete(ml="1.2", mg="60.000").session, LIMITS)
        assert said == ["5.9 mg more given and wasted than the 60 mg drawn"]

    def test_before_the_end_only_the_intention(self) -> None:
        assert ending.missing(Session(), LIMITS) == ["No intention"]

    def test_steps_to_come(self) -> None:
        log = Written()
        log.type("intention", "Breath")
        assert ending.things_open(log.session, LIMITS) == ["Discharge score and time"]
        log.start()
        assert ending.things_open(log.session, LIMITS) == ["Stop time and mg given", "Discharge score and time"]
        log.add(Kind.STOPPED, 0, early=True)
        assert ending.things_open(log.session, LIMITS)[0] == "Discharge score and time"


def test_nothing_given_and_nothing_drawn_agree() -> None:
    log = Written()
    log.start()
    log.add(Kind.STOPPED, 0, early=True)
    assert ending.missing(log.session, LIMITS) == ["No intention", "No intensity rated by the patient"]
    assert Decimal(0) == ending.account(log.session, at(0)).left_mg
