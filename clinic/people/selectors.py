"""Accounts, for the administrator."""

from typing import Any

from django.contrib.auth import get_user_model

from clinic.policy import ROLE_LABELS, Role


def all_people() -> list[Any]:
    """Every account with its roles at `role_words`, open ones first, by name. Two queries."""
    people: list[Any] = list(
        get_user_model().objects.order_by("-is_active", "full_name", "pk").prefetch_related("grants")
    )
    for person in people:
        held = {grant.role for grant in person.grants.all()}
        person.role_words = [ROLE_LABELS[role] for role in Role if role in held]
    return people
