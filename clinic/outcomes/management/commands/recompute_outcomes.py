"""Work off what is stale, then publish the summary."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from clinic.outcomes import selectors, services
from clinic.profile.zone import in_clinic_time


class Command(BaseCommand):
    help = "Recompute the outcomes of patients whose records or criteria changed, then publish the clinic summary."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="recompute every patient, stale or not")

    @in_clinic_time()
    def handle(self, **options: Any) -> None:
        recompute = services.recompute_all if options["all"] else services.recompute_stale
        done = recompute(now=timezone.now(), progress=self._progress if sys.stderr.isatty() else None)
        services.refresh_summary(selectors.criteria_in_force().number, now=timezone.now())
        self.stdout.write(f"Recomputed {done} patients.")

    def _progress(self, patients: int) -> None:
        self.stderr.write(f"… {patients} more patients")
