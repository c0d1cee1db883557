"""Every page in a real browser: an empty clinic, a full one, a patient of 500 encounters; light and dark; three widths."""

import gzip
from datetime import date, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from builders import NOW, make_course, make_infusion, make_pcl5, make_treated_patient, make_user
from django.urls import reverse
from full_patient import Known, addresses, make_full_patient
from page_table import PARTS, rows
from playwright.sync_api import Page

from clinic.models import User
from clinic.outcomes.selectors import criteria_in_force
from clinic.outcomes.services import recompute_all, refresh_summary
from clinic.policy import Role

#: Pages that somebody signed in may look at; signing in and out have tests of their own.
NAMES = [
    row.name for row in rows() if "200" in row.get and not row.name.startswith("account_l") and row.name not in PARTS
]
NAMES.remove("account_inactive")
#: A desktop, a tablet, a phone: none of them scrolls a page sideways.
WIDTHS = (1440, 820, 390)
#: Pages that draw charts may weigh more.
WITH_CHARTS = {"outcomes:dashboard", "outcomes:details", "pages:patient"}


@pytest.fixture
def everybody() -> User:
    """One person who may open every page."""
    return make_user(Role.MEDICAL_DIRECTOR, Role.ADMINISTRATOR)


def address_of(name: str, known: Known | None) -> str:
    return known.address(name) if known else reverse(name)


def recount() -> None:
    """Outcomes and summary as of today."""
    recompute_all(now=NOW)
    refresh_summary(criteria_in_force().number, now=NOW)


def fill_clinic() -> Known:
    """Sixty treated patients of every fate, and one with something on every page."""
    known = make_full_patient()
    for number in range(60):
        make_treated_patient(baseline=40 + number % 30, endpoint=None if number % 4 == 0 else 8 + number % 45)
    recount()
    return known


def make_long_record() -> Known:
    """A patient of 500 encounters: 250 infusions and 250 PCL-5s on one course."""
    known = make_full_patient()
    course = make_course(known.patient, 2)
    for number in range(250):
        make_infusion(course, date(2025, 4, 4) + timedelta(days=number), dose_mg_per_kg="0.5")
        make_pcl5(known.patient, date(2025, 4, 5) + timedelta(days=number), 20 + number % 40, form="week")
    recount()
    return known


def faults(page: Page, address: str) -> list[str]:
    """What is wrong with a page: its status, its accessibility in light and in dark, a sideways scroll at some width."""
    response = page.goto(address)
    if not response or response.status != 200:
        return [f"{address}: status {response and response.status}"]
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        broken = Axe().run(page, options={"preload": False}).response["violations"]
        found += [
            f"{address} {scheme}: {rule['id']}: {node['html'][:160]}" for rule in broken for node in rule["nodes"]
        ]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        by = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{address}: {by} px too wide at {width}"] if by > 0 else []
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


def look_at(page: Page, names: list[str], known: Known | None) -> None:
    found = [fault for name in names for fault in faults(page, address_of(name, known))]
    assert not found, "\n".join(found)


def test_an_empty_clinic(open_as: Any, everybody: User) -> None:
    page = open_as(everybody, "/")
    look_at(page, [name for name in NAMES if not addresses()[name]], None)
    for role in (Role.INTAKE, Role.CLINICIAN, Role.MEDICAL_DIRECTOR, Role.ADMINISTRATOR):
        look_at(open_as(role, "/"), ["pages:home"], None)


@pytest.mark.parametrize("half", [0, 1])
def test_a_full_clinic(open_as: Any, everybody: User, half: int) -> None:
    known = fill_clinic()
    look_at(open_as(everybody, "/"), NAMES[half::2], known)
    roles = (Role.INTAKE, Role.CLINICIAN) if half else (Role.MEDICAL_DIRECTOR, Role.ADMINISTRATOR)
    for role in roles:
        look_at(open_as(role, "/"), ["pages:home"], known)


def test_a_patient_of_500_encounters(open_as: Any, everybody: User) -> None:
    known = make_long_record()
    names = [
        name for name in NAMES if name.startswith("pages:patient_") or name in {"pages:patient", "patients:history"}
    ]
    look_at(open_as(everybody, "/"), names, known)


def test_every_page_is_light_and_shows_its_main_action(open_as: Any, everybody: User) -> None:
    """Compressed, under 200 KB without charts and 600 KB with; the primary button within 1440 x 900 without scrolling."""
    known = fill_clinic()
    page = open_as(everybody, "/")
    weights: dict[str, int] = {}
    page.on("response", lambda response: weights.__setitem__(response.url, _weight(response)))
    found = []
    for name in NAMES:
        weights.clear()
        page.goto(address_of(name, known))
        kilobytes = sum(weights.values()) / 1000
        if kilobytes > (600 if name in WITH_CHARTS else 200):
            found.append(f"{name} weighs {kilobytes:.0f} KB")
        buttons = page.locator("main .btn-primary, main .btn-danger").filter(visible=True)
        if not buttons.count():
            continue
        box = buttons.first.bounding_box()
        if not box or box["y"] + box["height"] > 900:
            found.append(f"{name}: the primary button ends at {box and box['y'] + box['height']:.0f} px")
    assert not found, "\n".join(found)


def _weight(response: Any) -> int:
    try:
        return len(gzip.compress(response.body(), 6))
    except Exception:
        return 0
