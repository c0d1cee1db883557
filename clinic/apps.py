"""The project's own app: accounts, checks, addresses."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic"

    def ready(self) -> None:
        from django.urls import register_converter

        from clinic import checks, lookups  # noqa: F401 - registers the system checks
        from clinic.public_id import PublicIdConverter

        lookups.register()
        register_converter(PublicIdConverter, "id")
