from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grading", "0002_append_only"),
        ("schools", "0002_origins"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="markscale",
            name="scale_once",
        ),
        migrations.AddConstraint(
            model_name="markscale",
            constraint=models.UniqueConstraint(fields=("owner", "code"), name="scale_once"),
        ),
        migrations.AddConstraint(
            model_name="markscale",
            constraint=models.UniqueConstraint(condition=models.Q(("owner", None)), fields=("code",), name="shipped_scale_once"),
        ),
    ]
