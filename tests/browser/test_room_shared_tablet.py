"""One tablet, several people and tabs: whose page it is, what covers it, and what nobody's fingers are surprised by."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect
from tablet import PASSWORD, TABLET, Tablet, chair_now, events, room_url, running_chair, text_of

from infusions.models import Infusion, SessionEvent
from infusions.session.log import Kind

pytestmark = pytest.mark.django_db(transaction=True)
IDLE = "const now = Date.now; Date.now = () => now() + 21 * 60_000"


def at_the_checks(open_as: Any) -> tuple[Any, Tablet]:
    chair = chair_now()
    chair.prepare()
    return chair, Tablet(open_as(chair.actor, room_url(chair), **TABLET))


def forget(complaints: list[str], *about: str) -> None:
    """The browser says so of each request that this test made fail."""
    complaints[:] = [one for one in complaints if not any(told in one for told in about)]


def unlock(tablet: Tablet, password: str = PASSWORD) -> None:
    tablet.page.locator("[data-lock] [name=password]").fill(password)
    tablet.page.locator("[data-lock] [type=submit]").click()


def sign_in_elsewhere(open_as: Any, tablet: Tablet, chair: Any) -> None:
    """A colleague signs in at the same tablet, in another tab."""
    other = open_as(chair.colleague, "/", **TABLET)
    tablet.page.context.add_cookies(other.context.cookies())


class TestAColleagueSignsInAtTheSameTablet:
    def test_what_the_first_one_typed_is_never_hers(self, open_as: Any, complaints: list[str]) -> None:
        chair, tablet = at_the_checks(open_as)
        sign_in_elsewhere(open_as, tablet, chair)
        tablet.type(intention="Let go of the day")
        expect(tablet.page.locator("[data-lock]")).to_be_visible()
        assert not SessionEvent.objects.filter(by=chair.colleague).exists()
        unlock(tablet)
        expect(tablet.page.locator("[data-lock]")).to_be_hidden()
        tablet.saved()
        assert text_of(chair, "intention") == "Let go of the day"
        assert not SessionEvent.objects.filter(by=chair.colleague).exists()
        forget(complaints, "status of 401")

    def test_nor_when_her_page_is_loaded_instead(self, open_as: Any, complaints: list[str]) -> None:
        chair, tablet = at_the_checks(open_as)
        sign_in_elsewhere(open_as, tablet, chair)
        tablet.field("my.vitals.systolic_mmhg").evaluate("box => { box.value = '14'; }")
        expect(tablet.page.locator("[data-lock]")).to_be_visible(timeout=8000)  # her page asks by itself
        tablet.page.reload()
        tablet.page.wait_for_timeout(500)
        assert not SessionEvent.objects.filter(by=chair.colleague).exists()
        forget(complaints, "status of 401")


class TestTheLock:
    def test_comes_without_a_connection_and_asks_for_the_password(self, open_as: Any, complaints: list[str]) -> None:
        _, tablet = at_the_checks(open_as)
        tablet.page.context.set_offline(True)
        tablet.page.evaluate(IDLE)
        lock = tablet.page.locator("[data-lock]")
        expect(lock).to_be_visible(timeout=8000)
        assert Session.objects.exists()
        tablet.page.context.set_offline(False)
        tablet.page.wait_for_timeout(3000)
        assert not Session.objects.exists()
        unlock(tablet, "not-the-password")
        expect(lock).to_contain_text("does not match")
        unlock(tablet)
        expect(lock).to_be_hidden()
        forget(complaints, "net::ERR_")

    def test_waits_while_another_room_is_watched_in_another_tab(self, open_as: Any) -> None:
        chair, first = at_the_checks(open_as)
        second = first.page.context.new_page()
        second.goto(room_url(chair))
        Tablet(second)
        first.page.evaluate("const now = Date.now; Date.now = () => now() + 20 * 60_000 - 4000")  # locks in 4 s
        for _ in range(5):
            second.wait_for_timeout(1300)
            second.keyboard.press("Shift")
        expect(first.page.locator("[data-lock]")).to_be_hidden()


def test_a_session_that_was_voided_meanwhile_leads_to_its_record(open_as: Any, complaints: list[str]) -> None:
    chair, tablet = at_the_checks(open_as)
    Infusion.objects.filter(pk=chair.infusion.pk).update(voided_at=timezone.now(), void_reason="Twice")
    expect(tablet.page.get_by_text("This infusion was voided")).to_have_count(1, timeout=9000)
    forget(complaints, "status of 404")


def test_a_field_in_focus_does_not_change_under_the_fingers(open_as: Any) -> None:
    """She goes on typing, and then sees both; when she leaves it as it was, she sees the newer one."""
    chair, tablet = at_the_checks(open_as)
    tablet.field("preparation_note").click()
    chair.actor, chair.colleague = chair.colleague, chair.actor
    chair.now = timezone.now()
    chair.type(preparation_note="Talked with her sister.", intention="Trust")
    note = tablet.page.locator("[data-note=preparation_note]")
    expect(note).to_contain_text("changed this", timeout=8000)
    expect(tablet.field("intention")).to_have_value("Trust")
    expect(tablet.field("preparation_note")).to_have_value("")
    tablet.field("intention").focus()
    expect(tablet.field("preparation_note")).to_have_value("Talked with her sister.")
    chair.type(intention="Trust the breath")
    expect(tablet.page.locator("[data-note=intention]")).to_contain_text("changed this", timeout=8000)
    tablet.field("intention").press_sequentially("!")
    choice = tablet.page.locator("[data-conflict=intention]")
    expect(choice).to_contain_text("Trust the breath")
    choice.get_by_text("Take theirs").click()
    expect(tablet.field("intention")).to_have_value("Trust the breath")


def test_a_text_that_was_refused_is_not_called_saved_and_is_not_overwritten(open_as: Any) -> None:
    chair, tablet = at_the_checks(open_as)
    tablet.type(preparation_note="x" * 20_001)
    tablet.field("preparation_note").blur()
    expect(tablet.page.locator("[data-note=preparation_note]")).to_contain_text("too long")
    expect(tablet.page.locator("[data-save-words]")).to_have_text("Not all saved: see the field")
    chair.actor, chair.now = chair.colleague, timezone.now()
    chair.type(preparation_note="Short", intention="Trust")
    expect(tablet.field("intention")).to_have_value("Trust", timeout=8000)
    assert len(tablet.field("preparation_note").input_value()) == 20_001
    tablet.type(preparation_note="Shorter")
    expect(tablet.page.locator("[data-conflict=preparation_note]")).to_contain_text("Short")
    tablet.page.locator("[data-conflict=preparation_note]").get_by_text("Keep mine").click()
    tablet.saved()
    assert text_of(chair, "preparation_note") == "Shorter"


class TestWithoutAConnection:
    def test_a_stop_happened_when_it_was_tapped(self, open_as: Any, complaints: list[str]) -> None:
        chair = running_chair()
        tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
        tablet.page.context.set_offline(True)
        tablet.page.locator("[data-open=stopped]:visible").first.click()
        dialog = tablet.page.locator("[data-dialog=stopped]")
        dialog.locator("[name=early]").check()
        dialog.locator("[name=reason]").fill("Wish of the patient")
        tapped = timezone.now()
        dialog.locator("[type=submit]").click()
        expect(dialog).to_contain_text("no connection")
        tablet.page.wait_for_timeout(4000)
        tablet.page.context.set_offline(False)
        expect(dialog).not_to_have_attribute("open", "", timeout=8000)
        (stopped,) = events(chair, Kind.STOPPED)
        assert abs(stopped.at - tapped) < timedelta(seconds=2)
        assert stopped.recorded_at - tapped > timedelta(seconds=4)
        forget(complaints, "net::ERR_")

    def test_the_pump_does_not_start_with_a_dose_that_is_not_saved(self, open_as: Any, complaints: list[str]) -> None:
        chair, tablet = at_the_checks(open_as)
        tablet.page.route("**/field/", lambda route: route.abort())
        tablet.type(dose_mg_per_kg="0.5")
        tablet.page.locator("[data-open=started]:visible").first.click()
        dialog = tablet.page.locator("[data-dialog=started]")
        dialog.locator("[type=submit]").click()
        expect(dialog).to_contain_text("not saved yet")
        assert not events(chair, Kind.STARTED)
        tablet.page.unroute("**/field/")
        tablet.saved()
        dialog.locator("[type=submit]").click()
        expect(dialog).not_to_have_attribute("open", "")
        assert events(chair, Kind.STARTED)[0].data["mg_per_kg"] == "0.5"
        forget(complaints, "net::ERR_")


@pytest.mark.parametrize(
    ("body", "kind"), [("<p>Welcome to the guest network", "text/html"), ('{"version": ', "application/json")]
)
def test_half_an_answer_and_another_ones_save_nothing(open_as: Any, body: str, kind: str) -> None:
    chair, tablet = at_the_checks(open_as)
    told = []

    def once(route: Any) -> None:
        if told:
            route.continue_()
        else:
            told.append(1)
            route.fulfill(status=200, body=body, content_type=kind)

    tablet.page.route("**/field/", once)
    tablet.type(intention="Let go")
    tablet.page.wait_for_timeout(4500)
    tablet.saved()
    assert text_of(chair, "intention") == "Let go"


def test_a_witness_types_her_password_for_each_waste(open_as: Any) -> None:
    chair = running_chair()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    dialog = tablet.page.locator("[data-dialog=wasted]")
    tablet.page.evaluate("document.querySelector('[data-dialog=wasted]').showModal()")
    dialog.locator("[name=second_password]").fill(PASSWORD)
    dialog.locator("[data-close]").click()
    expect(dialog.locator("[name=second_password]")).to_have_value("")
