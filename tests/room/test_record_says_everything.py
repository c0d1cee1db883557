"""Whatever was entered in a session stands in its record: on the page, in print and in the PDF."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from every_entry import TYPED, Typist, called_off, taken_back, whole
from pypdf import PdfReader
from recorded import session, squeezed

from clinic.room.record.content import RecordContent, Section
from clinic.room.record.making import record_now
from infusions.forms.room import FORMS
from infusions.session.checklist import ITEMS
from infusions.session.fields import FIELDS
from infusions.session.log import Entry, Kind, Session
from infusions.session.scales import ALDRETE, DISCHARGE_ITEMS

pytestmark = pytest.mark.django_db

#: Sessions that have every kind of entry between them.
SESSIONS = {"whole": whole, "called off": called_off, "taken back": taken_back}
#: Choices, each with another one of its list.
OTHER = {
    "yes": "no",
    "no": "yes",
    "negative": "positive",
    "fatty": "light",
    "bag_ml": "mg",
    "slowed": "none",
    "probable": "unlikely",
    "no_show": "cancelled",
    "responsible": "reviewed",
    "reviewed": "responsible",
    "act": "warn",
    "notify": "warn",
    "warn": "act",
}
#: What an entry keeps and nobody entered: numbers of rows, versions, names of limits, and what follows from the rest.
NOT_ENTERED = {"limits_version", "limit", "field", "user", "witness_id", "drug_ml", "about", "repeat_in_minutes"}
#: Told by another entry: the vial of a lot by what was drawn from it, and the bag of a start that was struck by its fields.
BY_ANOTHER = {Kind.WASTED: {"vial_mg_per_ml"}}
BY_ANOTHER_IF_STRUCK = {Kind.STARTED: {"vial_mg_per_ml", "bag_ml", "drug_replaces"}}


@pytest.fixture(autouse=True)
def _new_york() -> Iterator[None]:
    with timezone.override("America/New_York"):
        yield


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every single value of an entry, with where it stands."""
    if isinstance(data, dict | list):
        for place, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*path, place))
    else:
        yield path, data


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The data of an entry with another value at one place."""
    if not path:
        return value
    copied = data.copy()
    copied[path[0]] = changed(data[path[0]], path[1:], value)
    return copied


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 if value < 5 else value - 1
    if value in OTHER:
        return OTHER[value]
    try:
        return str(Decimal(value) + 1)
    except InvalidOperation:
        return f"{value}x"


def entered(entry: Entry, *, struck: bool) -> Iterator[Entry]:
    """The entry as it would be had one thing been entered otherwise, one after the other."""
    elsewhere = NOT_ENTERED | (BY_ANOTHER_IF_STRUCK if struck else BY_ANOTHER).get(entry.kind, set())
    for path, value in leaves(entry.data):
        if not elsewhere & set(path) and value not in (None, ""):
            yield replace(entry, data=changed(entry.data, path, another(value)))
    yield replace(entry, at=entry.at + timedelta(minutes=2), recorded_at=entry.recorded_at + timedelta(minutes=2))
    yield replace(entry, by="Nobody Else", by_id=0)


def sections(typist: Typist, told: Session) -> tuple[Section, ...]:
    return record_now(typist.chair.row, told, typist.chair.now).sections


@pytest.mark.parametrize("name", SESSIONS)
def test_had_anything_been_entered_otherwise_the_record_would_say_so(name: str) -> None:
    typist = SESSIONS[name]()
    told = session(typist.chair)
    as_it_is = sections(typist, told)
    untold = [
        f"{entry.number} {entry.kind} {entry.field} {other.data}"
        for place, entry in enumerate(told.entries)
        for other in entered(entry, struck=entry.number in told.struck)
        if sections(typist, Session((*told.entries[:place], other, *told.entries[place + 1 :]))) == as_it_is
    ]
    assert untold == []


def test_each_kind_and_each_field_is_entered_by_this_test() -> None:
    typists = [make() for make in SESSIONS.values()]
    for kind, form in FORMS.items():
        asked = set(form.base_fields) - {"key", "at", "waited", *form.PROOF}
        assert set().union(*(typist.given[kind] for typist in typists)) == asked, kind
    entries = [entry for typist in typists for entry in session(typist.chair).entries]
    assert {entry.kind for entry in entries} == set(Kind)
    names = {entry.field for entry in entries}
    assert {field.name for field in FIELDS} == set(TYPED) <= names
    groups = {"check": ITEMS, "aldrete": ALDRETE, "discharge": DISCHARGE_ITEMS}
    assert {f"{group}.{one.name}" for group, ones in groups.items() for one in ones} <= names  # type: ignore[attr-defined]


def words_of(content: RecordContent) -> set[str]:
    """Every word that the record says: its names for addresses and looks, and what stands for an empty part, are none."""
    said = {text for part in content.sections for text in texts_of(part)}
    heads = {text for pair in content.patient for text in pair}
    return said | heads | {line for state in content.states for line in (state.strong, *state.lines)}


def texts_of(part: Section) -> Iterator[str]:
    yield part.title
    yield from part.notes
    for term, cell in part.facts:
        yield from (term, *(said.text for said in cell))
    for table in part.tables:
        yield from (*table.head, *(said.text for row in table.rows for cell in row for said in cell))
    for written in part.texts:
        yield from (written.text, written.by, written.after)


@pytest.mark.parametrize("name", SESSIONS)
def test_page_and_pdf_say_every_word_of_the_record(name: str) -> None:
    typist = SESSIONS[name]()
    chair, client = typist.chair, Client()
    client.force_login(chair.actor)
    words = words_of(record_now(chair.row, session(chair), chair.now))
    typed = {text for text in TYPED.values() if " " in text} if name == "whole" else set()
    assert all(any(text in word for word in words) for text in typed)
    address = [chair.patient.public_id, chair.infusion.public_id]
    page = client.get(reverse("session_record:record", args=address)).content.decode()
    on_page = squeezed(unescape(re.sub(r"<[^>]+>", "", page)))
    file = client.get(reverse("session_record:record_pdf", args=address)).content
    on_paper = squeezed(one.extract_text() for one in PdfReader(io.BytesIO(file)).pages)
    for said in (on_page, on_paper):
        assert not [word for word in words if squeezed(word) not in said]
