"""The project's own app: accounts, checks, addresses."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic"

    def ready(self) -> None:
        from django.urls import register_converter

        # The Celery app is loaded here and not in clinic/__init__.py: pure files would pull it in.
        from clinic import celery, checks, lookups  # noqa: F401 - registers the system checks
        from clinic.public_id import PublicIdConverter

        lookups.register()
        register_converter(PublicIdConverter, "id")
