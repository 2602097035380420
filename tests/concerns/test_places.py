"""Where and when it was, or was said, and by when it should be closed."""

from datetime import datetime

from django.test import Client
from django.utils import timezone

from backend.events.models import Event, Occurrence
from backend.feedback.concerns.clock import due
from backend.feedback.concerns.models import Concern
from backend.feedback.concerns.services import places
from backend.roster.index import geography
from tests.concerns.conftest import pointers, tell


def test_just_outside_the_city_it_is_taken(client: Client, city: None) -> None:
    on = timezone.localdate()
    lat = 38.632
    lons = [-90.5 + n * 0.0001 for n in range(5000)]
    inside = next(n for n, lon in enumerate(lons) if geography().serving(lat, lon, on))
    taken = next(n for n, lon in enumerate(lons) if geography().nearest(lat, lon, on))
    assert taken < inside  # what serves there is within 25 m, what is near within 50 m
    told = tell(client, lat=lat, lon=lons[taken])
    assert told.status_code == 201
    assert told.json()["is_near_border"] is True
    assert told.json()["desk"]
    assert tell(client, lat=lat, lon=lons[taken] - 0.01).status_code == 404


def test_near_the_line_of_another_command_it_is_said(client: Client, city: None) -> None:
    on, lon = timezone.localdate(), -90.2077
    lats = [38.5 + n * 0.0002 for n in range(1500)]
    found = {places.place_of_point(lat, lon, on).is_near_border: lat for lat in lats if _served(lat, lon)}
    assert set(found) == {True, False}
    for is_near, lat in found.items():
        assert tell(client, lat=lat, lon=lon).json()["is_near_border"] is is_near


def _served(lat: float, lon: float) -> bool:
    return geography().serving(lat, lon, timezone.localdate()) is not None


def test_safe_at_home_keeps_no_place_but_the_desk(client: Client, city: None) -> None:
    told = tell(client, address="1915 Olive St", safe_at_home=True).json()
    kept = Concern.objects.get(pk=told["id"])
    assert (kept.address, kept.position, kept.is_near_border) == ("", "", False)
    assert told["desk"]["slug"] == "slmpd-district-4"


def test_where_it_was_said(client: Client, city: None) -> None:
    assert (
        tell(client, said_at="at the roll call of Monday").json()["said_at"] == "at the roll call of Monday"
    )
    occurrence = Occurrence.objects.published().filter(override=None).first()
    assert occurrence is not None
    said = tell(client, occurrence=str(occurrence.pk)).json()["said_at"]
    event = occurrence.event
    assert said.startswith(f"at the {event.title}, {event.place_name}, ")
    local = occurrence.starts_at.astimezone(event.tz)
    assert f"{local.hour % 12 or 12}:{local:%M}" in said
    both = tell(client, occurrence=str(occurrence.pk), said_at="in the hallway after").json()
    assert both["said_at"] == "in the hallway after"
    assert Concern.objects.get(pk=both["id"]).occurrence == occurrence


def test_a_meeting_that_is_not_in_the_calendar(client: Client, city: None) -> None:
    occurrence = Occurrence.objects.published().first()
    assert occurrence is not None
    Event.objects.filter(pk=occurrence.event_id).update(status=Event.Status.DRAFT)
    for hidden in (str(occurrence.pk), "00000000-0000-4000-8000-000000000000"):
        assert pointers(tell(client, occurrence=hidden)) == {("/occurrence", "unknown")}
    assert tell(client, said_at="x" * 201).status_code == 400


def test_when_it_should_be_closed_is_said(client: Client, city: None) -> None:
    told = tell(client, category="violence").json()
    kept = Concern.objects.get(pk=told["id"])
    assert kept.target_at == due(kept.submitted_at, 16)
    assert datetime.fromisoformat(told["target_at"]) == kept.target_at
