"""The operations page in a browser: an open page follows what happens, and then leaves the server alone."""

from typing import Any

import pytest
from builders import NOW, make_treated_patient
from django.conf import LazySettings
from django.utils import timezone
from playwright.sync_api import expect

from clinic.outcomes import background, workers
from clinic.outcomes.models import SweepState
from clinic.outcomes.selectors import criteria_in_force
from clinic.outcomes.services import recompute_stale, refresh_summary
from clinic.policy import Role


def test_an_open_page_follows_until_everything_is_counted(
    open_as: Any, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_BROKER_URL = "redis://nowhere"
    monkeypatch.setattr(background, "hand_over", lambda *_arguments, **_options: True)
    monkeypatch.setattr(workers, "waiting", lambda: {"changes": 0, "whole-clinic": 0})
    SweepState.objects.create(ended_at=timezone.now())
    make_treated_patient()
    page = open_as(Role.MEDICAL_DIRECTOR, "/operations/")
    answer = page.locator("#operations [role=status]")
    expect(answer).to_contain_text("3 changes are being worked off")
    page.locator("#oldest").focus()
    make_treated_patient()
    expect(answer).to_contain_text("6 changes are being worked off", timeout=15_000)
    assert page.evaluate("document.activeElement.id") == "oldest", "the reader keeps her place"
    recompute_stale(now=NOW)
    refresh_summary(criteria_in_force().number, now=NOW)
    expect(answer).to_contain_text("Everything is counted", timeout=15_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(5_500)
    assert not asked
