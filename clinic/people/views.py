"""Accounts, for the administrator."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from clinic.people import services
from clinic.people.forms import NewPasswordForm, NewPersonForm, PersonForm
from clinic.people.selectors import all_people
from clinic.policy import Action
from clinic.web.forms import CreatingForm
from clinic.web.gate import FORM, page
from clinic.web.saving import create_once, save_edit, status_of

_SHOWN_BEFORE = "This was saved before, and its password was shown then. If nobody noted it, make a new one."


@page(Action.ACCOUNTS_MANAGE)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account."""
    return render(request, "people/people.html", {"people": all_people(), "section": "people"})


@page(Action.ACCOUNTS_MANAGE, FORM)
def new(request: HttpRequest) -> HttpResponse:
    """A new account; the answer shows its password, once."""
    form = NewPersonForm(request.POST if request.method == "POST" else None)
    made: dict[str, Any] = {}

    def save() -> str:
        fields = {name: form.cleaned_data[name] for name in ("full_name", "email", "roles")}
        made["person"], made["password"] = services.add_person(actor=request.user, **fields)
        return reverse("people:edit", args=[made["person"].public_id])

    if request.method == "POST" and (answer := _show_once(request, form, save, made)):
        return answer
    context = {
        "form": form,
        "title": "New person",
        "save_label": "Add person",
        "back": reverse("people:people"),
        "lead": "They get a password that is shown to you once, on the next page.",
        "section": "people",
    }
    return render(request, "components/form_page.html", context, status=status_of(form))


@page(Action.ACCOUNTS_MANAGE, FORM)
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Name, e-mail, roles; open or closed."""
    person = _person(public_id)
    initial = {name: getattr(person, name) for name in ("full_name", "email", "is_active", "version")}
    held = [grant.role for grant in person.grants.order_by("role")]
    form = PersonForm(request.POST if request.method == "POST" else None, initial={**initial, "roles": held})

    def save() -> str:
        services.change_person(actor=request.user, person=person, **form.cleaned_data)
        return reverse("people:people")

    if request.method == "POST" and (answer := save_edit(form, save)):
        return answer
    context = {"form": form, "person": person, "section": "people"}
    return render(request, "people/edit.html", context, status=status_of(form))


@page(Action.ACCOUNTS_MANAGE, FORM)
def new_password(request: HttpRequest, public_id: str) -> HttpResponse:
    """A new initial password, shown once; the person's sessions end."""
    person = _person(public_id)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    made: dict[str, Any] = {}

    def save() -> str:
        made["person"], made["password"] = person, services.give_new_password(actor=request.user, person=person)
        return reverse("people:edit", args=[person.public_id])

    if request.method == "POST" and (answer := _show_once(request, form, save, made)):
        return answer
    context = {
        "form": form,
        "title": f"New password for {person}",
        "save_label": "Make a new password",
        "back": reverse("people:edit", args=[person.public_id]),
        "lead": "The old password stops working, and the person is signed out everywhere. The new one is shown to you once.",
        "section": "people",
    }
    return render(request, "components/form_page.html", context, status=status_of(form))


def _person(public_id: str) -> Any:
    return get_object_or_404(get_user_model(), public_id=public_id)


def _show_once(request: HttpRequest, form: CreatingForm, save: Any, made: dict[str, Any]) -> HttpResponse | None:
    """The page with the password when this very request made it; for a repeated one the way to the account."""
    answer = create_once(request, form, save)
    if answer is None:
        return None
    if not made:
        messages.info(request, _SHOWN_BEFORE)
        return answer
    return render(request, "people/password.html", {**made, "section": "people"})
