"""What a series gets in the way of: the same place, officer or beat at the same time. Warnings, never refusals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians

from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.events.ical import Place
from backend.events.models import Event, Occurrence
from backend.events.models.dates import METRES_A_DEGREE
from backend.events.services.derived import end
from backend.roster.models import Area

SAME_PLACE_M = 30
MOST = 20  # warnings; who has that many does not read more


@dataclass(frozen=True)
class Clash:
    """`kind`: place, organiser or beat. `starts_at` is the other date's."""

    kind: str
    event: Event
    starts_at: datetime


@dataclass(frozen=True)
class Wanted:
    """What is about to be posted, or is posted. Starts are aware."""

    starts: Sequence[datetime]
    length: timedelta
    place: Place
    organiser_id: object
    beat_ids: frozenset[int]


def clashes_of(event: Event, by: User, now: datetime) -> list[Clash]:
    """Those of a stored series with others, in what is still to come."""
    dates = event.occurrences.filter(ends_at__gt=now).exclude(status=Occurrence.Status.CANCELLED)
    if event.is_whole_day:
        return []
    starts = list(dates.values_list("starts_at", flat=True))
    wanted = Wanted(starts, event.duration, event.place, event.organiser_id, beats(event.areas.all()))
    return find_clashes(wanted, by, besides={event.pk})


def beats(areas: Iterable[Area]) -> frozenset[int]:
    return frozenset(area.pk for area in areas if area.kind == Area.Kind.BEAT)


def find_clashes(wanted: Wanted, by: User, besides: Iterable[object] = ()) -> list[Clash]:
    """What the person can see of the calendar, their drafts included, at the same time and place, by the same officer
    or on the same beat.

    `besides`: ids of series that do not count. The first of each kind and series.
    """
    if not wanted.starts:
        return []
    last = end(max(wanted.starts), wanted.length)
    others = Occurrence.objects.overlapping(min(wanted.starts), last).filter(_may_clash(wanted))
    seen = Event.objects.visible_to(by, timezone.localdate()).exclude(kind=Event.Kind.RIDE_ALONG)
    others = others.filter(event__in=seen.exclude(pk__in=list(besides)).values("pk"))
    others = others.exclude(status=Occurrence.Status.CANCELLED).order_by("starts_at")
    found: dict[tuple[str, object], Clash] = {}
    for other in others.select_related("event", "override").prefetch_related("event__areas"):
        if any(s < other.ends_at and other.starts_at < end(s, wanted.length) for s in wanted.starts):
            for kind in _in_common(wanted, other):
                found.setdefault((kind, other.event_id), Clash(kind, other.event, other.starts_at))
    return list(found.values())[:MOST]


def _may_clash(wanted: Wanted) -> Q:
    """Whatever has something in common, and a little more: the few rows that are worth loading."""
    place = wanted.place
    may = Q(event__place_name__iexact=place.name) | Q(override__place_name__iexact=place.name)
    if place.lat is not None and place.lon is not None:
        box = {"lat__range": _around(place.lat), "lon__range": _around(place.lon)}
        for whose in ("event", "override"):
            may |= Q(**{f"{whose}__{name}": bounds for name, bounds in box.items()})
    if wanted.organiser_id is not None:
        may |= Q(event__organiser=wanted.organiser_id)
    if wanted.beat_ids:
        may |= Q(event__in=Event.objects.in_areas(wanted.beat_ids).values("pk"))
    return may


def _around(degrees: float) -> tuple[float, float]:
    """A box that holds SAME_PLACE_M on either side, in longitude too."""
    room = 2 * SAME_PLACE_M / METRES_A_DEGREE
    return degrees - room, degrees + room


def _in_common(wanted: Wanted, other: Occurrence) -> list[str]:
    event = other.event
    place = (other.override and other.override.place) or event.place
    same = {
        "place": _is_same(wanted.place, place),
        "organiser": event.organiser_id is not None and event.organiser_id == wanted.organiser_id,
        "beat": bool(wanted.beat_ids & beats(event.areas.all())),
    }
    return [kind for kind, holds in same.items() if holds]


def _is_same(one: Place, other: Place) -> bool:
    if one.lat is not None and one.lon is not None and other.lat is not None and other.lon is not None:
        north = (one.lat - other.lat) * METRES_A_DEGREE
        east = (one.lon - other.lon) * METRES_A_DEGREE * cos(radians(one.lat))
        return hypot(north, east) <= SAME_PLACE_M
    return str(one).casefold() == str(other).casefold()
