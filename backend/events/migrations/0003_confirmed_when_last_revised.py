from django.db import migrations
from django.db.models import F


def confirmed_when_last_revised(apps, schema_editor):
    """Of what was posted before, the last change is the last time that somebody said it is so."""
    apps.get_model("events", "Event").objects.update(confirmed_at=F("revised_at"))


class Migration(migrations.Migration):
    dependencies = [("events", "0002_series_registrations_meetings")]
    operations = [migrations.RunPython(confirmed_when_last_revised, migrations.RunPython.noop)]
