"""Home, by role: what needs this person now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.pages.clinic_day import long_day
from clinic.pages.home_sections import home_sections
from clinic.pages.shown import note_list_shown
from clinic.web.gate import page


@page(None)
def home(request: HttpRequest) -> HttpResponse:
    """The sections of each role that the person holds."""
    now = timezone.now()
    sections = home_sections(request.user.roles(), now)  # type: ignore[union-attr]
    note_list_shown(request.user, "home", sections.patient_ids, now=now)
    context = {"home": sections, "day": long_day(timezone.localdate(now)), "now": now, "section": "home"}
    return render(request, "pages/home.html", context)
