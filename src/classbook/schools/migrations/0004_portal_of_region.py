from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0003_by_hand"),
    ]

    operations = [
        migrations.AddField("school", "town", models.CharField(blank=True, max_length=120)),
        migrations.AddField(
            "region",
            "portal",
            models.CharField(
                blank=True,
                choices=[("none", "None"), ("offered", "Offered"), ("required", "Required"), ("", "Inherited")],
                max_length=8,
            ),
        ),
        migrations.AddField("region", "portal_required_on", models.DateField(blank=True, null=True)),
        migrations.AddField("region", "portal_grace_days", models.PositiveSmallIntegerField(default=30)),
        migrations.AddConstraint(
            "region",
            models.CheckConstraint(
                condition=Q(portal="required", portal_required_on__isnull=False)
                | (~Q(portal="required") & Q(portal_required_on=None)),
                name="required_portal_has_a_day",
            ),
        ),
    ]
