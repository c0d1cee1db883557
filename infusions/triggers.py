"""Database triggers that keep the log of a session, and what it took from stock, as they were written."""

from typing import Any

from clinic.append_only import AppendOnly

TABLES = ("infusions_sessionevent", "infusions_stockentry")
_TRIGGERS = (
    AppendOnly(TABLES[0], "session_event", "The log of a session is append-only."),
    AppendOnly(TABLES[1], "stock_entry", "Stock entries are append-only."),
)


def create(connection: Any) -> None:
    """Refuse every change of both tables from now on."""
    for triggers in _TRIGGERS:
        triggers.create(connection)


def drop(connection: Any) -> None:
    """Undo `create`: for reversing the migration and for emptying a test database, nothing else."""
    for triggers in _TRIGGERS:
        triggers.drop(connection)
