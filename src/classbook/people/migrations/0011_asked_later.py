from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0010_self_registered"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="ask_contact_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="contact_put_off",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
