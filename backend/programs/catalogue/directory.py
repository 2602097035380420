"""The directory: whom to call in a crisis first, then every entry by theme."""

from backend.programs.catalogue import COUNTY_PAGE, REDESIGN, STRATEGY, STRATEGY_YEAR, EntryData
from backend.programs.catalogue.directory_bulletins import BULLETINS
from backend.programs.catalogue.directory_contacts import CONTACTS
from backend.programs.catalogue.directory_services import SERVICES

CRISIS = (
    EntryData(
        slug="911",
        name="911",
        kind="service",
        what=(
            "Police, firefighters or an ambulance at once: a crime going on, gunfire, a fire, somebody hurt or "
            "in danger. Say first where you are, then what is happening and who is there. For anything that "
            "can wait, call the non-emergency number instead, so that this line stays free."
        ),
        tags=("emergency", "police", "fire", "ambulance", "gunfire"),
        who_for="Everybody",
        hours="Day and night, every day",
        phone="911",
        crisis_rank=1,
        source=f"National emergency number; {COUNTY_PAGE}",
    ),
    EntryData(
        slug="988-lifeline",
        name="988 Suicide and Crisis Lifeline",
        kind="service",
        what=(
            "Call or text 988 to speak with a trained counselor: about thoughts of suicide, despair, a "
            "mental-health crisis, or alcohol and drugs. For yourself, or for somebody you worry about. It is "
            "free."
        ),
        tags=("crisis", "suicide", "mental-health", "substance-use"),
        who_for="Everybody",
        hours="Day and night, every day",
        phone="988",
        url="https://988lifeline.org",
        languages=("en", "es"),
        crisis_rank=2,
        source="The Lifeline itself",
    ),
    EntryData(
        slug="domestic-violence-hotline",
        name="National Domestic Violence Hotline",
        kind="service",
        what=(
            "Somebody to talk to when a partner or a relative hurts, threatens or controls you, and help to "
            "plan for your safety. It is free and you need not give your name. If that person may look at your "
            "phone, call from another one. In danger, call 911."
        ),
        tags=("crisis", "domestic-violence", "safety"),
        who_for="Whoever is hurt or afraid at home, and those who worry about them",
        hours="Day and night, every day",
        phone="1-800-799-7233",
        url="https://www.thehotline.org",
        languages=("en", "es"),
        crisis_rank=3,
        source="The hotline itself",
    ),
    EntryData(
        slug="cops-and-clinicians",
        name="Cops and Clinicians",
        kind="service",
        what=(
            "The City's way of sending trained clinicians to calls about mental health or alcohol and drugs, "
            "so that help need not come from the police alone. Its sources give no number of its own. In "
            "danger call 911 and say that it is about mental health or drugs; otherwise call or text 988."
        ),
        tags=("crisis", "mental-health", "substance-use", "police"),
        who_for="People in a crisis of mental health or substance use, and those with them",
        crisis_rank=4,
        source=STRATEGY,
        source_year=STRATEGY_YEAR,
    ),
    EntryData(
        slug="office-of-violence-prevention",
        name="Office of Violence Prevention",
        kind="service",
        what=(
            "The City's office, close to the Mayor's, that brings together service providers, community groups "
            "and programs against violence. A bill of July 2022 made it. Ask it for help with conflict, with "
            "leaving violence behind, or after violence. Its number is to be confirmed; in danger call 911."
        ),
        tags=("crisis", "violence-prevention", "support"),
        who_for="People touched by violence, and groups that work against it",
        crisis_rank=5,
        source=f"{STRATEGY}; {REDESIGN}",
        source_year=STRATEGY_YEAR,
    ),
)

ENTRIES = (*CRISIS, *CONTACTS, *SERVICES, *BULLETINS)
