"""The gate of every page: it names what a page needs, and lets nobody in who may not do it.

Patients' pages have a gate of their own (patients/gate.py), which answers 404 instead of 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed

from clinic.audit.services import record_event
from clinic.policy import Action

View = Callable[..., HttpResponseBase]
READ = ("GET",)
FORM = ("GET", "POST")
POST = ("POST",)


def page(action: Action | None, methods: tuple[str, ...] = READ) -> Callable[[View], View]:
    """Open a page to those who may do `action` (None: to everybody signed in); others get 403 and are noted."""

    def close(view: View) -> View:
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if action is not None and not request.user.may(action):  # type: ignore[union-attr]
                name = request.resolver_match.view_name if request.resolver_match else ""
                record_event(request.user, f"denied {action}", allowed=False, detail={"page": name})  # type: ignore[arg-type]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return with_methods(guarded, view, methods)

    return close


def with_methods(guarded: View, view: View, methods: tuple[str, ...]) -> View:
    """`guarded` under the name of `view`, answering these methods (and HEAD where GET is one) and no other."""
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in allowed:
            return HttpResponseNotAllowed(allowed)
        return guarded(request, *args, **kwargs)

    return answering


def redirect(location: str) -> HttpResponse:
    """The answer to a form that was saved: go and look at `location`, also when htmx sent it."""
    return HttpResponse(status=303, headers={"Location": location})
