from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Substr


def note_those_who_came(apps, schema_editor):  # type: ignore[no-untyped-def]
    """Whoever has chosen a password has signed in; when exactly is no longer known."""
    account = apps.get_model("people", "Account")
    chosen = account.objects.annotate(sign=Substr("password", 1, 1)).exclude(sign="!").exclude(password="")
    chosen.filter(must_change_password=False, first_used_at=None).update(first_used_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_confirmed_contacts"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="first_used_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(note_those_who_came, migrations.RunPython.noop),
    ]
