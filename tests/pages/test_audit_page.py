"""The audit trail as a page: every event in words, found by who, what, when and whose, and looking at it is an event."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from bad_input import NUL, bad_values, odd_text
from builders import make_course, make_patient, make_pcl5, make_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from clinic.audit.models import AuditEvent
from clinic.audit.services import record_event
from clinic.models import User
from clinic.pages import trail
from clinic.policy import Role
from patients.models import Patient
from patients.services import update_patient

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def director() -> User:
    return make_user(Role.MEDICAL_DIRECTOR, email="director@clinic.example")


@pytest.fixture
def page(client: Client, director: User) -> Client:
    client.force_login(director)
    return client


def rows(response: Any) -> list[str]:
    """Each event of the page as text."""
    body = response.content.decode()
    found = re.findall(
        r"<tr>\s*<td class=\"tm-nowrap\">.*?(?=<tr>\s*<td class=\"tm-nowrap\">|</tbody>\s*</table>\s*</div>\s*</section>)",
        body,
        re.S,
    )
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def asked(page: Client, **filters: Any) -> list[str]:
    response = page.post("/audit/", filters)
    assert response.status_code == 200
    return rows(response)


def event(action: str, at: datetime | None = None, **about: Any) -> AuditEvent:
    actor = about.pop("actor", None)
    with time_machine.travel(at or datetime(2026, 3, 10, 12, tzinfo=UTC), tick=False):
        return record_event(actor, action, **about)


def test_a_change_is_shown_with_who_when_old_and_new(page: Client) -> None:
    clinician = make_user(Role.CLINICIAN)
    patient = make_patient(given_name="Maren", family_name="Ellwick")
    update_patient(actor=clinician, patient=patient, version=1, phone="555-0100", allergies="Latex\nand eggs")
    newest = rows(page.get("/audit/"))[0]
    for said in ("Lena Marchetti", "Update patient", "Maren Ellwick", patient.mrn, "2 fields changed"):
        assert said in newest
    assert "phone (empty) 555-0100" in newest
    assert "allergies (empty) Latex and eggs" in newest
    text = page.get("/audit/").content.decode()
    assert f'href="/patients/{patient.public_id}/"' in text
    assert "Latex\nand eggs" in text


@pytest.mark.parametrize("words", [value for _, value in odd_text()])
def test_whatever_was_typed_is_shown_inert(page: Client, words: str) -> None:
    patient = make_patient()
    update_patient(actor=None, patient=patient, version=1, address=words)
    text = page.get("/audit/").content.decode()
    assert escape(words) in text
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"reason": "Wrong day"}, "reason Wrong day"),
        ({"patient_ids": [1, 2, 3]}, "patient ids 3 patients"),
        ({"crossed": ["Dose high", "Interval short"]}, "crossed Dose high, Interval short"),
        ({"added": {"a_b": 3, "c_d": 2}}, "added a b: 3, c d: 2"),
        ({"changes": {"dose": 5}}, "dose 5"),
        ({"changes": {"a": [None, True], "b": [[], 1.5]}}, "a (empty) yes b (empty) 1.5"),
        ({"odd": [{"a": 1}]}, 'odd [{"a": 1}]'.replace('"', "&quot;")),
        ([1, 2], "detail 1, 2"),
    ],
)
def test_any_detail_can_be_read(page: Client, detail: Any, said: str) -> None:
    event("do something", detail=detail)
    assert said in rows(page.get("/audit/"))[0]


def test_a_record_of_a_model_that_is_gone_is_still_shown(page: Client) -> None:
    for label in ("infusions.oldthing", "nonsense"):
        AuditEvent.objects.create(actor_name="Ada", action="void thing", record_type=label, record_id=1)
        assert label in rows(page.get("/audit/"))[0]


def test_what_was_refused_is_marked_and_can_be_shown_alone(page: Client) -> None:
    client = Client()
    client.force_login(make_user(Role.INTAKE))
    assert client.get("/audit/").status_code == 403
    event("read pages:patient", patient_id=make_patient().pk)
    [refused] = asked(page, denied_only="on")
    assert "Asked for a page: pages, audit Refused" in refused


def test_events_of_one_person_or_of_the_system(page: Client) -> None:
    ada = make_user(Role.CLINICIAN)
    event("record infusion", actor=ada)
    event("make clinic")
    assert [row for row in asked(page, person=ada.public_id) if "Record infusion" in row]
    assert not [row for row in asked(page, person=ada.public_id) if "Make clinic" in row]
    assert not [row for row in asked(page, person="tidemark") if "Record infusion" in row]
    assert [row for row in asked(page, person="tidemark") if "Make clinic" in row]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("read", {"Looked at: overview"}),
        ("list", {"Saw a list: home", "Search patients", "Export outcomes"}),
        ("patients", {"Register patient"}),
        ("questionnaires", {"Record assessment"}),
        ("infusions", {"Open course"}),
        ("accounts", {"Change person"}),
        ("outcomes", set()),
    ],
)
def test_each_kind_holds_its_events(page: Client, director: User, kind: str, words: set[str]) -> None:
    patient = make_patient()
    make_pcl5(patient, datetime(2026, 3, 1, tzinfo=UTC).date(), 40)
    event("open course", record=make_course(patient), patient_id=patient.pk)
    event("change person", record=director)
    for action in ("read pages:patient", "list home", "search patients", "export outcomes"):
        event(action)
    shown = asked(page, kind=kind)
    every = ("Looked at: overview", "Saw a list: home", "Search patients", "Export outcomes", "Register patient")
    every += ("Record assessment", "Open course", "Change person")
    assert {word for word in every if any(word in row for row in shown)} == words


def test_days_are_the_clinics_days(page: Client) -> None:
    event("late on the 9th", at=datetime(2026, 3, 9, 23, 59, 59, tzinfo=NEW_YORK))
    event("early on the 10th", at=datetime(2026, 3, 10, 0, 0, tzinfo=NEW_YORK))
    event("late on the 10th", at=datetime(2026, 3, 10, 23, 59, tzinfo=NEW_YORK))
    event("early on the 11th", at=datetime(2026, 3, 11, 0, 0, tzinfo=NEW_YORK))
    shown = asked(page, first_day="2026-03-10", last_day="2026-03-10")
    assert [re.search(r"(Late|Early) on the \d+th", row)[0] for row in shown] == [
        "Late on the 10th",
        "Early on the 10th",
    ]  # type: ignore[index]
    assert len(asked(page, last_day="2026-03-09")) == 1
    assert asked(page, first_day="2999-01-01") == []


def test_events_that_ended_in_another_order_are_not_lost_at_the_edge_of_a_day(page: Client) -> None:
    event("second by number", at=datetime(2026, 3, 10, 0, 5, tzinfo=NEW_YORK))
    event("first by clock", at=datetime(2026, 3, 9, 23, 55, tzinfo=NEW_YORK))
    event("third", at=datetime(2026, 3, 10, 0, 6, tzinfo=NEW_YORK))
    assert len(asked(page, first_day="2026-03-10", last_day="2026-03-10")) == 2
    assert len(asked(page, last_day="2026-03-09")) == 1


def test_a_patients_events_are_found_by_an_mrn_that_stands_in_no_address(page: Client, director: User) -> None:
    patient, other = make_patient(mrn="TM-77777"), make_patient(family_name="Otherone")
    event("read pages:patient", patient_id=other.pk)
    response = page.post("/audit/", {"mrn": "TM-77777"})
    text = response.content.decode()
    assert "Register patient" in text
    assert "Otherone" not in text
    assert 'value="TM-77777"' in text
    assert "TM-77777" not in response.request["PATH_INFO"] + response.request["QUERY_STRING"]
    looked = AuditEvent.objects.filter(action="read audit trail").latest("id")
    assert (looked.actor_id, looked.patient_id, looked.detail) == (director.pk, patient.pk, {})


def test_looking_is_one_event_with_the_filters_and_nothing_of_the_patient(page: Client, director: User) -> None:
    ada = make_user(Role.INTAKE)
    filters = {"person": ada.public_id, "kind": "read", "first_day": "2026-03-01", "denied_only": "on"}
    before = AuditEvent.objects.count()
    page.post("/audit/", filters)
    assert AuditEvent.objects.count() == before + 1
    assert AuditEvent.objects.latest("id").detail == {
        "actor_id": ada.pk,
        "kind": "read",
        "first_day": "2026-03-01",
        "denied_only": True,
    }
    page.get("/audit/")
    assert AuditEvent.objects.count() == before + 2


@pytest.mark.parametrize(
    ("field", "value"),
    [("person", value) for _, value in bad_values("choice")]
    + [("kind", value) for _, value in bad_values("choice")]
    + [("first_day", value) for _, value in bad_values("day") if not value.startswith("2999")]
    + [("last_day", value) for _, value in bad_values("day") if not value.startswith("2999")]
    + [("mrn", value) for value in ("unknown", NUL, "x" * 65, "<script>alert(1)</script>", "'; DROP TABLE x; --")]
    + [("before", value) for value in ("0", "-1", "x", "9" * 30, NUL)],
)
def test_a_filter_that_cannot_be_is_refused_and_shows_nothing(page: Client, field: str, value: str) -> None:
    make_patient(family_name="Ellwick")
    before = AuditEvent.objects.count()
    response = page.post("/audit/", {field: value})
    text = response.content.decode()
    assert response.status_code == 422
    assert "Mend the filter above first." in text
    assert "Ellwick" not in text
    assert field in response.context["form"].errors
    assert AuditEvent.objects.count() == before, "nothing was shown, so nothing was seen"
    if field == "mrn" and value != NUL:
        assert escape(value) in text


def test_days_in_the_wrong_order_are_refused(page: Client) -> None:
    response = page.post("/audit/", {"first_day": "2026-03-10", "last_day": "2026-03-09"})
    assert response.status_code == 422
    assert "This day is before the first one." in response.content.decode()


def test_older_events_follow_without_gap_or_repeat(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "PAGE_EVENTS", 2)
    ada = make_user(Role.CLINICIAN)
    for number in range(5):
        event(f"step {number}", actor=ada)
    filters: dict[str, Any] = {"person": ada.public_id, "first_day": "2026-03-10"}
    seen: list[str] = []
    for _ in range(3):
        response = page.post("/audit/", filters)
        seen += [re.search(r"Step \d", row)[0] for row in rows(response)]  # type: ignore[index]
        text = response.content.decode()
        older = text[text.index("Older events") :] if "Older events" in text else ""
        filters |= dict(re.findall(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', older))
    assert seen == [f"Step {number}" for number in (4, 3, 2, 1, 0)]
    assert not older


def test_older_events_carry_the_filters_along(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "PAGE_EVENTS", 1)
    patient = make_patient(mrn="TM-77777")
    event("read pages:patient", patient_id=patient.pk)
    text = page.post("/audit/", {"mrn": "TM-77777", "kind": ""}).content.decode()
    older = text[text.index('aria-label="Older events"') :]
    assert re.search(r'name="mrn"\s+value="TM-77777"', older)


def test_names_of_patients_are_for_who_may_see_patients(
    page: Client, director: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clinic import policy

    make_patient(family_name="Ellwick")
    monkeypatch.setitem(policy.ALLOWED, Role.MEDICAL_DIRECTOR, frozenset({policy.Action.AUDIT_VIEW}))
    response = page.get("/audit/")
    assert response.status_code == 200
    assert "Ellwick" not in response.content.decode()
    assert 'name="mrn"' not in response.content.decode()
    assert "Register patient" in response.content.decode()
    assert page.post("/audit/", {"mrn": "TM-1"}).status_code == 200, "the field is not there"


@pytest.mark.parametrize("role", [Role.INTAKE, Role.CLINICIAN, Role.ADMINISTRATOR])
def test_others_do_not_get_in(client: Client, role: Role) -> None:
    client.force_login(make_user(role))
    assert client.get("/audit/").status_code == 403
    assert client.post("/audit/", {}).status_code == 403


def test_fifty_events_cost_as_many_queries_as_one(page: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            assert page.get("/audit/").status_code == 200
        return len(made)

    make_patient()
    few = queries()
    for _ in range(60):
        patient = Patient.objects.create(mrn=f"X{_}", given_name="A", family_name="B", date_of_birth="1980-01-01")
        event("register patient", patient_id=patient.pk, record=patient)
    assert queries() == few
    assert len(rows(page.get("/audit/"))) == trail.PAGE_EVENTS
