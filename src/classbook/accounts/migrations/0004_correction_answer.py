from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_portal_links"),
    ]

    operations = [
        migrations.AddField(
            model_name="correction",
            name="answer",
            field=models.CharField(blank=True, max_length=300),
        ),
    ]
