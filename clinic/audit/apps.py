"""The audit trail: the ground floor."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "clinic.audit"
