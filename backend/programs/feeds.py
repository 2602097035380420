"""Programs' calendars: public sessions for everybody, a rider's own ride for them alone."""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import NotFound
from backend.events import feeds, ical
from backend.events.feed_views import feed_view
from backend.events.models import Event
from backend.programs.models import PLACED, Application, ApplicationChange, Program, Seat
from backend.programs.services.reminders import HOURS_BEFORE


def of_program(slug: str) -> feeds.Feed:
    """A program's public sessions; a calendar without any where it has none. Raises NotFound."""
    name = Program.objects.filter(slug=slug).values_list("name", flat=True).first()
    if name is None:
        raise NotFound()
    return feeds.of_program(slug, name)


program_feed = feed_view(of_program)


def agency_of(slug: str) -> int | None:
    """The id of the agency whose program this is; None where there is no such program."""
    return Program.objects.filter(slug=slug).values_list("agency_id", flat=True).first()


def staffed_by(user: User | AnonymousUser, on: date) -> Iterable[str]:
    """Slugs of the programs whose events somebody may change by a manager's seat."""
    if isinstance(user, AnonymousUser) or not user.is_staff:
        return []
    seats = Seat.objects.held_by(user, on, Seat.Role.MANAGER)
    return list(seats.values_list("program__slug", flat=True).distinct())


def rides_of(user: User, off_since: datetime) -> list[tuple[datetime, bytes]]:
    """(when it last changed, VEVENT) of each ride that is or was the person's; see events.feeds.PERSONAL_ENTRIES."""
    once = ApplicationChange.objects.filter(status=Application.Status.ACCEPTED).values("application_id")
    theirs = Q(slot__isnull=False) | Q(former_slot__ends_at__gt=off_since)
    # A seat that is only kept during a review is no ride of theirs, and never was.
    rows = Application.objects.visible_to(user).filter(theirs, pk__in=once)
    rows = rows.select_related("program", "slot__district__agency", "former_slot__district__agency")
    return [(row.revised_at, _entry(row)) for row in rows.order_by("created_at", "id")]


def _entry(application: Application) -> bytes:
    """With whom they ride, they learn when they come: whoever has the address has the calendar."""
    slot = application.slot or application.former_slot
    if slot is None:
        raise ValueError("An entry is of a ride.")
    program = application.program
    series = ical.Series(
        uid="",
        sequence=0,
        revised_at=application.revised_at,
        title=program.name,
        category=Event.Kind.RIDE_ALONG.label,
        starts_at=timezone.localtime(slot.starts_at),
        ends_at=slot.ends_at,
        time_zone=settings.TIME_ZONE,
        place=ical.Place(str(slot.district)),
        url=f"{settings.PUBLIC_URL}/api/v1/programs/{program.slug}",
        access_notes=program.access_notes,
    )
    is_theirs = application.slot is not None and application.status in PLACED
    note = f"Bring: {program.bring}" if program.bring else ""
    booking = ical.Booking(
        uid=f"{application.pk}@{settings.PUBLIC_HOST}",
        sequence=application.sequence,
        revised_at=application.revised_at,
        state="CONFIRMED" if is_theirs else "CANCELLED",
        note=note if is_theirs else "This ride is no longer yours.",
        remind_hours=(HOURS_BEFORE,),
    )
    return ical.booked(series, None, booking)
