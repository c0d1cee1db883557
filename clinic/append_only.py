"""Database triggers that make a table append-only, whatever code or hand reaches it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AppendOnly:
    """The triggers of one table. `prefix` begins their names, `said` is what a refused statement is told."""

    table: str
    prefix: str
    said: str

    def create(self, connection: Any) -> None:
        """Refuse UPDATE and DELETE (and TRUNCATE on PostgreSQL) from now on. Raises KeyError on another database."""
        refuse = f"{self.prefix}_refuse()"
        sqlite = [
            f"CREATE TRIGGER {self.prefix}_no_{verb.lower()} BEFORE {verb} ON {self.table} "
            f"BEGIN SELECT RAISE(ABORT, '{self.said}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
        postgresql = [
            f"CREATE OR REPLACE FUNCTION {refuse} RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{self.said}'; END $$",
            *(
                f"CREATE TRIGGER {self.prefix}_no_{name} BEFORE {verbs} ON {self.table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {refuse}"
                for name, verbs in (("change", "UPDATE OR DELETE"), ("truncate", "TRUNCATE"))
            ),
        ]
        _run(connection, {"sqlite": sqlite, "postgresql": postgresql})

    def drop(self, connection: Any) -> None:
        """Undo `create`: for reversing the migration and for emptying a test database, nothing else."""
        names = {"sqlite": ("update", "delete"), "postgresql": ("change", "truncate")}
        where = {"sqlite": "", "postgresql": f" ON {self.table}"}
        statements = {
            vendor: [f"DROP TRIGGER IF EXISTS {self.prefix}_no_{name}{where[vendor]}" for name in names[vendor]]
            for vendor in names
        }
        _run(connection, statements)


def _run(connection: Any, statements: dict[str, list[str]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
