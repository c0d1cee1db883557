"""Who saw or changed what."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM, page


@page(Action.AUDIT_VIEW, FORM)
def events(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
