"""Accounts, roles and the first administrator."""

import pytest
from builders import make_user
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.db import models as db_models

from clinic.audit.models import AuditEvent
from clinic.checks import no_superuser
from clinic.management.commands import create_first_admin
from clinic.models import RoleGrant, User
from clinic.policy import Action, Role

PASSWORD = "twelve-tall-tides"


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(create_first_admin.PASSWORD_VARIABLE, PASSWORD)


def create(**options: str) -> None:
    call_command("create_first_admin", **{"email": "Ada@Clinic.example", "name": "Ada Osei", **options})


@pytest.mark.django_db
def test_the_first_administrator_can_sign_in_and_is_no_more_than_that(password: None) -> None:
    create()
    user = User.objects.get_by_natural_key("ADA@clinic.example ")
    assert (user.email, str(user), user.check_password(PASSWORD)) == ("ada@clinic.example", "Ada Osei", True)
    assert user.may(Action.ACCOUNTS_MANAGE)
    assert not user.may(Action.PATIENT_VIEW)
    event = AuditEvent.objects.get()
    assert (event.action, event.record_id, event.actor_name) == ("create first administrator", user.pk, "Tidemark")


@pytest.mark.django_db
def test_a_second_first_administrator_is_refused(password: None) -> None:
    create()
    with pytest.raises(CommandError, match="already"):
        create(email="other@clinic.example")
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="has an account already"):
        create()
    create(email="other@clinic.example")
    assert User.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "options", "message"),
    [("short", {}, "too short"), ("password1234", {}, "too common"), (PASSWORD, {"email": "nobody"}, "valid email")],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    monkeypatch: pytest.MonkeyPatch, given: str, options: dict[str, str], message: str
) -> None:
    monkeypatch.setenv(create_first_admin.PASSWORD_VARIABLE, given)
    with pytest.raises(CommandError, match=message):
        create(**options)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_password_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(create_first_admin.PASSWORD_VARIABLE, raising=False)
    with pytest.raises(CommandError, match="No terminal"):
        create()
    typed = [PASSWORD, "another", PASSWORD, PASSWORD]
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(create_first_admin, "getpass", lambda _prompt: typed.pop(0))
    with pytest.raises(CommandError, match="differ"):
        create()
    create()
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.django_db
def test_roles_add_up_and_end_with_the_account() -> None:
    user = make_user(Role.INTAKE, Role.ADMINISTRATOR)
    assert user.may(Action.ASSESSMENT_RECORD)
    assert user.may(Action.ACCOUNTS_MANAGE)
    assert not user.may(Action.INFUSION_VIEW)
    user.is_active = False
    assert not user.may(Action.ASSESSMENT_RECORD)


@pytest.mark.django_db
def test_unknown_roles_are_refused_by_code_and_database() -> None:
    with pytest.raises(ValueError, match="Unknown role: owner"):
        User.objects.create_user("a@clinic.example", roles=("owner",))
    with pytest.raises(IntegrityError):
        RoleGrant.objects.create(user=make_user(), role="owner")


def test_a_user_model_with_a_superuser_flag_fails_the_system_check(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [error for error in run_checks() if error.id == "clinic.E001"] == []

    class WithFlag(db_models.Model):
        is_superuser = db_models.BooleanField()

        class Meta:
            app_label = "clinic"
            managed = False

        def __str__(self) -> str:
            return "never saved"

    monkeypatch.setattr("clinic.checks.get_user_model", lambda: WithFlag)
    assert [error.id for error in no_superuser()] == ["clinic.E001"]
