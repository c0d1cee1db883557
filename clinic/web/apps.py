"""What every page needs: the gate, forms that save once, headers, and the words and shapes of templates."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "clinic.web"
