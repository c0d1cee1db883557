"""Accounts: made, changed and closed by an administrator, each step in the audit trail, no password anywhere."""

import json
import logging
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from bad_input import bad_values, odd_text
from builders import make_user
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.people.passwords import initial_password
from clinic.people.services import change_person
from clinic.policy import Role
from clinic.web.models import FormReceipt

pytestmark = pytest.mark.django_db
KEY = "0b0e7c9e-6c55-4a4a-9d41-1f2f9d6a0a01"
NEW = {"full_name": "Ada Osei", "email": "Ada@Clinic.example", "roles": ["intake"], "idempotency_key": KEY}


@pytest.fixture
def admin() -> User:
    return make_user(Role.ADMINISTRATOR, email="admin@clinic.example")


@pytest.fixture
def page(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def address(person: User, *rest: str) -> str:
    return "/".join(["/people", person.public_id, *rest, ""])


def edit(person: User, **changed: Any) -> dict[str, Any]:
    roles = sorted(grant.role for grant in person.grants.all())
    values = {
        "full_name": person.full_name,
        "email": person.email,
        "roles": roles,
        "is_active": "on",
        "version": person.version,
    }
    return {name: value for name, value in {**values, **changed}.items() if value is not None}


def password_in(response: Any) -> str:
    [found] = re.findall(r'tm-people__password">\s*([a-z-]+)\s*<', response.content.decode())
    return found


def signs_in(email: str, password: str) -> bool:
    response = Client().post("/account/sign-in/", {"login": email, "password": password})
    return response.headers.get("Location") == "/"


def test_the_list_shows_who_has_which_roles(page: Client) -> None:
    closed = make_user(Role.CLINICIAN, Role.INTAKE, email="gone@clinic.example")
    User.objects.filter(pk=closed.pk).update(is_active=False, full_name="Zed Gone")
    make_user(email="none@clinic.example")
    text = page.get("/people/").content.decode()
    for said in ("gone@clinic.example", "Zed Gone", "Clinician", "Intake", "Closed", "None: may open nothing", "Never"):
        assert said in text


def test_the_list_costs_the_same_for_any_number(page: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert page.get("/people/").status_code == 200
        return len(asked)

    make_user(Role.INTAKE)
    few = queries()
    for _ in range(40):
        make_user(Role.INTAKE, Role.CLINICIAN)
    assert queries() == few


def test_a_new_person_can_sign_in_with_the_password_shown_once(page: Client, admin: User) -> None:
    response = page.post("/people/new/", NEW)
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    person = User.objects.get(email="ada@clinic.example")
    password = password_in(response)
    assert (person.full_name, person.roles()) == ("Ada Osei", {"intake"})
    assert signs_in("ADA@clinic.example", password)
    event = AuditEvent.objects.get(action="add person")
    assert (event.actor_id, event.record_id) == (admin.pk, person.pk)
    assert event.detail == {"full_name": "Ada Osei", "email": "ada@clinic.example", "roles": ["intake"]}
    assert password not in page.get(address(person)).content.decode()


def test_the_password_is_kept_nowhere(page: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    password = password_in(page.post("/people/new/", NEW))
    person = User.objects.get(email="ada@clinic.example")
    again = page.post(address(person, "password"), {"idempotency_key": KEY.replace("0b0", "0b1")})
    kept = [
        *User.objects.values_list("password", flat=True),
        *(json.dumps(detail) for detail in AuditEvent.objects.values_list("detail", flat=True)),
        *(json.dumps(session.get_decoded()) for session in Session.objects.all()),
        *FormReceipt.objects.values_list("location", flat=True),
        *FormReceipt.objects.values_list("content_hash", flat=True),
        caplog.text,
    ]
    for word in (*password.split("-"), *password_in(again).split("-")):
        assert not [text for text in kept if word in text]


def test_a_repeated_form_makes_one_person_and_shows_no_second_password(page: Client) -> None:
    page.post("/people/new/", NEW)
    before = User.objects.get(email="ada@clinic.example").password
    again = page.post("/people/new/", NEW)
    assert again.status_code == 303
    response = page.get(again["Location"])
    assert User.objects.filter(email="ada@clinic.example").count() == 1
    assert User.objects.get(email="ada@clinic.example").password == before
    assert "its password was shown then" in response.content.decode()
    assert AuditEvent.objects.filter(action="add person").count() == 1


def test_initial_passwords_are_long_and_never_alike() -> None:
    made = {initial_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([bdfghjklmnprstvwz][aeiou]){2}[bdfghjklmnprstvwz](-[a-z]{5}){3}", one) for one in made)


@pytest.mark.parametrize(
    ("field", "value"),
    [("full_name", value) for _, value in bad_values("text")]
    + [("full_name", ""), ("full_name", " ")]
    + [("email", value) for _, value in bad_values("email")]
    + [("email", ""), ("email", "admin@clinic.example"), ("email", "ADMIN@Clinic.example")]
    + [("roles", value) for _, value in bad_values("choice")]
    + [("roles", []), ("roles", ["intake", "owner"])],
)
def test_what_cannot_be_an_account_is_refused_beside_its_field(page: Client, field: str, value: Any) -> None:
    known = {**NEW, field: value}
    response = page.post("/people/new/", known)
    text = response.content.decode()
    assert response.status_code == 422
    assert User.objects.count() == 1
    assert "Nothing was saved yet" in text
    assert "tm-people__password" not in text
    assert field in response.context["form"].errors
    if field != "roles" and value.strip() and "\x00" not in value and "\n" not in value:
        assert escape(value) in text
    if field != "full_name":
        assert 'value="Ada Osei"' in text


@pytest.mark.parametrize("name", [value for _, value in odd_text()])
def test_an_odd_name_is_kept_and_shown_inert(page: Client, name: str) -> None:
    assert page.post("/people/new/", {**NEW, "full_name": name}).status_code == 200
    assert User.objects.get(email="ada@clinic.example").full_name == name
    text = page.get("/people/").content.decode()
    assert escape(name) in text
    assert "<script>alert" not in text


def test_a_change_is_saved_with_old_and_new_and_counts_at_once(page: Client) -> None:
    person = make_user(Role.INTAKE, email="ada@clinic.example")
    theirs = Client()
    theirs.force_login(person)
    assert theirs.get("/questionnaires/").status_code == 200
    assert theirs.get("/people/").status_code == 403
    changed = edit(person, full_name="Ada Osei", roles=["administrator"], email="osei@clinic.example")
    assert page.post(address(person), changed).status_code == 303
    assert theirs.get("/questionnaires/").status_code == 403
    assert theirs.get("/people/").status_code == 200
    assert AuditEvent.objects.get(action="change person").detail == {
        "changes": {
            "full_name": ["Lena Marchetti", "Ada Osei"],
            "email": ["ada@clinic.example", "osei@clinic.example"],
            "roles": [["intake"], ["administrator"]],
        }
    }
    person.refresh_from_db()
    assert person.version == 2


def test_a_closed_account_is_out_at_once_and_cannot_come_back(page: Client) -> None:
    person = make_user(Role.INTAKE, email="ada@clinic.example")
    person.set_password("twelve-tall-tides")
    person.save()
    theirs = Client()
    theirs.force_login(person)
    assert theirs.get("/questionnaires/").status_code == 200
    assert page.post(address(person), edit(person, is_active=None)).status_code == 303
    assert theirs.get("/questionnaires/").status_code == 302
    assert not signs_in("ada@clinic.example", "twelve-tall-tides")
    person.refresh_from_db()
    assert [grant.role for grant in person.grants.all()] == ["intake"], "kept for the day it is opened again"
    assert page.post(address(person), edit(person)).status_code == 303
    assert signs_in("ada@clinic.example", "twelve-tall-tides")


def test_an_old_email_opens_nothing_any_more(page: Client) -> None:
    person = make_user(Role.INTAKE, email="ada@clinic.example")
    person.set_password("twelve-tall-tides")
    person.save()
    EmailAddress.objects.create(user=person, email="ada@clinic.example", primary=True, verified=True)
    assert signs_in("ada@clinic.example", "twelve-tall-tides")
    person.refresh_from_db()
    assert page.post(address(person), edit(person, email="osei@clinic.example")).status_code == 303
    assert signs_in("osei@clinic.example", "twelve-tall-tides")
    assert not signs_in("ada@clinic.example", "twelve-tall-tides")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"roles": ["intake"]}, "You cannot take the administrator role from yourself."),
        ({"is_active": None}, "You cannot close your own account."),
    ],
)
def test_nobody_locks_themselves_out(page: Client, admin: User, changed: dict[str, Any], said: str) -> None:
    make_user(Role.ADMINISTRATOR)
    response = page.post(address(admin), edit(admin, **changed))
    assert response.status_code == 422
    assert said in response.content.decode()
    admin.refresh_from_db()
    assert (admin.is_active, admin.roles(), admin.version) == (True, {"administrator"}, 1)
    assert not AuditEvent.objects.filter(action="change person").exists()


@pytest.mark.parametrize("changed", [{"roles": ["intake"]}, {"is_active": False}])
def test_the_last_administrator_stays(admin: User, changed: dict[str, Any]) -> None:
    from django.core.exceptions import ValidationError

    closed = make_user(Role.ADMINISTRATOR)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    values = {"full_name": "A", "email": admin.email, "roles": ["administrator"], "is_active": True, **changed}
    with pytest.raises(ValidationError, match="last active administrator"):
        change_person(actor=make_user(), person=admin, version=1, **values)
    admin.refresh_from_db()
    assert admin.roles() == {"administrator"}


def test_a_stale_edit_shows_both_texts(page: Client) -> None:
    person = make_user(Role.INTAKE, email="ada@clinic.example")
    mine = edit(person, full_name="Mine", roles=["clinician"])
    assert page.post(address(person), edit(person, full_name="Theirs", roles=["medical_director"])).status_code == 303
    response = page.post(address(person), mine)
    text = response.content.decode()
    assert response.status_code == 409
    for said in ("Mine", "Theirs", "Clinician", "Medical director", "You typed", "Saved now"):
        assert said in text
    person.refresh_from_db()
    assert person.full_name == "Theirs"
    assert page.post(address(person), {**mine, "version": 2}).status_code == 303


def test_an_email_of_somebody_else_is_refused_in_an_edit(page: Client) -> None:
    person = make_user(Role.INTAKE, email="ada@clinic.example")
    response = page.post(address(person), edit(person, email="Admin@clinic.example"))
    assert response.status_code == 422
    assert "Somebody has this e-mail already" in response.content.decode()
    person.refresh_from_db()
    assert (person.email, person.version) == ("ada@clinic.example", 1)


def test_a_new_password_ends_every_session_of_that_person(page: Client, admin: User) -> None:
    person = make_user(Role.INTAKE, email="ada@clinic.example")
    theirs = Client()
    theirs.force_login(person)
    assert theirs.get("/questionnaires/").status_code == 200
    response = page.post(address(person, "password"), {"idempotency_key": KEY})
    assert response.status_code == 200
    assert theirs.get("/questionnaires/").status_code == 302
    assert signs_in("ada@clinic.example", password_in(response))
    assert page.get("/people/").status_code == 200, "the administrator's own session goes on"
    event = AuditEvent.objects.get(action="new password")
    assert (event.actor_id, event.record_id, event.detail) == (admin.pk, person.pk, {})
    before = User.objects.get(pk=person.pk).password
    assert page.post(address(person, "password"), {"idempotency_key": KEY}).status_code == 303
    assert User.objects.get(pk=person.pk).password == before


@pytest.mark.parametrize("role", [Role.INTAKE, Role.CLINICIAN, Role.MEDICAL_DIRECTOR, None])
def test_only_an_administrator_gets_in(client: Client, role: Role | None) -> None:
    person, other = make_user(*([role] if role else [])), make_user(Role.INTAKE)
    client.force_login(person)
    for where in ("/people/", "/people/new/", address(other), address(other, "password")):
        assert client.get(where).status_code == 403
    assert client.post(address(other, "password"), {"idempotency_key": KEY}).status_code == 403
    assert client.post(address(other), edit(other, roles=["administrator"])).status_code == 403
    assert client.post("/people/new/", NEW).status_code == 403
    assert other.roles() == {"intake"}
    assert User.objects.count() == 2


def test_extra_fields_change_nothing(page: Client) -> None:
    person = make_user(Role.INTAKE, email="ada@clinic.example")
    changed = edit(person, password="x", public_id="y", is_superuser="1", last_login="2020-01-01", id="1")
    assert page.post(address(person), changed).status_code == 303
    after = User.objects.get(pk=person.pk)
    assert (after.password, after.public_id, after.last_login) == (person.password, person.public_id, None)


def test_an_unknown_person_is_not_found(page: Client) -> None:
    assert page.get("/people/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
    assert page.post("/people/AAAAAAAAAAAAAAAAAAAAAA/password/", {"idempotency_key": KEY}).status_code == 404
