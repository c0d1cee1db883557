"""verify_records finds whatever does not agree with its instrument."""

from datetime import date
from io import StringIO
from typing import Any

import pytest
from builders import answers_of, make_patient, make_pcl5
from django.core.management import CommandError, call_command

from assessments.models import Assessment

pytestmark = pytest.mark.django_db


def test_sound_records_are_counted() -> None:
    make_pcl5(make_patient(), date(2025, 3, 3), 40)
    make_pcl5(make_patient(), date(2025, 3, 3), 0, answers=[4] * 18 + [None, None])
    out = StringIO()
    call_command("verify_records", stdout=out)
    assert out.getvalue() == "2 questionnaires agree with their instrument.\n"


@pytest.mark.parametrize(
    ("tampered", "message"),
    [
        ({"total": 41}, "stored total differ"),
        ({"subscales": {}, "rule_met": None}, "stored subscales, rule_met differ"),
        ({"review_flags": ["item_16"]}, "stored review_flags differ"),
        ({"recall_days": 7}, "stored recall_days differ"),
        ({"answers": answers_of(39)}, "stored total, answered_sum"),
        ({"answers": [9] * 20}, "Item 1: choose one of 0, 1, 2, 3, 4"),
        ({"answers": "none"}, "Answers must be a list"),
        ({"form": "day"}, "no form 'day'"),
        ({"instrument": "pcl4"}, "pcl4"),
    ],
)
def test_whatever_was_changed_behind_the_services_is_found(tampered: dict[str, Any], message: str) -> None:
    form = make_pcl5(make_patient(), date(2025, 3, 3), 40)
    Assessment.objects.filter(pk=form.pk).update(**tampered)
    err = StringIO()
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("verify_records", stderr=err)
    assert err.getvalue().startswith(f"assessment {form.pk}: ")
    assert message in err.getvalue()
