"""Pages of letters: read before it is made, made once, kept as it was, open to few, noted, inert."""

import hashlib
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from builders import (
    NOW,
    make_course,
    make_letter,
    make_patient,
    make_pcl5,
    make_treated_patient,
    make_user,
)
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from letter_forms import RECIPIENT, TEXT, address, clinician, letter_of_page, make, making, preview, typed

from clinic.audit.models import AuditEvent
from clinic.letters import triggers
from clinic.letters.models import Letter
from clinic.outcomes.models import CriteriaVersion, PatientOutcomeState
from clinic.policy import ALLOWED, Action, Role
from infusions.models import AdverseEvent, Infusion
from patients.models import Patient
from patients.services import update_patient

pytestmark = pytest.mark.django_db


def letters_page(client: Client, patient: Patient) -> str:
    return client.get(reverse("letters:letters", args=[patient.public_id])).content.decode()


class TestMaking:
    def test_the_form_begins_with_the_latest_course_and_everything_in(self) -> None:
        patient = make_treated_patient()
        second = make_course(patient, 2)
        form = clinician().get(address(patient)).context["form"]
        assert form.fields["course"].initial == second.public_id
        assert form.fields["parts"].initial == ["status", "pcl5", "infusions", "adverse_events"]
        assert form["text"].value() is None, "nothing is proposed"

    def test_a_preview_makes_nothing_and_keeps_what_was_typed(self) -> None:
        patient = make_treated_patient()
        response, sent = preview(clinician(), patient)
        page = response.content.decode()
        assert not Letter.objects.exists()
        assert TEXT.splitlines()[-1] in page.split("<textarea")[2]
        assert 'name="make"' in page
        assert sent["seen"]

    def test_no_letter_without_its_preview(self) -> None:
        client, patient = clinician(), make_treated_patient()
        response = client.post(address(patient), typed(client, patient, make="yes"))
        assert response.status_code == 409
        assert 'id="letter"' in response.content.decode()
        assert not Letter.objects.exists()

    def test_the_answer_is_the_pdf_as_download(self) -> None:
        client, patient = clinician(), make_treated_patient()
        made = client.post(address(patient), preview(client, patient)[1])
        assert made.status_code == 303
        response = client.get(made["Location"])
        letter = Letter.objects.get()
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == f'attachment; filename="tidemark-letter-{letter.public_id}.pdf"'
        assert response.content == bytes(letter.pdf)
        assert response.content.startswith(b"%PDF-")
        assert hashlib.sha256(response.content).hexdigest() == letter.sha256

    def test_it_is_kept_with_what_it_rests_on(self) -> None:
        client, patient = clinician(), make_treated_patient()
        letter = make(client, patient)
        patient.refresh_from_db()
        assert (letter.patient, letter.recipient, letter.course_number) == (patient, RECIPIENT, 1)
        assert (letter.record_version, letter.criteria_version) == (patient.record_version, 1)
        assert letter.author_name == "Lena Marchetti"
        assert letter.included == ["status", "pcl5", "infusions", "adverse_events"]

    def test_a_double_click_makes_one_letter(self) -> None:
        client, patient = clinician(), make_treated_patient()
        _, sent = preview(client, patient)
        first, second = client.post(address(patient), sent), client.post(address(patient), sent)
        assert (first.status_code, second.status_code) == (303, 303)
        assert first["Location"] == second["Location"]
        assert Letter.objects.count() == 1
        assert AuditEvent.objects.filter(action="make letter").count() == 1

    def test_a_second_click_after_the_record_changed_gets_the_letter_that_was_made(self) -> None:
        client, patient = clinician(), make_treated_patient()
        _, sent = preview(client, patient)
        first = client.post(address(patient), sent)
        make_pcl5(patient, date(2025, 5, 1), 12)
        assert client.post(address(patient), sent)["Location"] == first["Location"]
        assert Letter.objects.count() == 1

    def test_each_preview_makes_a_letter_of_its_own(self) -> None:
        client, patient = clinician(), make_treated_patient()
        make(client, patient)
        make(client, patient, text="Another one.")
        assert Letter.objects.count() == 2


def another_reading(patient: Patient) -> None:
    make_pcl5(patient, date(2025, 5, 1), 12)


def another_event(patient: Patient) -> None:
    infusion = Infusion.objects.filter(course__patient=patient).order_by("id")[0]
    AdverseEvent.objects.create(infusion=infusion, term="Nausea", ctcae_grade=1, started_at=infusion.started_at)


def another_name(patient: Patient) -> None:
    update_patient(actor=None, patient=patient, version=1, given_name="Marianne")


def other_criteria(patient: Patient) -> None:
    before = CriteriaVersion.objects.latest("number")
    CriteriaVersion.objects.create(
        number=2, preset="NYS-12/33", values=before.values | {"response_points": 12}, reason="x", adopted_at=NOW
    )


class TestChangeBetween:
    @pytest.mark.parametrize("change", [another_reading, another_event, another_name, other_criteria])
    def test_a_changed_record_is_told_and_read_again(self, change: Any) -> None:
        client, patient = clinician(), make_treated_patient()
        before, sent = preview(client, patient)
        change(patient)
        response = client.post(address(patient), sent)
        assert response.status_code == 409
        assert "The record changed after the preview." in response.content.decode()
        assert letter_of_page(response) != letter_of_page(before)
        assert not Letter.objects.exists()
        assert TEXT.splitlines()[-1] in response.content.decode().split("<textarea")[2]
        assert client.post(address(patient), making(sent, response)).status_code == 303
        assert Letter.objects.count() == 1

    def test_what_is_not_in_the_letter_changes_nothing_but_the_record_does(self) -> None:
        client, patient = clinician(), make_treated_patient()
        _, sent = preview(client, patient, parts=[])
        make_pcl5(patient, date(2025, 5, 1), 12)
        assert client.post(address(patient), sent).status_code == 409

    def test_a_text_changed_after_the_preview_is_read_again(self) -> None:
        client, patient = clinician(), make_treated_patient()
        _, sent = preview(client, patient)
        response = client.post(address(patient), {**sent, "text": "Something else."})
        assert response.status_code == 409
        assert "You changed the letter after its preview." in response.content.decode()
        assert "Something else." in letter_of_page(response)
        assert not Letter.objects.exists()

    def test_a_change_while_the_pdf_is_drawn_is_noticed(self) -> None:
        client, patient = clinician(), make_treated_patient()
        _, sent = preview(client, patient)

        def draw(content: Any) -> bytes:
            another_reading(patient)
            return b"%PDF"

        with patch("clinic.letters.pdf.letter_pdf", draw):
            assert client.post(address(patient), sent).status_code == 409
        assert not Letter.objects.exists()

    def test_outcomes_that_wait_are_said_and_no_letter_is_made(self) -> None:
        client, patient = clinician(), make_treated_patient()
        with patch("clinic.pages.freshness.has_workers", return_value=True):
            response, sent = preview(client, patient)
            assert "Not up to date: Not computed yet." in letter_of_page(response)
            assert 'name="make"' not in response.content.decode()
            answer = client.post(address(patient), sent)
            assert answer.status_code == 409
            assert "The outcomes are not up to date: Not computed yet." in answer.content.decode()
        assert not Letter.objects.exists()

    def test_outcomes_that_failed_make_no_letter(self) -> None:
        client, patient = clinician(), make_treated_patient()
        preview(client, patient)
        PatientOutcomeState.objects.update(failed_reason="KeyError")
        response, sent = preview(client, patient)
        assert "KeyError" in letter_of_page(response)
        assert client.post(address(patient), sent).status_code == 409
        assert not Letter.objects.exists()

    def test_outcomes_are_computed_first_where_nobody_else_does(self) -> None:
        client, patient = clinician(), make_treated_patient(54, 35)
        assert not PatientOutcomeState.objects.filter(patient=patient, computed_at__isnull=False).exists()
        response, _ = preview(client, patient)
        assert "54 → 35" in letter_of_page(response)


class TestKept:
    def test_the_list_says_who_when_and_to_whom(self) -> None:
        client, patient = clinician(), make_treated_patient()
        assert "No letter yet" in letters_page(client, patient)
        letter = make(client, patient)
        page = letters_page(client, patient)
        assert "Lena Marchetti" in page
        assert "Dr Ruth Ames" in page
        assert reverse("letters:letter", args=[patient.public_id, letter.public_id]) in page
        assert letter.sha256[:12] in page

    def test_a_colleague_opens_exactly_what_was_made_whatever_changed_since(self) -> None:
        patient = make_treated_patient()
        letter = make(clinician(), patient)
        another_name(patient)
        another_reading(patient)
        opened = clinician().get(reverse("letters:letter", args=[patient.public_id, letter.public_id]))
        assert hashlib.sha256(opened.content).hexdigest() == letter.sha256

    def test_making_and_each_download_are_events_of_the_patient(self) -> None:
        client, patient = clinician(), make_treated_patient()
        letter = make(client, patient)
        for _ in range(2):
            client.get(reverse("letters:letter", args=[patient.public_id, letter.public_id]))
        events = AuditEvent.objects.filter(record_type="letters.letter").order_by("id")
        assert [event.action for event in events] == ["make letter", "download letter", "download letter"]
        assert {(event.patient_id, event.record_id) for event in events} == {(patient.pk, letter.pk)}
        assert events[0].detail == {"course": 1, "included": letter.included, "sha256": letter.sha256}

    def test_many_letters_cost_as_many_queries_as_one(self) -> None:
        client, patient, author = clinician(), make_treated_patient(), make_user(Role.CLINICIAN)
        make_letter(patient, author)
        letters_page(client, patient)  # outcomes are computed, and the look is noted
        one = count_of(client, patient)
        for _ in range(20):
            make_letter(patient, author)
        assert count_of(client, patient) == one

    @pytest.mark.parametrize(
        "statement", [f"UPDATE {triggers.TABLE} SET recipient = 'x'", f"DELETE FROM {triggers.TABLE}"]
    )
    def test_no_hand_changes_a_letter(self, statement: str) -> None:
        letter = make_letter(make_patient(), make_user(Role.CLINICIAN))
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        for change in (letter.save, letter.delete):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                change()
        assert Letter.objects.get().recipient == "Dr Ruth Ames"

    def test_no_hand_empties_the_table(self) -> None:
        why = "append-only" if connection.vendor == "postgresql" else "syntax error"  # SQLite has no TRUNCATE
        with pytest.raises(DatabaseError, match=why), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {triggers.TABLE}")


def count_of(client: Client, patient: Patient) -> int:
    with CaptureQueriesContext(connection) as queries:
        letters_page(client, patient)
    return len(queries)


class TestWho:
    def test_letters_are_for_clinician_and_director(self) -> None:
        allowed = {role for role, actions in ALLOWED.items() if Action.LETTER_WRITE in actions}
        assert allowed == {Role.CLINICIAN, Role.MEDICAL_DIRECTOR}

    def test_a_letter_of_another_patient_is_not_found(self) -> None:
        client, mine, other = clinician(), make_treated_patient(), make_treated_patient()
        letter = make(client, other)
        events = AuditEvent.objects.filter(action="download letter").count()
        assert client.get(reverse("letters:letter", args=[mine.public_id, letter.public_id])).status_code == 404
        assert AuditEvent.objects.filter(action="download letter").count() == events

    def test_a_course_of_another_patient_is_refused(self) -> None:
        client, mine, other = clinician(), make_treated_patient(), make_treated_patient()
        theirs = make_course(other, 2)
        response = client.post(address(mine), typed(client, mine, course=theirs.public_id))
        assert response.status_code == 422
        assert response.context["form"].errors["course"]

    def test_extra_fields_are_nothing(self) -> None:
        client, patient, other = clinician(), make_treated_patient(), make_treated_patient()
        _, sent = preview(client, patient)
        more = {"patient": other.pk, "author": 1, "sha256": "0", "pdf": "x", "course_number": 9}
        response = client.post(address(patient), {**sent, **more})
        assert response.status_code == 303
        letter = Letter.objects.get()
        assert (letter.patient_id, letter.course_number) == (patient.pk, 1)

    def test_the_way_there_stands_on_the_patients_page(self) -> None:
        patient = make_treated_patient()
        page = clinician().get(reverse("pages:patient", args=[patient.public_id])).content.decode()
        assert f'href="{address(patient)}"' in page
        assert f'href="{reverse("letters:letters", args=[patient.public_id])}"' in page
        intake = Client()
        intake.force_login(make_user(Role.INTAKE))
        page = intake.get(reverse("pages:patient", args=[patient.public_id])).content.decode()
        assert "letters/" not in page
