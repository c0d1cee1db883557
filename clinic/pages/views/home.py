"""Home, by role."""

from django.http import HttpRequest, HttpResponse

from clinic.web.gate import page


@page(None)
def home(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
