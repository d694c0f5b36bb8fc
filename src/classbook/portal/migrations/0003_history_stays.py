from django.db import migrations

from classbook.common.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_consents")]

    operations = [append_only("portal_deed")]
