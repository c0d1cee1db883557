"""What settings do for a web server: collected files, and a proxy in front."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = {"ALLOWED_HOSTS", "BEHIND_TLS_PROXY", "DEBUG", "PLAIN_HTTP", "SECRET_KEY", "STATIC_ROOT"}
ASKED = """
import django; django.setup()
from allauth.account.adapter import get_adapter
from django.test import RequestFactory
sent = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
request = RequestFactory().get("/", headers=sent)
print(request.is_secure(), get_adapter().get_client_ip(request))
"""


def python(*arguments: str, **settings: str) -> str:
    """What Python prints with these settings alone."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS} | settings
    environment |= {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The folder of an image, and what each file is called in it."""
    folder = tmp_path_factory.mktemp("static")
    python("manage.py", "collectstatic", "--no-input", "--verbosity", "0", STATIC_ROOT=str(folder))
    return folder, json.loads((folder / "staticfiles.json").read_text(encoding="utf-8"))["paths"]


def test_every_file_that_a_page_names_is_collected_under_a_lasting_name(collected: tuple[Path, dict[str, str]]) -> None:
    """A name that is not collected is an error page in the image, and nowhere else."""
    folder, lasting = collected
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")]
    named = [name for page in pages for name in re.findall(r"{% static [\"']([^\"']+)[\"']", page)]
    assert len(named) == sum(page.count("{% static ") for page in pages), "one is put together, and cannot be looked up"
    assert len(named) > 10
    for name in named:
        assert re.fullmatch(r".+\.[0-9a-f]{12}\.\w+", lasting[name])
        assert (folder / lasting[name]).exists()


def test_a_style_names_its_parts_by_their_lasting_names(collected: tuple[Path, dict[str, str]]) -> None:
    folder, lasting = collected
    parts = re.findall(r"@import url\(\"([^\"]+)\"\)", (folder / lasting["css/tidemark.css"]).read_text("utf-8"))
    assert len(parts) == (ROOT / "static/css/tidemark.css").read_text("utf-8").count("@import")
    assert {f"css/{part}" for part in parts} <= set(lasting.values())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "False 127.0.0.1"),
        ({"BEHIND_TLS_PROXY": "0"}, "False 127.0.0.1"),
        ({"BEHIND_TLS_PROXY": "1"}, "True 203.0.113.7"),
    ],
)
def test_a_proxy_is_believed_only_where_there_is_one(settings: dict[str, str], said: str) -> None:
    """The address is the one that the proxy saw, never one that the client wrote before it."""
    assert python("-c", ASKED, **settings).strip() == said


@pytest.mark.parametrize(("broker", "loaded"), [("redis://127.0.0.1:1/0", False), ("", True)])
def test_with_workers_beside_it_a_web_process_loads_nothing_that_computes(broker: str, loaded: bool) -> None:
    """pandas and scipy take a second and 60 MB; without workers they are loaded before the first save and not in it."""
    asked = "import clinic.wsgi, clinic.urls, clinic.outcomes.statistics.rates, sys; print('pandas' in sys.modules)"
    settings = {"CELERY_BROKER_URL": broker, "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "clinic.example"}
    settings |= {"DJANGO_SETTINGS_MODULE": "clinic.settings"}
    assert python("-c", asked, **settings).split() == [str(loaded)]


def test_who_looks_at_the_outcomes_need_not_wait_for_what_filters_them() -> None:
    asked = (
        "import clinic.wsgi, sys, threading\n"
        "from clinic.outcomes import background\n"
        "started = [background.load_for_filters() or set(threading.enumerate()) for _ in range(2)]\n"
        "[one.join() for one in threading.enumerate() if one is not threading.main_thread()]\n"
        "print(len(started[1] - started[0]), 'scipy.stats' in sys.modules, 'clinic.outcomes.chosen' in sys.modules)"
    )
    settings = {"CELERY_BROKER_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "clinic.example"}
    assert python("-c", asked, **settings, DJANGO_SETTINGS_MODULE="clinic.settings").split() == ["0", "True", "True"]
