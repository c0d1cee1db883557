"""The dashboard, the patients behind its numbers, and the criteria under which they are counted."""

from contextlib import nullcontext
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from clinic.audit.services import record_event
from clinic.outcomes import background, criteria_page, definitions, selectors, services
from clinic.outcomes import dashboard as board
from clinic.outcomes import patients_behind as behind
from clinic.outcomes.asked import Asked
from clinic.outcomes.csv_of_panel import csv_of_panel, csvs_of_panels
from clinic.outcomes.effect import effect
from clinic.outcomes.forms import CriteriaForm, SavedViewForm
from clinic.outcomes.saved_views import remove_view, save_view, views_of
from clinic.outcomes.since import since_last_visit
from clinic.outcomes.small_numbers import handed_on
from clinic.policy import Action
from clinic.web.fresh import part
from clinic.web.gate import FORM, page, redirect
from clinic.web.saving import create_once, save_edit, status_of


@page(Action.OUTCOMES_VIEW)
def dashboard(request: HttpRequest) -> HttpResponse:
    """The clinic's outcomes in one window: first row, charts, the study beside it."""
    now = timezone.now()
    stale = background.bring_up_to_date(now=now)
    shown = board.dashboard(Asked.read(request.GET), stale, now)
    background.load_for_filters()
    since = shown.published and since_last_visit(request.user, shown.published, shown.window, now)
    context = {"section": "outcomes", "board": shown, "since": since, "now": now}
    return render(request, "outcomes/dashboard.html", context)


@page(Action.OUTCOMES_VIEW)
def details(request: HttpRequest) -> HttpResponse:
    """What lasted, for whom, and what was done: the panels that are computed when they are asked for."""
    now = timezone.now()
    stale = background.bring_up_to_date(now=now)
    shown = board.dashboard(Asked.read(request.GET), stale, now, with_details=True)
    return render(request, "outcomes/details.html", {"section": "outcomes", "board": shown, "now": now})


@page(Action.OUTCOMES_VIEW)
def as_of(request: HttpRequest) -> HttpResponse:
    """How far the figures are up to date, for an open page to ask; where it shows others, the rest follows."""
    now = timezone.now()
    shown = board.dashboard(Asked.read(request.GET), background.bring_up_to_date(now=now), now)
    if shown.summary and request.GET.get("shown", "").startswith("0."):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})  # the first figures: a page of another shape
    others = not request.GET.get("shown", "").startswith(f"{shown.figures_shown}.")
    context = {"board": shown, "now": now, "part": True}
    return part(request, "outcomes/as_of.html", context, shown=shown.shown, rest_follows=others)


@page(Action.OUTCOMES_VIEW)
def patients_behind(request: HttpRequest) -> HttpResponse:
    """The patients whom a number of the dashboard counts, with their readings; noted in the audit trail."""
    now = timezone.now()
    stale = background.bring_up_to_date(now=now)
    listed = behind.patients_behind(
        actor=request.user,
        now=now,
        stale=stale,
        asked=Asked.read(request.GET),
        of=request.GET.get("of", ""),
        page=request.GET.get("page", ""),
    )
    return render(request, "outcomes/patients_behind.html", {"section": "outcomes", "listed": listed, "now": now})


@page(Action.OUTCOMES_EXPORT)
def panel_csv(request: HttpRequest, panel: str) -> HttpResponse:
    """One panel as its table shows it, as CSV for use within the clinic; noted in the audit trail."""
    now = timezone.now()
    shown = _to_export(request, now, outside=False)
    if panel not in shown.tables:
        raise Http404
    text = csv_of_panel(shown, panel, now)
    _note_export(request, "export panel", shown, panel=panel)
    return _file(text, "text/csv; charset=utf-8", f"tidemark-{panel}-{shown.window.lower()}.csv")


@page(Action.OUTCOMES_EXPORT)
def tables_zip(request: HttpRequest) -> HttpResponse:
    """Every table as CSV as it may be handed on, in one ZIP; noted in the audit trail."""
    now = timezone.now()
    with handed_on():
        shown = _to_export(request, now, outside=True)
        packed = csvs_of_panels(shown, now)
    _note_export(request, "export tables", shown)
    return _file(packed, "application/zip", f"tidemark-tables-{shown.window.lower()}.zip")


@page(Action.OUTCOMES_EXPORT)
def report_pdf(request: HttpRequest) -> HttpResponse:
    """The dashboard with its details as PDF, as it may be handed on or, if it is `for=clinic`, as it is; noted."""
    from clinic.outcomes.report_pdf.report import report_pdf

    now, outside = timezone.now(), request.GET.get("for") != "clinic"
    with handed_on() if outside else nullcontext():
        shown = _to_export(request, now, outside=outside)
        file = report_pdf(shown, by=str(request.user), now=now)
    readers = "others" if outside else "clinic"
    _note_export(request, "export report", shown, readers=readers)
    return _file(file, "application/pdf", f"tidemark-report-for-{readers}-{shown.window.lower()}.pdf")


def _to_export(request: HttpRequest, now: datetime, *, outside: bool) -> board.Dashboard:
    """What the address asks for, with its details. Raises Http404 when there is nothing to show."""
    stale = background.bring_up_to_date(now=now)
    shown = board.dashboard(Asked.read(request.GET), stale, now, with_details=True, outside=outside)
    if shown.nothing:
        raise Http404
    return shown


def _note_export(request: HttpRequest, action: str, shown: board.Dashboard, **more: str) -> None:
    asked = {"window": shown.window, "preset": shown.asked.preset, "filters": shown.asked.filters.asked()}
    record_event(request.user, action, detail={**more, **asked})  # type: ignore[arg-type]


def _file(content: str | bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


@page(Action.OUTCOMES_VIEW, FORM)
def saved_views(request: HttpRequest) -> HttpResponse:
    """The views that have a name, and a form that names the one in the address."""
    asked, here = Asked.read(request.GET), request.get_full_path()
    if removed := request.POST.get("remove", ""):
        remove_view(actor=request.user, public_id=removed)
        return redirect(here)
    form = SavedViewForm(request.POST if request.method == "POST" else None)

    def save() -> str:
        view = save_view(actor=request.user, asked=asked, **form.named())
        messages.success(request, f"The view “{view.name}” is saved.")
        return here

    if request.method == "POST" and (answer := create_once(request, form, save)):
        return answer
    context = {
        "section": "outcomes",
        "form": form,
        "asked": asked,
        "window": definitions.window_label(selectors.criteria_in_force().criteria(), asked.window),
        "views": views_of(request.user),
    }
    return render(request, "outcomes/saved_views.html", context, status=status_of(form))


@page(Action.CRITERIA_ADOPT, FORM)
def criteria(request: HttpRequest) -> HttpResponse:
    """What is in force and why, other criteria to adopt, how far the recompute is, and every version."""
    now, in_force = timezone.now(), selectors.criteria_in_force()
    form = CriteriaForm(request.POST if request.method == "POST" else None, in_force=in_force)

    def save() -> str:
        version = services.adopt_criteria(
            actor=request.user,
            criteria=form.criteria(),
            version_seen=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            now=now,
        )
        transaction.on_commit(background.recompute_everybody)
        messages.success(request, f"Version {version.number} of the criteria is in force.")
        return reverse("outcomes:criteria")

    shown_effect = None
    if "effect" in request.POST:
        if proposed := form.proposed:
            shown_effect = effect(in_force.criteria(), proposed, timezone.localdate(now))
            form.errors.clear()  # the reason is asked for when they are adopted
    elif done := save_edit(form, save):
        return done
    if not form.is_bound:
        background.bring_up_to_date(now=now)
    shown = {
        "section": "outcomes",
        "form": form,
        "effect": shown_effect,
        "words": [*definitions.definition(in_force.criteria()), *definitions.site_settings(in_force.criteria())],
        "recompute": criteria_page.recompute(in_force),
        "history": criteria_page.history(),
        "now": now,
    }
    return render(request, "outcomes/criteria.html", shown, status=status_of(form))


@page(Action.CRITERIA_ADOPT)
def criteria_progress(request: HttpRequest) -> HttpResponse:
    """The part of that page that says how far the recompute is; asking for it works off some more."""
    now = timezone.now()
    background.bring_up_to_date(now=now)
    recompute = criteria_page.recompute(selectors.criteria_in_force())
    context = {"recompute": recompute, "now": now}
    return part(request, "outcomes/criteria_progress.html", context, shown=recompute.shown, rest_follows=False)
