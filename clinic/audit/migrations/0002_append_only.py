"""Make the audit trail append-only."""

from django.db import migrations

from clinic.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: triggers.create(editor.connection), lambda apps, editor: triggers.drop(editor.connection)
        )
    ]
