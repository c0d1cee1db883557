"""The order of an infusion may be checked by a colleague: another kind of entry."""

from django.conf import settings
from django.db import migrations, models

from infusions import triggers


class Migration(migrations.Migration):

    dependencies = [
        ('infusions', '0007_a_pump_stopped_at_once'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # SQLite builds the table anew for another constraint, and its triggers would be lost.
        migrations.RunPython(
            lambda apps, schema_editor: triggers.drop(schema_editor.connection),
            lambda apps, schema_editor: triggers.create(schema_editor.connection),
        ),
        migrations.RemoveConstraint(
            model_name='sessionevent',
            name='session_event_kind_known',
        ),
        migrations.AlterField(
            model_name='sessionevent',
            name='kind',
            field=models.CharField(choices=[('field', 'field'), ('begun', 'begun'), ('called_off', 'called_off'), ('vitals', 'vitals'), ('dose_checked', 'dose_checked'), ('started', 'started'), ('paused', 'paused'), ('resumed', 'resumed'), ('rate', 'rate'), ('stopped', 'stopped'), ('drug', 'drug'), ('adverse_event', 'adverse_event'), ('note', 'note'), ('acknowledged', 'acknowledged'), ('drawn', 'drawn'), ('wasted', 'wasted'), ('discharged', 'discharged'), ('integration_note', 'integration_note'), ('signed', 'signed'), ('addendum', 'addendum'), ('struck', 'struck'), ('retimed', 'retimed')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='sessionevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['field', 'begun', 'called_off', 'vitals', 'dose_checked', 'started', 'paused', 'resumed', 'rate', 'stopped', 'drug', 'adverse_event', 'note', 'acknowledged', 'drawn', 'wasted', 'discharged', 'integration_note', 'signed', 'addendum', 'struck', 'retimed'])), name='session_event_kind_known'),
        ),
        migrations.RunPython(
            lambda apps, schema_editor: triggers.create(schema_editor.connection),
            lambda apps, schema_editor: triggers.drop(schema_editor.connection),
        ),
    ]
