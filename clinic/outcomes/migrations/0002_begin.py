"""Some criteria are always in force: version 1 is the default preset, as the rules printed it when the project began."""

from django.db import migrations
from django.utils import timezone

VALUES = {
    "preset": "VA-10/33",
    "eligibility_cut": 33,
    "cut": 33,
    "response_points": 10,
    "response_percent": None,
    "remission_at_most": 32,
    "remission_requires_response": True,
    "remission_requires_dsm_rule_not_met": False,
    "worsening_points": 10,
    "reliable_points": 15,
    "reliable_at_most": 28,
    "max_missing_items": 2,
    "max_missing_per_cluster": 1,
    "baseline_within_days": 30,
    "exclude_covers_pretreatment": False,
    "windows": [
        {"name": "EOS", "label": "End of series", "first_day": 1, "last_day": 13, "target_day": 7},
        {"name": "PRIMARY", "label": "Primary", "first_day": 14, "last_day": 31, "target_day": 21},
        {"name": "M3", "label": "3 months", "first_day": 60, "last_day": 120, "target_day": 90},
        {"name": "M6", "label": "6 months", "first_day": 150, "last_day": 210, "target_day": 180},
        {"name": "M12", "label": "12 months", "first_day": 330, "last_day": 400, "target_day": 365},
    ],
}


def begin(apps, schema_editor):
    apps.get_model("outcomes", "SummaryState").objects.get_or_create(id=1)
    apps.get_model("outcomes", "CriteriaVersion").objects.get_or_create(
        number=1,
        defaults={
            "preset": VALUES["preset"],
            "values": VALUES,
            "reason": "In force from the start.",
            "adopted_at": timezone.now(),
        },
    )


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0001_initial")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
