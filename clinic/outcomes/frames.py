"""Whole tables in and out of the database as frames: COPY on PostgreSQL, plain rows elsewhere."""

from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any, Literal

import numpy as np
import pandas as pd
from django.db import connection, models

Kind = Literal["integer", "maybe integer", "boolean", "maybe boolean", "text", "day", "moment", "maybe number"]

#: Looking for what is alike in a column takes longer than putting so many values into words.
FEW = 50

_DTYPES = {"integer": "int64", "maybe integer": "Int64", "boolean": "bool", "maybe boolean": "boolean", "text": "str"}
_DTYPES |= {"maybe number": "float64"}


def read_frame(rows: "models.QuerySet[Any, Any]", columns: dict[str, tuple[str, Kind]]) -> pd.DataFrame:
    """The rows of a query as a frame: `columns` maps each column to a field or annotation and what kind it holds.

    Days become midnights without a zone, moments are UTC; both may be missing, as may the kinds that say so.
    """
    chosen = rows.values_list(*(source for source, _ in columns.values()))
    frame = _copied(chosen, columns) if connection.vendor == "postgresql" else _fetched(chosen, columns)
    for name, (_, kind) in columns.items():
        if kind == "moment":
            frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601").dt.as_unit("us")
        elif kind == "day":
            frame[name] = pd.to_datetime(frame[name], format="%Y-%m-%d").dt.as_unit("us")
    return frame


def _copied(chosen: "models.QuerySet[Any, Any]", columns: dict[str, tuple[str, Kind]]) -> pd.DataFrame:
    sql, parameters = chosen.query.sql_with_params()
    dtypes = {name: _DTYPES[kind] for name, (_, kind) in columns.items() if kind in _DTYPES}
    connection.ensure_connection()
    text = BytesIO()  # in memory: records do not touch the disk outside the database
    with connection.connection.cursor() as cursor:
        query = cursor.mogrify(sql, parameters).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv)", text)
    text.seek(0)
    return pd.read_csv(
        text,
        header=None,
        names=list(columns),
        dtype=dtypes,
        true_values=["t"],
        false_values=["f"],
        keep_default_na=False,
        na_values=[""],
    )


def _fetched(chosen: "models.QuerySet[Any, Any]", columns: dict[str, tuple[str, Kind]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_records(chosen.iterator(chunk_size=20_000), columns=list(columns))
    return frame.astype({name: _DTYPES[kind] for name, (_, kind) in columns.items() if kind in _DTYPES})


def rows_to_insert(frame: pd.DataFrame) -> list[Any]:
    """The rows of a frame as `insert_rows` takes them; undefined values become null.

    Text must be free of tabs, line breaks and backslashes: this is for derived tables, not for what people write.
    """
    if connection.vendor == "postgresql":
        return list(map("\t".join, zip(*(_texts(frame[name]) for name in frame.columns), strict=True)))
    return list(zip(*(_values(frame[name]) for name in frame.columns), strict=True))


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[Any]) -> None:
    """Insert some of what `rows_to_insert` gave; `columns` are attnames of `model`. Call inside a transaction."""
    column_of = {field.attname: connection.ops.quote_name(field.column) for field in model._meta.concrete_fields}
    table = connection.ops.quote_name(model._meta.db_table)
    target = f"{table} ({', '.join(column_of[name] for name in columns)})"
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {target} VALUES ({places})", rows)  # noqa: S608 - names of our own models
        return
    with connection.connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", StringIO("".join(f"{row}\n" for row in rows)))


def _values(column: "pd.Series[Any]") -> list[Any]:
    """Plain Python values: int, bool, str, date; None where undefined."""
    if column.dtype.kind == "M":
        return column.to_numpy().astype("datetime64[D]").tolist()
    return column.astype(object).where(column.notna(), None).tolist()


def _texts(column: "pd.Series[Any]") -> list[str]:
    """What COPY reads. Of many, each different value is put into words once: a recompute of the clinic writes millions."""
    if len(column) <= FEW:
        return ["\\N" if value is None else str(value) for value in _values(column)]
    codes, different = pd.factorize(column)
    texts = [str(value.date()) if isinstance(value, pd.Timestamp) else str(value) for value in different]
    return np.array([*texts, "\\N"], dtype=object)[codes].tolist()  # an undefined value has the code -1: the last
