"""A set of vital signs that is not rejected can be stored: its row is saved without asking its constraints again."""

from typing import Any

import pytest
from chairside import BEGIN
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from infusions.limits import Level, Limits
from infusions.models import VitalSigns
from infusions.safety import ACCEPTED, Phase, check_vital_signs
from infusions.session.vitals import READINGS, reading_from

pytestmark = pytest.mark.django_db
#: Around and far beyond each bound.
VALUES = {
    name: st.one_of(*(st.integers(int(bound) - 2, int(bound) + 2) for bound in bounds), st.integers(-10, 400))
    for name, bounds in ACCEPTED.items()
}


def test_every_reading_has_bounds() -> None:
    assert set(READINGS) == set(ACCEPTED)


@pytest.mark.parametrize("phase", Phase)
@settings(deadline=None)  # it asks the database
@given(data=st.fixed_dictionaries({}, optional={**VALUES, "on_room_air": st.booleans()}))
def test_what_is_judged_is_what_the_table_keeps(phase: Phase, data: dict[str, Any]) -> None:
    found = check_vital_signs(Limits(), reading_from(data, BEGIN), phase=phase)
    row = VitalSigns(taken_at=BEGIN, **{name: data.get(name) for name in READINGS})
    try:
        row.full_clean(exclude={"infusion", "event", "entered_by"})
        kept = True
    except ValidationError:
        kept = False
    assert kept is all(finding.level is not Level.REJECT for finding in found)
