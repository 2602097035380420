"""What the programs ask, as JSON Schema (draft 2020-12). Names, birthdays and guardians are not asked here:
every application has them."""

from typing import Any

Schema = dict[str, Any]


def _form(*required: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _text(title: str, most: int, description: str = "") -> Schema:
    told = {"description": description} if description else {}
    return {"type": "string", "title": title, **told, "minLength": 1, "maxLength": most}


def _choice(title: str, *values: str) -> Schema:
    return {"type": "string", "title": title, "enum": list(values), "maxLength": max(map(len, values))}


def _number(title: str, low: int, high: int) -> Schema:
    return {"type": "integer", "title": title, "minimum": low, "maximum": high}


def _yes_or_no(title: str) -> Schema:
    return {"type": "boolean", "title": title}


def _day(title: str) -> Schema:
    return {"type": "string", "title": title, "format": "date", "maxLength": 10}


def _closed(schema: Schema) -> Schema:
    """An answer that few may read."""
    return {**schema, "x-closed": True}


EMERGENCY_CONTACT = _closed(
    _text("Whom to call in an emergency", 200, "A name and a number. Nobody calls it for anything else.")
)
HELP_NEEDED = _text("What would help you take part", 300, "An interpreter, a step-free way, a seat in front.")
HEALTH = _closed(_text("What we must know for the child's health", 500, "Allergies, medicine, an inhaler."))
SHIRT_SIZE = _choice(
    "Shirt size", "youth S", "youth M", "youth L", "adult S", "adult M", "adult L", "adult XL"
)
WHO_ANSWERS = _text("Whom we can ask", 120)
WHERE_TO_ASK = _text("Their phone number or e-mail", 120)
STREET_ADDRESS = _text("Street address", 160)
TIME_OF_DAY = _choice("Best time of day", "morning", "afternoon", "evening", "any")

RIDE_ALONG = _form(
    "emergency_contact",
    emergency_contact=EMERGENCY_CONTACT,
    time_of_day=_choice("When you would like to ride", "morning", "afternoon", "night", "any"),
    reason=_text("Why you would like to ride along", 500),
    health=_closed(_text("What the officer must know to keep you safe", 300)),
    help_needed=HELP_NEEDED,
)

CITIZENS_ACADEMY = _form(
    "tie_to_city",
    "city_address",
    "reason",
    tie_to_city=_choice("What ties you to the city", "I live in it", "I own a business in it"),
    city_address=_text("The address of that home or business", 160),
    reason=_text("What you hope to learn", 1000),
    heard_from=_text("How you heard of the class", 120),
    help_needed=HELP_NEEDED,
    emergency_contact=EMERGENCY_CONTACT,
)

POLICE_EXPLORERS = _form(
    "schooling",
    "reason",
    "emergency_contact",
    schooling=_choice("High school", "I attend it", "I have finished it"),
    school=_text("Which school", 120),
    reason=_text("Why you would like to be an Explorer", 1000),
    can_come_weekly=_yes_or_no("I can come to a meeting every week"),
    shirt_size=SHIRT_SIZE,
    emergency_contact=EMERGENCY_CONTACT,
    health=_closed(_text("What we must know for your health", 500)),
)

ATHLETIC_LEAGUE = _form(
    "sport",
    "emergency_contact",
    sport=_text("Which sport", 60),
    school=_text("School", 120),
    grade=_number("Grade; 0 is kindergarten", 0, 12),
    has_played=_yes_or_no("Has played it on a team before"),
    shirt_size=SHIRT_SIZE,
    emergency_contact=EMERGENCY_CONTACT,
    health=HEALTH,
)

SUMMER_CAMP = _form(
    "emergency_contact",
    "allergies",
    "pick_up_by",
    grade=_number("Grade in the fall; 0 is kindergarten", 0, 12),
    shirt_size=SHIRT_SIZE,
    allergies=_closed(_text("Allergies; write none where there are none", 500)),
    medicine=_closed(_text("Medicine to be taken during the day", 300)),
    pick_up_by=_closed(_text("Who may pick up the child", 200)),
    emergency_contact=EMERGENCY_CONTACT,
    help_needed=HELP_NEEDED,
)

BOOKS_AND_BADGES = _form(
    "school_address",
    "contact_name",
    "contact",
    "pupils",
    school_address=STREET_ADDRESS,
    contact_name=WHO_ANSWERS,
    contact=WHERE_TO_ASK,
    pupils=_number("How many pupils would be tutored", 1, 60),
    grades=_text("In which grades", 60),
    subject=_choice("What they need most", "reading", "writing", "both"),
    weekly_hour=_text("Which hour of the week suits you", 120),
    notes=_text("What else we should know", 500, "No names of pupils, please."),
)

SENIOR_WARM_UP = _form(
    "center_address",
    "contact_name",
    "contact",
    "headcount",
    center_address=STREET_ADDRESS,
    contact_name=WHO_ANSWERS,
    contact=WHERE_TO_ASK,
    headcount=_number("How many seniors come to lunch", 1, 500),
    first_choice=_day("Day that suits you best"),
    second_choice=_day("Another day"),
    lunch_time=_text("When lunch is served", 60),
    languages=_text("Languages the guests speak", 120),
    notes=_text("What else we should know", 500, "Steps, parking, food that guests cannot eat."),
)

CLEANUP = _form(
    hands=_number("How many people you bring with you", 0, 30),
    brings_tools=_yes_or_no("We bring our own tools"),
    help_needed=HELP_NEEDED,
    emergency_contact=EMERGENCY_CONTACT,
)

RECRUITMENT = _form(
    "interest",
    interest=_choice("What interests you", "police officer", "coming back as an officer", "civilian work"),
    earliest=_day("When you could start"),
    languages=_text("Languages you speak", 120),
    question=_text("What you would like to know", 500),
)

ANTI_THEFT = _form(
    "city_address",
    "use",
    city_address=_text("Your home address in the city", 160),
    use=_choice("What it is for", "car or truck", "motor scooter", "motorcycle"),
    vehicle=_text("Make, model and year", 120, "So that the device fits."),
)

OWNERSHIP_TRAINING = _form(
    "neighborhood",
    neighborhood=_text("Your neighborhood", 80),
    group=_text("Neighborhood group you belong to", 120),
    time_of_day=TIME_OF_DAY,
    hopes=_text("What you would like to learn", 500, "No names or cases of people, please."),
    help_needed=HELP_NEEDED,
)

CAMERA_PARTNERS = _form(
    "kind",
    "contact_name",
    "contact",
    kind=_choice("Who you are", "community improvement district", "business", "institution"),
    contact_name=WHO_ANSWERS,
    contact=WHERE_TO_ASK,
    address=STREET_ADDRESS,
    question=_text(
        "What you would like to know", 500, "Nothing about where your cameras hang or what they see."
    ),
)
