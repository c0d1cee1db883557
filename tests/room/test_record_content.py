"""The record of a session: every number that was entered, what was made of it, and what became of an entry afterwards."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from chairside import BEGIN
from django.utils import timezone
from recorded import correct, facts, named_chair, part, rows, session, sign, whole_session

from clinic.room.record.content import Look
from clinic.room.record.making import record_as_signed, record_now
from clinic.room.record.telling import Telling
from infusions.session.log import Kind, Session

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _new_york():
    with timezone.override("America/New_York"):
        yield


def now_of(chair):
    return record_now(chair.row, session(chair), chair.now)


def marks(content, name):
    return [
        (said.look, said.text) for table in part(content, name).tables for row in table.rows for c in row for said in c
    ]


class TestSecondCheck:
    @pytest.fixture
    def chair(self):
        chair = named_chair()
        chair.prepare()
        chair.check_dose()
        return chair

    def test_who_checked_and_when(self, chair):
        before = facts(now_of(chair), "order")["Second check"]
        assert before.startswith("14:00, Kofi Mensah | Checked: 65.9 mg (0.8 mg/kg × 82.4 kg), 1.32 mL of 50 mg/mL")
        assert "afterwards" not in before
        chair.enter(Kind.STARTED)
        assert facts(now_of(chair), "order")["Second check"] == "14:00, Kofi Mensah"

    def test_of_an_order_that_was_changed_afterwards(self, chair):
        chair.type(weight_kg="82.5")
        chair.enter(Kind.STARTED)
        told = facts(now_of(chair), "order")["Second check"]
        assert told.startswith("14:00, Kofi Mensah | Checked: 65.9 mg (0.8 mg/kg × 82.4 kg)")
        assert told.endswith("The order was changed afterwards")
        assert (
            part(now_of(chair), "log").tables[0].rows[-3][2][0].text.startswith("Second check by Kofi Mensah: 65.9 mg")
        )


class TestAWholeSession:
    @pytest.fixture
    def chair(self):
        return whole_session()

    def test_its_head_names_patient_infusion_and_course(self, chair):
        content = now_of(chair)
        head = dict(content.patient)
        assert head["Patient"] == "Maren Ellwick"
        assert (head["Born"], head["MRN"]) == ("3 Aug 1984", chair.patient.mrn)
        assert (head["Infusion"], head["Course"]) == ("1 of 6 planned", "1, induction")
        assert head["Date"] == "27 Feb 2026"
        assert chair.patient.mrn in content.head[0]

    def test_the_order_has_its_arithmetic(self, chair):
        order = facts(now_of(chair), "order")
        assert order["Dose"] == "0.8 mg/kg × 82.4 kg = 65.9 mg"
        assert order["Drug"] == "65.9 mg ÷ 50 mg/mL = 1.32 mL"
        assert order["Volume"] == "100 mL bag + 1.32 mL drug = 101.32 mL"
        assert order["Rate"] == "101.32 mL in 40 min = 152.0 mL/h"

    def test_without_a_second_check_nothing_is_said_or_missed(self, chair):
        assert "Second check" not in facts(now_of(chair), "order")

    def test_given_is_the_pumps_reading_beside_what_its_minutes_give(self, chair):
        content = now_of(chair)
        given = facts(content, "given")
        assert given["Given"] == "31.4 mg of 65.9 mg ordered (48 %)"
        assert given["Counted from"] == "The pump's own reading; its rate and minutes give 31.5 mg"
        assert given["By weight"] == "31.4 mg ÷ 82.4 kg = 0.38 mg/kg"
        assert (given["Pump ran"], given["Pauses"]) == ("21 min of 40 min ordered", "1, 6 min in all")
        assert given["End"] == "Stopped early: Headache"
        assert [row[:4] for row in rows(content, "given")] == [
            ["14:03", "152", "10", "Started"],
            ["14:13", "0", "6", "Paused: Pressure"],
            ["14:19", "152", "2", "Resumed"],
            ["14:21", "120", "9", "Rate 120 mL/h: Gentler"],
            ["14:30", "0", "", "Stopped early: Headache; the pump shows 31.4 mg"],
        ]

    def test_readings_over_a_line_are_marked_and_said(self, chair):
        content = now_of(chair)
        sets = rows(content, "vitals")
        assert sets[0][:3] == ["14:00", "Before, the baseline", "128/80"]
        assert sets[1] == ["14:13", "During", "204/104", "96", "95 | on oxygen", "17", "4", "3", "LM"]
        assert sets[2][1] == "After"
        found = marks(content, "vitals")
        assert (Look.ACT, "204/104") in found
        crossed = [text for look, text in found if look is Look.ACT and text.startswith("Action line:")]
        assert "204 mmHg" in crossed[0]

    def test_a_temperature_has_a_column_where_one_was_taken(self, chair):
        assert "°C" not in part(now_of(chair), "vitals").tables[0].head
        chair = named_chair()
        chair.prepare()
        chair.enter(Kind.VITALS, temperature_celsius=Decimal(37))
        content = now_of(chair)
        column = part(content, "vitals").tables[0].head.index("°C")
        assert [row[column] for row in rows(content, "vitals")] == ["–", "37.0"]

    def test_an_alert_says_what_was_done(self, chair):
        (alert,) = rows(now_of(chair), "alerts")
        assert alert[0] == "14:13"
        assert alert[2:] == ["Paused, prescriber told", "LM, 14:13"]

    def test_events_and_drugs(self, chair):
        content = now_of(chair)
        assert rows(content, "adverse-events") == [
            [
                "14:26",
                "Hypertension",
                "3, severe | Serious: Watched closely",
                "Probable",
                "Yes",
                "Infusion paused | Resolved",
                "KM",
            ]
        ]
        assert rows(content, "rescue") == [
            ["14:14", "Labetalol", "10 mg", "IV", "Pressure", "148/90 after 5 min", "LM"]
        ]

    def test_the_drug_is_accounted_for_with_lot_and_witness(self, chair):
        content = now_of(chair)
        sums = facts(content, "drug")
        assert (sums["Drawn"], sums["Given"], sums["Wasted"]) == ("75 mg", "31.4 mg", "43.439 mg")
        assert sums["Left"] == "0.161 mg neither given nor wasted"
        assert sums["Account"].startswith("Reconciles within the drug in 0.01 mL")
        lines = rows(content, "drug")
        assert lines[0][1:4] == ["Drawn: 1.5 mL of 50 mg/mL", "75", "K7 41/B"]
        assert lines[2][1:5] == [
            "Wasted: 52.95 mL of the bag",
            "34.439",
            "K7 41/B",
            "sink: Left over | Witness: Kofi Mensah",
        ]

    def test_checks_preparation_warnings_setting_recovery(self, chair):
        content = now_of(chair)
        checks = rows(content, "checks")
        assert ["Pregnancy test negative", "Does not apply", "LM, 14:00"] in checks
        assert len(checks) == 14
        prepared = facts(content, "preparation")
        assert prepared["Last solid food"] == "27 Feb 2026, 05:30, light meal | LM, 14:00"
        assert prepared["Escort"] == "Sister, 555 0199 | LM, 14:00"
        warned = {row[0].partition(":")[0]: row[1:] for row in rows(content, "warnings")}
        assert warned["Cystitis"][1:] == ["Ticked: caution", "LM, 14:00"]
        assert warned["Lamotrigine weakened the effect of ketamine in 2 of 5 studies."] == [
            "Veraart 2021",
            "Taken in the last 24 hours",
            "LM, 14:00",
        ]
        assert facts(content, "setting") == {"Eye mask": "Yes", "Music": "Yes", "Sitter or therapist": "J. Ford"}
        assert [text.text for text in part(content, "setting").texts] == ["Stay with the breath."]
        recovery = facts(content, "recovery")
        assert (recovery["Modified Aldrete"], recovery["Observed"]) == (
            "10 of 10",
            "45 min after the end of the infusion",
        )
        assert (recovery["Intensity, 0-10"], recovery["CADSS, 0-92"]) == ("7", "31")
        assert rows(content, "recovery")[0] == ["Activity", "2", "Moves both arms and both legs", "LM, 14:53"]
        assert rows(content, "recovery", 1)[0][1] == "Yes"
        (left,) = [row for row in rows(content, "overrides") if row[0] == "Leaving"]
        assert "45 min" in left[1]
        assert "Lighter than for years." in part(content, "integration").texts[0].text

    def test_a_signature_says_who_when_what_and_whether_the_log_still_gives_it(self, chair):
        assert now_of(chair).states[0].strong == "Not signed"
        signed = sign(chair)
        (state,) = now_of(chair).states
        assert state.strong == "Signed by Lena Marchetti on 27 Feb 2026, 15:27"
        assert state.lines[0] == "I gave or supervised this infusion and the record is complete and right."
        assert f"SHA-256 {signed.data['sha256']} (checked: the log still gives it)" in state.lines
        forged = Session(
            tuple(
                replace(one, data={**one.data, "ml": "9"}) if one.kind is Kind.DRAWN else one
                for one in session(chair).entries
            )
        )
        (state,) = record_now(chair.row, forged, chair.now).states
        assert "the log no longer gives it" in state.lines[-1]

    def test_what_comes_after_the_signature_is_told_and_not_in_the_signed_version(self, chair):
        sign(chair)
        before = record_as_signed(chair.row, session(chair), chair.now)
        entries = {entry.kind: entry for entry in session(chair).entries}
        chair.enter(Kind.ADDENDUM, after=600, text="Slept well.")
        assert "1 entry was added afterwards." in now_of(chair).states[0].lines
        correct(chair, Kind.STRUCK, entries[Kind.DRUG].number, "Another patient's")
        stopped = entries[Kind.STOPPED]
        correct(chair, Kind.RETIMED, stopped.number, "The pump's clock", stopped.at + timedelta(minutes=2))
        content = now_of(chair)
        assert content.states[0].strong.startswith("Corrected since it was signed.")
        assert rows(content, "rescue")[0] == [
            "~14:14~",
            "~Labetalol~",
            "~10 mg~",
            "~IV~",
            "~Pressure~",
            "~148/90 after 5 min~ | Struck out by Lena Marchetti, 28 Feb 2026, 01:28: Another patient's",
            "~LM~",
        ]
        assert rows(content, "given")[-1][0] == "14:32 | before: 14:30"
        assert facts(content, "given")["Pump ran"] == "23 min of 40 min ordered"
        assert rows(content, "corrections")[1][:2] == [
            "14:30 Stopped early: Headache; the pump shows 31.4 mg",
            "Time 14:30 corrected to 14:32: The pump's clock",
        ]
        assert part(content, "corrections").texts[0].text == "Slept well."
        after = record_as_signed(chair.row, session(chair), chair.now)
        assert after == before
        assert facts(after, "given")["Pump ran"] == "21 min of 40 min ordered"
        assert rows(after, "signatures")[0][1] == "Lena Marchetti"
        assert "Slept well." not in list(after.texts())

    def test_the_log_is_whole_and_in_order(self, chair):
        sign(chair)
        log = rows(now_of(chair), "log")
        assert [row[0] for row in log] == [str(number) for number in range(1, len(log) + 1)]
        said = [row[2] for row in log]
        assert said[0] == "Checks begun"
        assert "Check: Consent signed and still valid: yes" in said
        assert "Weight, kg: 82.4" in said
        assert said[-1] == "Signed by Lena Marchetti"
        assert len(log) == len(session(chair).entries)


class TestOtherSessions:
    def test_before_the_start_there_is_no_order(self):
        chair = named_chair()
        chair.prepare()
        content = now_of(chair)
        assert facts(content, "order")["Weight, kg"] == "82.4"
        assert "this is no order" in part(content, "order").notes[0]
        assert facts(content, "given") == {"Given": "Nothing: the pump was not started"}
        assert not part(content, "given").tables
        assert dict(content.patient)["Infusion"] == "Not started"
        assert facts(content, "drug")["Account"] == "Open: the pump was not stopped yet"

    def test_a_start_that_was_struck_stays_readable(self):
        chair = named_chair()
        chair.prepare()
        started = chair.enter(Kind.STARTED)
        correct(chair, Kind.STRUCK, started.pk, "Wrong patient at the pump")
        content = now_of(chair)
        assert facts(content, "given") == {"Given": "Nothing: the pump was not started"}
        ((time, _, _, what, by),) = rows(content, "given")
        assert (time, by) == ("~14:00~", "~LM~")
        assert what == "~Started~ | Struck out by Lena Marchetti, 14:01: Wrong patient at the pump"
        assert facts(content, "order")["Dose, mg/kg"] == "0.8"

    def test_one_that_runs_is_counted_up_to_now(self):
        chair = named_chair()
        chair.prepare()
        chair.enter(Kind.STARTED)
        chair.enter(Kind.PAUSED, after=10, reason="Water")
        content = record_now(chair.row, session(chair), chair.now + timedelta(minutes=5))
        given = facts(content, "given")
        assert given["Given"].startswith("16.5 mg")
        assert (given["Pauses"], given["End"]) == ("1, 5 min in all", "Not stopped yet: counted up to now")
        assert rows(content, "given")[-1][2] == "5"

    def test_one_that_was_called_off(self):
        chair = named_chair()
        chair.enter(Kind.BEGUN)
        chair.enter(Kind.CALLED_OFF, status="cancelled", reason="Fever")
        content = now_of(chair)
        assert content.states[0].strong == "Called off: Fever"
        assert facts(content, "session")["Stage"] == "Called off"
        assert facts(content, "drug")["Account"] == "Nothing was drawn, nothing given"

    def test_drug_that_is_missing_is_marked(self):
        chair = named_chair()
        chair.prepare()
        chair.enter(Kind.DRAWN, lot="K1", vial_mg_per_ml=Decimal(50), ml=Decimal(2))
        chair.enter(Kind.STARTED)
        chair.enter(Kind.STOPPED, after=40, early=False)
        content = now_of(chair)
        assert dict(part(content, "drug").facts)["Account"][0].look is Look.WARN
        assert facts(content, "given")["Counted from"] == "Rate and minutes of the pump"
        assert facts(content, "drug")["Left"] == "34.1 mg neither given nor wasted"

    def test_what_was_not_answered_says_so(self):
        chair = named_chair()
        chair.enter(Kind.BEGUN)
        content = now_of(chair)
        assert {row[1] for row in rows(content, "checks")} == {"Not answered"}
        assert facts(content, "recovery")["Modified Aldrete"] == "Not scored in all five parts"
        for name in ("vitals", "alerts", "adverse-events", "rescue", "warnings", "notes", "integration"):
            assert part(content, name).nothing
            assert part(content, name).is_empty

    def test_a_draft_is_nobodys_record(self):
        chair = named_chair()
        chair.enter(Kind.BEGUN)
        chair.type(**{f"my__{chair.actor.pk}__note": "Half a thought"})
        assert not [text for text in now_of(chair).texts() if "Half a thought" in text]

    def test_saves_of_a_text_being_typed_are_one_line_of_the_log(self):
        chair = named_chair()
        chair.enter(Kind.BEGUN)
        for text in ("Stay", "Stay with", "Stay with it"):
            chair.type(intention=text)
        chair.now += timedelta(minutes=6)
        chair.type(intention="Stay")
        said = [row[2] for row in rows(now_of(chair), "log")]
        assert said[1:] == ["Intention: Stay with it | saved 3 times", "Intention: Stay"]

    def test_an_answer_that_was_changed_keeps_both_its_lines(self):
        chair = named_chair()
        chair.enter(Kind.BEGUN)
        for answer in ("no", "", "yes"):
            chair.type(check__fasting=answer)
        said = [
            row[2].removeprefix("Check: Fasting kept; last meal and last drink noted: ")
            for row in rows(now_of(chair), "log")
        ]
        assert said[1:] == ["no", "cleared", "yes"]

    def test_initials_of_two_people_are_never_the_same(self):
        chair = named_chair()
        chair.colleague.full_name = "Luca Moretti"
        chair.colleague.save()
        chair.enter(Kind.BEGUN)
        chair.actor = chair.colleague
        chair.enter(Kind.NOTE, text="Calm.")
        telling = Telling(chair.row, session(chair), BEGIN)
        assert list(telling.people.values()) == ["LM", "LM2"]
        assert facts(now_of(chair), "session")["Entered by"] == "LM Lena Marchetti | LM2 Luca Moretti"

    def test_a_warning_that_left_the_lists_is_still_told(self):
        chair = named_chair()
        chair.enter(Kind.BEGUN)
        chair.type(hold__oldname="yes", taken__opioid="yes", seen__age="yes")
        told = rows(now_of(chair), "warnings")
        assert [row[2] for row in told] == ["Taken in the last 24 hours", "Age", "Ticked: caution"]
        assert {row[3] for row in told} == {"Not acknowledged", "LM, 14:00"}

    def test_an_override_has_its_reason(self):
        chair = named_chair()
        chair.prepare()
        chair.type(check__consent="no")
        chair.enter(Kind.STARTED, override_reason="Seen on paper")
        (start,) = rows(now_of(chair), "overrides")
        assert start[0] == "Start"
        assert "Consent" in start[1]
        assert start[2:] == ["Seen on paper", "LM, 14:00"]

    def test_a_record_that_is_not_signed_has_no_signed_version(self):
        chair = named_chair()
        chair.enter(Kind.BEGUN)
        with pytest.raises(ValueError, match="not signed"):
            record_as_signed(chair.row, session(chair), chair.now)
