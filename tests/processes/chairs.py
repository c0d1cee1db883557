"""Chairs with a patient each and somebody beside her: made in the database, by `chairs_in` or within Django."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from processes.running import PASSWORD, Clinic, Person


@dataclass(frozen=True)
class Seat:
    """A planned infusion by its address, and the account beside it: e-mail, id and the cookie of her sign-in."""

    path: str
    infusion: int
    email: str
    user: int
    session: str

    def person(self, clinic: Clinic) -> Person:
        """Whoever is beside the chair, signed in."""
        return Person.with_cookie(clinic.base_url, self.session)


def chairs_in(clinic: Clinic, number: int) -> list[Seat]:
    """So many patients with an infusion planned for today, each with an account of its own (PASSWORD)."""
    made = f"from processes.chairs import make_chairs; make_chairs({number})"
    said = clinic.manage("shell", "--no-imports", "--command", made)
    return [Seat(**seat) for seat in json.loads(said)]


def make_chairs(number: int) -> None:
    """Make them in the database of this process, and print them."""
    from django.contrib.auth.hashers import make_password

    password = make_password(PASSWORD)  # once for all: hashing takes long, as it should
    print(json.dumps([asdict(_chair(password)) for _ in range(number)]))


def _chair(password: str) -> Seat:
    from builders import make_course, make_patient
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from clinic.models import User
    from clinic.policy import Role
    from clinic.public_id import new_public_id
    from infusions.services import plan_infusion
    from patients.models import Consent

    name = new_public_id()
    user = User.objects.create_user(f"{name}@tidemark.example", full_name=f"Lena {name}", roles=(Role.CLINICIAN,))
    user.password = password
    user.save(update_fields=["password"])
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.save()
    patient = make_patient(mrn=name, allergies="none known")
    signed_on = timezone.localdate() - timedelta(days=20)
    Consent.objects.create(patient=patient, kind=Consent.Kind.OFF_LABEL_KETAMINE, signed_on=signed_on)
    infusion = plan_infusion(actor=user, course=make_course(patient), planned_for=timezone.now())
    path = f"/patients/{patient.public_id}/infusions/{infusion.public_id}/room/"
    return Seat(path, infusion.pk, user.email, user.pk, str(session.session_key))
