"""The list behind a number: its count is the number, it names whom it counts, pages, and is noted."""

import json
import re
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import time_machine
from builders import make_course, make_infusion, make_patient, make_pcl5, make_treated_patient, make_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.outcomes.models import WindowOutcome
from clinic.policy import Role
from patients.models import CriterionA, Patient

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 7, 1, 14, 2, tzinfo=ZoneInfo("America/New_York"))
#: Each number of the dashboard and the group that its link names.
GROUPS = {
    "courses": "treated",
    "eligible": "eligible",
    "evaluated": "evaluated",
    "missing": "missing",
    "not_due": "not_due",
    "response.x": "response",
    "remission.x": "remission",
    "worsened.x": "worsened",
    "reliable_change.x": "reliable_change",
    "reliable_and_below.x": "reliable_and_below",
    "beside.worsened_outside": "worsened_outside",
    "beside.weekly_endpoints": "weekly_endpoint",
    "flags.covers_pretreatment": "covers_pretreatment",
    "flags.mixed_recall": "mixed_recall",
    "flags.weekly_baseline": "weekly_baseline",
    "flags.prorated": "prorated",
}


@pytest.fixture(autouse=True)
def _in_july() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def director(client: Client) -> Client:
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    return client


def listed(client: Client, **asked: str) -> str:
    answer = client.get(reverse("outcomes:patients_behind"), asked)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def count_in(text: str) -> int:
    match = re.search(r'data-count="(\d+)"', text)
    assert match
    return int(match[1])


def mrns_in(text: str) -> list[str]:
    return re.findall(r"<td>(TM-\d+)</td>", text)


def make_varied_clinic(patients: int = 30) -> None:
    for number in range(patients):
        patient = make_patient(criterion_a=CriterionA.NOT_MET if number % 13 == 3 else CriterionA.MET)
        make_infusion(make_course(patient), date(2025, 3, 13) if number % 6 else date(2025, 6, 20))
        if number % 11:
            make_pcl5(patient, date(2025, 3, 1), 30 + number % 40, form="week" if number % 9 == 4 else "month")
        answers: dict[str, Any] = {"answers": [2] * 19 + [None]} if number % 7 == 2 else {}
        if number % 5:
            day = date(2025, 3, 13) + timedelta(days=14 + number % 17)
            make_pcl5(patient, day, (number * 13) % 70, form="week" if number % 3 == 1 else "month", **answers)


@pytest.mark.parametrize(
    "asked",
    [
        {"window": "primary"},
        {"window": "last"},
        {"window": "last", "preset": "Marx-15/28"},
        {"window": "primary", "preset": "Percent-50/33"},
    ],
)
def test_the_count_of_each_list_is_the_number_of_the_dashboard(director: Client, asked: dict[str, str]) -> None:
    make_varied_clinic()
    text = director.get(reverse("outcomes:dashboard"), asked).content.decode()
    query = urlencode(asked).replace("&", "&amp;")
    shown = dict(re.findall(r'data-figure="([^"]+)"\s+data-value="([^"]*)"', text))
    statuses = {f"status.{code}": f"status-{code.lower()}" for code in ("REMISSION", "NO_BASELINE", "WORSENED")}
    counts = {}
    for path, of in (GROUPS | statuses).items():
        answer = listed(director, of=of, **asked)
        counts[of] = count_in(answer)
        assert str(counts[of]) == shown[path], of
        assert len(mrns_in(answer)) == counts[of]
        assert f"of={of}&amp;{query}" in text or of in {"reliable_change", "reliable_and_below"}
    assert counts["eligible"] + count_in(listed(director, of="not_eligible", **asked)) == counts["treated"] == 30
    assert [counts[of] > 0 for of in ("response", "missing", "prorated", "weekly_endpoint")].count(True) >= 3


def test_a_row_says_who_and_leads_to_the_patient_and_both_forms(director: Client) -> None:
    patient = make_treated_patient(54, 30)
    text = listed(director, of="response", window="primary")
    outcome = WindowOutcome.objects.select_related("outcome").get(window="PRIMARY")
    assert "Ellwick, Maren" in text
    assert mrns_in(text) == [patient.mrn]
    assert reverse("pages:patient", args=[patient.public_id]) in text
    from assessments.models import Assessment

    for pk in (outcome.outcome.baseline_id, outcome.endpoint_id):
        form = Assessment.objects.get(pk=pk)
        assert reverse("assessments:assessment", args=[patient.public_id, form.public_id]) in text
    for words in ("20 Feb 2025", "3 Apr 2025", "−24", "Remission", "1 patient</b>"):
        assert words in text


def test_a_patient_without_readings_has_dashes(director: Client) -> None:
    make_infusion(make_course(make_patient()), date(2025, 3, 3))
    text = listed(director, of="treated", window="m3")
    assert text.count('<td class="tm-num">—</td>') >= 3
    assert "No baseline" in text


def test_what_to_know_of_the_readings_is_said(director: Client) -> None:
    patient = make_patient()
    make_infusion(make_course(patient), date(2025, 3, 13))
    make_pcl5(patient, date(2025, 3, 10), 50, form="week")
    make_pcl5(patient, date(2025, 3, 30), 0, answers=[1] * 19 + [None])
    text = listed(director, of="evaluated", window="primary")
    assert "looks back to before treatment · week and month form · week-form baseline · prorated" in text


def test_it_is_by_name_and_by_pages_of_fifty(director: Client) -> None:
    for number in range(53):
        patient = make_treated_patient()
        Patient.objects.filter(pk=patient.pk).update(
            family_name=f"Name{number:02}", family_name_key=f"name{(number * 7) % 53:02}"
        )
    first = listed(director, of="treated", window="primary")
    second = listed(director, of="treated", window="primary", page="2")
    assert (len(mrns_in(first)), len(mrns_in(second)), count_in(second)) == (50, 3, 53)
    assert "Next 50" in first
    assert "51–53 of 53" in second
    assert not set(mrns_in(first)) & set(mrns_in(second))
    keys = dict(Patient.objects.values_list("mrn", "family_name_key"))
    shown = [keys[mrn] for mrn in mrns_in(first) + mrns_in(second)]
    assert shown == sorted(shown)


def test_whoever_looks_is_noted_with_the_ids_shown(director: Client) -> None:
    patients = [make_treated_patient(), make_treated_patient(54, 52)]
    listed(director, of="response", window="primary")
    event = AuditEvent.objects.get(action="list outcomes")
    assert event.detail == {"of": "response", "window": "PRIMARY", "page": 1, "count": 1, "patients": [patients[0].pk]}
    assert not AuditEvent.objects.filter(action="list outcomes", patient_id__isnull=False).exists()


def test_nobody_is_said_in_words(director: Client) -> None:
    text = listed(director, of="worsened", window="m12")
    assert "Nobody is counted here" in text
    assert count_in(text) == 0


@pytest.mark.parametrize(
    "asked",
    [
        {"of": "everybody", "window": "week", "page": "x"},
        {"of": "\x00", "window": "\x00", "page": "\x00"},
        {"of": "response'; --", "window": "LAST'--", "page": "-1"},
        {"of": "<script>", "window": "<script>", "page": "9" * 5_000},
        {"of": "🌊" * 1_000, "window": "مريض", "page": "1.5"},
        {"of": "status-not_started", "window": "", "page": "0"},
    ],
)
def test_an_odd_address_is_the_default_list(director: Client, asked: dict[str, str]) -> None:
    make_treated_patient()
    text = listed(director, **asked)
    assert "<h1>Evaluated</h1>" in text
    assert "<script>" not in text
    assert json.dumps(AuditEvent.objects.get(action="list outcomes").detail["window"]) == '"PRIMARY"'


def test_a_list_asks_as_much_of_many_as_of_five(director: Client) -> None:
    def asked() -> int:
        listed(director, of="treated", window="primary")
        with CaptureQueriesContext(connection) as queries:
            listed(director, of="treated", window="primary")
        return len(queries)

    for _ in range(5):
        make_treated_patient()
    few = asked()
    for _ in range(40):
        make_treated_patient()
    assert asked() == few <= 16


def test_a_row_of_the_subgroups_opens_its_patients(director: Client) -> None:
    for number in range(12):
        patient = make_patient(gender="female" if number % 2 else "male")
        make_infusion(make_course(patient), date(2025, 3, 3))
        make_pcl5(patient, date(2025, 2, 20), 50)
        make_pcl5(patient, date(2025, 3, 24), 30 if number > 2 else 49)
    text = director.get(reverse("outcomes:dashboard"), {"window": "primary"}).content.decode()
    linked = dict(re.findall(r'href="/outcomes/patients/\?window=primary&amp;of=([\w&;=-]+)">(\d+)</a>', text))
    assert {of: linked[of] for of in linked if "gender=" in of} == {
        "evaluated&amp;gender=female": "6",
        "response&amp;gender=female": "5",
        "evaluated&amp;gender=male": "6",
        "response&amp;gender=male": "4",
    }
    assert count_in(listed(director, of="response", gender="male", window="primary")) == 4
