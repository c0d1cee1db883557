"""The signed version of a record stays as it was, also in what stands at its head."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from builders import make_course, make_patient
from chairside import Chair
from django.utils import timezone
from recorded import session, sign, whole_session

from clinic.room.record.content import RecordContent
from clinic.room.record.making import record_as_signed, record_now
from infusions import services
from infusions.models import Phase
from infusions.services.verifying import differences
from infusions.session.log import Session

pytestmark = pytest.mark.django_db


@pytest.fixture
def chair() -> Any:
    with timezone.override("America/New_York"):
        made = whole_session()
        sign(made)
        yield made


def as_signed(chair: Chair) -> RecordContent:
    return record_as_signed(chair.row, session(chair), chair.now)


def test_patient_course_and_prescriber_are_those_of_the_signature(chair: Chair) -> None:
    before = as_signed(chair)
    head = dict(before.patient)
    assert (head["Patient"], head["Born"], head["Course"]) == ("Maren Ellwick", "3 Aug 1984", "1, induction")
    assert (head["Infusion"], head["Prescriber"]) == ("1 of 6 planned", "Lena Marchetti")
    chair.patient.family_name, chair.patient.date_of_birth = "Tallis", date(1985, 8, 3)
    chair.patient.save()
    course = chair.row.course
    course.number, course.phase, course.planned_infusions = 2, Phase.BOOSTER, 8
    course.save()
    chair.actor.full_name = "Lena Ortega"
    chair.actor.save()
    assert as_signed(chair) == before
    now = record_now(chair.row, session(chair), chair.now)
    assert dict(now.patient)["Patient"] == "Maren Tallis"
    assert dict(now.patient)["Infusion"] == "1 of 8 planned"
    assert differences(chair.row) == []


def test_what_was_signed_for_another_patient_does_not_name_her(chair: Chair) -> None:
    other = make_patient(family_name="Osei", given_name="Ada")
    fields = {"actor": chair.actor, "now": chair.now, "reason": "Wrong chart"}
    services.move_infusion(infusion=chair.row, to_course=make_course(other), **fields)
    content = as_signed(chair)
    assert not [text for text in content.texts() if "Ellwick" in text or chair.patient.mrn in text]
    assert dict(content.patient)["Patient"] == "Ada Osei"
    assert "It was signed for another patient and moved to this one afterwards." in content.states[0].lines
    assert any("the log still gives it" in line for line in content.states[0].lines)


def test_a_head_that_was_changed_by_hand_is_noticed(chair: Chair) -> None:
    *before, signed = session(chair).entries
    forged = replace(signed, data=signed.data | {"about": signed.data["about"] | {"mrn": "TM-9"}})
    content = record_as_signed(chair.row, Session((*before, forged)), chair.now)
    assert any("the log no longer gives it" in line for line in content.states[0].lines)
