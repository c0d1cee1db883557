"""What an administrator does to accounts. A password is an answer, never part of an event, a log or a row."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from clinic.audit.services import changes, record_event
from clinic.people.passwords import initial_password
from clinic.policy import Role
from clinic.versions import next_version


@transaction.atomic
def add_person(*, actor: Any, full_name: str, email: str, roles: Collection[str]) -> tuple[Any, str]:
    """Save an account; the person and the initial password, which is nowhere else. Raises ValidationError."""
    password = initial_password()
    with _one_account_an_email():
        person = get_user_model().objects.create_user(email, password, full_name=full_name.strip(), roles=tuple(roles))
    detail = {"full_name": person.full_name, "email": person.email, "roles": sorted(roles)}
    record_event(actor, "add person", record=person, detail=detail)
    return person, password


@transaction.atomic
def change_person(
    *, actor: Any, person: Any, version: int, full_name: str, email: str, roles: Collection[str], is_active: bool
) -> Any:
    """Change an account; what it may do changes with the next page it opens.

    Raises StaleEditError unless `version` is the current one, and ValidationError for an e-mail in use, for taking the
    administrator's role or the account from oneself, and for leaving the clinic without an active administrator.
    """
    current = _lock(person)
    next_version(current, version)
    held = frozenset(grant.role for grant in current.grants.all())
    fields = {"full_name": full_name.strip(), "email": email.strip().lower(), "is_active": is_active}
    changed = changes(current, fields)
    if held != frozenset(roles):
        changed["roles"] = [sorted(held), sorted(roles)]
    if "email" in changed:
        EmailAddress.objects.filter(user_id=current.pk).delete()  # the old one must not open the door any more
    for name, value in fields.items():
        setattr(current, name, value)
    with _one_account_an_email():
        current.save(update_fields=["version", *fields])
    current.grants.exclude(role__in=roles).delete()
    for role in sorted(set(roles) - held):
        current.grants.create(role=role)
    _refuse_no_administrator(actor, current, Role.ADMINISTRATOR in roles)
    record_event(actor, "change person", record=current, detail={"changes": changed})
    return current


@transaction.atomic
def give_new_password(*, actor: Any, person: Any) -> str:
    """A new initial password for somebody who lost theirs; every session of that person ends with it."""
    current, password = _lock(person), initial_password()
    current.set_password(password)  # sessions carry a hash of the old one
    current.save(update_fields=["password"])
    record_event(actor, "new password", record=current)
    return password


def _lock(person: Any) -> Any:
    """The person's row, locked with those of every active administrator: two of them cannot remove each other at once."""
    users = get_user_model().objects
    administrators = users.filter(is_active=True, grants__role=Role.ADMINISTRATOR).values("pk")
    list(users.select_for_update().filter(Q(pk=person.pk) | Q(pk__in=administrators)).order_by("pk").values_list("pk"))
    return users.get(pk=person.pk)


@contextmanager
def _one_account_an_email() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise ValidationError(
            {"email": "Somebody has this e-mail already. Enter another one, or change that account."}
        ) from None


def _refuse_no_administrator(actor: Any, person: Any, is_administrator: bool) -> None:
    if actor is not None and actor.pk == person.pk:
        if not person.is_active:
            raise ValidationError({"is_active": "You cannot close your own account. Ask another administrator."})
        if not is_administrator:
            raise ValidationError(
                {"roles": "You cannot take the administrator role from yourself. Ask another administrator."}
            )
    users = get_user_model().objects
    if not users.filter(is_active=True, grants__role=Role.ADMINISTRATOR).exists():
        raise ValidationError({"roles": "This is the last active administrator. Give the role to somebody else first."})
