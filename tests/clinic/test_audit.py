"""The audit trail: what it says, and that nobody changes it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from builders import make_patient, make_user
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from clinic.audit import triggers
from clinic.audit.models import AuditEvent
from clinic.audit.services import changes, record_event, record_read

pytestmark = pytest.mark.django_db


def test_an_event_says_who_what_and_which_record() -> None:
    user, patient = make_user(), make_patient()
    event = record_event(user, "look", patient_id=patient.pk, record=patient, detail={"dose": Decimal("65.9")})
    event.refresh_from_db()
    assert (event.actor_id, event.actor_name) == (user.pk, "Lena Marchetti")
    assert (event.patient_id, event.record_type, event.record_id) == (patient.pk, "patients.patient", patient.pk)
    assert (event.detail, event.allowed) == ({"dose": "65.9"}, True)
    assert str(event).endswith("Lena Marchetti look")


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {triggers.TABLE} SET action = 'nothing'",
        f"DELETE FROM {triggers.TABLE}",
        f"DELETE FROM {triggers.TABLE} WHERE id = -1",
    ],
)
def test_events_cannot_be_changed_or_deleted(statement: str) -> None:
    record_event(None, "look")
    if "id = -1" in statement and connection.vendor == "sqlite":
        statement = f"DELETE FROM {triggers.TABLE} WHERE id > 0"  # SQLite's triggers are asked row by row
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEvent.objects.get().action == "look"


def test_events_cannot_be_changed_through_the_model() -> None:
    event = record_event(None, "look")
    event.action = "nothing"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.save()


def test_postgresql_refuses_truncate_as_well() -> None:
    record_event(None, "look")
    verb = "TRUNCATE" if connection.vendor == "postgresql" else "DELETE FROM"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{verb} {triggers.TABLE}")
    assert AuditEvent.objects.count() == 1


def test_reading_the_same_page_again_within_a_quarter_of_an_hour_is_one_event() -> None:
    user, other, now = make_user(), make_user(), timezone.now()
    record_read(user, "patient", patient_id=1, now=now)
    record_read(user, "patient", patient_id=1, now=now + timedelta(minutes=14))
    assert AuditEvent.objects.count() == 1
    record_read(user, "patient", patient_id=2, now=now)
    record_read(other, "patient", patient_id=1, now=now)
    record_read(user, "notes", patient_id=1, now=now)
    record_read(user, "patient", patient_id=1, now=now + timedelta(minutes=16))
    assert AuditEvent.objects.count() == 5


def test_changes_are_old_and_new_values_of_what_differs() -> None:
    patient, user = make_patient(), make_user()
    assert changes(patient, {"given_name": "Maren", "mrn": "X1", "entered_by": user}) == {
        "mrn": [patient.mrn, "X1"],
        "entered_by": [None, user.pk],
    }
