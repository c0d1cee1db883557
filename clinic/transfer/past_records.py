"""Past records of a clinic come in from a directory of CSV files: all of them, or none and every reason why."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, IntegrityError, OperationalError

from clinic.profile.zone import zone_in_force
from clinic.transfer.checks import Plan, plan_import
from clinic.transfer.layouts import FILES, layouts
from clinic.transfer.sheets import Progress, Sheet, read_sheet
from clinic.transfer.tables import Problem
from clinic.transfer.writing import ChangedMeanwhile, write


class Refused(Exception):  # noqa: N818 - read as what happened
    """Nothing was written; the message says why. `problems` are all that were found, by file and line."""

    def __init__(self, message: str, problems: list[Problem] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or []


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read and, unless it was a dry run, written."""

    sheets: list[Sheet]
    plan: Plan
    dry_run: bool

    def lines(self) -> list[str]:
        """The summary, one statement a line."""
        found = [self._line(sheet) for sheet in self.sheets if sheet.present]
        if opened := sum(map(len, self.plan.courses.values())):
            found.append(f"courses opened: {opened:,}")
        if self.plan.crossed:
            found.append("Limits crossed by the added infusions (counted only, past records are not refused for it):")
            found += [f"  {count:,} × {limit}" for limit, count in sorted(self.plan.crossed.items())]
        return [*found, self._verdict()]

    def _line(self, sheet: Sheet) -> str:
        added, unchanged = self.plan.added()[sheet.file], self.plan.unchanged[sheet.file]
        repeated = f", {sheet.repeated:,} repeated in the file and counted once" if sheet.repeated else ""
        return f"{sheet.file}: {sheet.read:,} read, {added:,} new, {unchanged:,} unchanged{repeated}"

    def _verdict(self) -> str:
        if self.plan.is_empty:
            return "Nothing new: everything in these files is stored already."
        return "All of it can be imported (dry run, nothing written)." if self.dry_run else "Imported."


def import_directory(directory: Path, *, now: datetime, dry_run: bool, progress: Progress) -> Imported:
    """Read, check and write the files in `directory`. Raises Refused, with nothing written, when anything is wrong.

    `now` is the limit to the future. Running it again with the same files writes nothing at all.
    """
    if not _is_directory(directory):
        raise Refused(f"{directory} is no directory. Name one that holds {', '.join(FILES)}, or some of them.")
    zone = zone_in_force()
    problems = _misnamed(directory)
    sheets = {layout.file: read_sheet(layout, directory, problems, progress) for layout in layouts(zone, now)}
    if not problems and not any(sheet.present for sheet in sheets.values()):
        raise Refused(f"{directory} holds none of {', '.join(FILES)}.")
    try:
        plan = plan_import(sheets, zone=zone, problems=problems, progress=progress)
        if problems:
            raise _refused(problems)
        if not dry_run and not plan.is_empty:
            write(
                plan, sha256={sheet.file: sheet.sha256 for sheet in sheets.values() if sheet.present}, progress=progress
            )
    except (ChangedMeanwhile, IntegrityError) as error:
        raise Refused("Somebody changed one of these records meanwhile. Nothing was written: run it again.") from error
    except DatabaseError as error:  # but for being out of reach or busy, its text may quote a record
        known = isinstance(error, OperationalError)
        kind = str(error).partition("\n")[0] if known else type(error).__name__
        advice = "Check DATABASE_URL, and that `manage.py migrate` was run; if it was busy, run this again."
        raise Refused(f"The database failed: {kind}. Nothing was written. {advice}") from error
    return Imported(list(sheets.values()), plan, dry_run)


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # not allowed to look, or no such name possible
        return False


def _misnamed(directory: Path) -> list[Problem]:
    """Files that would be left out because of capitals in their names."""
    try:
        names = sorted(path.name for path in directory.iterdir())
    except OSError:  # then opening the files says why
        return []
    found = [name for name in names if name not in FILES and name.lower() in FILES]
    return [Problem(name.lower(), 1, "header", f"the file is named {name}: name it {name.lower()}") for name in found]


def _refused(problems: list[Problem]) -> Refused:
    problems.sort(key=lambda problem: (FILES.index(problem.file), problem.line))
    rows = len({(problem.file, problem.line) for problem in problems})
    count = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
    lines = "1 line" if rows == 1 else f"{rows:,} lines"
    return Refused(f"{count} on {lines}. Nothing was written.", problems)
