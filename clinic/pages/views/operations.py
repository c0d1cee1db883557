"""Whether everything is counted."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinic.pages.operations import operations_now
from clinic.pages.operations_verdict import findings
from clinic.pages.shown import note_list_shown
from clinic.policy import Action
from clinic.web.fresh import part
from clinic.web.gate import page


@page(Action.OPERATIONS_VIEW)
def operations(request: HttpRequest) -> HttpResponse:
    """What is counted and what waits. The open page asks for itself while something waits, and shows its middle anew."""
    now = timezone.now()
    shown = operations_now(now, with_patients=request.user.may(Action.PATIENT_VIEW))  # type: ignore[union-attr]
    note_list_shown(request.user, "operations", shown.patient_ids, now=now)
    context = {"operations": shown, "findings": findings(shown), "section": "operations"}
    return part(request, "pages/operations.html", context, shown=shown.key, rest_follows=False)
