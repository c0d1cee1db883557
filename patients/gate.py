"""The gate of a patient's pages: permission first, then load, then note who looked."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from clinic.audit.services import record_read
from clinic.policy import Action
from clinic.web.gate import READ, View, with_methods
from patients.selectors import patient_for


def patient_page(action: Action, methods: tuple[str, ...] = READ, *, noted: bool = True) -> Callable[[View], View]:
    """Open a page of the patient named by `public_id` in the address to those who may do `action`.

    The view gets the patient instead of the id. Everybody else gets 404, before anything is loaded. A page that was
    shown is noted as read, once in 15 minutes; `noted` False is for what an open page, noted before, asks by itself.
    """

    def close(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, public_id: str, **kwargs: Any) -> HttpResponseBase:
            patient = patient_for(request.user, public_id, action)
            response = view(request, patient, **kwargs)
            if noted and request.method == "GET" and response.status_code == 200 and request.resolver_match:
                name = request.resolver_match.view_name
                record_read(request.user, name, patient_id=patient.pk, now=timezone.now())  # type: ignore[arg-type]
            return response

        return with_methods(guarded, view, methods)

    return close
