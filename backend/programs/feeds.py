"""Programs' calendars: public sessions for everybody, a person's own rides and private sessions for them alone."""

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from backend.errors import NotFound
from backend.events import feeds
from backend.events.feed_views import feed_view
from backend.programs.models import Program, Seat


def of_program(slug: str) -> feeds.Feed:
    """A program's public sessions; a calendar without any where it has none. Raises NotFound."""
    name = Program.objects.filter(slug=slug).values_list("name", flat=True).first()
    if name is None:
        raise NotFound()
    return feeds.of_program(slug, name)


program_feed = feed_view(of_program)


def staffed_by(user: User | AnonymousUser, on: date) -> Iterable[str]:
    """Slugs of the programs whose events somebody may change by a manager's seat."""
    if isinstance(user, AnonymousUser) or not user.is_staff:
        return []
    seats = Seat.objects.held_by(user, on, Seat.Role.MANAGER)
    return list(seats.values_list("program__slug", flat=True).distinct())
