"""Check every session of the infusion room against its log, whatever wrote them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.database import one_snapshot
from clinic.profile.zone import in_clinic_time
from infusions.models import Infusion
from infusions.services.verifying import differences, kept_in_room


class Command(BaseCommand):
    help = (
        "Derive every session of the infusion room again from its log and report, by the infusion's id, each value, row "
        "and line of stock that differs, and each signature whose fingerprint is not that of the log. Changes nothing; "
        "exit code 1 when there is any."
    )

    @in_clinic_time()
    def handle(self, **_options: Any) -> None:
        checked = faulty = 0
        for number in list(kept_in_room().values_list("pk", flat=True)):
            with one_snapshot():
                infusion = Infusion.objects.get(pk=number)
                found = differences(infusion)
            checked, faulty = checked + 1, faulty + bool(found)
            for difference in found:
                self.stderr.write(f"infusion {infusion.public_id}: {difference}")
        if faulty:
            raise CommandError(f"{faulty} of {checked} sessions do not agree with their log.")
        self.stdout.write(f"{checked} sessions agree with their log.")
