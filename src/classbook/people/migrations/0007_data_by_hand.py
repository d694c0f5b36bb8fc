from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_snils"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="data_by_hand",
            field=models.BooleanField(default=False),
        ),
    ]
