"""A small St. Louis to try things on: `manage.py demo`.

The areas are drawn by hand, roughly, and marked schematic; the officers are invented; the addresses
are public buildings at approximate positions. Loading it twice changes nothing.
"""

import base64
import hashlib
import hmac
import time as clock
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.mfa import app_settings as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.demo.city import (
    BUILDINGS,
    DISTRICTS,
    FIRST_NAMES,
    NEIGHBORHOODS,
    PATROL_AREAS,
    PRECINCTS,
    STREETS,
    WARDS,
    Box,
)
from backend.demo.programs import load_programs
from backend.demo.working_groups import load_working_groups
from backend.encryption import blind_index, encrypt
from backend.errors import Conflict, NotFound
from backend.events import services as events
from backend.events.models import Event
from backend.feedback.concerns.services import intake as concerns
from backend.feedback.concerns.services import places
from backend.notifications import services as notifications
from backend.notifications.models import Subscription
from backend.notifications.quiet import FROM_HOUR, UNTIL_HOUR, closes_at, next_open
from backend.roster.files import Feature
from backend.roster.models import AddressPoint, Agency, Area, BoundarySet, StaffMember, Station, StreetSegment
from backend.roster.services import import_areas, import_staff, import_streets

SET_NAME = "demo"
SINCE = date(2024, 1, 1)
LOGINS = ("admin@demo.invalid", "officer@demo.invalid", "liaison@demo.invalid")
SOURCE = "demo, drawn by hand"

# (role, rank, other columns of import_staff).
Post = tuple[str, str, dict[str, str]]


def is_new() -> bool:
    """Whether the database has no map at all yet."""
    return not BoundarySet.objects.exists()


def demo_login() -> list[tuple[str, str]]:
    """(e-mail, password) of the demo's staff accounts that can sign in here; none outside development."""
    users = User.objects.filter(email_index__in=[blind_index("email", email) for email in LOGINS])
    can = {user.email for user in users if user.check_password(_password(user.email))}
    return [(email, _password(email)) for email in LOGINS if email in can]


def _password(email: str) -> str:
    """Different in every checkout, because it is made from the checkout's own SECRET_KEY."""
    return hmac.new(settings.SECRET_KEY.encode(), email.encode(), hashlib.sha256).hexdigest()[:16]


def _totp_secret(email: str) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), f"second factor of {email}".encode(), hashlib.sha1)
    return base64.b32encode(digest.digest()).decode()


def demo_code(email: str) -> str:
    """What the authenticator app of a demo login shows now (RFC 6238). Raises NotFound for any other account."""
    if email not in [known for known, _ in demo_login()]:
        raise NotFound(f"{email} is not a demo login of this database.")
    counter = int(clock.time()) // mfa.TOTP_PERIOD
    return str(totp.format_hotp_value(totp.hotp_value(_totp_secret(email), counter)))


@transaction.atomic
def load() -> None:
    """Loads the demo. Does nothing where it has been loaded before; raises Conflict beside real maps or streets."""
    if StaffMember.objects.filter(is_demo=True).exists():
        return
    if BoundarySet.objects.exists() or StreetSegment.objects.exists():
        raise Conflict(
            "This database holds maps or streets already; load the demo into a new one (DATABASE_URL)."
        )
    load_city()
    load_programs(by=_administrator())
    load_working_groups(by=_administrator())


def load_city() -> None:
    """Maps, people, events and concerns; `load_programs` and `load_working_groups` add the rest."""
    _load_maps()
    _load_addresses()
    import_staff(rows=list(_staff_rows()), today=timezone.localdate(), is_demo=True)
    _load_events(_load_logins())
    _load_concerns()


# --- maps and addresses -------------------------------------------------------------------------------


def _load_maps() -> None:
    city, county = Agency.objects.get(slug="slmpd"), Agency.objects.get(slug="slcpd")
    areas = {name: [box for d in codes for box in DISTRICTS[d]] for name, codes in PATROL_AREAS.items()}
    _draw(city, Area.Kind.PATROL_AREA, {k: (f"{k} Patrol", v) for k, v in areas.items()})
    _draw(city, Area.Kind.DISTRICT, {k: (f"District {k}", v) for k, v in DISTRICTS.items()})
    _draw(city, Area.Kind.BEAT, {c: (f"Beat {c}", [b]) for c, b in _beats(DISTRICTS)})
    _draw(city, Area.Kind.NEIGHBORHOOD, {k: (name, [box]) for k, (name, box) in NEIGHBORHOODS.items()})
    _draw(city, Area.Kind.WARD, {k: (f"Ward {k}", [box]) for k, box in WARDS.items()})
    _draw(county, Area.Kind.PRECINCT, {k: (f"Precinct {k}", [box]) for k, box in PRECINCTS.items()})
    sectors = {code: [box] for code, box in _sectors()}
    _draw(county, Area.Kind.SECTOR, {k: (f"Sector {k}", v) for k, v in sectors.items()})
    _draw(county, Area.Kind.BEAT, {c: (f"Beat {c}", [b]) for c, b in _beats(sectors)})


def _beats(above: dict[str, list[Box]]) -> Iterator[tuple[str, Box]]:
    """Each area's boxes in three columns: beats 101, 102, 103 and so on."""
    for code, boxes in above.items():
        for n, (west, south, east, north) in enumerate(boxes):
            width = (east - west) / 3
            for column in range(3):
                left = west + column * width
                yield f"{code}{n}{column + 1}", (left, south, left + width, north)


def _sectors() -> Iterator[tuple[str, Box]]:
    for code, (west, south, east, north) in PRECINCTS.items():
        middle = (south + north) / 2
        yield f"{code}1", (west, south, east, middle)
        yield f"{code}2", (west, middle, east, north)


def _draw(agency: Agency, kind: str, areas: dict[str, tuple[str, list[Box]]]) -> None:
    import_areas(
        features=[
            Feature(
                {"code": code, "name": name},
                {"type": "MultiPolygon", "coordinates": [_ring(box) for box in boxes]},
            )
            for code, (name, boxes) in areas.items()
        ],
        agency=agency,
        kind=kind,
        set_name=SET_NAME,
        effective_on=SINCE,
        code_field="code",
        is_demo=True,
        is_schematic=True,
    )


def _ring(box: Box) -> list[list[list[float]]]:
    west, south, east, north = box
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def _load_addresses() -> None:
    AddressPoint.objects.bulk_create(
        [
            AddressPoint(address=a, place=place, lat=lat, lon=lon, is_demo=True)
            for a, place, lat, lon in BUILDINGS
        ],
        ignore_conflicts=True,
    )
    import_streets(
        features=[
            Feature(
                {"id": f"demo-{n}", "pre": pre, "street": name, "type": suffix}
                | {"lf": left[0], "lt": left[1], "rf": right[0], "rt": right[1]},
                {"type": "LineString", "coordinates": line},
            )
            for n, (pre, name, suffix, left, right, line) in enumerate(STREETS)
        ],
        is_demo=True,
    )
    for slug, name, address, phone, lat, lon in [
        ("slmpd", "Headquarters", "1915 Olive St", "(314) 231-1212", 38.6320, -90.2077),
        ("slcpd", "Headquarters", "7900 Forsyth Blvd, Clayton", "(636) 529-8210", 38.6504, -90.3372),
    ]:
        agency = Agency.objects.get(slug=slug)
        facts = {"address": address, "phone": phone, "lat": lat, "lon": lon, "source": SOURCE}
        Station.objects.get_or_create(agency=agency, name=name, defaults=facts)


# --- people -------------------------------------------------------------------------------------------


def _staff_rows() -> Iterator[dict[str, str]]:
    """Every post of the demo's map. District 5 has no captain, and District 2's is acting."""
    names = (
        f"{first} {family}"
        for family in ("Example", "Sample", "Specimen", "Placeholder")
        for first in FIRST_NAMES
    )
    for area in Area.objects.filter(boundaries__boundary_set__is_demo=True).order_by("slug").distinct():
        for role, rank, extra in _posts(area):
            yield {
                "name": next(names),
                "rank": rank,
                "role": role,
                "area": area.slug,
                "starts_on": "2024-03-04",
                "contact": f"{area.slug}@demo.invalid",
                "confirmed_on": timezone.localdate().isoformat(),
                **extra,
            }


def _posts(area: Area) -> list[Post]:
    civilian = {"is_sworn": "no"}
    acting = {"is_acting": "yes"} if area.slug == "slmpd-district-2" else {}
    captain: list[Post] = [] if area.slug == "slmpd-district-5" else [("district_captain", "Captain", acting)]
    posts: dict[str, list[Post]] = {
        Area.Kind.BEAT: [("beat_officer", "Officer", {"watch": "first"})],
        Area.Kind.DISTRICT: [
            *captain,
            ("sergeant", "Sergeant", {}),
            ("liaison", "Community Liaison", civilian),
        ],
        Area.Kind.PATROL_AREA: [("major", "Major", {})],
        Area.Kind.SECTOR: [("watch_commander", "Lieutenant", {})],
        Area.Kind.PRECINCT: [
            ("precinct_commander", "Captain", {}),
            ("liaison", "Community Liaison", civilian),
        ],
        Area.Kind.NEIGHBORHOOD: [("nso", "Neighborhood Stabilization Officer", civilian)],
    }
    return posts.get(area.kind, [])


def _load_logins() -> User:
    """Staff accounts; outside development they have no password, so that nobody can sign in with them."""
    people = {
        LOGINS[0]: None,
        LOGINS[1]: _holder("slmpd-beat-402", "beat_officer"),
        LOGINS[2]: _holder("slmpd-district-4", "liaison"),
    }
    users = {}
    for email, member in people.items():
        user = User.objects.create_user(
            kind=User.Kind.STAFF,
            email=email,
            password=_password(email) if settings.DEVELOPMENT else None,
            is_administrator=member is None,
        )
        users[email] = user
        if settings.DEVELOPMENT:
            secret = {"secret": encrypt(_totp_secret(email))}
            Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=secret)
        if member:
            StaffMember.objects.filter(pk=member.pk).update(user=user)
    return users[LOGINS[0]]


def _holder(area: str, role: str) -> StaffMember:
    return StaffMember.objects.get(assignments__area__slug=area, assignments__role=role)


# --- events and concerns ------------------------------------------------------------------------------


def _load_events(by: User) -> None:
    today = timezone.localdate()
    friday = today + timedelta(days=(4 - today.weekday()) % 7 + 7)
    for code in DISTRICTS:
        for title, start in (("Morning", time(7, 30)), ("Afternoon", time(15, 0))):
            events.post_event(
                by=by,
                areas=[Area.objects.get(slug=f"slmpd-district-{code}")],
                kind=Event.Kind.BLOCK_ROLL_CALL,
                title=f"{title} block roll call, District {code}",
                description="Watch roll call on your block and talk to the officers before they go on patrol.",
                first_on=friday,
                start_time=start,
                duration_minutes=30,
                rrule="FREQ=WEEKLY;BYDAY=FR,SA,SU;COUNT=39",
                **_place_in(code),
            )
    town_hall = events.post_event(
        by=by,
        areas=[Area.objects.get(slug="slmpd-patrol-area-central")],
        kind=Event.Kind.TOWN_HALL,
        title="Central Patrol town hall",
        first_on=friday + timedelta(days=12),
        start_time=time(18, 30),
        place_name="Central Library",
        place_address="1301 Olive St",
    )
    events.post_event(
        by=by,
        areas=[Area.objects.get(slug="slcpd-precinct-2")],
        kind=Event.Kind.NEIGHBORHOOD_WATCH,
        title="Neighborhood watch meeting, Precinct 2",
        first_on=friday,
        start_time=time(19, 0),
        rrule="FREQ=WEEKLY;INTERVAL=4;COUNT=6",
        place_name="County Government Center",
        place_address="41 S Central Ave, Clayton",
    )
    later = timezone.localtime(town_hall.occurrences.get().starts_at) + timedelta(days=1)
    events.reschedule_occurrence(
        event=town_hall,
        recurrence_id=town_hall.occurrences.get().recurrence_id,
        starts_at=later,
        reason="The hall is taken that evening.",
        by=by,
    )
    cancelled = followed_event().occurrences.all()[2]
    events.cancel_occurrence(
        event=followed_event(), recurrence_id=cancelled.recurrence_id, reason="Street repairs.", by=by
    )


def _place_in(district: str) -> dict[str, Any]:
    """A public building within the district."""
    for address, place, lat, lon in BUILDINGS:
        if any(w <= lon < e and s <= lat < n for w, s, e, n in DISTRICTS[district]):
            return {"place_name": place, "place_address": address.title(), "lat": lat, "lon": lon}
    raise LookupError(district)


def _load_concerns() -> None:
    today = timezone.localdate()
    for category, address, text in [
        ("traffic", "1915 Olive St", "Cars run the light here every morning."),
        (
            "vacant_building",
            "6800 Michigan Ave",
            "The back door of the empty house stands open.",
        ),
    ]:
        place = places.place_of_address(address, today)
        told = concerns.Told(category=category, description=text)
        concerns.submit_concern(told=told, place=place, teller=concerns.Teller())


# --- load trials --------------------------------------------------------------------------------------


def followed_event() -> Event:
    """The roll call that `demo --followers` fills and `demo --cancel` cancels a date of."""
    return Event.objects.published().get(title="Morning block roll call, District 4")


def add_followers(count: int) -> int:
    """Adds that many consenting followers, numbered on from those there are.

    Their numbers look real, for load trials against a stand-in. Raises Conflict where the real
    provider would be reached, and strangers with it.
    """
    if settings.TWILIO_ACCOUNT_SID and not settings.TWILIO_API_BASE_URL:
        raise Conflict("Invented followers would be texted for real; set TWILIO_API_BASE_URL to a stand-in.")
    topic = f"event:{followed_event().pk}"
    first = Subscription.objects.filter(topic=topic).count()
    numbers = (f"+1314{2_000_000 + n}" for n in range(first, first + count))
    return notifications.add_followers(
        topic=topic, numbers=numbers, source="demo", time_zone=_where_it_is_day(timezone.now())
    )


def _where_it_is_day(now: datetime) -> str:
    """A trial by night would wait for the morning: these people live where it is day for longest."""
    zones = ("America/Chicago", "Europe/Berlin", "Asia/Shanghai")
    awake = [zone for zone in zones if next_open(now, zone, FROM_HOUR, UNTIL_HOUR) <= now]
    return max(awake, key=lambda zone: closes_at(now, zone, UNTIL_HOUR))


def cancel_next(reason: str) -> datetime:
    """Cancels the followed roll call's next date; returns when it would have begun."""
    return events.cancel_next_occurrence(event=followed_event(), reason=reason, by=_administrator()).starts_at


def _administrator() -> User:
    return User.objects.get(email_index=blind_index("email", LOGINS[0]))
