"""The report as PDF: the dashboard's figures and words, nothing of too few, only text and vectors, inert, repeatable, small."""

import io
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import time_machine
from boards import NOW, board_of, board_of_clinic
from builders import make_treated_patient, make_user
from clinics import Pair, clinic, evaluation
from clinics import events as adverse_events
from clinics import sessions as given
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from test_dashboard_page import make_varied_clinic

from clinic.audit.models import AuditEvent
from clinic.outcomes import study
from clinic.outcomes.asked import Asked
from clinic.outcomes.dashboard import Dashboard, dashboard
from clinic.outcomes.printed import Printed
from clinic.outcomes.report_pdf.figures import DRAWN, MOST_ROWS, SECTIONS
from clinic.outcomes.report_pdf.report import report_pdf
from clinic.pdf.type import UNKNOWN, writable
from clinic.policy import Role
from clinic.profile.models import ClinicProfile

pytestmark = pytest.mark.django_db
#: The first response of the patients in `everybody`, and its loss.
FIRST, LOST = pd.Timestamp("2025-03-20"), pd.Timestamp("2025-04-20")
JULY = datetime(2025, 7, 1, 14, 2, tzinfo=ZoneInfo("America/New_York"))


def said(file: bytes) -> str:
    """Everything a PDF says, with single spaces and without the broken lines of table heads."""
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages)
    return re.sub(r"\s+", " ", text)


def of(board: Dashboard, *, by: str = "Dr Ada Meyer", now: datetime = NOW) -> bytes:
    return report_pdf(board, by=by, now=now)


@cache
def report(number: int) -> bytes:
    """The report of so many patients, of a clinic without a name."""
    return of(everybody(number))


@cache
def everybody(number: int) -> Dashboard:
    """So many patients of every class, with later windows, events and sessions; some without a follow-up."""
    pairs: list[Pair] = []
    for at in range(number):
        ends = {"EOS": (at * 11) % 60, "M3": (at * 7) % 60, "LAST": (at * 7) % 60}
        pairs.append((34 + at * 7 % 45, ends if at % 6 == 0 else ends | {"PRIMARY": at * 13 % 70}))
    rows = given(*({"course_id": 1 + at % number, "session": 1 + at % 6} for at in range(number * 6)))
    made = clinic(
        evaluation(*pairs, **days_of(number)),
        sessions=rows,
        events=adverse_events({}, {"infusion_id": 2}),
        answers=pd.DataFrame(2.0, index=range(number * 10 + 10), columns=range(1, 21)),
        psychotherapy=["yes" if at % 2 else "no" for at in range(number)],
    )
    return board_of_clinic(made)


def days_of(number: int) -> dict[str, list[Any]]:
    """Two of three have a response and lose it, a day later each."""
    days = dict.fromkeys(("first_response_on", "first_remission_on", "response_index_on"), FIRST)
    days["loss_of_response_on"] = LOST
    columns: dict[str, list[Any]] = {
        name: [day + pd.Timedelta(days=at) if at % 3 else pd.NaT for at in range(number)] for name, day in days.items()
    }
    return columns | {"latest_on": [LOST + pd.Timedelta(days=60 + at) for at in range(number)]}


class TestFigures:
    def test_every_headline_figure_is_the_dashboards(self) -> None:
        board = everybody(60)
        text, n = said(report(60)), board.n
        for name in ("response", "remission", "worsened", "reliable_change", "reliable_and_below"):
            rate = n[name]
            low, high = rate["ci95"]
            assert f"{rate['x']} of {rate['n']} {rate['rate'].fine} {low.fine}–{high.fine} {n['missing']}" in text, name
        for name in ("non_responder_imputation", "best_case"):
            assert f"{n[name]['x']} of {n[name]['n']} {n[name]['rate'].fine} — —" in text, name
        reduction, effect = n["reduction"], n["effect_size"]
        low, high = reduction["ci95"]
        assert f"{reduction['mean'].fine} ({reduction['sd'].fine}) {low.fine} to {high.fine}" in text
        low, high = effect["d_rms_ci95"]
        assert f"{effect['d_rms'].fine} {low.fine} to {high.fine}" in text
        assert f"Mean change {reduction['change']}" in text
        assert "Cohen" not in text

    def test_it_names_definition_window_patients_people_and_times(self) -> None:
        text = said(report(12))
        assert "Window Primary 14–31 d: PCL-5 14–31 days after the last infusion" in text
        assert "Definition VA-10/33, settings v1" in text
        assert "Patients Everybody treated" in text
        assert "Records up to 1 Jun 2026" in text
        assert "Extracted 1 Jun 2026, 14:02 (America/New_York), by Dr Ada Meyer" in text
        assert "Observational, no control group." in text
        assert "of 12 evaluated" not in text
        for caveat in study.CAVEATS:
            assert writable(caveat) in text

    def test_every_figure_of_the_dashboard_is_there_with_its_words_and_small_table(self) -> None:
        board, text = everybody(60), said(report(60))
        assert {name for names in SECTIONS.values() for name in names} == {
            *board.panels,
            *(board.charts or {}),
        }, "a figure without a section"
        assert set(DRAWN) == set(board.panels) - {"completeness"}
        for title, table in board.tables.values():
            assert re.search(rf"Figure \d+\. {re.escape(title)}", text), title
            for row in table.rows if len(table.rows) <= MOST_ROWS else []:
                assert " ".join(one.text for one in row if one.text).replace("\n", " ") in text, title
        for panel in board.panels.values():
            for words in (panel.subtitle, *panel.notes, *(entry.words for entry in panel.legend if panel.drawn)):
                assert words.replace("\u00a0", " ") in text.replace("\u00a0", " "), panel.id

    def test_marks_are_written_as_the_dashboard_writes_them(self) -> None:
        board = everybody(60)
        text, panels = said(report(60)), board.panels
        data: dict[str, Any] = {name: panel.data for name, panel in panels.items()}
        assert all(row["words"] in text for group in data["subgroups"]["groups"] for row in group["rows"])
        assert all(why in text for row in data["care_flow"]["rows"] for why in row["why"])
        assert all(curve["median"] in text for curve in data["time_to_first"]["curves"])
        assert board.charts
        for side in ("clinic", "study"):
            assert all(words in text for words in board.charts["study"]["data"][side]["words"].values())
        for visit in board.charts["trajectories"]["visits"]:
            assert f"n {visit['shown']['n']}" in text

    def test_what_to_know_first_is_said(self) -> None:
        lost = [(50, {"PRIMARY": 30})] * 6 + [(50, {})] * 9
        made = clinic(evaluation(*lost))
        text = said(of(board_of_clinic(made, pending=3, in_force=2)))
        assert "Rates may be biased: 40 % of the follow-ups due were obtained." in text
        assert "Fewer than half: the rates are greyed out." in text
        assert "Recomputing under settings v2 (VA-10/33): 40 %." in text
        assert "3 changes pending." in text


HARDLY_ANYBODY: dict[str, tuple[list[Pair], str]] = {
    "one patient": ([(50, {"PRIMARY": 20, "LAST": 20})], "PRIMARY"),
    "four": ([(50, {"PRIMARY": 20})] * 4, "PRIMARY"),
    "nobody eligible": ([(10, {"PRIMARY": 5})] * 7, "PRIMARY"),
    "all missing": ([(50, {})] * 12, "PRIMARY"),
    "everyone alike responds": ([(50, {"PRIMARY": 20, "LAST": 20})] * 12, "PRIMARY"),
    "everyone worsens": ([(40, {"PRIMARY": 80})] * 12, "PRIMARY"),
    "a window with nobody": ([(50, {"PRIMARY": 50})] * 12, "M12"),
}


@pytest.mark.parametrize("case", HARDLY_ANYBODY)
def test_hardly_anybody_makes_a_report_without_a_wrong_word(case: str) -> None:
    pairs, window = HARDLY_ANYBODY[case]
    board = board_of(*pairs, window=window)
    text = said(of(board))
    assert not re.search(r"\bnan\b|\binf\b|\btrue\b|\bfalse\b", text, re.IGNORECASE)
    assert not re.search(r"\bNone\b(?! recorded| of )", text)
    if int(board.n["evaluated"].exact) < 5:
        assert not [figure for figure in (board.n["response"]["rate"], board.n["reduction"]["mean"]) if figure.exact]
        assert "nothing is drawn from fewer than 5" in text


def test_a_summary_of_an_older_release_has_no_charts_but_its_figures() -> None:
    board = board_of(*[(50, {"PRIMARY": 20})] * 12)
    assert board.summary
    board.summary.charts = {"format": 0}
    assert board.charts is None
    assert not board.panels
    text = said(of(board))
    assert "12 of 12 100.0 %" in text
    assert "Completeness" in text


class TestPaper:
    def test_it_is_text_and_vectors_alone_in_embedded_fonts(self) -> None:
        reader = PdfReader(io.BytesIO(report(60)))
        for page in reader.pages:
            assert not page.images
            for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
                described = font.get_object().get("/FontDescriptor")
                assert "/FontFile2" in described.get_object(), font
                assert "+DejaVu" in font["/BaseFont"]

    def test_every_character_has_a_glyph(self) -> None:
        text = said(report(60))
        assert writable(text) == text
        assert UNKNOWN not in text

    def test_the_same_moment_gives_the_same_bytes_and_another_says_so(self) -> None:
        board = everybody(12)
        assert of(board) == report(12)
        later = said(of(board, now=NOW + timedelta(minutes=1)))
        assert later.replace("Extracted 1 Jun 2026, 14:03", "Extracted 1 Jun 2026, 14:02") == said(report(12))

    def test_three_hundred_patients_are_quick_and_small(self) -> None:
        board = everybody(300)
        assert board.tables
        start = time.process_time()
        file = of(board)
        assert time.process_time() - start < 3
        assert len(file) < 1_000_000

    def test_a_process_that_makes_no_pdf_loads_nothing_of_it(self) -> None:
        script = "import sys, django; django.setup(); import clinic.urls; assert 'reportlab' not in sys.modules"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=settings.BASE_DIR,
            env={"DJANGO_SETTINGS_MODULE": "clinic.settings", "DATABASE_URL": "sqlite://:memory:"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def test_names_with_markup_are_inert(self) -> None:
        name = '<img src="file:///etc/passwd"/> & <b>Söhne</b>'
        ClinicProfile.objects.create(number=1, name=name, time_zone="America/New_York", changed_at=NOW)
        file = of(everybody(12), by='<a href="http://evil.example">Dr X</a>')
        assert name in said(file)
        assert '<a href="http://evil.example">Dr X</a>' in said(file)
        reader = PdfReader(io.BytesIO(file))
        assert not any("/Annots" in page or page.images for page in reader.pages)
        assert reader.metadata
        assert reader.metadata.author == name


class TestPage:
    @pytest.fixture(autouse=True)
    def _in_july(self) -> Iterator[None]:
        with time_machine.travel(JULY, tick=False):
            yield

    @pytest.fixture
    def director(self, client: Client) -> Client:
        client.force_login(make_user(Role.MEDICAL_DIRECTOR, email="director@clinic.example"))
        return client

    def test_it_is_the_dashboard_that_the_address_asks_for_and_is_noted(self, director: Client) -> None:
        make_varied_clinic(40)
        asked = {"window": "last", "preset": "Marx-15/28"}
        answer = director.get(reverse("outcomes:report_pdf"), asked)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer["Content-Disposition"] == 'attachment; filename="tidemark-report-for-others-last.pdf"'
        board, text = dashboard(Asked.read(asked), 0, timezone.now(), with_details=True), said(answer.content)
        rate: dict[str, Printed] = board.n["response"]
        assert int(rate["x"].exact) >= 11
        assert f"{rate['x']} of {rate['n']} {rate['rate'].fine}" in text
        assert "Groups of fewer than 11 patients, and what would give them away, are not shown." in text
        assert "Another definition than the one in force." in text
        assert "At least 15 points below baseline." in text
        [event] = AuditEvent.objects.filter(action="export report")
        assert event.detail == {"readers": "others", "window": "LAST", "preset": "Marx-15/28", "filters": {}}

    def test_the_clinic_reads_what_stands_on_the_page(self, director: Client) -> None:
        make_varied_clinic(40)
        asked = {"window": "last", "for": "clinic"}
        answer = director.get(reverse("outcomes:report_pdf"), asked)
        assert answer["Content-Disposition"] == 'attachment; filename="tidemark-report-for-clinic-last.pdf"'
        n, text = dashboard(Asked.read(asked), 0, timezone.now(), with_details=True).n, said(answer.content)
        assert 0 < int(n["worsened"]["x"].exact) < 11
        assert f"and {n['worsened']['x']} worsened." in text
        assert "For use within the clinic: groups of fewer than 11 patients are shown." in text
        assert AuditEvent.objects.get(action="export report").detail["readers"] == "clinic"
        others = said(director.get(reverse("outcomes:report_pdf"), {"window": "last"}).content)
        assert f"{n['worsened']['x']} worsened" not in others

    def test_filters_are_said_in_words(self, director: Client) -> None:
        make_varied_clinic(20)
        asked = {"window": "last", "gender": "male"}
        assert director.get(reverse("outcomes:report_pdf"), asked).status_code == 404, "nobody is a man"
        patient = make_treated_patient()
        patient.gender = "male"
        patient.save()
        director.get(reverse("outcomes:dashboard"))
        text = said(director.get(reverse("outcomes:report_pdf"), asked).content)
        assert "Patients Gender: Men Counted" in text, "one man is few"
        type(patient).objects.update(gender="male")
        make_treated_patient()
        director.get(reverse("outcomes:dashboard"))
        text = said(director.get(reverse("outcomes:report_pdf"), asked).content)
        assert re.search(r"Patients Gender: Men (?!\(21 of 22)", text)

    def test_nothing_to_show_is_not_found_and_not_noted(self, director: Client) -> None:
        assert director.get(reverse("outcomes:report_pdf")).status_code == 404
        assert not AuditEvent.objects.filter(action="export report").exists()


def test_a_dashboard_that_shows_nothing_is_refused() -> None:
    empty = dashboard(Asked(), 0, NOW, with_details=True)
    with pytest.raises(ValueError, match="no report"):
        of(empty)
