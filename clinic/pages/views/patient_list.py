"""Finding a patient."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM, page


@page(Action.PATIENT_VIEW, FORM)
def patients(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
