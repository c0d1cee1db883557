#!/usr/bin/env python
"""Django's command line for Tidemark."""

import os
import sys


def main() -> int:
    """Run one management command; a setting that is missing or wrong is one clear line, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        settings.INSTALLED_APPS  # noqa: B018 - loads the settings, so that what is wrong with them is said first
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 1
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        if "--traceback" in sys.argv:
            raise
        what = str(error).partition("\n")[0]  # further lines may quote a record
        sys.stderr.write(f"The database failed: {what}\nCheck DATABASE_URL, and that `manage.py migrate` was run.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
