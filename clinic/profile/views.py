"""The clinic: its name, time zone and crisis text."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM, page


@page(Action.SETTINGS_EDIT, FORM)
def settings(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
