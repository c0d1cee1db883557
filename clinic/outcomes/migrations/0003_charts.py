"""What the dashboard draws is published with the figures; the next refresh writes it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations, models


def ask_for_a_refresh(apps, schema_editor):
    apps.get_model("outcomes", "SummaryState").objects.update(dirty=True)


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0002_begin")]

    operations = [
        migrations.AddField(
            model_name="clinicsummary",
            name="charts",
            field=models.JSONField(encoder=DjangoJSONEncoder, null=True),
        ),
        migrations.RunPython(ask_for_a_refresh, migrations.RunPython.noop),
    ]
