"""The infusions of a day and of a week, by clinician."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.pages.schedule import asked_for, schedule
from clinic.pages.shown import note_list_shown
from clinic.policy import Action
from clinic.web.gate import page


@page(Action.INFUSION_DATES_VIEW)
def day(request: HttpRequest) -> HttpResponse:
    """Who comes on a day, when, and to whom."""
    return _list(request, week=False)


@page(Action.INFUSION_DATES_VIEW)
def week(request: HttpRequest) -> HttpResponse:
    """Who comes in a week, from Monday to Sunday."""
    return _list(request, week=True)


def _list(request: HttpRequest, *, week: bool) -> HttpResponse:
    now = timezone.now()
    today = timezone.localdate(now)
    asked = asked_for(request.GET.get("on", ""), request.GET.get("clinician", ""), today, week=week)
    shown = schedule(asked, today)
    note_list_shown(request.user, f"infusions of a {'week' if week else 'day'}", shown.patient_ids, now=now)
    context = {
        "schedule": shown,
        "today": today,
        "today_query": asked.address(today),
        "current": "week" if week else "day",
        "section": "infusions",
    }
    return render(request, "pages/schedule.html", context)
