import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_links_by_hand"),
        ("schools", "0002_origins"),
    ]

    operations = [
        migrations.AddField(model_name="classplacement", name="by_hand", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="enrollment", name="by_hand", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="position", name="by_hand", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="teachingassignment", name="by_hand", field=models.BooleanField(default=False)),
        migrations.CreateModel(
            name="PlaceTakenOut",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("class", "Class"), ("group", "Group"), ("teacher", "Teacher")], max_length=8),
                ),
                ("place", models.BigIntegerField()),
                (
                    "person",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"),
                ),
                (
                    "school",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="schools.school"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "place", "person"), name="place_taken_out_once")],
            },
        ),
    ]
