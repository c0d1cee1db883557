"""Who received from one lot as CSV, for a recall."""

import csv
import io

from django.utils import timezone

from clinic.csv_cells import safe_cell
from clinic.room.lots.uses import Lot, Use

HEAD = (
    "lot",
    "drawn at",
    "mrn",
    "family name",
    "given name",
    "date of birth",
    "drawn mg",
    "given mg, of the session",
    "wasted mg",
    "witness",
    "other lots of the session",
    "account",
)


def csv_of_lot(lot: Lot) -> str:
    """One row a session, the latest first; times are those of the clinic's clock."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    writer.writerows([safe_cell(one) for one in _row(lot, use)] for use in lot.uses)
    return text.getvalue()


def _row(lot: Lot, use: Use) -> list[str]:
    patient = use.infusion.course.patient
    return [
        lot.words,
        timezone.localtime(use.at).isoformat(timespec="minutes"),
        patient.mrn,
        patient.family_name,
        patient.given_name,
        patient.date_of_birth.isoformat(),
        str(use.drawn_mg),
        "" if use.given_mg is None else str(use.given_mg),
        str(use.wasted_mg),
        "; ".join(use.witnesses),
        "; ".join(use.other_lots),
        f"{use.verdict}, voided" if use.infusion.voided_at else use.verdict.value,
    ]
