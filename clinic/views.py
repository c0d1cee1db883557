"""What machines ask, without signing in: whether the process lives, and whether it can serve.

Neither answer needs the middleware that reads the clinic's profile (clinic/profile/middleware.py), so both come at once
while the database is away.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from clinic import database
from clinic.outcomes import workers
from clinic.outcomes.background import has_workers


@login_not_required
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process lives and answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Whether pages can be served and records saved: 503 with the reason while not. Saves work without the broker too."""
    if why := database.trouble():
        return JsonResponse({"ready": False, "why": why}, status=503)
    if has_workers() and workers.waiting() is None:
        return JsonResponse({"ready": True, "broker": "does not answer"})
    return JsonResponse({"ready": True})
