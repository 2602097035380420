from django.conf import settings
from django.db import migrations


def name_entries(apps, schema_editor):
    """Stored once, so that another address of the service changes no UID."""
    registration = apps.get_model("events", "Registration")
    for row in registration.objects.filter(uid="").only("id").iterator():
        registration.objects.filter(pk=row.pk).update(uid=f"{row.pk}@{settings.PUBLIC_HOST}")


class Migration(migrations.Migration):
    dependencies = [("events", "0004_personal_feeds_imports")]
    operations = [migrations.RunPython(name_entries, migrations.RunPython.noop)]
