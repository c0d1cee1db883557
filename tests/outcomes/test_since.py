"""What changed since the last visit to the dashboard: whose visit, since when, and by which figures."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from builders import make_treated_patient, make_user
from django.test import Client
from django.urls import reverse

from clinic.outcomes import services
from clinic.outcomes.criteria import PRESETS
from clinic.outcomes.models import DashboardVisit
from clinic.outcomes.since import changes
from clinic.policy import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 7, 1, 9, 0, tzinfo=ZoneInfo("America/New_York"))
FIRST = "This is your first visit"
NOTHING = "No figure of this window has changed"


@pytest.fixture
def director(client: Client) -> Client:
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    return client


def shown(client: Client, at: datetime) -> str:
    with time_machine.travel(at, tick=False):
        answer = client.get(reverse("outcomes:dashboard"))
    text: str = answer.content.decode()
    start = text.index('id="since-title"')
    return " ".join(text[start : text.index("</section>", start)].split())


def test_a_first_visit_has_nothing_to_compare_with(director: Client) -> None:
    make_treated_patient()
    assert FIRST in shown(director, NOW)
    assert FIRST in shown(director, NOW + timedelta(hours=1)), "the same visit"


def test_the_next_visit_is_told_what_came_since(director: Client) -> None:
    for _ in range(6):
        make_treated_patient()
    shown(director, NOW)
    shown(director, NOW + timedelta(hours=2))
    make_treated_patient(60, 59)
    later = shown(director, NOW + timedelta(hours=11))
    assert "1 Jul 2025, 11:00" in later, "since the end of that visit, not its beginning"
    assert '<b class="tm-num">+1</b> <a href="/outcomes/patients/?of=treated&amp;window=primary">treated</a>' in later
    assert "response: 100 % → 86 %" in later
    assert later == shown(director, NOW + timedelta(hours=12)), "it stays for the length of the visit"
    assert NOTHING in shown(director, NOW + timedelta(days=2))


def test_each_user_has_visits_of_her_own(director: Client) -> None:
    make_treated_patient()
    shown(director, NOW)
    other = Client()
    other.force_login(make_user(Role.MEDICAL_DIRECTOR))
    assert FIRST in shown(other, NOW + timedelta(days=1))
    assert DashboardVisit.objects.count() == 2


def test_other_criteria_are_named_as_a_reason(director: Client) -> None:
    make_treated_patient()
    shown(director, NOW)
    at = NOW + timedelta(days=1)
    services.adopt_criteria(
        actor=make_user(Role.MEDICAL_DIRECTOR), criteria=PRESETS["Marx-15/28"], reason="Agreed", now=at
    )
    services.recompute_stale(now=at)
    assert "Settings v1 then, v2 now" in shown(director, at)


def test_rates_of_too_few_are_not_printed() -> None:
    def figures(x: int, n: int) -> dict[str, Any]:
        rate = {"x": x, "n": n, "rate": x / n, "ci95": None}
        counts = {"courses": n, "eligible": n, "evaluated": n, "missing": 0}
        reduction = {"n": n, "mean": 10.0, "ci95": None}
        return {**counts, "response": rate, "remission": rate, "worsened": rate, "reduction": reduction}

    lines = {change.words: change.by for change in changes(figures(1, 4), figures(3, 6))}
    assert lines["response: n < 5 → 50 %"] == "+2"
    assert lines["treated"] == "+2"
    assert lines["mean change in points: n < 5 → −10.0"] == ""
    assert changes(None, figures(1, 4)) == []
    assert changes(figures(3, 6), figures(3, 6)) == []
    assert changes(figures(3, 6), figures(2, 6))[0].by == "−1"
