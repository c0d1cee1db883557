"""What was written about a patient's sessions: integration notes, intentions and preparations in one list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from infusions.models import Infusion, IntegrationNote

_COLUMNS = ("kind", "written_at", "record", "text", "author", "session", "voided", "why_voided")
_LABELS = {"integration": "Integration", "intention": "Intention", "preparation": "Preparation"}
_FIELDS = {"intention": "intention", "preparation": "preparation_note"}


@dataclass(frozen=True)
class Note:
    """One note. `session` is the public id of its infusion."""

    kind: str
    at: datetime
    text: str
    author: str
    session: str
    voided: bool
    void_reason: str

    @property
    def label(self) -> str:
        """What kind of note it is."""
        return _LABELS[self.kind]


def notes_of(patient_id: int, *, voided: bool) -> "QuerySet[Any]":
    """Every note, the newest first, with the voided ones if asked. Slice it, then give the rows to `as_notes`."""
    infusions = Infusion.objects.of_patient(patient_id)
    every: Any = IntegrationNote.objects.all()
    written = every.filter(infusion__course__patient_id=patient_id)
    if not voided:
        infusions = infusions.not_voided()
        written = written.not_voided().filter(infusion__voided_at=None)
    parts = [
        infusions.filter(~Q(**{field: ""})).annotate(
            kind=Value(kind, CharField()),
            written_at=Coalesce("started_at", "planned_for", "entered_at"),
            record=F("id"),
            text=F(field),
            author=F("entered_by_id"),
            session=F("public_id"),
            voided=F("voided_at"),
            why_voided=F("void_reason"),
        )
        for kind, field in _FIELDS.items()
    ]
    integration = written.annotate(
        kind=Value("integration", CharField()),
        written_at=F("entered_at"),
        record=F("id"),
        author=F("entered_by_id"),
        session=F("infusion__public_id"),
        voided=Coalesce("voided_at", "infusion__voided_at"),
        why_voided=F("void_reason"),
    )
    rows: QuerySet[Any] = integration.values(*_COLUMNS).union(*(part.values(*_COLUMNS) for part in parts), all=True)
    return rows.order_by("-written_at", "kind", "-record")


def as_notes(rows: Any) -> list[Note]:
    """The rows as notes with their authors' names. One query more."""
    rows = list(rows)
    authors = get_user_model().objects.in_bulk({row["author"] for row in rows if row["author"]})
    return [
        Note(
            kind=row["kind"],
            at=row["written_at"],
            text=row["text"],
            author=str(authors.get(row["author"], "")),
            session=row["session"],
            voided=row["voided"] is not None,
            void_reason=row["why_voided"],
        )
        for row in rows
    ]
