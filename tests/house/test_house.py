"""The house itself, read from its files: what no single module can promise. Models are in test_house_models.py."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_OURS = {".git", ".venv", "__pycache__", "node_modules", "staticfiles", "vendor"}
PACKAGES = ("assessments", "clinic", "infusions", "patients")
CONFIG: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS: list[dict[str, Any]] = CONFIG["tool"]["importlinter"]["contracts"]
[PURE] = (contract["source_modules"] for contract in CONTRACTS if contract["type"] == "forbidden")


def files(*folders: str, suffix: str = "") -> list[Path]:
    """Every file of ours under these folders (all: "."), without caches and what is generated."""
    found = []
    for folder, names, here in os.walk(ROOT):
        names[:] = sorted(name for name in names if name not in NOT_OURS and not name.endswith("_cache"))
        found += [Path(folder, name) for name in sorted(here) if name.endswith(suffix)]
    return [path for path in found if path.relative_to(ROOT).parts[0] in folders or folders == (".",)]


def modules() -> list[Path]:
    """Every module that the project runs, without migrations."""
    return [path for path in files(*PACKAGES, "scripts", suffix=".py") if path.parent.name != "migrations"]


def sources(module: str) -> list[Path]:
    """The files of a pure module, which may be a package."""
    path = ROOT / module.replace(".", "/")
    return sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def imported(path: Path) -> set[str]:
    """Full names that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_no_module_is_too_long() -> None:
    long = {path.name: lines for path in modules() if (lines := len(path.read_text("utf-8").splitlines())) > 400}
    assert not long, "split them: a noun is missing"


def test_every_module_is_named_after_what_it_holds() -> None:
    vague = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc)($|_)")
    assert not [path for path in files(".", suffix=".py") if vague.search(path.stem) or vague.search(path.parent.name)]


def test_the_project_package_is_empty() -> None:
    assert (ROOT / "clinic/__init__.py").read_text() == "", "importing a pure file would pull this in"


def test_the_pure_files_are_the_same_in_every_tool() -> None:
    """One that is missing from a list would go unmeasured or untyped without anybody noticing."""
    covered = {name.removesuffix(".py").removesuffix("/*") for name in CONFIG["tool"]["coverage"]["run"]["include"]}
    strict = {
        module.removesuffix(".*")
        for override in CONFIG["tool"]["mypy"]["overrides"]
        if override.get("disallow_any_generics")
        for module in override["module"]
    }
    assert {name.replace("/", ".") for name in covered} == set(PURE)
    assert strict == set(PURE)


@pytest.mark.parametrize("module", PURE)
def test_a_pure_file_imports_nothing_else(module: str) -> None:
    allowed = {*sys.stdlib_module_names, "numpy", "pandas", "scipy"}
    for path in sources(module):
        others = {name for name in imported(path) if name.partition(".")[0] not in allowed}
        assert not [name for name in others if not name.startswith(tuple(PURE))], path


@pytest.mark.parametrize("module", PURE)
def test_a_pure_file_has_no_clock(module: str) -> None:
    asked = {"now", "today", "utcnow", "time", "monotonic", "localtime"}
    for path in sources(module):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        assert not [call for call in calls if isinstance(call, ast.Attribute) and call.attr in asked], path


def test_importing_the_pure_files_loads_no_django() -> None:
    script = "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)\n"
    script += "    assert not {'celery', 'django'} & set(sys.modules), name\n"
    done = subprocess.run([sys.executable, "-c", script, *PURE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_file_names_a_package_index() -> None:
    hosts = re.compile(
        "|".join(["pypi" + r"\.", "python" + "hosted", "npm" + r"js\.", "--(extra-)?index" + "-url [^\\s]"])
    )
    said = [path for path in files(".") if hosts.search(path.read_text("utf-8", errors="replace"))]
    assert not said, "which index to use is a matter of the machine"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_exact_and_hashed(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if not entry.startswith("#")]
    assert entries
    assert not [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]
    assert "://" not in text


def test_requirements_hold_what_the_project_asks_for() -> None:
    for name, wanted in (
        ("requirements.txt", CONFIG["project"]["dependencies"]),
        ("requirements-dev.txt", CONFIG["project"]["dependencies"] + CONFIG["dependency-groups"]["dev"]),
    ):
        pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text(), flags=re.MULTILINE))
        asked = {re.match(r"[a-z0-9-]+", requirement)[0] for requirement in wanted}  # type: ignore[index]
        assert asked <= pinned, f"run make lock: {name} lacks {asked - pinned}"


def test_test_files_have_names_of_their_own() -> None:
    """Test folders are no packages, so two files of one name would shadow each other."""
    names = [path.name for path in files("tests", suffix=".py") if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))
    assert "__init__.py" not in names


@pytest.mark.parametrize("name", ["403.html", "404.html", "500.html"])
def test_an_error_page_says_what_happened_without_context(name: str) -> None:
    page = render_to_string(name)
    assert page.count("<h1>") == 1
    assert f"Error {name[:3]}" in page


def test_templates_hold_nothing_inline() -> None:
    """The content security policy refuses inline style and script, so they would silently do nothing."""
    inline = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:|https?://", re.IGNORECASE)
    tags = re.compile(r"{%.*?%}", re.DOTALL)  # {% with one=two %} is no handler
    pages = {path: tags.sub("", path.read_text("utf-8")) for path in files("templates", suffix=".html")}
    assert not [path for path, text in pages.items() if inline.search(text)]


def test_only_the_tokens_name_colours() -> None:
    colour = re.compile(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(", re.IGNORECASE)
    styles = [path for path in files("static", suffix=".css") if path.name != "tokens.css"]
    assert not [path for path in styles if colour.search(path.read_text("utf-8"))]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "DATABASE_URL is not set. Set it to sqlite:////absolute/path/tidemark.db"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set."),
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL must begin with sqlite:// or postgresql://."),
        ({"DATABASE_URL": "tidemark.db"}, "DATABASE_URL must begin with sqlite:// or postgresql://."),
        ({"DATABASE_URL": "postgresql://host:5432/"}, "DATABASE_URL names no database."),
        ({"DATABASE_URL": "postgresql://host:port/name"}, "DATABASE_URL cannot be read."),
        (
            {"DATABASE_URL": "sqlite://:memory:", "CLINIC_TIME_ZONE": "Mars/Olympus"},
            "CLINIC_TIME_ZONE is 'Mars/Olympus'.",
        ),
        ({"DATABASE_URL": "sqlite://:memory:", "CLINIC_TIME_ZONE": "../passwd"}, "CLINIC_TIME_ZONE is '../passwd'."),
        ({"DATABASE_URL": "sqlite://:memory:", "DEBUG": "perhaps"}, "DEBUG is 'perhaps'. Set it to 1 or 0."),
        (
            {"DATABASE_URL": "sqlite://:memory:", "CELERY_BROKER_URL": "amqp://me:word@host"},
            "CELERY_BROKER_URL must begin",
        ),
        ({"DATABASE_URL": "sqlite://:memory:", "SWEEP_SECONDS": "soon"}, "SWEEP_SECONDS is 'soon'."),
        ({"DATABASE_URL": "sqlite://:memory:", "SWEEP_SECONDS": "1"}, "a whole number of seconds from 2 to 3600."),
    ],
)
def test_a_missing_or_wrong_setting_says_how_to_set_it(settings: dict[str, str], said: str) -> None:
    done = manage("check", **settings)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Set it to" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_password_in_a_wrong_database_url_is_not_repeated() -> None:
    assert "secret-word" not in manage("check", DATABASE_URL="postgresql://tm:secret-word@host:port/name").stderr


def test_commands_need_only_the_database_url() -> None:
    done = manage("check", DATABASE_URL="sqlite://:memory:")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["outcomes_report", "recompute_outcomes", "verify_records"])
def test_a_database_without_tables_is_two_lines_and_no_traceback(command: str, tmp_path: Path) -> None:
    done = manage(command, DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The database failed: no such table")
    assert "manage.py migrate" in done.stderr.splitlines()[1]
    assert "Traceback" in manage(command, "--traceback", DATABASE_URL=f"sqlite:///{tmp_path}/empty.db").stderr


def manage(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a management command in a process of its own with these settings alone."""
    ours = {"ALLOWED_HOSTS", "CELERY_BROKER_URL", "CLINIC_TIME_ZONE", "DATABASE_URL", "DEBUG", "DJANGO_SETTINGS_MODULE"}
    ours |= {"SECRET_KEY", "SWEEP_SECONDS"}
    environment = {name: value for name, value in os.environ.items() if name not in ours} | settings
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
