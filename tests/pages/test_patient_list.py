"""The list of patients: finding, filtering, sorting, turning pages; what it shows, and what it never tells."""

import re
from datetime import date
from html import escape
from typing import Any

import pytest
from bad_input import bad_values, odd_text
from builders import make_course, make_infusion, make_patient, make_pcl5, make_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import AuditEvent
from clinic.outcomes import services as outcome_services
from clinic.outcomes.models import CourseOutcome, PatientOutcomeState
from clinic.outcomes.statuses import STATUSES
from clinic.pages import finding
from clinic.pages.finding import ORDERS, Search, find, typed_day
from clinic.pages.patient_rows import rows_of
from clinic.policy import ALLOWED, Action, Role
from infusions.models import Course, Phase
from patients.models import Patient
from patients.services import announce_change

pytestmark = pytest.mark.django_db

LIST = "/patients/"
TODAY = date(2026, 11, 21)
#: What the page shows, and who may see it.
SHOWN = (Action.STATUS_VIEW, Action.ASSESSMENT_VIEW, Action.INFUSION_DATES_VIEW)


def signed_in(role: Role = Role.CLINICIAN) -> Client:
    client = Client()
    client.force_login(make_user(role))
    return client


def named(given: str, family: str, **fields: Any) -> Patient:
    return make_patient(given_name=given, family_name=family, **fields)


def names(response: Any) -> list[str]:
    return [str(row.patient) for row in response.context["rows"]]


def found(client: Client, **asked: str) -> list[str]:
    response = client.post(LIST, asked)
    assert response.status_code == 200
    return names(response)


def make_treated(baseline: int | None, *later: tuple[date, int], given: int = 4) -> Patient:
    """A patient with infusions on 3, 6, 10 and 13 March 2025 and the PCL-5s asked for."""
    patient = make_patient()
    course = make_course(patient)
    for day in (3, 6, 10, 13)[:given]:
        make_infusion(course, date(2025, 3, day))
    announce_change({patient.pk})
    if baseline is not None:
        make_pcl5(patient, date(2025, 2, 20), baseline)
    for day, total in later:
        make_pcl5(patient, day, total)
    outcome_services.recompute_patients([patient.pk], now=outcome_services.timezone.now())
    return patient


class TestSearching:
    @pytest.mark.parametrize(
        "text",
        [
            "nunez",
            "NÚÑEZ",
            "jose nunez",
            "nunez jose",
            "Núñez, José",
            "jose, nunez",
            "jo nu",
            "  jose   nunez ",
            "nunez,",
            ",jose",
            "josé n",
            "TM-20431",
            "tm-204",
            "1990-02-11",
            "02/11/1990",
            "2/11/1990",
            "11 Feb 1990",
            "11 february 1990",
            "Feb 11, 1990",
        ],
    )
    def test_she_is_found_however_it_is_typed(self, text: str) -> None:
        named("José", "Núñez", mrn="TM-20431", date_of_birth=date(1990, 2, 11))
        named("Joanna", "Smith", mrn="X-1")
        assert found(signed_in(), q=text) == ["Núñez, José"]

    @pytest.mark.parametrize(
        "text", ["unez", "zzz", "jose nunez maria", "1990-02-12", "204", "nunez nunez", "%", "_", "\\"]
    )
    def test_nobody_else_is_found(self, text: str) -> None:
        named("José", "Núñez", mrn="TM-20431", date_of_birth=date(1990, 2, 11))
        assert found(signed_in(), q=text) == []

    def test_names_of_several_words_are_found_at_every_split(self) -> None:
        named("Mary Ann", "García Márquez")
        client = signed_in()
        for text in (
            "mary ann garcia marquez",
            "garcia marquez mary",
            "garcia marquez, mary ann",
            "mary ann",
            "garcia m",
        ):
            assert found(client, q=text) == ["García Márquez, Mary Ann"], text

    def test_nothing_but_blanks_or_accents(self) -> None:
        named("José", "Núñez")
        client = signed_in()
        assert found(client, q="  ,  ") == ["Núñez, José"]
        assert found(client, q="\u0301") == []

    def test_one_match_is_still_a_list(self) -> None:
        named("José", "Núñez")
        assert signed_in().post(LIST, {"q": "nunez"}).status_code == 200

    @pytest.mark.parametrize(("name", "raw"), bad_values("text"))
    @pytest.mark.parametrize("field", ["q", "status", "state", "order", "after", "before"])
    def test_bad_input_is_refused_and_says_how_to_mend_it(self, field: str, name: str, raw: str) -> None:
        named("José", "Núñez")
        response = signed_in().post(LIST, {field: raw})
        assert response.status_code == 422, name
        assert response.context["form"].errors[field]
        assert "Núñez" not in response.content.decode()
        if field == "q":
            assert escape(raw) in response.content.decode()

    @pytest.mark.parametrize(("name", "raw"), odd_text())
    def test_odd_text_finds_nobody_and_stays_in_the_box(self, name: str, raw: str) -> None:
        page = signed_in().post(LIST, {"q": raw}).content.decode()
        assert f'value="{escape(raw)}"' in page, name
        assert raw not in page or escape(raw) == raw

    def test_a_name_of_markup_is_shown_inert(self) -> None:
        named("<b>Bold</b>", "\u202eEvil & Sons")
        page = signed_in().get(LIST).content.decode()
        assert "<bdi>\u202eEvil &amp; Sons, &lt;b&gt;Bold&lt;/b&gt;</bdi>" in page

    @pytest.mark.parametrize("text", ["", "3 Aug", "1984", "1984-13-01", "31/12/1984", "tomorrow", "1984-08-03x"])
    def test_what_is_no_day(self, text: str) -> None:
        assert typed_day(text) is None


class TestFilteringAndSorting:
    def test_active_and_inactive(self) -> None:
        named("Ann", "Active")
        named("Ira", "Inactive", active=False, died_on=date(2025, 5, 5))
        client = signed_in()
        assert found(client) == ["Active, Ann", "Inactive, Ira"]
        assert found(client, state="active") == ["Active, Ann"]
        response = client.post(LIST, {"state": "inactive"})
        assert names(response) == ["Inactive, Ira"]
        assert "Inactive</span>" in response.content.decode()
        assert "Died 5 May 2025" in response.content.decode()

    def test_status_is_that_of_the_latest_outcome_course(self) -> None:
        treated = {
            "NO_BASELINE": make_treated(None),
            "BELOW_CUT": make_treated(20),
            "AWAITING": make_treated(54),
            "WORSENED": make_treated(54, (date(2025, 4, 3), 70)),
            "REMISSION": make_treated(54, (date(2025, 4, 3), 10)),
            "RESPONSE": make_treated(54, (date(2025, 4, 3), 40)),
            "RELAPSED": make_treated(54, (date(2025, 4, 3), 30), (date(2025, 6, 3), 54)),
            "NO_RESPONSE": make_treated(54, (date(2025, 4, 3), 53)),
            "NOT_STARTED": make_patient(),
        }
        assert set(treated) == set(STATUSES)
        client = signed_in()
        for status, patient in treated.items():
            response = client.post(LIST, {"status": status})
            assert [(row.patient, row.status) for row in response.context["rows"]] == [(patient, status)]

    def test_an_earlier_course_does_not_count(self) -> None:
        patient = make_treated(54, (date(2025, 4, 3), 10))
        later = make_course(patient, 2, opened_on=date(2026, 1, 1))
        make_infusion(later, date(2026, 1, 5))
        make_pcl5(patient, date(2025, 12, 20), 60)
        announce_change({patient.pk})
        outcome_services.recompute_patients([patient.pk], now=outcome_services.timezone.now())
        assert CourseOutcome.objects.count() == 2
        client = signed_in()
        assert found(client, status="REMISSION") == []
        assert found(client, status="AWAITING") == [str(patient)]

    def test_each_order_and_its_tie_break(self) -> None:
        for given, family, mrn, born in (
            ("Bo", "Adler", "3", date(1970, 1, 1)),
            ("Al", "Adler", "1", date(1990, 1, 1)),
            ("Cy", "Åberg", "2", date(1970, 1, 1)),
            ("Al", "Adler", "4", date(1980, 1, 1)),
        ):
            named(given, family, mrn=mrn, date_of_birth=born)
        client = signed_in()
        expected = {"name": "2143", "mrn": "1234", "born": "3241", "registered": "3124"}
        for order, mrns in expected.items():
            for name, way in ((order, mrns), (f"{order}-down", mrns[::-1])):
                rows = client.post(LIST, {"order": name}).context["rows"]
                assert "".join(row.patient.mrn for row in rows) == way, name
        assert set(ORDERS) == {name for order in expected for name in (order, f"{order}-down")}

    def test_filters_and_order_stand_in_the_address_and_what_is_typed_never(self) -> None:
        named("José", "Núñez")
        named("Ira", "Inactive", active=False)
        client = signed_in()
        response = client.post(LIST, {"q": "jose", "state": "active", "order": "born"})
        assert 'data-address="/patients/?state=active&amp;order=born"' in response.content.decode()
        assert names(client.get("/patients/?state=inactive&order=born&q=jose")) == ["Inactive, Ira"]


class TestPages:
    @pytest.fixture(autouse=True)
    def _small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(finding, "PAGE_ROWS", 4)
        monkeypatch.setattr(finding, "COUNTED_TO", 8)

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("number", [0, 1, 4, 5, 8, 11])
    def test_every_row_comes_once_on_and_back(self, order: str, number: int) -> None:
        for index in range(number):
            named("Al" if index % 2 else "Bo", "Same" if index % 3 else "Other", mrn=f"m{index * 7 % 11}")
        everybody = list(Patient.objects.order_by(*ORDERS[order].by(backwards=False)).values_list("pk", flat=True))
        pages, after = [], ""
        while True:
            page = find(Search(order=order, after=after))
            pages.append(page)
            if not (after := page.after):
                break
        assert [patient.pk for page in pages for patient in page.patients] == everybody
        assert [len(page.patients) for page in pages[:-1]] == [4] * (len(pages) - 1)
        for earlier, page in zip(pages[-2::-1], pages[:0:-1], strict=True):
            back = find(Search(order=order, before=page.before))
            assert back.patients == earlier.patients
            assert (back.before, back.after) == (earlier.before, earlier.after)
        assert pages[0].before == ""

    def test_the_buttons_post_and_no_address_names_anybody(self) -> None:
        for index in range(9):
            named("José", f"Núñez{index}")
        client = signed_in()
        first = client.post(LIST, {"q": "nunez"})
        page = first.content.decode()
        assert "More than 8 patients found" in page
        second = client.post(LIST, {"q": "nunez", "after": first.context["found"].after})
        assert names(second) == [f"Núñez{index}, José" for index in range(4, 8)]
        back = client.post(LIST, {"q": "nunez", "before": second.context["found"].before})
        assert names(back) == names(first)
        for address in re.findall(r'(?:href|action|hx-post|data-address)="([^"]*)"', page + second.content.decode()):
            assert "nunez" not in address.lower()
            assert "jos" not in address.lower()

    def test_a_row_that_is_gone_leads_to_the_first_page(self) -> None:
        for index in range(6):
            named("José", f"Núñez{index}")
        client = signed_in()
        assert found(client, after="A" * 22) == found(client, before="A" * 22) == found(client)


class TestRows:
    def test_what_a_row_says(self) -> None:
        patient = make_treated(54, (date(2025, 4, 3), 35))
        [row] = signed_in().get(LIST).context["rows"]
        assert (row.patient, row.status, row.why) == (patient, "RESPONSE", "Day 21 after the last infusion.")
        assert row.score is not None
        assert (row.score.total, row.score.baseline, row.score.change, row.score.on) == (35, 54, -19, date(2025, 4, 3))
        assert (row.progress.given, row.progress.planned, row.progress.pips) == (4, 6, [True] * 4 + [False] * 2)
        page = signed_in().get(LIST).content.decode()
        for shown in (
            "<b>35</b>",
            "−19",
            "4 of 6",
            "3 Aug 1984",
            "Response, not remission",
            "not a diagnosis",
            "cut 33",
        ):
            assert shown in page

    def test_a_baseline_alone_has_no_change(self) -> None:
        make_treated(54)
        [row] = signed_in().get(LIST).context["rows"]
        assert (row.score.total, row.score.change, row.score.is_baseline) == (54, None, True)
        assert row.why.startswith("Baseline 54 on 20 Feb 2025")

    def test_a_form_before_any_infusion_is_shown_without_change(self) -> None:
        patient = make_patient()
        make_pcl5(patient, date(2025, 2, 20), 54)
        make_pcl5(patient, date(2025, 3, 20), 50)
        [row] = signed_in().get(LIST).context["rows"]
        assert (row.status, row.score.total, row.score.change, row.progress) == ("NOT_STARTED", 50, None, None)

    def test_an_incomplete_form_is_no_number(self) -> None:
        make_pcl5(make_patient(), date(2025, 2, 20), 54, answers=[None, *[2] * 19])
        client = signed_in()
        [row] = client.get(LIST).context["rows"]
        assert row.score.total is None
        assert "incomplete" in client.get(LIST).content.decode()

    def test_a_reading_during_the_series_may_still_change(self) -> None:
        make_treated(54, (date(2025, 3, 11), 40))
        [row] = signed_in().get(LIST).context["rows"]
        assert row.why == "During the series: it may still change."

    def test_a_relapse_says_since_when(self) -> None:
        make_treated(54, (date(2025, 4, 3), 30), (date(2025, 6, 3), 54))
        [row] = signed_in().get(LIST).context["rows"]
        assert row.why == "Day 82 after the last infusion; response lost since 3 Jun 2025."

    def test_without_a_baseline_no_day_is_counted(self) -> None:
        make_treated(None, (date(2025, 3, 11), 40))
        [row] = signed_in().get(LIST).context["rows"]
        assert (row.status, row.score.total, row.score.change) == ("NO_BASELINE", 40, None)
        assert row.why == "No PCL-5 in the 30 days before the first infusion on 3 Mar 2025."

    def test_a_low_baseline_is_said(self) -> None:
        make_treated(20, (date(2025, 4, 3), 10))
        [row] = signed_in().get(LIST).context["rows"]
        assert row.why == "The baseline is below 33, so the course is not counted."

    def test_the_latest_course_that_stands_is_counted(self) -> None:
        patient = make_treated(54)
        make_course(patient, 2, phase=Phase.MAINTENANCE, planned_infusions=20)
        voided = make_course(patient, 3)
        Course.objects.filter(pk=voided.pk).update(voided_at=outcome_services.timezone.now())
        [row] = signed_in().get(LIST).context["rows"]
        assert (row.progress.given, row.progress.planned, row.progress.phase) == (0, 20, "Maintenance")
        assert row.progress.pips == []

    def test_an_outcome_older_than_the_record_is_marked(self) -> None:
        patient = make_treated(54, (date(2025, 4, 3), 35))
        PatientOutcomeState.objects.filter(pk=patient.pk).update(record_version=0)
        client = signed_in()
        assert [row.out_of_date for row in client.get(LIST).context["rows"]] == [True]
        assert "Being computed anew." in client.get(LIST).content.decode()

    def test_the_dead_grow_no_older(self) -> None:
        named("A", "A", date_of_birth=date(1984, 8, 3), died_on=date(2020, 8, 2))
        [row] = rows_of(Patient.objects.order_by("pk"), 1, TODAY)
        assert row.age == 35


class TestTheTrail:
    def test_a_search_is_one_event_with_who_was_shown_and_nothing_of_what_was_typed(self) -> None:
        shown = [named("José", "Núñez"), named("Ana", "Núñez")]
        named("Joanna", "Smith")
        signed_in().post(LIST, {"q": "nunez"})
        event = AuditEvent.objects.get(action="search patients")
        assert event.detail == {"patient_ids": [shown[1].pk, shown[0].pk]}
        assert not AuditEvent.objects.filter(action="list patients").exists()

    def test_a_list_is_one_event(self) -> None:
        patient = make_patient()
        signed_in().get(LIST)
        assert AuditEvent.objects.get(action="list patients").detail == {"patient_ids": [patient.pk]}

    def test_a_refused_search_shows_nobody_and_says_so(self) -> None:
        make_patient()
        signed_in().post(LIST, {"q": "\x00"})
        assert not AuditEvent.objects.filter(action__endswith="patients").exists()

    def test_an_administrator_finds_nobody(self) -> None:
        make_patient()
        client = signed_in(Role.ADMINISTRATOR)
        assert client.get(LIST).status_code == client.post(LIST, {"q": "a"}).status_code == 403

    def test_whoever_may_find_patients_may_see_what_the_list_says(self) -> None:
        for role, allowed in ALLOWED.items():
            if Action.PATIENT_VIEW in allowed:
                assert allowed >= set(SHOWN), role


class TestWhileTyping:
    def test_htmx_gets_the_list_alone_and_the_count(self) -> None:
        named("José", "Núñez")
        response = signed_in().post(LIST, {"q": "nun"}, headers={"HX-Request": "true"})
        page = response.content.decode()
        assert "<html" not in page
        assert '<p id="patient-count" hx-swap-oob="innerHTML">' in page
        assert "1 patient found" in page
        assert "Núñez, José" in page

    def test_htmx_is_told_what_is_wrong(self) -> None:
        response = signed_in().post(LIST, {"q": "x" * 101}, headers={"HX-Request": "true"})
        assert response.status_code == 422
        assert "too long" in response.content.decode()

    def test_without_its_token_nothing_is_found(self) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_user(Role.CLINICIAN))
        assert client.post(LIST, {"q": "a"}, headers={"HX-Request": "true"}).status_code == 403


class TestEmpty:
    def test_no_patients_yet(self) -> None:
        page = signed_in().get(LIST).content.decode()
        assert "No patients yet" in page
        assert "Register the first patient" in page

    def test_nobody_found(self) -> None:
        make_patient()
        page = signed_in().post(LIST, {"q": "zzz", "state": "active"}).content.decode()
        assert "Nobody found" in page
        assert "The filters above leave some patients out." in page


def test_more_rows_take_no_more_queries() -> None:
    client, counted = signed_in(), []
    for number in (5, 60):
        while Patient.objects.count() < number:
            patient = make_patient()
            course = make_course(patient)
            if patient.pk % 2:
                make_infusion(course, date(2025, 3, 3))
            make_pcl5(patient, date(2025, 2, 20), 50)
        everybody = Patient.objects.order_by("pk").values_list("pk", flat=True)
        outcome_services.recompute_patients(list(everybody), now=outcome_services.timezone.now())
        with CaptureQueriesContext(connection) as queries:
            assert len(client.post(LIST, {"q": "ellwick"}).context["rows"]) == min(number, 50)
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 15


@pytest.mark.parametrize("text", ["ell", "ell mar", "ell, mar", "tm-0", "1984-08-03"])
def test_a_search_reads_indexes_and_not_everybody(text: str) -> None:
    if connection.vendor == "postgresql":  # it scans a table this small, rightly
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Patient.objects.filter(finding.matching(text)).explain()
    assert re.search(r"patient_(by|family|given|mrn)_", plan), plan
    assert "SCAN patients_patient" not in plan
    assert "Seq Scan" not in plan
