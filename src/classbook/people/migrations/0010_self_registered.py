from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0009_chosen_trust"),
    ]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="login",
            field=models.CharField(max_length=254, unique=True),
        ),
        migrations.AddField(
            model_name="account",
            name="self_registered",
            field=models.BooleanField(default=False),
        ),
    ]
