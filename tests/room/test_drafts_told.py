"""What an open page is told by `since/`: nothing, the fields alone, or every part as well."""

from typing import Any
from uuid import uuid4

import pytest
from chairside import Chair
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from infusions.services import room
from infusions.session.log import Kind, draft_of

pytestmark = pytest.mark.django_db


class Page:
    """The open page of somebody; `latest` is the newest entry that it knows."""

    def __init__(self, chair: Chair, user: Any) -> None:
        self.chair, self.user, self.client = chair, user, Client()
        self.client.force_login(user)
        self.latest = self.ask(token="1").json()["latest"]

    def ask(self, **query: str) -> Any:
        address = reverse("room:since", args=[self.chair.patient.public_id, self.chair.infusion.public_id])
        return self.client.get(address, {"after": str(getattr(self, "latest", 0)), **query})

    def draft(self, text: str) -> None:
        """What she has typed of a note, as her page keeps it."""
        name = draft_of(self.user.pk, "note.text")
        stamp = room.Stamp(self.user, uuid4(), timezone.now())
        room.save_field(self.chair.infusion, stamp, name=name, value=text, seen=0)


@pytest.fixture
def page() -> Page:
    chair = Chair()
    chair.enter(Kind.BEGUN)
    return Page(chair, chair.actor)


def test_nothing_new(page: Page) -> None:
    assert page.ask().status_code == 204


def test_a_field_and_an_entry_are_told_with_every_part(page: Page) -> None:
    page.chair.type(chair="Room 2")
    told = page.ask().json()
    assert told["fields"]["chair"]["value"] == "Room 2"
    assert "Room 2" in told["parts"]["bar"]
    page.latest = told["latest"]
    page.chair.enter(Kind.NOTE, text="Sleeps")
    assert "Sleeps" in page.ask().json()["parts"]["log"]


def test_an_own_draft_is_told_without_the_parts_that_never_show_it(page: Page) -> None:
    page.draft("She sees the sea.")
    told = page.ask().json()
    assert "parts" not in told
    assert told["fields"]["my.note.text"]["value"] == "She sees the sea."
    page.latest = told["latest"]
    assert page.ask().status_code == 204


def test_an_own_draft_beside_an_entry_is_told_with_the_parts(page: Page) -> None:
    page.chair.enter(Kind.NOTE, text="Sleeps")
    page.draft("She sees the sea.")
    assert "Sleeps" in page.ask().json()["parts"]["log"]


def test_a_draft_of_another_person_is_nothing_new(page: Page) -> None:
    other = Page(page.chair, page.chair.colleague)
    told = page.ask().json()["others"]
    other.draft("She sees the sea.")
    assert page.ask(others=f"{told[0]['name']} ").status_code == 204


def test_a_page_that_has_nothing_to_learn_costs_eight_queries_however_much_was_typed(page: Page) -> None:
    for _ in range(30):
        page.chair.type(intention="Let go")
    page.latest = page.ask(token="1").json()["latest"]
    with CaptureQueriesContext(connection) as queries:
        assert page.ask().status_code == 204
    assert len(queries) == 8
