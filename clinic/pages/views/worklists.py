"""What is to be done: infusions and questionnaires."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import page


@page(Action.INFUSION_DATES_VIEW)
def infusions(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@page(Action.ASSESSMENT_VIEW)
def questionnaires(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
