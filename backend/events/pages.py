"""Plain pages which texts, calendars and posters lead to: server-rendered, without script or outside host."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import condition

from backend.api import only
from backend.events import feeds, services
from backend.events.feed_views import subscribe_links
from backend.events.meeting_views import commitment_out
from backend.events.models import Commitment, Event, Occurrence
from backend.events.models.series import is_stale
from backend.events.notices import in_english
from backend.events.services import LANGUAGES
from backend.roster import editions
from backend.roster.models import Area
from backend.roster.views import edition_etag

SHOWN = 12  # dates
CLOSED_SHOWN = 10
WEEK = timedelta(days=7)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'none'; frame-ancestors 'none'"
_state = edition_etag(editions.CALENDAR, editions.ROSTER)


def _etag(request: HttpRequest, **words: Any) -> str | None:
    """Good for a minute, as dates drop out; what is not there has none."""
    if "event_id" in words and not Event.objects.published().filter(pk=words["event_id"]).exists():
        return None
    state = _state(request, **words)
    return state and f'{state[:-1]}-{timezone.now():%H%M}"'


def _page(request: HttpRequest, name: str, words: dict[str, Any] | None) -> HttpResponse:
    response = render(request, name if words else "page.html", words, status=200 if words else 404)
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    response["Content-Security-Policy"] = POLICY
    return response


@only("GET", "HEAD")
@condition(etag_func=_etag)
def event_page(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """What, when, where, what changed, and how to have it in one's own calendar; a draft is not there."""
    found = Event.objects.published().select_related("agency", "organiser", "confirmed_by")
    event = found.filter(pk=event_id).first()
    return _page(request, "events/event.html", _event(event) if event else None)


def _event(event: Event) -> dict[str, Any]:
    now = timezone.now()
    coming = event.occurrences.filter(ends_at__gt=now).select_related("override")[:SHOWN]
    areas = list(event.areas.all())
    still_open = Commitment.objects.filter(area__in=areas, status=Commitment.Status.OPEN)
    return {
        "event": event,
        "areas": areas,
        "dates": [_date(event, date) for date in coming],
        "goes_on": event.followed_by.exclude(status=Event.Status.DRAFT).first(),
        "languages": [LANGUAGES[tag] for tag in event.languages],
        "is_stale": is_stale(event.confirmed_at, event.review_on, timezone.localdate(now)),
        "confirmed_on": timezone.localdate(event.confirmed_at),
        # What was promised is on the agenda until it is closed.
        "commitments": () if event.is_whole_day else still_open,
        "today": timezone.localdate(now),
        **subscribe_links(f"events/{event.id}"),
    }


@only("GET", "HEAD")
@condition(etag_func=_etag)
def area_page(request: HttpRequest, slug: str) -> HttpResponse:
    """An area's week, to read and to print: dates, promises until they are closed, priorities, and how to subscribe."""
    area = Area.objects.select_related("agency").filter(slug=slug).first()
    return _page(request, "events/area.html", _area(area) if area else None)


def _area(area: Area) -> dict[str, Any]:
    now, scope = timezone.now(), feeds.area_scope(area.slug)
    events = Event.objects.in_areas(scope).values("pk")
    today = timezone.localdate(now)
    until = timezone.make_aware(datetime.combine(today, time())) + WEEK
    coming = Occurrence.objects.published().filter(event__in=events).overlapping(now, until)
    return {
        "area": area,
        "today": today,
        "dates": [
            {
                **_date(date.event, date),
                "event": date.event,
                "is_stale": is_stale(date.event.confirmed_at, date.event.review_on, today),
            }
            for date in coming.select_related("event", "override")
        ],
        **_week_before(events, now),
        "commitments": [_commitment(one, area) for one in _commitments(scope)],
        "priorities": [priority for priority, _ in services.ranked(area)],
        **subscribe_links(f"areas/{area.slug}"),
    }


def _week_before(events: Any, now: datetime) -> dict[str, Any]:
    over = Occurrence.objects.published().filter(event__in=events, ends_at__gt=now - WEEK, ends_at__lte=now)
    took_place = ~Q(status=Occurrence.Status.CANCELLED)
    counts: dict[str, Any] = over.aggregate(
        planned=Count("pk"),
        held=Count("pk", filter=took_place),
        attendance=Sum("meeting__attendance", filter=took_place),
        newcomers=Sum("meeting__newcomers", filter=took_place, default=0),
    )
    return counts


def _commitments(area_ids: Iterable[int]) -> list[Commitment]:
    """Open ones first, then what came of the latest others."""
    found = Commitment.objects.filter(area__in=area_ids).select_related("area").prefetch_related("ratings")
    closed = found.exclude(status=Commitment.Status.OPEN).order_by("-closed_at")
    return [*found.filter(status=Commitment.Status.OPEN), *closed[:CLOSED_SHOWN]]


def _commitment(commitment: Commitment, area: Area) -> dict[str, Any]:
    return {
        **commitment_out(commitment),
        "due_on": commitment.due_on,
        "state": commitment.get_status_display(),
        "place": commitment.area.name if commitment.area != area else "",
    }


def _date(event: Event, occurrence: Occurrence) -> dict[str, Any]:
    override = occurrence.override
    place = (override and override.place) or event.place
    return {
        "when": in_english(event, occurrence.starts_at),
        "was": in_english(event, occurrence.recurrence_id),
        "status": occurrence.status,
        "place": str(place),
        "has_moved_place": bool(override and override.place),
        "reason": (override and override.reason) or "",
    }
