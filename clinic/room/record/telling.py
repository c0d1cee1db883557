"""A session as its record tells it: lines in the order of time with what became of them, who is who, the clinic's clock."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import count

from django.utils import timezone

from clinic.room.record.content import Cell, Look, Row, Said, cell
from clinic.room.record.fields_told import field_line, value_words
from clinic.web.templatetags.tidemark import clock, initials, moment
from infusions.limits import minutes_between
from infusions.models import Infusion
from infusions.session.log import Entry, Kind, Session, is_draft
from infusions.session.words import words

_TENTH = Decimal("0.1")
#: What was entered later than this after it happened shows both times.
LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Line:
    """An entry at its corrected time; `first_at` is the time it had before, `struck` what took it out."""

    entry: Entry
    first_at: datetime | None = None
    struck: Entry | None = None


@dataclass(frozen=True)
class Telling:
    """One session of one infusion. `until` is up to when a pump that still runs is counted."""

    infusion: Infusion
    session: Session
    until: datetime

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that belong to the record: nobody's drafts."""
        return tuple(entry for entry in self.session.entries if not is_draft(entry.field))

    def lines(self, *kinds: Kind) -> list[Line]:
        """Entries of these kinds, struck ones too, by the time at which they happened."""
        found = [self._line(entry) for entry in self.entries if entry.kind in kinds]
        return sorted(found, key=lambda line: (line.entry.at, line.entry.number))

    def _line(self, entry: Entry) -> Line:
        other = self.session.retimed.get(entry.number)
        struck = self.session.struck.get(entry.number)
        return Line(replace(entry, at=other.at), entry.at, struck) if other else Line(entry, None, struck)

    @cached_property
    def people(self) -> dict[tuple[int, str], str]:
        """Who entered something, in the order in which they came: account and name -> initials, no two the same."""
        found: dict[tuple[int, str], str] = {}
        for entry in self.entries:
            if (entry.by_id, entry.by) not in found:
                short = initials(entry.by) or "?"
                names = (short if number == 1 else f"{short}{number}" for number in count(1))
                found[entry.by_id, entry.by] = next(name for name in names if name not in found.values())
        return found

    def by(self, entry: Entry) -> str:
        """The initials of who entered it."""
        return self.people[entry.by_id, entry.by]

    def clock(self, at: datetime) -> str:
        """A time of day; with its day where that is not the first one of the session."""
        same_day = timezone.localdate(at) == timezone.localdate(self.entries[0].at)
        return clock(at) if same_day else moment(at)

    def who_when(self, entry: Entry | None) -> str:
        """ "19:05, Lena Marchetti"; empty where there is no entry."""
        return f"{self.clock(entry.at)}, {entry.by}" if entry else ""

    def short_who(self, entry: Entry | None) -> str:
        """ "LM, 19:05"; empty where there is no entry."""
        return f"{self.by(entry)}, {self.clock(entry.at)}" if entry else ""

    def typed(self, name: str) -> Entry | None:
        """A field in which something stands."""
        entry = self.session.fields.get(name)
        return entry if entry and entry.value.strip() else None

    def local(self, name: str) -> str:
        """A field that holds a moment, as a record says it."""
        return value_words(name, self.session.text(name))

    def words(self, entry: Entry) -> str:
        """An entry in a sentence."""
        return field_line(entry) if entry.kind is Kind.FIELD else words(entry, self.session, self.clock)

    def time_cell(self, line: Line) -> Cell:
        """When it happened, and the time it was first entered with."""
        before = f"before: {self.clock(line.first_at)}" if line.first_at else ""
        return cell(self.clock(line.entry.at), Said(before, Look.QUIET))

    def row(self, line: Line, *cells: Cell, told_in: int = -2) -> Row:
        """Time, these cells, who entered it."""
        return self.as_it_stands(line, (self.time_cell(line), *cells, cell(self.by(line.entry))), told_in)

    def as_it_stands(self, line: Line, row: Row, told_in: int = -2) -> Row:
        """The row of a line; of a struck one the cell `told_in` says who took it out and why."""
        if line.struck is None:
            return row
        cells = [tuple(replace(said, struck=True, look=Look.PLAIN) for said in one) for one in row]
        cells[told_in] = (*cells[told_in], Said(self.struck_words(line.struck)))
        return tuple(cells)

    def struck_words(self, by: Entry) -> str:
        """Who struck an entry out, when and why."""
        return f"Struck out by {by.by}, {self.clock(by.recorded_at)}: {by.data['reason']}"


def minutes_words(begins: datetime, ends: datetime) -> str:
    """Minutes from one moment to another, to 0.1."""
    return tenth(minutes_between(begins, ends))


def tenth(minutes: Decimal) -> str:
    """An amount to 0.1, without a zero behind the point."""
    return f"{minutes.quantize(_TENTH, ROUND_HALF_UP).normalize():f}"


def joined(parts: Iterable[str], between: str = ", ") -> str:
    """The parts that say something."""
    return between.join(part for part in parts if part)
