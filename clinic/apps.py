"""The project's own app: accounts, checks."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic"

    def ready(self) -> None:
        from clinic import checks, lookups  # noqa: F401 - registers the system checks

        lookups.register()
