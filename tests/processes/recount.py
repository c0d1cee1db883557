"""Whether everything that was acknowledged is in the database, once, and counted in outcomes and figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from processes.running import Clinic

#: Everything that a recompute writes but its moment and day.
OUTCOMES = """
    SELECT to_jsonb(c) - 'as_of', (SELECT jsonb_agg(to_jsonb(w) ORDER BY w.window) FROM outcomes_windowoutcome w
    WHERE w.course_id = c.course_id) FROM outcomes_courseoutcome c ORDER BY c.course_id
"""
STALE = """
    SELECT p.public_id, p.record_version, s.record_version, s.criteria_version FROM patients_patient p
    LEFT JOIN outcomes_patientoutcomestate s ON s.patient_id = p.id
    WHERE s.record_version IS DISTINCT FROM p.record_version
    OR s.criteria_version <> (SELECT max(number) FROM outcomes_criteriaversion)
"""


@dataclass(frozen=True)
class Acknowledged:
    """A PCL-5 that the server said it had saved, by the address it gave."""

    patient: str
    public_id: str
    day: str
    total: int


@dataclass(frozen=True)
class Before:
    """The clinic before the first save: record versions, who lives, days with a form, how many forms and events."""

    patients: dict[str, int]
    alive: list[str]
    days: set[tuple[str, str]]
    forms: int
    events: int


def first_look(clinic: Clinic) -> Before:
    """How it stands now."""
    versions = clinic.rows("SELECT public_id, record_version FROM patients_patient")
    alive = clinic.rows("SELECT public_id FROM patients_patient WHERE died_on IS NULL ORDER BY public_id")
    days = clinic.rows(
        "SELECT p.public_id, a.completed_on::text FROM assessments_assessment a JOIN patients_patient p ON p.id = a.patient_id"
    )
    return Before(dict(versions), [public_id for (public_id,) in alive], set(days), _forms(clinic), _events(clinic))


def problems(clinic: Clinic, before: Before, acknowledged: Sequence[Acknowledged]) -> list[str]:
    """What does not hold, in words."""
    return [*_missing(clinic, before, acknowledged), *not_counted(clinic), *_wrong_outcomes(clinic)]


def _missing(clinic: Clinic, before: Before, acknowledged: Sequence[Acknowledged]) -> list[str]:
    rows: dict[str, tuple[Any, ...]] = {
        public_id: rest
        for public_id, *rest in clinic.rows(
            "SELECT a.public_id, p.public_id, a.completed_on::text, a.total FROM assessments_assessment a "
            "JOIN patients_patient p ON p.id = a.patient_id"
        )
    }
    found = [
        f"acknowledged, but not there as it was sent: {one}, there is {rows.get(one.public_id)}"
        for one in acknowledged
        if rows.get(one.public_id) != [one.patient, one.day, one.total]
    ]
    if (forms := _forms(clinic) - before.forms) != len(acknowledged):
        found.append(f"{len(acknowledged)} saves were acknowledged, {forms} forms are new")
    if (events := _events(clinic) - before.events) != len(acknowledged):
        found.append(f"{len(acknowledged)} saves were acknowledged, {events} are in the audit trail")
    saves = Counter(one.patient for one in acknowledged)
    for public_id, version in clinic.rows("SELECT public_id, record_version FROM patients_patient"):
        if version - before.patients[public_id] != saves[public_id]:
            found.append(
                f"{saves[public_id]} saves of {public_id}: version {before.patients[public_id]} became {version}"
            )
    return found


def not_counted(clinic: Clinic) -> list[str]:
    """What no outcome or no published figure counts yet, in words."""
    found = [f"stale: {row}" for row in clinic.rows(STALE)]
    found += [
        f"failed: {row}" for row in clinic.rows("SELECT * FROM outcomes_patientoutcomestate WHERE failed_reason <> ''")
    ]
    if pending := clinic.rows("SELECT count(*) FROM patients_recordchange")[0][0]:
        found.append(f"{pending} changes are in no published figure")
    [(dirty, since)] = clinic.rows("SELECT dirty, refreshing_since FROM outcomes_summarystate")
    if dirty or since:
        found.append(f"the figures are not up to date: dirty {dirty}, refreshing since {since}")
    return found


def _wrong_outcomes(clinic: Clinic) -> list[str]:
    """Compare what is stored and published with a recompute from the records."""
    stored, published = clinic.rows(OUTCOMES), _figures(clinic)
    clinic.manage("recompute_outcomes", "--all")
    found = [] if clinic.rows(OUTCOMES) == stored else ["stored outcomes differ from a recompute of every patient"]
    return (
        found if _figures(clinic) == published else [*found, "the published figures differ from those of a recompute"]
    )


def _figures(clinic: Clinic) -> Any:
    return clinic.rows("SELECT figures FROM outcomes_clinicsummary ORDER BY id DESC LIMIT 1")


def _forms(clinic: Clinic) -> int:
    return int(clinic.rows("SELECT count(*) FROM assessments_assessment")[0][0])


def _events(clinic: Clinic) -> int:
    return int(clinic.rows("SELECT count(*) FROM audit_auditevent WHERE action = 'record assessment'")[0][0])
