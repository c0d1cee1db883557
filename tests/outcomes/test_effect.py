"""What other criteria would change, shown before they are adopted: the same figures as the report's, and nothing stored."""

import json
from io import StringIO
from typing import Any

import pytest
from builders import make_treated_patient, make_user
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from clinic.outcomes.criteria import PRESETS, Criteria
from clinic.outcomes.definitions import values_of
from clinic.outcomes.effect import effect
from clinic.outcomes.models import CriteriaVersion
from clinic.policy import Role

pytestmark = pytest.mark.django_db
WHERE = "/outcomes/criteria/"
IN_FORCE = Criteria()


@pytest.fixture
def director(client: Client) -> Client:
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    return client


@pytest.fixture
def clinic() -> None:
    """Twelve patients from 54 points: of 10 to 43 points better, four by less than 15."""
    for number in range(12):
        make_treated_patient(54, 44 - 3 * number)


def typed(preset: str, **changed: Any) -> dict[str, str]:
    values = {**values_of(IN_FORCE), "preset": preset, "version": 1, "reason": "", **changed}
    sent = {name: value for name, value in values.items() if value is not None and value is not False}
    return {name: "on" if value is True else str(value) for name, value in sent.items()}


def report(*options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("outcomes_report", "--format", "json", "--window", "last", *options, stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def test_it_is_what_the_report_says_under_both(clinic: None) -> None:
    [last] = (row for row in effect(IN_FORCE, PRESETS["Marx-15/28"], timezone.localdate()).rows if row.label == "Last")
    now, then = report(), report("--preset", "Marx-15/28")
    for name in ("response", "remission", "worsened"):
        assert (last.now[name]["x"].exact, last.then[name]["x"].exact) == (str(now[name]["x"]), str(then[name]["x"]))
        assert last.then[name]["rate"].exact == repr(then[name]["rate"])
    assert last.changed == {"response", "remission"}


def test_it_is_said_in_a_sentence(director: Client, clinic: None) -> None:
    text = director.post(WHERE, {**typed("Marx-15/28"), "effect": "show"}).content.decode()
    assert "Marx-15/28 on Last: response 12 → 10, remission 8 → 6 of 12 evaluated." in " ".join(text.split())
    assert "12 of 12, 100 % → <strong>10 of 12, 83 %</strong>" in text
    assert CriteriaVersion.objects.count() == 1
    assert 'value="Marx-15/28" checked' in " ".join(text.split()) or "checked" in text


def test_the_same_criteria_change_nothing(clinic: None) -> None:
    same = effect(IN_FORCE, PRESETS["NYS-12/33"], timezone.localdate())
    assert same.words.startswith("NYS-12/33 on Last: response 12 → 11")
    assert effect(IN_FORCE, IN_FORCE, timezone.localdate()).words == "VA-10/33: no figure of any window would change."


def test_another_denominator_is_said(clinic: None) -> None:
    make_treated_patient(36, 20)
    higher = effect(IN_FORCE, Criteria(preset="own", eligibility_cut=40), timezone.localdate())
    assert "of 13 → 12 evaluated" in higher.words


def test_an_empty_clinic_has_no_figure_to_change() -> None:
    shown = effect(IN_FORCE, PRESETS["Marx-15/28"], timezone.localdate())
    assert "no figure of any window would change" in shown.words
    assert {cell[0] for row in shown.rows for cell in row.cells} == {"0", "0 of 0, —"}


def test_what_is_wrong_is_said_beside_the_field(director: Client) -> None:
    answer = director.post(WHERE, {**typed("own values", response_points="0"), "effect": "show"})
    assert answer.status_code == 422
    assert "What these criteria would change" not in answer.content.decode()


def test_adopting_still_asks_for_the_reason(director: Client, clinic: None) -> None:
    shown = director.post(WHERE, {**typed("Marx-15/28"), "effect": "show"})
    assert shown.status_code == 200
    assert "Say why the criteria change" not in shown.content.decode()
    refused = director.post(WHERE, typed("Marx-15/28"))
    assert refused.status_code == 422
    assert "Say why the criteria change" in refused.content.decode()
