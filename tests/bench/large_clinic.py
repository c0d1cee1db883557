"""A clinic of any size, written by COPY: one course of six infusions and ten PCL-5s a patient."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from assessments.models import Assessment
from clinic.outcomes.frames import insert_rows, rows_to_insert
from clinic.public_id import new_public_id
from infusions.models import Course, Infusion
from patients.models import Patient

INFUSION_DAYS = (0, 3, 7, 10, 14, 17)
#: Days after the first infusion and form of each PCL-5.
FORM_DAYS = ((-20, 30), (-2, 30), (5, 7), (12, 7), (23, 7), (38, 30), (60, 30), (105, 30), (200, 30), (380, 30))
AT_ONCE = 20_000
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def make_large_clinic(patients: int, seed: int) -> dict[str, int]:
    """Write the records and return the row counts. Totals fall, drift back and scatter; one form in twenty is missing."""
    random = np.random.default_rng(seed)
    counts = {"patients": 0, "infusions": 0, "pcl5s": 0}
    for first in range(1, patients + 1, AT_ONCE):
        ids = range(first, min(first + AT_ONCE, patients + 1))
        starts = [
            datetime(2022, 1, 1, 15, tzinfo=UTC) + timedelta(days=int(day)) for day in random.integers(0, 900, len(ids))
        ]
        _write(Patient, [_patient(pk) for pk in ids])
        _write(Course, [_course(pk, start) for pk, start in zip(ids, starts, strict=True)])
        infusions = [_infusion(pk, start, day) for pk, start in zip(ids, starts, strict=True) for day in INFUSION_DAYS]
        _write(Infusion, infusions)
        forms = [form for pk, start in zip(ids, starts, strict=True) for form in _forms(pk, start, random)]
        _write(Assessment, forms)
        counts["patients"] += len(ids)
        counts["infusions"] += len(infusions)
        counts["pcl5s"] += len(forms)
    return counts


def _write(model: Any, rows: list[dict[str, Any]]) -> None:
    insert_rows(model, list(rows[0]), rows_to_insert(pd.DataFrame.from_records(rows)))


def _patient(pk: int) -> dict[str, Any]:
    names = {"mrn": f"B{pk:07}", "given_name": "Maren", "family_name": f"Ellwick{pk}"}
    keys = {f"{name}_key": value.casefold() for name, value in names.items()}
    empty = dict.fromkeys(("phone", "email", "address", "allergies", "import_key"), "")
    unknown = {"gender": "not_recorded", "race_ethnicity": "not_recorded", "criterion_a": "not_recorded"}
    return {
        "id": pk,
        "public_id": new_public_id(),
        **names,
        **keys,
        **empty,
        **unknown,
        "date_of_birth": "1980-01-01",
        "psychotherapy_at_intake": "not_recorded",
        "active": True,
        "record_version": 1,
        "version": 1,
        "entered_at": _NOW,
    }


def _record() -> dict[str, Any]:
    return {"public_id": new_public_id(), "entered_at": _NOW, "void_reason": ""}


def _course(pk: int, start: datetime) -> dict[str, Any]:
    return {
        **_record(),
        "id": pk,
        "patient_id": pk,
        "number": 1,
        "phase": "induction",
        "planned_infusions": 6,
        "opened_on": start.date(),
        "withdrawn_reason": "",
        "version": 1,
        "psychotherapy_at_start": "not_recorded",
    }


def _infusion(pk: int, start: datetime, day: int) -> dict[str, Any]:
    texts = dict.fromkeys(
        ("stage", "status_reason", "limits_overridden_reason", "preparation_note", "intention", "sitter", "import_key"),
        "",
    )
    return {
        **_record(),
        **texts,
        "version": 1,
        "course_id": pk,
        "status": "completed",
        "started_at": start + timedelta(days=day),
        "minutes": 40,
        "dose_mg_given": 40,
        "route": "IV",
        "eye_mask": "yes",
        "music": "yes",
    }


def _forms(pk: int, start: datetime, random: np.random.Generator) -> list[dict[str, Any]]:
    severity, fall = random.integers(36, 66), random.integers(0, 40)
    forms = []
    for (day, recall), kept, noise in zip(FORM_DAYS, random.random(10) > 0.05, random.integers(-6, 7, 10), strict=True):
        improved = 0 if day < 0 else fall * min(1.0, (day + 5) / 30)
        total = int(np.clip(severity - improved + noise, 0, 80))
        if kept:
            forms.append(_form(pk, start + timedelta(days=day), recall, total))
    return forms


def _form(pk: int, at: datetime, recall_days: int, total: int) -> dict[str, Any]:
    return {
        **_record(),
        "patient_id": pk,
        "instrument": "pcl5",
        "form": "month" if recall_days == 30 else "week",
        "language": "en",
        "completed_on": at.date(),
        "mode": "paper",
        "answers": json.dumps([total // 20 + (1 if item < total % 20 else 0) for item in range(20)]),
        "total": total,
        "answered_sum": total,
        "missing_items": 0,
        "most_missing_in_subscale": 0,
        "subscales": "{}",
        "rule_met": total >= 33,
        "review_flags": "[]",
        "recall_days": recall_days,
        "day_rank": 2 if recall_days == 30 else 1,
        "replace_reason": "",
        "replaced": False,
    }
