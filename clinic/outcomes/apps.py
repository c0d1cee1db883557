"""The outcomes app: it listens to `record_changed` and `time_zone_changed`."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "clinic.outcomes"

    def ready(self) -> None:
        from clinic.outcomes.background import recompute_changed
        from clinic.outcomes.services import recompute_every_day_count
        from clinic.profile.signals import time_zone_changed
        from patients.signals import record_changed

        record_changed.connect(recompute_changed, dispatch_uid="outcomes")
        time_zone_changed.connect(recompute_every_day_count, dispatch_uid="outcomes")
