"""More is drawn than before, and what it rests on is kept; the next refresh writes both."""

import django.db.models.deletion
from django.db import migrations, models


def ask_for_a_refresh(apps, schema_editor):
    apps.get_model("outcomes", "SummaryState").objects.update(dirty=True)


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0004_sweep_and_runs")]

    operations = [
        migrations.CreateModel(
            name='ClinicExtract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.PositiveIntegerField()),
                ('packed', models.BinaryField()),
                ('summary', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='outcomes.clinicsummary')),
            ],
        ),
        migrations.RunPython(ask_for_a_refresh, migrations.RunPython.noop),
    ]
