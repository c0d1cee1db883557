"""What is typed into a letter: refused beside its field, said where the typeface lacks it, inert on page and paper."""

import io
import logging
import re
import socket
import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from bad_input import EMOJI, RIGHT_TO_LEFT, assert_refused, bad_cases, odd_text
from builders import (
    make_course,
    make_infusion,
    make_patient,
    make_treated_patient,
)
from letter_forms import address, clinician, letter_of_page, make, preview, said, typed
from pypdf import PdfReader

from clinic.letters.forms import MOST_LINES
from clinic.letters.models import Letter
from infusions.models import AdverseEvent

pytestmark = pytest.mark.django_db


FIELDS = {"recipient": "note", "text": "note", "course": "choice", "parts": "choice"}


class TestTyped:
    @pytest.mark.parametrize(("field", "raw"), bad_cases(FIELDS))
    def test_bad_input_is_refused_beside_its_field(self, field: str, raw: str) -> None:
        client, patient = clinician(), make_patient()
        make_course(patient)
        response = client.post(address(patient), typed(client, patient, **{field: raw}))
        assert_refused(response, field, raw)
        assert not Letter.objects.exists()
        if field != "text":
            assert "I recommend that psychotherapy goes on." in response.content.decode()

    @pytest.mark.parametrize(
        ("field", "raw", "words"),
        [
            ("recipient", " \n ", "Say to whom the letter goes."),
            ("recipient", "\n".join("abcdefghi"), "These are 9 lines. Shorten them to 8."),
            ("text", "", "Write what you found and what you recommend."),
        ],
    )
    def test_what_is_missing_or_too_much_is_said(self, field: str, raw: str, words: str) -> None:
        client, patient = clinician(), make_treated_patient()
        response = client.post(address(patient), typed(client, patient, **{field: raw}))
        assert response.status_code == 422
        assert response.context["form"].errors[field] == [words]

    def test_a_broken_hidden_field_makes_no_letter(self) -> None:
        client, patient = clinician(), make_treated_patient()
        _, sent = preview(client, patient)
        for seen in ("", "x", "be\x00fore", "9" * 500):
            assert client.post(address(patient), {**sent, "seen": seen}).status_code in {409, 422}
        assert not Letter.objects.exists()

    def test_odd_text_is_kept_inert_and_the_same_on_page_and_paper(self) -> None:
        odd = [raw for _name, raw in odd_text()]
        client, patient = clinician(), make_treated_patient()
        rightwards = "\n".join(raw for raw in odd if raw != RIGHT_TO_LEFT)
        response, sent = preview(client, patient, text=rightwards, recipient="\n".join(odd[:MOST_LINES]))
        page = response.content.decode().split("<main", 1)[1].split("</main>")[0]
        assert not re.search(r"<script|<img|<[^>]*onerror|<[^>]*onfocus", page)
        assert client.post(address(patient), sent).status_code == 303
        letter = Letter.objects.get()
        assert letter.recipient.splitlines() == odd[:MOST_LINES]
        shown, on_paper = (
            text.split("Findings and recommendation ")[1].split(" Lena")[0]
            for text in (letter_of_page(response), said(letter.pdf))
        )
        assert shown == on_paper
        assert all(raw in shown for raw in odd if raw not in {RIGHT_TO_LEFT, EMOJI})

    def test_what_the_typeface_lacks_is_said_before_it_is_made(self) -> None:
        response, _ = preview(clinician(), make_treated_patient(), text="A wave 🌊 came")
        assert "🌊" in response.content.decode().split("cannot hold these characters")[1].split("</p>")[0]
        assert "A wave \N{REPLACEMENT CHARACTER} came" in letter_of_page(response)


@pytest.fixture
def canary() -> Iterator[tuple[int, list[Any]]]:
    """A port of this machine and whoever connected to it."""
    heard: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        ends = threading.Event()

        def listen() -> None:
            while not ends.is_set():
                try:
                    heard.append(server.accept()[1])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], heard
        ends.set()
        thread.join()


def test_markup_fetches_and_reads_nothing(canary: tuple[int, list[Any]], caplog: pytest.LogCaptureFixture) -> None:
    """Threats A3 and A8, in every text that a letter holds."""
    port, heard = canary
    evil = (
        f'<img src="http://127.0.0.1:{port}/x"/><img src="file:///etc/passwd"/><a href="http://127.0.0.1:{port}">b</a>'
    )
    patient = make_patient(given_name='<img src="file:///etc/passwd"/>', family_name="=CMD|calc &amp;")
    infusion = make_infusion(make_course(patient), date(2025, 3, 3))
    AdverseEvent.objects.create(infusion=infusion, term=evil[:100], ctcae_grade=1, started_at=infusion.started_at)
    client = clinician()
    with caplog.at_level(logging.DEBUG):
        letter = make(client, patient, text=f"{evil}\n<para><b>x</b></para>", recipient=evil)
    reader = PdfReader(io.BytesIO(bytes(letter.pdf)))
    text = said(letter.pdf).replace(" ", "")
    assert heard == []
    assert f'<imgsrc="http://127.0.0.1:{port}/x"/>' in text
    assert '<imgsrc="file:///etc/passwd"/>=CMD|calc&amp;' in text
    assert "<para><b>x</b></para>" in text
    assert "root:" not in text
    assert not any("/Annots" in page or page.images for page in reader.pages)
    logged = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert not [message for message in logged if "CMD" in message or "etc/passwd" in message]
