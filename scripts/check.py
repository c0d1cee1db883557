"""Run every check of `make check`, all of them even when one fails, and name the failed ones. Changes nothing."""

import os
import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE = (sys.executable, "manage.py")

CHECKS: dict[str, tuple[str, ...]] = {
    "types (mypy)": (f"{BIN}/mypy", "--no-error-summary"),
    "style (ruff check)": (f"{BIN}/ruff", "check", "--quiet"),
    "format (ruff format)": (f"{BIN}/ruff", "format", "--check"),
    "who imports whom (lint-imports)": (f"{BIN}/lint-imports", "--no-logo"),
    "templates (djlint)": (f"{BIN}/djlint", "--quiet", "--lint", "templates"),
    "template format (djlint)": (f"{BIN}/djlint", "--quiet", "--check", "templates"),
    "models without a migration": (*MANAGE, "makemigrations", "--check", "--dry-run"),
    "migrations (django-migration-linter)": (sys.executable, "scripts/lint_migrations.py"),
    "production settings (check --deploy)": (*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
}
PRODUCTION = {
    "DATABASE_URL": "sqlite://:memory:",
    "DEBUG": "0",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "clinic.example",
    "CLINIC_TIME_ZONE": "America/New_York",
    **dict.fromkeys(("BEHIND_TLS_PROXY", "PLAIN_HTTP"), "0"),
    **dict.fromkeys(("CELERY_BROKER_URL", "STATIC_ROOT"), ""),
    "SWEEP_SECONDS": "60",
}


def run(command: tuple[str, ...]) -> tuple[bool, str, float]:
    """Whether it passed, what it said, and how many seconds it took."""
    start = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=os.environ | PRODUCTION, capture_output=True, text=True, check=False)
    return done.returncode == 0, f"{done.stdout}{done.stderr}".strip(), time.monotonic() - start


def main() -> int:
    """Two checks at a time; the output of the failed ones, then one line each."""
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, (passed, said, seconds) in zip(CHECKS, pool.map(run, CHECKS.values()), strict=True):
            print(f"{'ok  ' if passed else 'FAIL'} {seconds:5.1f} s  {name}", flush=True)
            if not passed:
                failed.append(name)
                print(f"{said}\n", flush=True)
    print(f"Failed: {', '.join(failed)}." if failed else f"All {len(CHECKS)} checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
