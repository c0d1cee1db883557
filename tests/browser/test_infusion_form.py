"""A clinician logs an infusion at the chairside: a warning, an override with its reason, and what is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from builders import make_course, make_infusion, make_patient, make_user
from django.urls import reverse
from django.utils import timezone

from clinic.policy import Role
from infusions.models import AdverseEvent, Course, Infusion, VitalSigns
from patients.models import Consent


@pytest.fixture
def course(transactional_db: None) -> Course:
    patient = make_patient()
    today = timezone.localdate()
    Consent.objects.create(patient=patient, kind=Consent.Kind.OFF_LABEL_KETAMINE, signed_on=today - timedelta(days=30))
    course = make_course(patient)
    make_infusion(course, today - timedelta(days=7), dose_mg_per_kg="1.1", weight_kg=80)
    return course


def open_form(open_as: Any, course: Course, **look: Any) -> Any:
    where = reverse("infusions:infusion_new", args=[course.patient.public_id, course.public_id])
    page = open_as(Role.CLINICIAN, where, **look)
    started = timezone.localtime() - timedelta(hours=2)  # so that it is over
    page.get_by_label("Started at").fill(f"{started:%Y-%m-%dT%H:%M}")
    return page


def order(page: Any, dose: str, minutes: str = "60") -> None:
    page.get_by_label("Weight, kg").fill("80")
    page.get_by_label("Dose, mg/kg").fill(dose)
    page.get_by_label("Duration, minutes").fill(minutes)


def test_a_warning_is_seen_and_the_infusion_saved(open_as: Any, axe: Callable[[Any], None], course: Course) -> None:
    page = open_form(open_as, course, width=820, height=1180)
    axe(page)
    order(page, "1.25")
    check = page.get_by_role("region", name="Dose check")
    check.get_by_text("Dose 1.25 mg/kg is 0.05 mg/kg above the limit of 1.2 mg/kg").wait_for()
    assert not page.get_by_label("Reason for crossing the limit").is_visible()
    page.get_by_role("button", name="Enter 100.0 mg as ordered").click()
    assert page.get_by_label("Ordered, mg").input_value() == "100.0"
    page.get_by_role("button", name="Enter 100 mg as given").click()
    assert page.get_by_label("Given, mg").input_value() == "100.0"
    page.get_by_role("textbox", name="Intention").fill("To let the day end")
    axe(page)
    page.get_by_role("button", name="Save the infusion").click()
    page.get_by_role("heading", name="Infusion 2 of 6").wait_for()
    axe(page)
    infusion = Infusion.objects.latest("id")
    assert (infusion.dose_mg_given, infusion.limits_overridden_reason) == (100, "")


def test_an_override_asks_for_its_reason_and_the_cap_for_a_second(
    open_as: Any, axe: Callable[[Any], None], course: Course
) -> None:
    second = make_user(Role.MEDICAL_DIRECTOR)
    second.full_name = "Dr. Varnell"
    second.save()
    page = open_form(open_as, course, dark=True)
    order(page, "2.1")
    page.get_by_text("Needs two prescribers.").wait_for()
    assert page.get_by_label("Second prescriber").is_visible()
    order(page, "1.6")
    page.get_by_text("Needs a reason.").first.wait_for()
    page.get_by_label("Second prescriber").wait_for(state="hidden")
    page.get_by_label("Given, mg").fill("128")
    page.get_by_role("button", name="Save the infusion").click()
    page.get_by_role("heading", name="Nothing was saved yet").wait_for()
    axe(page)
    assert page.get_by_label("Dose, mg/kg").input_value() == "1.6"
    page.get_by_label("Reason for crossing the limit").fill("No response at 1.1")
    page.get_by_role("button", name="Save the infusion").click()
    page.get_by_text("Limits overridden, because").wait_for()
    assert Infusion.objects.latest("id").limits_overridden_reason == "No response at 1.1"


def test_what_cannot_be_is_refused_and_everything_stays(open_as: Any, course: Course) -> None:
    page = open_form(open_as, course, width=390)
    order(page, "5")
    page.get_by_text("Refused.").wait_for()
    page.get_by_label("Given, mg").fill("400")
    during = page.locator("[data-rows=during]")
    for _ in range(2):
        page.get_by_role("button", name="Add a set").nth(1).click()
    last = during.get_by_role("group", name="During, set 6")
    start = page.get_by_label("Started at").input_value()[-5:]
    last.get_by_label("Time").fill(start)
    last.get_by_label("Systolic").fill("146")
    events = page.locator("[data-rows=events]")
    events.get_by_label("What happened").fill("Nausea")
    events.get_by_label("Time").fill(start)
    events.get_by_label("CTCAE grade").select_option("1")
    page.get_by_label("Integration note").fill("Felt held.")
    page.get_by_role("button", name="Save the infusion").click()
    page.get_by_role("heading", name="Nothing was saved yet").wait_for()
    assert Infusion.objects.count() == 1
    assert page.get_by_label("Integration note").input_value() == "Felt held."
    assert during.get_by_role("group", name="During, set 6").get_by_label("Systolic").input_value() == "146"
    page.get_by_label("Dose, mg/kg").fill("0.5")
    page.get_by_label("Given, mg").fill("40")
    page.get_by_role("button", name="Save the infusion").click()
    page.get_by_role("heading", name="Infusion 2 of 6").wait_for()
    assert (VitalSigns.objects.get().systolic_mmhg, AdverseEvent.objects.get().term) == (146, "Nausea")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_it_works_without_scripts(open_as: Any, course: Course) -> None:
    page = open_form(open_as, course, scripts=False)
    order(page, "1.6")
    page.get_by_label("Given, mg").fill("128")
    page.get_by_label("Reason for crossing the limit").fill("No response at 1.1")
    page.get_by_role("button", name="Save the infusion").click()
    page.get_by_role("heading", name="Infusion 2 of 6").wait_for()


def test_a_lost_connection_is_said_and_nothing_disappears(open_as: Any, complaints: list[str], course: Course) -> None:
    page = open_form(open_as, course)
    page.route("**/check-dose/", lambda route: route.abort())
    order(page, "0.8")
    page.get_by_text("Not checked: no connection.").wait_for()
    assert page.get_by_label("Dose, mg/kg").input_value() == "0.8"
    page.wait_for_timeout(500)
    complaints[:] = [said for said in complaints if "Failed to load resource" not in said]


@pytest.mark.parametrize("name", ["infusion_correct", "infusion_status", "infusion_move", "vitals_new", "event_new"])
def test_the_other_pages_are_accessible(open_as: Any, axe: Callable[[Any], None], course: Course, name: str) -> None:
    infusion = Infusion.objects.get()
    if name == "infusion_status":
        Infusion.objects.update(status="in_progress")
    axe(open_as(Role.CLINICIAN, reverse(f"infusions:{name}", args=[course.patient.public_id, infusion.public_id])))


def test_the_limits_are_accessible_and_changed(open_as: Any, axe: Callable[[Any], None]) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, reverse("infusions:limits"), width=820)
    axe(page)
    page.get_by_label("Total dose above Warn").fill("100")
    page.get_by_label("Reason for the change").fill("Our own experience")
    page.get_by_role("button", name="Put these limits in force").click()
    page.get_by_text("Version 1 of the limits is in force.").wait_for()
    axe(page)
