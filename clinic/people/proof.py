"""Proving at somebody's tablet who one is: a signature, a second prescriber, a witness."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest


def proven(request: HttpRequest, email: str, password: str) -> Any:
    """The person with this e-mail and password, who need not be the one signed in; nobody is signed in by it.

    Counts failed tries as signing in does. Raises ValidationError when they do not match, or after too many tries.
    """
    person = get_adapter().authenticate(request, email=email.strip().lower(), password=password)
    if person is None or not person.is_active:
        raise ValidationError("E-mail and password do not match. Check both and try again.")
    return person
