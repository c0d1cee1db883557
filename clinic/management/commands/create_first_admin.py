"""The first account: an administrator, who then makes the others."""

import os
import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from clinic.audit.services import record_event
from clinic.models import RoleGrant, User
from clinic.policy import Role

PASSWORD_VARIABLE = "TIDEMARK_ADMIN_PASSWORD"  # noqa: S105 - the name of a variable, no password


class Command(BaseCommand):
    help = (
        "Make the first administrator. The password is asked for, or taken from the environment variable "
        f"{PASSWORD_VARIABLE}. Does nothing when there is an active administrator already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="work e-mail, used to sign in")
        parser.add_argument("--name", required=True, help="full name")

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        if RoleGrant.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True).exists():
            raise CommandError("There is an administrator already. Sign in as one to make further accounts.")
        email = options["email"].strip().lower()
        if User.objects.filter(email=email).exists():
            raise CommandError(f"{email} has an account already. Choose another e-mail.")
        user = User(email=email, full_name=options["name"].strip())
        try:
            validate_email(email)
            password = _password()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        created = User.objects.create_user(email, password, full_name=user.full_name, roles=(Role.ADMINISTRATOR,))
        record_event(None, "create first administrator", record=created, detail={"email": email})
        self.stdout.write(f"{created} can sign in as {email}.")


def _password() -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise CommandError(f"No terminal to ask on. Set {PASSWORD_VARIABLE} to the password.")
    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise CommandError("The two passwords differ. Run the command again.")
    return password
