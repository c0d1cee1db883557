"""Saved views: kept under a name, shared or not, opened by their address, removed by their owner alone."""

import re
from typing import Any
from uuid import uuid4

import pytest
from bad_input import MILLION, NUL, SCRIPT
from builders import make_treated_patient, make_user
from django.test import Client
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.outcomes.models import SavedView
from clinic.policy import Role

pytestmark = pytest.mark.django_db
WHERE = "/outcomes/views/?window=last&preset=Marx-15%2F28&gender=female"


@pytest.fixture
def owner() -> User:
    return make_user(Role.MEDICAL_DIRECTOR)


@pytest.fixture
def director(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def colleague() -> Client:
    client = Client()
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    return client


def sent(name: str, **more: Any) -> dict[str, str]:
    return {"idempotency_key": str(uuid4()), "name": name, **more}


def listed(client: Client) -> str:
    return " ".join(client.get("/outcomes/views/").content.decode().split())


def test_what_the_address_asks_for_is_said_and_kept(director: Client) -> None:
    text = " ".join(director.get(WHERE).content.decode().split())
    for words in ("<dd> Last </dd>", "<dd> Marx-15/28 </dd>", "<dt>Gender</dt> <dd> Women </dd>"):
        assert words in text
    answer = director.post(WHERE, sent("Women, Marx"))
    assert (answer.status_code, answer["Location"]) == (303, WHERE)
    assert SavedView.objects.get().query == "window=last&preset=Marx-15%2F28&gender=female"
    [link] = re.findall(r'href="(/outcomes/\?[^"]+)">Women, Marx</a>', listed(director))
    make_treated_patient()
    opened = director.get(link.replace("&amp;", "&")).content.decode()
    assert "Marx-15/28, not in force" in opened
    event = AuditEvent.objects.get(action="save view")
    assert event.detail == {"shared": False, "query": SavedView.objects.get().query}


def test_a_view_is_its_owners_until_it_is_shared(director: Client, colleague: Client) -> None:
    director.post(WHERE, sent("Mine"))
    director.post(WHERE, sent("Ours", shared="on"))
    text = listed(colleague)
    assert "Ours" in text
    assert "Mine" not in text
    assert "shared by" in text
    assert 'name="remove"' not in text, "another's view is not mine to remove"
    assert listed(director).count('name="remove"') == 2


def test_a_name_is_taken_once_by_each(director: Client, colleague: Client) -> None:
    director.post(WHERE, sent("Same"))
    again = director.post(WHERE, sent("Same"))
    assert again.status_code == 422
    assert "You have a view of this name" in again.content.decode()
    assert colleague.post(WHERE, sent("Same")).status_code == 303


def test_a_double_click_is_one_view(director: Client) -> None:
    once = sent("Once")
    assert [director.post(WHERE, once).status_code for _ in range(2)] == [303, 303]
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "words"), [("", "Give the view a name"), (NUL, "cannot be stored"), (MILLION, "too long")]
)
def test_a_bad_name_is_refused_beside_the_field(director: Client, name: str, words: str) -> None:
    answer = director.post(WHERE, sent(name))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_name_is_shown_inert(director: Client) -> None:
    director.post(WHERE, sent(SCRIPT))
    assert SCRIPT not in listed(director)
    assert "&lt;script&gt;" in listed(director)


def test_an_odd_address_is_kept_as_what_it_means(director: Client) -> None:
    director.post("/outcomes/views/?window=nonsense&gender=<b>&patient=MRN-1", sent("Plain"))
    assert SavedView.objects.get().query == "window=primary"


def test_only_the_owner_removes(director: Client, colleague: Client) -> None:
    director.post(WHERE, sent("Ours", shared="on"))
    view = SavedView.objects.get()
    colleague.post(WHERE, {"remove": view.public_id})
    assert SavedView.objects.exists()
    for odd in ("x", NUL, "A" * 22):
        assert director.post(WHERE, {"remove": odd}).status_code == 303
    assert SavedView.objects.exists()
    director.post(WHERE, {"remove": view.public_id})
    assert not SavedView.objects.exists()
    assert AuditEvent.objects.filter(action="remove view").count() == 1


def test_the_dashboard_leads_there(director: Client) -> None:
    make_treated_patient()
    text = director.get(reverse("outcomes:dashboard"), {"window": "last"}).content.decode()
    assert 'href="/outcomes/views/?window=last"' in text
