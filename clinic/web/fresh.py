"""Pages that change by themselves: a part of an open page asks whether it still holds (static/js/fresh.js)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

#: The event on which the rest of an open page is fetched anew.
CHANGED = "outcomes-changed"


def part(
    request: HttpRequest, template: str, context: dict[str, Any], *, shown: str, rest_follows: bool
) -> HttpResponse:
    """The part anew, or 204 while the page shows just that: a poll that changes nothing is neither drawn nor spoken.

    `shown` names what the part shows; the page sends back the one it has. `rest_follows` has the rest fetched too.
    """
    if request.GET.get("shown") == shown:
        return HttpResponse(status=204)
    response = render(request, template, context)
    if rest_follows:
        response["HX-Trigger"] = CHANGED
    return response
