from django.db import migrations

READ_BY_LIAISON = (
    "The liaison of the district reads it, and the commanders above. Who told it is on record apart: a liaison may "
    "look it up with a reason, and the officer who works on it only if you agree."
)
READ_BY_CIVILIAN = (
    "Civilian liaisons alone read it until one of them has looked whom it is about. That employee and their chain of "
    "command below the Major never do."
)
READ_BY_LIAISON_ALONE = "Liaisons alone read it, no patrol officer, and no text about it goes to any phone."

# slug, name, notice, who reads, sensitive, priority (1 urgent to 4), business hours until it should be closed
CATEGORIES = [
    (
        "drug_activity",
        "Drug activity",
        "What happens now belongs to 911. Here: what you see again and again.",
        READ_BY_LIAISON,
        False,
        2,
        40,
    ),
    (
        "traffic",
        "Traffic and parking",
        "Crashes and blocked roads belong to 911.",
        READ_BY_LIAISON,
        False,
        3,
        80,
    ),
    ("noise", "Noise", "Noise at this moment: the non-emergency number.", READ_BY_LIAISON, False, 4, 80),
    (
        "problem_property",
        "Problem property",
        "A house from which trouble comes again and again.",
        READ_BY_LIAISON,
        False,
        3,
        80,
    ),
    (
        "vacant_building",
        "Vacant building",
        "Somebody in it now, or smoke: 911.",
        READ_BY_LIAISON,
        False,
        3,
        80,
    ),
    (
        "city_service",
        "Street light, refuse or other City service",
        "The Citizens Service Bureau answers these; we pass it on and tell you its number.",
        READ_BY_LIAISON,
        False,
        4,
        40,
    ),
    (
        "violence",
        "Shots, gangs and other violence",
        "What happens now belongs to 911. Here: what worries you on your block.",
        READ_BY_LIAISON,
        False,
        1,
        16,
    ),
    (
        "domestic_violence",
        "Violence at home",
        "Nobody reads this at once. If you are in danger call 911; the hotline is there day and night.",
        READ_BY_LIAISON_ALONE,
        True,
        1,
        8,
    ),
    (
        "service",
        "How police served me",
        "Praise, or what went badly. Misconduct goes to the Civilian Oversight Board, not to us.",
        READ_BY_CIVILIAN,
        False,
        3,
        40,
    ),
    ("other", "Something else", "", READ_BY_LIAISON, False, 3, 80),
]


def add(apps, schema_editor):
    Category = apps.get_model("concerns", "Category")
    for position, row in enumerate(CATEGORIES):
        slug, name, notice, who_reads, is_sensitive, priority, target_hours = row
        Category.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name,
                "notice": notice,
                "who_reads": who_reads,
                "is_sensitive": is_sensitive,
                "is_about_police": slug == "service",
                "handler_may_know": not is_sensitive,
                "priority": priority,
                "target_hours": target_hours,
                "position": position,
            },
        )


class Migration(migrations.Migration):
    """The kinds of concern that there are, those of before among them: a concern's category refers to them next."""

    dependencies = [("concerns", "0003_category")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
