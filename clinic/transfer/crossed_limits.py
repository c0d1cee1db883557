"""Which limits past infusions crossed. Past records are not refused for it (only reject limits do that): it is counted."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from clinic.transfer.layouts import doses_of
from clinic.transfer.sheets import Row
from clinic.transfer.stored import StoredPatient
from infusions.dosing import check_dose, check_interval
from infusions.limits import Finding, Level, Limits
from infusions.models import Route

_COUNTED = (Level.OVERRIDE, Level.WARN)
#: Farther back no rule looks (more than so many infusions in 30 days).
_LOOK_BACK = timedelta(days=32)
_SIDES = re.compile(r"_(above|below|from)(?:_|$)")


def crossed_limits(rows: Iterable[Row], stored: StoredPatient | None, limits: Limits, zone: ZoneInfo) -> Counter[str]:
    """How often these added infusions of one patient cross each limit, by its name and number."""
    added = [row.values for row in rows]
    known = [record.values for record in stored.infusions.values() if not record.void] if stored else []
    timeline = sorted(
        [(v["started_at"], True, v) for v in added] + [(v["started_at"], False, v) for v in known], key=_at
    )
    found = _findings(timeline, limits, zone)
    return Counter(_label(finding, limits) for finding in found if finding.level in _COUNTED)


def _at(entry: tuple[datetime, bool, dict[str, Any]]) -> datetime:
    return entry[0]


def _findings(
    timeline: Iterable[tuple[datetime, bool, dict[str, Any]]], limits: Limits, zone: ZoneInfo
) -> Iterator[Finding]:
    starts: list[datetime] = []
    weight: Decimal | None = None
    dose: Decimal | None = None
    for started_at, is_new, values in timeline:
        starts = [start for start in starts if started_at - start < _LOOK_BACK]
        if is_new and values["route"] == Route.IV:
            yield from check_dose(limits, **doses_of(values), last_weight_kg=weight, previous_mg_per_kg=dose)
        if is_new and values["dose_mg"]:
            yield from check_interval(limits, start_at=started_at.astimezone(zone), previous_starts=starts)
        if values["dose_mg"]:
            starts.append(started_at)
            dose = values["dose_mg_per_kg"] if values["dose_mg_per_kg"] is not None else dose
        weight = values["weight_kg"] if values["weight_kg"] is not None else weight


def _label(finding: Finding, limits: Limits) -> str:
    """For example "dose above 1.2 mg/kg (warn)" for the limit `warn_dose_above_mg_per_kg`."""
    name = finding.limit.partition("_")[2]
    value = getattr(limits, finding.limit, "")
    name = _SIDES.sub(rf" \1 {value} ", name).strip()
    return f"{name.replace('_per_', '/').replace('_', ' ')} ({finding.level})"
