"""A whole session on a tablet, from the checks to the signature; and the printed record beside what was entered."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tablet import FOUND, PASSWORD, TABLET, Clock, Tablet, chair_now, events, room_url, running_chair

from infusions.models import Infusion, StockEntry
from infusions.session.checklist import ITEMS
from infusions.session.log import Kind
from infusions.session.scales import ALDRETE, DISCHARGE_ITEMS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def prepare(tablet: Tablet) -> None:
    """The checks, the first vital signs and the order."""
    for item in ITEMS:
        tablet.choose(f"check.{item.name}", "na" if item.name == "pregnancy_test" else "yes")
    tablet.type(chair="Room 2", escort_name="Sister", escort_phone="555 0100", intention="Stay with the breath.")
    fasted = timezone.localtime(timezone.now() - timedelta(hours=9))
    tablet.type(last_solid_at=f"{fasted:%Y-%m-%dT%H:%M}", last_clear_at=f"{fasted:%Y-%m-%dT%H:%M}")
    tablet.type(weight_kg="82.4", dose_mg_per_kg="0.8", minutes="40", vial_mg_per_ml="50", bag_ml="100")
    tablet.take(**FOUND)
    tablet.saved()


def test_a_whole_session(open_as: Any, clock: Clock, axe: Any) -> None:
    chair = chair_now()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    page = tablet.page
    page.locator("[data-enter=begun]").click()
    expect(tablet.log()).to_contain_text("Checks begun")
    prepare(tablet)
    expect(page.locator("[data-part=against]")).to_contain_text("nothing stands against the start")
    expect(page.locator("[data-part=dose]")).to_contain_text("152.0 mL/h")
    axe(page)
    tablet.enter("dose_checked", second_email=chair.colleague.email, second_password=PASSWORD)
    expect(page.locator("[data-part=dose]")).to_contain_text(f"Second check, {chair.colleague}")
    tablet.enter("drawn", lot="K24-118", vial_mg_per_ml="50", ml="1.5")
    tablet.enter("started")
    expect(page.locator(".tm-step[data-step=during]")).to_have_attribute("aria-current", "step")
    run_the_pump(tablet, clock, axe)

    row = Infusion.objects.get(pk=chair.infusion.pk)
    assert row.status == "stopped_early"
    minutes, given = row.minutes or Decimal(0), row.dose_mg_given or Decimal(0)
    assert abs(minutes - 25) < 1  # ten before the pause, fifteen after it
    assert abs(given - Decimal("41.2")) < 2
    waste(tablet, str(Decimal(75) - given), chair.colleague.email)
    assert [entry.kind for entry in StockEntry.objects.order_by("id")] == ["drawn", "wasted"]
    recover(tablet, clock, axe)
    sign(tablet)
    axe(page)
    assert len(events(chair, Kind.SIGNED)) == 1
    expect(tablet.field("intensity").first).to_be_disabled()
    print_and_compare(tablet, given)


def run_the_pump(tablet: Tablet, clock: Clock, axe: Any) -> None:
    """A hypertensive reading after ten minutes, a pause with a rescue drug, another fifteen minutes, an early stop."""
    page = tablet.page
    clock.pass_minutes(10)
    tablet.take(systolic_mmhg=184, diastolic_mmhg=112, heart_rate_per_min=94, spo2_percent=96, moaa_s=4)
    alert = page.locator("[data-part=alerts]")
    expect(alert).to_contain_text("BP 184/112")
    expect(page.locator("[data-due-words]")).to_contain_text("Repeat the reading")
    axe(page)
    tablet.enter("paused", reason="Pressure")
    tablet.enter("acknowledged", done="Prescriber told; paused")
    expect(alert).not_to_contain_text("BP 184/112")
    tablet.enter("drug", name="Labetalol", dose="10 mg", route="IV", reason="Blood pressure", response="160/95")
    clock.pass_minutes(5)
    tablet.take(systolic_mmhg=152, diastolic_mmhg=92, heart_rate_per_min=88, spo2_percent=97, moaa_s=4)
    page.locator("[data-enter=resumed]").click()
    expect(page.locator("[data-open=paused]")).to_be_enabled()
    event = {"term": "Raised blood pressure", "ctcae_grade": "2", "relatedness": "probable", "action_taken": "paused"}
    tablet.enter("adverse_event", **event)
    clock.pass_minutes(8)
    tablet.take(systolic_mmhg=148, diastolic_mmhg=90, heart_rate_per_min=86, spo2_percent=97, moaa_s=4)
    clock.pass_minutes(7)
    tablet.enter("stopped", early=True, reason="Headache")
    expect(page.locator(".tm-step[data-step=after]")).to_have_attribute("aria-current", "step")


def waste(tablet: Tablet, mg: str, witness: str) -> None:
    """What is left is wasted before a colleague, who signs on the same tablet."""
    said = {"amount": mg, "unit": "mg", "method": "Sink", "reason": "Left in bag and vial"}
    tablet.enter("wasted", **said, second_email=witness, second_password=PASSWORD)
    expect(tablet.page.locator("[data-part=stock]")).to_contain_text("Accounted for")


def recover(tablet: Tablet, clock: Clock, axe: Any) -> None:
    """Vital signs by the schedule, the scores, the discharge, a first integration note."""
    page = tablet.page
    for passed in (15, 15, 31):
        clock.pass_minutes(passed)
        tablet.take(systolic_mmhg=130, diastolic_mmhg=82, heart_rate_per_min=76, spo2_percent=98, moaa_s=5)
    for domain in ALDRETE:
        tablet.choose(f"aldrete.{domain.name}", "2")
    for one in DISCHARGE_ITEMS:
        tablet.choose(f"discharge.{one.name}", "yes")
    tablet.type(intensity="7", cadss6="9", next_appointment="Tuesday 10:00")
    expect(page.locator("[data-part=discharge]")).to_contain_text("Nothing stands against the discharge")
    axe(page)
    tablet.enter("discharged")
    page.locator("[data-field='my.integration_note.text']").fill("Lighter than before.")
    page.locator("form[data-entry=integration_note] [type=submit]").click()
    expect(tablet.log()).to_contain_text("Lighter than before.")


def sign(tablet: Tablet) -> None:
    """With the password once more; nothing is missing, so no reason is asked for."""
    expect(tablet.page.locator("[data-part=sign]")).to_contain_text("Nothing is missing")
    tablet.enter("signed", password=PASSWORD)
    expect(tablet.page.locator("[data-part=sign]")).to_contain_text("Signed by")


def print_and_compare(tablet: Tablet, given: Decimal) -> None:
    """The printed record says what was entered."""
    page = tablet.page
    page.locator("[data-part=sign]").get_by_role("link", name="Record").click()
    page.emulate_media(media="print")
    printed = " ".join(page.locator("body").inner_text().split())
    entered = (
        *("82.4 kg", "0.8 mg/kg", "65.9 mg", "1.32 mL", "152.0 mL/h", "Stay with the breath.", "Sister", "Room 2"),
        *("128/80", "184/112", "152/92", "148/90", "130/82", "Prescriber told; paused", "Pressure", "Headache"),
        *("Labetalol", "10 mg", "160/95", "Raised blood pressure", "K24-118", "75 mg", f"{given.normalize():f} mg"),
        *("Sink", "Left in bag and vial", "Lighter than before.", "Lena Marchetti", "SHA-256"),
    )
    assert [words for words in entered if words not in printed] == []


def test_one_hand_and_a_keyboard(open_as: Any) -> None:
    """Enter goes from reading to reading, and records the set from the last one."""
    chair = chair_now()
    chair.prepare()
    tablet = Tablet(open_as(chair.actor, room_url(chair)))
    page = tablet.page
    page.locator("form[data-entry=vitals] [name=systolic_mmhg]").focus()
    for value in ("131", "82", "70", "99", "14", "5", "0", "0"):
        page.keyboard.type(value)
        page.keyboard.press("Enter")
    expect(tablet.log()).to_contain_text("131/82, pulse 70, SpO₂ 99 %, breaths 14, sedation 5, pain 0, nausea 0")


def test_a_password_is_not_left_in_a_closed_dialog(open_as: Any) -> None:
    """A colleague who went back after all has signed nothing: the next one to open the dialog cannot do it in her name."""
    chair = chair_now()
    chair.prepare()
    page = Tablet(open_as(chair.actor, room_url(chair), **TABLET)).page
    dialog = page.locator("[data-dialog=dose_checked]")
    page.locator("[data-open=dose_checked]").click()
    dialog.locator("[name=second_email]").fill(chair.colleague.email)
    dialog.locator("[name=second_password]").fill(PASSWORD)
    dialog.locator("[data-close]").click()
    page.locator("[data-open=dose_checked]").click()
    expect(dialog.locator("[name=second_password]")).to_have_value("")


def test_sedation_by_rass(open_as: Any) -> None:
    """Each value has a key; who prefers RASS has it until the end of the session, and nobody else has."""
    chair = running_chair()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    moaa_s, rass = (tablet.page.locator(f"form[data-entry=vitals] [name={name}]") for name in ("moaa_s", "rass"))
    expect(rass).to_be_hidden()
    moaa_s.click()
    tablet.press(4)
    tablet.choose("my.sedation_scale", "rass")
    expect(moaa_s).to_be_hidden()
    expect(tablet.page.locator("[data-key-of-pad='2']")).to_have_text("−4")
    tablet.take(systolic_mmhg=130, diastolic_mmhg=80, rass=3)  # the key of −3
    assert events(chair, Kind.VITALS)[-1].data["rass"] == -3
    assert "moaa_s" not in events(chair, Kind.VITALS)[-1].data
    expect(tablet.page.locator("[data-part=alerts]")).to_contain_text("RASS -3 at")
    expect(tablet.page.locator("[data-last=rass]")).to_have_text("−3")
    rass.click()
    tablet.press(809)
    expect(rass).to_have_value("+3")
    tablet.page.locator("[data-key-of-pad=next]").click()
    expect(tablet.page.locator("[data-key-of-pad='2']")).to_have_text("2")
    tablet.saved()
    tablet.page.reload()
    expect(rass).to_have_value("+3")
    expect(moaa_s).to_be_hidden()
    tablet.page.locator("[data-key-of-pad=save]").click()
    expect(rass).to_have_value("")
    assert events(chair, Kind.VITALS)[-1].data["rass"] == 3
    expect(moaa_s).to_be_hidden()
    other = Tablet(open_as(chair.colleague, room_url(chair), **TABLET))
    expect(other.page.locator("form[data-entry=vitals] [name=rass]")).to_be_hidden()


def test_a_temperature_is_taken_aside(open_as: Any) -> None:
    """The pad sets its point; *Next* leads back to the usual set and never to it."""
    chair = chair_now()
    chair.prepare()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    tablet.page.locator("form[data-entry=vitals] [name=nausea]").click()
    expect(tablet.page.locator("[data-next-words]")).to_have_text("Systolic")
    tablet.take(systolic_mmhg=131, diastolic_mmhg=82, temperature_celsius=368)
    expect(tablet.log()).to_contain_text("131/82, 36.8 °C")
    tablet.page.locator("form[data-entry=vitals] [name=temperature_celsius]").click()
    tablet.press(3680)
    expect(tablet.page.locator("[name=temperature_celsius]")).to_have_value("36.8")
    expect(tablet.page.locator("[data-next-words]")).to_have_text("Systolic")
    expect(tablet.page.locator("[data-last=temperature_celsius]")).to_have_text("36.8")


def test_a_dialog_opens_where_there_is_something_to_enter(open_as: Any) -> None:
    """Not at the time, which is now; without what was refused before; and a stop before the bag is empty is early."""
    chair = running_chair()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    page = tablet.page
    rate = page.locator("[data-dialog=rate]")
    page.locator("[data-open=rate]").click()
    expect(rate.locator("[name=ml_per_h]")).to_be_focused()
    rate.locator("[type=submit]").click()
    expect(rate.locator("[data-error=ml_per_h]")).not_to_be_empty()
    rate.locator("[data-close]").click()
    page.locator("[data-open=rate]").click()
    expect(rate.locator("[data-error=ml_per_h]")).to_be_empty()
    expect(rate.locator("[aria-invalid=true]")).to_have_count(0)
    rate.locator("[data-close]").click()
    page.locator("[data-open=stopped]").click()
    stop = page.locator("[data-dialog=stopped]")
    expect(stop.locator("[name=early]")).to_be_checked()
    stop.locator("[name=early]").uncheck()
    expect(stop.locator("[name=reason]")).to_be_hidden()


def test_the_next_set_begins_with_the_first_reading(open_as: Any) -> None:
    chair = running_chair()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    tablet.take(**FOUND)
    tablet.press(131)
    expect(tablet.page.locator("form[data-entry=vitals] [name=systolic_mmhg]")).to_have_value("131")
    expect(tablet.page.locator("form[data-entry=vitals] [name=moaa_s]")).to_have_value("")


def test_what_is_done_next_is_on_the_first_screen(open_as: Any) -> None:
    """Under an alert, too, nobody scrolls to pause or stop the pump."""
    chair = running_chair()
    tablet = Tablet(open_as(chair.actor, room_url(chair), **TABLET))
    tablet.take(**{**FOUND, "systolic_mmhg": 165})
    expect(tablet.page.locator("[data-part=alerts]")).to_contain_text("165")
    for name in ("Pause", "Stop", "Event", "Rescue drug", "Note"):
        box = tablet.page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= TABLET["height"], name


@pytest.mark.parametrize("dark", [False, True])
def test_every_dialog_of_a_running_session(open_as: Any, axe: Any, dark: bool) -> None:
    chair = running_chair()
    chair.enter(Kind.DRAWN, lot="K1", vial_mg_per_ml=Decimal(50), ml=Decimal(2))
    tablet = Tablet(open_as(chair.actor, room_url(chair), dark=dark, **TABLET))
    tablet.take(**{**FOUND, "systolic_mmhg": 205})
    page = tablet.page
    kinds = ("acknowledged", "paused", "stopped", "rate", "adverse_event", "drug", "sitting", "note", "correction")
    for kind in kinds:
        page.locator(f"[data-open={kind}]:visible").first.click()
        axe(page)
        page.locator(f"[data-dialog={kind}] [data-close]").click()
    page.locator("[data-step=after]").first.click()
    for kind in ("drawn", "wasted"):
        page.locator(f"[data-open={kind}]:visible").first.click()
        axe(page)
        page.locator(f"[data-dialog={kind}] [data-close]").click()
