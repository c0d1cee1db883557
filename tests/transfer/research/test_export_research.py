"""`manage.py export_research`: what it writes, says and refuses."""

import json
import re
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, make_treated_patient
from django.core.management import CommandError, call_command
from opened import Opened

from clinic.audit.models import AuditEvent
from patients.models import Consent

pytestmark = pytest.mark.django_db


@pytest.fixture
def eleven(db: None) -> None:
    for _ in range(11):
        make_treated_patient()


def run(*arguments: Any) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("export_research", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def events() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="export research").order_by("pk"))


@pytest.mark.usefixtures("eleven")
def test_it_writes_a_file_for_its_owner_and_notes_it(tmp_path: Path) -> None:
    file = tmp_path / "out.zip"
    out, err = run(file, "--label", "ptsd-2026")
    assert (file.stat().st_mode & 0o777, err) == (0o600, "")
    assert out == f"{file}: 11 patients, 22 readings, 11 courses, 44 infusions, 0 adverse events.\n"
    opened = Opened(file.read_bytes())
    assert list(opened.files) == [
        *("readings.csv", "courses.csv", "infusions.csv", "adverse_events.csv"),
        *("data_dictionary.csv", "settings.json", "README.txt"),
    ]
    (event,) = events()
    assert (event.actor_id, event.detail) == (
        None,
        {
            "label": "ptsd-2026",
            "as_of": "2026-06-30",
            "suppressed": 0,
            **json.loads(opened.files["settings.json"])["counts"],
        },
    )


@pytest.mark.usefixtures("eleven")
def test_without_a_label_and_as_of_an_earlier_day(tmp_path: Path) -> None:
    file = tmp_path / "out.zip"
    run(file, "--as-of", "2025-03-08")
    opened = Opened(file.read_bytes())
    assert opened.settings["label"] is None
    assert opened.settings["as_of"] == "2025-03-08"
    assert opened.table("infusions")["day"].max() == 3
    assert set(opened.table("readings")["role"]) == {"baseline"}


@pytest.mark.usefixtures("eleven")
def test_without_a_lasting_key_it_says_that_the_ids_will_not_come_again(tmp_path: Path, settings: Any) -> None:
    settings.SECRET_KEY_IS_SET = False
    file = tmp_path / "out.zip"
    _, err = run(file, "--label", "ptsd")
    assert err.startswith("SECRET_KEY is not set, so these study ids will not come again.")
    assert Opened(file.read_bytes()).settings["same_study_ids_under_this_label"] is False
    assert run(tmp_path / "other.zip")[1] == "", "nobody asked for the same ids"


@pytest.mark.usefixtures("eleven")
def test_what_it_refuses(tmp_path: Path) -> None:
    there = tmp_path / "there.zip"
    there.write_bytes(b"before")
    for arguments, said in (
        ((there,), "exists already; name another file. Nothing was exported."),
        ((tmp_path / "no folder" / "out.zip",), "cannot be written: No such file or directory. Nothing was exported."),
        ((tmp_path / "out.zip", "--as-of", "2026-07-01"), "2026-07-01 is in the future"),
        ((tmp_path / "out.zip", "--as-of", "yesterday"), "'yesterday' is not a day; write it as YYYY-MM-DD."),
        ((tmp_path / "out.zip", "--label", "../ptsd"), "begin with a letter or digit"),
        ((tmp_path / "out.zip", "--label", "x" * 41), "too long: 41 characters. Shorten it to 40."),
    ):
        with pytest.raises(CommandError, match=re.escape(said)):
            run(*arguments)
    assert there.read_bytes() == b"before"
    assert not (tmp_path / "out.zip").exists()
    assert not events()


def test_with_ten_patients_nothing_leaves(tmp_path: Path) -> None:
    for _ in range(10):
        make_treated_patient()
    with pytest.raises(CommandError, match="Only 10 patients were treated; at least 11 are needed"):
        run(tmp_path / "out.zip")
    assert not list(tmp_path.iterdir())
    assert not events()


def test_before_anybody_was_treated(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Only 0 patients were treated"):
        run(tmp_path / "out.zip", "--as-of", str(date(2020, 1, 1)))


def test_who_withdrew_her_consent_to_research_is_left_out(tmp_path: Path) -> None:
    patients = [make_treated_patient() for _ in range(14)]

    def consent(patient: Any, **given: Any) -> None:
        day = date(2025, 1, 1)
        Consent.objects.create(patient=patient, **{"kind": "research", "signed_on": day, "entered_at": NOW, **given})

    consent(patients[0], withdrawn_on=date(2025, 2, 1))
    consent(patients[1], withdrawn_on=date(2025, 2, 1))
    consent(patients[1], signed_on=date(2025, 3, 1))  # and gave another since
    consent(patients[2], withdrawn_on=date(2025, 2, 1), voided_at=NOW)  # noted by mistake
    consent(patients[3], kind="treatment", withdrawn_on=date(2025, 2, 1))
    out, _ = run(tmp_path / "out.zip")
    assert ": 13 patients, 26 readings, 13 courses" in out
