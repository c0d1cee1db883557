"""The page from which the medical director takes the export."""

import pytest
from bad_input import assert_refused, bad_cases
from builders import make_treated_patient, make_user
from django.test import Client
from opened import Opened

from clinic.audit.models import AuditEvent
from clinic.policy import Role

ADDRESS = "/exports/research/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def director(client: Client) -> Client:
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    return client


def treated(count: int = 11) -> None:
    for number in range(count):
        make_treated_patient(endpoint=30 if number else None)


def exported() -> int:
    return AuditEvent.objects.filter(action="export research").count()


def test_it_says_what_goes_out_and_notes_nothing_yet(director: Client) -> None:
    treated()
    page = director.get(ADDRESS).content.decode()
    for words in ("By downloading you promise", "What goes out", "What stays here", "0 values were replaced", "11"):
        assert words in page
    assert page.count("btn-primary") == 1
    assert not exported()


def test_it_says_what_was_replaced(director: Client) -> None:
    from patients.models import Patient

    treated(24)
    Patient.objects.filter(pk__in=Patient.objects.order_by("pk").values("pk")[:12]).update(gender="female")
    Patient.objects.filter(pk=Patient.objects.order_by("pk").values("pk")[:1]).update(gender="nonbinary")
    page = " ".join(director.get(ADDRESS).content.decode().split())
    assert "12 values were replaced:" in page
    assert "<dt>Gender</dt> <dd> 12 as “suppressed” </dd>" in page


def test_the_answer_is_the_zip_and_the_trail_knows(director: Client) -> None:
    treated()
    answer = director.post(ADDRESS, {"label": " ptsd 2026 "})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Content-Disposition"] == 'attachment; filename="tidemark-research-ptsd-2026.zip"'
    assert answer["Cache-Control"] == "no-store"
    opened = Opened(answer.content)
    assert opened.settings["label"] == "ptsd 2026"
    event = AuditEvent.objects.get(action="export research")
    assert event.actor_name == "Lena Marchetti"
    assert event.detail["label"] == "ptsd 2026"
    assert event.detail["patients"] == len(opened.study_ids) == 11
    assert event.patient_id is None
    trail = director.get("/audit/?kind=list").content.decode()
    assert "Export research" in trail
    assert "ptsd 2026" in trail


@pytest.mark.parametrize(("field", "raw"), bad_cases({"label": "text"}))
def test_bad_input_is_refused_beside_the_field(director: Client, field: str, raw: str) -> None:
    treated()
    assert_refused(director.post(ADDRESS, {field: raw}), field, raw)
    assert not exported()


def test_a_label_says_how_to_mend_it(director: Client) -> None:
    treated()
    for raw, said in (
        ("", "Name the study: its label decides the study ids."),
        ("../../etc/passwd", "begin with a letter or digit"),
        ("a/b", "Use letters, digits"),
        ("=1+1", "begin with a letter or digit"),
        ("x" * 41, "This is too long: 41 characters. Shorten it to 40."),
        ("Ünïcode", "begin with a letter or digit"),
    ):
        answer = director.post(ADDRESS, {"label": raw})
        assert answer.status_code == 422, raw
        assert answer.content.decode().count(said) == 2, f"{raw}: above the form and beside the field, once each"
    assert not exported()


def test_with_too_few_patients_there_is_no_button(director: Client) -> None:
    treated(10)
    page = director.get(ADDRESS)
    assert page.status_code == 200
    assert "Only 10 patients were treated; at least 11 are needed" in page.content.decode()
    assert "Download export" not in page.content.decode()
    answer = director.post(ADDRESS, {"label": "ptsd"})
    assert answer.status_code == 422
    assert "Only 10 patients were treated" in answer.content.decode()
    assert not exported()


@pytest.mark.parametrize("role", [Role.INTAKE, Role.CLINICIAN, Role.ADMINISTRATOR])
def test_nobody_else_may(client: Client, role: Role) -> None:
    treated()
    client.force_login(make_user(role))
    assert client.get(ADDRESS).status_code == client.post(ADDRESS, {"label": "ptsd"}).status_code == 403
    assert AuditEvent.objects.filter(action="denied research.export", allowed=False).count() == 2
    assert not exported()
