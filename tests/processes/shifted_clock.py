"""The web server of these tests alone (`gunicorn processes.shifted_clock`): its clock is as far ahead as a file says.

CLOCK names the file, which holds seconds, also below 0, and may change at any time. What Python's own clock says stays.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

CLOCK = Path(os.environ["CLOCK"])
_real_now = timezone.now


def shifted_now() -> datetime:
    """The moment, shifted."""
    return _real_now() + timedelta(seconds=float(CLOCK.read_text()))


timezone.now = shifted_now  # before anything of the clinic is imported, so that nobody holds the other one
from clinic.wsgi import application  # noqa: E402

__all__ = ["application"]
