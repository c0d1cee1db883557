"""Registering, finding and editing patients; their history; the one way to a patient."""

from datetime import date
from typing import Any

import pytest
from builders import NOW, make_patient, make_user
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404

from clinic.audit.models import AuditEvent
from clinic.policy import Action, Role
from clinic.versions import StaleEditError
from patients.models import Consent, CriterionA, IndexEvent, Patient, PriorTreatment, PsychotherapyEpisode, YesNo
from patients.search import search_key
from patients.selectors import patient_for
from patients.services import (
    add_to_history,
    amend_history,
    announce_change,
    update_patient,
    void_history,
    withdraw_consent,
)
from patients.signals import record_changed


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("  Łucja   ÅNGSTRÖM ", "lucja angstrom"),
        ("Groß", "gross"),
        ("GROSS", "gross"),
        ("Søren Æbelø", "soren aebelo"),
        ("O’Neil-Díaz", "o’neil-diaz"),
        ("ﬁne", "fine"),
        ("İnci", "inci"),
        ("محمد", "محمد"),
        ("🙂", "🙂"),
        ("", ""),
    ],
)
def test_search_keys_ignore_case_accents_and_blanks(typed: str, key: str) -> None:
    assert search_key(typed) == key


@pytest.mark.django_db
class TestPatient:
    def test_registering_sets_keys_and_writes_the_audit_trail(self) -> None:
        patient = make_patient(given_name="José", family_name="Núñez", mrn="Ab-1")
        assert (patient.given_name_key, patient.family_name_key, patient.mrn_key) == ("jose", "nunez", "ab-1")
        assert (patient.gender, patient.race_ethnicity, patient.criterion_a) == ("not_recorded",) * 3
        assert len(patient.public_id) == 22
        event = AuditEvent.objects.get(action="register patient")
        assert (event.patient_id, event.record_id) == (patient.pk, patient.pk)

    @pytest.mark.parametrize(
        ("fields", "at_fault"),
        [
            ({"mrn": ""}, "mrn"),
            ({"mrn": "x" * 65}, "mrn"),
            ({"date_of_birth": None}, "date_of_birth"),
            ({"gender": "unknown"}, "gender"),
            ({"race_ethnicity": "martian"}, "race_ethnicity"),
            ({"email": "nobody"}, "email"),
            ({"died_on": date(1980, 1, 1)}, "__all__"),
        ],
    )
    def test_bad_values_are_told_by_field(self, fields: dict[str, Any], at_fault: str) -> None:
        with pytest.raises(ValidationError) as refused:
            make_patient(**fields)
        assert list(refused.value.message_dict) == [at_fault]
        assert not Patient.objects.exists()

    def test_a_record_number_is_used_once(self) -> None:
        make_patient(mrn="TM-1")
        with pytest.raises(ValidationError) as refused:
            make_patient(mrn="TM-1")
        assert "mrn" in refused.value.message_dict

    @pytest.mark.parametrize("fields", [{"gender": "unknown"}, {"mrn": ""}, {"criterion_a": "perhaps"}])
    def test_the_database_refuses_what_bulk_writes_would_let_through(self, fields: dict[str, str]) -> None:
        patient = make_patient()
        with pytest.raises(IntegrityError), transaction.atomic():
            Patient.objects.filter(pk=patient.pk).update(**fields)

    def test_an_edit_keeps_old_and_new_values(self) -> None:
        patient, user = make_patient(), make_user()
        edited = update_patient(actor=user, patient=patient, version=1, given_name="Marén", phone="555 0101")
        assert (edited.given_name_key, edited.version) == ("maren", 2)
        event = AuditEvent.objects.get(action="update patient")
        assert event.detail["changes"] == {"given_name": ["Maren", "Marén"], "phone": ["", "555 0101"]}

    def test_a_stale_edit_changes_nothing_and_shows_what_is_there(self) -> None:
        patient = make_patient()
        update_patient(actor=None, patient=patient, version=1, phone="1")
        with pytest.raises(StaleEditError) as refused:
            update_patient(actor=None, patient=patient, version=1, phone="2")
        assert refused.value.current.phone == "1"
        patient.refresh_from_db()
        assert patient.phone == "1"

    def test_only_inputs_of_the_outcomes_are_announced(self) -> None:
        patient = make_patient()
        before = patient.record_version
        update_patient(actor=None, patient=patient, version=1, phone="1")
        patient.refresh_from_db()
        assert patient.record_version == before
        update_patient(actor=None, patient=patient, version=2, criterion_a=CriterionA.NOT_MET)
        patient.refresh_from_db()
        assert patient.record_version == before + 1

    @pytest.mark.parametrize("name", ["id", "public_id", "record_version", "mrn_key"])
    def test_what_the_record_sets_itself_cannot_be_edited(self, name: str) -> None:
        patient = make_patient()
        with pytest.raises(ValueError, match=f"Not editable: {name}"):
            update_patient(actor=None, patient=patient, version=1, **{name: 7})


@pytest.mark.django_db
class TestAnnouncing:
    def test_news_is_sent_once_after_the_commit(self, django_capture_on_commit_callbacks: Any) -> None:
        patient, heard = make_patient(), []

        def listen(**news: Any) -> None:
            heard.append(news["patient_ids"])

        record_changed.connect(listen)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                announce_change([patient.pk, patient.pk])
                assert heard == []
        finally:
            record_changed.disconnect(listen)
        assert heard == [frozenset({patient.pk})]


@pytest.mark.django_db
class TestHistory:
    def test_entries_are_added_amended_and_voided_with_a_reason(self) -> None:
        patient, user = make_patient(), make_user()
        entry = add_to_history(
            actor=user, entry=PriorTreatment(patient=patient, treatment="Sertraline", dose="200 mg", weeks=12)
        )
        assert (entry.adequate_trial, entry.outcome, entry.entered_by) == ("not_recorded", "not_recorded", user)
        amend_history(
            actor=user,
            entry=entry,
            version=1,
            reason="Records arrived",
            adequate_trial=YesNo.YES,
            outcome=PriorTreatment.Outcome.NONE,
        )
        void_history(actor=user, entry=entry, reason="Another patient's", now=NOW)
        entry.refresh_from_db()
        assert (entry.voided_by, entry.void_reason, entry.outcome) == (user, "Another patient's", "none")
        assert list(PriorTreatment.objects.not_voided()) == []
        actions = [event.action for event in AuditEvent.objects.filter(patient_id=patient.pk).order_by("id")]
        assert actions[1:] == ["add prior treatment", "amend prior treatment", "void prior treatment"]

    def test_a_void_or_an_amendment_needs_a_reason_and_voids_happen_once(self) -> None:
        entry = add_to_history(actor=None, entry=IndexEvent(patient=make_patient(), description="A crash"))
        for refused in (
            lambda: void_history(actor=None, entry=entry, reason=" ", now=NOW),
            lambda: amend_history(actor=None, entry=entry, version=1, reason="", description="A fire"),
        ):
            with pytest.raises(ValidationError, match="Say why"):
                refused()
        void_history(actor=None, entry=entry, reason="Twice", now=NOW)
        with pytest.raises(ValidationError, match="already"):
            void_history(actor=None, entry=entry, reason="Twice", now=NOW)

    def test_off_label_consent_is_its_own_kind_and_can_be_withdrawn(self) -> None:
        consent = Consent(patient=make_patient(), kind=Consent.Kind.OFF_LABEL_KETAMINE, signed_on=date(2025, 1, 2))
        add_to_history(actor=None, entry=consent)
        withdraw_consent(actor=None, consent=consent, version=1, withdrawn_on=date(2025, 2, 3), reason="By phone")
        consent.refresh_from_db()
        assert consent.withdrawn_on == date(2025, 2, 3)
        with pytest.raises(ValidationError):
            withdraw_consent(actor=None, consent=consent, version=2, withdrawn_on=date(2024, 2, 3), reason="By phone")

    def test_therapy_cannot_end_before_it_starts(self) -> None:
        episode = PsychotherapyEpisode(
            patient=make_patient(), modality="EMDR", started_on=date(2025, 2, 1), ended_on=date(2025, 1, 1)
        )
        with pytest.raises(ValidationError):
            add_to_history(actor=None, entry=episode)


@pytest.mark.django_db
class TestTheOneWayToAPatient:
    def test_clinical_staff_find_every_patient(self) -> None:
        patient = make_patient()
        for role in (Role.INTAKE, Role.CLINICIAN, Role.MEDICAL_DIRECTOR):
            assert patient_for(make_user(role), patient.public_id) == patient

    def test_who_may_not_see_patients_gets_404_and_leaves_a_trace_before_anything_is_loaded(
        self, django_assert_num_queries: Any
    ) -> None:
        patient, user = make_patient(), make_user(Role.ADMINISTRATOR)
        with django_assert_num_queries(2), pytest.raises(Http404):
            patient_for(user, patient.public_id)
        event = AuditEvent.objects.get(allowed=False)
        assert (event.actor_id, event.action) == (user.pk, "denied patient.view")
        assert event.detail == {"public_id": patient.public_id}

    def test_intake_may_not_reach_a_patient_to_record_an_infusion(self) -> None:
        with pytest.raises(Http404):
            patient_for(make_user(Role.INTAKE), make_patient().public_id, Action.INFUSION_RECORD)

    def test_an_unknown_address_is_404(self) -> None:
        with pytest.raises(Http404):
            patient_for(make_user(Role.CLINICIAN), "nobody")
