"""Fixtures of the whole suite."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import override_settings
from hypothesis import settings
from zeal.constants import initialize_app_registry
from zeal.patch import patch

from clinic.audit import triggers
from clinic.letters import triggers as letter_triggers
from infusions import triggers as session_triggers

# On a developer's machine hypothesis looks for new cases each time; CI takes the same ones, so that red means a change.
settings.register_profile("repeatable", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--with-database", action="store_true", help="leave out tests that touch no database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the second database what touches none need not run again."""
    if config.getoption("--with-database"):
        others = [item for item in items if "django_db_setup" not in getattr(item, "fixturenames", ())]
        others = [item for item in others if not item.get_closest_marker("django_db")]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]


@pytest.fixture(autouse=True, scope="session")
def _emptying_respects_the_audit_trail() -> Iterator[None]:
    """Tests with real transactions empty the database afterwards: open what is append-only for that, and close it again."""
    from importlib import import_module

    begin = import_module("clinic.outcomes.migrations.0002_begin").begin
    empty = TransactionTestCase._fixture_teardown

    def empty_and_begin_again(self: Any) -> None:
        triggers.drop(connection)
        letter_triggers.drop(connection)
        session_triggers.drop(connection)
        empty(self)
        triggers.create(connection)
        letter_triggers.create(connection)
        session_triggers.create(connection)
        begin(apps, None)

    TransactionTestCase._fixture_teardown = empty_and_begin_again
    yield
    TransactionTestCase._fixture_teardown = empty


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On SQLite test in a file, as the clinic runs: several connections then wait for each other as they really do."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.db")


@pytest.fixture(autouse=True, scope="session")
def _pages_without_tls() -> Iterator[None]:
    """The test client and the browser speak plain HTTP, as the demo does."""
    with override_settings(
        SECURE_SSL_REDIRECT=False, SESSION_COOKIE_SECURE=False, CSRF_COOKIE_SECURE=False, SECURE_HSTS_SECONDS=0
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def _one_query_per_row_is_noticed() -> None:
    """Inside `zeal_context()` a page that asks the database once per row raises."""
    initialize_app_registry()
    patch()
