"""Recording, correcting, moving and voiding questionnaires."""

from datetime import date, timedelta
from typing import Any

import pytest
from builders import NOW, answers_of, local, make_patient, make_pcl5, make_user
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from assessments import services
from assessments.models import Assessment, Mode
from clinic.audit.models import AuditEvent
from clinic.versions import StaleEditError
from patients.models import IndexEvent

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 3)


def test_a_form_is_scored_stored_and_audited() -> None:
    patient, user = make_patient(), make_user()
    answers: list[int | None] = [3, 2, 1, 3, 2, 3, 3, None, 3, 2, 3, 3, 3, 2, 2, 3, 3, 3, 3, 4]
    form = services.record_assessment(
        actor=user,
        patient=patient,
        now=NOW,
        instrument="pcl5",
        form="week",
        completed_on=DAY,
        completed_at=local(DAY),
        mode=Mode.PAPER,
        answers=answers,
    )
    form.refresh_from_db()
    assert form.answers == answers
    assert (form.total, form.answered_sum, form.missing_items, form.most_missing_in_subscale) == (None, 51, 1, 1)
    assert form.subscales == {"B": 11, "C": 6, "D": None, "E": 18}
    assert (form.rule_met, form.review_flags, form.recall_days) == (True, ["item_16"], 7)
    assert (form.entered_by, form.mode, form.completed_at) == (user, "paper", local(DAY))
    patient.refresh_from_db()
    assert patient.record_version == 2
    assert AuditEvent.objects.get(action="record assessment").record_id == form.pk


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"answers": [None] * 20}, "answers"),
        ({"answers": [5] + [0] * 19}, "answers"),
        ({"answers": [0] * 19}, "answers"),
        ({"answers": [True] + [0] * 19}, "answers"),
        ({"form": "day"}, "form"),
        ({"mode": "fax"}, "mode"),
        ({"completed_on": NOW.date() + timedelta(days=1)}, "completed_on"),
        ({"completed_on": date(1984, 8, 2)}, "completed_on"),
        ({"completed_at": local(DAY + timedelta(days=1))}, "completed_at"),
        ({"completed_on": NOW.date(), "completed_at": NOW + timedelta(minutes=1)}, "completed_at"),
    ],
)
def test_bad_forms_are_refused_by_field_and_nothing_is_saved(fields: dict[str, Any], at_fault: str) -> None:
    patient = make_patient()
    usual = {"instrument": "pcl5", "form": "month", "completed_on": DAY, "answers": answers_of(40)}
    with pytest.raises(ValidationError) as refused:
        services.record_assessment(actor=None, patient=patient, now=NOW, **{**usual, **fields})
    assert list(refused.value.message_dict) == [at_fault]
    assert not Assessment.objects.exists()
    patient.refresh_from_db()
    assert patient.record_version == 1


def test_an_unknown_instrument_is_refused() -> None:
    with pytest.raises(ValueError, match="pcl5"):
        services.record_assessment(
            actor=None, patient=make_patient(), now=NOW, instrument="pcl4", form="month", completed_on=DAY, answers=[]
        )


def test_one_current_form_of_a_kind_per_day() -> None:
    patient = make_patient()
    form = make_pcl5(patient, DAY, 40)
    make_pcl5(patient, DAY, 44, form="week")
    with pytest.raises(ValidationError, match="already a form of this kind"):
        make_pcl5(patient, DAY, 41)
    form.pk, form.public_id = None, "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        form.save(force_insert=True)


def test_a_correction_replaces_and_keeps_its_place_in_the_order_of_entry() -> None:
    patient, user = make_patient(), make_user()
    first = make_pcl5(patient, DAY, 40)
    later = make_pcl5(patient, DAY, 44, form="week")
    corrected = services.correct_assessment(
        actor=user, assessment=first, now=NOW, reason="Item 3 misread", answers=answers_of(38)
    )
    again = services.correct_assessment(
        actor=user, assessment=corrected, now=NOW, reason="Day misread", completed_on=DAY - timedelta(days=1)
    )
    assert (again.total, again.replaces, again.first_version) == (38, corrected, first)
    assert list(Assessment.objects.current().in_reading_order()) == [again, later]
    first.refresh_from_db()
    assert (first.replaced, first.total) == (True, 40)
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.detail) == ("correct assessment", {"reason": "Day misread"})


def test_only_the_current_version_is_corrected_or_voided() -> None:
    form = make_pcl5(make_patient(), DAY, 40)
    newest = services.correct_assessment(actor=None, assessment=form, now=NOW, reason="Misread", answers=answers_of(38))
    with pytest.raises(StaleEditError) as stale:
        services.correct_assessment(actor=None, assessment=form, now=NOW, reason="Again", answers=answers_of(37))
    assert stale.value.current == newest
    with pytest.raises(ValidationError, match="latest version"):
        services.move_assessment(actor=None, assessment=form, to_patient=make_patient(), now=NOW, reason="Again")
    with pytest.raises(ValidationError, match="latest version"):
        services.void_assessment(actor=None, assessment=form, reason="Again", now=NOW)
    with pytest.raises(ValidationError, match="Say why"):
        services.correct_assessment(actor=None, assessment=form, now=NOW, reason=" ")
    assert Assessment.objects.current().get().total == 38


def test_a_voided_form_and_one_at_another_patient_are_not_corrected_here() -> None:
    voided, moved = make_pcl5(make_patient(), DAY, 40), make_pcl5(make_patient(), DAY, 40)
    services.void_assessment(actor=None, assessment=voided, reason="Another's", now=NOW)
    services.move_assessment(actor=None, assessment=moved, to_patient=make_patient(), now=NOW, reason="Wrong chart")
    for form, said in ((voided, "was voided"), (moved, "moved to another patient")):
        with pytest.raises(ValidationError, match=said):
            services.correct_assessment(actor=None, assessment=form, now=NOW, reason="Late", answers=answers_of(37))
    with pytest.raises(ValidationError, match="at this patient already"):
        services.move_assessment(actor=None, assessment=voided, to_patient=voided.patient, now=NOW, reason="Slip")


def test_a_failed_correction_leaves_the_form_as_it_was() -> None:
    form = make_pcl5(make_patient(), DAY, 40)
    with pytest.raises(ValidationError):
        services.correct_assessment(actor=None, assessment=form, now=NOW, reason="Misread", answers=[9] * 20)
    assert Assessment.objects.current().get().total == 40


def test_a_form_moves_to_the_right_patient_and_leaves_the_index_event_behind() -> None:
    patient, other = make_patient(), make_patient()
    event = IndexEvent.objects.create(patient=patient, description="A crash")
    form = make_pcl5(patient, DAY, 40, index_event=event)
    moved = services.move_assessment(actor=None, assessment=form, to_patient=other, now=NOW, reason="Wrong chart")
    assert (moved.patient, moved.index_event, moved.total) == (other, None, 40)
    assert list(Assessment.objects.current()) == [moved]
    for who, version in ((patient, 3), (other, 2)):
        who.refresh_from_db()
        assert who.record_version == version
    assert set(AuditEvent.objects.filter(action="correct assessment").values_list("patient_id", flat=True)) == {
        patient.pk,
        other.pk,
    }


def test_an_index_event_is_the_patients_own() -> None:
    event = IndexEvent.objects.create(patient=make_patient(), description="A crash")
    with pytest.raises(ValidationError, match="another patient"):
        make_pcl5(make_patient(), DAY, 40, index_event=event)


def test_a_voided_form_makes_room_and_stays_readable() -> None:
    patient, user = make_patient(), make_user()
    form = make_pcl5(patient, DAY, 40)
    services.void_assessment(actor=user, assessment=form, reason="Another's handwriting", now=NOW)
    again = make_pcl5(patient, DAY, 41)
    assert list(Assessment.objects.current()) == [again]
    form.refresh_from_db()
    assert (form.void_reason, form.voided_by, form.voided_at) == ("Another's handwriting", user, NOW)
    assert str(form) == "pcl5 month of 2025-03-03"
