"""Courses and infusions: opening, giving, changing, moving and voiding them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import NOW, local, make_course, make_infusion, make_patient, make_user
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.audit.models import AuditEvent
from infusions import services
from infusions.models import NEXT_STATUSES, AdverseEvent, Course, Infusion, IntegrationNote, Phase, Status, VitalSigns
from patients.models import YesNo

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 3)


def ordinary(**fields: Any) -> dict[str, Any]:
    usual = {
        "started_at": local(DAY),
        "minutes": Decimal(40),
        "weight_kg": Decimal("82.4"),
        "dose_mg_per_kg": Decimal("0.8"),
        "dose_mg_ordered": Decimal("65.9"),
        "dose_mg_given": Decimal("65.9"),
    }
    return {**usual, **fields}


def record(course: Course, **fields: Any) -> Infusion:
    return services.record_infusion(actor=None, course=course, now=NOW, **ordinary(**fields))


def versions(*courses: Course) -> list[int]:
    for course in courses:
        course.patient.refresh_from_db()
    return [course.patient.record_version for course in courses]


class TestCourses:
    def test_courses_are_numbered_in_the_patient(self) -> None:
        patient, user = make_patient(), make_user()
        first = services.open_course(
            actor=user,
            patient=patient,
            opened_on=DAY,
            now=NOW,
            psychotherapy_at_start=YesNo.YES,
            psychiatric_medications_at_start=2,
        )
        second = services.open_course(actor=user, patient=patient, opened_on=DAY, now=NOW, phase=Phase.BOOSTER)
        other = services.open_course(actor=user, patient=make_patient(), opened_on=DAY, now=NOW)
        assert [course.number for course in (first, second, other)] == [1, 2, 1]
        assert (first.phase, first.planned_infusions, first.psychiatric_medications_at_start) == ("induction", 6, 2)
        assert (second.psychotherapy_at_start, second.psychiatric_medications_at_start) == ("not_recorded", None)
        assert AuditEvent.objects.filter(action="open course", actor_id=user.pk).count() == 3

    @pytest.mark.parametrize("day", [NOW.date() + timedelta(days=1), date(1984, 8, 2)])
    def test_a_course_opens_between_birth_and_today(self, day: date) -> None:
        with pytest.raises(ValidationError) as refused:
            services.open_course(actor=None, patient=make_patient(), opened_on=day, now=NOW)
        assert list(refused.value.message_dict) == ["opened_on"]
        assert not Course.objects.exists()

    def test_closing_and_withdrawing(self) -> None:
        course = make_course(make_patient())
        assert services.close_course(actor=None, course=course, version=1, closed_on=DAY, now=NOW).closed_on == DAY
        withdrawn = services.withdraw_course(
            actor=None, course=course, version=2, withdrawn_on=DAY, reason="Moved away", now=NOW
        )
        assert (withdrawn.withdrawn_on, withdrawn.withdrawn_reason) == (DAY, "Moved away")
        assert versions(course) == [3], "each is announced"

    @pytest.mark.parametrize(
        "refused",
        [
            lambda course: services.close_course(
                actor=None, course=course, version=1, closed_on=date(2024, 1, 1), now=NOW
            ),
            lambda course: services.close_course(
                actor=None, course=course, version=1, closed_on=date(2030, 1, 1), now=NOW
            ),
            lambda course: services.withdraw_course(
                actor=None, course=course, version=1, withdrawn_on=DAY, reason=" ", now=NOW
            ),
            lambda course: services.void_course(actor=None, course=course, reason="", now=NOW),
        ],
        ids=["closed before opened", "closed in the future", "withdrawn without reason", "voided without reason"],
    )
    def test_what_cannot_be_is_refused_and_announces_nothing(self, refused: Callable[[Course], Any]) -> None:
        course = make_course(make_patient())
        before = versions(course)
        with pytest.raises(ValidationError):
            refused(course)
        assert versions(course) == before

    def test_a_voided_course_is_closed_to_everything_and_frees_its_number(self) -> None:
        course = make_course(make_patient())
        services.void_course(actor=None, course=course, reason="Twice", now=NOW)
        with pytest.raises(ValidationError, match="voided"):
            services.close_course(actor=None, course=course, version=1, closed_on=DAY, now=NOW)
        make_course(course.patient, 1)
        with pytest.raises(IntegrityError), transaction.atomic():
            make_course(course.patient, 1)


class TestGiving:
    def test_a_given_infusion_is_saved_announced_and_audited(self) -> None:
        course = make_course(make_patient())
        infusion = record(course)
        assert (infusion.status, infusion.limits_overridden_reason) == ("completed", "")
        assert versions(course) == [2]
        assert list(Infusion.objects.given()) == [infusion]
        assert AuditEvent.objects.get(action="record infusion").record_id == infusion.pk

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"started_at": NOW + timedelta(minutes=1)}, "future"),
            ({"started_at": None}, "when the infusion started"),
            ({"dose_mg_given": None}, "how many mg"),
            ({"started_at": local(date(1984, 8, 2))}, "before the patient was born"),
            ({"weight_kg": Decimal("24.9")}, "25 to 350"),
            ({"dose_mg_per_kg": Decimal("4.6")}, "at most 4.5"),
            ({"dose_mg_ordered": Decimal("500.1")}, "0 to 500"),
            ({"minutes": Decimal("0.5")}, "1 to 600"),
            ({"route": "XX"}, "not a valid choice"),
        ],
    )
    def test_what_cannot_be_is_refused(self, fields: dict[str, Any], message: str) -> None:
        course = make_course(make_patient())
        with pytest.raises(ValidationError, match=message):
            record(course, **fields)
        assert not Infusion.objects.exists()
        assert versions(course) == [1]

    def test_a_crossed_limit_needs_a_reason_which_is_kept(self) -> None:
        course = make_course(make_patient())
        dose = {
            "dose_mg_per_kg": Decimal("1.6"),
            "dose_mg_ordered": Decimal("131.8"),
            "dose_mg_given": Decimal("131.8"),
        }
        with pytest.raises(ValidationError, match=r"1\.5"):
            record(course, **dose)
        infusion = record(course, **dose, override_reason="No response at 1.2")
        assert infusion.limits_overridden_reason == "No response at 1.2"
        assert any("1.5" in message for message in AuditEvent.objects.latest("id").detail["crossed"])

    def test_beyond_the_hard_cap_two_must_sign(self) -> None:
        course = make_course(make_patient())
        dose = {"dose_mg_per_kg": Decimal("2.1"), "dose_mg_ordered": Decimal("173.0"), "dose_mg_given": Decimal(173)}
        with pytest.raises(ValidationError):
            record(course, **dose, override_reason="Under anaesthesia")
        assert record(course, **dose, override_reason="Under anaesthesia", second_sign_off=True).pk

    def test_a_warning_saves_and_is_remembered(self) -> None:
        course = make_course(make_patient())
        record(course)
        record(course, started_at=local(DAY + timedelta(days=1), 14))
        assert any("48" in message for message in AuditEvent.objects.latest("id").detail["crossed"])

    def test_the_start_is_unique_in_the_course(self) -> None:
        course = make_course(make_patient())
        record(course)
        with pytest.raises(ValidationError):
            record(course, override_reason="Interval")

    @pytest.mark.parametrize(
        ("fields", "given"),
        [
            ({"status": Status.STOPPED_EARLY, "dose_mg_given": 10}, True),
            ({"status": Status.STOPPED_EARLY, "dose_mg_given": 0}, False),
            ({"status": Status.COMPLETED, "dose_mg_given": 0}, False),
            ({"status": Status.IN_PROGRESS}, False),
            ({"status": Status.PLANNED}, False),
            ({"status": Status.CANCELLED}, False),
            ({"status": Status.NO_SHOW}, False),
        ],
    )
    def test_which_infusions_count_as_given(self, fields: dict[str, Any], given: bool) -> None:
        make_infusion(make_course(make_patient()), DAY, **fields)
        assert Infusion.objects.given().exists() is given

    @pytest.mark.parametrize(
        "fields", [{"weight_kg": 24}, {"dose_mg_given": 501}, {"minutes": 601}, {"dose_mg_per_kg": 0}]
    )
    def test_the_database_refuses_the_impossible_too(self, fields: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            make_infusion(make_course(make_patient()), DAY, **fields)

    def test_dose_limits_are_for_the_intravenous_route(self) -> None:
        course = make_course(make_patient())
        assert record(course, route="PO", dose_mg_per_kg=Decimal("2.5"), dose_mg_ordered=Decimal(206)).pk


class TestStatuses:
    def test_a_planned_infusion_is_started_and_stopped_early(self) -> None:
        course = make_course(make_patient())
        infusion = services.plan_infusion(actor=None, course=course, planned_for=local(DAY))
        assert versions(course) == [1], "nothing is given by planning"
        services.change_infusion_status(
            actor=None, infusion=infusion, version=1, status=Status.IN_PROGRESS, now=NOW, started_at=local(DAY)
        )
        services.change_infusion_status(
            actor=None,
            infusion=infusion,
            version=2,
            status=Status.STOPPED_EARLY,
            now=NOW,
            reason="Nausea",
            dose_mg_given=Decimal("41.2"),
            minutes=25,
        )
        infusion.refresh_from_db()
        assert (infusion.status, infusion.status_reason, infusion.minutes) == ("stopped_early", "Nausea", 25)
        assert list(Infusion.objects.given()) == [infusion]

    @pytest.mark.parametrize("here", Status.values)
    @pytest.mark.parametrize("there", Status.values)
    def test_only_the_steps_of_the_table_are_possible(self, here: str, there: str) -> None:
        infusion = make_infusion(make_course(make_patient()), DAY, status=here)
        change = {"actor": None, "infusion": infusion, "version": 1, "status": there, "now": NOW, "reason": "Ill"}
        if there in NEXT_STATUSES[here]:
            assert services.change_infusion_status(**change).status == there
        else:
            with pytest.raises(ValidationError, match="cannot become"):
                services.change_infusion_status(**change)

    @pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
    def test_what_did_not_happen_has_a_reason(self, status: str) -> None:
        infusion = services.plan_infusion(actor=None, course=make_course(make_patient()), planned_for=local(DAY))
        with pytest.raises(ValidationError, match="Say why"):
            services.change_infusion_status(actor=None, infusion=infusion, version=1, status=status, now=NOW)


class TestCorrecting:
    def test_an_amendment_keeps_old_and_new_values(self) -> None:
        infusion = record(make_course(make_patient()))
        amended = services.amend_infusion(
            actor=None, infusion=infusion, version=1, now=NOW, reason="Misread", dose_mg_given=Decimal("56.9")
        )
        assert amended.dose_mg_given == Decimal("56.9")
        detail = AuditEvent.objects.latest("id").detail
        assert detail == {"reason": "Misread", "changes": {"dose_mg_given": ["65.90", "56.9"]}}

    def test_an_infusion_moves_to_another_course_and_patient(self) -> None:
        here, there = make_course(make_patient()), make_course(make_patient())
        infusion = record(here)
        services.move_infusion(actor=None, infusion=infusion, to_course=there, now=NOW, reason="Wrong chart")
        infusion.refresh_from_db()
        assert infusion.course == there
        assert versions(here, there) == [3, 2]
        events = AuditEvent.objects.filter(action="move infusion").order_by("id")
        assert {event.patient_id for event in events} == {here.patient_id, there.patient_id}

    def test_it_does_not_move_to_a_voided_course_or_before_birth(self) -> None:
        infusion = record(make_course(make_patient()))
        voided = make_course(make_patient())
        services.void_course(actor=None, course=voided, reason="Twice", now=NOW)
        child = make_course(make_patient(date_of_birth=date(2025, 4, 1)))
        for course in (voided, child):
            with pytest.raises(ValidationError):
                services.move_infusion(actor=None, infusion=infusion, to_course=course, now=NOW, reason="Wrong chart")

    def test_a_voided_infusion_is_no_longer_given_and_stays_readable(self) -> None:
        course = make_course(make_patient())
        infusion = record(course)
        services.void_infusion(actor=None, infusion=infusion, reason="Entered twice", now=NOW)
        assert not Infusion.objects.given().exists()
        assert Infusion.objects.get().void_reason == "Entered twice"
        assert versions(course) == [3]
        with pytest.raises(Infusion.DoesNotExist):
            services.amend_infusion(actor=None, infusion=infusion, version=1, now=NOW, reason="Late", minutes=30)


class TestSessionEntries:
    def test_notes_vital_signs_and_events_have_an_author(self) -> None:
        infusion, user = record(make_course(make_patient())), make_user()
        text = "Slept well. 🙂 שלום " + "x" * 1_000_000
        note = services.add_to_session(actor=user, now=NOW, entry=IntegrationNote(infusion=infusion, text=text))
        note.refresh_from_db()
        assert (note.text, note.entered_by) == (text, user)
        services.add_to_session(
            actor=user, now=NOW, entry=VitalSigns(infusion=infusion, taken_at=NOW, systolic_mmhg=138, diastolic_mmhg=86)
        )
        services.add_to_session(
            actor=user, now=NOW, entry=AdverseEvent(infusion=infusion, term="Nausea", started_at=NOW, ctcae_grade=1)
        )
        actions = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))[-3:]
        assert actions == ["add integration note", "add vital signs", "add adverse event"]

    @pytest.mark.parametrize(
        "entry",
        [
            VitalSigns(taken_at=NOW, systolic_mmhg=80, diastolic_mmhg=90),
            VitalSigns(taken_at=NOW, systolic_mmhg=301),
            VitalSigns(taken_at=NOW + timedelta(minutes=1), systolic_mmhg=130),
            VitalSigns(taken_at=NOW, spo2_percent=49),
            VitalSigns(taken_at=NOW, rass=5),
            VitalSigns(taken_at=NOW, temperature_celsius=Decimal("43.1")),
            AdverseEvent(term="Nausea", started_at=NOW, ctcae_grade=6),
            AdverseEvent(term="Nausea", started_at=NOW, ended_at=NOW - timedelta(hours=1), ctcae_grade=1),
        ],
    )
    def test_impossible_observations_are_refused(self, entry: VitalSigns | AdverseEvent) -> None:
        entry.infusion = record(make_course(make_patient()))
        with pytest.raises(ValidationError):
            services.add_to_session(actor=None, entry=entry, now=NOW)
