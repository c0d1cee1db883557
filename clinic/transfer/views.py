"""The page from which de-identified records leave the clinic."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.policy import Action
from clinic.transfer.forms import ResearchExportForm
from clinic.transfer.research import export
from clinic.web.gate import FORM, page
from clinic.web.saving import status_of


@page(Action.RESEARCH_EXPORT, FORM)
def research_export(request: HttpRequest) -> HttpResponse:
    """What a research export of today holds; posted with a label, the ZIP itself, noted in the audit trail."""
    now = timezone.now()
    form = ResearchExportForm(request.POST if request.method == "POST" else None)
    label = form.cleaned_data["label"] if form.is_valid() else None
    made, refused = _made(label, now)
    if label and made:
        export.note_export(request.user, made)  # type: ignore[arg-type]
        headers = {"Content-Disposition": f'attachment; filename="{made.file_name}"'}
        return HttpResponse(made.zipped(), content_type="application/zip", headers=headers)
    if label:
        form.refuse(ValidationError(refused))
    shown = {"section": "outcomes", "form": form, "export": made, "refused": refused, "now": now}
    return render(request, "transfer/research_export.html", shown, status=status_of(form))


def _made(label: str | None, now: datetime) -> tuple[export.ResearchExport | None, str]:
    """The export of today, or why there is none."""
    try:
        return export.research_export(label=label, as_of=timezone.localdate(now), now=now), ""
    except export.TooFewPatients as few:
        return None, str(few)
