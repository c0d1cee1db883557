"""The record of an infusion, and what is added to it: vital signs, adverse events, integration notes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from bad_input import bad_values, odd_text
from builders import local, make_course, make_infusion, make_patient, make_user
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from clinic.policy import Role
from infusions import services
from infusions.models import AdverseEvent, Infusion, IntegrationNote, SessionEntry, VitalSigns

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 20, 0, tzinfo=UTC)  # 16:00 in the clinic
TODAY = date(2026, 6, 1)
START = local(TODAY, 14)
KINDS: dict[str, type[SessionEntry]] = {
    "vitals_new": VitalSigns,
    "event_new": AdverseEvent,
    "note_new": IntegrationNote,
}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.force_login(make_user(Role.CLINICIAN))
    return client


@pytest.fixture
def infusion() -> Infusion:
    return make_infusion(
        make_course(make_patient()),
        TODAY,
        started_at=START,
        minutes=Decimal(40),
        weight_kg=Decimal("82.4"),
        dose_mg_per_kg=Decimal("0.8"),
        dose_mg_ordered=Decimal("65.9"),
        dose_mg_given=Decimal("36.2"),
    )


def address(name: str, infusion: Infusion) -> str:
    return reverse(f"infusions:{name}", args=[infusion.course.patient.public_id, infusion.public_id])


def sent(name: str, **fields: Any) -> dict[str, Any]:
    usual = {
        "vitals_new": {
            "taken_at": "2026-06-01T14:10",
            "systolic_mmhg": "146",
            "diastolic_mmhg": "90",
            "on_room_air": "yes",
        },
        "event_new": {
            "term": "Nausea",
            "started_at": "2026-06-01T14:16",
            "ctcae_grade": "1",
            "relatedness": "probable",
            "expected": "yes",
            "action_taken": "none",
        },
        "note_new": {"text": "Felt held."},
    }
    return {"idempotency_key": str(uuid4()), **usual[name], **fields}


def add(client: Client, name: str, infusion: Infusion, **fields: Any) -> Any:
    return client.post(address(name, infusion), sent(name, **fields))


def take(infusion: Infusion, minutes: int, **values: int) -> None:
    VitalSigns.objects.create(infusion=infusion, taken_at=START + timedelta(minutes=minutes), **values)


class TestRecord:
    def page(self, client: Client, infusion: Infusion) -> str:
        answer = client.get(address("infusion", infusion))
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    def test_it_shows_the_dose_with_its_arithmetic(self, signed_in: Client, infusion: Infusion) -> None:
        text = self.page(signed_in, infusion)
        for shown in (
            "Infusion 1 of 6, 1 Jun 2026",
            "14:00 to 14:40",
            "0.8 mg/kg × 82.4 kg",
            "65.9 mg",
            "36.2 of 65.9 mg",
            "55 %",
            "36.2 mg ÷ 82.4 kg",
            "0.44 mg/kg",
            "0.905 mg/min",
        ):
            assert shown in text

    def test_each_set_is_judged_in_its_phase(self, signed_in: Client, infusion: Infusion) -> None:
        take(infusion, -10, systolic_mmhg=142, diastolic_mmhg=80)
        take(infusion, 10, systolic_mmhg=182, diastolic_mmhg=105)
        take(infusion, 15, systolic_mmhg=181, diastolic_mmhg=104)
        take(infusion, 55, systolic_mmhg=130, diastolic_mmhg=78, spo2_percent=97)
        answer = signed_in.get(address("infusion", infusion))
        sets = answer.context["sets"]
        assert [one.phase for one in sets] == ["Before", "During", "During", "After"]
        assert [{found.look for found in one.findings} for one in sets] == [
            {"warn"},
            {"warn"},
            {"act", "warn"},
            set(),
        ]
        text = answer.content.decode()
        assert "Action line crossed at 14:15" in text
        assert "Repeat it in 5 minutes." in text
        assert address("event_new", infusion) in text

    def test_a_grave_event_asks_for_the_director(self, signed_in: Client, infusion: Infusion) -> None:
        assert "Tell the medical director" not in self.page(signed_in, infusion)
        AdverseEvent.objects.create(infusion=infusion, term="Syncope", started_at=START, ctcae_grade=3)
        assert "Tell the medical director" in self.page(signed_in, infusion)

    def test_what_was_voided_is_not_shown_as_recorded(self, signed_in: Client, infusion: Infusion) -> None:
        note = IntegrationNote.objects.create(infusion=infusion, text="Of somebody else")
        note.voided_at, note.void_reason = NOW, "Wrong chart"
        note.save()
        assert "Of somebody else" not in self.page(signed_in, infusion)

    def test_an_overridden_limit_stands_with_its_reason_and_name(self, signed_in: Client, infusion: Infusion) -> None:
        user = make_user(Role.CLINICIAN)
        given = services.record_infusion(
            actor=user,
            course=infusion.course,
            now=NOW,
            started_at=local(date(2026, 5, 20)),
            weight_kg=Decimal(80),
            dose_mg_per_kg=Decimal("1.6"),
            dose_mg_given=Decimal(128),
            override_reason="No response at 1.2",
        )
        text = self.page(signed_in, given)
        assert "Limits overridden, because" in text
        assert "No response at 1.2" in text
        assert "above the limit of 1.5 mg/kg" in text
        assert f"{user}, 1 Jun 2026, 16:00" in text

    def test_a_planned_infusion_offers_what_comes_next(self, signed_in: Client, infusion: Infusion) -> None:
        planned = services.plan_infusion(actor=None, course=infusion.course, planned_for=local(TODAY, 15))
        text = self.page(signed_in, planned)
        assert "planned for 1 Jun 2026" in text
        assert address("infusion_status", planned) in text
        assert "Infusion 2 of" not in text, "it is not given"


class TestAdding:
    @pytest.mark.parametrize("name", KINDS)
    def test_it_is_saved_once_with_its_author(self, signed_in: Client, infusion: Infusion, name: str) -> None:
        data = sent(name)
        first, second = (signed_in.post(address(name, infusion), data) for _ in range(2))
        assert first.status_code == second.status_code == 303
        assert first.headers["Location"] == f"{address('infusion', infusion)}#{name.removesuffix('_new')}"
        entry = KINDS[name].objects.get()
        assert entry.infusion == infusion
        assert entry.entered_by.may("infusion.record")
        assert signed_in.get(address("infusion", infusion)).status_code == 200

    def test_a_temperature_is_listed_to_a_tenth(self, signed_in: Client, infusion: Infusion) -> None:
        add(signed_in, "vitals_new", infusion, temperature_celsius="37")
        assert "37.0</td>" in signed_in.get(address("infusion", infusion)).content.decode()

    def test_the_time_is_now_while_the_session_goes_on(self, signed_in: Client, infusion: Infusion) -> None:
        assert 'value="2026-06-01T16:00"' in signed_in.get(address("vitals_new", infusion)).content.decode()
        Infusion.objects.filter(pk=infusion.pk).update(started_at=START - timedelta(days=2))
        assert 'value="2026-06' not in signed_in.get(address("vitals_new", infusion)).content.decode()

    @pytest.mark.parametrize(
        ("name", "fields", "message"),
        [
            ("vitals_new", {"systolic_mmhg": "80"}, "must be above diastolic 90"),
            ("vitals_new", {"systolic_mmhg": "", "diastolic_mmhg": ""}, "Enter at least one value"),
            ("vitals_new", {"systolic_mmhg": "301"}, "Enter 40 to 300 mmHg."),
            ("vitals_new", {"rass": "-6"}, "Enter −5 to 4."),
            ("vitals_new", {"spo2_percent": "49"}, "Enter 50 to 100 %."),
            *(
                ("vitals_new", {"temperature_celsius": raw}, "Enter 30 to 43 °C, for example 36.8.")
                for raw in ("29.9", "43.1", "368")
            ),
            ("vitals_new", {"taken_at": "2026-06-01T16:01"}, "in the future"),
            ("vitals_new", {"taken_at": "2026-05-30T14:00"}, "more than a day from the start"),
            ("event_new", {"started_at": "2026-06-01T16:01"}, "in the future"),
            ("event_new", {"started_at": "2026-05-30T14:00"}, "more than a day before"),
            ("event_new", {"ended_at": "2026-06-01T14:15"}, "ended before it began"),
            ("event_new", {"ended_at": "2026-06-01T17:00"}, "in the future"),
            ("event_new", {"term": " "}, "Say what happened"),
            ("event_new", {"ctcae_grade": ""}, "Choose one of the list."),
            ("note_new", {"text": " \n "}, "Write the note"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, signed_in: Client, infusion: Infusion, name: str, fields: dict[str, str], message: str
    ) -> None:
        answer = add(signed_in, name, infusion, **fields)
        assert (answer.status_code, KINDS[name].objects.exists()) == (422, False)
        assert message in answer.content.decode()

    @pytest.mark.parametrize(
        ("name", "field", "kind"),
        [
            ("vitals_new", "taken_at", "moment"),
            *(("vitals_new", field, "whole number") for field in ("diastolic_mmhg", "spo2_percent", "moaa_s", "rass")),
            ("vitals_new", "temperature_celsius", "amount"),
            ("vitals_new", "on_room_air", "choice"),
            ("event_new", "started_at", "moment"),
            ("event_new", "ended_at", "moment"),
            ("event_new", "term", "text"),
            ("event_new", "outcome", "text"),
            *(("event_new", field, "choice") for field in ("ctcae_grade", "relatedness", "expected", "action_taken")),
            ("note_new", "text", "note"),
        ],
    )
    def test_bad_input_is_refused_beside_its_field(
        self, signed_in: Client, infusion: Infusion, name: str, field: str, kind: str
    ) -> None:
        for what, typed in bad_values(kind):
            if field == "ctcae_grade" and typed == "":
                continue
            answer = add(signed_in, name, infusion, **{field: typed})
            text = answer.content.decode()
            assert answer.status_code == 422, what
            assert f'id="id_{field}_error"' in text or f'id="error_1_id_{field}"' in text, what
            if kind != "choice":
                assert escape(typed[:200]) in text, what
        assert not KINDS[name].objects.exists()

    @pytest.mark.parametrize(("what", "typed"), odd_text(), ids=[what for what, _ in odd_text()])
    def test_odd_text_is_kept_and_inert(self, signed_in: Client, infusion: Infusion, what: str, typed: str) -> None:
        add(signed_in, "event_new", infusion, term=typed, outcome=typed)
        add(signed_in, "note_new", infusion, text=typed)
        page = signed_in.get(address("infusion", infusion)).content.decode()
        assert page.count(escape(typed)) >= 3
        if "<" in typed:
            assert typed not in page

    @pytest.mark.parametrize("role", [Role.INTAKE, Role.ADMINISTRATOR])
    @pytest.mark.parametrize("name", KINDS)
    def test_others_find_nothing(self, client: Client, infusion: Infusion, name: str, role: Role) -> None:
        client.force_login(make_user(role))
        assert client.get(address(name, infusion)).status_code == 404
        assert add(client, name, infusion).status_code == 404
        assert not KINDS[name].objects.exists()

    @pytest.mark.parametrize("name", KINDS)
    def test_it_belongs_to_this_patient_and_a_voided_infusion_takes_nothing(
        self, signed_in: Client, infusion: Infusion, name: str
    ) -> None:
        elsewhere = reverse(f"infusions:{name}", args=[make_patient().public_id, infusion.public_id])
        assert signed_in.post(elsewhere, sent(name)).status_code == 404
        services.void_infusion(actor=None, infusion=infusion, reason="Twice", now=NOW)
        answer = add(signed_in, name, infusion)
        assert answer.headers["Location"] == address("infusion", infusion)
        assert not KINDS[name].objects.exists()
