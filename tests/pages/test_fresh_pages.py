"""Pages that change by themselves: what an open page asks while something is pending, and what it is told."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from builders import NOW, make_patient, make_pcl5, make_treated_patient, make_user
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.outcomes import background, response, services
from clinic.outcomes.criteria import PRESETS
from clinic.outcomes.models import ClinicSummary, CourseOutcome, SummaryState
from clinic.policy import Role
from patients.models import Patient, RecordChange
from patients.services import announce_change

pytestmark = pytest.mark.django_db


@pytest.fixture
def director(client: Client) -> Client:
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    return client


@pytest.fixture
def handed_over(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """With workers: the names of the tasks that were handed to them; nobody does them."""
    settings.CELERY_BROKER_URL = "redis://nowhere"
    names: list[str] = []

    def note(task: Any, *_arguments: Any, **_options: Any) -> bool:
        names.append(task.name.rpartition(".")[2])
        return True

    monkeypatch.setattr(background, "hand_over", note)
    return names


def status_part(client: Client, patient: Patient, shown: str = "") -> Any:
    return client.get(reverse("pages:patient_status", args=[patient.public_id]), {"shown": shown})


def shown_in(text: str) -> str:
    return text.partition("shown=")[2].partition('"')[0]


class TestPatient:
    def test_a_page_with_nothing_pending_does_not_poll(self, director: Client) -> None:
        patient = make_treated_patient()
        text = director.get(reverse("pages:patient", args=[patient.public_id])).content.decode()
        assert "nothing pending" in text
        assert "every 1s" not in text

    def test_what_workers_have_not_done_is_pending_and_asked_for_again(
        self, director: Client, handed_over: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        patient = make_treated_patient(endpoint=None)
        services.recompute_stale(now=NOW)
        monkeypatch.setattr(response, "evaluate", lambda *_args: pytest.fail("computed in the web process"))
        announce_change({patient.pk})
        text = director.get(reverse("pages:patient", args=[patient.public_id])).content.decode()
        assert "1 change not counted yet" in text
        assert 'hx-trigger="every 1s"' in text

    def test_the_part_says_nothing_until_it_changes_and_then_the_rest_follows(
        self, director: Client, handed_over: list[str]
    ) -> None:
        patient = make_treated_patient(endpoint=None)
        services.recompute_stale(now=NOW)
        make_pcl5(patient, date(2025, 4, 3), 20)
        first = status_part(director, patient)
        shown = shown_in(first.content.decode())
        again = status_part(director, patient, shown)
        assert (again.status_code, again.content, again.has_header("HX-Trigger")) == (204, b"", False)
        services.recompute_stale(now=NOW)
        done = status_part(director, patient, shown)
        assert (done.status_code, done["HX-Trigger"]) == (200, "outcomes-changed")
        assert "Remission" in done.content.decode()
        assert "every 1s" not in done.content.decode()

    def test_another_record_is_news_too(self, director: Client) -> None:
        patient = make_treated_patient()
        shown = shown_in(status_part(director, patient).content.decode())
        announce_change({patient.pk})
        assert status_part(director, patient, shown).status_code == 200

    def test_asking_leaves_no_trace_in_the_trail(self, director: Client) -> None:
        patient = make_treated_patient()
        before = AuditEvent.objects.count()
        for _ in range(3):
            status_part(director, patient)
        assert AuditEvent.objects.count() == before

    def test_what_is_sent_back_names_versions_alone(self, director: Client) -> None:
        shown = shown_in(status_part(director, make_treated_patient()).content.decode())
        assert set(shown) <= set("0123456789-none")

    def test_a_failure_is_shown_with_its_reason_and_not_asked_for_again(
        self, director: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        patient = make_treated_patient()
        with monkeypatch.context() as patched:
            patched.setattr(response, "evaluate", lambda *_args: 1 / 0)
            services.recompute_stale(now=NOW)
        text = status_part(director, patient).content.decode()
        assert "ZeroDivisionError: division by zero" in text
        assert "every 1s" not in text


def as_of(client: Client, shown: str = "") -> Any:
    return client.get(reverse("outcomes:as_of"), {"window": "primary", "shown": shown})


class TestDashboard:
    @pytest.fixture
    def published(self) -> list[Patient]:
        patients = [make_treated_patient() for _ in range(5)]
        self.work_off()
        return patients

    def work_off(self, version: int = 1) -> None:
        services.recompute_stale(now=NOW)
        services.refresh_summary(version, now=NOW)

    def test_with_workers_it_counts_what_is_pending_and_computes_nothing(
        self, director: Client, published: list[Patient], handed_over: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        SummaryState.objects.update(dirty=True)
        monkeypatch.setattr(response, "evaluate", lambda *_args: pytest.fail("computed in the web process"))
        announce_change({published[0].pk})
        announce_change({published[0].pk, published[1].pk})
        text = director.get(reverse("outcomes:dashboard")).content.decode()
        assert "3 changes pending" in text
        assert 'hx-trigger="every 1s"' in text
        assert handed_over == ["refresh_summary"]

    def test_it_says_nothing_until_something_changes_and_then_the_rest_follows(
        self, director: Client, published: list[Patient], handed_over: list[str]
    ) -> None:
        announce_change({published[0].pk})
        shown = shown_in(as_of(director).content.decode())
        assert as_of(director, shown).status_code == 204
        announce_change({published[1].pk})
        more = as_of(director, shown)
        assert (more.status_code, more.has_header("HX-Trigger")) == (200, False), "the figures are the same"
        self.work_off()
        done = as_of(director, shown)
        assert (done.status_code, done["HX-Trigger"]) == (200, "outcomes-changed")
        assert "0 changes pending" in done.content.decode()
        assert "every 1s" not in done.content.decode()

    def test_other_criteria_are_told_by_how_many_are_done(
        self, director: Client, published: list[Patient], handed_over: list[str]
    ) -> None:
        services.adopt_criteria(actor=None, criteria=PRESETS["Marx-15/28"], reason="Board", now=NOW)
        services.recompute_patients([published[0].pk], now=NOW)
        text = as_of(director).content.decode()
        assert '<span id="recomputed-percent" hx-swap-oob="true">20 %</span>' in text
        assert "every 1s" in text
        shown = shown_in(text)
        self.work_off(2)
        assert as_of(director, shown)["HX-Trigger"] == "outcomes-changed"

    def test_the_first_figures_open_the_page_anew(self, director: Client, handed_over: list[str]) -> None:
        make_treated_patient()
        text = director.get(reverse("outcomes:dashboard")).content.decode()
        assert "No outcomes yet" in text
        shown = shown_in(text)
        assert shown.startswith("0.")
        self.work_off()
        assert as_of(director, shown)["HX-Refresh"] == "true"

    def test_without_workers_asking_works_it_off(self, director: Client, published: list[Patient]) -> None:
        Patient.objects.filter(pk=published[0].pk).update(record_version=50)
        RecordChange.objects.create(patient=published[0])
        CourseOutcome.objects.update(status="AWAITING")
        SummaryState.objects.update(dirty=True)
        assert "0 changes pending" in as_of(director).content.decode()
        assert CourseOutcome.objects.get(patient=published[0]).status != "AWAITING"
        assert ClinicSummary.objects.count() == 2

    def test_the_director_sees_at_home_what_is_pending(self, director: Client, published: list[Patient]) -> None:
        announce_change({published[0].pk})
        assert "1 change pending" in director.get(reverse("pages:home")).content.decode()


def test_a_change_is_noted_with_it_and_taken_away_when_figures_count_it() -> None:
    patient = make_patient()
    make_pcl5(patient, date(2025, 2, 20), 54)
    assert RecordChange.objects.filter(patient=patient).count() == 2, "registered, and a form"
    services.recompute_stale(now=NOW)
    assert RecordChange.objects.count() == 2, "computed, but no published figure counts it"
    services.refresh_summary(1, now=NOW)
    assert not RecordChange.objects.exists()


def test_a_change_during_the_adding_up_stays_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = make_treated_patient()
    services.recompute_stale(now=NOW)
    add_up = services._summary

    def meanwhile_another(*arguments: Any) -> Any:
        summary = add_up(*arguments)
        announce_change({patient.pk})
        services.recompute_stale(now=NOW)
        return summary

    monkeypatch.setattr(services, "_summary", meanwhile_another)
    assert services.refresh_summary(1, now=NOW) is True
    assert RecordChange.objects.count() == 1
    assert SummaryState.objects.get().dirty is True


def test_a_refresh_that_was_overtaken_publishes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_treated_patient()
    services.recompute_stale(now=NOW)
    add_up = services._summary
    later = NOW + 2 * services.REFRESH_GIVEN_UP_AFTER

    def overtaken(*arguments: Any) -> Any:
        summary = add_up(*arguments)
        monkeypatch.setattr(services, "_summary", add_up)
        assert services.refresh_summary(1, now=later) is True
        return summary

    monkeypatch.setattr(services, "_summary", overtaken)
    assert services.refresh_summary(1, now=NOW) is False
    [published] = ClinicSummary.objects.all()
    assert published.computed_at == later
    assert SummaryState.objects.get().dirty is False


def test_figures_are_published_while_a_record_has_just_changed_and_her_change_stays_pending() -> None:
    """Red when figures wait for nobody to be stale: while saves go on somebody always is."""
    patients = [make_treated_patient() for _ in range(2)]
    services.recompute_stale(now=NOW)
    announce_change({patients[0].pk})
    assert services.refresh_summary(1, now=NOW) is True
    assert set(RecordChange.objects.values_list("patient_id", flat=True)) == {patients[0].pk}
    assert ClinicSummary.objects.get().figures["PRIMARY"]["patients"] == 2
