from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0011_asked_later"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="tours_over",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
    ]
