"""The log of a session kept in the infusion room, the drug it took from stock, and who has it open.

Rows of the log and of the stock are written once: database triggers refuse UPDATE and DELETE (migration 0005).
"""

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from infusions.models.records import Infusion
from infusions.session.log import Entry, Kind


class SessionEvent(models.Model):
    """One entry of a session's log: something that happened, or one field as somebody left it.

    `at` is when it happened, `recorded_at` when the server learned of it. A repeated request sends the same `key` and
    makes no second entry. A field has a `version` that grows by one with each change: of two people who change the same
    one the second meets the constraint.
    """

    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    #: As it is printed on the record, whatever the account is called later.
    by_name = models.CharField(max_length=200)
    key = models.UUIDField(unique=True)
    #: Of what was sent under the key: the same key with other content is refused.
    content_hash = models.CharField(max_length=64, blank=True)
    field = models.CharField(max_length=80, blank=True)
    version = models.PositiveIntegerField(default=0)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["infusion", "field", "version"], condition=~Q(field=""), name="session_field_version_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]), name="session_event_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.FIELD.value, version__gte=1) & ~Q(field="")
                | ~Q(kind=Kind.FIELD.value) & Q(field="", version=0),
                name="session_event_field_has_version",
            ),
        ]
        indexes = [models.Index(fields=["infusion", "id"], name="session_event_of_infusion")]

    def __str__(self) -> str:
        return f"{self.kind} of infusion {self.infusion_id}"

    def entry(self) -> Entry:
        """The row as the pure files take it."""
        return Entry(
            number=self.pk,
            kind=Kind(self.kind),
            at=self.at,
            recorded_at=self.recorded_at,
            by_id=self.by_id,
            by=self.by_name,
            data=self.data,
            field=self.field,
            version=self.version,
        )


class StockEntry(models.Model):
    """Drug that a session took from a vial, or that was wasted: a line of the controlled-substance record (rules 59, 61).

    The amount of a correction is negative: it takes an earlier line back, and nothing is ever changed.
    """

    class Kind(models.TextChoices):
        DRAWN = "drawn", "Drawn"
        WASTED = "wasted", "Wasted"

    event = models.OneToOneField(SessionEvent, on_delete=models.PROTECT, related_name="+")
    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    lot = models.CharField(max_length=60)
    lot_key = models.CharField(max_length=60)
    vial_mg_per_ml = models.DecimalField(max_digits=6, decimal_places=2)
    mg = models.DecimalField(max_digits=8, decimal_places=3)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["drawn", "wasted"]), name="stock_entry_kind_known"),
            models.CheckConstraint(condition=~Q(lot=""), name="stock_entry_has_lot"),
            models.CheckConstraint(
                condition=Q(kind="drawn") | Q(mg__lt=0) | Q(witness__isnull=False) & ~Q(witness=models.F("by")),
                name="stock_waste_has_another_witness",
            ),
        ]
        indexes = [models.Index(fields=["lot_key", "id"], name="stock_entry_of_lot")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.mg} mg, lot {self.lot}"


class SessionPresence(models.Model):
    """Who has a session open, and which field she is in. Nothing clinical; it is overwritten all the time."""

    infusion = models.ForeignKey(Infusion, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    editing = models.CharField(max_length=80, blank=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["infusion", "user"], name="session_presence_once")]

    def __str__(self) -> str:
        return f"User {self.user_id} on infusion {self.infusion_id}"
