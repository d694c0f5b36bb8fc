from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_bans_and_origins")]

    operations = [
        migrations.AddField(model_name="guardianship", name="by_hand", field=models.BooleanField(default=False)),
    ]
