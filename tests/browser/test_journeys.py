"""Journeys by role on the running server: what each person comes to do, from the home page to the saved record."""

import logging
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5, make_treated_patient
from django.utils import timezone
from keyboard import fill, follow, tab_to
from playwright.sync_api import Page, Request

from assessments.models import Assessment
from clinic.audit.models import AuditEvent
from clinic.policy import Role
from infusions.models import Course, Infusion, IntegrationNote
from patients.models import Consent, Patient
from patients.services import add_to_history

#: A name and a text that occur nowhere else: wherever one of them turns up, a patient leaked.
CANARY = "Zanzibarqua"


@pytest.fixture
def leaks(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[Page], None]]:
    """`leaks(page)` watches a page: its addresses, and at the end the browser's storage and the log, must not hold the canary."""
    caplog.set_level(logging.INFO)
    watched: list[Page] = []
    asked: list[str] = []

    def watch(page: Page) -> None:
        def heard(request: Request) -> None:
            asked.append(request.url)

        page.on("request", heard)
        watched.append(page)

    yield watch
    for page in watched:
        stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert CANARY.lower() not in stored.lower()
        assert "history-cache" not in stored, "a page is kept for the next person"
        assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
        assert page.evaluate("caches.keys().then((all) => all.length)") == 0
        cookies = [f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies()]
        assert CANARY.lower() not in " ".join(cookies).lower()
    assert asked
    assert not [url for url in asked if CANARY.lower() in url.lower()]
    assert CANARY.lower() not in caplog.text.lower()


def test_intake_registers_a_patient_and_enters_a_pcl5_by_keys_alone(
    open_as: Any, leaks: Callable[[Page], None]
) -> None:
    """Given intake at the home page, when a patient is registered and a form keyed, then both are saved as keyed."""
    page = open_as(Role.INTAKE, "/")
    leaks(page)

    follow(page, "Patients")
    follow(page, "Register")
    fill(page, "Given name", "Maren")
    fill(page, "Family name", CANARY)
    fill(page, "MRN", "TM-20418")
    fill(page, "Birth date", "08031984")
    follow(page, "Register patient")

    patient = Patient.objects.get()
    assert (patient.family_name, patient.date_of_birth) == (CANARY, date(1984, 8, 3))
    assert patient.public_id in page.url

    follow(page, "Enter PCL-5")
    keys = "32132330" + "." + "23332213334"
    with page.expect_navigation():
        page.keyboard.type(keys)
        page.keyboard.press("Enter")

    form = Assessment.objects.get()
    assert form.answers == [None if key == "." else int(key) for key in keys]
    assert form.patient == patient
    assert page.locator("h1").count() == 1
    assert "19 of 20" in page.locator("main").inner_text()


def test_intake_finds_a_patient_however_the_name_is_typed(open_as: Any, leaks: Callable[[Page], None]) -> None:
    """Given an accented name, when it is searched without, then she is found and no name stands in an address."""
    patient = make_patient(given_name="Łucja", family_name=f"{CANARY} Ångström")
    make_patient(family_name="Other")
    page = open_as(Role.INTAKE, "/questionnaires/")
    leaks(page)
    page.locator("body").press("/")
    page.keyboard.type(f"{CANARY.upper()} angstrom")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator("main").get_by_text(f"{CANARY} Ångström, Łucja").wait_for()
    assert page.get_by_text("Other, Maren").count() == 0
    event = AuditEvent.objects.filter(detail__has_key="patient_ids").latest("id")
    assert event.detail["patient_ids"] == [patient.pk]
    assert CANARY.lower() not in str(event.detail).lower()


def test_a_clinician_opens_a_course_and_logs_an_infusion_with_a_dose_warning(
    open_as: Any, leaks: Callable[[Page], None]
) -> None:
    """Given a patient who consented, when 1.3 mg/kg is logged, then the limit is shown before it is saved, and it is saved."""
    patient = make_patient(family_name=CANARY)
    for kind in (Consent.Kind.OFF_LABEL_KETAMINE, Consent.Kind.TREATMENT):
        consent = Consent(patient=patient, kind=kind, signed_on=timezone.localdate())
        add_to_history(actor=None, entry=consent)
    page = open_as(Role.CLINICIAN, f"/patients/{patient.public_id}/")
    leaks(page)
    page.get_by_role("link", name="Open course").first.click()
    page.get_by_role("button", name="Open course").click()
    course = Course.objects.get()
    assert (course.patient, course.planned_infusions) == (patient, 6)

    page.goto(f"/patients/{patient.public_id}/")
    page.get_by_role("link", name="Log infusion").first.click()
    page.get_by_role("textbox", name="Preparation").fill(f"{CANARY} looks rested.")
    page.get_by_role("textbox", name="Intention").fill("To let the day end")
    two_hours_ago = timezone.localtime() - timedelta(hours=2)
    page.get_by_label("Started at").fill(f"{two_hours_ago:%Y-%m-%dT%H:%M}")
    page.get_by_label("Weight, kg").fill("80")
    page.get_by_label("Dose, mg/kg").fill("1.3")
    page.get_by_label("Ordered, mg").fill("104")
    page.get_by_label("Duration, minutes").fill("60")
    page.get_by_label("Given, mg").fill("104")
    warning = page.get_by_text(re.compile(r"1\.3.*above the limit of 1\.2"))
    warning.first.wait_for()
    page.get_by_role("textbox", name="Integration note").fill(f"{CANARY} slept well.")
    page.get_by_role("button", name="Save the infusion").click()
    page.get_by_role("heading", level=1, name=re.compile("Infusion 1 of 6")).wait_for()

    infusion = Infusion.objects.get()
    assert (str(infusion.dose_mg_given), infusion.intention) == ("104.00", "To let the day end")
    assert infusion.course == course
    assert IntegrationNote.objects.get().text == f"{CANARY} slept well."
    detail = AuditEvent.objects.filter(action__startswith="record").latest("id").detail
    assert any("above the limit" in said for said in detail["crossed"])


def test_a_director_goes_from_the_number_to_the_form_behind_it(open_as: Any, leaks: Callable[[Page], None]) -> None:
    """Given twelve treated patients, when "response" is opened, then its list, one patient and one form are two clicks away."""
    for number in range(12):
        make_treated_patient(baseline=50 + number, endpoint=30 if number < 9 else 52)
    page = open_as(Role.MEDICAL_DIRECTOR, "/")
    leaks(page)
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Outcomes").click()
    assert page.locator("[data-figure='response.x']").first.inner_text().startswith("9")
    page.locator("main").get_by_role("link", name="Response", exact=True).first.click()
    assert page.locator("main table tbody tr").count() == 9
    page.locator("main table tbody tr").first.get_by_role("link").first.click()
    page.get_by_role("heading", level=1, name="Maren Ellwick").wait_for()
    page.locator("main table").first.get_by_role("link").first.click()
    page.get_by_text("Repeated, disturbing, and unwanted memories of the stressful experience?").wait_for()
    read = AuditEvent.objects.filter(action__startswith="read").values_list("action", flat=True)
    assert {"read pages:patient", "read assessments:assessment"} <= set(read)


def test_a_correction_of_a_form_shows_on_the_patient_page(open_as: Any, leaks: Callable[[Page], None]) -> None:
    """Given a responder, when the endpoint is corrected upwards with a reason, then the status changes with it."""
    patient = make_treated_patient()
    page = open_as(Role.CLINICIAN, f"/patients/{patient.public_id}/")
    leaks(page)
    page.locator(".tm-status", has_text="Remission").first.wait_for()
    form = Assessment.objects.current().latest("completed_on")
    page.goto(f"/patients/{patient.public_id}/questionnaires/{form.public_id}/correct/")
    for item in range(1, 21):
        page.locator(f"input[name='item{item}'][value='3'], input[name='item_{item}'][value='3']").first.check(
            force=True
        )
    page.get_by_label("Reason").fill(f"Misread by {CANARY}")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(lambda url: "/correct/" not in url)
    page.goto(f"/patients/{patient.public_id}/")
    page.locator(".tm-status", has_text="Relapsed").or_(
        page.locator(".tm-status", has_text="No response")
    ).first.wait_for()


def test_a_patient_with_an_accent_and_an_infusion_today_is_on_the_clinicians_day(open_as: Any) -> None:
    """Given an infusion given today, when the clinician looks at home, then she is in the day's list."""
    patient = make_patient(family_name=CANARY)
    make_infusion(make_course(patient), timezone.localdate())
    make_pcl5(patient, date(2026, 5, 1), 54)
    page = open_as(Role.CLINICIAN, "/")
    assert page.get_by_role("link", name=CANARY).count()
    tab_to(page, "Skip")
