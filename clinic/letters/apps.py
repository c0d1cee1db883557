"""Letters about a patient to whoever referred her."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "clinic.letters"
