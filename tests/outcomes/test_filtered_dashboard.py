"""The dashboard of chosen patients or under another preset: its numbers, its list, its CSV, and when it has nothing to show."""

import csv
import re
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
import time_machine
from builders import make_user
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from test_dashboard_page import figures_in, make_varied_clinic, report

from clinic.audit.models import AuditEvent
from clinic.outcomes import selectors
from clinic.outcomes.figures import window_figures
from clinic.outcomes.models import ClinicExtract, ClinicSummary
from clinic.outcomes.response import evaluate
from clinic.policy import Role
from infusions.models import Infusion
from patients.models import Gender, Patient

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 7, 1, 14, 2, tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(autouse=True)
def _in_july() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def director(client: Client) -> Client:
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    make_varied_clinic(60)
    third = Patient.objects.order_by("pk").values_list("pk", flat=True)[::3]
    Patient.objects.filter(pk__in=list(third)).update(gender=Gender.MALE)
    return client


def page(client: Client, **asked: str) -> str:
    answer = client.get(reverse("outcomes:dashboard"), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def men() -> dict[str, Any]:
    """The figures of the men's records alone, evaluated anew."""
    ids = list(Patient.objects.filter(gender=Gender.MALE).order_by("pk").values_list("pk", flat=True))
    criteria = selectors.criteria_in_force().criteria()
    of = evaluate(selectors.readings_of(ids), selectors.courses_of(ids), criteria, timezone.localdate(NOW))
    return window_figures(of, "LAST")


def shown(text: str, path: str) -> float:
    [value] = figures_in(text)[path]
    return float(value)


PATHS = ("courses", "eligible", "evaluated", "missing", "response.x", "response.n", "remission.x", "worsened.x")


def test_the_figures_are_those_of_the_chosen_alone(director: Client) -> None:
    text, expected = page(director, window="last", gender="male"), men()
    for path in PATHS:
        value: Any = expected
        for part in path.split("."):
            value = value[part]
        assert shown(text, path) == value, path
    assert shown(text, "reduction.mean") == expected["reduction"]["mean"]
    assert shown(text, "effect_size.d_rms") == expected["effect_size"]["d_rms"]
    assert "20 of 60 treated match" in re.sub(r"\s+", " ", text)
    assert 'href="?window=last">Clear</a>' in text


def test_another_preset_is_computed_and_has_no_version(director: Client) -> None:
    text, expected = page(director, window="last", preset="Marx-15/28"), report("last", "--preset", "Marx-15/28")
    for path in PATHS:
        value: Any = expected
        for part in path.split("."):
            value = value[part]
        assert shown(text, path) == value, path
    assert "Marx-15/28, not in force, computed now" in text
    assert "Marx-15/28, settings" not in text
    assert ClinicSummary.objects.count() == 1, "nothing of it is stored"


def test_what_an_address_does_not_know_is_left_out(director: Client) -> None:
    page(director)
    plain = figures_in(page(director, window="last"))
    odd = figures_in(page(director, window="last", gender="x", since="2025-13", clinician="\x00", preset="<script>"))
    assert odd == plain


def test_a_clinician_chooses_who_was_ordered_by_her(director: Client) -> None:
    lena = make_user(Role.CLINICIAN)
    first_two = list(Patient.objects.order_by("pk").values_list("pk", flat=True)[:2])
    Infusion.objects.filter(course__patient_id__in=first_two).update(prescriber=lena)
    text = page(director)
    assert f"clinician={lena.public_id}" in text
    assert shown(page(director, clinician=lena.public_id), "courses") == 2
    assert "No treated patient matches" in page(director, clinician=make_user(Role.CLINICIAN).public_id)


def test_nobody_chosen_is_said_and_nothing_else(director: Client) -> None:
    page(director)
    text = page(director, gender="nonbinary")
    assert "No treated patient matches" in text
    assert "Gender: Non-binary" in text
    assert "data-figure" not in text
    assert "NaN" not in text


def test_without_an_extract_no_number_stands_under_a_filter(director: Client) -> None:
    page(director)
    ClinicExtract.objects.all().delete()
    text = page(director, gender="male")
    assert "cannot be filtered yet" in text
    assert "data-figure" not in text
    assert director.get(reverse("outcomes:panel_csv", args=["waterfall"]), {"gender": "male"}).status_code == 404
    assert "data-figure" in page(director)


def test_the_extract_is_the_summarys_and_the_only_one(director: Client) -> None:
    page(director)
    Patient.objects.update(gender=Gender.FEMALE)
    assert shown(page(director, gender="male"), "courses") == 20, "as it was when the figures were added up"
    assert ClinicExtract.objects.get().summary_id == ClinicSummary.objects.latest("pk").pk


def test_the_list_behind_a_filtered_number_counts_as_many(director: Client) -> None:
    text = page(director, window="last", gender="male")
    for group, path in {"response": "response.x", "treated": "courses", "worsened": "worsened.x"}.items():
        asked = {"of": group, "window": "last", "gender": "male"}
        listed = director.get(reverse("outcomes:patients_behind"), asked).content.decode()
        assert f'data-count="{shown(text, path):.0f}"' in listed
        assert f"of={group}&amp;window=last&amp;gender=male" in text
    detail = AuditEvent.objects.filter(action="list outcomes").order_by("-pk")[0].detail
    assert detail["filters"] == {"gender": "male"}


class TestDetails:
    def text(self, client: Client, **asked: str) -> str:
        answer = client.get(reverse("outcomes:details"), asked)
        assert answer.status_code == 200
        return answer.content.decode()

    @pytest.mark.parametrize(
        "asked", [{}, {"window": "last"}, {"gender": "male"}, {"preset": "Marx-15/28", "window": "m3"}]
    )
    def test_every_panel_says_something_of_whom_is_asked_for(self, director: Client, asked: dict[str, str]) -> None:
        text = self.text(director, **asked)
        assert len(re.findall(r'<section class="card tm-figure', text)) == 7
        assert "NaN" not in text
        assert "None" not in re.sub(r"none", "", text)

    def test_before_anybody_was_treated_and_without_an_extract(self, client: Client) -> None:
        client.force_login(make_user(Role.MEDICAL_DIRECTOR))
        assert "No outcomes yet" in self.text(client)
        make_varied_clinic(5)
        assert self.text(client).count("tm-figure__") >= 1
        ClinicExtract.objects.all().delete()
        assert self.text(client).count("tm-figure__") >= 1, "everybody is stored with the summary"
        assert "cannot be filtered yet" in self.text(client, gender="male")


class TestCsv:
    def rows(self, client: Client, panel: str, **asked: str) -> list[list[str]]:
        answer = client.get(reverse("outcomes:panel_csv", args=[panel]), asked)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert "attachment" in answer["Content-Disposition"]
        return list(csv.reader(StringIO(answer.content.decode())))

    def test_it_names_definition_window_patients_and_time(self, director: Client) -> None:
        said = {row[0]: row[1] for row in self.rows(director, "waterfall", window="last", gender="male")[:9]}
        assert said["Definition"] == "VA-10/33, settings v1"
        assert said["Window"].startswith("LAST: PCL-5 at least 1 day after the last infusion")
        assert said["Patients"] == "Gender: Men"
        assert said["Records up to"] == "2025-07-01"
        assert said["Extracted at"] == "2025-07-01T14:02-04:00"

    def test_its_numbers_are_those_of_the_page(self, director: Client) -> None:
        rows = self.rows(director, "waterfall", window="last")
        head, evaluated = rows.index(["Rank", "Change, points", "Class", "Patients"]), report("last")["evaluated"]
        assert sum(int(row[3]) for row in rows[head + 1 :]) == evaluated
        assert "For use within the clinic" in " ".join(next(row for row in rows if row[0] == "To know"))
        study = {row[0]: row[1] for row in self.rows(director, "study") if len(row) == 3}
        assert study["Patients evaluated"] == str(evaluated)
        assert study["Response, patients"] == str(report("last")["response"]["x"])

    def test_few_are_withheld_from_what_is_handed_on(self, director: Client) -> None:
        text = page(director, window="last")
        few = shown(text, "worsened.x")
        assert 0 < few < 11
        answer = director.get(reverse("outcomes:tables_zip"), {"window": "last"})
        assert answer["Content-Disposition"] == 'attachment; filename="tidemark-tables-last.zip"'
        with ZipFile(BytesIO(answer.content)) as zipped:
            assert len(zipped.namelist()) == 15
            files = {name: zipped.read(name).decode() for name in zipped.namelist()}
        assert AuditEvent.objects.get(action="export tables").detail["window"] == "LAST"
        drawn = files["waterfall.csv"].split("Rank,")[1].splitlines()[1:]
        assert len(drawn) == report("last")["evaluated"] // 11, "each point stands for 11 patients or more"
        rows = list(csv.reader(StringIO(files["status-mix.csv"])))
        said = " ".join(next(row for row in rows if row[0] == "To know"))
        assert "Groups of fewer than 11 patients, and what would give them away, are not shown." in said
        statuses = rows[rows.index(["Status", "Patients", "Share"]) + 1 :]
        assert {row[1] for row in statuses} & {"<11", "not shown"}
        assert not [row for row in statuses if row[1].isdigit() and 0 < int(row[1]) < 11]

    def test_every_panel_of_the_page_has_one(self, director: Client) -> None:
        details = director.get(reverse("outcomes:details")).content.decode()
        names = set(re.findall(r"/outcomes/panels/([\w-]+)\.csv", page(director) + details))
        assert {"waterfall", "trajectories", "status-mix", "study", "time-to-loss", "subgroups"} <= names
        assert len(names) == 15
        for name in sorted(names):
            assert len(self.rows(director, name)) > 9, name
        assert AuditEvent.objects.filter(action="export panel").count() == len(names)

    def test_an_unknown_panel_is_not_found(self, director: Client) -> None:
        page(director)
        assert director.get(reverse("outcomes:panel_csv", args=["payroll"])).status_code == 404
