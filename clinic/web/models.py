"""Receipts of forms that were saved, so that a repeated one is known."""

from django.conf import settings
from django.db import models


class FormReceipt(models.Model):
    """One creating form that was saved: its key, a keyed hash of what it said, and where its record is."""

    key = models.UUIDField(unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    content_hash = models.CharField(max_length=64)
    location = models.CharField(max_length=300, blank=True)
    saved_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Form {self.key}"
