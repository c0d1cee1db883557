"""A lot in an address: a lot is free text, so its address says nothing of it and cannot be guessed."""

import base64

from django.utils.crypto import salted_hmac

from infusions.models import StockEntry

_BYTES = 16


def name_of(lot_key: str) -> str:
    """22 URL-safe characters from the lot and the clinic's secret key."""
    digest = salted_hmac("clinic.room.lots", lot_key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:_BYTES]).decode().rstrip("=")


def lot_of(name: str) -> str | None:
    """The key of the lot with this name, among all that there are; None if there is none. One query."""
    keys = StockEntry.objects.order_by("lot_key").values_list("lot_key", flat=True).distinct()
    return next((key for key in keys if name_of(key) == name), None)
