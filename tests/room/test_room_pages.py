"""The room's page and what an open page sends: fields, entries, and what it asks."""

import html
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from builders import make_patient
from chairside import Chair
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from infusions.models import Infusion, SessionEvent, SessionPresence
from infusions.services import room
from infusions.session.log import Kind, Stage

pytestmark = pytest.mark.django_db
PASSWORD = "tablet-at-the-chairside"


@pytest.fixture
def chair() -> Chair:
    chair = Chair()
    chair.now = timezone.now()
    for person in (chair.actor, chair.colleague):
        person.set_password(PASSWORD)
        person.save()
    return chair


@pytest.fixture
def tablet(chair: Chair, client: Client) -> Client:
    client.force_login(chair.actor)
    return client


def url(chair: Chair, name: str = "room", **more: str) -> str:
    ids = {"public_id": chair.patient.public_id, "infusion_id": chair.infusion.public_id}
    return reverse(f"room:{name}", kwargs={**ids, **more})


def save(client: Client, chair: Chair, name: str, value: str, seen: int = 0, key: str = "") -> Any:
    return client.post(url(chair, "field"), {"name": name, "value": value, "seen": seen, "key": key or str(uuid4())})


def enter(client: Client, chair: Chair, what: str, key: str = "", **typed: Any) -> Any:
    return client.post(url(chair, "entry", what=what), {"key": key or str(uuid4()), **typed})


class TestAField:
    def test_is_kept_as_it_was_typed(self, chair: Chair, tablet: Client) -> None:
        chair.enter(Kind.BEGUN)
        answer = save(tablet, chair, "weight_kg", "8x ")
        assert answer.status_code == 200
        assert answer.json()["version"] == 1
        assert room.session_of(chair.infusion).fields["weight_kg"].value == "8x "

    def test_that_is_no_score_of_its_scale_is_kept_and_told(self, chair: Chair, tablet: Client) -> None:
        chair.enter(Kind.BEGUN)
        assert "enter a whole number, 0 to 24" in save(tablet, chair, "cadss6", "99").json()["note"]
        assert room.session_of(chair.infusion).text("cadss6") == "99"
        assert save(tablet, chair, "cadss6", "9", seen=1).json()["note"] == ""

    def test_that_somebody_else_changed_is_answered_with_both(self, chair: Chair, tablet: Client) -> None:
        chair.enter(Kind.BEGUN)
        save(tablet, chair, "intention", "Let go")
        other = Client()
        other.force_login(chair.colleague)
        answer = save(other, chair, "intention", "Meet the fear")
        assert answer.status_code == 409
        assert (answer.json()["value"], answer.json()["version"]) == ("Let go", 1)
        assert answer.json()["by"] == str(chair.actor)

    def test_sent_again_is_one_version(self, chair: Chair, tablet: Client) -> None:
        chair.enter(Kind.BEGUN)
        key = str(uuid4())
        versions = [save(tablet, chair, "intention", "Let go", key=key).json()["version"] for _ in range(2)]
        assert versions == [1, 1]

    @pytest.mark.parametrize(
        ("name", "key", "seen"),
        [("nothing", "", 0), ("intention", "no-key", 0), ("check.'; drop", "", 0), ("my.note.text" * 40, "", 0)],
    )
    def test_that_there_is_not_is_refused(self, chair: Chair, tablet: Client, name: str, key: str, seen: int) -> None:
        chair.enter(Kind.BEGUN)
        answer = save(tablet, chair, name, "x", seen, key)
        assert answer.status_code == 422
        assert answer.json()["errors"]

    @pytest.mark.parametrize("seen", ["", "-1", "1e9", "99999999999999999999", "²"])
    def test_a_version_that_is_none_counts_as_0(self, chair: Chair, tablet: Client, seen: Any) -> None:
        chair.enter(Kind.BEGUN)
        assert save(tablet, chair, "intention", "Let go", seen).status_code == 200

    def test_waits_for_the_checks(self, chair: Chair, tablet: Client) -> None:
        answer = save(tablet, chair, "intention", "Let go")
        assert answer.status_code == 422
        assert "Begin the checks first" in answer.json()["errors"][0]

    def test_a_draft_is_shown_to_its_writer_alone(self, chair: Chair, tablet: Client) -> None:
        chair.enter(Kind.BEGUN)
        save(tablet, chair, "my.note.text", "She sees the sea")
        other = Client()
        other.force_login(chair.colleague)
        assert "She sees the sea" in tablet.get(url(chair)).content.decode()
        assert "She sees the sea" not in other.get(url(chair)).content.decode()
        assert "She sees the sea" not in other.get(url(chair, "since")).content.decode()

    def test_costs_few_queries_and_no_audit_event(
        self, chair: Chair, tablet: Client, django_assert_max_num_queries: Any
    ) -> None:
        """Session, user, roles, patient, infusion twice (found, then locked), the version, the row, its text on the
        infusion, and the transaction."""
        chair.enter(Kind.BEGUN)
        before = AuditEvent.objects.count()
        with django_assert_max_num_queries(12):
            save(tablet, chair, "preparation_note", "Calm")
        assert AuditEvent.objects.count() == before


class TestAnEntry:
    def test_answers_with_the_session_as_it_is_now(self, chair: Chair, tablet: Client) -> None:
        answer = enter(tablet, chair, "begun").json()
        assert answer["stage"] == Stage.CHECKS
        assert "Checks begun" in answer["parts"]["log"]
        assert answer["latest"] == SessionEvent.objects.latest("id").pk
        assert AuditEvent.objects.filter(action="session begun", patient_id=chair.patient.pk).exists()

    def test_says_beside_the_field_what_to_mend_and_keeps_nothing(self, chair: Chair, tablet: Client) -> None:
        chair.enter(Kind.BEGUN)
        answer = enter(tablet, chair, "vitals", systolic_mmhg="900", diastolic_mmhg="80")
        assert answer.status_code == 422
        assert "Enter 40 to 300" in answer.json()["errors"]["systolic_mmhg"][0]
        assert not SessionEvent.objects.filter(kind=Kind.VITALS).exists()

    def test_a_second_signature_says_what_is_missing_and_asks_for_the_reason(
        self, chair: Chair, tablet: Client
    ) -> None:
        chair.prepare()
        chair.type(intention="")
        chair.enter(Kind.STARTED)
        note = chair.enter(Kind.NOTE, text="Calm")
        chair.enter(Kind.STOPPED, early=True, reason="Headache")
        chair.enter(Kind.DISCHARGED, override_reason="Insists")
        sign = {"meaning": "responsible", "password": PASSWORD, "reason": "It was never asked"}
        assert enter(tablet, chair, "signed", **sign).status_code == 200
        corrected = enter(tablet, chair, "struck", of=note.pk, reason="Slip").json()["parts"]["sign"]
        assert "No intention" in corrected
        assert 'data-reason="yes"' in corrected
        assert "reason" in enter(tablet, chair, "signed", **{**sign, "reason": ""}).json()["errors"]

    def test_under_a_used_key_with_other_content(self, chair: Chair, tablet: Client) -> None:
        chair.enter(Kind.BEGUN)
        key = str(uuid4())
        assert enter(tablet, chair, "note", key, text="One").status_code == 200
        assert enter(tablet, chair, "note", key, text="One").status_code == 200
        assert enter(tablet, chair, "note", key, text="Two").status_code == 409
        assert SessionEvent.objects.filter(kind=Kind.NOTE).count() == 1

    def test_of_a_kind_that_there_is_not(self, chair: Chair, tablet: Client) -> None:
        assert enter(tablet, chair, "field").status_code == 404
        assert enter(tablet, chair, "nonsense").status_code == 404

    def test_that_the_session_does_not_allow_now(self, chair: Chair, tablet: Client) -> None:
        answer = enter(tablet, chair, "stopped")
        assert answer.status_code == 422
        assert "the session is planned" in answer.json()["errors"][""][0]

    def test_of_a_voided_infusion_changes_nothing(self, chair: Chair, tablet: Client) -> None:
        Infusion.objects.filter(pk=chair.infusion.pk).update(voided_at=timezone.now(), void_reason="Twice")
        assert enter(tablet, chair, "begun").status_code == 404
        assert tablet.get(url(chair, "since")).status_code == 404  # an open page then loads itself again
        assert tablet.get(url(chair)).status_code == 303
        assert not SessionEvent.objects.exists()

    def test_under_another_patients_address_is_not_found(self, chair: Chair, tablet: Client) -> None:
        chair.enter(Kind.BEGUN)
        chair.patient = make_patient()
        assert enter(tablet, chair, "note", text="x").status_code == 404
        assert save(tablet, chair, "intention", "x").status_code == 404
        assert tablet.get(url(chair, "since")).status_code == 404


class TestWhatThePageSays:
    def test_a_stop_before_the_bag_is_empty_is_taken_for_early(self, chair: Chair, tablet: Client) -> None:
        chair.now -= timedelta(minutes=39.5)
        chair.prepare()
        assert 'data-early="no"' in tablet.get(url(chair)).content.decode()
        chair.enter(Kind.STARTED)
        assert 'data-early="no"' in tablet.get(url(chair)).content.decode()  # half a minute is left
        chair.enter(Kind.PAUSED, reason="Pressure")
        assert 'data-early="yes"' in tablet.get(url(chair)).content.decode()

    def test_a_pause_says_since_when(self, chair: Chair, tablet: Client) -> None:
        chair.prepare()
        chair.enter(Kind.STARTED)
        chair.enter(Kind.PAUSED, reason="Pressure")
        since = timezone.localtime(chair.now)
        assert f"Paused since {since:%H:%M}" in tablet.get(url(chair)).content.decode()

    def test_what_was_overridden_at_the_start_stands_with_its_reason(self, chair: Chair, tablet: Client) -> None:
        chair.prepare()
        chair.type(check__iv_access="no")
        chair.enter(Kind.STARTED, override_reason="Placed by the anaesthetist")
        assert "Started all the same: Placed by the anaesthetist" in tablet.get(url(chair)).content.decode()

    def test_points_not_answered_are_counted_before_the_discharge(self, chair: Chair, tablet: Client) -> None:
        chair.prepare()
        chair.enter(Kind.STARTED)
        page = enter(tablet, chair, "stopped", early="yes", reason="Headache").json()["parts"]["discharge"]
        assert "<b>5 points are</b> not answered" in page
        assert "is not answered;" not in page
        assert "Nothing stands against" not in page

    def test_the_page_of_the_infusion_ends_where_the_pump_was_stopped(self, chair: Chair, tablet: Client) -> None:
        chair.now -= timedelta(minutes=60)
        chair.prepare()
        chair.enter(Kind.STARTED)
        chair.enter(Kind.PAUSED, after=10, reason="Pressure")
        chair.enter(Kind.RESUMED, after=5)
        chair.enter(Kind.VITALS, after=8, systolic_mmhg=130, diastolic_mmhg=80)
        chair.enter(Kind.STOPPED, after=2, early=True, reason="Headache")
        page = tablet.get(reverse("infusions:infusion", args=[chair.patient.public_id, chair.infusion.public_id]))
        assert page.context["ended_at"] == chair.now
        assert [one.phase for one in page.context["sets"]] == ["Before", "During"]


class TestWhoSigns:
    WASTE = {"amount": "5", "unit": "mg", "method": "Sink", "reason": "Spilt"}

    def test_a_witness_is_another_person_who_proves_it(self, chair: Chair, tablet: Client) -> None:
        chair.prepare()
        enter(tablet, chair, "drawn", lot="K1", vial_mg_per_ml="50", ml="1.5")
        colleague = {"second_email": chair.colleague.email, "second_password": PASSWORD}
        wrong = enter(tablet, chair, "wasted", **self.WASTE, **{**colleague, "second_password": "nope"})
        assert "do not match" in wrong.json()["errors"]["second_password"][0]
        myself = {"second_email": chair.actor.email, "second_password": PASSWORD}
        assert (
            "another person"
            in enter(tablet, chair, "wasted", **self.WASTE, **myself).json()["errors"]["second_email"][0]
        )
        assert enter(tablet, chair, "wasted", **self.WASTE).status_code == 422
        assert enter(tablet, chair, "wasted", **self.WASTE, **colleague).status_code == 200
        kept = json.dumps([event.data for event in SessionEvent.objects.order_by("id")])
        assert PASSWORD not in kept
        assert "nope" not in kept

    def test_a_colleague_checks_the_dose_that_the_page_shows_until_it_changes(
        self, chair: Chair, tablet: Client
    ) -> None:
        chair.prepare()
        shown = tablet.get(url(chair, "room")).content.decode()
        assert 'data-open="dose_checked"' in shown
        seen = html.unescape(re.search(r'data-open="dose_checked"\s+data-title="([^"]+)"', shown)[1])  # type: ignore[index]
        colleague = {"second_email": chair.colleague.email, "second_password": PASSWORD}
        assert enter(tablet, chair, "dose_checked", seen=seen).status_code == 422
        told = enter(tablet, chair, "dose_checked", seen=seen, **colleague).json()
        assert f"Second check, {chair.colleague}" in told["parts"]["dose"]
        assert 'data-open="dose_checked"' not in told["parts"]["dose"]
        assert f"Second check by {chair.colleague}: 65.9 mg" in told["parts"]["log"]
        save(tablet, chair, "weight_kg", "82.5", seen=1)
        dose = tablet.get(url(chair, "since")).json()["parts"]["dose"]
        assert "no longer counts" in dose
        assert "the order changed" in dose
        assert f"{chair.colleague} checked 65.9 mg (0.8 mg/kg × 82.4 kg)" in dose
        assert 'data-open="dose_checked"' in dose
        started = enter(tablet, chair, "started").json()["parts"]["dose"]  # offered, not required
        assert "no longer counts" in started
        assert 'data-open="dose_checked"' not in started

    def test_a_check_of_an_order_that_lacks_something_now(self, chair: Chair, tablet: Client) -> None:
        chair.prepare()
        chair.check_dose()
        save(tablet, chair, "weight_kg", "", seen=1)
        dose = tablet.get(url(chair, "since")).json()["parts"]["dose"]
        assert "the order is incomplete now" in dose
        assert 'data-open="dose_checked"' not in dose

    def test_a_dose_above_the_cap_needs_a_second_prescriber(self, chair: Chair, tablet: Client) -> None:
        chair.prepare()
        chair.type(dose_mg_per_kg="2.1", dose_mg="173.0")
        alone = enter(tablet, chair, "started", override_reason="Anaesthetist present")
        assert "two prescribers" in alone.json()["errors"]["second_signer"][0]
        both = {"second_email": chair.colleague.email, "second_password": PASSWORD}
        assert enter(tablet, chair, "started", override_reason="Anaesthetist present", **both).status_code == 200
        started = SessionEvent.objects.get(kind=Kind.STARTED)
        assert started.data["second_sign_off"]["user"] == chair.colleague.pk

    def test_a_signature_asks_for_the_password_again(self, chair: Chair, tablet: Client) -> None:
        chair.prepare()
        chair.enter(Kind.STARTED)
        chair.enter(Kind.STOPPED, early=True, reason="Wish of the patient")
        chair.enter(Kind.DISCHARGED, override_reason="Went with her sister")
        signed = {"meaning": "responsible", "reason": "Left early"}
        assert enter(tablet, chair, "signed", **signed).status_code == 422
        wrong = enter(tablet, chair, "signed", **signed, password="nope")
        assert "do not match" in wrong.json()["errors"]["password"][0]
        assert enter(tablet, chair, "signed", **signed, password=PASSWORD).json()["stage"] == Stage.SIGNED


class TestWhatAnOpenPageAsks:
    def test_nothing_while_there_is_nothing_new(self, chair: Chair, tablet: Client) -> None:
        latest = chair.enter(Kind.BEGUN).pk
        tablet.get(url(chair))
        events = AuditEvent.objects.count()
        assert tablet.get(url(chair, "since"), {"after": latest}).status_code == 204
        assert tablet.get(url(chair, "since"), {"after": latest - 1}).status_code == 200
        assert AuditEvent.objects.count() == events  # polling adds none

    def test_only_the_fields_that_changed(self, chair: Chair, tablet: Client) -> None:
        latest = chair.enter(Kind.BEGUN).pk
        chair.type(intention="Let go")
        told = tablet.get(url(chair, "since"), {"after": latest}).json()
        assert list(told["fields"]) == ["intention"]

    def test_who_else_is_here(self, chair: Chair, tablet: Client) -> None:
        latest = chair.enter(Kind.BEGUN).pk
        other = Client()
        other.force_login(chair.colleague)
        other.get(url(chair, "since"), {"after": latest, "editing": "intention"})
        told = tablet.get(url(chair, "since"), {"after": latest}).json()
        assert told["others"] == [{"name": str(chair.colleague), "editing": "Intention"}]
        SessionPresence.objects.filter(user=chair.colleague).update(seen_at=timezone.now() - timedelta(minutes=1))
        assert tablet.get(url(chair, "since"), {"after": latest}).status_code == 204

    @pytest.mark.parametrize("after", ["x", "-3", "٣", "9" * 40, ""])
    def test_an_odd_number_is_0(self, chair: Chair, tablet: Client, after: str) -> None:
        chair.enter(Kind.BEGUN)
        assert tablet.get(url(chair, "since"), {"after": after, "editing": "\x00" * 300}).status_code == 200


def test_an_infusion_that_was_recorded_afterwards_has_its_record(chair: Chair, tablet: Client) -> None:
    Infusion.objects.filter(pk=chair.infusion.pk).update(
        status="completed", started_at=timezone.now(), dose_mg_given=40, minutes=40
    )
    assert tablet.get(url(chair)).status_code == 303


def test_a_whole_page_costs_the_same_however_long_the_log_is(
    chair: Chair, tablet: Client, django_assert_max_num_queries: Any
) -> None:
    chair.prepare()
    chair.enter(Kind.STARTED)
    for minute in range(30):
        chair.enter(Kind.VITALS, after=minute / 60, systolic_mmhg=130 + minute % 3, diastolic_mmhg=80)
    tablet.get(url(chair))
    with django_assert_max_num_queries(40):
        tablet.get(url(chair))
