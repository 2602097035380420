"""What a series gets in the way of: the same place, officer or beat at the same time. Warnings, never refusals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians

from backend.events.ical import Place
from backend.events.models import Event, Occurrence
from backend.events.models.series import METRES_A_DEGREE
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


def clashes_of(event: Event, now: datetime) -> list[Clash]:
    """Those of a stored series with others, in what is still to come."""
    dates = event.occurrences.filter(ends_at__gt=now).exclude(status=Occurrence.Status.CANCELLED)
    if event.is_whole_day:
        return []
    starts = list(dates.values_list("starts_at", flat=True))
    wanted = Wanted(starts, event.duration, event.place, event.organiser_id, beats(event.areas.all()))
    return find_clashes(wanted, besides={event.pk})


def beats(areas: Iterable[Area]) -> frozenset[int]:
    return frozenset(area.pk for area in areas if area.kind == Area.Kind.BEAT)


def find_clashes(wanted: Wanted, besides: Iterable[object] = ()) -> list[Clash]:
    """What of the calendar, drafts included, is at the same time at the same place, by the same officer or on the beat.

    `besides`: ids of series that do not count. The first of each kind and series.
    """
    if not wanted.starts:
        return []
    last = end(max(wanted.starts), wanted.length)
    others = Occurrence.objects.overlapping(min(wanted.starts), last).exclude(event__in=list(besides))
    others = others.exclude(status=Occurrence.Status.CANCELLED).exclude(event__kind=Event.Kind.RIDE_ALONG)
    found: dict[tuple[str, object], Clash] = {}
    for other in (
        others.select_related("event", "override").prefetch_related("event__areas").order_by("starts_at")
    ):
        if any(s < other.ends_at and other.starts_at < end(s, wanted.length) for s in wanted.starts):
            for kind in _in_common(wanted, other):
                found.setdefault((kind, other.event_id), Clash(kind, other.event, other.starts_at))
    return list(found.values())[:MOST]


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
