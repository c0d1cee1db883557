"""Planning a course in two steps, and moving a planned infusion, through the pages."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from bad_input import assert_refused, bad_cases, odd_text
from builders import local, make_course, make_infusion, make_patient, make_user
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.policy import Role
from infusions import services
from infusions.models import Course, Infusion, Status

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 20, 0, tzinfo=UTC)  # 16:00 in the clinic, a Monday
LOOK = "Look at the warnings below"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinician() -> User:
    return make_user(Role.CLINICIAN)


@pytest.fixture
def signed_in(client: Client, clinician: User) -> Client:
    client.force_login(clinician)
    return client


@pytest.fixture
def course() -> Course:
    return make_course(make_patient())


@pytest.fixture
def planned(course: Course) -> Infusion:
    return services.plan_infusion(actor=None, course=course, planned_for=local(date(2026, 6, 8)))


def address(name: str, course: Course, infusion: Infusion | None = None) -> str:
    return reverse(f"infusions:{name}", args=[course.patient.public_id, (infusion or course).public_id])


def rule(**fields: Any) -> dict[str, Any]:
    """Six in three weeks from Tuesday 2 June on."""
    usual = {"step": "rule", "count": "6", "first": "2026-06-02T10:00", "rhythm": "2", "prescriber": ""}
    return {**usual, **fields}


def times(*moments: str, step: str = "save", **fields: Any) -> dict[str, Any]:
    """The second step as the browser sends it, with what the page said of the times seen."""
    rows = {f"row-{number}-planned_for": moment for number, moment in enumerate(moments)}
    return {
        "step": step,
        "idempotency_key": str(uuid4()),
        "prescriber": "",
        "seen": "",
        **rule(step=step),
        **rows,
        **fields,
    }


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def seen_in(answer: Any) -> str:
    found = re.search(r'name="seen"(?: value="(\w*)")?', answer.content.decode())
    assert found
    return found[1] or ""


class TestRule:
    def test_the_page_begins_with_what_is_left(self, signed_in: Client, course: Course, planned: Infusion) -> None:
        make_infusion(course, date(2026, 5, 20))
        page = signed_in.get(address("infusion_plan_series", course))
        assert "1 of 6 infusions given, 1 planned already" in text_of(page)
        assert 'name="count" value="4"' in page.content.decode()

    @pytest.mark.parametrize(
        ("fields", "moments"),
        [
            ({}, "02 05 09 12 16 19"),
            ({"rhythm": "1"}, "02 09 16 23 30 07"),
            ({"rhythm": "3", "weekdays": ["0", "2", "4"]}, "03 05 08 10 12 15"),
            ({"rhythm": "every", "every_days": "3", "count": "3"}, "02 05 08"),
        ],
    )
    def test_its_moments_are_shown_and_nothing_is_saved(
        self, signed_in: Client, course: Course, fields: dict[str, Any], moments: str
    ) -> None:
        answer = signed_in.post(address("infusion_plan_series", course), rule(**fields))
        shown = re.findall(r'name="row-\d+-planned_for" value="2026-\d\d-(\d\d)T10:00"', answer.content.decode())
        assert (answer.status_code, " ".join(shown)) == (200, moments)
        assert not Infusion.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"count": "0"}, "Plan at least 1"),
            ({"count": "41"}, "Plan 40 infusions at most"),
            ({"first": "2026-05-31T10:00"}, "This day is over"),
            ({"first": "2026-11-01T01:30"}, "The clocks change"),
            ({"first": ""}, "Enter day and time"),
            ({"rhythm": "4"}, "Choose one of the list"),
            ({"rhythm": "every"}, "Enter how many days lie between"),
            ({"rhythm": "every", "every_days": "91"}, "90 days at most"),
            ({"rhythm": "every", "every_days": "90", "count": "20"}, "more than two years from today. Plan fewer"),
            ({"weekdays": ["0"]}, "Choose 2 days, or none"),
            ({"rhythm": "1", "weekdays": ["0", "1"]}, "Choose 1 day, or none"),
            ({"weekdays": ["7", "x"]}, "Choose one of the list"),
            ({"prescriber": "nobody"}, "Choose one of the list"),
        ],
    )
    def test_a_rule_without_sense_is_refused(
        self, signed_in: Client, course: Course, fields: dict[str, Any], message: str
    ) -> None:
        answer = signed_in.post(address("infusion_plan_series", course), rule(**fields))
        assert (answer.status_code, message in text_of(answer)) == (422, True)

    @pytest.mark.parametrize(
        ("field", "raw"), bad_cases({"count": "whole number", "first": "moment", "rhythm": "choice"})
    )
    def test_bad_input_is_refused_beside_its_field(
        self, signed_in: Client, course: Course, field: str, raw: str
    ) -> None:
        assert_refused(signed_in.post(address("infusion_plan_series", course), rule(**{field: raw})), field, raw)

    def test_nobody_is_planned_for_after_a_death(self, signed_in: Client, course: Course) -> None:
        course.patient.died_on = date(2026, 6, 1)
        course.patient.save()
        answer = signed_in.post(address("infusion_plan_series", course), rule())
        assert "after the patient died" in text_of(answer)


class TestTimes:
    def test_all_are_planned_once(self, signed_in: Client, course: Course, clinician: User) -> None:
        data = times("2026-06-02T10:00", "2026-06-05T10:00", prescriber=clinician.public_id)
        answers = [signed_in.post(address("infusion_plan_series", course), data) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        found = list(Infusion.objects.order_by("planned_for").values_list("planned_for", "prescriber"))
        assert found == [(local(date(2026, 6, day)), clinician.pk) for day in (2, 5)]

    def test_warnings_stand_beside_the_time_and_are_saved_once_seen(self, signed_in: Client, course: Course) -> None:
        make_infusion(course, date(2026, 6, 1))
        where = address("infusion_plan_series", course)
        moments = ("2026-06-02T05:00", "2026-06-04T04:00", "2026-06-08T10:00")
        first = signed_in.post(where, times(*moments))
        assert (first.status_code, Infusion.objects.count()) == (422, 1)
        text = text_of(first)
        assert LOOK in text
        assert "3 infusions to plan, 2 with a warning" in text
        assert "Time since the previous infusion 19 h is 1 h below the limit of 20 h" in text
        assert "A prescriber’s reason will be asked for at the start" in text
        assert "Time since the previous infusion 47 h is 1 h below the limit of 48 h" in text
        again = signed_in.post(where, times(*moments, seen=seen_in(first)))
        assert (again.status_code, Infusion.objects.count()) == (303, 4)

    def test_warnings_that_the_rule_showed_need_no_second_look(self, signed_in: Client, course: Course) -> None:
        where = address("infusion_plan_series", course)
        daily = signed_in.post(where, rule(rhythm="every", every_days="1", count="2"))
        assert "Check. Time since the previous infusion 24 h" in text_of(daily)
        assert (
            signed_in.post(where, times("2026-06-02T10:00", "2026-06-03T10:00", seen=seen_in(daily))).status_code == 303
        )

    def test_other_times_than_were_seen_are_shown_first(self, signed_in: Client, course: Course) -> None:
        where = address("infusion_plan_series", course)
        seen = seen_in(signed_in.post(where, times("2026-06-02T10:00", "2026-06-03T10:00", step="check")))
        assert seen
        answer = signed_in.post(where, times("2026-06-02T10:00", "2026-06-03T08:00", seen=seen))
        assert (answer.status_code, LOOK in text_of(answer), Infusion.objects.exists()) == (422, True, False)

    def test_what_is_planned_already_is_shown_and_judged_anew(
        self, signed_in: Client, course: Course, planned: Infusion
    ) -> None:
        page = signed_in.post(address("infusion_plan_series", course), times("2026-06-07T10:00", step="check"))
        assert page.status_code == 200
        assert "Planned already 1" in text_of(page)
        assert re.search(r"Mon 8 Jun 2026, 10:00 course 1 Check. Time since the previous infusion 24 h", text_of(page))
        taken = signed_in.post(address("infusion_plan_series", course), times("2026-06-08T10:00", seen=seen_in(page)))
        assert taken.status_code == 422
        last = signed_in.post(address("infusion_plan_series", course), times("2026-06-08T10:00", seen=seen_in(taken)))
        assert "Another infusion of the patient is planned for 2026-06-08 10:00" in text_of(last)
        assert list(Infusion.objects.all()) == [planned]

    def test_a_time_left_out_is_not_planned_however_it_reads(self, signed_in: Client, course: Course) -> None:
        data = times("2026-06-02T10:00", "soon", **{"row-1-leave_out": "on"})
        assert signed_in.post(address("infusion_plan_series", course), data).status_code == 303
        assert Infusion.objects.count() == 1

    @pytest.mark.parametrize(
        ("moments", "fields", "message"),
        [
            (("2026-06-02T10:00", "2026-06-02T10:00"), {}, "Time 2: This time stands above already"),
            (("2026-06-02T10:00", "2027-03-14T02:30"), {}, "Time 2: The clocks change at this time"),
            (("2026-05-31T10:00",), {}, "Time 1: This day is over"),
            (("2029-06-02T10:00",), {}, "Time 1: This is more than two years"),
            (("",), {}, "Time 1: Enter day and time"),
            ((), {}, "No time is left to plan"),
            (("2026-06-02T10:00",), {"row-0-leave_out": "on"}, "No time is left to plan"),
            (("2026-06-02T10:00",), {"idempotency_key": "x"}, "This page lost its key"),
            (("2026-06-02T10:00",), {"prescriber": "x"}, "Choose one of the list"),
        ],
    )
    def test_a_wrong_time_saves_none(
        self, signed_in: Client, course: Course, moments: tuple[str, ...], fields: dict[str, str], message: str
    ) -> None:
        for step in ("check", "save"):
            answer = signed_in.post(address("infusion_plan_series", course), times(*moments, step=step, **fields))
            assert (answer.status_code, message in text_of(answer)) == (422, True)
        assert not Infusion.objects.exists()

    @pytest.mark.parametrize(("field", "raw"), bad_cases({"row-0-planned_for": "moment"}))
    def test_bad_times_are_refused_beside_their_row(
        self, signed_in: Client, course: Course, field: str, raw: str
    ) -> None:
        answer = signed_in.post(address("infusion_plan_series", course), times(raw))
        assert answer.status_code == 422
        assert f'id="id_{field}_error"' in answer.content.decode()
        assert not Infusion.objects.exists()

    def test_a_series_over_the_change_of_the_clocks_keeps_its_time(self, signed_in: Client, course: Course) -> None:
        answer = signed_in.post(
            address("infusion_plan_series", course), rule(first="2026-10-27T10:00", rhythm="1", count="2")
        )
        moments = re.findall(r'name="row-\d+-planned_for" value="([^"]+)"', answer.content.decode())
        assert signed_in.post(address("infusion_plan_series", course), times(*moments)).status_code == 303
        starts = Infusion.objects.order_by("planned_for").values_list("planned_for", flat=True)
        assert [f"{moment:%d %H:%M}" for moment in starts] == ["27 14:00", "03 15:00"], "in UTC"

    def test_a_time_that_the_clocks_leap_over_is_told_in_the_proposal(self, signed_in: Client, course: Course) -> None:
        answer = signed_in.post(
            address("infusion_plan_series", course), rule(first="2027-03-07T02:30", rhythm="1", count="2")
        )
        assert answer.status_code == 200
        assert "1 infusion to plan" in text_of(answer)
        assert "The clocks change at this time of this day" in text_of(answer)

    def test_back_to_the_rule_keeps_it(self, signed_in: Client, course: Course) -> None:
        page = signed_in.post(address("infusion_plan_series", course), times("2026-06-02T10:00", step="back"))
        assert page.status_code == 200
        assert 'name="first" value="2026-06-02T10:00"' in page.content.decode()

    def test_a_used_key_with_other_times_is_a_conflict(self, signed_in: Client, course: Course) -> None:
        data = times("2026-06-02T10:00")
        signed_in.post(address("infusion_plan_series", course), data)
        other = signed_in.post(
            address("infusion_plan_series", course), {**data, "row-0-planned_for": "2026-06-12T10:00"}
        )
        assert (other.status_code, Infusion.objects.count()) == (409, 1)


def moving(infusion: Infusion, **fields: str) -> dict[str, str]:
    usual = {"version": str(infusion.version), "planned_for": "2026-06-10T09:30", "reason": "She asked"}
    return {"prescriber": "", "seen": "", **usual, **fields}


class TestReplan:
    def test_it_is_moved_and_the_record_says_so(
        self, signed_in: Client, course: Course, planned: Infusion, clinician: User
    ) -> None:
        where = address("infusion_replan", course, planned)
        assert "Planned for Mon 8 Jun 2026, 10:00, not assigned" in text_of(signed_in.get(where))
        answer = signed_in.post(where, moving(planned, prescriber=clinician.public_id))
        assert (answer.status_code, answer.headers["Location"]) == (303, address("infusion", course, planned))
        planned.refresh_from_db()
        assert planned.planned_for == local(date(2026, 6, 10), 9) + timedelta(minutes=30)
        record = text_of(signed_in.get(answer.headers["Location"]))
        assert "Planned anew: 8 Jun 2026, 10:00 → 10 Jun 2026, 09:30" in record
        assert "She asked" in record

    def test_a_clinician_alone_is_changed_without_a_time_in_the_record(
        self, signed_in: Client, course: Course, planned: Infusion, clinician: User
    ) -> None:
        data = moving(planned, planned_for="2026-06-08T10:00", prescriber=clinician.public_id)
        answer = signed_in.post(address("infusion_replan", course, planned), data)
        assert "Planned anew ·" in text_of(signed_in.get(answer.headers["Location"]))

    def test_a_time_for_what_had_none(self, signed_in: Client, course: Course) -> None:
        bare = Infusion.objects.create(course=course)
        assert signed_in.get(address("infusion_replan", course, bare)).status_code == 200
        answer = signed_in.post(address("infusion_replan", course, bare), moving(bare))
        assert "Planned anew: no time → 10 Jun 2026, 09:30" in text_of(signed_in.get(answer.headers["Location"]))

    def test_warnings_are_shown_before_it_is_saved(self, signed_in: Client, course: Course, planned: Infusion) -> None:
        services.plan_infusion(actor=None, course=course, planned_for=local(date(2026, 6, 9)))
        where = address("infusion_replan", course, planned)
        first = signed_in.post(where, moving(planned))
        assert first.status_code == 422
        assert LOOK in text_of(first)
        assert "Time since the previous infusion 23.5 h is 24.5 h below the limit of 48 h" in text_of(first)
        assert signed_in.post(where, moving(planned, seen=seen_in(first))).status_code == 303

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"reason": " "}, "Say why"),
            ({"planned_for": "2026-05-31T10:00"}, "This day is over"),
            ({"planned_for": "2026-06-08T10:00"}, "Nothing was changed"),
            ({"planned_for": ""}, "Enter day and time"),
            ({"prescriber": "x"}, "Choose one of the list"),
            ({"version": ""}, "This page lost its version"),
        ],
    )
    def test_what_is_refused(
        self, signed_in: Client, course: Course, planned: Infusion, fields: dict[str, str], message: str
    ) -> None:
        answer = signed_in.post(address("infusion_replan", course, planned), moving(planned, **fields))
        assert (answer.status_code, message in text_of(answer)) == (422, True)
        planned.refresh_from_db()
        assert planned.version == 1

    @pytest.mark.parametrize(("field", "raw"), bad_cases({"planned_for": "moment", "reason": "note"}))
    def test_bad_input_is_refused_beside_its_field(
        self, signed_in: Client, course: Course, planned: Infusion, field: str, raw: str
    ) -> None:
        data = moving(planned, **{field: raw})
        assert_refused(signed_in.post(address("infusion_replan", course, planned), data), field, raw)

    @pytest.mark.parametrize(("what", "typed"), odd_text(), ids=[what for what, _ in odd_text()])
    def test_an_odd_reason_is_kept_and_inert(
        self, signed_in: Client, course: Course, planned: Infusion, what: str, typed: str
    ) -> None:
        answer = signed_in.post(address("infusion_replan", course, planned), moving(planned, reason=typed))
        assert answer.status_code == 303
        assert AuditEvent.objects.get(action="replan infusion").detail["reason"] == typed
        assert escape(typed) in signed_in.get(answer.headers["Location"]).content.decode()

    def test_a_stale_page_shows_both(self, signed_in: Client, course: Course, planned: Infusion) -> None:
        where, data = address("infusion_replan", course, planned), moving(planned)
        signed_in.post(where, moving(planned, planned_for="2026-06-12T10:00"))
        stale = signed_in.post(where, data)
        assert stale.status_code == 409
        assert "Move to 2026-06-10 09:30 2026-06-12 10:00" in text_of(stale)
        planned.refresh_from_db()
        assert planned.planned_for == local(date(2026, 6, 12))

    def test_what_is_planned_no_more_leads_to_its_record(
        self, signed_in: Client, course: Course, planned: Infusion
    ) -> None:
        data = moving(planned)
        Infusion.objects.filter(pk=planned.pk).update(status=Status.CANCELLED)
        where = address("infusion_replan", course, planned)
        for answer in (signed_in.get(where), signed_in.post(where, data)):
            assert (answer.status_code, answer.headers["Location"]) == (303, address("infusion", course, planned))
        assert "no longer planned" in text_of(signed_in.get(address("infusion", course, planned)))


class TestWhoMay:
    @pytest.mark.parametrize(("role", "offered"), [(Role.CLINICIAN, True), (Role.INTAKE, False)])
    def test_the_courses_of_a_patient_lead_here(
        self, client: Client, course: Course, role: Role, offered: bool
    ) -> None:
        client.force_login(make_user(role))
        page = client.get(reverse("pages:patient_courses", args=[course.patient.public_id])).content.decode()
        assert (f'href="{address("infusion_plan_series", course)}"' in page) is offered

    def test_a_planned_infusion_leads_here_and_one_that_is_over_does_not(
        self, signed_in: Client, course: Course, planned: Infusion
    ) -> None:
        given = make_infusion(course, date(2026, 5, 20))
        for infusion, offered in ((planned, True), (given, False)):
            page = signed_in.get(address("infusion", course, infusion)).content.decode()
            assert (address("infusion_replan", course, infusion) in page) is offered

    @pytest.mark.parametrize("role", [Role.INTAKE, Role.ADMINISTRATOR])
    def test_others_find_nothing(self, client: Client, course: Course, planned: Infusion, role: Role) -> None:
        client.force_login(make_user(role))
        for where, data in (
            (address("infusion_plan_series", course), times("2026-06-02T10:00")),
            (address("infusion_replan", course, planned), moving(planned)),
        ):
            assert [client.get(where).status_code, client.post(where, data).status_code] == [404, 404]
        assert Infusion.objects.count() == 1

    def test_a_voided_course_is_not_planned(self, signed_in: Client, course: Course) -> None:
        services.void_course(actor=None, course=course, reason="Twice", now=NOW)
        assert signed_in.post(address("infusion_plan_series", course), times("2026-06-02T10:00")).status_code == 404

    def test_a_closed_course_says_so(self, signed_in: Client, course: Course) -> None:
        Course.objects.filter(pk=course.pk).update(closed_on=date(2026, 5, 30))
        page = signed_in.get(address("infusion_plan_series", course))
        assert "The course was closed on 30 May 2026." in text_of(page)
