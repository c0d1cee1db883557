"""The example in docs prints what README.md says it prints."""

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_the_readme_shows_the_report_of_the_example() -> None:
    call_command("import_records", str(settings.BASE_DIR / "docs" / "example"), stdout=StringIO())
    out = StringIO()
    call_command("outcomes_report", "--window", "primary", "--as-of", "2026-11-21", stdout=out)
    shown = Path(settings.BASE_DIR / "README.md").read_text(encoding="utf-8").split("without a browser:\n\n```\n")[1]
    assert out.getvalue().startswith(shown.split("…")[0])
