"""The calendar of a person's own places, at an address that only they know.

Whoever has the address has the calendar: a program on another machine cannot sign in.
"""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import blind_index
from backend.events import ical
from backend.events.models import Event, PersonalFeed, Registration
from backend.events.services.derived import as_published, change_of

BYTES = 32  # of chance in an address
STATES: dict[str, Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]] = {
    Registration.Status.CONFIRMED: "CONFIRMED",
    Registration.Status.WAITLISTED: "TENTATIVE",
    Registration.Status.CANCELLED: "CANCELLED",
}


@transaction.atomic
def renew_feed(*, by: User) -> tuple[PersonalFeed, str]:
    """A new address; the one before it is nobody's from now on. Returns the token too, which is not kept."""
    token = secrets.token_urlsafe(BYTES)
    facts = {"token_hash": _hash(token), "made_at": timezone.now()}
    return PersonalFeed.objects.update_or_create(user=by, defaults=facts)[0], token


def end_feed(*, by: User) -> None:
    """The address is nobody's from now on; a repeat changes nothing."""
    PersonalFeed.objects.filter(user=by).delete()


def feed_of(token: str) -> PersonalFeed | None:
    """Whose calendar it is, of somebody whose account stands."""
    # By its keyed hash: how long the search takes tells nothing about the token.
    found = PersonalFeed.objects.filter(token_hash=_hash(token), user__is_active=True)
    return found.select_related("user").first()


def _hash(token: str) -> str:
    return blind_index("personal-feed", token)


def entries(user: User, off_since: datetime) -> list[tuple[Registration, bytes]]:
    """Each date at which the person has or had a place, with its VEVENT, in the order of the dates.

    What is off is left out where it would have ended before `off_since`.
    """
    mine = Registration.objects.visible_to(user).select_related(
        "occurrence__override", "occurrence__event__organiser"
    )
    rows = mine.defer("occurrence__event__ics").order_by("occurrence__starts_at", "occurrence_id", "number")
    last = {row.occurrence_id: row for row in rows}  # who came back has the later one
    shown = (row for row in last.values() if not row.is_off or row.occurrence.ends_at > off_since)
    return [(row, _entry(row)) for row in shown]


def _entry(registration: Registration) -> bytes:
    occurrence = registration.occurrence
    event, override = occurrence.event, occurrence.override
    series = replace(
        as_published(event),
        rrule="",
        starts_at=occurrence.starts_at.astimezone(event.tz),
        ends_at=occurrence.ends_at,
        # Of a cancelled series, what was over before did take place.
        cancelled=event.status == Event.Status.CANCELLED and occurrence.is_cancelled,
    )
    booking = ical.Booking(
        uid=registration.entry_uid,
        sequence=registration.sequence,
        revised_at=registration.revised_at,
        state=STATES[registration.status],
        note=_note(registration),
        remind_hours=tuple(registration.remind_hours),
    )
    return ical.booked(series, change_of(override) if override else None, booking)


def _note(registration: Registration) -> str:
    people = f"{registration.party_size} people" if registration.party_size > 1 else "one person"
    return {
        Registration.Status.CONFIRMED: f"Your code at the door: {registration.code}, for {people}.",
        Registration.Status.WAITLISTED: f"You are in the line, for {people}; we tell you when a place is yours.",
        Registration.Status.CANCELLED: "You gave this place back.",
    }[Registration.Status(registration.status)]
