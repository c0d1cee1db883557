"""Whether what changes is worked off, for a container's health check."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinic.outcomes import workers
from clinic.outcomes.background import has_workers
from clinic.profile.zone import in_clinic_time
from clinic.web.templatetags.tidemark import moment


class Command(BaseCommand):
    help = "Say when the last sweep ended; exit code 1 when sweeps were missed since, 0 when not or without a broker."

    @in_clinic_time()
    def handle(self, **_options: Any) -> None:
        if not has_workers():
            self.stdout.write("No broker: nothing to sweep.")
            return
        ended_at = workers.last_sweep()
        if workers.sweep_is_late(ended_at, timezone.now()):
            since = f"since {moment(ended_at)}" if ended_at else "yet"
            raise CommandError(
                f"No sweep has ended {since}. See that worker and beat run, and that both reach broker and database."
            )
        self.stdout.write(f"The last sweep ended {moment(ended_at)}.")
