"""A block roll call as an officer posts it: Fridays, Saturdays and Sundays at 7:30 in the morning."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from backend.accounts.models import User
from backend.events import services
from backend.events.models import Event
from backend.roster.models import Area

CHICAGO = ZoneInfo("America/Chicago")
AREA = "slmpd-beat-402"


def body(**changes: Any) -> dict[str, Any]:
    """What a phone sends to post it."""
    return {
        "kind": "block_roll_call",
        "title": "Morning roll call",
        "areas": [AREA],
        "first_on": "2026-11-27",
        "start_time": "07:30",
        "duration_minutes": 30,
        "rrule": "FREQ=WEEKLY;BYDAY=FR,SA,SU;UNTIL=20261213",
        "place": {"name": "Soulard Market", "address": "730 Carroll St", "lat": 38.6113, "lon": -90.2003},
        **changes,
    }


def post(by: User, *, area: str = AREA, **changes: Any) -> Event:
    """The same through the service."""
    fields: dict[str, Any] = {
        "kind": "block_roll_call",
        "title": "Morning roll call",
        "first_on": date(2026, 11, 27),
        "start_time": time(7, 30),
        "duration_minutes": 30,
        "rrule": "FREQ=WEEKLY;BYDAY=FR,SA,SU;UNTIL=20261213",
        "place_name": "Soulard Market",
        "place_address": "730 Carroll St",
        "lat": 38.6113,
        "lon": -90.2003,
        **changes,
    }
    return services.post_event(by=by, areas=[Area.objects.get(slug=area)], **fields)


def at(text: str) -> datetime:
    """A local time: at("2026-11-27 07:30")."""
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)
