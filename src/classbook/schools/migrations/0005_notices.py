import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0012_tours_over"),
        ("schools", "0004_portal_of_region"),
    ]

    operations = [
        migrations.AddField(
            model_name="school",
            name="help_contact",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "audience",
                    models.CharField(
                        choices=[("class_teachers", "Class Teachers"), ("staff", "Staff"), ("families", "Families")],
                        max_length=14,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("text", models.CharField(max_length=2000)),
                ("ends_on", models.DateField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="schools.school"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoticeRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "notice",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="reads", to="schools.notice"
                    ),
                ),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person")),
            ],
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("withdrawn_at", None)), fields=["school", "ends_on"], name="notice_to_show"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["school", "-created_at"], name="notice_of_school"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("withdrawn_at", None)), fields=["ends_on"], name="notice_in_time"),
        ),
        migrations.AddConstraint(
            model_name="noticeread",
            constraint=models.UniqueConstraint(fields=("notice", "person"), name="notice_read_once"),
        ),
    ]
