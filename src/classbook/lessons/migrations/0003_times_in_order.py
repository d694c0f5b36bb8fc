import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0002_append_only"),
        ("people", "0002_bans_and_origins"),
        ("schools", "0002_origins"),
    ]

    operations = [
        migrations.AlterField(
            model_name="timetableentry",
            name="timetable",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="lessons.timetable"
            ),
        ),
        migrations.AddConstraint(
            model_name="bellperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lte", models.F("ends_at"))), name="bell_period_ends_after_it_starts"
            ),
        ),
        migrations.AddConstraint(
            model_name="lesson",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lte", models.F("ends_at"))), name="lesson_ends_after_it_starts"
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.UniqueConstraint(
                condition=models.Q(("origin_id", ""), _negated=True),
                fields=("school", "origin", "origin_id"),
                name="room_origin_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="timetableentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lte", models.F("ends_at"))), name="timetable_slot_ends_after_it_starts"
            ),
        ),
    ]
