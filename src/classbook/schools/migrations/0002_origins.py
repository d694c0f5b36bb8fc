from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_bans_and_origins"),
        ("schools", "0001_tables"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="academicyear",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin_id", ""), _negated=True),
                fields=("school", "origin", "origin_id"),
                name="year_origin_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="classplacement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin_id", ""), _negated=True), fields=("origin", "origin_id"), name="placement_origin_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin_id", ""), _negated=True),
                fields=("origin", "origin_id"),
                name="enrollment_origin_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="position",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin_id", ""), _negated=True), fields=("origin", "origin_id"), name="position_origin_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="teachingassignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin_id", ""), _negated=True),
                fields=("origin", "origin_id"),
                name="assignment_origin_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin_id", ""), _negated=True),
                fields=("scheme", "origin", "origin_id"),
                name="term_origin_once",
            ),
        ),
    ]
