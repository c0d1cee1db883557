"""Database triggers that keep a letter as it was made, whatever code or hand reaches the table."""

from typing import Any

TABLE = "letters_letter"
_SAID = "Letters are append-only."

_CREATE = {
    "sqlite": [
        f"CREATE TRIGGER letters_no_{verb.lower()} BEFORE {verb} ON {TABLE} BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION letters_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAID}'; END $$",
        *(
            f"CREATE TRIGGER {name} BEFORE {verbs} ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION letters_refuse()"
            for name, verbs in (("letters_no_change", "UPDATE OR DELETE"), ("letters_no_truncate", "TRUNCATE"))
        ),
    ],
}
_DROP = {
    "sqlite": ["DROP TRIGGER IF EXISTS letters_no_update", "DROP TRIGGER IF EXISTS letters_no_delete"],
    "postgresql": [
        f"DROP TRIGGER IF EXISTS letters_no_change ON {TABLE}",
        f"DROP TRIGGER IF EXISTS letters_no_truncate ON {TABLE}",
    ],
}


def create(connection: Any) -> None:
    """Refuse UPDATE and DELETE (and TRUNCATE on PostgreSQL) from now on. Raises KeyError on another database."""
    _run(connection, _CREATE)


def drop(connection: Any) -> None:
    """Undo `create`: for reversing the migration and for emptying a test database, nothing else."""
    _run(connection, _DROP)


def _run(connection: Any, statements: dict[str, list[str]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
