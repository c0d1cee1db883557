"""The clinic's outcomes from the command line."""

import json
from argparse import ArgumentTypeError
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from clinic.console import printable
from clinic.outcomes.criteria import LAST, PRESETS, SCHEDULED_WINDOWS
from clinic.profile.zone import in_clinic_time


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day; write it as YYYY-MM-DD.") from error


class Command(BaseCommand):
    help = (
        "Print response, remission and change for one window. This is the raw tool: small numbers are not suppressed "
        "(clinical rule 31 is for pages, charts and exports), so do not hand its output on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        windows = [LAST.lower(), *(window.name.lower() for window in SCHEDULED_WINDOWS)]
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument(
            "--window",
            choices=windows,
            default=LAST.lower(),
            help="which follow-up is the endpoint (default: %(default)s)",
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

    @in_clinic_time()
    def handle(self, **options: Any) -> None:
        from clinic.outcomes.report import report

        result = report(
            window=options["window"],
            preset=options["preset"],
            as_of=options["as_of"] or timezone.localdate(),
            courses_in=options["courses_in"],
            with_rows=options["courses"],
        )
        if options["format"] == "json":
            self.stdout.write(json.dumps(result, indent=2, allow_nan=False))
        else:
            from clinic.outcomes.report_text import report_text

            self.stdout.write(printable(report_text(result), self.stdout))
