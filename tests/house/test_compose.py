"""docker-compose.yml and the image behind it, read from their files: what must hold wherever a clinic starts them."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IN_THE_IMAGE = {
    line.removeprefix("!").rstrip("/")
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if line.startswith("!")
}


def test_old_and_new_compose_can_read_it() -> None:
    """docker-compose 1.29 knows no project name at the top, and nothing else that came later."""
    assert {key for key in COMPOSE if not key.startswith("x-")} == {"services", "volumes"}
    assert set(SERVICES) == {"db", "redis", *OURS}


def test_the_database_can_be_started_without_the_settings_of_the_others() -> None:
    """Compose fills in the whole file before it starts any part of it."""
    assert set(re.findall(r"\$\{(\w+):\?", TEXT)) == {"POSTGRES_PASSWORD"}
    without_default = set(re.findall(r"(?<!\$)\$\{(\w+)\}", TEXT))
    assert without_default == {"POSTGRES_PASSWORD"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_a_service_that_stays_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_container_runs_what_make_run_runs(name: str) -> None:
    assert SERVICES[name]["command"] == f"python scripts/run.py {name}"


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_starts_on_tables_of_another_version(name: str) -> None:
    assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["depends_on"]["db"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_can_change_nothing_but_its_scratch_space(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]  # noqa: S108 - the path in the container
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service, "the image says who"
    assert re.findall(r"^USER (.*)$", DOCKERFILE, flags=re.MULTILINE) == ["10001:10001"]


def test_only_the_database_and_the_pages_can_be_reached_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"db", "web"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_no_secret_stands_in_the_files() -> None:
    secret = re.compile(r"PASSWORD|SECRET|KEY|TOKEN")
    for name, service in SERVICES.items():
        for setting, value in service.get("environment", {}).items():
            assert not secret.search(setting) or value.startswith("${"), (name, setting)
            assert not re.search(r"://[^/@]*:[^/@]*@", value), (name, setting)
    assert not [line for line in DOCKERFILE.splitlines() if line.startswith(("ARG", "ENV")) and secret.search(line)]


def test_only_the_web_server_gets_the_key_that_signs() -> None:
    assert [name for name, service in SERVICES.items() if "SECRET_KEY" in service.get("environment", {})] == ["web"]


def test_the_image_holds_what_is_pinned_and_nothing_compiled_on_the_way() -> None:
    [install] = re.findall(r"^RUN pip install(?:.*\\\n)*.*$", DOCKERFILE, flags=re.MULTILINE)
    assert {"--require-hashes", "--only-binary", "requirements.txt"} <= set(install.split())


def test_the_image_is_made_of_what_runs_and_nothing_else() -> None:
    """A list of what goes in: a database, a key or a file .env that lies here does not."""
    imported = {
        name
        for node in ast.walk(ast.parse((ROOT / "scripts/run.py").read_text(encoding="utf-8")))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [])
        if (ROOT / f"scripts/{name}.py").exists()
    }
    scripts = {f"scripts/{name}.py" for name in imported | {"run"}}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    others = {"static", "templates", "manage.py", "requirements.txt", "LICENSE"}
    assert packages | scripts | others == IN_THE_IMAGE
