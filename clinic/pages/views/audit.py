"""Who saw or changed what."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.audit.services import record_event
from clinic.pages.trail import entries
from clinic.pages.trail_form import TrailForm
from clinic.policy import Action
from clinic.web.gate import FORM, page
from clinic.web.saving import status_of


@page(Action.AUDIT_VIEW, FORM)
def events(request: HttpRequest) -> HttpResponse:
    """The audit trail. Looking at it is an event too: with the filters, and the patient where one was asked for."""
    with_patients = request.user.may(Action.PATIENT_VIEW)  # type: ignore[union-attr]
    form = TrailForm(request.POST if request.method == "POST" else None, with_patients=with_patients)
    shown = None
    if not form.is_bound or form.is_valid():
        wanted = form.wanted()
        shown = entries(wanted, with_patients=with_patients)
        record_event(request.user, "read audit trail", patient_id=wanted.patient_id, detail=wanted.as_detail())  # type: ignore[arg-type]
    context = {
        "form": form,
        "page": shown,
        "with_patients": with_patients,
        "patient": form.patient,
        "filtered": form.is_bound,
        "section": "audit",
    }
    return render(request, "pages/audit.html", context, status=status_of(form))
