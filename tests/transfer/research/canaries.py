"""Puts something conspicuous into every identifying field there is, and looks for it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from builders import make_letter
from django.apps import apps
from django.db import connection, models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from clinic.audit import triggers
from clinic.letters import triggers as letter_triggers
from clinic.models import User
from clinic.outcomes.models import ClinicSummary, DashboardVisit, SavedView
from clinic.profile.models import ClinicProfile
from clinic.transfer.field_classes import classified
from clinic.web.models import FormReceipt
from infusions import triggers as session_triggers
from infusions.models import Infusion, LimitsVersion, SessionEvent, SessionPresence, StockEntry
from infusions.session.log import Kind
from patients.models import Patient, RecordChange

WORD = "Canary"
DAY, MOMENT = date(2031, 2, 3), datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
UUID_CANARY = UUID("c0ffee00-dead-4bee-8bad-c0ffee00dead")
BIG = 9_000_000_000
ZONE = "Pacific/Kiritimati"
#: Filled in the last row alone: it takes a record out of everything.
TAKES_ITS_ROW_OUT = {"voided_at"}
INSTEAD: dict[str, Any] = {
    "profile.ClinicProfile.time_zone": ZONE,
    "patients.PsychiatricMedication.started_on": date(1931, 2, 3),  # before any end
}


def big_ids(model: type[models.Model]) -> int:
    """Numbers after which the records of a model are counted: no score, day or dose is as large."""
    return BIG + 1_000_000 * sorted(each._meta.label for each in apps.get_models()).index(model._meta.label)


def identifying() -> Iterator[tuple[Any, "models.Field[Any, Any]"]]:
    """Model and field of each."""
    for label, kind in classified().items():
        if kind == "identifying":
            model, _, name = label.rpartition(".")
            yield apps.get_model(model), apps.get_model(model)._meta.get_field(name)  # type: ignore[misc]


def fill_everything() -> None:
    """A canary in every identifying field. Days and ids that hold the records together stay: they are as conspicuous.

    Texts come first, as some days need a reason beside them.
    """
    user = User.objects.create(pk=BIG, email="canary@clinic.example", full_name=WORD, last_login=MOMENT)
    user.grants.create(role="clinician")
    patient = Patient.objects.order_by("pk").first()
    RecordChange.objects.create(patient=patient)
    FormReceipt.objects.create(key=UUID_CANARY, user=user, content_hash=WORD, location=WORD)
    LimitsVersion.objects.create(number=1, values={}, changed={}, reason=WORD, adopted_at=MOMENT, adopted_by=user)
    summary = ClinicSummary.objects.latest("pk")
    DashboardVisit.objects.create(user=user, before=summary, latest=summary, before_at=MOMENT, latest_at=MOMENT)
    SavedView.objects.create(owner=user, name="A view", query="window=last")
    ClinicProfile.objects.create(number=1, time_zone=ZONE, changed_at=MOMENT)
    make_letter(patient, user)
    _fill_a_session(Infusion.objects.order_by("pk").first(), user)
    triggers.drop(connection)
    letter_triggers.drop(connection)
    session_triggers.drop(connection)
    for model, field in sorted(
        identifying(), key=lambda both: not isinstance(both[1], models.CharField | models.TextField)
    ):
        _fill(model._base_manager.order_by("pk"), field, user)


def _fill_a_session(infusion: Infusion, user: User) -> None:
    """An entry of its log, a line of the stock it took, and somebody who has it open."""
    moments = {"at": MOMENT, "recorded_at": MOMENT}
    event = SessionEvent.objects.create(
        infusion=infusion,
        kind=Kind.FIELD,
        field=WORD,
        version=1,
        by=user,
        by_name=WORD,
        key=UUID_CANARY,
        data={"value": WORD},
        **moments,
    )
    StockEntry.objects.create(
        event=event,
        infusion=infusion,
        kind="drawn",
        at=MOMENT,
        lot=WORD,
        lot_key=WORD,
        vial_mg_per_ml=50,
        mg=1,
        by=user,
    )
    SessionPresence.objects.create(infusion=infusion, user=user, seen_at=MOMENT, editing=WORD)


def _fill(rows: Any, field: Any, user: User) -> None:
    if field.name in TAKES_ITS_ROW_OUT:
        rows.filter(pk=rows.last().pk).update(**{field.name: MOMENT})
    elif isinstance(field, models.ForeignKey):
        _point(rows, field, user)
    elif isinstance(field, models.TextField | models.CharField):
        rows.update(**{field.name: _text(field)})
    elif (canary := _value(field)) is not None and (field.null or not field.is_relation):
        empty = rows.filter(**{f"{field.name}__isnull": True}) if field.null else rows
        if field.null and _is_shared_by_a_constraint(field):
            empty = rows.filter(pk__in=empty.values_list("pk", flat=True)[:1])
        empty.update(**{field.name: canary})


def _point(rows: Any, field: Any, user: User) -> None:
    if not field.null:
        return
    if field.related_model is User:
        rows.update(**{field.name: user})
    else:
        rows.filter(pk=rows.last().pk).update(**{field.name: field.related_model._base_manager.order_by("pk").first()})


def _text(field: Any) -> Any:
    """Alike in all rows, as what many patients share is kept most easily; with the id where it must be unique."""
    if field.choices:
        return field.choices[0][0]
    if str(field) in INSTEAD:
        return INSTEAD[str(field)]
    if field.unique or _is_shared_by_a_constraint(field):
        return Concat(Value(WORD), Cast(F("pk"), models.CharField()), output_field=models.TextField())
    return WORD


def _is_shared_by_a_constraint(field: Any) -> bool:
    return any(field.name in getattr(constraint, "fields", ()) for constraint in field.model._meta.constraints)


def _value(field: Any) -> Any:
    if str(field) in INSTEAD:
        return INSTEAD[str(field)]
    kinds = {
        models.DateTimeField: MOMENT if field.null else None,
        models.DateField: DAY if field.null else None,
        models.BigIntegerField: BIG,
        models.JSONField: {"who": WORD},
        models.BinaryField: WORD.encode(),
    }
    return next((value for kind, value in kinds.items() if type(field) is kind), None)


def unfilled() -> set[str]:
    """Identifying fields that no row has anything in."""
    empty = set()
    for model, field in identifying():
        values = model._base_manager.order_by().values_list(field.attname, flat=True).distinct()
        if not [value for value in values if value not in (None, "")]:
            empty.add(str(field))
    return empty


_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_PATTERNS = {
    "a canary": re.compile(WORD, re.IGNORECASE),
    "an id": re.compile(r"\d{9,}"),
    "a UUID": re.compile(str(UUID_CANARY)),
    "a zone": re.compile(ZONE),
    "an origin": re.compile("american_indian|American Indian"),
    "a day, year first": re.compile(r"\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}"),
    "a day, year last": re.compile(r"\b\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}\b"),
    "a day in digits": re.compile(r"\b(19|20)\d{2}[01]\d[0-3]\d\b"),
    "a month": re.compile(rf"\b({_MONTHS})[a-z]*\.? \d|\d\.? ({_MONTHS})[a-z]*\b", re.IGNORECASE),
    "a year": re.compile(r"(?<![\d.])(19|20)\d{2}(?![\d.])"),
    "a time": re.compile(r"\b\d{1,2}:\d{2}"),
}


def found_in(text: str) -> dict[str, str]:
    """What in a text could lead to somebody: kind and the place."""
    found = {}
    for kind, pattern in _PATTERNS.items():
        if match := pattern.search(text):
            found[kind] = text[max(0, match.start() - 40) : match.end() + 40]
    return found


def stored_words() -> set[str]:
    """Every public id and record number that is stored, and each stored day in the usual spellings."""
    words = set()
    for model, field in identifying():
        if field.name in {"public_id", "mrn", "mrn_key"}:
            words |= set(model._base_manager.order_by().values_list(field.name, flat=True))
        if isinstance(field, models.DateField):
            for value in (
                model._base_manager.exclude(**{field.name: None}).order_by().values_list(field.name, flat=True)
            ):
                words |= {_day(value).isoformat(), f"{_day(value):%m/%d/%Y}"}
    return words


def _day(value: date) -> date:
    return timezone.localdate(value) if isinstance(value, datetime) else value
