"""Nothing that was typed in the infusion room is lost, whatever happens to the connection, the sign-in or the browser."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect
from tablet import PASSWORD, TABLET, Tablet, chair_now, events, room_url, running_chair, text_of

from infusions.session.log import Kind

pytestmark = pytest.mark.django_db(transaction=True)


def forget_failed_requests(complaints: list[str]) -> None:
    """The browser says so of each request that this test made fail."""
    complaints[:] = [one for one in complaints if "net::ERR_" not in one]


def at_the_checks(open_as: Any) -> tuple[Any, Tablet]:
    chair = chair_now()
    chair.prepare()
    return chair, Tablet(open_as(chair.actor, room_url(chair), **TABLET))


def test_a_field_saves_itself_within_three_seconds(open_as: Any) -> None:
    chair, tablet = at_the_checks(open_as)
    tablet.field("preparation_note").press_sequentially("Talked through the last session. ", delay=100)
    tablet.page.wait_for_timeout(1500)
    assert text_of(chair, "preparation_note") == "Talked through the last session."
    expect(tablet.page.locator("[data-save-words]")).to_contain_text("Saved ")
    tablet.page.reload()
    expect(tablet.field("preparation_note")).to_have_value("Talked through the last session. ")


def test_a_half_written_dialog_is_there_after_a_crash(open_as: Any) -> None:
    chair = running_chair()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    tablet.page.locator("[data-open=note]").click()
    tablet.field("my.note.text").fill("She sees the sea.")
    tablet.page.locator("form[data-entry=vitals] [name=systolic_mmhg]").evaluate(
        "box => { box.value = '14'; box.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    tablet.page.wait_for_timeout(2500)
    tablet.page.context.close()  # no leave-taking
    again = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    expect(again.field("my.vitals.systolic_mmhg")).to_have_value("14")
    again.page.locator("[data-open=note]").click()
    expect(again.field("my.note.text")).to_have_value("She sees the sea.")
    other = Tablet(open_as(chair.colleague, room_url(chair), **TABLET))
    expect(other.field("my.note.text")).to_have_value("")  # a draft is its writer's own


def test_a_field_that_stands_in_a_dialog_too_is_saved_from_both(open_as: Any) -> None:
    chair = running_chair()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    sits = tablet.page.locator("[data-open=sitting]")
    box = tablet.page.locator("[data-dialog=sitting] [data-field=sitter]")
    for name in ("Q. Nurse", "P. Sorrel"):
        sits.click()
        box.fill(name)
        tablet.page.locator("[data-dialog=sitting] [data-close]").click()
        expect(sits).to_contain_text(name)
    tablet.saved()
    assert text_of(chair, "sitter") == "P. Sorrel"
    expect(tablet.field("sitter").first).to_have_value("P. Sorrel")


def test_a_lost_connection(open_as: Any, complaints: list[str]) -> None:
    chair, tablet = at_the_checks(open_as)
    tablet.page.context.set_offline(True)
    tablet.type(intention="Let go")
    expect(tablet.page.locator("[data-save-words]")).to_contain_text("Not saved since", timeout=8000)
    tablet.page.context.set_offline(False)
    tablet.saved()
    assert text_of(chair, "intention") == "Let go"
    forget_failed_requests(complaints)


def test_a_lost_sign_in_covers_the_page_and_keeps_what_was_typed(open_as: Any, axe: Any) -> None:
    chair, tablet = at_the_checks(open_as)
    Session.objects.all().delete()
    tablet.type(intention="Let go")
    lock = tablet.page.locator("[data-lock]")
    expect(lock).to_be_visible()
    expect(tablet.page.locator(".tm-room-grid")).to_be_hidden()
    lock.locator("[name=password]").fill("not-the-password")
    lock.locator("[type=submit]").click()
    expect(lock).to_contain_text("does not match")
    axe(tablet.page)
    lock.locator("[name=password]").fill(PASSWORD)
    lock.locator("[type=submit]").click()
    expect(lock).to_be_hidden()
    tablet.saved()
    assert text_of(chair, "intention") == "Let go"


def test_a_page_that_nobody_touches_locks_itself(open_as: Any) -> None:
    """What was typed just before is saved; the next person at the tablet sees nothing of it."""
    chair, tablet = at_the_checks(open_as)
    page = tablet.page
    tablet.type(intention="Let go")
    page.evaluate("const now = Date.now; Date.now = () => now() + 21 * 60_000")
    expect(page.locator("[data-lock]")).to_be_visible(timeout=8000)
    assert text_of(chair, "intention") == "Let go"
    expect(page.locator(".tm-bedside")).to_be_hidden()
    assert not Session.objects.filter(session_key__in=[one["value"] for one in page.context.cookies()]).exists()
    page.locator("[data-lock] [name=password]").fill(PASSWORD)
    page.locator("[data-lock] [type=submit]").click()
    expect(page.locator(".tm-bedside")).to_be_visible()
    expect(tablet.field("intention")).to_have_value("Let go")


def test_an_expired_token(open_as: Any) -> None:
    chair, tablet = at_the_checks(open_as)
    tablet.page.context.clear_cookies(name="csrftoken")
    tablet.type(intention="Let go")
    tablet.saved()
    tablet.page.wait_for_timeout(1500)
    assert text_of(chair, "intention") == "Let go"


def test_an_answer_that_never_came(open_as: Any, complaints: list[str]) -> None:
    """The server did what it was asked, the answer was lost: trying again makes no second entry."""
    chair = running_chair()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    lost = []

    def lose_the_first(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    tablet.page.route("**/entries/vitals/", lose_the_first)
    tablet.take(systolic_mmhg=131, diastolic_mmhg=81)
    assert lost == [200]
    assert len(events(chair, Kind.VITALS)) == 2  # the one before the start, and this
    forget_failed_requests(complaints)


def test_a_double_tap_and_two_tabs(open_as: Any) -> None:
    chair = chair_now()
    first = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    first.page.locator("[data-enter=begun]").dblclick()
    expect(first.log()).to_contain_text("Checks begun")
    assert len(events(chair, Kind.BEGUN)) == 1
    second = first.page.context.new_page()
    second.goto(room_url(chair))
    other = Tablet(second)
    other.type(intention="From the second tab")
    other.saved()
    expect(first.field("intention")).to_have_value("From the second tab", timeout=7000)


def test_nothing_is_kept_in_the_browser(open_as: Any) -> None:
    chair, tablet = at_the_checks(open_as)
    tablet.type(intention="Let go")
    tablet.saved()
    assert tablet.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert tablet.page.evaluate("indexedDB.databases().then(found => found.length)") == 0
    assert tablet.page.evaluate("caches.keys().then(found => found.length)") == 0
    assert chair.patient.family_name not in tablet.page.url


class TestTwoPeople:
    def test_entries_of_both_appear(self, open_as: Any) -> None:
        chair = running_chair()
        one = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
        two = Tablet(open_as(chair.colleague, room_url(chair), **TABLET))
        expect(one.page.locator("[data-others]")).to_contain_text("is here too", timeout=12_000)
        two.enter("note", text="Music softer")
        expect(one.log()).to_contain_text("Music softer", timeout=5000)
        one.take(systolic_mmhg=133, diastolic_mmhg=84)
        expect(two.log()).to_contain_text("133/84", timeout=5000)

    def test_the_same_field(self, open_as: Any, complaints: list[str], axe: Any) -> None:
        """The second sees both texts and chooses."""
        chair, one = at_the_checks(open_as)
        two = Tablet(open_as(chair.colleague, room_url(chair), **TABLET))
        two.page.route("**/since/**", lambda route: route.abort())  # she does not learn of it in time
        one.type(intention="Let go of the day")
        one.saved()
        one.page.wait_for_timeout(1500)
        two.type(intention="Meet the fear")
        choice = two.page.locator("[data-conflict=intention]")
        expect(choice).to_contain_text("Let go of the day")
        expect(choice).to_contain_text("Meet the fear")
        axe(two.page)
        choice.get_by_text("Keep mine").click()
        two.saved()
        assert text_of(chair, "intention") == "Meet the fear"
        one.field("intention").blur()  # as long as she is in it, nothing changes under her fingers
        expect(one.field("intention")).to_have_value("Meet the fear", timeout=8000)
        forget_failed_requests(complaints)


def test_a_page_left_alone_asks_less_than_once_in_five_seconds(open_as: Any) -> None:
    chair = running_chair()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    asked: list[str] = []
    tablet.page.on("request", lambda request: asked.append(request.url))
    tablet.page.wait_for_timeout(16_000)
    assert len(asked) <= 3, asked
