"""Run the tests: on SQLite with coverage of the pure files, in the browser, on PostgreSQL, with processes that die; say which.

TESTS narrows what is run (and leaves coverage out), REQUIRE_SERVICES=1 makes a PostgreSQL, a Redis or a Chromium that is
missing a failure, and a DATABASE_URL of PostgreSQL says where to find it (else 127.0.0.1:5432 without a password). Its
database is made here and dropped.
"""

import os
import secrets
import shlex
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit
from xml.etree import ElementTree

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
LOCAL = "127.0.0.1:5432"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
#: Pages in a browser are looked at once, on SQLite and unmeasured: what they show of the database is tested on both.
IN_BROWSER = "tests/browser"
#: Workers, Redis and PostgreSQL of their own that are killed and frozen; they measure time, so nothing runs beside them.
IN_PROCESSES = "tests/processes"
LOGIC_ALONE = (f"--ignore={IN_BROWSER}", f"--ignore={IN_PROCESSES}")
#: What tries the pure files, whose branches are counted; counting makes every test half as slow again.
OF_PURE_FILES = ("tests/assessments", "tests/infusions", "tests/outcomes", "tests/patients", "tests/transfer/research")
REDIS = shutil.which("redis-server")
#: Settings of whoever runs the tests, which the tests make for themselves.
OURS = {
    "ALLOWED_HOSTS",
    "BEHIND_TLS_PROXY",
    "CELERY_BROKER_URL",
    "CLINIC_TIME_ZONE",
    "DATABASE_URL",
    "DEBUG",
    "PLAIN_HTTP",
}
OURS |= {"SECRET_KEY", "STATIC_ROOT", "SWEEP_SECONDS"}


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that this person may make databases on. `url` names its maintenance database."""

    url: str
    version: int

    def named(self, name: str) -> str:
        """The same address with another database."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))


@dataclass(frozen=True)
class Run:
    """What came of the tests on one database."""

    where: str
    tests: int
    passed: bool


def connect(url: str) -> Server:
    """Raises psycopg2.OperationalError when nothing answers or the login is refused, PermissionError without CREATEDB."""
    with closing(psycopg2.connect(url, connect_timeout=5)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        name, may_create = cursor.fetchone() or ("", False)
        if not may_create:
            raise PermissionError(f"{name} may not create databases")
        return Server(url, connection.server_version // 10_000)


def find_server() -> tuple[Server | None, str]:
    """The PostgreSQL to test on, or why there is none."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        where = "the server of DATABASE_URL"
        urls = [urlunsplit(urlsplit(given)._replace(scheme="postgresql", path="/postgres"))]
    else:
        where = LOCAL
        urls = [f"postgresql://{LOCAL}/postgres", f"postgresql://postgres@{LOCAL}/postgres"]
    why = ""
    for url in urls:
        try:
            return connect(url), ""
        except psycopg2.OperationalError as error:
            why = f"{where} refuses the login" if "FATAL" in str(error) else f"nothing answers on {where}"
        except PermissionError as error:
            why = f"on {where} {error}"
    return None, why


def drop_left_over(server: Server, name: str) -> None:
    """Drop the test databases of this run that an interrupted pytest left behind."""
    with closing(psycopg2.connect(server.url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"test\\_{name}%"])
        for (left,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(left)))


def run_pytest(where: str, database_url: str, folder: str, *arguments: str) -> Run:
    """Run pytest on one database; its output goes straight to the terminal."""
    print(f"\n=== {where}", flush=True)
    environment = {name: value for name, value in os.environ.items() if name not in OURS}
    environment |= {"DATABASE_URL": database_url, "COVERAGE_FILE": f"{folder}/coverage"}
    report = Path(folder, "report.xml")
    report.unlink(missing_ok=True)
    pytest = [
        sys.executable,
        *["-m", "pytest", "-n", "auto", "--maxprocesses=4", "--dist=worksteal"],
        f"--junitxml={report}",
    ]
    command = [*pytest, *arguments, *shlex.split(os.environ.get("TESTS", ""))]
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    suites = ElementTree.parse(report).iter("testsuite") if report.exists() else iter(())  # noqa: S314 - pytest's own
    count = sum(int(suite.get("tests", 0)) - int(suite.get("skipped", 0)) for suite in suites)
    return Run(where, count, passed=code == 0 and count > 0)


def main() -> int:
    """Every layer, then the closing line."""
    server, why_not = find_server()
    name = f"tidemark_{os.getpid()}_{secrets.token_hex(3)}"
    narrowed = bool(os.environ.get("TESTS"))
    everywhere = () if narrowed else LOGIC_ALONE
    with TemporaryDirectory(prefix="tidemark-tests-") as folder:
        sqlite = f"sqlite:///{folder}/tidemark.sqlite3"
        if narrowed:
            runs = [run_pytest("SQLite", sqlite, folder)]
        else:
            others = [f"--ignore={measured}" for measured in OF_PURE_FILES]
            runs = [run_pytest("SQLite, branches counted", sqlite, folder, *OF_PURE_FILES, "--cov")]
            runs.append(run_pytest("SQLite", sqlite, folder, *everywhere, *others))
        if BROWSER and not narrowed:
            runs.append(run_pytest("SQLite in Chromium", f"sqlite:///{folder}/pages.sqlite3", folder, IN_BROWSER))
        if server:
            try:
                only = () if narrowed else ("--with-database",)
                runs.append(run_pytest(f"PostgreSQL {server.version}", server.named(name), folder, *everywhere, *only))
            finally:
                drop_left_over(server, name)
        if REDIS and server and BROWSER and not narrowed:
            runs.append(run_pytest("Processes", f"sqlite:///{folder}/unused.sqlite3", folder, IN_PROCESSES, "-n", "0"))
    ran = ", ".join(f"{run.where} ({run.tests} tests{'' if run.passed else ', FAILED'})" for run in runs)
    required = os.environ.get("REQUIRE_SERVICES") == "1" or os.environ.get("DATABASE_URL", "").startswith("postgres")
    left_out = "".join(
        [
            f" Not on PostgreSQL: {why_not}." if why_not else "",
            "" if BROWSER else " Not in a browser: no Chromium.",
            "" if REDIS else " Not with processes: no redis-server.",
        ]
    )
    print(f"\nRan on: {ran}.{left_out}")
    return 0 if all(run.passed for run in runs) and (not left_out or not required) else 1


if __name__ == "__main__":
    sys.exit(main())
