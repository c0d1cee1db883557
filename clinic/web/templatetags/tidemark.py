"""The words and shapes of pages: icons, days, signed numbers, statuses."""

from datetime import date, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

#: Every status of a course, as it is said and drawn: shape and word, never colour alone.
STATUS_WORDS = {
    "REMISSION": ("remission", "Remission"),
    "RESPONSE": ("response", "Response, not remission"),
    "NO_RESPONSE": ("none", "No response"),
    "RELAPSED": ("relapsed", "Relapsed"),
    "WORSENED": ("worsened", "Worsened"),
    "AWAITING": ("pending", "Awaiting PCL-5"),
    "NOT_STARTED": ("pending", "Not started"),
    "NO_BASELINE": ("pending", "No baseline"),
    "BELOW_CUT": ("pending", "Below cut"),
}


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of static/icons.svg, said nothing of to a screen reader: the words stand beside it."""
    return format_html(
        '<svg class="tm-icon {}" aria-hidden="true"><use href="{}#i-{}"/></svg>', extra, static("icons.svg"), name
    )


@register.simple_tag
def status(code: str, size: str = "") -> SafeString:
    """A status as shape and word. `size` "lg" for a page's header."""
    look, words = STATUS_WORDS[code]
    return format_html(
        '<span class="tm-status tm-status--{look}{size}"><svg class="tm-shape tm-shape--{look}" viewBox="0 0 12 12" '
        'aria-hidden="true"><use href="{sprite}#s-{look}"/></svg>{words}</span>',
        look=look,
        size=f" tm-status--{size}" if size else "",
        sprite=static("icons.svg"),
        words=words,
    )


@register.filter
def status_words(code: str) -> str:
    """A status in words."""
    return STATUS_WORDS[code][1]


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as "27 Feb 2026"; a dash where none is known."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = timezone.localdate(value)
    return f"{value.day} {value:%b %Y}"


@register.filter
def weekday(value: date | datetime | None) -> str:
    """The day of the week on the clinic's clock as "Mon"."""
    if value is None:
        return "—"
    return f"{timezone.localdate(value) if isinstance(value, datetime) else value:%a}"


@register.filter
def moment(value: datetime | None) -> str:
    """A moment on the clinic's clock as "27 Feb 2026, 14:02"."""
    if value is None:
        return "—"
    return f"{day(value)}, {timezone.localtime(value):%H:%M}"


@register.filter
def clock(value: datetime | None) -> str:
    """The time of day as "14:02"."""
    return "—" if value is None else f"{timezone.localtime(value):%H:%M}"


@register.filter
def signed(value: Any) -> str:
    """A change with its sign: "−19", "+3", "±0"; a dash where none is known."""
    if value is None or value == "":
        return "—"
    number = value if isinstance(value, int | float) else float(value)
    text = f"{abs(number):g}"
    return f"±{text}" if number == 0 else f"{'−' if number < 0 else '+'}{text}"


@register.filter
def plain(value: Any) -> str:
    """A number without trailing zeros and with a true minus; a dash where none is known."""
    if value is None or value == "":
        return "—"
    text = f"{value:f}" if not isinstance(value, int) else str(value)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


@register.filter
def initials(user: Any) -> str:
    """Two letters for the round mark of a person."""
    words = [word for word in str(user).replace(".", " ").split() if word[0].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words[:1])).upper()


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, section: str, view_name: str, words: str) -> SafeString:
    """A link of the main navigation, marked when the page belongs to it (`section` in the page's context)."""
    if context.get("section") == section:
        return format_html('<a href="{}" aria-current="page">{}</a>', reverse(view_name), words)
    return format_html('<a href="{}">{}</a>', reverse(view_name), words)
