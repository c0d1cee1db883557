"""The lots that were used, and who received from one, on the page and as CSV."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.audit.services import record_event
from clinic.pages.shown import note_list_shown
from clinic.policy import Action
from clinic.room.lots.csv_of_lot import csv_of_lot
from clinic.room.lots.names import lot_of
from clinic.room.lots.uses import Lot, lot_keys, lots
from clinic.web.gate import page

#: Lots on a page.
_LOTS = 50


@page(Action.INFUSION_RECORD)
def lots_used(request: HttpRequest) -> HttpResponse:
    """Every lot that a session drew from, the latest used first. It names no patient."""
    shown = Paginator(lot_keys(), _LOTS).get_page(request.GET.get("page", "1"))
    return render(request, "room/lots.html", {"section": "infusions", "page": shown, "lots": lots(shown.object_list)})


@page(Action.INFUSION_RECORD)
def lot_used(request: HttpRequest, lot: str) -> HttpResponse:
    """Who received from a lot."""
    found = _lot(lot)
    note_list_shown(request.user, "patients of a lot", _patient_ids(found), now=timezone.now())
    return render(request, "room/lot.html", {"section": "infusions", "lot": found})


@page(Action.INFUSION_RECORD)
def lot_csv(request: HttpRequest, lot: str) -> HttpResponse:
    """The same as CSV; each download is noted."""
    found = _lot(lot)
    record_event(request.user, "export patients of a lot", detail={"patient_ids": _patient_ids(found)})  # type: ignore[arg-type]
    headers = {"Content-Disposition": 'attachment; filename="lot.csv"'}
    return HttpResponse(csv_of_lot(found), content_type="text/csv; charset=utf-8", headers=headers)


def _lot(name: str) -> Lot:
    key = lot_of(name)
    if key is None:
        raise Http404
    return lots([key])[0]


def _patient_ids(lot: Lot) -> list[int]:
    return sorted({use.infusion.course.patient_id for use in lot.uses})
