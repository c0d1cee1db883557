"""Under whose name and with which time an entry is kept, what it must have seen, and what is noted of it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chairside import Chair
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from infusions.models import SessionEvent, SessionPresence
from infusions.services import room
from infusions.session.log import Kind

pytestmark = pytest.mark.django_db
PASSWORD = "tablet-at-the-chairside"


@pytest.fixture
def chair() -> Chair:
    chair = Chair()
    chair.now = timezone.now() - timedelta(hours=1)
    chair.prepare()
    for person in (chair.actor, chair.colleague):
        person.set_password(PASSWORD)
        person.save()
    return chair


@pytest.fixture
def tablet(chair: Chair, client: Client) -> Client:
    client.force_login(chair.actor)
    return client


def url(chair: Chair, name: str, **more: str) -> str:
    return reverse(f"room:{name}", args=[chair.patient.public_id, chair.infusion.public_id, *more.values()])


def enter(client: Client, chair: Chair, what: str, **typed: Any) -> Any:
    return client.post(url(chair, "entry", what=what), {"key": str(uuid4()), **typed})


def latest(chair: Chair) -> int:
    return room.session_of(chair.infusion).entries[-1].number


class TestAnotherPersonSignedInAtTheTablet:
    """The page of one, the sign-in of another: nothing is kept under the wrong name, no draft changes hands."""

    def test_keeps_no_entry(self, chair: Chair, tablet: Client) -> None:
        answer = enter(tablet, chair, "note", text="She sees the sea", user=chair.colleague.public_id)
        assert answer.status_code == 401
        assert not SessionEvent.objects.filter(kind=Kind.NOTE).exists()
        assert enter(tablet, chair, "note", text="She sees the sea", user=chair.actor.public_id).status_code == 200

    @pytest.mark.parametrize("name", ["my.note.text", "preparation_note"])
    def test_keeps_no_field(self, chair: Chair, tablet: Client, name: str) -> None:
        typed = {"name": name, "value": "She sees the sea", "seen": "0", "key": str(uuid4())}
        assert tablet.post(url(chair, "field"), {**typed, "user": chair.colleague.public_id}).status_code == 401
        assert not SessionEvent.objects.filter(field__contains=name.removeprefix("my.")).exists()
        assert tablet.post(url(chair, "field"), {**typed, "user": chair.actor.public_id}).status_code == 200


class TestAnEntryThatWaitedForTheConnection:
    def test_happened_when_it_was_sent_first(self, chair: Chair, tablet: Client) -> None:
        chair.enter(Kind.STARTED)
        assert enter(tablet, chair, "stopped", waited="720").status_code == 200
        stopped = SessionEvent.objects.get(kind=Kind.STOPPED)
        assert stopped.recorded_at - stopped.at == timedelta(minutes=12)
        assert "waited" not in stopped.data

    def test_is_the_same_entry_however_long_each_try_waited(self, chair: Chair, tablet: Client) -> None:
        key = str(uuid4())
        tries = [enter(tablet, chair, "note", key=key, text="Calm", waited=waited) for waited in ("0", "2", "600")]
        assert [one.status_code for one in tries] == [200, 200, 200]
        assert SessionEvent.objects.filter(kind=Kind.NOTE).count() == 1

    def test_keeps_a_time_that_was_typed(self, chair: Chair, tablet: Client) -> None:
        typed = timezone.localtime(timezone.now() - timedelta(minutes=3)).replace(second=0, microsecond=0)
        assert enter(tablet, chair, "note", text="Calm", at=f"{typed:%H:%M}", waited="60").status_code == 200
        assert SessionEvent.objects.get(kind=Kind.NOTE).at == typed

    @pytest.mark.parametrize("waited", ["-1", "86401", "x", "9" * 40])
    def test_for_an_impossible_time_is_refused(self, chair: Chair, tablet: Client, waited: str) -> None:
        answer = enter(tablet, chair, "note", text="Calm", waited=waited)
        assert answer.status_code == 422
        assert list(answer.json()["errors"]) == ["waited"]


class TestWhatWasNotSeen:
    """A start rests on the order that stood on the page, a signature on everything."""

    def colleague_types(self, chair: Chair, **values: str) -> None:
        chair.actor, chair.colleague = chair.colleague, chair.actor
        chair.type(**values)
        chair.actor, chair.colleague = chair.colleague, chair.actor

    def test_a_dose_that_a_colleague_changed_a_moment_ago_is_not_started(self, chair: Chair, tablet: Client) -> None:
        known = latest(chair)
        self.colleague_types(chair, dose_mg_per_kg="1.0")
        answer = enter(tablet, chair, "started", since=str(known))
        assert answer.status_code == 422
        assert answer.json()["errors"][""] == [
            f"{chair.colleague} changed something a moment ago. Look at it here, then try again."
        ]
        assert enter(tablet, chair, "started", since=str(latest(chair))).status_code == 200

    def test_what_the_order_does_not_rest_on_and_own_changes_do_not_hold_it_up(
        self, chair: Chair, tablet: Client
    ) -> None:
        known = latest(chair)
        self.colleague_types(chair, preparation_note="Calm")
        chair.type(dose_mg_per_kg="0.75")
        assert enter(tablet, chair, "started", since=str(known)).status_code == 200

    def test_what_a_colleague_just_entered_is_not_signed(self, chair: Chair, tablet: Client) -> None:
        chair.enter(Kind.STARTED)
        chair.enter(Kind.STOPPED, early=True, reason="Wish of the patient")
        chair.enter(Kind.DISCHARGED, override_reason="Went with her sister")
        known = latest(chair)
        self.colleague_types(chair, next_appointment="Friday", **{f"my__{chair.colleague.pk}__note": "Not told"})
        signed = {"meaning": "responsible", "reason": "Left early", "password": PASSWORD}
        assert enter(tablet, chair, "signed", **signed, since=str(known)).status_code == 422
        self.colleague_types(chair, **{f"my__{chair.colleague.pk}__note": "Still not told"})
        draft = SessionEvent.objects.filter(field__startswith="my.").latest("id")
        assert enter(tablet, chair, "signed", **signed, since=str(draft.pk - 1)).status_code == 200


class TestWhatIsNoted:
    def test_a_password_that_does_not_match(self, chair: Chair, tablet: Client) -> None:
        waste = {"amount": "5", "unit": "mg", "method": "Sink", "reason": "Spilt"}
        for email, person in ((chair.colleague.email.upper(), chair.colleague.pk), ("my-own-secret", None)):
            guess = {"second_email": email, "second_password": "guess-of-a-password"}
            assert enter(tablet, chair, "wasted", **waste, **guess).status_code == 422
            event = AuditEvent.objects.get(action="denied proof", detail={"person": person})
            assert (event.actor_id, event.patient_id, event.allowed) == (chair.actor.pk, chair.patient.pk, False)
            assert "guess" not in str(event.detail)

    def test_tries_at_a_password_are_few(self, chair: Chair, tablet: Client) -> None:
        waste = {
            "amount": "5",
            "unit": "mg",
            "method": "Sink",
            "reason": "Spilt",
            "second_email": chair.colleague.email,
        }
        for _ in range(5):
            enter(tablet, chair, "wasted", **waste, second_password="guess")
        answer = enter(tablet, chair, "wasted", **waste, second_password=PASSWORD)
        assert "Too many tries" in answer.json()["errors"]["second_password"][0]

    def test_a_session_that_was_read_without_its_page(self, chair: Chair, tablet: Client) -> None:
        for _ in range(2):
            assert tablet.get(url(chair, "since")).status_code == 200
        assert AuditEvent.objects.filter(action="read room:room", patient_id=chair.patient.pk).count() == 1


def test_a_newcomer_is_told_of_as_soon_as_her_page_is_asked_for(chair: Chair, tablet: Client) -> None:
    """Neither waits for the other's next question: from then on both ask every two seconds."""
    tablet.get(url(chair, "room"))
    known = {"after": str(latest(chair))}
    assert tablet.get(url(chair, "since"), known).status_code == 204
    newcomer = Client()
    newcomer.force_login(chair.colleague)
    page = newcomer.get(url(chair, "room"))
    assert [one["name"] for one in page.context["state"]["others"]] == [str(chair.actor)]
    assert [one["name"] for one in tablet.get(url(chair, "since"), known).json()["others"]] == [str(chair.colleague)]


def test_a_colleague_whose_page_is_hidden_stays_present(chair: Chair, tablet: Client) -> None:
    """It asks every twenty seconds: she must not come and go with each of its questions."""
    newcomer = Client()
    newcomer.force_login(chair.colleague)
    newcomer.get(url(chair, "room"))
    SessionPresence.objects.update(seen_at=timezone.now() - timedelta(seconds=22))
    assert tablet.get(url(chair, "since")).json()["others"]
