"""What every template may show of the clinic."""

from typing import Any

from django.http import HttpRequest


def clinic(request: HttpRequest) -> dict[str, Any]:
    """`clinic.name`, `clinic.crisis_text`, `clinic.time_zone`: what the middleware read, so no query of its own."""
    return {"clinic": getattr(request, "clinic_profile", None)}
