"""Past records in a directory of their own, and the command that imports them."""

from datetime import datetime
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from past_record_files import PastRecords

from assessments.models import Assessment
from clinic.audit.models import AuditEvent
from infusions.models import Course, Infusion, IntegrationNote
from patients.models import Patient


@pytest.fixture(autouse=True)
def _new_york_in_2025(settings):
    settings.CLINIC_TIME_ZONE = settings.TIME_ZONE = "America/New_York"
    with time_machine.travel(datetime(2025, 6, 1, 12, tzinfo=ZoneInfo("America/New_York")), tick=True):
        yield


@pytest.fixture
def records(tmp_path):
    return PastRecords(tmp_path)


class Import:
    """What the command said: `out`, and `problems` with the last line apart."""

    def __init__(self, directory: Path, *options: str) -> None:
        out, err = StringIO(), StringIO()
        self.error: CommandError | None = None
        try:
            call_command("import_records", str(directory), *options, stdout=out, stderr=err)
        except CommandError as error:
            self.error = error
        self.out, self.problems = out.getvalue(), err.getvalue().splitlines()

    @property
    def exit_code(self) -> int:
        return self.error.returncode if self.error else 0


@pytest.fixture
def run_import(db):
    return Import


@pytest.fixture
def stored(db):
    """Every stored row, so that two moments can be compared."""

    def snapshot():
        models = (Patient, Course, Infusion, IntegrationNote, Assessment, AuditEvent)
        return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}

    return snapshot


@pytest.fixture
def refused(run_import, stored):
    """Import a directory that is wrong; the problems without their wording."""

    def refuse(directory):
        before = stored()
        done = run_import(directory)
        assert done.exit_code == 1
        assert "Nothing was written" in str(done.error)
        assert stored() == before
        return done

    return refuse
