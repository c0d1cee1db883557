"""Records on their way into the tables: plain values by column, many at once, without an object for each."""

import csv
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from io import StringIO
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Max

from assessments.models import Assessment
from clinic.public_id import new_public_id
from infusions.models import AdverseEvent, Course, Infusion, IntegrationNote, VitalSigns
from patients.models import (
    Consent,
    IndexEvent,
    Patient,
    PriorTreatment,
    PsychiatricMedication,
    PsychotherapyEpisode,
)

#: Every table that is written, those that others point at first.
TABLES: tuple[type[models.Model], ...] = (
    Patient,
    IndexEvent,
    PsychotherapyEpisode,
    PsychiatricMedication,
    PriorTreatment,
    Consent,
    Course,
    Infusion,
    IntegrationNote,
    VitalSigns,
    AdverseEvent,
    Assessment,
)
_NULL = "\\N"


class Batch:
    """Rows that are written together. Ids go on after those in the tables, so that rows can point at each other."""

    def __init__(self) -> None:
        self.rows: dict[type[models.Model], list[dict[str, Any]]] = {model: [] for model in TABLES}
        self._last = {model: _last_id(model) for model in TABLES}

    def add(self, model: type[models.Model], **values: Any) -> int:
        """Add one row, by attname; JSON as text. What is left out has the field's default. The id it will have."""
        self._last[model] += 1
        values["id"] = self._last[model]
        self.rows[model].append(values)
        return self._last[model]

    @transaction.atomic
    def write(self) -> dict[type[models.Model], int]:
        """Insert all of them or none; how many of each."""
        for model, rows in self.rows.items():
            if rows:
                _insert(model, rows)
        _reset_sequences()
        return {model: len(rows) for model, rows in self.rows.items()}


def _last_id(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


def _insert(model: type[models.Model], rows: list[dict[str, Any]]) -> None:
    columns = {field.attname: _values(field, rows) for field in model._meta.concrete_fields}
    if connection.vendor == "postgresql":
        _copy(model, columns)
        return
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in model._meta.concrete_fields)
    marks = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(zip(*columns.values(), strict=True)))


def _copy(model: type[models.Model], columns: dict[str, list[Any]]) -> None:
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in model._meta.concrete_fields)
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(zip(*columns.values(), strict=True))
    text.seek(0)
    with connection.connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN (FORMAT csv, NULL '{_NULL}')", text
        )


def _values(field: "models.Field[Any, Any]", rows: list[dict[str, Any]]) -> list[Any]:
    """One column, as the database takes it."""
    name = field.attname
    if name == "public_id":
        return [new_public_id() for _ in rows]
    default = field.get_default()
    if isinstance(field, models.JSONField):
        default = json.dumps(default)
    return _worded(field, (row.get(name, default) for row in rows))


def _worded(field: "models.Field[Any, Any]", values: Iterable[Any]) -> list[Any]:
    if connection.vendor == "postgresql":
        return [_NULL if value is None else value for value in values]
    word: Callable[[Any], Any] | None = None
    if isinstance(field, models.DateTimeField):
        word = _naive_utc
    elif isinstance(field, models.DecimalField | models.DateField):
        word = str
    return [value if value is None or word is None else word(value) for value in values]


def _naive_utc(at: datetime) -> str | None:
    return connection.ops.adapt_datetimefield_value(at)


def _reset_sequences() -> None:
    """Let the next record saved one by one follow these."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(TABLES)):
            cursor.execute(statement)
