"""Pages on which a patient's history and consents are kept."""

from collections.abc import Callable
from datetime import date
from html import escape
from typing import Any
from uuid import uuid4

import pytest
from bad_input import assert_refused, bad_cases, odd_text
from builders import NOW, make_patient, make_user
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.policy import Role
from patients.forms.history import KINDS
from patients.models import (
    Consent,
    HistoryEntry,
    IndexEvent,
    Patient,
    PriorTreatment,
    PsychiatricMedication,
    PsychotherapyEpisode,
    YesNo,
)
from patients.selectors import failed_adequate_trials
from patients.services import add_to_history, amend_history, void_history

pytestmark = pytest.mark.django_db

ENTRIES: dict[str, dict[str, str]] = {
    "index-event": {"description": "A fire at sea.", "confirmed_on": "2026-01-05"},
    "psychotherapy": {
        "modality": "EMDR",
        "therapist": "P. Sorrel",
        "started_on": "2025-01-05",
        "ended_on": "2025-06-05",
    },
    "medication": {"name": "Lamotrigine", "dose": "100 mg", "started_on": "2024-01-05", "ended_on": ""},
    "prior-treatment": {
        "treatment": "Sertraline",
        "dose": "200 mg",
        "weeks": "12",
        "adequate_trial": "yes",
        "outcome": "none",
    },
}
ENTRY_KINDS = {
    ("index-event", "description"): "note",
    ("index-event", "confirmed_on"): "day",
    ("psychotherapy", "modality"): "text",
    ("psychotherapy", "therapist"): "text",
    ("psychotherapy", "started_on"): "day",
    ("psychotherapy", "ended_on"): "day",
    ("medication", "name"): "text",
    ("medication", "dose"): "text",
    ("medication", "started_on"): "day",
    ("medication", "ended_on"): "day",
    ("prior-treatment", "treatment"): "text",
    ("prior-treatment", "dose"): "text",
    ("prior-treatment", "weeks"): "whole number",
    ("prior-treatment", "adequate_trial"): "choice",
    ("prior-treatment", "outcome"): "choice",
}
CONSENT = {"kind": "treatment", "document_version": "2026-01", "signed_on": "2026-01-05"}
CONSENT_KINDS = {"kind": "choice", "document_version": "text", "signed_on": "day"}


def signed_in(role: Role = Role.CLINICIAN) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


def keyed(fields: dict[str, str], **more: str) -> dict[str, str]:
    return {**fields, "idempotency_key": str(uuid4()), **more}


def address(name: str, patient: Patient, *parts: str) -> str:
    return reverse(f"patients:{name}", args=[patient.public_id, *parts])


def rows() -> list[Any]:
    models = (Patient, Consent, *(kind.model for kind in KINDS.values()))
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def make_entry(patient: Patient, kind: str, **fields: Any) -> HistoryEntry:
    given: dict[str, dict[str, Any]] = {
        "index-event": {"description": "A fire at sea."},
        "psychotherapy": {"modality": "EMDR", "started_on": date(2025, 1, 5)},
        "medication": {"name": "Lamotrigine", "dose": "100 mg"},
        "prior-treatment": {"treatment": "Sertraline"},
    }
    entry = KINDS[kind].model(patient=patient, **{**given[kind], **fields})
    return add_to_history(actor=None, entry=entry)


def make_consent(patient: Patient, **fields: Any) -> Consent:
    given = {"kind": Consent.Kind.TREATMENT, "signed_on": date(2026, 1, 5), **fields}
    return add_to_history(actor=None, entry=Consent(patient=patient, **given))


class TestHistory:
    @pytest.mark.parametrize("kind", KINDS)
    def test_an_entry_is_added_shown_amended_and_voided(self, kind: str) -> None:
        patient, client = make_patient(), signed_in()
        model = KINDS[kind].model
        assert client.post(address("history_new", patient, kind), keyed(ENTRIES[kind])).status_code == 303
        entry = model._default_manager.get()
        assert str(entry.entered_by) == "Lena Marchetti"
        said = next(iter(ENTRIES[kind].values()))
        page = client.get(address("history", patient)).content.decode()
        assert said in page
        assert "Entered by Lena Marchetti" in page

        amended = {**ENTRIES[kind], next(iter(ENTRIES[kind])): "Put right", "reason": "Typed wrong", "version": "1"}
        amend = address("history_amend", patient, kind, entry.public_id)
        assert said in client.get(amend).content.decode()
        assert client.post(amend, amended).status_code == 303
        event = AuditEvent.objects.get(action__startswith="amend")
        assert event.detail["reason"] == "Typed wrong"
        assert event.detail["changes"][next(iter(ENTRIES[kind]))] == [said, "Put right"]

        void = address("history_void", patient, kind, entry.public_id)
        assert "Put right" in client.get(void).content.decode()
        assert client.post(void, {"reason": "Wrong patient"}).status_code == 303
        page = client.get(address("history", patient)).content.decode()
        for shown in ("tm-past__struck", "Put right", "Voided", "Wrong patient", "by Lena Marchetti"):
            assert shown in page
        assert client.get(void).status_code == client.get(amend).status_code == 303

    @pytest.mark.parametrize(("field", "raw"), bad_cases(ENTRY_KINDS))
    def test_bad_input_is_refused_beside_its_field_and_kept(self, field: tuple[str, str], raw: str) -> None:
        patient, (kind, name) = make_patient(), field
        before = rows()
        client = signed_in()
        response = client.post(address("history_new", patient, kind), keyed({**ENTRIES[kind], name: raw}))
        assert_refused(response, name, raw)
        assert rows() == before

    @pytest.mark.parametrize(
        ("kind", "field"), [(kind, name) for kind, name in ENTRY_KINDS if ENTRY_KINDS[kind, name] != "choice"]
    )
    def test_amending_refuses_the_same(self, kind: str, field: str) -> None:
        patient = make_patient()
        entry = make_entry(patient, kind)
        before = rows()
        form = {**ENTRIES[kind], field: "be\x00fore", "reason": "Typed wrong", "version": "1"}
        response = signed_in().post(address("history_amend", patient, kind, entry.public_id), form)
        assert_refused(response, field, "be\x00fore")
        assert rows() == before

    @pytest.mark.parametrize(("name", "raw"), odd_text())
    def test_odd_text_is_kept_as_typed_and_shown_inert(self, name: str, raw: str) -> None:
        patient, client = make_patient(), signed_in()
        form = keyed({"description": raw, "confirmed_on": ""})
        assert client.post(address("history_new", patient, "index-event"), form).status_code == 303, name
        assert IndexEvent.objects.get().description == raw
        page = client.get(address("history", patient)).content.decode()
        assert escape(raw) in page
        assert raw not in page or escape(raw) == raw

    @pytest.mark.parametrize("reason", ["", "   ", "\x00", "x" * 1_000_000])
    @pytest.mark.parametrize("page", ["history_amend", "history_void"])
    def test_a_reason_must_be_given(self, page: str, reason: str) -> None:
        patient = make_patient()
        entry = make_entry(patient, "medication")
        before = rows()
        form = {**ENTRIES["medication"], "version": "1", "reason": reason}
        response = signed_in().post(address(page, patient, "medication", entry.public_id), form)
        assert_refused(response, "reason", reason)
        assert rows() == before

    @pytest.mark.parametrize("kind", ["psychotherapy", "medication"])
    def test_nothing_ends_before_it_starts(self, kind: str) -> None:
        form = {**ENTRIES[kind], "started_on": "2025-02-02", "ended_on": "2025-02-01"}
        response = signed_in().post(address("history_new", make_patient(), kind), keyed(form))
        assert response.context["form"].errors["ended_on"] == ["This end is before the start. Check both days."]

    def test_no_day_lies_before_birth_after_death_or_in_the_future(self, time_machine: Any) -> None:
        time_machine.move_to("2026-11-21T15:00:00Z", tick=False)
        patient, client = make_patient(died_on=date(2026, 3, 1)), signed_in()
        for day, said in (("1984-08-02", "before the patient was born"), ("2026-03-02", "after the patient died")):
            form = {**ENTRIES["medication"], "started_on": day}
            response = client.post(address("history_new", patient, "medication"), keyed(form))
            assert said in response.context["form"].errors["started_on"][0]
        response = client.post(
            address("history_new", make_patient(), "medication"), keyed({"name": "x", "started_on": "2026-11-22"})
        )
        assert "in the future" in response.context["form"].errors["started_on"][0]

    def test_a_second_click_adds_no_second_entry_and_voids_once(self) -> None:
        patient, client = make_patient(), signed_in()
        form = keyed(ENTRIES["medication"])
        for _ in range(2):
            assert client.post(address("history_new", patient, "medication"), form).status_code == 303
        entry = PsychiatricMedication.objects.get()
        for _ in range(2):
            void = address("history_void", patient, "medication", entry.public_id)
            assert client.post(void, {"reason": "Wrong patient"}).status_code == 303
        assert AuditEvent.objects.filter(action="void psychiatric medication").count() == 1

    def test_a_stale_form_is_shown_with_both_texts(self) -> None:
        patient = make_patient()
        entry = make_entry(patient, "medication")
        amend_history(actor=None, entry=entry, version=1, reason="Asked again", dose="150 mg")
        form = {**ENTRIES["medication"], "dose": "200 mg", "reason": "Typed wrong", "version": "1"}
        response = signed_in().post(address("history_amend", patient, "medication", entry.public_id), form)
        page = response.content.decode()
        assert response.status_code == 409
        assert '<td class="tm-pre">200 mg</td>' in page
        assert '<td class="tm-pre">150 mg</td>' in page
        assert "Typed wrong" in page
        assert PsychiatricMedication.objects.get().dose == "150 mg"

    def test_an_entry_voided_meanwhile_is_not_amended(self) -> None:
        entry = make_entry(make_patient(), "medication")
        void_history(actor=None, entry=PsychiatricMedication.objects.get(pk=entry.pk), reason="Twice", now=NOW)
        with pytest.raises(ValidationError, match="voided meanwhile"):
            amend_history(actor=None, entry=entry, version=1, reason="Typed wrong", dose="1 mg")

    def test_an_unknown_kind_or_entry_is_not_found(self) -> None:
        patient, other, client = make_patient(), make_patient(), signed_in()
        entry = make_entry(other, "medication")
        for path in (
            address("history_new", patient, "no-such-kind"),
            address("history_amend", patient, "medication", entry.public_id),
            address("history_void", patient, "medication", entry.public_id),
            address("history_amend", other, "psychotherapy", entry.public_id),
        ):
            assert client.get(path).status_code == 404
            assert client.post(path, {"reason": "x"}).status_code == 404

    def test_intake_reads_no_history(self) -> None:
        patient, client = make_patient(), signed_in(Role.INTAKE)
        assert client.get(address("history", patient)).status_code == 404
        assert (
            client.post(address("history_new", patient, "medication"), keyed(ENTRIES["medication"])).status_code == 404
        )
        assert not PsychiatricMedication.objects.exists()

    def test_failed_adequate_trials_are_counted(self) -> None:
        patient = make_patient()
        for adequate, outcome in (("yes", "none"), ("yes", "partial"), ("yes", "remission"), ("no", "none")):
            make_entry(patient, "prior-treatment", adequate_trial=adequate, outcome=outcome)
        make_entry(make_patient(), "prior-treatment", adequate_trial="yes", outcome="none")
        assert failed_adequate_trials(patient) == 2
        client = signed_in()
        assert "2 adequate trials failed." in client.get(address("history", patient)).content.decode()
        one = PriorTreatment.objects.filter(patient=patient, outcome="none", adequate_trial=YesNo.YES).get()
        client.post(address("history_void", patient, "prior-treatment", one.public_id), {"reason": "Twice"})
        assert "1 adequate trial failed." in client.get(address("history", patient)).content.decode()

    def test_entries_stand_in_order_of_time(self) -> None:
        patient = make_patient()
        for day, modality in ((date(2025, 1, 5), "Second"), (date(2020, 1, 5), "First"), (date(2026, 1, 5), "Third")):
            make_entry(patient, "psychotherapy", modality=modality, started_on=day)
        page = signed_in().get(address("history", patient)).content.decode()
        assert page.index("First") < page.index("Second") < page.index("Third")

    def test_an_empty_history_says_what_to_do(self) -> None:
        page = signed_in().get(address("history", make_patient())).content.decode()
        for kind in KINDS.values():
            assert kind.none in page


class TestConsents:
    def test_a_consent_is_recorded_withdrawn_and_voided(self) -> None:
        patient, client = make_patient(), signed_in(Role.INTAKE)
        assert client.post(address("consent_new", patient), keyed(CONSENT)).status_code == 303
        consent = Consent.objects.get()
        assert (consent.kind, consent.document_version, consent.signed_on) == ("treatment", "2026-01", date(2026, 1, 5))
        page = client.get(address("consents", patient)).content.decode()
        assert "in force" in page
        assert "Not in force: Off-label ketamine." in page

        withdraw = address("consent_withdraw", patient, consent.public_id)
        assert "version <bdi>2026-01</bdi>" in client.get(withdraw).content.decode()
        form = {"withdrawn_on": "2026-02-01", "reason": "Changed her mind", "version": "1"}
        assert client.post(withdraw, form).status_code == 303
        assert AuditEvent.objects.get(action="amend consent").detail["reason"] == "Changed her mind"
        assert "Withdrawn 1 Feb 2026" in client.get(address("consents", patient)).content.decode()

        void = address("consent_void", patient, consent.public_id)
        assert client.post(void, {"reason": "Wrong patient"}).status_code == 303
        page = client.get(address("consents", patient)).content.decode()
        assert "Wrong patient" in page
        assert client.get(void).status_code == client.get(withdraw).status_code == 303

    @pytest.mark.parametrize(("field", "raw"), bad_cases(CONSENT_KINDS))
    def test_bad_input_is_refused_beside_its_field_and_kept(self, field: str, raw: str) -> None:
        patient = make_patient()
        before = rows()
        response = signed_in().post(address("consent_new", patient), keyed({**CONSENT, field: raw}))
        assert_refused(response, field, raw)
        assert rows() == before

    @pytest.mark.parametrize(("field", "raw"), bad_cases({"withdrawn_on": "day", "reason": "note"}))
    def test_withdrawing_refuses_the_same(self, field: str, raw: str) -> None:
        patient = make_patient()
        consent = make_consent(patient)
        before = rows()
        form = {"withdrawn_on": "2026-02-01", "reason": "Changed her mind", "version": "1", field: raw}
        response = signed_in().post(address("consent_withdraw", patient, consent.public_id), form)
        assert_refused(response, field, raw)
        assert rows() == before

    def test_nothing_is_withdrawn_before_it_was_signed(self) -> None:
        patient = make_patient()
        consent = make_consent(patient)
        form = {"withdrawn_on": "2026-01-04", "reason": "Changed her mind", "version": "1"}
        response = signed_in().post(address("consent_withdraw", patient, consent.public_id), form)
        assert "before the consent was signed (5 Jan 2026)" in response.context["form"].errors["withdrawn_on"][0]

    def test_a_stale_withdrawal_is_shown_with_both_texts(self) -> None:
        patient = make_patient()
        consent = make_consent(patient)
        amend_history(actor=None, entry=consent, version=1, reason="Told by phone", withdrawn_on=date(2026, 3, 1))
        form = {"withdrawn_on": "2026-02-01", "reason": "Changed her mind", "version": "1"}
        response = signed_in().post(address("consent_withdraw", patient, consent.public_id), form)
        page = response.content.decode()
        assert response.status_code == 409
        assert "2026-02-01" in page
        assert "2026-03-01" in page
        assert "Changed her mind" in page

    def test_a_second_click_records_no_second_consent(self) -> None:
        patient, client, form = make_patient(), signed_in(), keyed(CONSENT)
        for _ in range(2):
            assert client.post(address("consent_new", patient), form).status_code == 303
        assert Consent.objects.count() == 1

    def test_a_consent_of_another_patient_is_not_found(self) -> None:
        consent, client = make_consent(make_patient()), signed_in()
        other = make_patient()
        for name in ("consent_withdraw", "consent_void"):
            assert client.get(address(name, other, consent.public_id)).status_code == 404

    def test_none_yet_says_what_to_do(self) -> None:
        page = signed_in().get(address("consents", make_patient())).content.decode()
        assert "No consent recorded" in page
        assert "Not in force: Treatment, Off-label ketamine." in page


def _fill_history(patient: Patient, number: int, user: User) -> None:
    for _ in range(number):
        for kind in KINDS:
            make_entry(patient, kind)


def _fill_consents(patient: Patient, number: int, user: User) -> None:
    for _ in range(number):
        make_consent(patient)


@pytest.mark.parametrize(("name", "fill"), [("history", _fill_history), ("consents", _fill_consents)])
def test_long_records_take_no_more_queries(name: str, fill: Callable[[Patient, int, User], None]) -> None:
    user, client, counted = make_user(Role.CLINICIAN), Client(), []
    client.force_login(user)
    for number in (2, 30):
        patient = make_patient()
        fill(patient, number, user)
        for model in (Consent, PsychotherapyEpisode, *(kind.model for kind in KINDS.values())):
            model.objects.filter(patient=patient).update(entered_by=user, voided_by=user)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(address(name, patient))
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 13
