"""A letter in a real browser: typed, read, made, taken; what Enter does; light, dark and on a phone."""

from typing import Any

from builders import make_treated_patient
from django.urls import reverse
from playwright.sync_api import Page

from clinic.letters.models import Letter
from clinic.policy import Role
from patients.models import Patient


def write(page: Page) -> None:
    page.fill("[name=recipient]", "Dr Ruth Ames\n12 Wharf Road")
    page.fill("[name=text]", "Sleep is better.\n\nI recommend that psychotherapy goes on.")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_selector("#letter")


def new_letter(patient: Patient) -> str:
    return reverse("letters:new", args=[patient.public_id])


def test_a_letter_is_read_made_and_taken_again(open_as: Any, axe: Any) -> None:
    patient = make_treated_patient(54, 35)
    page = open_as(Role.CLINICIAN, reverse("pages:patient", args=[patient.public_id]))
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Progress letter").click()
    write(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        axe(page)
    assert page.locator("#letter svg circle").count() == 2 + 1, "two readings, and the mark of their legend"
    assert page.locator("#letter svg polygon").count() == 4 + 1
    with page.expect_download() as made:
        page.get_by_role("button", name="Make the letter").click()
    letter = Letter.objects.get()
    assert made.value.suggested_filename == letter.file_name
    with page.expect_download():
        page.get_by_role("button", name="Make the letter").click()
    assert Letter.objects.count() == 1, "a second click takes the same letter"
    page.get_by_role("link", name="Letters").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download").click()
    assert taken.value.path().read_bytes() == bytes(letter.pdf)


def test_enter_reads_it_and_never_makes_it(open_as: Any) -> None:
    page = open_as(Role.CLINICIAN, new_letter(make_treated_patient()))
    write(page)
    page.get_by_label("Adverse events", exact=True).press("Enter")
    page.wait_for_load_state()
    assert page.locator("#letter").count() == 1
    assert not Letter.objects.exists()


def test_on_a_phone_nothing_scrolls_sideways_but_chart_and_tables(open_as: Any) -> None:
    patient = make_treated_patient()
    page = open_as(Role.CLINICIAN, new_letter(patient), width=390)
    write(page)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    with page.expect_download():
        page.get_by_role("button", name="Make the letter").click()
    page.goto(reverse("letters:letters", args=[patient.public_id]))
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    cell = page.locator(".tm-letters__to").bounding_box()
    assert cell
    assert cell["height"] < 90, "an address is not broken between letters"
