"""Asks a case of both implementations."""

from collections.abc import Sequence
from datetime import date

import pytest
from evaluation_frames import (
    by_production,
    by_reference,
    entered,
)
from plain_records import CourseRecord, Reading
from response_cases import LATE, MARCH, VA, Ask, Rows

from clinic.outcomes.criteria import Criteria


@pytest.fixture(params=["production", "reference"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Answers of one of the two implementations to: these readings and courses, in the order entered."""
    answer = by_production if request.param == "production" else by_reference

    def rows(
        *readings: Reading,
        courses: Sequence[CourseRecord] = (MARCH,),
        criteria: Criteria = VA,
        as_of: str = LATE,
    ) -> Rows:
        return answer(entered(readings), list(courses), criteria, date.fromisoformat(as_of))

    return rows
