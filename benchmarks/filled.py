"""What a real database holds beside maps and streets: stations, people with their posts, a calendar. All invented,
but for the stations."""

import csv
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

from service import manage

FIRST_NAMES = ["Alex", "Blair", "Casey", "Dana", "Ellis", "Frances", "Jordan", "Morgan", "Robin", "Taylor"]
LAST_NAMES = ["Example", "Sample", "Specimen", "Placeholder", "Nobody", "Somebody", "Standin"]
# By kind of area: (role, rank).
POSTS = {
    "beat": ("beat_officer", "Police Officer"),
    "district": ("district_captain", "Captain"),
    "patrol_area": ("major", "Major"),
}
# By kind of area: (kind of event, title, weekday from Monday, start) of weekly series.
SERIES = {
    "beat": [("block_roll_call", "Block roll call", 4, time(15, 0)), ("cleanup", "Cleanup", 5, time(9, 0))],
    "district": [
        ("neighborhood_meeting", "Captain's meeting", 1, time(18, 30)),
        ("senior_warm_up", "Warm-up for seniors", 2, time(10, 0)),
    ],
    "patrol_area": [("town_hall", "Town hall", 3, time(19, 0))],
}


def fill(data: Path, folder: Path) -> None:
    """One officer a beat, a captain a district, a major a patrol area; two weekly series or one in each of these."""
    manage("import_stations", str(data / "places.csv"))
    people = list(_people())
    with (folder / "staff.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, people[0])
        writer.writeheader()
        writer.writerows(people)
    manage("import_staff", str(folder / "staff.csv"))
    post_series()


def _people() -> Iterator[dict[str, str]]:
    from backend.roster.models import Area

    for n, area in enumerate(Area.objects.filter(kind__in=POSTS, agency__slug="slmpd").order_by("slug")):
        role, rank = POSTS[area.kind]
        first, last = FIRST_NAMES[n % len(FIRST_NAMES)], LAST_NAMES[n // len(FIRST_NAMES) % len(LAST_NAMES)]
        yield {
            "name": f"{first} {last}",
            "rank": rank,
            "role": role,
            "area": area.slug,
            "starts_on": "2024-03-04",
            "contact": f"{area.slug}@example.org",
        }


def post_series() -> None:
    """Through the service that officers post with: published, twenty weeks long, from the next such weekday on."""
    from django.utils import timezone

    from backend.accounts.models import User
    from backend.events.services import post_event
    from backend.roster.models import Area

    by = User.objects.create_user(
        kind=User.Kind.STAFF, email="administrator@example.org", is_administrator=True
    )
    tomorrow = timezone.localdate() + timedelta(days=1)
    for area in Area.objects.filter(kind__in=SERIES, agency__slug="slmpd"):
        for kind, title, weekday, start in SERIES[area.kind]:
            post_event(
                by=by,
                areas=[area],
                kind=kind,
                title=f"{title}, {area.name}",
                description="Come and talk with the officers who serve here.",
                first_on=tomorrow + timedelta(days=(weekday - tomorrow.weekday()) % 7),
                start_time=start,
                rrule="FREQ=WEEKLY;COUNT=20",
                place_name=f"Meeting room of {area.name}",
                place_address="1 Example St",
            )
