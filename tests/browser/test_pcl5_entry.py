"""Keying a PCL-5 in a real browser: twenty keys and Enter, no mouse; and every other way it can be answered."""

import random
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from builders import answers_of, make_patient, make_pcl5
from django.urls import reverse
from playwright.sync_api import Page, expect

from assessments import instruments
from assessments.models import Assessment
from clinic.policy import Role
from patients.models import Patient

PCL5 = instruments.get("pcl5")
Answers = list[int | None]
DAY = date(2025, 3, 3)


@pytest.fixture
def patient(transactional_db: None) -> Patient:
    return make_patient(given_name="Juniper", family_name="Castellane-Roe")


@pytest.fixture
def entry(open_as: Any, patient: Patient) -> Callable[..., Page]:
    """The entry page, as intake staff have it."""

    def open_entry(**look: Any) -> Page:
        page: Page = open_as(Role.INTAKE, reverse("assessments:new", args=[patient.public_id]), **look)
        return page

    return open_entry


def key_in(page: Page, answers: Answers) -> None:
    for points in answers:
        page.keyboard.press("." if points is None else str(points))


def saved(page: Page) -> Assessment:
    page.wait_for_url(re.compile(r"/questionnaires/(?!new)[\w-]+/(#|$)"))
    form: Assessment = Assessment.objects.latest("id")
    return form


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name"))


def test_twenty_keys_and_enter_save_the_form(entry: Callable[..., Page], patient: Patient) -> None:
    answers: Answers = [3, 2, 1, 3, 2, 3, 3, 0, 3, 2, 3, 3, 4, 2, 2, 1, 3, 3, 3, 4]
    page = entry()
    assert focused(page) == "item_1"
    key_in(page, answers)
    expect(page.locator("[data-total]")).to_have_text("50")
    page.keyboard.press("Enter")
    form = saved(page)
    assert (form.patient, form.answers, form.total, form.mode) == (patient, answers, 50, "paper")
    assert page.get_by_text("Saved.", exact=True).is_visible()
    assert page.get_by_role("link", name="Enter another").is_visible()


def test_going_back_and_marking_as_not_answered(entry: Callable[..., Page]) -> None:
    page = entry()
    page.keyboard.press("Backspace")
    assert focused(page) == "item_1"
    key_in(page, [3, 2])
    page.keyboard.press("Backspace")
    assert focused(page) == "item_2"
    key_in(page, [1, None])
    assert focused(page) == "item_4"
    expect(page.get_by_text("Item 3 marked not answered")).to_be_visible()
    expect(page.locator("[data-range]")).to_have_text("will end between 4 and 72")
    expect(page.locator("[data-save]")).to_have_text("Save after item 20")
    key_in(page, [2] * 17)
    assert focused(page) == "item_20"
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    assert saved(page).answers == [3, 1, None, *[2] * 16, 4]


def test_enter_before_the_last_item_saves_nothing_and_a_gap_is_named(entry: Callable[..., Page]) -> None:
    page = entry()
    page.keyboard.press("Enter")
    assert focused(page) == "item_2"
    key_in(page, [2] * 19)
    expect(page.locator("[data-save]")).to_have_text("Save after item 1")
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_have_text("Answer item 1, or mark it as not answered.")
    assert focused(page) == "item_1"
    assert not Assessment.objects.exists()
    page.keyboard.press("7")
    expect(page.locator("[data-said]")).to_have_text("7 is no answer of this form.")
    page.keyboard.press("4")
    expect(page.locator("[data-save]")).to_have_text("Save")
    page.locator("[data-save]").click()
    assert saved(page).answers == [4, *[2] * 19]


def test_a_key_held_down_answers_once(entry: Callable[..., Page]) -> None:
    page = entry()
    for _ in range(5):
        page.keyboard.down("3")  # without a release each further one is a repeat
    page.keyboard.up("3")
    assert focused(page) == "item_2"
    expect(page.locator("[data-keyed]")).to_have_text("1 of 20 keyed")


def test_arrows_tab_mouse_and_the_fields_above_stay_native(entry: Callable[..., Page]) -> None:
    page = entry()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#id_item_1_1")).to_be_checked()
    page.keyboard.press("Tab")
    assert focused(page) == "item_2"
    for item in (12, 3, 20):  # each click moves the marked row, and none may miss
        page.locator(f"label:has(#id_item_{item}_3)").click()
        expect(page.locator(f"#id_item_{item}_3")).to_be_checked()
        expect(page.locator(".tm-item--now")).to_have_attribute("data-item", str(item))
    expect(page.locator("[data-total]")).to_have_text("10")
    page.get_by_label("Form").select_option("week")
    expect(page.get_by_role("heading", name="In the past week, how much were you bothered by:")).to_be_visible()
    expect(page.get_by_text("In the past month, how much were you bothered by:").first).to_be_hidden()
    page.get_by_label("Time, if noted").press_sequentially("1030AM")
    expect(page.get_by_label("Time, if noted")).to_have_value("10:30")
    expect(page.locator("[data-keyed]")).to_have_text("4 of 20 keyed")


def test_the_live_numbers_are_those_of_the_server(entry: Callable[..., Page]) -> None:
    """Random answers, whole and half keyed: total, clusters and rule as the instrument scores them."""
    page, chance = entry(), random.Random(20)
    rows = page.locator("[data-item]")
    for round_number in range(12):
        gaps = chance.choice([0, 0, 1, 4])
        answers: Answers = [chance.choice([0, 1, chance.randrange(5)]) for _ in range(20)]
        for item in chance.sample(range(20), gaps):
            answers[item] = None
        rows.first.locator("input").first.focus()
        key_in(page, answers)
        score = PCL5.score(answers)
        assert page.locator("[data-total]").text_content() == str(score.answered_sum), round_number
        for part in PCL5.subscales:
            shown = page.locator(f"[data-cluster={part.id}] [data-sum]").text_content()
            points = sum(answers[number - 1] or 0 for number in part.items)
            assert shown == (f"{points} +" if score.subscales[part.id] is None else str(points))
        rule = str(page.locator("[data-rule]").text_content())
        said = True if rule == "met" else False if rule.startswith("not met") else None
        assert said is score.rule_met, (answers, rule)
        flag = page.locator("[data-review]")
        assert flag.is_visible() is bool(score.review_flags)


def test_the_previous_total_is_there_to_compare_with(entry: Callable[..., Page], patient: Patient) -> None:
    make_pcl5(patient, DAY, 54)
    page = entry()
    expect(page.get_by_text("Ring: 54 on 3 Mar 2025, month form.")).to_be_visible()
    ring = page.locator("[data-strip] .tm-strip__from")
    assert float(ring.get_attribute("cx") or 0) == pytest.approx(4 + 292 * 54 / 80)


def test_leaving_with_unsaved_answers_is_asked_about(entry: Callable[..., Page]) -> None:
    asked: list[str] = []
    page = entry()
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.keyboard.press("3")
    page.get_by_role("link", name="Leave without saving").click(no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.locator("#id_item_1_3")).to_be_checked()
    key_in(page, [2] * 19)
    page.keyboard.press("Enter")
    saved(page)
    assert asked == ["beforeunload"]


def test_without_scripts_the_form_is_plain_radios(entry: Callable[..., Page]) -> None:
    page = entry(scripts=False)
    assert not page.get_by_role("heading", name="So far").is_visible()
    for number in range(1, 20):
        page.locator(f"label:has(#id_item_{number}_2)").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#item_20_said")).to_have_text("Answer item 20, or mark it as not answered.")
    page.get_by_role("link", name="item 20").click()
    page.locator("label:has(#id_item_20_5)").click()
    page.get_by_role("button", name="Save").click()
    assert saved(page).answers == [*[2] * 19, None]


def test_a_refused_form_is_shown_with_everything_typed(entry: Callable[..., Page], patient: Patient) -> None:
    first = make_pcl5(patient, DAY, 54)
    page = entry()
    page.get_by_label("Completed on").fill(DAY.isoformat())
    page.locator("#id_item_1_0").focus()
    key_in(page, [1] * 20)
    page.keyboard.press("Enter")
    link = page.locator("#div_id_completed_on").get_by_role("link", name="Open the form of that day.")
    expect(link).to_have_attribute("href", re.compile(first.public_id))
    expect(page.locator("[data-total]")).to_have_text("20")
    page.get_by_label("Form").select_option("week")
    page.locator("[data-save]").click()
    assert saved(page).form == "week"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_half_keyed_and_refused_pages_are_accessible(
    entry: Callable[..., Page], patient: Patient, axe: Callable[[Page], None], dark: bool
) -> None:
    """How the pages look when they are opened is looked at in test_every_page."""
    form = make_pcl5(patient, DAY, 0, answers=[3, None, *[3] * 18])
    page = entry(dark=dark)
    key_in(page, [3, None, *[4] * 15])
    page.locator("[data-save]").click(force=True)  # it is marked as disabled, and says what is missing
    axe(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(reverse("assessments:assessment", args=[patient.public_id, form.public_id]))
    axe(page)
    page.get_by_role("link", name="Move to another patient").click()
    page.get_by_role("button", name="Find the patient").click()
    axe(page)


def test_on_a_phone_it_is_answered_by_touch(entry: Callable[..., Page]) -> None:
    page = entry(width=390, height=844)
    for number in range(1, 21):
        label = page.locator(f"label:has(#id_item_{number}_1)")
        label.click()
        box = label.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 40
    sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(sideways) <= 0
    button = page.locator("[data-save]")
    expect(button).to_be_in_viewport()
    button.click()
    assert saved(page).answers == answers_of(20)
    assert page.evaluate(sideways) <= 0
