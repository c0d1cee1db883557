"""Pages and PDFs of a session's record: the same words on both, open to few, noted, nothing of the patient in a name."""

import io
from decimal import Decimal
from unittest.mock import patch

import pytest
from builders import make_course, make_infusion, make_patient, make_user
from chairside import BEGIN
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader
from recorded import correct, named_chair, session, sign, squeezed, whole_session

from clinic.audit.models import AuditEvent
from clinic.policy import ALLOWED, Action, Role
from clinic.room.record.making import record_now
from clinic.room.record.pdf import record_pdf
from infusions.models import Infusion
from infusions.session.log import Kind

pytestmark = pytest.mark.django_db


def clinician():
    client = Client()
    client.force_login(make_user(Role.CLINICIAN))
    return client


def address(infusion, name="record"):
    return reverse(f"session_record:{name}", args=[infusion.course.patient.public_id, infusion.public_id])


def text_of(file):
    return squeezed(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)


def corrected_session():
    chair = whole_session()
    sign(chair)
    drug = next(entry for entry in session(chair).entries if entry.kind is Kind.DRUG)
    correct(chair, Kind.STRUCK, drug.number, "Another patient's")
    return chair


class TestPdf:
    def test_it_says_every_word_of_the_record(self):
        chair = corrected_session()
        content = record_now(chair.row, session(chair), chair.now)
        said = text_of(record_pdf(content))
        assert not [
            text for text in content.texts() if len(text) > 1 and squeezed(text) not in said and text not in NAMES
        ]

    def test_the_same_record_gives_the_same_bytes(self):
        chair = corrected_session()
        content = record_now(chair.row, session(chair), chair.now)
        assert record_pdf(content) == record_pdf(content)

    def test_texts_longer_than_a_page_go_on_on_the_next(self):
        chair = named_chair()
        chair.prepare()
        long = "Word by word.\n" * 1400
        chair.type(intention=long[:19_000])
        chair.enter(Kind.NOTE, text=long)
        chair.enter(Kind.STARTED)
        chair.enter(Kind.STOPPED, after=1, early=True, reason="x" * 15_000)
        file = record_pdf(record_now(chair.row, session(chair), chair.now))
        assert text_of(file).count("Wordbyword.") > 4_000

    def test_characters_that_it_lacks_are_owned_up_to(self):
        chair = named_chair()
        chair.prepare()
        assert "cannotbeprinted" not in text_of(record_pdf(record_now(chair.row, session(chair), chair.now)))
        chair.enter(Kind.NOTE, text="林 said: calm.")
        content = record_now(chair.row, session(chair), chair.now)
        assert "1differentcharactersofthisrecordcannotbeprinted" in text_of(record_pdf(content))


#: Names for addresses and looks, which are no words.
NAMES = {
    *("session", "order", "given", "vitals", "alerts", "adverse-events", "rescue", "drug", "checks", "preparation"),
    *("warnings", "overrides", "setting", "notes", "recovery", "integration", "corrections", "signatures", "log"),
    *("act", "notify", "warn", "quiet", "info", "danger", "lock", "edit", "trash"),
    *("None came up.", "Nothing was entered.", "None was given.", "No note was written.", "No integration note yet."),
    *("No line was crossed that asks for it.", "No adverse event was entered.", "Nothing stood against a step."),
    *("None.", "Not signed."),
}


class TestPages:
    def test_the_page_says_every_number(self):
        chair = corrected_session()
        page = clinician().get(address(chair.infusion)).content.decode()
        for said in (
            "204/104",
            "65.9 mg",
            "31.4 mg",
            "43.439",
            "K7 41/B",
            "555 0199",
            "<s>Labetalol</s>",
            "Struck out",
        ):
            assert said in page

    def test_the_signed_version_has_what_was_struck_later(self):
        chair = corrected_session()
        page = clinician().get(address(chair.infusion, "as_signed")).content.decode()
        assert "<s>" not in page
        assert "Labetalol" in page

    def test_without_a_log_it_leads_to_the_infusion(self):
        infusion = make_infusion(make_course(make_patient()), BEGIN.date())
        there = reverse("infusions:infusion", args=[infusion.course.patient.public_id, infusion.public_id])
        client = clinician()
        for name in ("record", "record_pdf"):
            response = client.get(address(infusion, name))
            assert (response.status_code, response["Location"]) == (303, there)
        assert client.get(address(infusion, "as_signed")).status_code == 404

    def test_what_is_not_signed_has_no_signed_version(self):
        chair = named_chair()
        chair.prepare()
        client = clinician()
        assert client.get(address(chair.infusion)).status_code == 200
        assert client.get(address(chair.infusion, "as_signed")).status_code == 404
        assert client.get(address(chair.infusion, "as_signed_pdf")).status_code == 404

    @pytest.mark.parametrize(
        ("name", "file"),
        [("record_pdf", "session-record.pdf"), ("as_signed_pdf", "session-record-as-signed.pdf")],
    )
    def test_a_download_is_noted_and_its_name_says_nothing(self, name, file):
        chair = corrected_session()
        response = clinician().get(address(chair.infusion, name))
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == f'attachment; filename="{file}"'
        event = AuditEvent.objects.get(action="export session record")
        assert (event.patient_id, event.record_id, event.detail) == (
            chair.patient.pk,
            chair.infusion.pk,
            {"file": file},
        )

    def test_whoever_may_not_read_notes_gets_no_record(self):
        chair = corrected_session()
        less = {**ALLOWED, Role.CLINICIAN: ALLOWED[Role.CLINICIAN] - {Action.NOTE_VIEW}}
        with patch("clinic.policy.ALLOWED", less):
            assert clinician().get(address(chair.infusion)).status_code == 404

    def test_a_voided_one_says_so(self):
        chair = corrected_session()
        Infusion.objects.filter(pk=chair.infusion.pk).update(
            voided_at=chair.now, voided_by=chair.actor, void_reason="Another patient's"
        )
        page = clinician().get(address(chair.infusion)).content.decode()
        assert "Voided by Lena Marchetti" in page

    def test_a_longer_log_costs_no_more_queries(self):
        chair = corrected_session()
        client = clinician()
        client.get(address(chair.infusion))
        with CaptureQueriesContext(
            connection,
        ) as few:
            client.get(address(chair.infusion))
        for number in range(5):
            waste = {"method": "sink", "reason": "Found", "unit": "mg", "amount": Decimal("0.001")}
            chair.enter(Kind.WASTED, after=number, second=chair.colleague, **waste)
            chair.enter(Kind.ADDENDUM, text=f"Number {number}")
        with CaptureQueriesContext(connection) as many:
            client.get(address(chair.infusion))
        assert len(many) == len(few)

    def test_what_was_typed_is_text_on_the_page(self):
        chair = named_chair()
        chair.prepare()
        chair.enter(Kind.NOTE, text="<script>alert(1)</script>")
        page = clinician().get(address(chair.infusion)).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
