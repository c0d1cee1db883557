"""The clinic: its name, time zone and crisis text."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from clinic.policy import Action
from clinic.profile.forms import ProfileForm
from clinic.profile.selectors import current_profile, earlier_versions
from clinic.profile.services import change_profile
from clinic.web.gate import FORM, page
from clinic.web.saving import save_edit, status_of

#: Versions that the page lists; the audit trail holds them all.
_VERSIONS_SHOWN = 10


@page(Action.SETTINGS_EDIT, FORM)
def settings(request: HttpRequest) -> HttpResponse:
    """The clinic's settings: read and change them."""
    current = current_profile()
    initial = {name: getattr(current, name) for name in ("name", "time_zone", "crisis_text", "version")}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and (answer := save_edit(form, lambda: _save(request, form))):
        return answer
    return render(
        request,
        "profile/settings.html",
        {
            "form": form,
            "current": current,
            "versions": earlier_versions(_VERSIONS_SHOWN),
            "now": timezone.now(),
            "section": "settings",
        },
        status=status_of(form),
    )


def _save(request: HttpRequest, form: ProfileForm) -> str:
    change_profile(actor=request.user, now=timezone.now(), **form.cleaned_data)
    return reverse("profile:settings")
