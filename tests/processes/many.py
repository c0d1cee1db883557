"""A clinic of 10,000 courses in seconds: 500 are made by the bench's maker, the others are copies, made by the database."""

from processes.running import Clinic

PATIENTS, MADE = 10_000, 500
_MAKE = f"""
import os
from django.db import transaction
from bench.large_clinic import make_large_clinic
from clinic.transfer.synthetic.staff import make_staff
with transaction.atomic():
    make_large_clinic({MADE}, seed=1)
    make_staff(os.environ["TIDEMARK_DEMO_PASSWORD"])
"""
#: What differs in a copy; `t` is the row, `n` says which copy it is. A row without an id is given one.
_OTHER = {
    "patients_patient": {"id": "t.id + n * {made}", "mrn": "'' || (t.id + n * {made})"},
    "infusions_course": {"id": "t.id + n * {made}", "patient_id": "t.patient_id + n * {made}"},
    "infusions_infusion": {"course_id": "t.course_id + n * {made}"},
    "assessments_assessment": {"patient_id": "t.patient_id + n * {made}"},
}
_NUMBERED = "substr(t.public_id, 1, 18) || substr(CAST(10000 + n AS text), 2)"


def make_many(clinic: Clinic) -> None:
    """Migrate, then make the patients with one course each, and the four accounts; no outcomes yet."""
    clinic.manage("migrate", "--verbosity=0")
    clinic.manage("shell", "--no-imports", "-c", _MAKE)
    last = PATIENTS // MADE - 1
    no_checks = "SET session_replication_role = replica; " if clinic.on_postgres else ""  # of each foreign key
    copies = f"{no_checks}WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {last})"
    for table, other in _OTHER.items():
        columns = [name for name in _columns(clinic, table) if name != "id" or "id" in other]
        values = {"public_id": _NUMBERED, "mrn_key": other.get("mrn", ""), **other}
        chosen = ", ".join(values.get(name, f"t.{name}").format(made=MADE) for name in columns)
        clinic.rows(f"{copies} INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {table} t, copies")
    clinic.rows("ANALYZE")


def _columns(clinic: Clinic, table: str) -> list[str]:
    if clinic.on_postgres:
        found = clinic.rows("SELECT column_name FROM information_schema.columns WHERE table_name = %s", table)
        return [name for (name,) in found]
    return [row[1] for row in clinic.rows(f"PRAGMA table_info({table})")]
