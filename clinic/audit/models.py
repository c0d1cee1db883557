"""Who saw or changed what. Rows are written once: database triggers refuse UPDATE and DELETE (migration 0002)."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class AuditEvent(models.Model):
    """One thing somebody did or tried. Plain ids, no foreign keys: the event outlives what it speaks of."""

    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    patient_id = models.BigIntegerField(null=True)
    record_type = models.CharField(max_length=60, blank=True)
    record_id = models.BigIntegerField(null=True)
    allowed = models.BooleanField(default=True)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [
            models.Index(fields=["patient_id", "id"], name="audit_of_patient"),
            models.Index(fields=["actor_id", "id"], name="audit_of_actor"),
            models.Index(fields=["record_type", "id"], name="audit_of_kind"),
            models.Index(fields=["at", "id"], name="audit_of_day"),
            models.Index(fields=["id"], condition=models.Q(allowed=False), name="audit_denied"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action}"
