"""One clinic like the published study: dashboard, CSV, JSON and PDF say the same, and what the study said.

study_like.csv holds invented pairs (baseline, last PCL-5, its day, psychotherapy) that were fitted to the study's numbers.
"""

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5, make_user
from django.core.management import call_command
from django.test import Client
from pypdf import PdfReader

from clinic.policy import Role

pytestmark = pytest.mark.django_db
LAST_INFUSION = date(2025, 3, 14)
PAIRS = Path(__file__).with_name("study_like.csv")


@dataclass(frozen=True)
class Said:
    """What one output says of the LAST window; rates as shares of 1."""

    response: int
    response_ci95: tuple[float, float]
    d_rms: float
    hedges_g: float
    remission: int | None = None
    remission_ci95: tuple[float, float] | None = None


@pytest.fixture
def director(client: Client) -> Client:
    with PAIRS.open(encoding="utf-8") as file:
        for pair in csv.DictReader(file):
            patient = make_patient()
            make_infusion(make_course(patient, psychotherapy_at_start=pair["psychotherapy"]), LAST_INFUSION)
            make_pcl5(patient, LAST_INFUSION - timedelta(days=9), int(pair["baseline"]))
            make_pcl5(patient, LAST_INFUSION + timedelta(days=int(pair["day"])), int(pair["endpoint"]))
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    return client


def dashboard(client: Client, **asked: str) -> Said:
    text = client.get("/outcomes/", {"window": "last", **asked}).content.decode()
    shown = dict(re.findall(r'data-figure="([^"]+)"\s+data-value="([^"]*)"', text))
    row = re.search(r"Psychotherapy: yes against no \(difference\)</th>(.*?)</tr>", text, re.DOTALL)
    assert row
    return Said(
        response=int(shown["response.x"]),
        response_ci95=(float(shown["response.ci95.0"]), float(shown["response.ci95.1"])),
        d_rms=float(shown["effect_size.d_rms"]),
        hedges_g=float(re.findall(r'data-value="([^"]*)"', row[1])[-1]),
        remission=int(shown["remission.x"]),
        remission_ci95=(float(shown["remission.ci95.0"]), float(shown["remission.ci95.1"])),
    )


def as_json(**asked: str) -> Said:
    out = io.StringIO()
    options = [f"--{name}={value}" for name, value in {"window": "last", **asked}.items()]
    call_command("outcomes_report", "--format=json", "--subgroups", *options, stdout=out)
    result = json.loads(out.getvalue())
    return Said(
        response=result["response"]["x"],
        response_ci95=tuple(result["response"]["ci95"]),
        d_rms=result["effect_size"]["d_rms"],
        hedges_g=result["subgroups"]["groups"][0]["contrast"]["g"],
        remission=result["remission"]["x"],
        remission_ci95=tuple(result["remission"]["ci95"]),
    )


def rows_of(client: Client, panel: str, **asked: str) -> dict[str, dict[str, str]]:
    """The rows of a panel's CSV by name, then by column."""
    text = client.get(f"/outcomes/panels/{panel}.csv", {"window": "last", **asked}).content.decode()
    head, *rows = csv.reader(text.split("\r\n\r\n", 1)[1].splitlines())
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def as_csv(client: Client, **asked: str) -> Said:
    subgroups, study = rows_of(client, "subgroups", **asked), rows_of(client, "study", **asked)
    everybody = subgroups["All"]
    difference = subgroups["Psychotherapy: yes against no (difference)"]
    remission = None if asked else int(study["Remission, patients"]["This clinic"])
    return Said(
        response=int(everybody["Responded"]),
        response_ci95=(float(everybody["Response CI from"]), float(everybody["Response CI to"])),
        d_rms=float(study["Effect size d rms"]["This clinic"]),
        hedges_g=float(difference["Hedges g"]),
        remission=remission,
    )


def as_pdf(client: Client, **asked: str) -> Said:
    pages = PdfReader(io.BytesIO(client.get("/outcomes/report.pdf", {"window": "last", **asked}).content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())

    def rate(name: str) -> tuple[int, tuple[float, float]]:
        found = re.search(rf"{name} [^%]*?(\d+) of 117 [\d.]+ % ([\d.]+)–([\d.]+)", text)
        assert found, name
        return int(found[1]), (float(found[2]) / 100, float(found[3]) / 100)

    response, response_ci95 = rate("Response")
    remission, remission_ci95 = rate("Remission")
    effect = re.search(r"Effect size d ?rms .*?(1\.\d{3})", text)
    contrast = re.search(r"Psychotherapy, yes against no: .*?Hedges g (\d\.\d+)", text)
    assert effect
    assert contrast
    return Said(response, response_ci95, float(effect[1]), float(contrast[1]), remission, remission_ci95)


def test_four_outputs_say_what_the_study_said(director: Client) -> None:
    exact = as_json()
    assert (exact.response, exact.remission) == (88, 73)
    assert exact.response_ci95 == pytest.approx((0.666722, 0.821521), abs=1e-6)
    assert exact.remission_ci95 == pytest.approx((0.533536, 0.706448), abs=1e-6)
    assert exact.d_rms == pytest.approx(1.6395, abs=5e-5)
    assert 0.50 <= exact.hedges_g <= 0.52
    assert dashboard(director) == exact
    in_csv = as_csv(director)
    assert (in_csv.response, in_csv.response_ci95, in_csv.remission) == (88, exact.response_ci95, 73)
    assert (in_csv.d_rms, in_csv.hedges_g) == (exact.d_rms, exact.hedges_g)
    beside = rows_of(director, "study")["Psychotherapy or none, Hedges g (study: d)"]
    assert (float(beside["This clinic"]), beside["Study"]) == (exact.hedges_g, "0.51")
    for readers in ({"for": "clinic"}, {}):
        on_paper = as_pdf(director, **readers)
        assert (on_paper.response, on_paper.remission) == (88, 73)
        assert on_paper.response_ci95 == pytest.approx(exact.response_ci95, abs=5e-4)
        assert on_paper.remission_ci95 == pytest.approx(exact.remission_ci95 or (), abs=5e-4)
        assert on_paper.d_rms == pytest.approx(exact.d_rms, abs=5e-4)
        assert on_paper.hedges_g == pytest.approx(exact.hedges_g, abs=5e-3)


def test_another_preset_says_the_same_in_all_four(director: Client) -> None:
    marx = {"preset": "Marx-15/28"}
    outputs = [dashboard(director, **marx), as_json(**marx), as_csv(director, **marx), as_pdf(director, **marx)]
    assert [output.response for output in outputs] == [81] * 4
    assert outputs[0] == outputs[1]
