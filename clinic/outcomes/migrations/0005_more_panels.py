"""More is drawn than before, and what it rests on is kept; the next refresh writes both."""

import django.db.models.deletion
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import migrations, models

import clinic.public_id


def ask_for_a_refresh(apps, schema_editor):
    apps.get_model("outcomes", "SummaryState").objects.update(dirty=True)


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0004_sweep_and_runs"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField('clinicsummary', 'details', models.JSONField(encoder=DjangoJSONEncoder, null=True)),
        migrations.CreateModel(
            name='ClinicExtract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('preset', models.CharField(blank=True, max_length=40)),
                ('computed_at', models.DateTimeField()),
                ('format', models.PositiveIntegerField()),
                ('packed', models.BinaryField()),
                ('summary', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='outcomes.clinicsummary')),
            ],
            options={'constraints': [models.UniqueConstraint(fields=('summary', 'preset'), name='one_extract_a_preset')]},
        ),
        migrations.CreateModel(
            name='DashboardVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before_at', models.DateTimeField(null=True)),
                ('latest_at', models.DateTimeField()),
                ('before', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='outcomes.clinicsummary')),
                ('latest', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='outcomes.clinicsummary')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', clinic.public_id.PublicIdField(default=clinic.public_id.new_public_id, editable=False, max_length=22, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('query', models.CharField(max_length=500)),
                ('shared', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='one_view_of_a_name')]},
        ),
        migrations.RunPython(ask_for_a_refresh, migrations.RunPython.noop),
    ]
