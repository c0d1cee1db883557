"""`manage.py make_clinic --patients N --seed S`"""

import os
import sys
import time
from argparse import ArgumentTypeError
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models, transaction
from django.utils import timezone

from assessments.models import Assessment
from clinic.audit.services import record_event
from clinic.outcomes import selectors, services
from clinic.profile.zone import in_clinic_time
from clinic.transfer.synthetic.staff import EMAILS, Staff, make_staff, taken_email
from infusions.models import Course, Infusion
from patients.models import Patient

if TYPE_CHECKING:
    from clinic.transfer.synthetic.making import Wanted

PASSWORD_VARIABLE = "TIDEMARK_DEMO_PASSWORD"  # noqa: S105 - the name of a variable, no password
#: Clinics up to this size are made in full unless asked otherwise.
FULL_UP_TO = 2_000
_BAR = 30


def _day(text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day; write it as YYYY-MM-DD.") from error
    if day > timezone.localdate():
        raise ArgumentTypeError("that day is in the future; choose today or an earlier one.")
    return day


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"{text!r} is not a whole number.")
    return int(text)


class Command(BaseCommand):
    """Fills an empty clinic with invented patients, and nothing else than those."""

    help = (
        "Fill an empty clinic with invented patients: history, courses, infusions, PCL-5s and their outcomes. The same "
        "numbers and the same --until give the same records. Nobody else should be working in the clinic meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--patients", type=_whole_number, required=True, metavar="N", help="how many, from 1")
        parser.add_argument("--seed", type=_whole_number, default=1, metavar="S", help="default: %(default)s")
        parser.add_argument(
            "--until",
            type=_day,
            metavar="YYYY-MM-DD",
            help="the last day (default: today, and then one of today's sessions is running now)",
        )
        parser.add_argument(
            "--detail",
            choices=["full", "core"],
            help=f"core leaves out history, consents, vital signs, adverse events and notes (default: full up to "
            f"{FULL_UP_TO:,} patients, core above)",
        )
        parser.add_argument(
            "--staff",
            action="store_true",
            help=f"also make the accounts {', '.join(EMAILS)} with the password in {PASSWORD_VARIABLE}; made in full for "
            "today, the infusion room then has sessions too",
        )

    @in_clinic_time()
    def handle(self, **options: Any) -> None:
        from clinic.transfer.synthetic.making import Wanted

        patients, now = options["patients"], timezone.now()
        _refuse_unless_empty(patients)
        wanted = Wanted(
            patients=patients,
            seed=options["seed"],
            until=options["until"] or timezone.localdate(now),
            full=options["detail"] == "full" or (not options["detail"] and patients <= FULL_UP_TO),
            staff=_staff() if options["staff"] else Staff(),
            now=None if options["until"] else now,
        )
        try:
            self._make(wanted)
        except KeyboardInterrupt:
            said = f"Interrupted: {Patient.objects.count():,} patients are in. Start again with an empty database."
            raise CommandError(said) from None

    def _make(self, wanted: "Wanted") -> None:
        from clinic.transfer.synthetic.making import make_records
        from clinic.transfer.synthetic.rooms import play_sessions

        began_at = time.monotonic()
        counts = make_records(wanted, _Progress("Records", wanted.patients))
        _note(counts, wanted)
        play_sessions(wanted)
        criteria = selectors.criteria_in_force().number
        stale = selectors.stale_patients(criteria).count()  # the sessions had those of their patients computed
        services.recompute_stale(now=timezone.now(), progress=_Progress("Outcomes", stale))
        services.refresh_summary(criteria, now=timezone.now())
        self.stdout.write(
            f"{wanted.patients:,} patients, {counts[Course]:,} courses, {counts[Infusion]:,} infusions, "
            f"{counts[Assessment]:,} PCL-5s in {time.monotonic() - began_at:.1f} s."
        )


def _note(counts: dict[type[models.Model], int], wanted: "Wanted") -> None:
    added = {str(model._meta.verbose_name_plural): count for model, count in counts.items()}
    made = {"added": added, "seed": wanted.seed, "until": wanted.until, "accounts": wanted.staff != Staff()}
    record_event(None, "make clinic", detail=made)


def _refuse_unless_empty(patients: int) -> None:
    if not patients:
        raise CommandError("Ask for at least 1 patient.")
    if there := Patient.objects.count():
        raise CommandError(
            f"This clinic is not empty: it has {there:,} patient{'s' if there > 1 else ''}. Invented patients never mix "
            "with others: name an empty database in DATABASE_URL. Nothing was written."
        )


@transaction.atomic
def _staff() -> Staff:
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if not password:
        raise CommandError(f"Set {PASSWORD_VARIABLE} to the password of the accounts. Nothing was written.")
    try:
        validate_password(password)
    except ValidationError as error:
        raise CommandError(f"{PASSWORD_VARIABLE}: {' '.join(error.messages)} Nothing was written.") from error
    if email := taken_email():
        raise CommandError(f"{email} has an account already: leave out --staff. Nothing was written.")
    return make_staff(password)


class _Progress:
    """A bar on a terminal; elsewhere a line at every tenth. Says how many are done, never who."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.done, self.tenths = what, total, 0, 0

    def __call__(self, more: int) -> None:
        self.done += more
        share = min(1.0, self.done / self.total)
        said = f"{self.what} {self.done:,} of {self.total:,} patients"
        if sys.stderr.isatty():
            end = "\n" if share == 1.0 else ""
            sys.stderr.write(f"\r[{'#' * int(share * _BAR):.<{_BAR}}] {share:4.0%} {said}{end}")
        elif int(share * 10) > self.tenths:
            self.tenths = int(share * 10)
            sys.stderr.write(f"{said}\n")
        sys.stderr.flush()
