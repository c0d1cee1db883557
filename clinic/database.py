"""The database as a whole: whether it answers in time, which one it is, whether it has the tables of this release."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor

#: Whoever asks whether we are ready waits no longer than this for the database.
ANSWER_SECONDS = 1.0

NO_ANSWER = "The database does not answer."
NO_TABLES = "The database lacks tables of this release: run manage.py migrate."

_one_question = threading.Lock()
_has_tables = False


def trouble() -> str:
    """Why it cannot serve this release, in a sentence; empty when it can. Never raises.

    Asked on a thread and a connection of their own: nothing else ends the wait for a frozen server or a lost line. One
    question at a time, so that those which nobody answers do not pile up.
    """
    if not _one_question.acquire(timeout=ANSWER_SECONDS):
        return NO_ANSWER
    answer: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_ask, args=(answer,), name="asks the database", daemon=True).start()
    try:
        return answer.get(timeout=ANSWER_SECONDS)
    except Empty:
        return NO_ANSWER


def _ask(answer: "SimpleQueue[str]") -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        answer.put("" if has_tables() else NO_TABLES)
    except Error:
        answer.put(NO_ANSWER)
    finally:
        connection.close()
        _one_question.release()


def has_tables() -> bool:
    """Whether no migration is left to apply. Once true it stays so for this process: another release brings another one."""
    global _has_tables  # noqa: PLW0603 - looked up once for all threads of the process
    if not _has_tables:
        executor = MigrationExecutor(connection)
        _has_tables = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _has_tables


def name_and_version() -> str:
    """ "PostgreSQL 15.13", as the server says."""
    return f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}"


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Everything read inside is of one moment, whoever saves meanwhile; nobody waits, and nothing may be written.

    Inside another transaction it is that one's business what is seen.
    """
    if connection.in_atomic_block:
        yield
        return
    with _reading(), transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _reading() -> Iterator[None]:
    """On SQLite begin without the write lock that settings ask for: a long read then keeps nobody from saving."""
    connection.ensure_connection()  # only an open connection knows its mode
    asked = getattr(connection, "transaction_mode", None)
    if asked is None:
        yield
        return
    setattr(connection, "transaction_mode", "DEFERRED")  # noqa: B010 - the SQLite connection alone has it
    try:
        yield
    finally:
        setattr(connection, "transaction_mode", asked)  # noqa: B010
