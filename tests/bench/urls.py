"""The clinic's addresses and, behind the same server, session and sign-in, the least that can be called a save."""

import sys
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from clinic.web.gate import redirect

#: Slow to import and large; a web server with workers beside it computes nothing with them.
HEAVY = ("numpy", "pandas", "scipy")


class BareRow(models.Model):
    """What was posted, and when. The bench makes the table (bench/saves.py)."""

    posted = models.JSONField()
    saved_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        app_label, db_table = "bench", "bench_bare_row"

    def __str__(self) -> str:
        return f"row {self.pk}"


def bare(request: HttpRequest) -> HttpResponse:
    """Insert one row and redirect."""
    BareRow.objects.create(posted=request.POST.dict())
    return redirect("/")


def bare_update(request: HttpRequest) -> HttpResponse:
    """Update one row."""
    posted = request.POST.dict()
    changed = BareRow.objects.filter(pk=posted["row"]).update(posted=posted)
    return JsonResponse({"changed": changed})


def imported(_request: HttpRequest) -> HttpResponse:
    """Which heavy packages this process has imported by now."""
    return JsonResponse({name: name in sys.modules for name in HEAVY})


urlpatterns = [
    path("bench/bare/", bare),
    path("bench/bare-update/", bare_update),
    path("bench/imported/", imported),
    path("", include("clinic.urls")),
]
