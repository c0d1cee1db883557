"""Two people editing one record: the second is told, and loses nothing."""

from typing import Any

from django.db import models


class StaleEditError(Exception):
    """Somebody else saved this record after it was opened; `current` is what it says now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__("Somebody else changed this record after you opened it. Compare both texts and save again.")
        self.current = current


def next_version(current: Any, seen: int) -> None:
    """Count the edit of a locked row up by one. Raises StaleEditError unless its editor saw the version it has now."""
    if current.version != seen:
        raise StaleEditError(current)
    current.version += 1
