"""Refuse migrations that lose or rename what running code still uses, or that cannot be undone.

It reads the SQL that SQLite would get, so that no server is needed. SQLite remakes a table for each new constraint, which
looks to the linter like columns without a default and new unique constraints: hence NOT_NULL and ADD_UNIQUE are left out.
"""

import os
import sys
from pathlib import Path

import django
from django.apps import apps
from django_migration_linter import MigrationLinter

ROOT = Path(__file__).resolve().parent.parent
REFUSED_WARNINGS = [
    "RUNPYTHON_MODEL_IMPORT",
    "RUNPYTHON_MODEL_VARIABLE_NAME",
    "RUNPYTHON_REVERSIBLE",
    "RUNSQL_REVERSIBLE",
]


def main() -> int:
    """Lint the migrations of the project's own apps."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    ours = [config.label for config in apps.get_app_configs() if Path(config.path).parent in {ROOT, ROOT / "clinic"}]
    linter = MigrationLinter(
        str(ROOT),
        include_apps=ours,
        no_cache=True,
        quiet=["ok", "ignore"],
        exclude_migration_tests=["NOT_NULL", "ADD_UNIQUE"],
        warnings_as_errors_tests=REFUSED_WARNINGS,
    )
    linter.lint_all_migrations()
    linter.print_summary()
    return 1 if linter.has_errors else 0


if __name__ == "__main__":
    sys.exit(main())
