"""The random name of a record in addresses: it says nothing about the patient and cannot be guessed or counted."""

import re
import secrets
from typing import Any

from django.db import models


def new_public_id() -> str:
    """22 URL-safe characters from 16 random bytes."""
    return secrets.token_urlsafe(16)


def is_public_id(text: str) -> bool:
    """Whether this could be one; anything else is not looked for (a NUL would be an error of the database)."""
    return bool(re.fullmatch(PublicIdConverter.regex, text))


class PublicIdField(models.CharField):
    """A unique `new_public_id`, set once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 22, "default": new_public_id, "unique": True, "editable": False, **kwargs})


class PublicIdConverter:
    """`<id:…>` of an address: nothing else is looked for (a NUL would be an error of the database, not a missing page)."""

    regex = "[A-Za-z0-9_-]{22}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
