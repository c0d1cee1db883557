"""The rows of an evaluation on their way into the database, patient by patient."""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd
from django.db import DEFAULT_DB_ALIAS, connection

from clinic.lookups import among
from clinic.outcomes.frames import insert_rows, rows_to_insert
from clinic.outcomes.models import CourseOutcome, WindowOutcome
from clinic.outcomes.response import Evaluation

_COURSE_COLUMNS = [field.attname for field in CourseOutcome._meta.concrete_fields]
_WINDOW_COLUMNS = [field.attname for field in WindowOutcome._meta.concrete_fields]


class OutcomeRows:
    """What an evaluation under one criteria version says of each patient, ready to be inserted."""

    def __init__(self, evaluation: Evaluation, criteria_version: int, as_of: date) -> None:
        courses = evaluation.courses.assign(criteria_version=criteria_version, as_of=pd.Timestamp(as_of))
        self._patient_id = courses["patient_id"].to_numpy()
        self._courses = rows_to_insert(courses[_COURSE_COLUMNS])
        self._windows = [
            rows_to_insert(window.assign(outcome_id=window["course_id"], window=name)[_WINDOW_COLUMNS])
            for name, window in evaluation.windows.items()
        ]

    def insert(self, patient_ids: Collection[int]) -> None:
        """Insert the rows of these patients. Call inside a transaction, after `delete_outcomes`."""
        positions = np.flatnonzero(np.isin(self._patient_id, list(patient_ids))).tolist()
        insert_rows(CourseOutcome, _COURSE_COLUMNS, [self._courses[row] for row in positions])
        insert_rows(WindowOutcome, _WINDOW_COLUMNS, [rows[row] for rows in self._windows for row in positions])


def need_not_survive_a_crash() -> None:
    """Let PostgreSQL end this transaction before it is on disk: rows and state are lost together, and then are stale."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO OFF")


def delete_outcomes(patient_ids: Collection[int]) -> None:
    """Delete whatever is stored of these patients, also of courses that no longer count."""
    courses = CourseOutcome.objects.filter(among("patient_id", patient_ids)).order_by("pk")
    course_ids = list(courses.values_list("pk", flat=True))
    WindowOutcome.objects.filter(among("outcome_id", course_ids))._raw_delete(DEFAULT_DB_ALIAS)
    CourseOutcome.objects.filter(among("pk", course_ids))._raw_delete(DEFAULT_DB_ALIAS)
