"""Figures in pages: each carries where it comes from and its exact value, so that a test and a script can read it back."""

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clinic.outcomes.drawings.panel import Cell, Table
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


@register.simple_tag
def panel_rows(table: Table, query: str) -> SafeString:
    """The rows of a panel's table, some of hundreds of cells; a number with patients behind it leads to them."""
    patients = reverse("outcomes:patients_behind")
    return format_html_join("\n", "<tr>{}</tr>", ((_cells(row, patients, query),) for row in table.rows))


def _cells(row: list[Cell], patients: str, query: str) -> SafeString:
    name, *numbers = row
    first = format_html('<th scope="row">{}</th>', _linked(name, patients, query))
    cells = ((cell.exact, _linked(cell, patients, query)) for cell in numbers)
    return first + format_html_join("", '<td class="tm-num" data-value="{}">{}</td>', cells)


def _linked(cell: Cell, patients: str, query: str) -> str:
    return (
        format_html('<a href="{}?{}&amp;of={}">{}</a>', patients, query, cell.of, cell.text) if cell.of else cell.text
    )


def _marked(shown: Printed, text: str) -> SafeString:
    return format_html('<span data-figure="{}" data-value="{}">{}</span>', shown.path, shown.exact, text)
