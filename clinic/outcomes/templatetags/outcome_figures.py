"""Figures in pages: each carries where it comes from and its exact value, so that a test and a script can read it back."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.outcomes.printed import Printed

register = template.Library()


@register.filter
def figure(shown: Printed) -> SafeString:
    """A figure, rounded as in a sentence."""
    return _marked(shown, shown.text)


@register.filter
def fine(shown: Printed) -> SafeString:
    """A figure with one more place, as in a table."""
    return _marked(shown, shown.fine)


def _marked(shown: Printed, text: str) -> SafeString:
    return format_html('<span data-figure="{}" data-value="{}">{}</span>', shown.path, shown.exact, text)
