"""The plain page of a series, which texts and calendars lead to: server-rendered, without script or outside host."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from backend.api import only
from backend.events.feed_views import subscribe_links
from backend.events.models import Event, Occurrence
from backend.events.models.series import is_stale
from backend.events.services import LANGUAGES
from backend.events.services.derived import in_words

SHOWN = 12  # dates
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'"


@only("GET", "HEAD")
def event_page(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """What, when, where, what changed, and how to have it in one's own calendar; a draft is not there."""
    found = Event.objects.published().select_related("agency", "organiser", "confirmed_by")
    event = found.filter(pk=event_id).first()
    words = _words(event) if event else {}
    response = render(request, "events/event.html", words, status=200 if event else 404)
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    response["Content-Security-Policy"] = POLICY
    return response


def _words(event: Event) -> dict[str, Any]:
    now = timezone.now()
    coming = event.occurrences.filter(ends_at__gt=now).select_related("override")[:SHOWN]
    return {
        "event": event,
        "dates": [_date(event, date) for date in coming],
        "goes_on": event.followed_by.exclude(status=Event.Status.DRAFT).first(),
        "languages": [LANGUAGES[tag] for tag in event.languages],
        "is_stale": is_stale(event.confirmed_at, event.review_on, timezone.localdate(now)),
        "confirmed_on": timezone.localdate(event.confirmed_at),
        **subscribe_links(f"events/{event.id}"),
    }


def _date(event: Event, occurrence: Occurrence) -> dict[str, Any]:
    override = occurrence.override
    place = (override and override.place) or event.place
    return {
        "when": in_words(event, occurrence.starts_at),
        "was": in_words(event, occurrence.recurrence_id),
        "status": occurrence.status,
        "place": str(place),
        "has_moved_place": bool(override and override.place),
        "reason": (override and override.reason) or "",
    }
