"""A pump in the infusion room may be stopped within its first minute; a duration that is typed may not be so short."""


from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('infusions', '0006_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='infusion',
            name='infusion_minutes_possible',
        ),
        migrations.AddConstraint(
            model_name='infusion',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__isnull', True), models.Q(('minutes__gte', Decimal('1')), ('minutes__lte', Decimal('600'))), models.Q(models.Q(('stage', ''), _negated=True), ('minutes__gte', 0)), _connector='OR'), name='infusion_minutes_possible'),
        ),
    ]
