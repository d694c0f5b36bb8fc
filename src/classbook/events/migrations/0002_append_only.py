from django.db import migrations

from classbook.common.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("events", "0001_tables")]
    operations = [append_only("events_auditevent")]
