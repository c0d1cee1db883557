"""Views of the dashboard that somebody named, for herself or for everybody who may see outcomes."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from clinic.audit.services import record_event
from clinic.outcomes.asked import Asked
from clinic.outcomes.models import SavedView
from clinic.public_id import is_public_id


def views_of(user: Any) -> "QuerySet[SavedView]":
    """Her own views and those that others share, by name. One query."""
    views = SavedView.objects.filter(Q(owner_id=user.pk) | Q(shared=True))
    return views.select_related("owner").order_by("name", "pk")


@transaction.atomic
def save_view(*, actor: Any, name: str, asked: Asked, shared: bool) -> SavedView:
    """Keep what an address asks for under a name. ValidationError where the actor has a view of this name."""
    view = SavedView(owner=actor, name=name, query=asked.query(), shared=shared)
    if SavedView.objects.filter(owner=actor, name=name).exists():
        raise ValidationError({"name": "You have a view of this name. Choose another name, or remove that view first."})
    view.save()
    record_event(actor, "save view", record=view, detail={"shared": shared, "query": view.query})
    return view


@transaction.atomic
def remove_view(*, actor: Any, public_id: str) -> None:
    """Forget one of the actor's own views; nothing happens where there is none of this id."""
    views = SavedView.objects.filter(owner=actor, public_id=public_id).order_by("pk")
    if is_public_id(public_id) and (view := views.first()):
        record_event(actor, "remove view", record=view, detail={"shared": view.shared, "query": view.query})
        view.delete()
