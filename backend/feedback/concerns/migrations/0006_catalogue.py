from datetime import UTC, datetime, timedelta

from django.db import migrations
from django.db.models import F

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
TEXT, CHOICE, YES_NO = "text", "choice", "yes_no"

# category: slug, question, kind, choices. None has to be answered.
QUESTIONS = {
    "drug_activity": [
        ("when", "On which days, and at what time?", TEXT, []),
        (
            "where",
            "Where is it?",
            CHOICE,
            ["in a house", "in the street", "in an alley", "in a park", "elsewhere"],
        ),
    ],
    "traffic": [
        (
            "what",
            "What is it?",
            CHOICE,
            ["speeding", "running lights or signs", "a dangerous crossing", "parking", "something else"],
        ),
        ("when", "On which days, and at what time?", TEXT, []),
    ],
    "noise": [
        (
            "what",
            "What makes the noise?",
            CHOICE,
            ["neighbors", "a business", "cars or motorcycles", "fireworks", "something else"],
        ),
        ("when", "On which days, and at what time?", TEXT, []),
    ],
    "problem_property": [
        ("lived_in", "Does anybody live there?", YES_NO, []),
        ("how_long", "Since when is there trouble?", TEXT, []),
    ],
    "vacant_building": [
        ("open", "Can people get in?", YES_NO, []),
        ("sleeps", "Does anybody sleep there?", YES_NO, []),
    ],
    "city_service": [
        (
            "what",
            "What is it?",
            CHOICE,
            ["a street light", "trash or dumping", "the street itself", "trees or weeds", "something else"],
        ),
        ("reference", "If you told the Citizens Service Bureau already: its number", TEXT, []),
    ],
    "violence": [
        ("often", "How often?", CHOICE, ["once", "now and then", "every week", "nearly every day"]),
        ("when", "On which days, and at what time?", TEXT, []),
    ],
    "domestic_violence": [
        ("may_call", "Is it safe for us to call you?", YES_NO, []),
        ("when_safe", "When is it safe?", TEXT, []),
    ],
    "service": [
        (
            "what",
            "What is it?",
            CHOICE,
            ["thanks", "how somebody spoke to me", "nobody came, or late", "something else"],
        ),
        ("when", "On which day was it, and at what time?", TEXT, []),
    ],
}

ALWAYS = "24 hours, every day"
# kind, name, call, text, web, hours, source. Nobody of the department has confirmed them: verified_on stays empty.
LINES = [
    ("emergency", "911", "911", "", "", ALWAYS, "National emergency number"),
    (
        "crisis",
        "988 Suicide and Crisis Lifeline",
        "988",
        "any words to 988",
        "https://988lifeline.org",
        ALWAYS,
        "The Lifeline itself",
    ),
    (
        "domestic_violence",
        "National Domestic Violence Hotline",
        "1-800-799-7233",
        "START to 88788",
        "https://www.thehotline.org",
        ALWAYS,
        "The hotline itself",
    ),
    (
        "sexual_violence",
        "National Sexual Assault Hotline (RAINN)",
        "1-800-656-4673",
        "",
        "https://www.rainn.org",
        ALWAYS,
        "RAINN itself",
    ),
    (
        "child",
        "Missouri Child Abuse and Neglect Hotline",
        "1-800-392-3738",
        "",
        "https://dss.mo.gov/cd/keeping-kids-safe/can.htm",
        ALWAYS,
        "Missouri Department of Social Services, dss.mo.gov",
    ),
    (
        "oversight",
        "Civilian Oversight Board, 1520 Market Street, Room 4029",
        "314-657-1600",
        "",
        "https://www.stlouis-mo.gov/government/departments/public-safety/civilian-oversight/",
        "8 am to 5 pm, Monday to Friday",
        "The Board's page on stlouis-mo.gov, as last stored; its powers have been in dispute since",
    ),
    (
        "staff",
        "Missouri State Auditor, Whistleblower Hotline",
        "1-800-347-8597",
        "",
        "https://auditor.mo.gov",
        "Not known; also by mail to moaudit@auditor.mo.gov",
        "The Auditor's page on auditor.mo.gov, which says that one may stay anonymous",
    ),
    (
        "staff",
        "The department's own channel for its employees",
        "",
        "",
        "",
        "Not known",
        "The City says that there is one; the department has yet to name it",
    ),
]

# slug, name, contact, gives a reference number, source
OFFICES = [
    (
        "citizens-service-bureau",
        "Citizens Service Bureau",
        "314-622-4800",
        True,
        "stlouis-mo.gov; to be confirmed",
    ),
    (
        "problem-properties-task-force",
        "Problem Properties Task Force",
        "through the district's neighborhood liaison; to be confirmed",
        False,
        "Police portal of the City, 2016; to be confirmed",
    ),
    ("building-division", "Building Division", "to be confirmed", True, "stlouis-mo.gov; to be confirmed"),
    (
        "office-of-violence-prevention",
        "Office of Violence Prevention",
        "to be confirmed",
        False,
        "The City's strategy against violence; to be confirmed",
    ),
    (
        "civilian-oversight-board",
        "Civilian Oversight Board",
        "314-657-1600",
        False,
        "The Board's page on stlouis-mo.gov; to be confirmed",
    ),
    (
        "another-agency",
        "Another police department or agency",
        "the one that serves the place",
        False,
        "No list: who hands it over says where in the note",
    ),
]


def add(apps, schema_editor):
    Question = apps.get_model("concerns", "Question")
    HelpLine = apps.get_model("concerns", "HelpLine")
    Office = apps.get_model("concerns", "Office")
    for category, questions in QUESTIONS.items():
        for position, (slug, text, kind, choices) in enumerate(questions):
            Question.objects.get_or_create(
                category_id=category,
                slug=slug,
                defaults={
                    "text": text,
                    "kind": kind,
                    "choices": choices,
                    "position": position,
                    "since": SINCE,
                },
            )
    for position, (kind, name, call, text, web, hours, source) in enumerate(LINES):
        defaults = {"call": call, "text": text, "web": web, "hours": hours, "source": source}
        HelpLine.objects.get_or_create(kind=kind, name=name, defaults={**defaults, "position": position})
    for slug, name, contact, gives_reference, source in OFFICES:
        defaults = {"name": name, "contact": contact, "gives_reference": gives_reference, "source": source}
        Office.objects.get_or_create(slug=slug, defaults=defaults)


def set_targets(apps, schema_editor):
    """What was told before there were targets should be closed two weeks after it was told."""
    apps.get_model("concerns", "Concern").objects.update(target_at=F("submitted_at") + timedelta(days=14))


class Migration(migrations.Migration):
    """What is asked, whom to call first, and where concerns are handed to: rows that staff keep from here on."""

    dependencies = [("concerns", "0005_desk")]

    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
        migrations.RunPython(set_targets, migrations.RunPython.noop),
    ]
