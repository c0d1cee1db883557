"""`manage.py import_records DIR [--dry-run]`"""

import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.console import printable
from clinic.outcomes.services import recompute_stale
from clinic.profile.zone import in_clinic_time
from clinic.transfer.past_records import Refused, import_directory

_SECONDS_BETWEEN_NEWS = 0.2


class Command(BaseCommand):
    """Imports past records: patients.csv, infusions.csv and pcl5.csv in DIR, any of which may be absent."""

    help = "Import patients.csv, infusions.csv and pcl5.csv: all their rows, or none and what is wrong with each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", metavar="DIR", type=Path, help="where the files are; any may be absent")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")

    @in_clinic_time()
    def handle(self, *_args: Any, directory: Path, dry_run: bool, **_options: Any) -> None:
        self.told_at = 0.0
        try:
            imported = import_directory(directory, now=timezone.now(), dry_run=dry_run, progress=self.tell)
        except Refused as refused:
            self.erase()
            for problem in refused.problems:
                self.stderr.write(printable(str(problem), self.stderr))
            raise CommandError(str(refused)) from None
        except KeyboardInterrupt:
            raise CommandError("Interrupted. Nothing was written.") from None
        if not dry_run:
            self.compute_outcomes()
        self.erase()
        for line in imported.lines():
            self.stdout.write(printable(line, self.stdout))

    def compute_outcomes(self) -> None:
        """The records are in, whatever happens here."""
        self.tell("Computing outcomes", 0)
        try:
            recompute_stale(now=timezone.now())
        except (Exception, KeyboardInterrupt) as error:
            reason = type(error).__name__
            self.stderr.write(f"The records are in, but not all outcomes ({reason}): run recompute_outcomes.")

    def tell(self, what: str, done: int) -> None:
        """Progress, on a terminal only."""
        if sys.stderr and sys.stderr.isatty() and time.monotonic() - self.told_at > _SECONDS_BETWEEN_NEWS:
            self.told_at = time.monotonic()
            sys.stderr.write(f"\r\x1b[K{what}: {done:,}")
            sys.stderr.flush()

    def erase(self) -> None:
        if self.told_at:
            sys.stderr.write("\r\x1b[K")
