"""Study ids: the same patient has the same one under one label, and an unlinkable one under another."""

import re
import secrets
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

#: Letters for the sixteen values of half a byte: an id is never read as a number or a date, and spells no word.
_LETTERS = "bcdfghjklmnpqrst"
#: Letters of an id: 64 bits, so that no two patients of a clinic meet in one.
_LENGTH = 16
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*")
LABEL_LENGTH = 40


def check_label(label: str) -> None:
    """Raises ValidationError unless these signs may stand in a file name, in the settings and in the audit trail."""
    if not _LABEL.fullmatch(label):
        raise ValidationError(
            "Use letters, digits, blanks, points, hyphens and underscores; begin with a letter or digit."
        )


def study_ids(public_ids: Mapping[int, str], label: str | None) -> dict[int, str]:
    """Study id by patient. Keyed with SECRET_KEY, so that nobody outside can make or undo one.

    Without a label the key is thrown away: no other export has the same ids.
    """
    under = f"label {label}" if label is not None else f"once {secrets.token_hex(16)}"
    key = f"{under}\0{settings.SECRET_KEY}"
    ids = {patient: _letters(key, public_id) for patient, public_id in public_ids.items()}
    if len(set(ids.values())) != len(ids):
        raise RuntimeError("Two patients have one study id. Choose another label.")
    return ids


def _letters(key: str, public_id: str) -> str:
    digest = salted_hmac("tidemark research export", public_id, secret=key, algorithm="sha256").hexdigest()
    return "".join(_LETTERS[int(half, 16)] for half in digest[:_LENGTH])
