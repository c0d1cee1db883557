"""The de-identified research export (rules 31, 62): a ZIP of tables with study ids and day offsets, and what describes them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from clinic.audit.services import record_event
from clinic.release import VERSION
from clinic.transfer.research.archive import archive

if TYPE_CHECKING:
    import pandas as pd

    from clinic.transfer.research.records import Records
    from clinic.transfer.research.suppression import Pooling

#: Grows with each change of the files or columns.
FORMAT = 1


class TooFewPatients(Exception):  # noqa: N818 - read as what happened
    """So few patients were treated that any table would point at them; nothing is exported."""


@dataclass(frozen=True)
class ResearchExport:
    """The tables and settings of an export, how many rows of what are in it, and what was pooled."""

    label: str | None
    as_of: date
    counts: dict[str, int]
    poolings: "list[Pooling]"
    tables: "dict[str, pd.DataFrame]"
    described: dict[str, Any]

    def zipped(self) -> bytes:
        """The ZIP, packed now: a page that only counts does without."""
        return archive(self.tables, self.described)

    @property
    def fewest(self) -> int:
        """The smallest group that is shown."""
        return int(self.described["suppression"]["fewest_patients_shown_as_a_group"])

    @property
    def suppressed(self) -> int:
        """Values that were replaced, over all columns."""
        return sum(pooling.rows for pooling in self.poolings)

    @property
    def pooled(self) -> "list[Pooling]":
        """The columns in which something was replaced."""
        return [pooling for pooling in self.poolings if pooling.rows]

    @property
    def file_name(self) -> str:
        """What the ZIP is called."""
        return f"tidemark-research-{(self.label or 'once').replace(' ', '-')}.zip"


def research_export(*, label: str | None, as_of: date, now: datetime) -> ResearchExport:
    """The export of everybody treated up to `as_of`. Raises TooFewPatients. Call it on the clinic's clock.

    One label gives the same study ids again as long as SECRET_KEY stays; without a label they never come again.
    """
    from clinic.transfer.research.records import read_records
    from clinic.transfer.research.study_ids import study_ids
    from clinic.transfer.research.suppression import FEWEST_PATIENTS
    from clinic.transfer.research.tables import released
    from infusions.forms.rows import TERMS

    records = read_records(as_of)
    if len(records.public_ids) < FEWEST_PATIENTS:
        raise TooFewPatients(
            f"Only {len(records.public_ids)} patients were treated; at least {FEWEST_PATIENTS} are needed, or anybody "
            "who knows one of them could find her. Nothing was exported."
        )
    out = released(
        records.clinic,
        records.readings,
        records.answers,
        records.phases,
        study_ids(records.public_ids, label),
        frozenset(TERMS),
    )
    counts = {"patients": len(records.public_ids)}
    counts |= {file.removesuffix(".csv"): len(table) for file, table in out.tables.items()}
    described = _settings(records, label, now) | {"counts": counts, "suppression": _suppression(out.poolings)}
    return ResearchExport(label, as_of, counts, out.poolings, out.tables, described)


def note_export(actor: AbstractBaseUser | None, export: ResearchExport) -> None:
    """Note in the audit trail that this export leaves the clinic; `actor` None is the command line."""
    left = {"label": export.label or "", "as_of": export.as_of, "suppressed": export.suppressed, **export.counts}
    record_event(actor, "export research", detail=left)


def _settings(records: "Records", label: str | None, now: datetime) -> dict[str, Any]:
    in_force, criteria = records.in_force, records.clinic.criteria
    return {
        "format": FORMAT,
        "tidemark": VERSION,
        "label": label,
        "same_study_ids_under_this_label": label is not None and settings.SECRET_KEY_IS_SET,
        "as_of": records.clinic.as_of.isoformat(),
        "extracted_at": now.isoformat(timespec="seconds"),
        "preset": criteria.preset,
        "settings_version": in_force.number,
        "criteria": criteria.as_dict(),
    }


def _suppression(poolings: "list[Pooling]") -> dict[str, Any]:
    from clinic.transfer.research.suppression import FEWEST_PATIENTS

    pooled = [vars(pooling) for pooling in poolings if pooling.rows]
    return {"fewest_patients_shown_as_a_group": FEWEST_PATIENTS, "pooled": pooled}
