"""The chair board: who is in a chair, what is next, in which order, and what an open board asks."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from builders import make_infusion, make_user
from chairside import BEGIN, Chair
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.pages.room_links import unsigned
from clinic.policy import Role
from clinic.room.board_cards import Card, board
from infusions import services
from infusions.services import room
from infusions.session.log import Kind, Stage

pytestmark = pytest.mark.django_db
ADDRESS = "/infusions/rooms/"


@pytest.fixture
def clinician(client: Client) -> Client:
    client.force_login(make_user(Role.CLINICIAN))
    return client


def chair(place: str, name: str = "", begun: datetime = BEGIN) -> Chair:
    """Somebody in this chair whose checks are done."""
    one = Chair()
    one.now = begun
    if name:
        one.patient.family_name = name
        one.patient.save()
    one.prepare()
    one.type(chair=place)
    return one


def running(place: str, name: str = "", begun: datetime = BEGIN) -> Chair:
    one = chair(place, name, begun)
    one.enter(Kind.STARTED)
    return one


def recovering(place: str, name: str = "") -> Chair:
    one = running(place, name)
    one.enter(Kind.STOPPED, after=40, early=False)
    return one


def gone(place: str, name: str = "") -> Chair:
    one = recovering(place, name)
    one.enter(Kind.DISCHARGED, after=1, override_reason="The escort insists.")
    return one


def cards(minutes: float) -> list[Card]:
    return board(None, BEGIN + timedelta(minutes=minutes)).cards


def page(client: Client, minutes: float, **asked: str) -> Any:
    with time_machine.travel(BEGIN + timedelta(minutes=minutes), tick=False):
        return client.get(ADDRESS, asked)


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_running_session_says_all_that_the_next_one_to_pass_by_needs(clinician: Client) -> None:
    one = running("Room 1", "Ashgrove")
    make_infusion(one.infusion.course, timezone.localdate(BEGIN) - timedelta(days=7))
    one.enter(Kind.VITALS, after=10, systolic_mmhg=131, diastolic_mmhg=82, heart_rate_per_min=74)
    one.enter(Kind.VITALS, after=2, spo2_percent=96)
    (card,) = cards(15)
    assert (card.chair, card.place, card.stage, card.overdue) == ("Room 1", "2 of 6", Stage.RUNNING, False)
    assert (card.left_seconds, card.left_words) == (25 * 60, "25:00")
    assert card.due
    assert card.due.at == BEGIN + timedelta(minutes=22)
    assert card.readings == ["131/82, pulse 74 at 14:10", "SpO₂ 96 % at 14:12"]
    text = text_of(page(clinician, 15))
    for said in (
        "Maren Ashgrove",
        "Room 1",
        one.patient.mrn,
        "infusion 2 of 6",
        "Running",
        "started 14:00",
        "25:00 min left",
    ):
        assert said in text
    assert (
        reverse("room:room", args=[one.patient.public_id, one.infusion.public_id])
        in page(clinician, 15).content.decode()
    )


def test_each_stage_is_there_with_its_word_and_what_is_over_is_not() -> None:
    planned, signed, off, void = Chair(), gone("9"), chair("8"), running("7")
    expected = {
        chair("1").infusion.pk: Stage.CHECKS,
        running("2").infusion.pk: Stage.RUNNING,
        recovering("4").infusion.pk: Stage.RECOVERY,
        gone("5").infusion.pk: Stage.DISCHARGED,
    }
    paused = running("3")
    paused.enter(Kind.PAUSED, after=5, reason="Nausea")
    expected[paused.infusion.pk] = Stage.PAUSED
    signed.enter(Kind.SIGNED, meaning="responsible", reason="Nothing was drawn.")
    off.enter(Kind.CALLED_OFF, status="cancelled", reason="Flu")
    services.void_infusion(actor=None, infusion=void.row, reason="Twice", now=void.now)
    shown = {card.infusion.pk: card.stage for card in cards(50)}
    assert shown == expected
    assert planned.infusion.pk not in shown


def test_a_pause_stops_the_time_left_and_recovery_tells_the_earliest_discharge() -> None:
    one = running("1")
    one.enter(Kind.PAUSED, after=10, reason="Nausea")
    assert [card.left_words for card in cards(25)] == ["30:00"]
    one.enter(Kind.STOPPED, after=20, early=True, reason="Enough")
    (card,) = cards(31)
    assert (card.left_seconds, card.since) == (None, "pump stopped 14:30, earliest discharge 15:00")


def test_a_session_of_another_day_says_so_and_one_that_left_then_is_gone() -> None:
    running("1")
    gone("2")
    (card,) = cards(24 * 60 + 1)
    assert card.since == "started 27 Feb 14:00"
    assert card.overdue


def test_who_left_stands_on_the_board_until_the_list_of_unsigned_sessions_has_her() -> None:
    left = gone("2")
    for minutes in (12 * 60, 18 * 60, 24 * 60, 24 * 60 + 1, 90 * 24 * 60):
        now = BEGIN + timedelta(minutes=minutes)
        listed = {card.infusion.pk for card in cards(minutes)}, {one.infusion.pk for one in unsigned(now)}
        assert sorted(map(len, listed)) == [0, 1], minutes
        assert left.infusion.pk in set.union(*listed)
    assert cards(18 * 60)[0].since == "left 27 Feb 14:41"


def test_open_alerts_come_first_then_overdue_then_chairs_in_their_order() -> None:
    for place in ("Room 10", "Room 2", ""):
        running(place, begun=BEGIN + timedelta(minutes=20))
    running("Room 9", "Overdue")
    notify = running("Room 8", "Notify", begun=BEGIN + timedelta(minutes=15))
    notify.enter(Kind.VITALS, after=2, systolic_mmhg=182, diastolic_mmhg=90)
    act = running("Room 99", "Act", begun=BEGIN + timedelta(minutes=15))
    act.enter(Kind.VITALS, after=2, spo2_percent=85)
    gone("Room 0", "Left")
    alerted = [len(card.alerts) for card in cards(25)]
    found = [card.chair for card in cards(25)]
    assert found[-1] == "Room 0"
    assert sum(bool(count) for count in alerted) >= 1
    with_alerts = [card.chair for card in cards(25) if card.alerts]
    assert found[: len(with_alerts)] == with_alerts
    assert with_alerts[0] == "Room 99", "what must be acted on comes before what is told on"
    rest = [place for place in found if place not in with_alerts]
    assert [place for place in rest if place != "Room 8"] == ["Room 9", "Room 2", "Room 10", "", "Room 0"]


def test_an_alert_is_told_in_words_until_somebody_says_what_was_done(clinician: Client) -> None:
    one = running("Room 1")
    entry = one.enter(Kind.VITALS, after=5, spo2_percent=85)
    text = text_of(page(clinician, 6))
    assert "1 open alert: act now, SpO₂ 85 % at 14:05 is over the action line" in text
    one.enter(Kind.ACKNOWLEDGED, of=entry.pk, done="Oxygen 2 L, airway opened")
    assert "1 open alert" not in text_of(page(clinician, 7))


def test_what_was_struck_or_retimed_counts_as_it_stands_now() -> None:
    one = running("1")
    entry = one.enter(Kind.VITALS, after=10, systolic_mmhg=131, diastolic_mmhg=82)
    one.enter(Kind.STRUCK, of=entry.pk, reason="Of the next chair")
    (card,) = cards(12)
    assert card.readings == ["128/80, pulse 72 at 14:00"]
    assert card.due
    assert card.due.at == BEGIN + timedelta(minutes=10)


def test_an_empty_board_says_what_to_do(clinician: Client) -> None:
    text = text_of(page(clinician, 0))
    assert "Nobody is in a chair" in text
    assert "Start checks" in text
    assert not AuditEvent.objects.filter(action="list infusion rooms").exists()


def test_who_left_today_stands_below_and_is_not_urgent(clinician: Client) -> None:
    one = gone("Room 3", "Left")
    content = page(clinician, 60).content.decode()
    assert content.index("Nobody is in a chair") < content.index("Left, not signed yet")
    assert 'data-alerts="0"' in content
    assert one.patient.mrn in content
    assert "Left, not" not in page(clinician, 60, part="home").content.decode()


class TestOpenBoard:
    def key(self, answer: Any) -> str:
        return str(re.search(r"shown=(\w+)", answer.content.decode())[1])  # type: ignore[index]

    def test_it_is_told_nothing_while_nothing_changed(self, clinician: Client) -> None:
        running("1")
        key = self.key(page(clinician, 1))
        answer = page(clinician, 2, part="board", shown=key)
        assert (answer.status_code, answer.content) == (204, b"")

    def test_an_entry_and_a_reading_that_falls_overdue_are_told_as_the_part_alone(self, clinician: Client) -> None:
        one = running("1")
        key = self.key(page(clinician, 1))
        assert page(clinician, 14, part="board", shown=key).status_code == 204
        late = page(clinician, 16, part="board", shown=key)
        assert late.status_code == 200
        assert "<html" not in late.content.decode()
        assert "vitals overdue" in late.content.decode()
        one.now = BEGIN + timedelta(minutes=16)
        one.enter(Kind.VITALS, systolic_mmhg=131, diastolic_mmhg=82)
        assert "vitals overdue" not in page(clinician, 17, part="board", shown=self.key(late)).content.decode()

    def test_it_asks_less_than_once_in_five_seconds_and_at_least_once_in_ten(self, clinician: Client) -> None:
        content = page(clinician, 0).content.decode()
        assert 5 < int(re.search(r'hx-trigger="every (\d+)s', content)[1]) <= 10  # type: ignore[index]
        assert "data-trouble" in content

    def test_opening_is_one_event_with_ids_and_asking_is_none(self, clinician: Client) -> None:
        one = running("1")
        key = self.key(page(clinician, 1))
        for minute in range(2, 40):
            answer = page(clinician, minute, part="board", shown=key)
            key = self.key(answer) if answer.content else key
        (event,) = AuditEvent.objects.filter(action__startswith="list")
        assert (event.action, event.detail) == ("list infusion rooms", {"patient_ids": [one.patient.pk]})

    def test_somebody_who_joins_while_it_is_open_is_noted(self, clinician: Client) -> None:
        first = running("1")
        key = self.key(page(clinician, 1))
        second = running("2", begun=BEGIN + timedelta(minutes=2))
        page(clinician, 3, part="board", shown=key)
        events = AuditEvent.objects.filter(action="list infusion rooms").order_by("id")
        assert [event.detail["patient_ids"] for event in events] == [
            [first.patient.pk],
            [first.patient.pk, second.patient.pk],
        ]

    def test_the_part_cannot_be_seen_without_a_trace(self, clinician: Client) -> None:
        running("1")
        page(clinician, 1, part="home", shown="anything")
        assert AuditEvent.objects.filter(action="list infusion rooms").count() == 1

    @pytest.mark.parametrize("part", ["", "other", "home\x00", "board" * 99], ids=["none", "other", "nul", "long"])
    def test_an_odd_part_is_the_page(self, clinician: Client, part: str) -> None:
        assert "<html" in page(clinician, 0, part=part, shown="\x00").content.decode()


def test_many_sessions_cost_no_more_queries_than_one(clinician: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as made:
            page(clinician, 20)
        return len(made)

    running("1").enter(Kind.VITALS, after=5, spo2_percent=85)
    queries()
    few = queries()
    for place in range(6):
        running(str(place)).enter(Kind.VITALS, after=5, spo2_percent=85)
        gone(str(place))
    queries()
    assert queries() == few


def test_names_and_chairs_are_inert(clinician: Client) -> None:
    chair("<b>Room</b>", "<script>alert(1)</script>")
    content = page(clinician, 1).content.decode()
    assert "<script>alert" not in content
    assert "&lt;b&gt;Room" in content


def test_after_a_move_the_board_and_the_room_follow_the_other_patient(clinician: Client) -> None:
    one, other = running("Room 1"), Chair()
    before = reverse("room:room", args=[one.patient.public_id, one.infusion.public_id])
    services.move_infusion(
        actor=one.actor, infusion=one.row, to_course=other.infusion.course, now=one.now, reason="Wrong chart"
    )
    assert clinician.get(before).status_code == 404
    one.infusion = one.row
    one.enter(Kind.VITALS, after=5, systolic_mmhg=131, diastolic_mmhg=82)
    assert len(room.session_of(one.infusion).all(Kind.VITALS)) == 2
    (card,) = [card for card in cards(6) if card.stage is Stage.RUNNING]
    assert card.patient == other.patient
    after = reverse("room:room", args=[other.patient.public_id, one.infusion.public_id])
    assert clinician.get(after).status_code == 200
