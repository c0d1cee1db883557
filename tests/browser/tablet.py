"""A tablet at the chairside: what a clinician taps on the page of a session."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from chairside import Chair
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from infusions.models import SessionEvent
from infusions.services import room
from infusions.session.log import Kind

PASSWORD = "tablet-at-the-chairside"
#: A tablet upright, as the issue of the room asks for.
TABLET = {"width": 820, "height": 1180, "touch": True}
FOUND = {"systolic_mmhg": 128, "diastolic_mmhg": 80, "heart_rate_per_min": 72, "spo2_percent": 98, "moaa_s": 5}


class Clock:
    """The server's clock, which a test moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta(0)
        real = timezone.now
        monkeypatch.setattr(timezone, "now", lambda: real() + self.ahead)

    def pass_minutes(self, minutes: float) -> None:
        self.ahead += timedelta(minutes=minutes)


def chair_now(**planned: Any) -> Chair:
    """A session planned for now, with two people who have a password."""
    chair = Chair()
    chair.now = timezone.now()
    for person in (chair.actor, chair.colleague):
        person.set_password(PASSWORD)
        person.save()
    for name, value in planned.items():
        setattr(chair.infusion, name, value)
    return chair


def running_chair() -> Chair:
    """A session whose pump was started a moment ago."""
    chair = chair_now()
    chair.prepare()
    chair.enter(Kind.STARTED)
    return chair


def room_url(chair: Chair) -> str:
    return reverse("room:room", args=[chair.patient.public_id, chair.infusion.public_id])


class Tablet:
    """One open page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.wait_for_selector("html[data-room-ready]")

    def field(self, name: str) -> Any:
        return self.page.locator(f"[data-field='{name}']")

    def type(self, **values: str) -> None:
        for name, value in values.items():
            self.field(name.replace("__", ".")).fill(value)

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f"[data-field='{name}'][value='{value}']").check(force=True)

    def step(self, name: str) -> None:
        self.page.locator(f".tm-step[data-step={name}]").click()

    def saved(self) -> None:
        """Everything that was typed is on the server."""
        expect(self.page.locator("[data-save]")).to_have_attribute("data-save", "saved")

    def press(self, number: object) -> None:
        """Digits on the pad."""
        for digit in str(number):
            self.page.locator(f"[data-key-of-pad='{digit}']").click()

    def take(self, **readings: int) -> None:
        """A set of vital signs with the pad."""
        for name, value in readings.items():
            self.page.locator(f"form[data-entry=vitals] [name={name}]").click()
            self.press(value)
        before = SessionEvent.objects.filter(kind=Kind.VITALS).count()
        self.page.locator("[data-key-of-pad=save]").click()
        expect(self.page.locator("form[data-entry=vitals] [name=systolic_mmhg]")).to_have_value("")
        assert SessionEvent.objects.filter(kind=Kind.VITALS).count() == before + 1

    def enter(self, kind: str, **values: Any) -> None:
        """Fill a dialog and send it."""
        button = self.page.locator(f"[data-open={kind}]:visible").first
        if button.count():
            button.click()
        dialog = self.page.locator(f"[data-dialog={kind}]")
        for name, value in values.items():
            box = dialog.locator(f"[name={name}]")
            if value is True:
                box.check()
            elif box.first.get_attribute("type") == "radio":
                dialog.locator(f"[name={name}][value='{value}']").check(force=True)
            elif box.evaluate("box => box.tagName") == "SELECT":
                box.select_option(value)
            else:
                box.fill(value)
        dialog.locator("[type=submit]").click()
        expect(dialog).not_to_have_attribute("open", "")

    def log(self) -> Any:
        return self.page.locator(".tm-log")


def events(chair: Chair, kind: Kind) -> list[SessionEvent]:
    return list(SessionEvent.objects.filter(infusion=chair.infusion, kind=kind).order_by("id"))


def text_of(chair: Chair, name: str) -> str:
    return room.session_of(chair.infusion).text(name)


def moment(minutes_ago: float = 0) -> datetime:
    return timezone.now() - timedelta(minutes=minutes_ago)


def stamp(chair: Chair) -> room.Stamp:
    return room.Stamp(chair.actor, uuid4(), timezone.now())
