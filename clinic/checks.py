"""System checks of the house."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist


@register
def no_superuser(**_kwargs: Any) -> list[CheckMessage]:
    """Roles in clinic/policy.py decide; a flag that opens everything would go round them."""
    try:
        get_user_model()._meta.get_field("is_superuser")  # type: ignore[misc]
    except FieldDoesNotExist:
        return []
    return [Error("The user model has is_superuser. Remove it: roles in clinic/policy.py decide.", id="clinic.E001")]
