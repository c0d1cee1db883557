"""The clinic's outcomes from the command line."""

import json
from argparse import ArgumentTypeError
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.console import printable
from clinic.outcomes import filters
from clinic.outcomes.criteria import LAST, PRESETS, SCHEDULED_WINDOWS
from clinic.profile.zone import in_clinic_time


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day; write it as YYYY-MM-DD.") from error


_WINDOWS = (LAST.lower(), *(window.name.lower() for window in SCHEDULED_WINDOWS))


def _filters(options: dict[str, Any]) -> tuple[filters.Filters, int | None]:
    """The filters, and the account of the clinician whom they name. Raises CommandError with every one that is wrong."""
    given = {name: options[name] for name in filters.LABELS if options[name]}
    wrong = [
        f"--{name} {given[name]!r} is no quarter; write it as 2025-Q1."
        for name in ("since", "until")
        if name in given and not filters.options(name, {}, given[name])
    ]
    clinician = None
    if "clinician" in given:
        clinician = get_user_model().objects.filter(email__iexact=given["clinician"]).order_by("pk").first()
        if clinician is None:
            wrong.append("--clinician: nobody here has this work e-mail.")
    if wrong:
        raise CommandError("\n".join(wrong))
    return filters.Filters(**given), clinician.pk if clinician else None


class Command(BaseCommand):
    help = (
        "Print response, remission and change for one window or all of them. This is the raw tool: small numbers are not "
        "suppressed (clinical rule 31 is for pages, charts and exports), so do not hand its output on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument(
            "--window",
            choices=[*_WINDOWS, "all"],
            default=LAST.lower(),
            help="which follow-up is the endpoint, or all of them (default: %(default)s)",
        )
        parser.add_argument(
            "--preset", choices=list(PRESETS), help="other criteria than those in force; stores nothing"
        )
        parser.add_argument("--as-of", type=_day, help="count what is dated up to this day (default: today)")
        parser.add_argument(
            "--courses-in", choices=["first", "all"], default="first", help="first course of each patient"
        )
        parser.add_argument(
            "--courses", action="store_true", help="add a row for every outcome course (names patients)"
        )
        parser.add_argument(
            "--subgroups", action="store_true", help="add mean reduction and response by the study's moderators"
        )
        parser.add_argument(
            "--survival",
            action="store_true",
            help="add time to loss of response, and to the first response and remission",
        )
        chosen = parser.add_argument_group("filters", "which patients, by their first course, as on the dashboard")
        for name, label in filters.LABELS.items():
            values = {} if name in ("since", "until", "clinician") else filters.options(name, {})
            what = {"clinician": "work e-mail"}.get(name, "quarter, such as 2025-Q1")
            chosen.add_argument(f"--{name}", choices=list(values) or None, help=label if values else f"{label}: {what}")

    @in_clinic_time()
    def handle(self, **options: Any) -> None:
        from clinic.outcomes.report import Wanted, report

        asked, clinician_id = _filters(options)
        result = report(
            Wanted(
                windows=_WINDOWS if options["window"] == "all" else (options["window"],),
                preset=options["preset"],
                courses_in=options["courses_in"],
                filters=asked,
                clinician_id=clinician_id,
                rows=options["courses"],
                subgroups=options["subgroups"],
                survival=options["survival"],
            ),
            options["as_of"] or timezone.localdate(),
        )
        if options["format"] == "json":
            self.stdout.write(json.dumps(result, indent=2, allow_nan=False))
        else:
            from clinic.outcomes.report_text import report_text

            self.stdout.write(printable(report_text(result), self.stdout))
