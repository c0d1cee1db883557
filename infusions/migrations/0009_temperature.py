"""A set of vital signs may have a body temperature."""

from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('infusions', '0008_dose_checked'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='vitalsigns',
            name='temperature_celsius',
            field=models.DecimalField(blank=True, decimal_places=1, max_digits=3, null=True, verbose_name='temperature, °C'),
        ),
        migrations.AddConstraint(
            model_name='vitalsigns',
            constraint=models.CheckConstraint(condition=models.Q(('temperature_celsius__isnull', True), models.Q(('temperature_celsius__gte', Decimal('30')), ('temperature_celsius__lte', Decimal('43'))), _connector='OR'), name='vitals_temperature_celsius_possible'),
        ),
    ]
