"""The limits of the clinic."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM, page


@page(Action.CLINICAL_LIMITS_EDIT, FORM)
def edit(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
