"""Planning a series all or none, and moving a planned infusion: what is kept, and what is refused."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from builders import NOW, local, make_course, make_infusion, make_patient, make_user
from django.core.exceptions import ValidationError

from clinic.audit.models import AuditEvent
from clinic.policy import Role
from clinic.versions import StaleEditError
from infusions import services
from infusions.limits import Level
from infusions.models import Course, Infusion, Status
from infusions.selectors import left_to_plan
from patients.models import Patient

pytestmark = pytest.mark.django_db
MOMENTS = [local(date(2026, 6, day)) for day in (8, 2, 4)]


@pytest.fixture
def course() -> Course:
    return make_course(make_patient())


@pytest.fixture
def planned(course: Course) -> Infusion:
    return services.plan_infusion(actor=None, course=course, planned_for=MOMENTS[0])


def replan(infusion: Infusion, **fields: Any) -> Infusion:
    usual = {"version": infusion.version, "planned_for": MOMENTS[1], "prescriber": None, "reason": "She asked"}
    return services.replan_infusion(actor=None, infusion=infusion, **{**usual, **fields})


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("id"))


def version_of(course: Course) -> int:
    """What each change of an input of the outcomes adds 1 to."""
    return Patient.objects.get(pk=course.patient_id).record_version


class TestSeries:
    def test_each_moment_is_planned_and_noted(self, course: Course) -> None:
        clinician, before = make_user(Role.CLINICIAN), version_of(course)
        found = services.plan_series(actor=clinician, course=course, moments=MOMENTS, prescriber=clinician)
        assert [infusion.planned_for for infusion in found] == sorted(MOMENTS)
        assert {(one.status, one.prescriber, one.entered_by) for one in found} == {("planned", clinician, clinician)}
        assert [event.record_id for event in events("plan infusion")] == [infusion.pk for infusion in found]
        assert version_of(course) == before, "nothing is given, so no outcome changes"

    @pytest.mark.parametrize("moments", [MOMENTS, [MOMENTS[1], MOMENTS[1]]])
    def test_a_moment_that_is_taken_refuses_all(self, course: Course, moments: list[datetime]) -> None:
        other = make_course(course.patient, number=2)
        services.plan_infusion(actor=None, course=other, planned_for=MOMENTS[0])
        with pytest.raises(ValidationError, match=r"planned for 2026-06-0\d 10:00"):
            services.plan_series(actor=None, course=course, moments=moments)
        assert Infusion.objects.filter(course=course).count() == 0

    def test_what_no_longer_stands_takes_no_moment(self, course: Course, planned: Infusion) -> None:
        voided = make_course(course.patient, number=2)
        services.plan_infusion(actor=None, course=voided, planned_for=MOMENTS[1])
        services.void_course(actor=None, course=voided, reason="Twice", now=NOW)
        services.void_infusion(actor=None, infusion=planned, reason="Twice", now=NOW)
        assert len(services.plan_series(actor=None, course=course, moments=MOMENTS)) == 3

    def test_a_course_voided_meanwhile_takes_none(self, course: Course) -> None:
        services.void_course(actor=None, course=Course.objects.get(pk=course.pk), reason="Twice", now=NOW)
        with pytest.raises(ValidationError, match="voided"):
            services.plan_series(actor=None, course=course, moments=MOMENTS)
        assert not Infusion.objects.exists()

    def test_what_is_left_to_plan(self, course: Course) -> None:
        make_infusion(course, date(2026, 5, 20))
        make_infusion(course, date(2026, 5, 22), dose_mg_given=0)
        make_infusion(course, date(2026, 5, 24), status=Status.IN_PROGRESS, dose_mg_given=None)
        make_infusion(course, date(2026, 5, 25), status=Status.NO_SHOW, started_at=None, dose_mg_given=None)
        services.plan_series(actor=None, course=course, moments=MOMENTS[:2])
        assert left_to_plan(course) == 2, "6 less 1 given, 1 running and 2 planned"
        Course.objects.filter(pk=course.pk).update(planned_infusions=1)
        assert left_to_plan(Course.objects.get(pk=course.pk)) == 0


class TestReplan:
    def test_old_and_new_are_kept_with_the_reason(self, planned: Infusion) -> None:
        clinician, before = make_user(Role.CLINICIAN), version_of(planned.course)
        moved = replan(planned, prescriber=clinician, reason="  She asked ")
        planned.refresh_from_db()
        assert (planned.planned_for, planned.prescriber, planned.version) == (MOMENTS[1], clinician, 2)
        assert moved.pk == planned.pk
        [event] = events("replan infusion")
        assert event.patient_id == planned.course.patient_id
        assert event.detail == {
            "reason": "She asked",
            "changes": {
                "planned_for": ["2026-06-08T14:00:00Z", "2026-06-02T14:00:00Z"],
                "prescriber": [None, clinician.pk],
            },
        }
        assert version_of(planned.course) == before

    def test_the_clinician_alone_may_change(self, planned: Infusion) -> None:
        clinician = make_user(Role.CLINICIAN)
        assert replan(planned, planned_for=planned.planned_for, prescriber=clinician).prescriber == clinician

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"reason": " "}, "Say why"),
            ({"planned_for": MOMENTS[0]}, "Nothing was changed"),
            ({"planned_for": MOMENTS[2]}, "Another infusion of the patient is planned"),
        ],
    )
    def test_what_is_refused(self, planned: Infusion, fields: dict[str, Any], message: str) -> None:
        services.plan_infusion(actor=None, course=planned.course, planned_for=MOMENTS[2])
        with pytest.raises(ValidationError, match=message):
            replan(planned, **fields)
        planned.refresh_from_db()
        assert (planned.planned_for, planned.version) == (MOMENTS[0], 1)
        assert not events("replan infusion")

    def test_a_stale_version_is_refused(self, planned: Infusion) -> None:
        replan(planned)
        with pytest.raises(StaleEditError):
            replan(planned, planned_for=MOMENTS[2])

    @pytest.mark.parametrize("status", [status for status in Status if status != Status.PLANNED])
    def test_only_what_is_planned_can_be_moved(self, planned: Infusion, status: str) -> None:
        Infusion.objects.filter(pk=planned.pk).update(status=status, started_at=MOMENTS[0], dose_mg_given=1)
        with pytest.raises(ValidationError, match="no longer planned"):
            replan(planned)


class TestIntervals:
    def test_given_running_and_planned_count_and_a_moved_one_only_at_its_new_time(self, course: Course) -> None:
        make_infusion(course, date(2026, 6, 1))
        running = make_infusion(course, date(2026, 6, 3), status=Status.IN_PROGRESS, dose_mg_given=None)
        moved = services.plan_infusion(actor=None, course=course, planned_for=local(date(2026, 6, 6)))
        after = services.plan_infusion(actor=None, course=course, planned_for=local(date(2026, 6, 8)))
        found = services.intervals_of(course.patient, [local(date(2026, 6, 4)), local(date(2026, 6, 7))], unless=moved)
        assert [[one.limit for one in findings] for findings in found.proposed] == [["warn_interval_below_hours"], []]
        assert [(one, [told.limit for told in findings]) for one, findings in found.standing] == [
            (after, ["warn_interval_below_hours"])
        ]
        Infusion.objects.filter(pk=running.pk).update(status=Status.STOPPED_EARLY, dose_mg_given=0)
        assert services.intervals_of(course.patient, [local(date(2026, 6, 4))], unless=moved).proposed == [[]]

    def test_another_course_of_the_patient_counts_and_another_patient_does_not(self, course: Course) -> None:
        make_infusion(make_course(course.patient, number=2), date(2026, 6, 1))
        make_infusion(make_course(make_patient()), date(2026, 6, 2), started_at=local(date(2026, 6, 2), 1))
        [[finding]] = services.intervals_of(course.patient, [local(date(2026, 6, 2), 5)]).proposed
        assert (finding.level, finding.limit) == (Level.OVERRIDE, "override_interval_below_hours")
        assert "19 h" in finding.message

    def test_a_course_that_was_voided_does_not_count(self, course: Course) -> None:
        other = make_course(course.patient, number=2)
        services.plan_infusion(actor=None, course=other, planned_for=MOMENTS[0] - timedelta(hours=2))
        services.void_course(actor=None, course=other, reason="Twice", now=NOW)
        assert services.intervals_of(course.patient, [MOMENTS[0]]) == services.Intervals([[]], [])
