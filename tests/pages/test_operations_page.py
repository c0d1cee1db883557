"""The operations page: whether everything is counted, and if not, why; names and reasons only for who may see patients."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from builders import NOW, make_patient, make_user
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from processes.servers import OwnRedis, free_port, own_folder

from clinic import database
from clinic.audit.models import AuditEvent
from clinic.outcomes import background, response, selectors, services, workers
from clinic.outcomes.criteria import PRESETS
from clinic.outcomes.models import ClinicSummary, PatientOutcomeState, RecomputeRun, SummaryState, SweepState
from clinic.pages import operations
from clinic.policy import Role
from patients.models import Patient, RecordChange
from patients.services import announce_change

pytestmark = pytest.mark.django_db
WHERE = "/operations/"
REASON = "ValueError: item 14 of <b>Wednesday</b>"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _nothing_is_computed_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "hand_over", lambda *_arguments, **_options: True)


@pytest.fixture
def broker(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A broker that answers with these lengths, and a sweep that has just ended."""
    settings.CELERY_BROKER_URL = "redis://nowhere"
    lengths = {"changes": 0, "whole-clinic": 0}
    monkeypatch.setattr(workers, "waiting", lambda: lengths)
    SweepState.objects.create(ended_at=NOW)
    return lengths


@pytest.fixture
def director(client: Client) -> Client:
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    return client


@pytest.fixture
def administrator() -> Client:
    client = Client()
    client.force_login(make_user(Role.ADMINISTRATOR))
    return client


def page(client: Client, **asked: str) -> str:
    answer = client.get(WHERE, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def answers(client: Client) -> list[str]:
    """What the page answers, each sentence with what follows from it."""
    said = page(client).partition('<div role="status">')[2].partition("</div>")[0]
    return [words(part) for part in re.split(r"<ul[^>]*>|</li>", said) if words(part)]


def fact(client: Client, name: str) -> str:
    """What stands beside this name in one of the cards."""
    [said] = re.findall(rf"<dt>{re.escape(name)}</dt>\s*<dd>(.*?)</dd>", page(client), re.DOTALL)
    return words(said)


def settle() -> None:
    """Compute everybody and publish."""
    services.recompute_stale(now=NOW)
    assert services.refresh_summary(selectors.criteria_in_force().number, now=NOW)


def make_failing(number: int = 1) -> list[Patient]:
    patients = [make_patient(given_name="Zoe", family_name=f"Quill{made}") for made in range(number)]
    settle()
    failed = PatientOutcomeState.objects.filter(patient_id__in=[patient.pk for patient in patients])
    failed.update(failed_reason=REASON)
    return patients


class TestAnswer:
    def test_an_empty_clinic_has_everything_counted(self, director: Client) -> None:
        assert answers(director) == ["Everything is counted Nobody was treated yet."]
        assert fact(director, "Added up") == "none yet"

    def test_everything_is_counted(self, director: Client, broker: dict[str, int]) -> None:
        make_patient()
        settle()
        assert answers(director) == ["Everything is counted Figures as of 11:00, settings v1."]
        assert "every 5s" not in page(director)
        assert "htmx" not in page(director).partition("<body>")[2]

    def test_changes_are_being_worked_off(self, director: Client, broker: dict[str, int]) -> None:
        first, second = make_patient(), make_patient()
        settle()
        RecordChange.objects.all().delete()
        announce_change({first.pk})
        assert answers(director) == ["1 change is being worked off"]
        announce_change({second.pk})
        assert answers(director) == ["2 changes are being worked off"]
        services.recompute_stale(now=NOW)
        assert answers(director) == ["2 changes are being worked off"], "they are not in the figures yet"
        assert fact(director, "Patients to compute") == "0"

    def test_outcomes_without_a_change_are_computed_too(self, director: Client, broker: dict[str, int]) -> None:
        for _ in range(2):
            make_patient()
        settle()
        adopt()
        assert answers(director) == ["The outcomes of 2 patients are being worked off"]
        services.recompute_stale(now=NOW)
        assert answers(director) == [
            "The figures of settings v2 are not added up yet Until they are, those of settings v1 are shown."
        ]
        assert fact(director, "Criteria") == "settings v1, in force v2"
        assert "every 5s" in page(director)

    def test_without_a_broker_it_says_who_counts_them(self, director: Client) -> None:
        settle()
        make_patient()
        [said] = answers(director)
        assert said.startswith("1 change is not counted yet Whoever opens the outcomes has them counted")
        assert "No broker: outcomes are computed in the web process at once." in page(director)
        assert "Sweep and nightly run" not in page(director)

    @pytest.mark.parametrize(
        ("ended_at", "said"),
        [
            (NOW - timedelta(seconds=181), "The sweep has not run since 10:56: the worker or beat is away"),
            (NOW - timedelta(days=2), "The sweep has not run since 30 May 2026, 11:00: the worker or beat is away"),
            (None, "No sweep has run yet: the worker or beat is away"),
        ],
    )
    def test_the_sweep_is_away(
        self, director: Client, broker: dict[str, int], ended_at: datetime | None, said: str
    ) -> None:
        SweepState.objects.update(ended_at=ended_at)
        make_patient()
        first, second = answers(director)
        assert first.startswith(f"{said} Start both again")
        assert second == "1 change waits until then."
        assert "late" in fact(director, "Last sweep")

    def test_three_sweeps_of_time_are_given(self, director: Client, broker: dict[str, int]) -> None:
        SweepState.objects.update(ended_at=NOW - timedelta(seconds=180))
        assert answers(director)[0].startswith("Everything is counted")
        assert fact(director, "Last sweep") == "10:57 , 3 min ago"

    def test_the_broker_does_not_answer(
        self, director: Client, broker: dict[str, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workers, "waiting", lambda: None)
        SweepState.objects.update(ended_at=NOW - timedelta(hours=1))
        first, *others = answers(director)
        assert first.startswith("The broker does not answer: records are saved, outcomes follow when it is back")
        assert others == [], "that the sweep is away follows from it"
        assert "The broker does not answer." in page(director).partition('id="h-queues"')[2]

    def test_patients_who_could_not_be_computed(self, director: Client, broker: dict[str, int]) -> None:
        make_failing()
        assert answers(director)[0].startswith("1 patient could not be computed No figure counts them; who and why")
        PatientOutcomeState.objects.update(failed_reason="")
        assert answers(director)[0].startswith("Everything is counted")

    def test_an_open_run(self, director: Client, broker: dict[str, int]) -> None:
        patients = [make_patient() for _ in range(5)]
        settle()
        run = RecomputeRun.objects.create(started_at=NOW + timedelta(seconds=1), criteria_version=1, patients=5)
        assert answers(director) == [
            "Every patient is being computed anew Until it is done the figures stay those of 11:00."
        ]
        assert "Recompute of every patient: 0 %, 0 of 5, begun 11:00" in page(director)
        reached = PatientOutcomeState.objects.filter(patient__in=patients[:2])
        reached.update(computed_at=run.started_at)
        text = page(director)
        assert "Recompute of every patient: 40 %, 2 of 5, begun 11:00" in text
        assert re.search(r'<progress\s+max="5"\s+value="2"', text)
        assert "every 5s" in text

    def test_more_is_not_counted_than_a_thousand(
        self, director: Client, broker: dict[str, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(selectors, "MOST_PENDING", 3)
        settle()
        patients = [make_patient() for _ in range(4)]
        announce_change([patients[0].pk])
        assert answers(director) == ["More than 3 changes are being worked off"]
        assert fact(director, "Changes not in the figures") == "more than 3"
        assert fact(director, "Patients to compute") == "at least 4"
        services.recompute_stale(now=NOW)
        PatientOutcomeState.objects.update(failed_reason=REASON)
        assert answers(director)[0].startswith("More than 3 patients could not be computed")


class TestFacts:
    def test_the_oldest_stale_outcome(self, director: Client, administrator: Client, broker: dict[str, int]) -> None:
        settle()
        done, oldest, newer = make_patient(), make_patient(), make_patient()
        services.recompute_patients([done.pk], now=NOW)
        RecordChange.objects.filter(patient=oldest).update(changed_at=NOW - timedelta(minutes=3))
        assert fact(director, "Longest waiting") == "since 10:57 , 3 min ago Open the patient"
        assert fact(director, "Patients to compute") == "2"
        assert f'href="/patients/{oldest.public_id}/"' in page(director)
        assert f"/patients/{newer.public_id}/" not in page(director)
        assert fact(administrator, "Longest waiting") == "since 10:57 , 3 min ago"
        assert oldest.public_id not in page(administrator)

    def test_the_queues(self, director: Client, broker: dict[str, int]) -> None:
        broker.update({"changes": 7, "whole-clinic": 12})
        assert (fact(director, "changes"), fact(director, "whole-clinic")) == ("7", "12")

    @pytest.mark.parametrize(
        ("seconds", "patients", "said"),
        [
            (None, 5, "not ended yet"),
            (1, 1, "1 s for 1 patient"),
            (119, 0, "119 s for 0 patients"),
            (412, 10_000, "7 min for 10,000 patients"),
        ],
    )
    def test_the_last_nightly_run(
        self, director: Client, broker: dict[str, int], seconds: int | None, patients: int, said: str
    ) -> None:
        assert fact(director, "Last nightly run") == "none yet"
        began = datetime(2026, 6, 1, 4, 5, tzinfo=UTC)
        ended = began + timedelta(seconds=seconds) if seconds is not None else None
        for day, end in ((31, began), (1, ended)):
            RecomputeRun.objects.create(
                started_at=began,
                ended_at=end,
                criteria_version=1,
                patients=patients,
                nightly_on=date(2026, 5 + (day == 1), day),
            )
        assert fact(director, "Last nightly run") == "1 Jun 2026"
        assert fact(director, "Began") == "00:05"
        assert fact(director, "Took") == said

    def test_the_figures(self, director: Client) -> None:
        settle()
        assert fact(director, "Added up") == "11:00 , now"
        assert fact(director, "Of the day") == "1 Jun 2026"
        assert fact(director, "Being added up") == "not now"
        SummaryState.objects.update(refreshing_since=NOW - timedelta(seconds=20))
        assert fact(director, "Being added up") == "since 10:59"
        SummaryState.objects.update(refreshing_since=NOW - services.REFRESH_GIVEN_UP_AFTER)
        assert fact(director, "Being added up") == "not now", "whoever did it has died"

    def test_the_versions(self, director: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        server = {"postgresql": r"PostgreSQL \d+\.\d+", "sqlite": r"SQLite \d+\.\d+\.\d+"}[connection.vendor]
        assert re.fullmatch(server, fact(director, "Database"))
        assert fact(director, "Tables") == "all migrations applied"
        assert fact(director, "Outcome criteria") == "VA-10/33, settings v1"
        assert fact(director, "Clinical limits") == "the defaults"
        monkeypatch.setattr(database, "has_tables", lambda: False)
        assert fact(director, "Tables") == "migrations are missing: run manage.py migrate"


class TestWhoSeesWhat:
    def test_the_director_sees_who_and_why(self, director: Client) -> None:
        [patient] = make_failing()
        text = page(director)
        row = words(text.partition("<tbody>")[2].partition("</tbody>")[0])
        assert row == "Zoe Quill0 ValueError: item 14 of &lt;b&gt;Wednesday&lt;/b&gt; 11:00"
        assert f'href="/patients/{patient.public_id}/"' in text
        assert "<b>Wednesday" not in text

    def test_an_administrator_sees_how_many(self, administrator: Client) -> None:
        patients = make_failing(3)
        announce_change([patients[0].pk])
        with patch.object(Patient, "from_db", side_effect=AssertionError("a patient was loaded")):
            text = page(administrator)
        assert "3 patients could not be computed" in text
        assert "the medical director sees who and why" in text
        for hidden in ("Quill", "Zoe", "Wednesday", "ValueError", *(patient.public_id for patient in patients)):
            assert hidden not in text

    def test_names_are_a_list_that_was_seen(self, director: Client, administrator: Client) -> None:
        seen = AuditEvent.objects.filter(action="list operations")
        assert page(director)
        assert not seen.exists(), "nobody was named"
        patients = make_failing(2)
        assert page(administrator)
        assert not seen.exists()
        assert page(director)
        assert page(director)
        assert [event.detail for event in seen] == [{"patient_ids": [patient.pk for patient in patients]}]

    def test_fifty_are_shown_with_their_number(self, director: Client) -> None:
        make_failing(operations.FAILURES_SHOWN + 2)
        text = page(director)
        assert text.count('id="failed-') == operations.FAILURES_SHOWN + len(["the table"])
        assert "The latest 50 of 52." in text

    @pytest.mark.parametrize("role", [Role.INTAKE, Role.CLINICIAN])
    def test_others_do_not_get_in(self, client: Client, role: Role) -> None:
        client.force_login(make_user(role))
        assert client.get(WHERE).status_code == 403
        assert WHERE not in client.get("/").content.decode()

    def test_links_lead_there(self, director: Client, administrator: Client) -> None:
        link = f'href="{WHERE}"'
        assert director.get("/").content.decode().count(link) == 2, "in the menu, small and large"
        assert administrator.get("/").content.decode().count(link) == 3, "and on the page of the administrator"


class TestOpenPage:
    def test_it_asks_for_itself_and_is_told_only_what_changed(self, director: Client, broker: dict[str, int]) -> None:
        settle()
        patient = make_patient()
        text = page(director)
        [shown] = re.findall(rf'hx-get="{WHERE}\?shown=([0-9a-f]+)"', text)
        assert re.search(r'hx-trigger="every 5s"\s+hx-select="#operations"', text)
        same = director.get(WHERE, {"shown": shown})
        assert (same.status_code, same.content) == (204, b"")
        broker["changes"] = 1
        assert director.get(WHERE, {"shown": shown}).status_code == 200
        broker["changes"] = 0
        announce_change({patient.pk})
        assert director.get(WHERE, {"shown": shown}).status_code == 200

    @pytest.mark.parametrize("shown", ["", "x" * 5_000, "\0", "<script>alert(1)</script>"])
    def test_whatever_it_says_it_shows(self, director: Client, shown: str) -> None:
        assert "<script>alert" not in page(director, shown=shown)


class TestCost:
    @pytest.mark.parametrize("role", [Role.MEDICAL_DIRECTOR, Role.ADMINISTRATOR])
    def test_sixty_patients_cost_as_many_queries_as_five(
        self, client: Client, broker: dict[str, int], role: Role
    ) -> None:
        client.force_login(make_user(role))
        made = [self.queries_with(client, patients) for patients in (5, 55)]
        assert made[0] == made[1]

    def queries_with(self, client: Client, patients: int) -> int:
        failing = make_failing(patients)
        announce_change([patient.pk for patient in failing])
        page(client)  # the tables are looked at once per process
        with CaptureQueriesContext(connection) as made:
            page(client)
        return len(made)

    def test_without_an_open_run_nobody_counts_the_patients(
        self, director: Client, broker: dict[str, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settle()
        make_patient()
        for counted in ("some_stale", "not_reached"):
            monkeypatch.setattr(selectors, counted, lambda *_: pytest.fail("every patient was looked at"))
        assert answers(director) == ["1 change is being worked off"]


class TestRealBroker:
    @pytest.fixture
    def redis(self, settings: LazySettings) -> Iterator[OwnRedis]:
        if not shutil.which("redis-server") and os.environ.get("REQUIRE_SERVICES") != "1":
            pytest.skip("redis-server is missing")
        with own_folder() as folder, OwnRedis(folder) as server:
            settings.CELERY_BROKER_URL = server.url
            yield server

    def test_messages_are_counted(self, director: Client, redis: OwnRedis) -> None:
        redis.client().lpush("changes", "one", "two")
        assert (fact(director, "changes"), fact(director, "whole-clinic")) == ("2", "0")

    def test_a_frozen_broker_does_not_keep_the_page(self, director: Client, redis: OwnRedis) -> None:
        page(director)
        redis.freeze()
        assert seconds_until_it_does_not_answer(director) < 1
        redis.thaw()
        assert fact(director, "changes") == "0"

    def test_nor_does_one_that_is_gone(self, director: Client, settings: LazySettings) -> None:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
        page(director)
        assert seconds_until_it_does_not_answer(director) < 1


def seconds_until_it_does_not_answer(client: Client) -> float:
    began = time.perf_counter()
    assert answers(client)[0].startswith("The broker does not answer")
    return time.perf_counter() - began


def adopt() -> None:
    services.adopt_criteria(actor=None, criteria=PRESETS["Marx-15/28"], reason="Board", now=NOW)


def test_a_real_failure_is_shown_with_its_reason(director: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_patient(family_name="Quill")

    def fail(*_arguments: Any) -> None:
        raise ValueError("no day 3")

    monkeypatch.setattr(response, "evaluate", fail)
    services.recompute_stale(now=NOW)
    assert ClinicSummary.objects.count() == 0
    assert "ValueError: no day 3" in page(director)
    assert answers(director)[0].startswith("1 patient could not be computed")
