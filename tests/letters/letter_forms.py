"""Writing a letter as a person does, and reading back what the page and the PDF say."""

import io
import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from builders import make_user
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from clinic.letters.models import Letter
from clinic.letters.parts import PARTS
from clinic.policy import Role
from patients.models import Patient

TEXT = "Sleep is better.\n\nI recommend that psychotherapy goes on."
RECIPIENT = "Dr Ruth Ames\nHarbor Family Practice\n12 Wharf Road"


def clinician(email: str = "") -> Client:
    """A client in which a clinician is signed in."""
    client = Client()
    client.force_login(make_user(Role.CLINICIAN, email=email))
    return client


def address(patient: Patient) -> str:
    return reverse("letters:new", args=[patient.public_id])


def typed(client: Client, patient: Patient, **said: Any) -> dict[str, Any]:
    """What a person sends who fills in the form."""
    form = client.get(address(patient)).context["form"]
    course = {"course": form.fields["course"].initial} if "course" in form.fields else {}
    given = {"recipient": RECIPIENT, "text": TEXT, "parts": list(PARTS), **course}
    return {**given, "idempotency_key": str(form["idempotency_key"].value()), **said}


def preview(client: Client, patient: Patient, **said: Any) -> tuple[Any, dict[str, Any]]:
    """The page with the preview, and what "Make the letter" sends from there."""
    sent = typed(client, patient, **said)
    response = client.post(address(patient), sent)
    assert response.status_code == 200, response.context["form"].errors
    return response, making(sent, response)


def making(sent: dict[str, Any], response: Any) -> dict[str, Any]:
    """What the button of a preview sends."""
    form = response.context["form"]
    hidden = {name: str(form[name].value()) for name in ("seen", "idempotency_key")}
    return {**sent, **hidden, "make": "yes"}


def make(client: Client, patient: Patient, **said: Any) -> Letter:
    """A letter that was read and made."""
    response = client.post(address(patient), preview(client, patient, **said)[1])
    assert response.status_code == 303, response.context["form"].errors
    found: Letter = Letter.objects.order_by("-id")[0]
    assert response["Location"] == reverse("letters:letter", args=[patient.public_id, found.public_id])
    return found


def letter_of_page(response: Any) -> str:
    """The text of the letter on the page, with single spaces."""
    page = response.content.decode()
    article = page.split('id="letter"', 1)[1].partition(">")[2].partition("</article>")[0]
    return plain(unescape(re.sub(r"<[^>]*>", " ", article)))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def pages_of(file: Iterable[int]) -> list[str]:
    """What each page of a PDF says."""
    return [plain(page.extract_text()) for page in PdfReader(io.BytesIO(bytes(file))).pages]


def said(file: Iterable[int]) -> str:
    return plain(" ".join(pages_of(file)))
