"""What every template may show."""

from typing import Any

from django.http import HttpRequest

from clinic.policy import Action


def people(request: HttpRequest) -> dict[str, Any]:
    """`may.<action>` for the person signed in, with underscores: `{% if may.patient_view %}`. One query, when asked."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"may": {}}
    return {"may": _Permissions(user)}


class _Permissions:
    """Reads the roles once for the page."""

    def __init__(self, user: Any) -> None:
        self._user = user
        self._roles: frozenset[str] | None = None

    def __getitem__(self, name: str) -> bool:
        from clinic.policy import may

        if self._roles is None:
            self._roles = self._user.roles()
        return may(self._roles, Action[name.upper()])
