"""The dashboard beside the command: records imported by another process show the same numbers, to the last digit."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from clinic.policy import Role

ROOT = Path(__file__).resolve().parent.parent.parent
#: A folder of past records of one's own may take the place of the example (RECORDS=/path/to/folder).
RECORDS = os.environ.get("RECORDS", str(ROOT / "docs" / "example"))


def manage(*arguments: str) -> str:
    """A management command in a process of its own, on the database of the test."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        login = f"{database['USER']}:{database['PASSWORD']}@" if database["USER"] else ""
        url = f"postgresql://{login}{database['HOST']}:{database['PORT']}/{database['NAME']}"
    command = [sys.executable, "-W", "ignore", "manage.py", *arguments]
    environment = os.environ | {"DATABASE_URL": url}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def at(report: dict[str, Any], path: str) -> Any:
    """The value of a dotted path such as "reduction.ci95.0"."""
    value: Any = report
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


@pytest.mark.parametrize("window", ["primary", "last", "eos"])
def test_the_dashboard_shows_the_numbers_of_the_report(open_as: Any, window: str) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, f"/outcomes/?window={window}")
    assert page.locator("[data-figure='evaluated']").count() == 0, "the server has nothing to show yet"

    manage("import_records", RECORDS)
    report = json.loads(manage("outcomes_report", "--window", window, "--format", "json"))

    page.goto(f"/outcomes/?window={window}")
    shown = page.eval_on_selector_all(
        "[data-figure]", "all => all.map((one) => [one.dataset.figure, one.dataset.value, one.innerText])"
    )
    compared = set()
    for path, exact, text in shown:
        if path.partition(".")[0] not in report:
            continue  # counted for the page alone; the list behind it shows whom
        expected = at(report, path)
        assert exact == ("" if expected is None else repr(expected)), path
        assert text.strip(), path
        compared.add(path)
    wanted = {"eligible", "evaluated", "missing", "response.x", "response.n", "remission.x", "worsened.x"}
    wanted |= (
        {"response.rate", "baseline.mean", "endpoint.mean", "reduction.mean", "effect_size.d_rms"}
        if report["evaluated"] >= 10
        else set()
    )
    wanted |= {"response.ci95.0", "response.ci95.1"} if report["evaluated"] >= 5 else set()
    assert wanted <= compared, wanted - compared
