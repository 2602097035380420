"""The two departments that share the map, and how they are reached, each with its source."""

from django.db import migrations

AGENCIES = [
    ("slmpd", "St. Louis Metropolitan Police Department", "SLMPD", "City of St. Louis"),
    ("slcpd", "St. Louis County Police Department", "St. Louis County PD", "St. Louis County"),
]
COUNTY_PAGE = "St. Louis County Police, Neighborhood Policing page"
CONTACTS = [
    ("slmpd", "emergency", "Emergency", "911", "national emergency number", False),
    (
        "slmpd",
        "non_emergency",
        "Police, not an emergency",
        "(314) 231-1212",
        "commonly published; to be confirmed by the department",
        False,
    ),
    ("slcpd", "emergency", "Emergency", "911", "national emergency number", False),
    ("slcpd", "non_emergency", "Police, not an emergency", "(314) 889-2341", COUNTY_PAGE, True),
    ("slcpd", "non_emergency", "Police, reports and information", "(636) 529-8210", COUNTY_PAGE, True),
    ("slcpd", "tdd", "Text telephone (TDD)", "(636) 529-8220", COUNTY_PAGE, False),
]


def add(apps, schema_editor):
    Agency = apps.get_model("roster", "Agency")
    Contact = apps.get_model("roster", "Contact")
    agencies = {
        slug: Agency.objects.create(slug=slug, name=name, short_name=short_name, city=city)
        for slug, name, short_name, city in AGENCIES
    }
    for slug, kind, label, value, source, is_disputed in CONTACTS:
        Contact.objects.create(
            agency=agencies[slug], kind=kind, label=label, value=value, source=source, is_disputed=is_disputed
        )


class Migration(migrations.Migration):
    dependencies = [("roster", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
