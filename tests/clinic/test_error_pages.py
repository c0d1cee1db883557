"""What somebody reads when something is wrong: what happened, what to do, and the way home."""

from typing import Any

import pytest
from builders import make_user
from django.template.loader import render_to_string
from django.test import Client

from clinic.policy import Role

PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "409.html", "500.html"]


@pytest.mark.parametrize("name", PAGES)
def test_each_page_stands_without_context(name: str) -> None:
    text = render_to_string(name)
    assert text.count("<h1>") == 1
    assert f"Error {name[:3]}" in text
    assert 'class="tm-message"' in text
    assert 'href="/"' in text
    assert "<title>" in text


@pytest.mark.django_db
def test_an_unknown_address_is_404_in_our_words(client: Client) -> None:
    client.force_login(make_user(Role.INTAKE))
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


@pytest.mark.django_db
def test_a_role_that_is_missing_is_403_in_our_words(client: Client) -> None:
    client.force_login(make_user(Role.INTAKE))
    response = client.get("/people/")
    assert response.status_code == 403
    assert "You may not open this page" in response.content.decode()


@pytest.mark.django_db
def test_a_page_that_was_open_too_long_says_how_to_keep_what_was_typed() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.ADMINISTRATOR))
    response = client.post("/settings/", {"name": "typed"})
    text = response.content.decode()
    assert response.status_code == 403
    for said in ("This page was open too long", "Nothing was saved", "copy what you typed"):
        assert said in text


@pytest.mark.django_db
def test_a_request_that_makes_no_sense_is_400_in_our_words() -> None:
    response = Client().get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "This request made no sense" in response.content.decode()


@pytest.mark.django_db
def test_a_failure_is_500_without_a_word_of_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("Maren Ellwick")

    client = Client(raise_request_exception=False)
    client.force_login(make_user(Role.ADMINISTRATOR))
    monkeypatch.setattr("clinic.people.views.all_people", fail)
    response = client.get("/people/")
    text = response.content.decode()
    assert response.status_code == 500
    assert "Something went wrong" in text
    assert "Ellwick" not in text
