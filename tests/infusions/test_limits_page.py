"""The clinic's limits: shown, changed with a reason, kept as versions, and obeyed by every check."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from bad_input import bad_values
from builders import NOW, local, make_course, make_patient, make_user
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from clinic.audit.models import AuditEvent
from clinic.policy import Role
from clinic.versions import StaleEditError
from infusions.forms.limits import NAMES, LimitsForm, named
from infusions.limits import Limits
from infusions.models import LimitsVersion
from infusions.selectors import latest_limits, limits_in_force
from infusions.services import adopt_limits, record_infusion

pytestmark = pytest.mark.django_db
WHERE = "/settings/limits/"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def director(client: Client) -> Client:
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    return client


def typed(**fields: Any) -> dict[str, Any]:
    values = {name: str(value) for name, value in Limits().as_dict().items()}
    return {**values, "version": "0", "reason": "Our own experience", **fields}


def adopt(limits: Limits, seen: int = 0, reason: str = "Why") -> LimitsVersion:
    return adopt_limits(actor=None, limits=limits, version_seen=seen, reason=reason, now=NOW)


LOWER = replace(Limits(), warn_dose_above_mg_per_kg=Decimal("1.0"))


class TestService:
    def test_the_defaults_are_in_force_until_others_are_adopted(self) -> None:
        assert limits_in_force() == Limits()
        version = adopt(LOWER, reason=" Caution ")
        assert limits_in_force() == LOWER
        assert (version.number, version.reason, version.limits()) == (1, "Caution", LOWER)
        assert version.changed == {"warn_dose_above_mg_per_kg": ["1.2", "1.0"]}
        detail = AuditEvent.objects.get(action="adopt limits").detail
        assert detail == {"number": 1, "reason": "Caution", "changes": version.changed}

    def test_somebody_else_was_first(self) -> None:
        adopt(LOWER)
        with pytest.raises(StaleEditError) as stale:
            adopt(replace(Limits(), warn_total_above_mg=100))
        assert stale.value.current == latest_limits()
        assert LimitsVersion.objects.count() == 1

    def test_of_two_at_the_same_moment_one_is_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        adopt(LOWER)
        before = LimitsVersion(number=0, values=Limits().as_dict())
        read = iter([before, latest_limits()])
        monkeypatch.setattr("infusions.services.limits.latest_limits", lambda: next(read))
        with pytest.raises(StaleEditError) as stale:
            adopt(replace(Limits(), warn_total_above_mg=100))
        assert stale.value.current.version == 1

    @pytest.mark.parametrize(
        ("limits", "reason", "message"),
        [
            (LOWER, " ", "Say why"),
            (Limits(), "Why", "in force already"),
            (replace(Limits(), warn_dose_above_mg_per_kg=Decimal(3)), "Why", "do not fall"),
        ],
    )
    def test_what_cannot_be_adopted(self, limits: Limits, reason: str, message: str) -> None:
        with pytest.raises(ValidationError, match=message):
            adopt(limits, reason=reason)
        assert not LimitsVersion.objects.exists()

    def test_a_number_is_taken_once(self) -> None:
        adopt(LOWER)
        with pytest.raises(IntegrityError), transaction.atomic():
            LimitsVersion.objects.create(number=1, values={}, changed={}, reason="Why", adopted_at=NOW)

    def test_checks_obey_the_limits_in_force(self) -> None:
        course = make_course(make_patient())
        order = {"weight_kg": Decimal(80), "dose_mg_per_kg": Decimal("1.1"), "dose_mg_given": Decimal(88)}
        adopt(replace(LOWER, override_dose_above_mg_per_kg=Decimal("1.05")))
        with pytest.raises(ValidationError, match=r"limit of 1\.05"):
            record_infusion(actor=None, course=course, now=NOW, started_at=local(date(2025, 3, 3)), **order)


class TestPage:
    def test_every_limit_stands_there_once_with_words_unit_and_default(self, director: Client) -> None:
        form = LimitsForm(in_force=latest_limits())
        shown = [limit.name for _heading, limits in form.groups() for limit, _field, _differs in limits]
        assert shown == list(NAMES)
        words = {(limit.words, limit.level, limit.unit) for limit in map(named, NAMES)}
        assert len(words) == len(NAMES), "no two limits read the same"
        page = director.get(WHERE)
        text = page.content.decode()
        assert page.status_code == 200
        assert reverse("infusions:limits") == WHERE
        assert "The defaults are in force" in text
        assert "25 to 350 kg" in text, "what is fixed in code is shown too"
        assert text.count('class="tm-limit"') == len(NAMES)

    def test_a_change_is_a_version_with_who_when_and_why(self, director: Client) -> None:
        assert director.post(WHERE, typed(warn_dose_above_mg_per_kg="1.0")).status_code == 303
        assert limits_in_force() == LOWER
        text = " ".join(director.get(WHERE).content.decode().split())
        for shown in ("Version 1 is in force since", "Our own experience", "Dose above (warn): 1.2 → <b>1.0</b> mg/kg"):
            assert shown in text
        assert "tm-limit__default--other" in text

    def test_a_double_click_is_one_version(self, director: Client) -> None:
        data = typed(warn_dose_above_mg_per_kg="1.0")
        assert director.post(WHERE, data).status_code == 303
        assert director.post(WHERE, data).status_code == 409
        assert LimitsVersion.objects.count() == 1

    def test_two_directors_see_both_texts(self, director: Client) -> None:
        adopt(LOWER)
        stale = director.post(WHERE, typed(warn_dose_above_mg_per_kg="0.9"))
        text = stale.content.decode()
        assert (stale.status_code, limits_in_force()) == (409, LOWER)
        assert "Dose above (warn)" in text
        assert "0.9" in text
        assert "1.0" in text
        assert 'name="version" value="1"' in text
        assert director.post(WHERE, typed(warn_dose_above_mg_per_kg="0.9", version="1")).status_code == 303

    def test_what_does_not_fit_together_is_said_beside_each_limit_in_words(self, director: Client) -> None:
        answer = director.post(WHERE, typed(warn_dose_above_mg_per_kg="1.8"))
        errors = answer.context["form"].errors
        assert answer.status_code == 422
        assert set(errors) == {
            "warn_dose_above_mg_per_kg",
            "override_dose_above_mg_per_kg",
            "cap_dose_above_mg_per_kg",
        }
        assert "Dose above (warn) 1.8, Dose above (override) 1.5" in errors["warn_dose_above_mg_per_kg"][0]
        assert not [name for name in NAMES if name in errors["warn_dose_above_mg_per_kg"][0]]
        assert 'id="id_warn_dose_above_mg_per_kg_error"' in answer.content.decode()
        assert not LimitsVersion.objects.exists()

    @pytest.mark.parametrize(("fields", "said"), [({}, "in force already"), ({"reason": " "}, "Say why")])
    def test_a_change_says_what_and_why(self, director: Client, fields: dict[str, str], said: str) -> None:
        answer = director.post(WHERE, typed(**fields))
        assert (answer.status_code, said in answer.content.decode()) == (422, True)

    def test_bad_input_is_refused_beside_its_field(self, director: Client) -> None:
        names = ("warn_weight_below_kg", "warn_rass_at_most", "override_rate_above_mg_per_kg_per_min")
        for what, value in [("blank", ""), *bad_values("amount")]:
            given = value[:1000]
            answer = director.post(WHERE, typed(**dict.fromkeys(names, given)))
            text = answer.content.decode()
            assert answer.status_code == 422, what
            for name in names[: 1 if what == "below zero" else 3]:  # RASS goes below zero
                assert f'id="id_{name}_error"' in text, (what, name)
            assert text.count(escape(given)) >= len(names)
        for what, value in bad_values("note"):
            assert director.post(WHERE, typed(reason=value, warn_total_above_mg="99")).status_code == 422, what
        for version in ("", "x", "-1", "9" * 30, "\x00"):
            answer = director.post(WHERE, typed(version=version, warn_total_above_mg="99"))
            assert answer.status_code in {409, 422}
        assert not LimitsVersion.objects.exists()

    @pytest.mark.parametrize("role", [Role.INTAKE, Role.CLINICIAN, Role.ADMINISTRATOR])
    def test_only_the_medical_director(self, client: Client, role: Role) -> None:
        client.force_login(make_user(role))
        assert client.get(WHERE).status_code == 403
        assert client.post(WHERE, typed(warn_total_above_mg="99")).status_code == 403
        assert not LimitsVersion.objects.exists()

    def test_the_history_is_read_at_once(self, director: Client) -> None:
        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                director.get(WHERE)
            return len(queries)

        user = make_user(Role.MEDICAL_DIRECTOR)
        for number in range(5):
            limits = replace(Limits(), warn_total_above_mg=100 + number)
            adopt_limits(actor=user, limits=limits, version_seen=number, reason="Why", now=NOW)
        few = asked()
        for number in range(5, 60):
            limits = replace(Limits(), warn_total_above_mg=100 + number)
            adopt_limits(actor=user, limits=limits, version_seen=number, reason="Why", now=NOW)
        assert asked() == few
