"""The invented staff: one account a role."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model

from clinic.policy import Role

DOMAIN = "tidemark.example"
#: Role, the name before the @, and who it is.
_ACCOUNTS = (
    (Role.INTAKE, "intake", "Imogen Tarrant-Vega"),
    (Role.CLINICIAN, "clinician", "Rosa Dunmore"),
    (Role.MEDICAL_DIRECTOR, "director", "Dr. Aurel Hjelmstad"),
    (Role.ADMINISTRATOR, "admin", "Piet Okafor-Lind"),
)
EMAILS = tuple(f"{name}@{DOMAIN}" for _, name, _ in _ACCOUNTS)


@dataclass(frozen=True, slots=True)
class Staff:
    """Ids of the accounts that enter records; None where the clinic is made without staff."""

    intake: int | None = None
    clinician: int | None = None
    director: int | None = None


def make_staff(password: str) -> Staff:
    """Save the four accounts, all with this password."""
    users = get_user_model().objects
    ids = {
        role: users.create_user(f"{name}@{DOMAIN}", password, full_name=full_name, roles=(role,)).pk
        for role, name, full_name in _ACCOUNTS
    }
    return Staff(ids[Role.INTAKE], ids[Role.CLINICIAN], ids[Role.MEDICAL_DIRECTOR])


def taken_email() -> str:
    """An e-mail of theirs that has an account already, or nothing."""
    taken = get_user_model().objects.filter(email__in=EMAILS).order_by("email").values_list("email", flat=True)
    return taken.first() or ""
