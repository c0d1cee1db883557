"""What comes of a posted form: saved once and shown, or shown again with what was typed and why it was refused.

A double click, a retry and a second tab send the same key and make one record. An edit carries the version its editor
saw; a stale one is shown again (409) with both texts.
"""

import hashlib
import hmac
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from clinic.versions import StaleEditError
from clinic.web.forms import CreatingForm, EditingForm, PageForm
from clinic.web.gate import redirect
from clinic.web.models import FormReceipt

#: Fields of a request that are no part of what was typed.
_NOT_CONTENT = {"csrfmiddlewaretoken", "idempotency_key"}


def create_once(request: HttpRequest, form: CreatingForm, save: Callable[[], str]) -> HttpResponse | None:
    """Run `save`, which makes a record and returns its address, once for the form's key, and go there.

    The same form again gets the same answer. None when the form has errors, also those that `save` raised as
    ValidationError, and when another content came under a used key: show the form again (`status_of`).
    """
    if not form.is_valid():
        return None
    key, content = form.cleaned_data["idempotency_key"], _content_hash(request)
    try:
        with transaction.atomic():
            # Of two at once the second waits here for the first, and then finds where its record is.
            receipt = FormReceipt(key=key, user=request.user, content_hash=content)  # type: ignore[misc]
            FormReceipt.objects.bulk_create([receipt], ignore_conflicts=True)
            receipt = FormReceipt.objects.get(key=key)
            if not receipt.location:
                receipt.location = save()
                receipt.save(update_fields=["location"])
    except ValidationError as error:
        form.refuse(error)
        return None
    if receipt.content_hash != content or receipt.user_id != request.user.pk:
        form.refuse_used_key(receipt.location if receipt.user_id == request.user.pk else "")
        return None
    return redirect(receipt.location)


def save_edit(form: PageForm, save: Callable[[], str]) -> HttpResponse | None:
    """Run `save`, which changes a record and returns an address, and go there; None when the form is to be shown again."""
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            return redirect(save())
    except ValidationError as error:
        form.refuse(error)
    except StaleEditError as stale:
        if not isinstance(form, EditingForm):
            raise
        form.show_conflict(stale.current)
    return None


def status_of(form: PageForm) -> int:
    """The status of a page that shows this form: 409 in a conflict, 422 when it was refused, else 200."""
    if form.conflict:
        return 409
    return 422 if form.is_bound and form.errors else 200


def _content_hash(request: HttpRequest) -> str:
    """Keyed, so that nothing can be guessed from it."""
    digest = hmac.new(settings.SECRET_KEY.encode(), digestmod=hashlib.sha256)
    digest.update(request.path.encode())
    for name in sorted(set(request.POST) - _NOT_CONTENT):
        digest.update(repr((name, request.POST.getlist(name))).encode())
    return digest.hexdigest()
