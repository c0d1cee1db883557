"""Accounts, for the administrator."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM, page


@page(Action.ACCOUNTS_MANAGE)
def people(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@page(Action.ACCOUNTS_MANAGE, FORM)
def new(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@page(Action.ACCOUNTS_MANAGE, FORM)
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    raise NotImplementedError


@page(Action.ACCOUNTS_MANAGE, FORM)
def new_password(request: HttpRequest, public_id: str) -> HttpResponse:
    raise NotImplementedError
