"""What is to be done: infusions and questionnaires."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.pages.paging import cursor_in
from clinic.pages.shown import note_list_shown
from clinic.pages.worklist import infusions_to_do, questionnaires_due
from clinic.policy import Action
from clinic.web.gate import page


@page(Action.INFUSION_DATES_VIEW)
def infusions(request: HttpRequest) -> HttpResponse:
    """Today's infusions, the planned ones, those to close and the recent ones; doses for who may see them."""
    now = timezone.now()
    doses = request.user.may(Action.INFUSION_VIEW)  # type: ignore[union-attr]
    shown = infusions_to_do(request.GET.get("list", ""), cursor_in(request.GET.get("after", "")), now, doses=doses)
    patient_ids = (row.patient.pk for row in shown.page.rows)
    note_list_shown(request.user, f"infusions {shown.current.name}", patient_ids, now=now)
    context = {"worklist": shown, "doses": doses, "today": timezone.localdate(now), "section": "infusions"}
    return render(request, "pages/infusions.html", context)


@page(Action.ASSESSMENT_VIEW)
def questionnaires(request: HttpRequest) -> HttpResponse:
    """The PCL-5s that are due and overdue, and those that were missed."""
    now = timezone.now()
    shown = questionnaires_due(request.GET.get("list", ""), cursor_in(request.GET.get("after", "")), now)
    patient_ids = (row.patient.pk for row in shown.page.rows)
    note_list_shown(request.user, f"questionnaires {shown.current.name}", patient_ids, now=now)
    context = {"worklist": shown, "today": timezone.localdate(now), "section": "questionnaires"}
    return render(request, "pages/questionnaires.html", context)
