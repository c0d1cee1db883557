"""Lots: what was drawn from each and wasted, which sessions do not reconcile, and who received from one."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from builders import make_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from recorded import named_chair

from clinic.audit.models import AuditEvent
from clinic.policy import Role
from clinic.room.lots.csv_of_lot import HEAD
from clinic.room.lots.names import lot_of, name_of
from clinic.room.lots.uses import Verdict, lot_keys, lots
from infusions import services
from infusions.models import SessionEvent, StockEntry
from infusions.services import room
from infusions.session.log import Kind

pytestmark = pytest.mark.django_db


def clinician():
    client = Client()
    client.force_login(make_user(Role.CLINICIAN))
    return client


def session_from(*drawn, wasted="", gives=True):
    """A session that draws mL from lots, gives 65.9 mg and wastes mg of the last lot."""
    chair = named_chair()
    chair.prepare()
    for lot, ml in drawn:
        chair.enter(Kind.DRAWN, lot=lot, vial_mg_per_ml=Decimal(50), ml=Decimal(ml))
    if gives:
        chair.enter(Kind.STARTED)
        chair.enter(Kind.STOPPED, after=40, early=False)
    if wasted:
        said = {"unit": "mg", "amount": Decimal(wasted), "method": "sink", "reason": "Left over"}
        chair.enter(Kind.WASTED, second=chair.colleague, **said)
    return chair


def take_back(chair, entry):
    """What a correction writes: the same line with a negative amount, at the same moment."""
    event = SessionEvent.objects.create(
        infusion=chair.infusion, kind=Kind.STRUCK, at=chair.now, recorded_at=chair.now, by=chair.actor,
        by_name=str(chair.actor), key=uuid4(), data={"of": entry.event_id, "reason": "Typed wrongly"},
    )  # fmt: skip
    copied = ("infusion", "kind", "at", "lot", "lot_key", "vial_mg_per_ml", "by")
    StockEntry.objects.create(event=event, mg=-entry.mg, **{name: getattr(entry, name) for name in copied})


def of(lot):
    return lots([lot.casefold()])[0]


def test_sums_of_a_lot_over_its_sessions_in_any_spelling():
    session_from(("K7/b", "1.5"), wasted="9.1")
    session_from(("K7/B", "1.5"))
    (lot,) = lots(lot_keys())
    assert (lot.words, len(lot.uses), lot.patients) == ("K7/B", 2, 2)
    assert (lot.drawn_mg, lot.wasted_mg) == (Decimal(150), Decimal("9.1"))
    assert [use.verdict for use in lot.uses] == [Verdict.DIFFERS, Verdict.AGREES]
    assert lot.differing == 1
    assert lot.uses[1].witnesses == ("Kofi Mensah",)
    assert lot.first_at <= lot.last_at


def test_a_session_of_two_lots_is_judged_as_a_whole():
    session_from(("K7", "1"), ("L8", "0.5"), wasted="9.1")
    first, second = of("K7"), of("L8")
    assert (first.drawn_mg, first.wasted_mg, second.drawn_mg, second.wasted_mg) == (50, 0, 25, Decimal("9.1"))
    assert (first.uses[0].other_lots, second.uses[0].other_lots) == (("L8",), ("K7",))
    assert first.uses[0].verdict is second.uses[0].verdict is Verdict.AGREES
    assert first.uses[0].given_mg == Decimal("65.9")


def test_what_was_taken_back_counts_nowhere():
    chair = session_from(("K7", "1"), ("L8", "1.32"))
    take_back(chair, StockEntry.objects.get(lot="K7"))
    gone = of("K7")
    assert (gone.uses, gone.drawn_mg, gone.first_at, gone.last_at) == ((), 0, None, None)
    (use,) = of("L8").uses
    assert (use.other_lots, use.verdict) == ((), Verdict.AGREES)
    client = clinician()
    assert "Taken back by a correction" in client.get(reverse("lots:lots")).content.decode()
    assert "Nobody received from this lot" in client.get(reverse("lots:lot", args=[gone.name])).content.decode()


def test_one_of_two_like_lines_taken_back_leaves_the_other():
    chair = session_from(("K7", "1.32"), ("K7", "1.32"))
    take_back(chair, StockEntry.objects.order_by("id")[0])
    (use,) = of("K7").uses
    assert (use.drawn_mg, use.verdict) == (Decimal(66), Verdict.AGREES)


def test_of_two_like_lines_the_one_that_was_struck_is_out():
    chair = session_from(("K7", "1.6"))
    said = {"unit": "mg", "amount": Decimal("7.05"), "method": "sink", "reason": "Left over"}
    third = make_user(Role.CLINICIAN)
    third.full_name = "Ada Osei"
    third.save()
    first, _ = (chair.enter(Kind.WASTED, second=witness, **said) for witness in (third, chair.colleague))
    chair.enter(Kind.STRUCK, of=first.pk, reason="She was not there")
    assert of("K7").uses[0].witnesses == ("Kofi Mensah",)


def test_a_line_that_got_another_time_stands_there():
    chair = session_from(("K7", "1.5"))
    drawn = StockEntry.objects.get()
    earlier = drawn.at + timedelta(minutes=-3)
    chair.now += timedelta(minutes=1)
    stamp = room.Stamp(chair.actor, uuid4(), chair.now)
    room.enter(chair.infusion, Kind.RETIMED, stamp, at=earlier, values={"of": drawn.event_id, "reason": "Clock"})
    lot = of("K7")
    assert (lot.uses[0].at, lot.first_at) == (earlier, earlier)
    assert StockEntry.objects.get().at == drawn.at, "the line itself is never changed"


def test_the_csv_says_which_session_was_voided():
    chair = session_from(("K7", "1.5"), wasted="9.1")
    services.void_infusion(actor=chair.actor, infusion=chair.row, reason="Twice", now=chair.now)
    response = clinician().get(reverse("lots:lot_csv", args=[name_of("k7")]))
    _, row = csv.reader(io.StringIO(response.content.decode()))
    assert row[-1] == "Reconciles, voided"


def test_a_session_whose_pump_was_not_stopped_is_open():
    session_from(("K7", "1.5"), gives=False)
    (use,) = of("K7").uses
    assert (use.verdict, use.given_mg) == (Verdict.OPEN, None)


def test_drug_drawn_for_a_session_that_was_called_off_must_be_wasted():
    chair = session_from(("K7", "1.5"), gives=False)
    chair.enter(Kind.CALLED_OFF, status="cancelled", reason="Fever")
    assert of("K7").uses[0].verdict is Verdict.DIFFERS
    said = {"unit": "mg", "amount": Decimal(75), "method": "sink", "reason": "Not given"}
    chair.enter(Kind.WASTED, second=chair.colleague, **said)
    assert of("K7").uses[0].verdict is Verdict.AGREES


def test_an_address_says_nothing_of_its_lot(settings):
    settings.SECRET_KEY = "under another key the name may by chance hold two signs of the lot"
    session_from(("K7 41/B", "1.5"))
    name = name_of("k7 41/b")
    assert lot_of(name) == "k7 41/b"
    assert lot_of("A" * 22) is None
    page = clinician().get(reverse("lots:lots")).content.decode()
    assert f'href="/infusions/lots/{name}/"' in page
    assert "41" not in name
    assert clinician().get(reverse("lots:lot", args=["A" * 22])).status_code == 404


def test_the_page_of_a_lot_names_and_notes_its_patients():
    chair = session_from(("K7", "1.5"), wasted="9.1")
    page = clinician().get(reverse("lots:lot", args=[name_of("k7")])).content.decode()
    record = reverse("session_record:record", args=[chair.patient.public_id, chair.infusion.public_id])
    assert f'href="{record}"' in page
    for said in (chair.patient.mrn, "65.9", "9.1", "Kofi Mensah", "Reconciles"):
        assert said in page
    event = AuditEvent.objects.get(action="list patients of a lot")
    assert event.detail == {"patient_ids": [chair.patient.pk]}


def test_the_csv_is_inert_and_noted():
    chair = session_from(("=K7", "1.5"), wasted="9.1")
    response = clinician().get(reverse("lots:lot_csv", args=[name_of("=k7")]))
    head, row = csv.reader(io.StringIO(response.content.decode()))
    assert tuple(head) == HEAD
    assert row[0] == "'=K7"
    assert row[2:6] == [chair.patient.mrn, "Ellwick", "Maren", "1984-08-03"]
    assert [Decimal(cell) for cell in row[6:9]] == [Decimal(75), Decimal("65.9"), Decimal("9.1")]
    assert row[9:] == ["Kofi Mensah", "", "Reconciles"]
    assert response["Content-Disposition"] == 'attachment; filename="lot.csv"'
    assert AuditEvent.objects.get(action="export patients of a lot").detail == {"patient_ids": [chair.patient.pk]}


def test_lots_stand_beside_the_lists_of_infusions_for_whoever_records():
    client = clinician()
    assert reverse("lots:lots") in client.get(reverse("pages:infusions")).content.decode()
    intake = Client()
    intake.force_login(make_user(Role.INTAKE))
    assert reverse("lots:lots") not in intake.get(reverse("pages:infusions")).content.decode()


def test_many_sessions_cost_no_more_queries_than_one():
    client, counts = clinician(), []
    for _ in range(2):
        session_from(("K7", "1.5"), ("L8", "0.1"), wasted="9.1")
        asked = []
        for address in (reverse("lots:lots"), reverse("lots:lot", args=[name_of("k7")])):
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            asked.append(len(queries))
        counts.append(asked)
    assert counts[0] == counts[1]
