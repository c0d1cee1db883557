"""The limits of the clinic."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from clinic.policy import Action
from clinic.web.gate import FORM, page
from clinic.web.saving import save_edit, status_of
from infusions.forms.limits import LimitsForm, history_of, in_code
from infusions.selectors import latest_limits, limits_history
from infusions.services import adopt_limits


@page(Action.CLINICAL_LIMITS_EDIT, FORM)
def edit(request: HttpRequest) -> HttpResponse:
    """Every limit, what it is by default, and who changed it when and why."""
    in_force = latest_limits()
    form = LimitsForm(request.POST if request.method == "POST" else None, in_force=in_force)

    def save() -> str:
        version = adopt_limits(
            actor=request.user,
            limits=form.limits(),
            version_seen=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        messages.success(request, f"Version {version.number} of the limits is in force.")
        return reverse("infusions:limits")

    if done := save_edit(form, save):
        return done
    shown = {
        "section": "settings",
        "form": form,
        "in_force": in_force,
        "in_code": in_code(),
        "history": [(version, history_of(version)) for version in limits_history()],
    }
    return render(request, "infusions/limits.html", shown, status=status_of(form))
