"""Finding a patient."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.audit.services import record_event
from clinic.outcomes.selectors import criteria_in_force
from clinic.pages.find_form import IN_ADDRESS, FindForm
from clinic.pages.finding import Search, find
from clinic.pages.patient_rows import on_strip, rows_of
from clinic.policy import Action
from clinic.web.gate import FORM, page
from clinic.web.saving import status_of


@page(Action.PATIENT_VIEW, FORM)
def patients(request: HttpRequest) -> HttpResponse:
    """The list of patients. What is typed is posted, so that it stands in no address and no log; GET knows only filters."""
    asked: Any = request.POST
    if request.method != "POST":
        asked = {name: request.GET[name] for name in IN_ADDRESS if name in request.GET}
    form = FindForm(asked)
    context: dict[str, Any] = {"form": form, "section": "patients"}
    if form.is_valid():
        context |= _listed(request, form.search())
    template = "pages/patients_found.html" if request.htmx else "pages/patient_list.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status_of(form))


def _listed(request: HttpRequest, search: Search) -> dict[str, Any]:
    """What the page shows of this search, with one audit event that names who was shown and never what was typed."""
    found, criteria = find(search), criteria_in_force()
    shown = [patient.pk for patient in found.patients]
    action = "search patients" if search.text else "list patients"
    record_event(request.user, action, detail={"patient_ids": shown})  # type: ignore[arg-type]
    filters = {name: getattr(search, name) for name in IN_ADDRESS if getattr(search, name) not in {"", "name"}}
    cut = criteria.criteria().cut
    return {
        "found": found,
        "search": search,
        "rows": rows_of(found.patients, criteria.number, timezone.localdate()),
        "cut": cut,
        "cut_at": on_strip(cut),
        "criteria": criteria,
        "address": f"{request.path}?{urlencode(filters)}" if filters else request.path,
    }
