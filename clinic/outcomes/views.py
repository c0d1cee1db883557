"""The dashboard and the patients behind its numbers."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import page


@page(Action.OUTCOMES_VIEW)
def dashboard(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@page(Action.OUTCOMES_VIEW)
def patients_behind(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
