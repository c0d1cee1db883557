"""`manage.py export_research FILE.zip [--label NAME] [--as-of DAY]`"""

import os
from argparse import ArgumentTypeError
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from clinic.console import printable
from clinic.profile.zone import in_clinic_time
from clinic.transfer.research.export import ResearchExport, TooFewPatients, note_export, research_export
from clinic.transfer.research.study_ids import LABEL_LENGTH, check_label


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day; write it as YYYY-MM-DD.") from error


def _label(text: str) -> str:
    if len(text) > LABEL_LENGTH:
        raise ArgumentTypeError(f"that label is too long: {len(text)} characters. Shorten it to {LABEL_LENGTH}.")
    try:
        check_label(text)
    except ValidationError as error:
        raise ArgumentTypeError(" ".join(error.messages)) from error
    return text


class Command(BaseCommand):
    """Writes the de-identified research export."""

    help = (
        "Write a ZIP of de-identified records for research: study ids, day offsets, no dates, no free text, small groups "
        "pooled. Export it only under an agreement that forbids looking for anybody. The export is noted in the audit trail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE.zip", type=Path, help="where to write it; must not exist yet")
        parser.add_argument(
            "--label",
            type=_label,
            metavar="NAME",
            help="the same label gives the same study ids (default: ids used once)",
        )
        parser.add_argument("--as-of", type=_day, metavar="DAY", help="what is dated up to this day (default: today)")

    @in_clinic_time()
    def handle(self, *_args: Any, file: Path, label: str | None, as_of: date | None, **_options: Any) -> None:
        today = timezone.localdate()
        if as_of and as_of > today:
            raise CommandError(f"{as_of} is in the future; choose today or an earlier day. Nothing was exported.")
        if file.exists():
            raise CommandError(
                printable(f"{file} exists already; name another file. Nothing was exported.", self.stderr)
            )
        if label and not settings.SECRET_KEY_IS_SET:
            self.stderr.write(
                "SECRET_KEY is not set, so these study ids will not come again. Set it to the key of the web server and "
                "export anew if you need the same ids later."
            )
        try:
            export = research_export(label=label, as_of=as_of or today, now=timezone.now())
            _write(file, export)
        except TooFewPatients as few:
            raise CommandError(str(few)) from None
        except OSError as error:
            said = f"{file} cannot be written: {error.strerror or error}. Nothing was exported."
            raise CommandError(printable(said, self.stderr)) from None
        for line in _lines(file, export):
            self.stdout.write(printable(line, self.stdout))


@transaction.atomic
def _write(file: Path, export: ResearchExport) -> None:
    """The event and the file, which only its owner may read: both or neither."""
    note_export(None, export)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(export.zipped())


def _lines(file: Path, export: ResearchExport) -> list[str]:
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in export.counts.items())
    lines = [f"{file}: {counts}."]
    lines += [f"{one.file} {one.column}: {one.rows:,} cells written as {one.written_as!r}." for one in export.pooled]
    return lines
