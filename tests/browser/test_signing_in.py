"""Signing in and out in the browser."""

from collections.abc import Callable
from typing import Any

from clinic.models import User
from clinic.policy import Role

PASSWORD = "kelp lantern wharf north"


def test_a_person_signs_in_and_out_and_nothing_stays_behind(open_as: Any, axe: Callable[[Any], None]) -> None:
    User.objects.create_user("rosa@clinic.example", PASSWORD, full_name="Rosa Dunmore", roles=(Role.ADMINISTRATOR,))
    page = open_as(None, "/")
    assert page.url.endswith("/account/sign-in/?next=/")
    axe(page)
    page.keyboard.type("rosa@clinic.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Work e-mail").input_value() == "rosa@clinic.example"
    axe(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Main", exact=True).wait_for()
    page.get_by_label("Rosa Dunmore, account").click()
    page.get_by_role("navigation", name="Account").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/sign-in/**")
    page.go_back()
    page.wait_for_url("**/account/sign-in/**")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
