"""What changed in the clinic's figures since somebody's last visit to the dashboard."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from clinic.outcomes.models import ClinicSummary, DashboardVisit
from clinic.outcomes.printed import printed, signed

#: Pages opened within so long of each other are one visit.
ONE_VISIT = timedelta(hours=8)
WORTH_NOTING = timedelta(minutes=10)
#: Counts that are compared, and rates of those followed up.
_COUNTS = {"courses": "treated", "eligible": "eligible", "evaluated": "followed up", "missing": "missing"}
_RATES = {"response": "response", "remission": "remission", "worsened": "worsened"}


@dataclass(frozen=True)
class Change:
    """One line: how much, of what, from which figure to which, and the group of patients behind it."""

    by: str
    words: str
    of: str


@dataclass(frozen=True)
class Since:
    """`seen_at` is None on the first visit; `versions` are both settings where they differ."""

    seen_at: datetime | None
    changes: list[Change]
    versions: tuple[int, int] | None = None


def since_last_visit(user: Any, published: ClinicSummary, window: str, now: datetime) -> Since:
    """Note that the user sees this summary, and say what it changed for her. One query, a second where there is news."""
    visit = DashboardVisit.objects.select_related("before").filter(user_id=user.pk).first()
    if visit is None:
        DashboardVisit.objects.bulk_create(
            [DashboardVisit(user_id=user.pk, latest_id=published.pk, latest_at=now)], ignore_conflicts=True
        )
        return Since(None, [])
    away = now - visit.latest_at
    if away >= ONE_VISIT:
        visit.before, visit.before_at = visit.latest, visit.latest_at
    if away >= WORTH_NOTING or visit.latest_id != published.pk:
        visit.latest_id, visit.latest_at = published.pk, now
        visit.save()
    if visit.before is None:
        return Since(None, [])
    versions = (visit.before.criteria_version, published.criteria_version)
    return Since(
        visit.before_at,
        changes(visit.before.figures.get(window), published.figures[window]),
        versions if versions[0] != versions[1] else None,
    )


def changes(before: dict[str, Any] | None, after: dict[str, Any]) -> list[Change]:
    """What differs between two figures of one window, as it is printed (rule 31); nothing without a `before`."""
    if before is None:
        return []
    was, now = printed(before), printed(after)
    found = [
        Change(signed(after[name] - before[name], 0), words, name if name != "courses" else "treated")
        for name, words in _COUNTS.items()
        if after[name] != before[name]
    ]
    for name, words in _RATES.items():
        if (before[name]["x"], before[name]["n"]) != (after[name]["x"], after[name]["n"]):
            rates = f"{was[name]['rate']} → {now[name]['rate']}"
            found.append(Change(signed(after[name]["x"] - before[name]["x"], 0), f"{words}: {rates}", name))
    if was["reduction"]["change"].text != now["reduction"]["change"].text:
        by = f"{was['reduction']['change']} → {now['reduction']['change']}"
        found.append(Change("", f"mean change in points: {by}", "evaluated"))
    return found
