"""Check stored questionnaires against their instrument, whatever wrote them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments import instruments
from assessments.models import Assessment
from clinic.profile.zone import in_clinic_time

#: What the instrument computes, by the column that stores it.
_SCORED = ("total", "answered_sum", "missing_items", "most_missing_in_subscale", "subscales", "rule_met")


class Command(BaseCommand):
    help = (
        "Score every stored questionnaire again and report, by id, each whose answers cannot be scored or whose "
        "stored score differs. Changes nothing; exit code 1 when there is any."
    )

    @in_clinic_time()
    def handle(self, **_options: Any) -> None:
        checked = faulty = 0
        for assessment in Assessment.objects.order_by("id").iterator(chunk_size=5_000):
            checked += 1
            if problem := _problem(assessment):
                faulty += 1
                self.stderr.write(f"assessment {assessment.pk}: {problem}")
        if faulty:
            raise CommandError(f"{faulty} of {checked} questionnaires do not agree with their instrument.")
        self.stdout.write(f"{checked} questionnaires agree with their instrument.")


def _problem(assessment: Assessment) -> str:
    try:
        questionnaire = instruments.get(assessment.instrument)
        form = questionnaire.form(assessment.form)
        score = questionnaire.score(assessment.answers)
    except ValueError as error:
        return str(error)
    expected = {name: getattr(score, name) for name in _SCORED}
    expected |= {"review_flags": list(score.review_flags), "recall_days": form.recall_days, "day_rank": form.day_rank}
    differing = [name for name, value in expected.items() if getattr(assessment, name) != value]
    return f"stored {', '.join(differing)} differ from the answers" if differing else ""
