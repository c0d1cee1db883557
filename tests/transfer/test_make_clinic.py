"""A made clinic looks like one: of 1,000 patients every figure lies where the issue wants it."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from builders import make_patient, make_user
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.test import override_settings
from django.utils import timezone

from assessments.models import Assessment
from assessments.services import build_assessment
from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.outcomes import selectors
from clinic.outcomes.models import ClinicSummary, CourseOutcome
from clinic.outcomes.response import Evaluation
from clinic.outcomes.statuses import STATUSES
from clinic.transfer.synthetic.batches import TABLES
from infusions.dosing import ordered_mg
from infusions.limits import Level, Limits
from infusions.models import AdverseEvent, Course, Infusion, IntegrationNote, Phase, Status, VitalSigns
from infusions.services import findings_of
from patients.models import Consent, IndexEvent, Patient, PriorTreatment, PsychiatricMedication, PsychotherapyEpisode

PATIENTS = 1_000
UNTIL = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 14, tzinfo=ZoneInfo("America/New_York"))
#: Of some thousands: nobody should meet the same one on every page.
DIFFERENT_TEXTS = 250
PASSWORD = "a long password of our own"


@pytest.fixture(autouse=True)
def _new_york_in_2025(settings: Any) -> Iterator[None]:
    """Instead of the one that the other tests here have: the day on which the clinic ends."""
    settings.CLINIC_TIME_ZONE = settings.TIME_ZONE = "America/New_York"
    with time_machine.travel(NOW, tick=True):
        yield


def make(*options: str) -> str:
    """Run the command; what it said last."""
    out = StringIO()
    call_command("make_clinic", *options, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="class")
def clinic(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The 1,000 patients, made once for all tests of a class; undone after it. What the command said."""
    zone = override_settings(CLINIC_TIME_ZONE="America/New_York", TIME_ZONE="America/New_York")
    with django_db_blocker.unblock(), zone, transaction.atomic():
        with time_machine.travel(NOW, tick=True):
            said = make("--patients", str(PATIENTS), "--seed", "11", "--until", str(UNTIL))
        connection.check_constraints()
        yield said
        transaction.set_rollback(True)


@pytest.fixture
def evaluation(clinic: str, db: None) -> Evaluation:
    """What is stored of all their courses."""
    return selectors.stored_evaluation(selectors.criteria_in_force().number, UNTIL)


def share(part: float, whole: float) -> float:
    return 100 * part / whole


@pytest.mark.django_db
@pytest.mark.usefixtures("clinic")
class TestAThousandPatients:
    """The issue's figures, and what every record must keep to."""

    def test_each_status_has_at_least_2_percent(self) -> None:
        latest = dict(
            CourseOutcome.objects.order_by("first_infusion_on", "course_id").values_list("patient_id", "status")
        )
        counts = Counter(latest.values())
        counts["NOT_STARTED"] = PATIENTS - len(latest)

        assert Patient.objects.count() == PATIENTS
        assert set(counts) == set(STATUSES)
        assert {status: count for status, count in counts.items() if share(count, PATIENTS) < 2} == {}

    def test_baselines_and_endpoints_are_like_those_published(self, evaluation: Evaluation) -> None:
        primary = evaluation.windows["PRIMARY"]
        seen = primary[primary["eligible"] & primary["response"].notna()]

        assert 48 <= evaluation.courses["baseline_total"].mean() <= 56
        assert 10 <= evaluation.courses["baseline_total"].std() <= 14
        assert 27 <= seen["endpoint_total"].mean() <= 36
        assert 15 <= seen["endpoint_total"].std() <= 20
        assert 0.65 <= seen["response"].mean() <= 0.80
        assert 0.48 <= seen["remission"].mean() <= 0.65
        assert 0.02 <= seen["worsened"].mean() <= 0.09

    def test_20_to_40_percent_of_the_endpoints_are_missing_and_more_later_on(self, evaluation: Evaluation) -> None:
        def missing(name: str) -> float:
            window = evaluation.windows[name]
            return share((window["due"] & window["endpoint_id"].isna()).sum(), window["due"].sum())

        assert 20 <= missing("PRIMARY") <= 40
        assert missing("PRIMARY") < missing("M3") < missing("M6") < missing("M12")

    def test_10_to_20_percent_have_a_second_course(self) -> None:
        courses = Counter(Course.objects.values_list("patient_id", flat=True))
        inductions = Counter(Course.objects.filter(phase=Phase.INDUCTION).values_list("patient_id", flat=True))

        for counted in (courses, inductions):
            assert 10 <= share(sum(count > 1 for count in counted.values()), PATIENTS) <= 20
        assert Course.objects.filter(phase=Phase.MAINTENANCE).exists()
        assert Course.objects.filter(phase=Phase.BOOSTER).exists()

    def test_3_to_8_percent_of_the_forms_have_gaps(self) -> None:
        forms = Assessment.objects.count()

        assert 3 <= share(Assessment.objects.filter(missing_items__gt=0).count(), forms) <= 8
        assert 0.2 <= share(Assessment.objects.filter(replaced=True).count(), forms) <= 2
        assert 0.1 <= share(Assessment.objects.filter(voided_at__isnull=False).count(), forms) <= 1
        assert 4 <= share(Assessment.objects.exclude(review_flags=[]).count(), forms) <= 15

    def test_a_correction_stands_for_what_it_replaces(self) -> None:
        corrections = Assessment.objects.filter(replaces__isnull=False).select_related("replaces").order_by("id")
        for correction in corrections:
            before = correction.replaces
            assert before.replaced
            assert before.pk < correction.pk
            assert correction.first_version_id == before.pk
            assert (before.patient_id, before.form, before.completed_on) == (
                correction.patient_id,
                correction.form,
                correction.completed_on,
            )
            differing = [a != b for a, b in zip(before.answers, correction.answers, strict=True)]
            assert sum(differing) == 1

    def test_some_are_in_their_series_and_some_overdue(self, evaluation: Evaluation) -> None:
        recently = timezone.localdate() - timedelta(days=21)
        planned = Infusion.objects.filter(status=Status.PLANNED, planned_for__date__gt=UNTIL)
        begun = Infusion.objects.given().filter(started_at__date__gt=recently).values("course")
        today = Infusion.objects.filter(planned_for__date=UNTIL).order_by("planned_for", "id")
        primary = evaluation.windows["PRIMARY"]
        opens = primary["closes_on"].dt.date - timedelta(days=17)
        is_open = (opens <= UNTIL) & (primary["closes_on"].dt.date >= UNTIL)

        assert planned.filter(course__in=begun).values("course__patient").distinct().count() >= 20
        assert (is_open & primary["endpoint_id"].isna()).sum() >= 5
        assert 8 <= today.count() <= 10
        assert {infusion.status for infusion in today} == {Status.PLANNED}

    def test_infusions_are_as_a_clinic_gives_them(self) -> None:
        given = Infusion.objects.given()
        per_course = given.filter(course__phase=Phase.INDUCTION).values("course").annotate(count=Count("id"))
        old = per_course.filter(course__opened_on__lt=UNTIL - timedelta(days=60))
        mean = sum(row["count"] for row in old) / len(old)
        statuses = Counter(Infusion.objects.values_list("status", flat=True))

        assert 5 <= mean <= 6
        assert share(sum(4 <= row["count"] <= 6 for row in old), len(old)) > 70
        assert set(statuses) == set(Status.values) - {Status.IN_PROGRESS}
        assert not given.filter(Q(dose_mg_per_kg__gt=Decimal("1.2")) | Q(dose_mg_per_kg__isnull=True)).exists()
        events = AdverseEvent.objects.values("infusion").distinct().count()
        assert 10 <= share(events, given.count()) <= 20
        grades = Counter(AdverseEvent.objects.values_list("ctcae_grade", flat=True))
        assert set(grades) == {1, 2}
        assert grades[1] > 2 * grades[2]

    def test_no_infusion_crosses_a_limit_without_the_reason_that_it_needs(self) -> None:
        overridden = 0
        for patient_id in Patient.objects.order_by("id").values_list("id", flat=True)[:300]:
            earlier: list[Infusion] = []
            for infusion in Infusion.objects.given().of_patient(patient_id).order_by("started_at", "id"):
                levels = {finding.level for finding in findings_of(infusion, earlier, Limits())}
                assert Level.REJECT not in levels
                assert (Level.OVERRIDE in levels) == bool(infusion.limits_overridden_reason)
                if not infusion.limits_overridden_reason:
                    assert infusion.dose_mg_ordered == ordered_mg(infusion.dose_mg_per_kg, infusion.weight_kg)
                overridden += bool(infusion.limits_overridden_reason)
                earlier.append(infusion)
        assert overridden

    def test_stored_scores_are_those_of_the_instrument(self) -> None:
        scored = ("total", "answered_sum", "missing_items", "most_missing_in_subscale", "subscales", "rule_met")
        also = ("answers", "review_flags", "recall_days", "day_rank", "language", "instrument", "form")
        sample = Assessment.objects.filter(Q(pk__lte=200) | Q(missing_items__gt=0)).order_by("id")
        for stored in sample.select_related("patient"):
            built = build_assessment(
                patient=stored.patient,
                instrument=stored.instrument,
                form=stored.form,
                completed_on=stored.completed_on,
                answers=stored.answers,
            )
            assert {n: getattr(stored, n) for n in (*scored, *also)} == {n: getattr(built, n) for n in (*scored, *also)}
        call_command("verify_records", stdout=StringIO())

    def test_records_are_what_the_forms_would_accept(self) -> None:
        for model in TABLES:
            for record in model._default_manager.order_by("-pk")[:25]:
                record.full_clean(validate_unique=False, validate_constraints=False)

    def test_nothing_is_dated_in_the_future_but_what_is_planned(self) -> None:
        first_moment = datetime(2026, 6, 30, tzinfo=ZoneInfo("America/New_York"))
        moments = {"entered_at", "voided_at", "started_at", "ended_at", "taken_at", "completed_at"}
        days = {"opened_on", "closed_on", "withdrawn_on", "completed_on", "died_on", "signed_on", "confirmed_on"}
        for model in TABLES:
            names = {field.name for field in model._meta.concrete_fields}
            for name in names & moments:
                assert not model._default_manager.filter(**{f"{name}__gte": first_moment}).exists(), (model, name)
            for name in names & days:
                assert not model._default_manager.filter(**{f"{name}__gte": UNTIL}).exists(), (model, name)
        later = Infusion.objects.filter(planned_for__gte=first_moment)
        assert set(later.values_list("status", flat=True)) == {Status.PLANNED}
        assert not Infusion.objects.filter(status=Status.PLANNED, planned_for__lt=first_moment).exists()

    def test_days_follow_each_other(self) -> None:
        assert not Assessment.objects.filter(completed_on__lt=F("patient__date_of_birth")).exists()
        assert not Assessment.objects.filter(completed_on__gt=F("patient__died_on")).exists()
        assert not Infusion.objects.given().filter(started_at__date__gt=F("course__patient__died_on")).exists()
        assert not Infusion.objects.filter(planned_for__date__lt=F("course__opened_on")).exists()
        assert not Infusion.objects.given().filter(started_at__date__gt=F("course__withdrawn_on")).exists()
        for form in Assessment.objects.filter(completed_at__isnull=False).order_by("id")[:500]:
            assert timezone.localdate(form.completed_at) == form.completed_on

    def test_few_die_or_withdraw(self) -> None:
        withdrawn = Course.objects.filter(withdrawn_on__isnull=False)

        assert 1 <= Patient.objects.filter(died_on__isnull=False).count() <= 3
        assert 10 <= withdrawn.count() <= 60
        assert withdrawn.values("withdrawn_reason").distinct().count() >= 4

    def test_histories_are_told(self) -> None:
        failed = PriorTreatment.objects.filter(outcome__in=PriorTreatment.FAILED, adequate_trial="yes")
        treated = Infusion.objects.given().values("course__patient")

        assert failed.values("patient").distinct().count() > 800
        assert PsychotherapyEpisode.objects.values("patient").distinct().count() > 500
        assert PsychiatricMedication.objects.values("patient").distinct().count() > 600
        assert IndexEvent.objects.values("patient").distinct().count() > 850
        for kind in (Consent.Kind.TREATMENT, Consent.Kind.OFF_LABEL_KETAMINE):
            signed = Consent.objects.filter(kind=kind, withdrawn_on__isnull=True).values("patient")
            assert not Patient.objects.filter(pk__in=treated).exclude(pk__in=signed).exists()
        assert VitalSigns.objects.count() > 5 * Infusion.objects.given().count()

    def test_notes_read_like_notes(self) -> None:
        given = Infusion.objects.given()
        for texts in (
            list(IntegrationNote.objects.values_list("text", flat=True)),
            [text for text in given.values_list("preparation_note", flat=True) if text],
            [text for text in given.values_list("intention", flat=True) if text],
        ):
            assert len(texts) > 0.7 * given.count()
            assert len(set(texts)) > DIFFERENT_TEXTS
            assert not [text for text in texts if re.search(r"[{}]|\s{3}|^[^A-Z]|[^.?!”]$", text)]
            assert all(len(text.split()) >= 3 for text in texts)

    def test_nobody_can_be_reached(self) -> None:
        """Addresses end in domains kept for examples, telephone numbers lie among those kept for fiction."""
        for email, phone in Patient.objects.order_by("id").values_list("email", "phone"):
            assert not email or re.search(r"@example\.(com|net|org)$", email)
            assert not phone or re.search(r"555-01\d\d$", phone)
        names = set(Patient.objects.values_list("given_name", "family_name"))
        assert len(names) > 0.9 * PATIENTS
        assert [name for name in names if "'" in name[1]]
        assert [name for name in names if "-" in name[1]]
        assert [name for name in names if not name[0].isascii()]

    def test_search_keys_are_those_that_saving_sets(self) -> None:
        for patient in Patient.objects.order_by("id")[:200]:
            keys = patient.mrn_key, patient.given_name_key, patient.family_name_key
            patient.set_search_keys()
            assert keys == (patient.mrn_key, patient.given_name_key, patient.family_name_key)

    def test_outcomes_are_computed_and_the_summary_is_published(self) -> None:
        assert not selectors.stale_patients(selectors.criteria_in_force().number).exists()
        assert ClinicSummary.objects.count() == 1

    def test_it_is_one_event_and_one_line_without_a_patient(self, clinic: str) -> None:
        event = AuditEvent.objects.get()

        assert (event.action, event.actor_id, event.patient_id) == ("make clinic", None, None)
        assert event.detail["added"]["patients"] == PATIENTS
        assert event.detail["added"]["assessments"] == Assessment.objects.count()
        assert re.fullmatch(r"1,000 patients, [\d,]+ courses, [\d,]+ infusions, [\d,]+ PCL-5s in [\d.]+ s\.\n", clinic)

    def test_the_next_record_follows(self) -> None:
        assert make_patient().pk == PATIENTS + 1


def undone(*options: str) -> dict[str, list[dict[str, Any]]]:
    """Make a clinic and undo it: its records, but for their random names."""
    with transaction.atomic():
        make(*options)
        rows = {model.__name__: list(model._default_manager.order_by("pk").values()) for model in TABLES}
        transaction.set_rollback(True)
    for records in rows.values():
        for record in records:
            del record["public_id"]
    return rows


@pytest.mark.django_db
class TestTheCommand:
    """What it makes is repeatable, and it never touches a clinic that has patients."""

    def test_the_same_numbers_give_the_same_records(self) -> None:
        asked = ("--patients", "40", "--until", "2026-05-31")
        first = undone(*asked, "--seed", "3")

        assert all(first.values())
        assert undone(*asked, "--seed", "3") == first
        assert undone(*asked, "--seed", "4") != first

    def test_core_leaves_out_what_surrounds_but_nothing_that_counts(self) -> None:
        asked = ("--patients", "40", "--seed", "3", "--until", "2026-05-31")
        full, core = undone(*asked), undone(*asked, "--detail", "core")

        absent = {name for name, rows in core.items() if not rows}
        assert absent == {
            *("IndexEvent", "PsychotherapyEpisode", "PsychiatricMedication", "PriorTreatment", "Consent"),
            *("IntegrationNote", "VitalSigns", "AdverseEvent"),
        }
        assert [row["total"] for row in core["Assessment"]] == [row["total"] for row in full["Assessment"]]
        assert [row["status"] for row in core["Infusion"]] == [row["status"] for row in full["Infusion"]]

    def test_a_clinic_with_a_patient_is_refused(self) -> None:
        make_patient()
        events = AuditEvent.objects.count()

        with pytest.raises(CommandError, match=r"not empty: it has 1 patient\..* Nothing was written\."):
            make("--patients", "5")

        assert (Patient.objects.count(), AuditEvent.objects.count()) == (1, events)

    @pytest.mark.parametrize("wrong", [("--patients", "0"), ("--patients", "-3"), ("--patients", "5", "--seed", "x")])
    def test_numbers_that_make_no_sense_are_refused(self, wrong: tuple[str, ...]) -> None:
        with pytest.raises(CommandError):
            make(*wrong)

    @pytest.mark.parametrize("day", ["2026-07-01", "2026-02-30", "yesterday"])
    def test_a_last_day_must_be_a_day_that_has_come(self, day: str) -> None:
        with pytest.raises(CommandError, match="day"):
            make("--patients", "5", "--until", day)

    @pytest.mark.parametrize("patients", [1, 4, 7])
    def test_a_clinic_may_be_tiny(self, patients: int) -> None:
        make("--patients", str(patients))

        assert Patient.objects.count() == patients

    @pytest.mark.parametrize("day", [NOW, datetime(2026, 6, 28, 9, tzinfo=ZoneInfo("America/New_York"))])
    def test_made_for_today_one_session_is_running(self, day: datetime) -> None:
        """Also when today is a Sunday."""
        with time_machine.travel(day, tick=True):
            make("--patients", "60")
            running = Infusion.objects.get(status=Status.IN_PROGRESS)
            today = Infusion.objects.filter(planned_for__date=timezone.localdate())

        assert today.count() == 10
        assert running.started_at < day
        assert running.dose_mg_given is None
        assert 2 <= VitalSigns.objects.filter(infusion=running).count() <= 4
        assert not VitalSigns.objects.filter(taken_at__gt=timezone.now()).exists()


@pytest.mark.django_db
class TestStaff:
    """One account a role, who then entered the records."""

    def test_each_role_has_an_account(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIDEMARK_DEMO_PASSWORD", PASSWORD)

        make("--patients", "20", "--staff")

        users = {user.email: user for user in User.objects.prefetch_related("grants")}
        assert {email: set(user.roles()) for email, user in users.items()} == {
            "intake@tidemark.example": {"intake"},
            "clinician@tidemark.example": {"clinician"},
            "director@tidemark.example": {"medical_director"},
            "admin@tidemark.example": {"administrator"},
        }
        assert all(user.check_password(PASSWORD) for user in users.values())
        clinicians = {users[f"{name}@tidemark.example"].pk for name in ("clinician", "director")}
        assert set(Infusion.objects.values_list("prescriber_id", flat=True)) == clinicians
        assert set(IntegrationNote.objects.values_list("entered_by_id", flat=True)) == clinicians
        assert set(Patient.objects.values_list("entered_by_id", flat=True)) == {users["intake@tidemark.example"].pk}
        assert not [model for model in TABLES if model._default_manager.filter(entered_by=None).exists()]

    @pytest.mark.parametrize("password", [None, "", "short"])
    def test_without_a_good_password_nothing_is_made(
        self, password: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("TIDEMARK_DEMO_PASSWORD", raising=False)
        if password is not None:
            monkeypatch.setenv("TIDEMARK_DEMO_PASSWORD", password)

        with pytest.raises(CommandError, match=r"TIDEMARK_DEMO_PASSWORD.* Nothing was written\."):
            make("--patients", "5", "--staff")

        assert not User.objects.exists()
        assert not Patient.objects.exists()

    def test_an_account_of_that_name_is_left_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIDEMARK_DEMO_PASSWORD", PASSWORD)
        make_user(email="director@tidemark.example")

        with pytest.raises(CommandError, match=r"director@tidemark\.example has an account already"):
            make("--patients", "5", "--staff")

        assert (User.objects.count(), Patient.objects.count()) == (1, 0)
