"""Every page x person x method, as the table says, and what every answer carries."""

import re
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import pytest
from builders import make_user
from django.test import Client
from full_patient import Known, addresses, make_full_patient
from page_table import PARTS, PEOPLE, Row, rows
from zeal import zeal_context, zeal_ignore

from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.pages.patient_events import PAGES_IN_WORDS
from clinic.policy import Role
from patients.models import Patient

ROWS = rows()
OF_PATIENTS = [
    row for row in ROWS if ":" in row.name and "public_id" in addresses()[row.name] and "people" not in row.name
]
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
#: Each step of a recompute reads the criteria anew, so that none mixes two versions; signing out reads its session twice.
NOT_PER_ROW: list[Any] = [{"model": "outcomes.CriteriaVersion", "field": "get()"}]

pytestmark = pytest.mark.django_db


def name_of(row: Row) -> str:
    return row.name


def signed_in(role: Role | None) -> tuple[Client, User | None]:
    client, user = Client(), make_user(role) if role else None
    if user:
        client.force_login(user)
    return client, user


def assert_headers(response: Any) -> None:
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy == POLICY
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


def test_the_table_names_every_page_and_no_other() -> None:
    assert {row.name for row in ROWS} == set(addresses())
    assert len(ROWS) == len({row.name for row in ROWS})


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_each_person_gets_what_the_table_says(row: Row, method: str) -> None:
    known = make_full_patient()
    address = known.address(row.name)
    for role, expected in zip(PEOPLE, getattr(row, method), strict=True):
        client, _ = signed_in(role)
        with zeal_context() if ":" in row.name else nullcontext(), zeal_ignore(NOT_PER_ROW):
            response = getattr(client, method)(address)
        where = f"{role or 'nobody'} {method.upper()} {address}"
        if expected == "in":
            assert response.status_code == 302, where
            assert response["Location"] == f"/account/sign-in/?next={address}", where
        else:
            assert response.status_code == int(expected), where
        assert_headers(response)
        if response.status_code in {403, 404}:
            assert known.patient.family_name not in response.content.decode(), where


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_no_page_answers_other_methods(row: Row) -> None:
    client, _ = signed_in(Role.MEDICAL_DIRECTOR)
    address = make_full_patient().address(row.name)
    if not row.name.startswith("account_"):
        for method in ("put", "patch", "delete", "options", "trace"):
            assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize("row", OF_PATIENTS, ids=name_of)
def test_who_may_not_see_a_patient_loads_nothing_and_is_noted(row: Row) -> None:
    known = make_full_patient()
    address = known.address(row.name)
    client, user = signed_in(Role.ADMINISTRATOR)
    client.get("/account/password/")  # whatever the session needs is there
    assert user
    with patch.object(Patient, "from_db", side_effect=AssertionError("a patient was loaded")):
        for method in (client.get, client.post):
            response = method(address)
            assert response.status_code in {404, 405}
    denied = AuditEvent.objects.filter(actor_id=user.pk, allowed=False)
    assert denied.count() >= 1
    assert {event.patient_id for event in denied} == {None}


@pytest.mark.parametrize("row", OF_PATIENTS, ids=name_of)
def test_an_unknown_patient_is_not_found(row: Row) -> None:
    client, _ = signed_in(Role.MEDICAL_DIRECTOR)
    address = make_full_patient().address(row.name, public_id="AAAAAAAAAAAAAAAAAAAAAA")
    assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}


@pytest.mark.parametrize("row", [row for row in OF_PATIENTS if len(addresses()[row.name] - {"kind"}) > 1], ids=name_of)
def test_a_record_of_another_patient_is_not_found_at_this_one(row: Row) -> None:
    mine, other = make_full_patient(), make_full_patient()
    client, _ = signed_in(Role.MEDICAL_DIRECTOR)
    swapped = {part: value for part, value in other.ids.items() if part != "public_id"}
    address = mine.address(row.name, **swapped)
    assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}


@pytest.mark.parametrize(
    "row", [row for row in ROWS if any(answer in {"422", "303"} for answer in row.post)], ids=name_of
)
def test_a_form_without_its_token_is_refused(row: Row) -> None:
    address = make_full_patient().address(row.name)
    for role in PEOPLE[1:]:
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_user(role))  # type: ignore[arg-type]
        response = client.post(address)
        assert response.status_code == 403
        assert_headers(response)


def test_a_closed_account_is_out_at_once(client: Client) -> None:
    known = make_full_patient()
    user = make_user(Role.MEDICAL_DIRECTOR)
    client.force_login(user)
    address = known.address("pages:patient")
    assert client.get(address).status_code == 200
    user.is_active = False
    user.save()
    assert client.get(address).status_code in {302, 404}


def test_a_role_taken_away_is_gone_at_once(client: Client) -> None:
    known = make_full_patient()
    user = make_user(Role.MEDICAL_DIRECTOR)
    client.force_login(user)
    address = known.address("pages:patient")
    assert client.get(address).status_code == 200
    user.grants.all().delete()
    assert client.get(address).status_code == 404


def test_what_every_page_of_a_full_patient_says_of_itself() -> None:
    """One heading, a title, and nothing of the patient in the address."""
    known: Known = make_full_patient(family_name="Zanzibarqua")
    client, _ = signed_in(Role.MEDICAL_DIRECTOR)
    for row in ROWS:
        if row.get[3] != "200" or row.name.startswith("account_") or row.name in PARTS:
            continue
        address = known.address(row.name)
        page = client.get(address).content.decode()
        assert len(re.findall(r"<h1\b", page)) == 1, row.name
        title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
        assert title, row.name
        assert re.search(r"\w.* · Tidemark", title[1]), row.name
        assert "zanzibar" not in address.lower()


def test_the_trail_has_words_for_each_page_of_a_patient() -> None:
    """ "Looked at: new" would tell an auditor nothing."""
    assert {row.name for row in OF_PATIENTS if "200" in row.get} - PARTS == set(PAGES_IN_WORDS)
