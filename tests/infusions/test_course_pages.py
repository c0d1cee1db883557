"""Pages on which a course is opened, closed, withdrawn from and voided."""

from datetime import date
from html import escape
from typing import Any
from uuid import uuid4

import pytest
from bad_input import assert_refused, bad_values, odd_text
from builders import NOW, make_course, make_infusion, make_patient, make_user
from django.test import Client
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.policy import Role
from infusions.models import Course, Infusion
from infusions.services import close_course, void_course, withdraw_course
from patients.models import Patient

pytestmark = pytest.mark.django_db

COURSE = {
    "phase": "maintenance",
    "planned_infusions": "8",
    "opened_on": "2026-01-05",
    "psychotherapy_at_start": "yes",
    "psychiatric_medications_at_start": "3",
}
COURSE_KINDS = {
    "phase": "choice",
    "planned_infusions": "whole number",
    "opened_on": "day",
    "psychotherapy_at_start": "choice",
    "psychiatric_medications_at_start": "whole number",
}
FORMS = {
    "course_close": {"closed_on": "2025-06-01", "version": "1"},
    "course_withdraw": {"withdrawn_on": "2025-06-01", "reason": "Moved away", "version": "1"},
    "course_void": {"reason": "Wrong patient"},
}
FORM_KINDS = {
    ("course_close", "closed_on"): "day",
    ("course_withdraw", "withdrawn_on"): "day",
    ("course_withdraw", "reason"): "note",
    ("course_void", "reason"): "note",
}


def signed_in(role: Role = Role.CLINICIAN) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


def opening(patient: Patient) -> str:
    return reverse("infusions:course_open", args=[patient.public_id])


def address(name: str, course: Course, patient: Patient | None = None) -> str:
    return reverse(f"infusions:{name}", args=[(patient or course.patient).public_id, course.public_id])


def courses_of(patient: Patient) -> str:
    return reverse("pages:patient_courses", args=[patient.public_id])


def keyed(fields: dict[str, str]) -> dict[str, str]:
    return {**fields, "idempotency_key": str(uuid4())}


def rows() -> list[Any]:
    return list(Course.objects.order_by("pk").values())


class TestOpening:
    def test_the_next_course_is_opened(self) -> None:
        patient = make_patient()
        make_course(patient, planned_infusions=6)
        client = signed_in()
        assert "This will follow course 1: induction, 6" in " ".join(
            client.get(opening(patient)).content.decode().split()
        )
        response = client.post(opening(patient), keyed(COURSE))
        assert (response.status_code, response["Location"]) == (303, courses_of(patient))
        course = Course.objects.get(number=2)
        assert (course.phase, course.planned_infusions, course.opened_on) == ("maintenance", 8, date(2026, 1, 5))
        assert (course.psychotherapy_at_start, course.psychiatric_medications_at_start) == ("yes", 3)
        assert AuditEvent.objects.get(action="open course").record_id == course.pk

    def test_what_is_left_blank_is_not_recorded(self) -> None:
        patient = make_patient()
        few = {name: COURSE[name] for name in ("phase", "planned_infusions", "opened_on")}
        assert signed_in().post(opening(patient), keyed(few)).status_code == 303
        course = Course.objects.get()
        assert (course.psychotherapy_at_start, course.psychiatric_medications_at_start) == ("not_recorded", None)

    def test_the_form_proposes_an_induction_of_six_from_today(self, time_machine: Any) -> None:
        time_machine.move_to("2026-11-21T15:00:00Z", tick=False)
        page = signed_in().get(opening(make_patient())).content.decode()
        for shown in ('<option value="induction" selected>', 'value="6"', 'value="2026-11-21"'):
            assert shown in page

    @pytest.mark.parametrize(
        ("field", "raw"),
        [
            pytest.param(field, raw, id=f"{field}: {name}")
            for field, kind in COURSE_KINDS.items()
            for name, raw in [*bad_values(kind), *([("none", "0")] if field == "planned_infusions" else [])]
        ],
    )
    def test_bad_input_is_refused_beside_its_field_and_kept(self, field: str, raw: str) -> None:
        assert_refused(signed_in().post(opening(make_patient()), keyed({**COURSE, field: raw})), field, raw)
        assert not Course.objects.exists()

    @pytest.mark.parametrize(
        ("day", "said"),
        [
            ("2026-11-22", "in the future"),
            ("1984-08-02", "before the patient was born (3 Aug 1984)"),
            ("2026-03-02", "after the patient died (1 Mar 2026)"),
        ],
    )
    def test_no_course_opens_on_an_impossible_day(self, day: str, said: str, time_machine: Any) -> None:
        time_machine.move_to("2026-11-21T15:00:00Z", tick=False)
        patient = make_patient(died_on=date(2026, 3, 1) if "died" in said else None)
        response = signed_in().post(opening(patient), keyed({**COURSE, "opened_on": day}))
        assert said in response.context["form"].errors["opened_on"][0]
        assert not Course.objects.exists()

    def test_a_second_click_opens_no_second_course(self) -> None:
        patient, client, form = make_patient(), signed_in(), keyed(COURSE)
        for _ in range(2):
            assert client.post(opening(patient), form).status_code == 303
        assert Course.objects.count() == 1


class TestChanging:
    def test_a_course_is_closed(self) -> None:
        course = make_course(make_patient())
        response = signed_in().post(address("course_close", course), FORMS["course_close"])
        assert (response.status_code, response["Location"]) == (303, courses_of(course.patient))
        course.refresh_from_db()
        assert (course.closed_on, course.version) == (date(2025, 6, 1), 2)

    def test_a_patient_withdraws_from_a_course(self) -> None:
        course = make_course(make_patient())
        response = signed_in().post(address("course_withdraw", course), FORMS["course_withdraw"])
        assert (response.status_code, response["Location"]) == (303, courses_of(course.patient))
        course.refresh_from_db()
        assert (course.withdrawn_on, course.withdrawn_reason) == (date(2025, 6, 1), "Moved away")

    def test_a_course_is_voided_after_saying_what_no_longer_counts(self) -> None:
        course, client = make_course(make_patient()), signed_in()
        for day in (3, 6):
            make_infusion(course, date(2025, 3, day))
        page = " ".join(client.get(address("course_void", course)).content.decode().split())
        assert "2 infusions of this course will no longer count in any outcome." in page
        response = client.post(address("course_void", course), FORMS["course_void"])
        assert (response.status_code, response["Location"]) == (303, courses_of(course.patient))
        course.refresh_from_db()
        assert course.void_reason == "Wrong patient"
        assert Infusion.objects.given().count() == 0

    def test_what_was_recorded_before_is_shown_to_be_put_right(self) -> None:
        course, client = make_course(make_patient()), signed_in()
        close_course(actor=None, course=course, version=1, closed_on=date(2025, 5, 5), now=NOW)
        given = {"withdrawn_on": date(2025, 5, 6), "reason": "Moved away"}
        withdraw_course(actor=None, course=course, version=2, now=NOW, **given)
        assert 'value="2025-05-05"' in client.get(address("course_close", course)).content.decode()
        page = client.get(address("course_withdraw", course)).content.decode()
        assert 'value="2025-05-06"' in page
        assert "Moved away" in page

    @pytest.mark.parametrize(
        ("name", "field", "raw"),
        [
            pytest.param(name, field, raw, id=f"{name}.{field}: {words}")
            for (name, field), kind in FORM_KINDS.items()
            for words, raw in [*bad_values(kind), ("blank", "")]
        ],
    )
    def test_bad_input_is_refused_beside_its_field_and_kept(self, name: str, field: str, raw: str) -> None:
        course = make_course(make_patient())
        before = rows()
        assert_refused(signed_in().post(address(name, course), {**FORMS[name], field: raw}), field, raw)
        assert rows() == before

    @pytest.mark.parametrize(("name", "field"), [("course_close", "closed_on"), ("course_withdraw", "withdrawn_on")])
    def test_nothing_ends_before_it_was_opened(self, name: str, field: str) -> None:
        course = make_course(make_patient())
        response = signed_in().post(address(name, course), {**FORMS[name], field: "2024-12-31"})
        assert "before the course was opened (1 Jan 2025)" in response.context["form"].errors[field][0]

    @pytest.mark.parametrize(("name", "raw"), odd_text())
    def test_an_odd_reason_is_kept_as_typed_and_shown_inert(self, name: str, raw: str) -> None:
        course, client = make_course(make_patient()), signed_in()
        form = {**FORMS["course_withdraw"], "reason": raw}
        assert client.post(address("course_withdraw", course), form).status_code == 303, name
        course.refresh_from_db()
        assert course.withdrawn_reason == raw
        page = client.get(address("course_withdraw", course)).content.decode()
        assert escape(raw) in page
        assert raw not in page or escape(raw) == raw

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "\x00"])
    @pytest.mark.parametrize("name", ["course_close", "course_withdraw"])
    def test_a_bad_version_saves_nothing(self, name: str, version: str) -> None:
        course = make_course(make_patient())
        before = rows()
        assert signed_in().post(address(name, course), {**FORMS[name], "version": version}).status_code in {409, 422}
        assert rows() == before

    @pytest.mark.parametrize(("name", "field"), [("course_close", "closed_on"), ("course_withdraw", "withdrawn_on")])
    def test_a_stale_form_is_shown_with_both_texts(self, name: str, field: str) -> None:
        course, client = make_course(make_patient()), signed_in()
        Course.objects.filter(pk=course.pk).update(
            closed_on=date(2025, 5, 5), withdrawn_on=date(2025, 5, 5), withdrawn_reason="Died", version=2
        )
        response = client.post(address(name, course), FORMS[name])
        page = response.content.decode()
        assert response.status_code == 409
        assert '<td class="tm-pre">2025-06-01</td>' in page
        assert '<td class="tm-pre">2025-05-05</td>' in page
        assert client.post(address(name, course), {**FORMS[name], "version": "2"}).status_code == 303
        course.refresh_from_db()
        assert getattr(course, field) == date(2025, 6, 1)

    def test_a_second_click_voids_once(self) -> None:
        course, client = make_course(make_patient()), signed_in()
        for _ in range(2):
            assert client.post(address("course_void", course), FORMS["course_void"]).status_code == 303
        assert AuditEvent.objects.filter(action="void course").count() == 1

    @pytest.mark.parametrize("name", FORMS)
    def test_a_voided_course_is_left_alone(self, name: str) -> None:
        course, client = make_course(make_patient()), signed_in()
        void_course(actor=None, course=course, reason="Wrong patient", now=NOW)
        before = rows()
        for response in (client.get(address(name, course)), client.post(address(name, course), FORMS[name])):
            assert (response.status_code, response["Location"]) == (303, courses_of(course.patient))
        assert rows() == before

    @pytest.mark.parametrize("name", FORMS)
    def test_a_course_of_another_patient_or_for_intake_is_not_found(self, name: str) -> None:
        course = make_course(make_patient())
        before = rows()
        assert signed_in().post(address(name, course, make_patient()), FORMS[name]).status_code == 404
        assert signed_in(Role.INTAKE).post(address(name, course), FORMS[name]).status_code == 404
        assert signed_in(Role.MEDICAL_DIRECTOR).get(address(name, course)).status_code == 200
        assert rows() == before
