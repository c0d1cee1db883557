"""Keep the log of a session and what it took from stock as they were written."""

from django.db import migrations

from infusions import triggers


class Migration(migrations.Migration):
    dependencies = [("infusions", "0005_session_log")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: triggers.create(schema_editor.connection),
            lambda apps, schema_editor: triggers.drop(schema_editor.connection),
        )
    ]
