"""What the clinic says of itself: name, time zone, crisis text."""

from django.apps import AppConfig


class ProfileConfig(AppConfig):
    name = "clinic.profile"
