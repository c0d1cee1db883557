"""A long read sees one moment and keeps nobody from saving."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from builders import make_patient
from django.db import DatabaseError, connection, transaction

from clinic.database import one_snapshot
from patients.models import Patient


def elsewhere(do: Callable[[], object]) -> None:
    """Do it on a connection of its own, now."""

    def on_its_own() -> None:
        try:
            do()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(on_its_own).result(timeout=4)  # a save that waits for the reader would take five seconds


@pytest.mark.django_db(transaction=True)
def test_what_is_saved_meanwhile_is_not_seen_and_does_not_wait() -> None:
    make_patient()
    with one_snapshot():
        assert Patient.objects.count() == 1
        elsewhere(make_patient)
        assert Patient.objects.count() == 1
    assert Patient.objects.count() == 2
    make_patient()  # the connection writes again as before
    assert getattr(connection, "transaction_mode", "IMMEDIATE") == "IMMEDIATE"


@pytest.mark.django_db(transaction=True)
def test_after_a_failure_the_connection_is_as_before() -> None:
    def fail() -> None:
        with one_snapshot():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    make_patient()
    assert getattr(connection, "transaction_mode", "IMMEDIATE") == "IMMEDIATE"


@pytest.mark.django_db(transaction=True)
def test_writing_inside_is_refused_where_the_database_knows_how() -> None:
    """SQLite has no transaction that only reads: there it writes, as outside."""
    refused = pytest.raises(DatabaseError, match="read-only") if connection.vendor == "postgresql" else nullcontext()
    with refused, one_snapshot():
        make_patient()
    assert Patient.objects.exists() == (connection.vendor == "sqlite")


@pytest.mark.django_db
def test_inside_another_transaction_it_changes_nothing() -> None:
    with transaction.atomic():
        make_patient()
        with one_snapshot():
            assert Patient.objects.count() == 1
        make_patient()
