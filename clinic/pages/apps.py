"""Pages that join apps: home, worklists, the patient page, the audit trail."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "clinic.pages"
