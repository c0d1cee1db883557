"""Pages on which a patient is registered and edited."""

from datetime import date
from html import escape
from typing import Any
from uuid import uuid4

import pytest
from bad_input import NUL, assert_refused, bad_cases, odd_text
from builders import make_patient, make_user
from django.test import Client
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.policy import Role
from patients.forms.demographics import MRN_TAKEN, NewPatientForm
from patients.models import (
    CriterionA,
    Patient,
)
from patients.services import update_patient

pytestmark = pytest.mark.django_db

NEW = "/patients/new/"
PATIENT = {
    "given_name": "Odalys",
    "family_name": "Brightwater",
    "mrn": "TM-20431",
    "date_of_birth": "1990-02-11",
    "phone": "+1-555-0100",
    "email": "odalys@example.org",
    "address": "12 Quay\nPortland",
    "gender": "female",
    "race_ethnicity": "hispanic",
    "allergies": "none known",
    "criterion_a": "met",
    "psychotherapy_at_intake": "yes",
    "psychiatric_medications_at_intake": "2",
}
PATIENT_KINDS = {
    "given_name": "text",
    "family_name": "text",
    "mrn": "text",
    "date_of_birth": "day",
    "phone": "text",
    "email": "email",
    "address": "note",
    "gender": "choice",
    "race_ethnicity": "choice",
    "allergies": "note",
    "criterion_a": "choice",
    "psychotherapy_at_intake": "choice",
    "psychiatric_medications_at_intake": "whole number",
}


def signed_in(role: Role = Role.CLINICIAN) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


def keyed(fields: dict[str, str], **more: str) -> dict[str, str]:
    return {**fields, "idempotency_key": str(uuid4()), **more}


def address(name: str, patient: Patient, *parts: str) -> str:
    return reverse(f"patients:{name}", args=[patient.public_id, *parts])


def rows() -> list[Any]:
    return list(Patient.objects.order_by("pk").values())


class TestRegistering:
    def test_what_is_typed_is_saved_and_her_page_opens(self) -> None:
        response = signed_in().post(NEW, keyed(PATIENT))
        patient = Patient.objects.get()
        assert (response.status_code, response["Location"]) == (303, reverse("pages:patient", args=[patient.public_id]))
        saved = {name: getattr(patient, name) for name in PATIENT}
        assert saved == {
            **PATIENT,
            "date_of_birth": date(1990, 2, 11),
            "address": "12 Quay\nPortland",
            "psychiatric_medications_at_intake": 2,
        }
        assert patient.active
        assert AuditEvent.objects.get(action="register patient").patient_id == patient.pk

    def test_intake_registers_without_criterion_a(self) -> None:
        client = signed_in(Role.INTAKE)
        assert "criterion_a" not in client.get(NEW).content.decode()
        assert client.post(NEW, keyed(PATIENT)).status_code == 303
        assert Patient.objects.get().criterion_a == CriterionA.NOT_RECORDED

    def test_what_is_left_blank_is_not_recorded(self) -> None:
        few = {name: PATIENT[name] for name in ("given_name", "family_name", "mrn", "date_of_birth")}
        assert signed_in().post(NEW, keyed(few)).status_code == 303
        patient = Patient.objects.get()
        assert (patient.gender, patient.race_ethnicity, patient.psychotherapy_at_intake) == ("not_recorded",) * 3
        assert patient.psychiatric_medications_at_intake is None

    @pytest.mark.parametrize(
        ("role", "status"),
        [(Role.INTAKE, 200), (Role.CLINICIAN, 200), (Role.MEDICAL_DIRECTOR, 200), (Role.ADMINISTRATOR, 403)],
    )
    def test_who_may_open_it(self, role: Role, status: int) -> None:
        assert signed_in(role).get(NEW).status_code == status

    @pytest.mark.parametrize("missing", ["given_name", "family_name", "mrn", "date_of_birth"])
    def test_what_must_be_there(self, missing: str) -> None:
        response = signed_in().post(NEW, keyed({**PATIENT, missing: ""}))
        assert response.status_code == 422
        assert response.context["form"].errors[missing][0].startswith("Enter the ")
        assert not Patient.objects.exists()

    @pytest.mark.parametrize(("field", "raw"), bad_cases(PATIENT_KINDS))
    def test_bad_input_is_refused_beside_its_field_and_kept(self, field: str, raw: str) -> None:
        assert_refused(signed_in().post(NEW, keyed({**PATIENT, field: raw})), field, raw)
        assert not Patient.objects.exists()

    @pytest.mark.parametrize(("name", "raw"), odd_text())
    def test_odd_text_is_kept_as_typed_and_shown_inert(self, name: str, raw: str) -> None:
        client, odd = (
            signed_in(),
            dict.fromkeys(("given_name", "family_name", "address", "allergies", "phone", "mrn"), raw),
        )
        odd["phone"] = raw[:40].strip()
        assert client.post(NEW, keyed({**PATIENT, **odd})).status_code == 303, name
        patient = Patient.objects.get()
        assert {field: getattr(patient, field) for field in odd} == odd
        page = client.get(address("edit", patient)).content.decode()
        assert page.count(escape(raw)) >= len(odd) - 1
        assert raw not in page or escape(raw) == raw

    @pytest.mark.parametrize("born", ["2026-11-22", "2999-01-01"])
    def test_nobody_is_born_tomorrow(self, born: str, time_machine: Any) -> None:
        time_machine.move_to("2026-11-21T15:00:00Z", tick=False)
        response = signed_in().post(NEW, keyed({**PATIENT, "date_of_birth": born}))
        assert "in the future" in response.context["form"].errors["date_of_birth"][0]

    def test_a_second_click_registers_nobody_twice(self) -> None:
        client, form = signed_in(), keyed(PATIENT)
        assert [client.post(NEW, form).status_code for _ in range(2)] == [303, 303]
        assert Patient.objects.count() == 1

    @pytest.mark.parametrize("mrn", ["TM-20431", " tm-20431 ", "Tm-20431"])
    def test_an_mrn_in_use_says_so_and_nothing_of_the_other_patient(self, mrn: str) -> None:
        make_patient(mrn="TM-20431", given_name="Secretia", family_name="Hidden")
        response = signed_in().post(NEW, keyed({**PATIENT, "mrn": mrn}))
        assert_refused(response, "mrn", mrn)
        page = response.content.decode()
        assert MRN_TAKEN in page
        assert "Secretia" not in page
        assert "Hidden" not in page

    def test_the_database_has_the_last_word_on_an_mrn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two people register one number in the same second: both forms found it free."""
        make_patient(mrn="TM-20431")
        monkeypatch.setattr(NewPatientForm, "compare_with_others", lambda form: None)
        monkeypatch.setattr(Patient, "full_clean", lambda patient: None)
        response = signed_in().post(NEW, keyed(PATIENT))
        assert_refused(response, "mrn", "TM-20431")
        assert Patient.objects.count() == 1


class TestPossibleDuplicates:
    def ask(self, client: Client, **more: str) -> Any:
        return client.post(NEW, keyed(PATIENT, family_name="BRIGHTWÁTER", **more))

    def test_the_same_birth_date_and_family_name_is_asked_about(self) -> None:
        other = make_patient(family_name="Brightwater", given_name="Odette", date_of_birth=date(1990, 2, 11))
        response = self.ask(signed_in())
        page = response.content.decode()
        assert response.status_code == 422
        assert "Odette Brightwater" in page
        assert reverse("pages:patient", args=[other.public_id]) in page
        assert 'name="somebody_else"' in page
        assert Patient.objects.count() == 1
        assert AuditEvent.objects.get(action="list possible duplicates").detail == {"patient_ids": [other.pk]}

    def test_somebody_else_is_registered(self) -> None:
        make_patient(family_name="Brightwater", date_of_birth=date(1990, 2, 11))
        assert self.ask(signed_in(), somebody_else="on").status_code == 303
        assert Patient.objects.count() == 2

    def test_another_birth_date_or_name_is_not_asked_about(self) -> None:
        make_patient(family_name="Brightwater", date_of_birth=date(1990, 2, 12))
        make_patient(family_name="Brightwaters", date_of_birth=date(1990, 2, 11))
        client = signed_in()
        assert 'name="somebody_else"' not in client.get(NEW).content.decode()
        assert self.ask(client).status_code == 303


class TestEditing:
    def form_of(self, patient: Patient, **fields: str) -> dict[str, str]:
        return {**PATIENT, "active": "True", "died_on": "", "version": str(patient.version), **fields}

    def test_changes_are_saved_with_old_and_new_in_the_audit_trail(self) -> None:
        patient = make_patient(phone="1")
        form = self.form_of(patient, active="False", died_on="2026-03-01")
        assert signed_in().post(address("edit", patient), form).status_code == 303
        patient.refresh_from_db()
        assert (patient.family_name, patient.family_name_key, patient.active) == ("Brightwater", "brightwater", False)
        assert (patient.died_on, patient.version) == (date(2026, 3, 1), 2)
        changed = AuditEvent.objects.get(action="update patient").detail["changes"]
        assert changed["phone"] == ["1", "+1-555-0100"]
        assert changed["active"] == [True, False]

    def test_the_form_shows_what_is_saved(self) -> None:
        patient = make_patient(allergies="latex", gender="nonbinary", active=False)
        page = signed_in().get(address("edit", patient)).content.decode()
        for shown in ("latex", '<option value="nonbinary" selected>', '<option value="False" selected>', "1984-08-03"):
            assert shown in page

    def test_saving_nothing_new_changes_nothing(self) -> None:
        patient = make_patient(
            **{**PATIENT, "date_of_birth": date(1990, 2, 11), "psychiatric_medications_at_intake": 2}
        )
        before = rows()
        assert signed_in().post(address("edit", patient), self.form_of(patient)).status_code == 303
        assert rows() == before

    def test_intake_neither_sees_nor_changes_criterion_a(self) -> None:
        patient = make_patient(criterion_a=CriterionA.MET)
        client = signed_in(Role.INTAKE)
        assert "criterion" not in client.get(address("edit", patient)).content.decode().lower()
        form = self.form_of(patient, criterion_a="not_met")
        assert client.post(address("edit", patient), form).status_code == 303
        patient.refresh_from_db()
        assert (patient.criterion_a, patient.given_name) == (CriterionA.MET, "Odalys")

    def test_a_stale_form_is_shown_with_both_texts(self) -> None:
        patient = make_patient(phone="111")
        form = self.form_of(patient, phone="333")
        update_patient(actor=None, patient=patient, version=1, phone="222")
        client = signed_in()
        response = client.post(address("edit", patient), form)
        page = response.content.decode()
        assert response.status_code == 409
        assert '<td class="tm-pre">333</td>' in page
        assert '<td class="tm-pre">222</td>' in page
        patient.refresh_from_db()
        assert patient.phone == "222"
        assert client.post(address("edit", patient), {**form, "version": "2"}).status_code == 303

    @pytest.mark.parametrize(
        ("field", "raw"),
        [*bad_cases({"died_on": "day", "active": "choice"}), *((field, NUL) for field in PATIENT_KINDS)],
    )
    def test_bad_input_is_refused_beside_its_field_and_kept(self, field: str, raw: str) -> None:
        patient = make_patient()
        before = rows()
        response = signed_in().post(address("edit", patient), self.form_of(patient, **{field: raw}))
        assert_refused(response, field, raw)
        assert rows() == before

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "\x00"])
    def test_a_bad_version_saves_nothing(self, version: str) -> None:
        patient = make_patient()
        response = signed_in().post(address("edit", patient), self.form_of(patient, version=version))
        assert response.status_code in {409, 422}
        patient.refresh_from_db()
        assert patient.version == 1

    def test_nobody_dies_before_she_is_born(self) -> None:
        patient = make_patient()
        response = signed_in().post(address("edit", patient), self.form_of(patient, died_on="1990-02-10"))
        assert_refused(response, "died_on", "1990-02-10")

    def test_her_own_mrn_may_stay_and_another_one_may_not_be_taken(self) -> None:
        patient, _ = make_patient(mrn="A-1"), make_patient(mrn="B-2", family_name="Hidden")
        client = signed_in()
        assert client.post(address("edit", patient), self.form_of(patient, mrn="a-1")).status_code == 303
        response = client.post(address("edit", patient), self.form_of(patient, mrn="b-2", version="2"))
        assert_refused(response, "mrn", "b-2")
        assert "Hidden" not in response.content.decode()
