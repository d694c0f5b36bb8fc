from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_tables"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="accessban",
            constraint=models.CheckConstraint(
                condition=models.Q(("person", models.F("student")), _negated=True), name="banned_is_not_the_pupil"
            ),
        ),
        migrations.AddConstraint(
            model_name="accessban",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on", None), ("starts_on__lte", models.F("ends_on")), _connector="OR"),
                name="ban_starts_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardianship",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin_id", ""), _negated=True),
                fields=("origin", "origin_id"),
                name="guardianship_origin_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="trustedperson",
            constraint=models.CheckConstraint(
                condition=models.Q(("person", models.F("student")), _negated=True), name="trusted_is_not_the_pupil"
            ),
        ),
    ]
