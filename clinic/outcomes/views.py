"""The dashboard and the patients behind its numbers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.outcomes import background
from clinic.outcomes import dashboard as board
from clinic.outcomes import patients_behind as behind
from clinic.policy import Action
from clinic.web.gate import page


@page(Action.OUTCOMES_VIEW)
def dashboard(request: HttpRequest) -> HttpResponse:
    """The clinic's outcomes in one window: first row, charts, the study beside it."""
    now = timezone.now()
    stale = background.bring_up_to_date(now=now)
    shown = board.dashboard(request.GET.get("window", ""), stale)
    return render(request, "outcomes/dashboard.html", {"section": "outcomes", "board": shown, "now": now})


@page(Action.OUTCOMES_VIEW)
def patients_behind(request: HttpRequest) -> HttpResponse:
    """The patients whom a number of the dashboard counts, with their readings; noted in the audit trail."""
    now = timezone.now()
    stale = background.bring_up_to_date(now=now)
    asked = {name: request.GET.get(name, "") for name in ("of", "window", "page")}
    listed = behind.patients_behind(actor=request.user, now=now, stale=stale, **asked)
    return render(request, "outcomes/patients_behind.html", {"section": "outcomes", "listed": listed, "now": now})
