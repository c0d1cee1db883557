"""Small records for tests. Every person is invented."""

import hashlib
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from assessments.models import Assessment
from assessments.services import record_assessment
from clinic.letters.models import Letter
from clinic.models import User
from clinic.policy import Role
from infusions.models import Course, Infusion, Status
from patients.models import Patient
from patients.services import register_patient

NOW = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
_numbers = count(1)


def make_user(*roles: Role, email: str = "") -> User:
    """An account as people have it, with a password that nobody knows (hashing one for each test would take long)."""
    user = User.objects.create_user(
        email or f"person{next(_numbers)}@clinic.example", full_name="Lena Marchetti", roles=roles
    )
    user.password = "argon2$of-nothing"
    user.save()
    return user


def make_patient(**fields: Any) -> Patient:
    number = next(_numbers)
    given = {
        "mrn": f"TM-{number:05}",
        "given_name": "Maren",
        "family_name": "Ellwick",
        "date_of_birth": date(1984, 8, 3),
    }
    return register_patient(actor=None, **{**given, **fields})


def make_course(patient: Patient, number: int = 1, **fields: Any) -> Course:
    return Course.objects.create(**{"patient": patient, "number": number, "opened_on": date(2025, 1, 1), **fields})


def local(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(settings.CLINIC_TIME_ZONE))


def make_infusion(course: Course, day: date, **fields: Any) -> Infusion:
    """A given infusion, written straight to the table: nothing is announced."""
    given = {"status": Status.COMPLETED, "started_at": local(day), "minutes": 40, "weight_kg": 80, "dose_mg_given": 40}
    return Infusion.objects.create(**{"course": course, **given, **fields})


def answers_of(total: int) -> list[int | None]:
    """Twenty answers that sum to the total."""
    return [total // 20 + (1 if item < total % 20 else 0) for item in range(20)]


def make_pcl5(patient: Patient, day: date, total: int, form: str = "month", **fields: Any) -> Assessment:
    answered = {"answers": answers_of(total), **fields}
    return record_assessment(
        actor=None, patient=patient, now=NOW, instrument="pcl5", form=form, completed_on=day, **answered
    )


def make_treated_patient(baseline: int = 54, endpoint: int | None = 30) -> Patient:
    """Four infusions on 3, 6, 10 and 13 March 2025 with a month form on 20 February and, if asked, on 3 April."""
    patient = make_patient()
    course = make_course(patient)
    for day in (3, 6, 10, 13):
        make_infusion(course, date(2025, 3, day))
    make_pcl5(patient, date(2025, 2, 20), baseline)
    if endpoint is not None:
        make_pcl5(patient, date(2025, 4, 3), endpoint)
    return patient


def make_letter(patient: Patient, author: User, **fields: Any) -> Letter:
    """A letter that was made, written straight to the table; what stands for its PDF is none."""
    file = b"%PDF-1.4 invented"
    given = {
        "created_at": NOW,
        "author_name": str(author),
        "recipient": "Dr Ruth Ames",
        "included": ["pcl5"],
        "criteria_version": 1,
        "record_version": 1,
        "sha256": hashlib.sha256(file).hexdigest(),
        "pdf": file,
    }
    return Letter.objects.create(**{"patient": patient, "author": author, **given, **fields})
