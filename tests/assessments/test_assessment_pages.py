"""Entering, reading, correcting, voiding and moving a questionnaire through its pages."""

import re
from datetime import date, timedelta
from html import escape, unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from bad_input import bad_values, odd_text
from builders import NOW, answers_of, local, make_patient, make_pcl5, make_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments import instruments, services
from assessments.instruments.base import Form, Instrument, Item, Option, Subscale
from assessments.models import Assessment
from clinic.audit.models import AuditEvent
from clinic.policy import Role
from patients.models import IndexEvent, Patient

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 3)
PCL5 = instruments.get("pcl5")
Answers = list[int | None]


@pytest.fixture
def patient() -> Patient:
    return make_patient()


@pytest.fixture
def intake(client: Client) -> Client:
    client.force_login(make_user(Role.INTAKE))
    return client


def address(name: str, of: Patient | Assessment) -> str:
    if isinstance(of, Patient):
        return reverse(f"assessments:{name}", args=[of.public_id])
    return reverse(f"assessments:{name}", args=[of.patient.public_id, of.public_id])


def keyed(answers: Answers) -> dict[str, str]:
    """What the radios send."""
    return {f"item_{number}": "." if points is None else str(points) for number, points in enumerate(answers, start=1)}


def sheet(answers: Answers | None = None, **instead: Any) -> dict[str, Any]:
    """A filled-in page, from paper."""
    typed = {
        "form": "month",
        "completed_on": DAY.isoformat(),
        "completed_at": "",
        "mode": "paper",
        "idempotency_key": str(uuid4()),
        **keyed(answers_of(40) if answers is None else answers),
    }
    return {**typed, **instead}


def text_of(response: Any) -> str:
    """What a reader sees: no tags, single blanks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def beside(response: Any, field: str) -> str:
    """The messages beside a field of the head."""
    found = re.search(rf'id="div_id_{field}".*?(?=id="div_id_|class="tm-keys")', response.content.decode(), re.DOTALL)
    assert found, field
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


# --- entering ---


def test_the_page_shows_the_exact_wording_and_focuses_item_1(intake: Client, patient: Patient) -> None:
    make_pcl5(patient, DAY, 54)
    response = intake.get(address("new", patient))
    page, text = response.content.decode(), text_of(response)
    for item in PCL5.items:
        assert item.text in text
    for form in PCL5.forms:
        assert form.stem in text
        assert form.instruction in text
    assert page.count('role="radiogroup"') == 20
    assert page.count('aria-label="Not answered"') == 20
    [focused] = re.findall(r"<input[^>]*autofocus[^>]*>", page)
    assert 'name="item_1"' in focused
    assert "Ring: 54 on 3 Mar 2025, month form." in text
    assert f'value="{timezone.localdate().isoformat()}"' in page
    assert re.search(r'<option value="paper"\s+selected', page)


@pytest.mark.parametrize(("asked", "form"), [("", "month"), ("?form=week", "week"), ("?form=day", "month")])
def test_the_form_may_be_preselected(intake: Client, patient: Patient, asked: str, form: str) -> None:
    page = intake.get(address("new", patient) + asked).content.decode()
    assert re.search(rf'<option value="{form}"\s+selected', page)
    assert re.search(rf'data-printed="{form}">', page)


def test_a_questionnaire_nobody_has_is_not_found(intake: Client, patient: Patient) -> None:
    assert intake.get(address("new", patient) + "?instrument=phq99").status_code == 404


def test_a_form_is_saved_as_typed_and_shown(intake: Client, patient: Patient) -> None:
    event = IndexEvent.objects.create(patient=patient, description="A crash")
    answers: Answers = [3, 2, 1, 3, 2, 3, 3, None, 3, 2, 3, 3, 3, 2, 2, 3, 3, 3, 3, 4]
    typed = sheet(answers, form="week", mode="read_aloud", completed_at="10:00", index_event=event.public_id)
    response = intake.post(address("new", patient), typed)
    saved = Assessment.objects.get()
    assert (response.status_code, response["Location"]) == (303, address("assessment", saved))
    assert (saved.answers, saved.form, saved.mode, saved.index_event) == (answers, "week", "read_aloud", event)
    assert (saved.completed_on, saved.completed_at) == (DAY, local(DAY))
    assert saved.entered_by is not None
    assert "Saved." in text_of(intake.get(response["Location"]))


def test_a_form_sent_twice_is_one_form(intake: Client, patient: Patient) -> None:
    typed = sheet()
    answers = [intake.post(address("new", patient), typed) for _ in range(3)]
    saved = Assessment.objects.get()
    assert {(each.status_code, each["Location"]) for each in answers} == {(303, address("assessment", saved))}
    other = intake.post(address("new", patient), {**typed, "completed_on": "2025-03-04"})
    assert other.status_code == 409
    assert address("assessment", saved) in other.content.decode()
    assert Assessment.objects.count() == 1


def test_an_item_neither_answered_nor_marked_is_asked_for_and_nothing_is_lost(intake: Client, patient: Patient) -> None:
    typed = sheet([*answers_of(40)[:19], None], completed_at="10:00", mode="self")
    del typed["item_7"]
    response = intake.post(address("new", patient), typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert not Assessment.objects.exists()
    assert text_of(response).count("Answer item 7, or mark it as not answered.") == 1
    assert 'href="#id_item_7_0"' in page
    assert "autofocus" not in page
    chosen = dict(re.findall(r'name="(item_\d+)" value="(.)"[^>]* checked', page))
    assert chosen == {name: value for name, value in typed.items() if name.startswith("item_")}
    assert 'value="10:00' in page
    assert re.search(r'<option value="self"\s+selected', page)
    assert f'value="{typed["idempotency_key"]}"' in page


def test_an_empty_page_asks_for_everything(intake: Client, patient: Patient) -> None:
    response = intake.post(address("new", patient), {})
    text = text_of(response)
    assert response.status_code == 422
    assert all(f"Answer item {number}, or mark it as not answered." in text for number in range(1, 21))
    assert "Enter the day it was completed." in beside(response, "completed_on")


def test_a_form_without_any_answer_is_not_saved(intake: Client, patient: Patient) -> None:
    response = intake.post(address("new", patient), sheet([None] * 20))
    assert response.status_code == 422
    assert "No item was answered, so there is nothing to save." in text_of(response)
    assert not Assessment.objects.exists()


HEAD = [
    *[("completed_on", name, value) for name, value in bad_values("day")],
    *[("completed_at", name, value) for name, value in bad_values("day")],
    *[("form", name, value) for name, value in bad_values("choice")],
    *[("mode", name, value) for name, value in bad_values("choice")],
    *[("index_event", name, value) for name, value in bad_values("choice")],
]


@pytest.mark.parametrize(("field", "value"), [pytest.param(f, v, id=f"{f}: {n}") for f, n, v in HEAD])
def test_bad_input_is_refused_beside_its_field(intake: Client, patient: Patient, field: str, value: str) -> None:
    IndexEvent.objects.create(patient=patient, description="A crash")
    response = intake.post(address("new", patient), sheet(**{field: value}))
    assert response.status_code == 422
    assert not Assessment.objects.exists()
    assert re.search(r"Enter|Choose|Check", beside(response, field).replace("Enter the day it", ""))
    if field in {"completed_on", "completed_at"}:
        assert escape(value) in response.content.decode()


@pytest.mark.parametrize(
    ("name", "value"), [*bad_values("choice")[:-2], ("five", "5"), ("true", "True"), ("Arabic", "٣")]
)
def test_bad_answers_are_refused_beside_their_item(intake: Client, patient: Patient, name: str, value: str) -> None:
    response = intake.post(address("new", patient), sheet(item_7=value))
    assert response.status_code == 422, name
    assert not Assessment.objects.exists()
    assert "Answer item 7, or mark it as not answered." in text_of(response)


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"completed_on": "2999-01-01"}, "completed_on", "in the future"),
        ({"completed_on": "1984-08-02"}, "completed_on", "before the patient was born"),
        ({"completed_on": "2025-03-09", "completed_at": "02:30"}, "completed_at", "The clocks were changed"),
        ({"completed_at": "25:00"}, "completed_at", "This is no time."),
    ],
)
def test_days_and_times_that_cannot_be(
    intake: Client, patient: Patient, typed: dict[str, str], field: str, said: str
) -> None:
    response = intake.post(address("new", patient), sheet(**typed))
    assert response.status_code == 422
    assert said in beside(response, field)


@time_machine.travel(local(date(2026, 6, 1), hour=14), tick=False)
def test_a_time_later_today_is_refused(patient: Patient) -> None:
    intake = Client()
    intake.force_login(make_user(Role.INTAKE))
    today, later = timezone.localdate(), (timezone.localtime() + timedelta(minutes=3)).strftime("%H:%M")
    response = intake.post(address("new", patient), sheet(completed_on=today.isoformat(), completed_at=later))
    assert response.status_code == 422
    assert "This time is in the future." in beside(response, "completed_at")


def test_a_second_form_of_a_kind_and_day_leads_to_the_first(intake: Client, patient: Patient) -> None:
    first = make_pcl5(patient, DAY, 54)
    response = intake.post(address("new", patient), sheet())
    assert response.status_code == 422
    assert "There is already a form of this kind on this day." in beside(response, "completed_on")
    assert f'<a href="{address("assessment", first)}">' in response.content.decode()
    assert intake.post(address("new", patient), sheet(form="week")).status_code == 303


def test_intake_chooses_an_index_event_without_reading_it(client: Client, patient: Patient) -> None:
    event = IndexEvent.objects.create(patient=patient, description="A crash on the coast road")
    form = make_pcl5(patient, DAY, 40, index_event=event)
    for role, reads in ((Role.INTAKE, False), (Role.CLINICIAN, True)):
        client.force_login(make_user(role))
        for name, of in (("new", patient), ("assessment", form), ("correct", form)):
            text = text_of(client.get(address(name, of)))
            assert ("coast road" in text) is reads, (role, name)
            assert ("Event recorded" in text) is not reads, (role, name)


def test_an_event_of_another_patient_cannot_be_named(intake: Client, patient: Patient) -> None:
    IndexEvent.objects.create(patient=patient, description="A crash")
    other = IndexEvent.objects.create(patient=make_patient(), description="A fire")
    response = intake.post(address("new", patient), sheet(index_event=other.public_id))
    assert response.status_code == 422
    assert "Choose one of the list." in beside(response, "index_event")


def test_any_questionnaire_of_the_registry_has_the_same_page(
    intake: Client, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    three = Instrument(
        id="three",
        title="Three questions",
        source="made up for tests",
        items=(Item(1, "One?"), Item(2, "Two?"), Item(3, "Three?")),
        options=(Option(0, "No"), Option(1, "Some"), Option(3, "Yes")),
        forms=(Form("fortnight", "Past two weeks", 14, "Please answer.", "In the past two weeks:", 0),),
        subscales=(Subscale("X", "Odd ones", (1, 3)),),
        rule=lambda answers: None,
    )
    monkeypatch.setattr(instruments, "get", {"three": three, "pcl5": PCL5}.__getitem__)
    where = address("new", patient) + "?instrument=three"
    assert "In the past two weeks:" in text_of(intake.get(where))
    typed = {**sheet([3, None, 1]), "form": "fortnight"}
    response = intake.post(where, typed)
    saved = Assessment.objects.get()
    assert (response.status_code, saved.instrument, saved.answers) == (303, "three", [3, None, 1])
    text = text_of(intake.get(response["Location"]))
    assert "2 of 3 answered, sum 4" in text
    assert "X Odd ones items 1, 3 4 of 6" in text
    assert "Provisional rule indeterminate" in text


@pytest.mark.parametrize("name", ["new", "assessment", "correct", "void", "move"])
def test_an_administrator_learns_nothing(client: Client, patient: Patient, name: str) -> None:
    form = make_pcl5(patient, DAY, 40)
    client.force_login(make_user(Role.ADMINISTRATOR))
    where = address(name, patient if name == "new" else form)
    for method in (client.get, client.post):
        response = method(where)
        assert response.status_code in {404, 405}
        assert "Ellwick" not in response.content.decode()


def test_a_form_of_another_patient_is_not_found_here(intake: Client, patient: Patient) -> None:
    form = make_pcl5(make_patient(), DAY, 40)
    for name in ("assessment", "correct", "void", "move"):
        where = reverse(f"assessments:{name}", args=[patient.public_id, form.public_id])
        assert intake.get(where).status_code == 404, name


# --- reading ---


def test_a_complete_form_shows_every_answer_and_what_they_add_up_to(intake: Client, patient: Patient) -> None:
    answers: Answers = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 2, 1, 2, 3, 4]
    form = make_pcl5(patient, date(2026, 2, 27), 0, answers=answers, mode="paper")
    text = text_of(intake.get(address("assessment", form)))
    labels = {option.value: option.label for option in PCL5.options}
    for item, points in zip(PCL5.items, answers, strict=True):
        assert f"{item.number} {item.text} {points} {labels[points]}" in text  # type: ignore[index]
    assert "Total 42 of 80" in text
    assert "B Intrusion items 1–5 10 of 20" in text
    assert "E Arousal and reactivity items 15–20 16 of 24" in text
    assert "DSM-5 rule not met B met, 3 endorsed, 1 needed C not met, 0 endorsed, 1 needed" in text
    assert "Provisional, not a diagnosis" in text
    assert "Asks about 28 Jan 2026 – 27 Feb 2026" in text
    assert "27 Feb 2026, time not noted" in text
    assert "Given as Paper" in text
    assert "reviews this the same day" not in text


@pytest.mark.parametrize(
    ("gaps", "said", "prorated"),
    [
        ((8,), "19 of 20 answered, sum 38. There is no total. 40 of 80, prorated", True),
        ((1, 20), "18 of 20 answered, sum 36. There is no total. 40 of 80, prorated", True),
        ((1, 2), "2 missing, 2 of them in one cluster: too many for a prorated total.", False),
        ((1, 6, 8), "3 missing, 1 of them in one cluster: too many for a prorated total.", False),
    ],
)
def test_an_incomplete_form_says_so(
    intake: Client, patient: Patient, gaps: tuple[int, ...], said: str, prorated: bool
) -> None:
    answers: Answers = [None if number in gaps else 2 for number in range(1, 21)]
    text = text_of(intake.get(address("assessment", make_pcl5(patient, DAY, 0, answers=answers))))
    assert said in text
    assert ("prorated The" in text or ", prorated As if" in text) is prorated
    assert f"{PCL5.items[gaps[0] - 1].text} – Not answered" in text


def test_a_rule_that_missing_items_could_decide_is_indeterminate(intake: Client, patient: Patient) -> None:
    answers: Answers = [2, 0, 0, 0, 0, None, 0, *[2] * 13]
    text = text_of(intake.get(address("assessment", make_pcl5(patient, DAY, 0, answers=answers))))
    assert "DSM-5 rule indeterminate" in text
    assert "C indeterminate, 0 endorsed, 1 needed" in text


@pytest.mark.parametrize(("points", "flagged"), [(2, False), (3, True), (4, True)])
def test_item_16_asks_for_a_clinician_the_same_day(
    intake: Client, patient: Patient, points: int, flagged: bool
) -> None:
    answers: Answers = [0] * 15 + [points] + [0] * 4
    text = text_of(intake.get(address("assessment", make_pcl5(patient, DAY, 0, answers=answers))))
    assert ("A clinician reviews this the same day Item 16:" in text) is flagged


def test_every_version_is_told_and_linked(intake: Client, patient: Patient) -> None:
    first = make_pcl5(patient, DAY, 40)
    second = services.correct_assessment(
        actor=make_user(), assessment=first, now=NOW, reason="Item 3 misread", answers=[2, 2, 1, *[2] * 17]
    )
    third = services.correct_assessment(
        actor=None, assessment=second, now=NOW, reason="Wrong day", completed_on=DAY - timedelta(days=1)
    )
    old, newest = intake.get(address("assessment", first)), intake.get(address("assessment", third))
    assert "An old version: it was corrected" in text_of(old)
    assert address("assessment", third) in old.content.decode()
    assert address("correct", first) not in old.content.decode()
    for response in (old, newest):
        text = text_of(response)
        assert "Reason: Item 3 misread Changed: item 3: 2 → 1" in text
        assert "Reason: Wrong day Changed: completed on: 3 Mar 2025 → 2 Mar 2025" in text
        assert "corrected by Lena Marchetti" in text
    assert address("assessment", first) in newest.content.decode()
    assert address("correct", third) in newest.content.decode()


def test_a_voided_form_stays_readable_with_its_reason(intake: Client, patient: Patient) -> None:
    form = make_pcl5(patient, DAY, 40)
    services.void_assessment(actor=make_user(), assessment=form, reason="Another's <handwriting>", now=NOW)
    response = intake.get(address("assessment", form))
    assert "Voided: it counts nowhere" in text_of(response)
    assert "Another&#x27;s &lt;handwriting&gt;" in response.content.decode()
    assert "Total 40 of 80" in text_of(response)
    for name in ("correct", "void", "move"):
        assert address(name, form) not in response.content.decode()
        assert intake.get(address(name, form))["Location"] == address("assessment", form)


def test_the_number_of_queries_does_not_grow_with_the_record(intake: Client, patient: Patient) -> None:
    form = make_pcl5(patient, DAY, 40)

    def queries(name: str, of: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert intake.get(address(name, of)).status_code == 200
        return len(captured)

    for name, of in (("new", patient), ("assessment", form), ("correct", form)):
        queries(name, of)  # the read is noted once
    before = [queries("new", patient), queries("assessment", form), queries("correct", form)]
    for number in range(30):
        make_pcl5(patient, DAY + timedelta(days=number + 1), 40, form="week")
        IndexEvent.objects.create(patient=patient, description="Another")
        form = services.correct_assessment(
            actor=None, assessment=form, now=NOW, reason="Again", answers=answers_of(30 + number % 9)
        )
    for name, of in (("assessment", form), ("correct", form)):
        queries(name, of)
    assert [queries("new", patient), queries("assessment", form), queries("correct", form)] == before
    assert max(before) <= 12


# --- correcting ---


def correction(seen: Assessment, answers: Answers, **instead: Any) -> dict[str, Any]:
    typed = sheet(answers, form=seen.form, completed_on=seen.completed_on.isoformat(), mode=seen.mode)
    del typed["idempotency_key"]
    return {**typed, "version": seen.pk, "reason": "Item 3 misread", **instead}


def test_a_correction_begins_with_what_is_saved(intake: Client, patient: Patient) -> None:
    answers: Answers = [3, 2, 1, 3, 2, 3, 3, None, 3, 2, 3, 3, 3, 2, 2, 3, 3, 3, 3, 4]
    form = make_pcl5(patient, DAY, 0, "week", answers=answers, mode="self", completed_at=local(DAY, 14))
    page = intake.get(address("correct", form)).content.decode()
    assert dict(re.findall(r'name="(item_\d+)" value="(.)"[^>]* checked', page)) == keyed(answers)
    assert 'value="14:00"' in page
    assert 'value="2025-03-03"' in page
    assert re.search(r'<option value="week"\s+selected', page)
    assert re.search(r'<option value="self"\s+selected', page)


def test_a_correction_is_a_new_version_with_a_reason(intake: Client, patient: Patient) -> None:
    form = make_pcl5(patient, DAY, 40, mode="paper")
    answers: Answers = [2, 2, None, *[2] * 17]
    response = intake.post(address("correct", form), correction(form, answers, form="week"))
    newest = Assessment.objects.current().get()
    assert (response.status_code, response["Location"]) == (303, address("assessment", newest))
    assert (newest.answers, newest.form, newest.replaces, newest.replace_reason) == (
        answers,
        "week",
        form,
        "Item 3 misread",
    )
    form.refresh_from_db()
    assert (form.replaced, form.answers) == (True, [2] * 20)
    assert AuditEvent.objects.filter(action="correct assessment", record_id=newest.pk).exists()


def test_a_correction_needs_a_reason_and_a_change(intake: Client, patient: Patient) -> None:
    form = make_pcl5(patient, DAY, 40, mode="paper")
    no_reason = intake.post(address("correct", form), correction(form, [1] * 20, reason=" "))
    assert no_reason.status_code == 422
    assert "Say why: the reason stays with the record." in beside(no_reason, "reason")
    assert no_reason.content.decode().count('value="1" id="id_item_') == 20
    no_change = intake.post(address("correct", form), correction(form, [2] * 20))
    assert no_change.status_code == 422
    assert "Nothing differs from what is saved." in text_of(no_change)
    assert Assessment.objects.count() == 1


def test_seconds_that_the_page_does_not_show_survive_a_correction(intake: Client, patient: Patient) -> None:
    at = local(DAY, 14).replace(second=27, microsecond=5)
    form = make_pcl5(patient, DAY, 40, mode="self", completed_at=at)
    same = correction(form, [2] * 20, completed_at="14:00")
    assert "Nothing differs" in text_of(intake.post(address("correct", form), same))
    intake.post(address("correct", form), correction(form, [1] * 20, completed_at="14:00"))
    assert Assessment.objects.current().get().completed_at == at


def test_a_stale_correction_shows_both_and_saves_deliberately(intake: Client, patient: Patient) -> None:
    form = make_pcl5(patient, DAY, 40, mode="paper")
    theirs = services.correct_assessment(
        actor=make_user(), assessment=form, now=NOW, reason="Item 3", answers=[2, 2, 0, *[2] * 17]
    )
    typed = correction(form, [2, 2, 1, None, *[2] * 16], completed_on="2025-03-02")
    response = intake.post(address("correct", form), typed)
    text, page = text_of(response), response.content.decode()
    assert response.status_code == 409
    assert Assessment.objects.count() == 2
    assert "Completed on 2 Mar 2025 3 Mar 2025" in text
    assert "Item 3 1 0" in text
    assert "Item 4 Not answered 2" in text
    assert "Saved now: 0" in text
    assert "Item 5 " not in text
    assert dict(re.findall(r'name="(item_\d+)" value="(.)"[^>]* checked', page))["item_3"] == "1"
    [version] = re.findall(r'name="version" value="(\d+)"', page)
    assert int(version) == theirs.pk
    again = intake.post(address("correct", form), {**typed, "version": version})
    newest = Assessment.objects.current().get()
    assert again.status_code == 303
    assert (newest.replaces, newest.answers[2], newest.completed_on) == (theirs, 1, date(2025, 3, 2))


def test_a_correction_sent_twice_is_one_correction(intake: Client, patient: Patient) -> None:
    form = make_pcl5(patient, DAY, 40, mode="paper")
    first, second = (intake.post(address("correct", form), correction(form, [1] * 20)) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 409)
    assert "It says now what you typed" in text_of(second)
    assert Assessment.objects.count() == 2


@pytest.mark.parametrize("version", ["", "0", "-1", "9" * 30, "abc", "of another form"])
def test_only_a_version_of_this_form_is_corrected(intake: Client, patient: Patient, version: str) -> None:
    form, other = make_pcl5(patient, DAY, 40), make_pcl5(patient, DAY, 41, "week")
    typed = correction(form, [1] * 20, version=str(other.pk) if version.startswith("of") else version)
    response = intake.post(address("correct", form), typed)
    assert response.status_code == 422
    assert "This page lost its version." in text_of(response)
    assert Assessment.objects.count() == 2


def test_what_was_voided_or_moved_meanwhile_is_not_corrected(intake: Client, patient: Patient) -> None:
    voided, moved = make_pcl5(patient, DAY, 40), make_pcl5(patient, DAY, 40, "week")
    other = make_patient(family_name="Quillfeather")
    services.void_assessment(actor=None, assessment=voided, reason="Another's", now=NOW)
    services.move_assessment(actor=None, assessment=moved, to_patient=other, now=NOW, reason="Wrong chart")
    for form, said in ((voided, "This form was voided."), (moved, "This form was moved to another patient.")):
        response = intake.post(address("correct", form), correction(form, [1] * 20))
        assert response.status_code == 422
        assert said in text_of(response)
        assert "Quillfeather" not in text_of(response)
    assert Assessment.objects.count() == 3


@pytest.mark.parametrize(("name", "reason"), odd_text())
def test_odd_reasons_are_kept_and_shown_inert(intake: Client, patient: Patient, name: str, reason: str) -> None:
    form = make_pcl5(patient, DAY, 40, mode="paper")
    response = intake.post(address("correct", form), correction(form, [1] * 20, reason=reason))
    newest = Assessment.objects.current().get()
    assert newest.replace_reason == reason
    assert escape(reason) in intake.get(response["Location"]).content.decode(), name


@pytest.mark.parametrize("page", ["correct", "void", "move"])
@pytest.mark.parametrize(("name", "reason"), bad_values("note"))
def test_reasons_that_cannot_be_stored(intake: Client, patient: Patient, page: str, name: str, reason: str) -> None:
    form = make_pcl5(patient, DAY, 40)
    other = make_patient()
    typed = correction(form, [1] * 20, mrn=other.mrn, born_on="1984-08-03", reason=reason)
    response = intake.post(address(page, form), typed)
    assert response.status_code == 422, name
    assert "This " in text_of(response)
    assert Assessment.objects.current().get() == form


# --- voiding and moving ---


def test_a_form_is_voided_with_a_reason(intake: Client, patient: Patient) -> None:
    form = make_pcl5(patient, DAY, 40)
    assert intake.post(address("void", form), {}).status_code == 422
    assert Assessment.objects.current().exists()
    response = intake.post(address("void", form), {"reason": "Another's handwriting"})
    form.refresh_from_db()
    assert (response.status_code, response["Location"]) == (303, address("assessment", form))
    assert form.void_reason == "Another's handwriting"
    assert AuditEvent.objects.filter(action="void assessment", record_id=form.pk).exists()
    again = intake.post(address("void", form), {"reason": "Again"})
    assert (again.status_code, "voided already" in text_of(again)) == (422, True)


def moving(other: Patient, **instead: str) -> dict[str, str]:
    typed = {"mrn": other.mrn, "born_on": other.date_of_birth.isoformat(), "reason": "Wrong chart"}
    return {**typed, **instead}


def test_a_form_moves_after_two_identifiers_and_a_look(intake: Client, patient: Patient) -> None:
    other = make_patient(given_name="Juniper", family_name="Castellane", date_of_birth=date(1990, 1, 2))
    form = make_pcl5(patient, DAY, 40)
    look = intake.post(address("move", form), moving(other))
    assert look.status_code == 200
    assert "Move it to Juniper Castellane , born 2 Jan 1990" in text_of(look)
    assert Assessment.objects.count() == 1
    assert AuditEvent.objects.filter(action="read assessments:move", patient_id=other.pk).exists()
    [confirmed] = re.findall(r'name="confirmed" value="([^"]+)"', look.content.decode())
    response = intake.post(address("move", form), moving(other, confirmed=confirmed))
    moved = Assessment.objects.current().get()
    assert (response.status_code, response["Location"]) == (303, address("assessment", moved))
    assert (moved.patient, moved.replaces, moved.replace_reason) == (other, form, "Wrong chart")
    old, new = intake.get(address("assessment", form)), intake.get(address("assessment", moved))
    assert "Moved to another patient This form does not count here." in text_of(old)
    assert "Castellane" not in text_of(old)
    assert "Total 40 of 80" in text_of(old)
    assert "moved here from another patient by" in text_of(new)


def test_what_happens_to_a_form_after_it_moved_is_not_told_at_the_old_patient(intake: Client, patient: Patient) -> None:
    form, other = make_pcl5(patient, DAY, 40), make_patient()
    moved = services.move_assessment(actor=None, assessment=form, to_patient=other, now=NOW, reason="Wrong chart")
    services.correct_assessment(actor=None, assessment=moved, now=NOW, reason="Her own matter", answers=answers_of(30))
    old, there = (text_of(intake.get(address("assessment", each))) for each in (form, moved))
    assert "Wrong chart" in old
    assert "Her own matter" not in old
    assert "Her own matter" in there


def test_confirming_one_patient_does_not_move_to_another(intake: Client, patient: Patient) -> None:
    seen, typed_then = make_patient(), make_patient(given_name="Odile")
    form = make_pcl5(patient, DAY, 40)
    response = intake.post(address("move", form), moving(typed_then, confirmed=seen.public_id))
    assert response.status_code == 200
    assert "Move it to Odile" in text_of(response)
    assert Assessment.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"mrn": "TM-99999999"},
        {"born_on": "1984-08-04"},
        {"mrn": "tm-lower"},
        *[{"mrn": value} for _name, value in odd_text()],
        {"born_on": "0001-01-01"},
    ],
)
def test_a_wrong_identifier_gets_one_answer_that_tells_nothing(
    intake: Client, patient: Patient, wrong: dict[str, str]
) -> None:
    other = make_patient(mrn="TM-LOWER", given_name="Juniper", family_name="Castellane")
    form = make_pcl5(patient, DAY, 40)
    response = intake.post(address("move", form), moving(other, **wrong))
    assert response.status_code == 422
    assert "No patient has this MRN with this birth date. Check both, digit by digit." in text_of(response)
    assert "Castellane" not in text_of(response)
    assert escape(next(iter(wrong.values()))) in response.content.decode()
    assert Assessment.objects.count() == 1


BAD_MOVES = [
    *[("mrn", name, value) for name, value in [*bad_values("text"), ("blank", " "), ("too long", "1" * 65)]],
    *[("born_on", name, value) for name, value in bad_values("day")],
    *[("confirmed", name, value) for name, value in bad_values("text")],
]


@pytest.mark.parametrize(("field", "value"), [pytest.param(f, v, id=f"{f}: {n}") for f, n, v in BAD_MOVES])
def test_bad_identifiers_are_refused(intake: Client, patient: Patient, field: str, value: str) -> None:
    form = make_pcl5(patient, DAY, 40)
    response = intake.post(address("move", form), moving(make_patient(), **{field: value}))
    assert response.status_code in {200, 422} if field == "confirmed" else response.status_code == 422
    assert Assessment.objects.current().get() == form


def test_a_form_does_not_move_to_its_own_patient_or_onto_a_taken_day(intake: Client, patient: Patient) -> None:
    form, other = make_pcl5(patient, DAY, 40), make_patient(date_of_birth=date(1990, 1, 2))
    same = intake.post(address("move", form), moving(patient, confirmed=patient.public_id))
    assert same.status_code == 422
    assert "The form is at this patient already." in text_of(same)
    make_pcl5(other, DAY, 50)
    taken = intake.post(address("move", form), moving(other, confirmed=other.public_id))
    assert taken.status_code == 422
    assert "There is already a form of this kind on this day." in text_of(taken)
    assert Assessment.objects.current().filter(patient=patient).get() == form


def test_a_form_corrected_meanwhile_is_not_moved(intake: Client, patient: Patient) -> None:
    form, other = make_pcl5(patient, DAY, 40), make_patient()
    services.correct_assessment(actor=None, assessment=form, now=NOW, reason="Item 3", answers=answers_of(30))
    response = intake.post(address("move", form), moving(other, confirmed=other.public_id))
    assert response.status_code == 422
    assert "Open its latest version and move that." in text_of(response)
