"""A page of 100 dates, as `/api/v1/occurrences` makes it, beside a ModelSerializer that says the same.

    python benchmarks/occurrences.py

Both ask the same database for the same rows, shape them and render them as JSON; the bodies are held equal first.
Medians, over the rounds, of the ratio of the processor's time.
"""

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import service

ROUNDS, BLOCK, ROWS = 30, 20, 100
MOST = 0.35


def main() -> None:
    with service.database():
        from backend import demo

        demo.load()
        ours, theirs = _pages()
        assert ours() == theirs(), "the two do not say the same"
        ratio = _ratio(ours, theirs)
    print(f"{ROWS} dates: processor's time of ours / a ModelSerializer    {ratio:.2f}   (at most {MOST})")
    sys.exit(ratio > MOST)


def _pages() -> tuple[Callable[[], bytes], Callable[[], bytes]]:
    from django.utils import timezone
    from rest_framework.renderers import JSONRenderer

    from backend.events.models import Occurrence
    from backend.events.serializers import occurrence_out

    today = timezone.localdate()
    dates = Occurrence.objects.published().order_by("starts_at", "id")
    by_hand = dates.rows(today)[:ROWS]
    as_objects = dates.select_related("event__agency", "override")[:ROWS]
    assert len(by_hand) == ROWS
    serializer, renderer = _serializer(), JSONRenderer()

    def ours() -> bytes:
        return renderer.render([occurrence_out(row) for row in by_hand.all()])

    def theirs() -> bytes:
        return renderer.render(serializer(as_objects.all(), many=True, context={"today": today}).data)

    return ours, theirs


def _serializer() -> Any:
    """As one writes it with the framework: each field by its source, or by a method where it is not a column."""
    from rest_framework import serializers

    from backend.events.models import Occurrence
    from backend.events.models.series import is_stale
    from backend.events.recurrence import basic

    def placed(holder: Any) -> dict[str, Any]:
        return {
            "name": holder.place_name,
            "address": holder.place_address,
            "lat": holder.lat,
            "lon": holder.lon,
        }

    class OccurrenceSerializer(serializers.ModelSerializer[Any]):
        event = serializers.UUIDField(source="event_id")
        recurrence_id = serializers.SerializerMethodField()
        kind = serializers.CharField(source="event.kind")
        title = serializers.CharField(source="event.title")
        reason = serializers.SerializerMethodField()
        original_starts_at = serializers.SerializerMethodField()
        time_zone = serializers.CharField(source="event.time_zone")
        place = serializers.SerializerMethodField()
        previous_place = serializers.SerializerMethodField()
        join_url = serializers.CharField(source="event.join_url")
        languages = serializers.JSONField(source="event.languages")
        takes_registrations = serializers.BooleanField(source="event.takes_registrations")
        agency = serializers.CharField(source="event.agency.slug")
        areas = serializers.JSONField(source="event.area_slugs")
        is_stale = serializers.SerializerMethodField()

        class Meta:
            model = Occurrence
            fields = (
                "id",
                "event",
                "recurrence_id",
                "kind",
                "title",
                "status",
                "reason",
                "starts_at",
                "ends_at",
                "original_starts_at",
                "time_zone",
                "place",
                "previous_place",
                "join_url",
                "languages",
                "takes_registrations",
                "agency",
                "areas",
                "is_stale",
            )

        def get_recurrence_id(self, row: Any) -> str:
            return basic(row.recurrence_id.astimezone(row.event.tz))

        def get_reason(self, row: Any) -> str:
            own = row.override.reason if row.override else ""
            return own or (row.event.cancel_reason if row.is_cancelled else "")

        def get_original_starts_at(self, row: Any) -> str | None:
            if row.recurrence_id == row.starts_at:
                return None
            return str(row.recurrence_id.astimezone(row.event.tz).isoformat())

        def get_place(self, row: Any) -> Any:
            moved = row.override and row.override.place
            return placed(row.override if moved else row.event)

        def get_previous_place(self, row: Any) -> Any:
            return placed(row.event) if row.override and row.override.place else None

        def get_is_stale(self, row: Any) -> bool:
            return is_stale(row.event.confirmed_at, row.event.review_on, self.context["today"])

    return OccurrenceSerializer


def _ratio(ours: Callable[[], bytes], theirs: Callable[[], bytes]) -> float:
    found = []
    for turn in range(ROUNDS):
        pair = (ours, theirs) if turn % 2 else (theirs, ours)
        spent = {act: _processor(act) for act in pair}
        found.append(spent[ours] / spent[theirs])
    return median(found)


def _processor(act: Callable[[], bytes]) -> float:
    started = time.process_time()
    for _ in range(BLOCK):
        act()
    return time.process_time() - started


if __name__ == "__main__":
    main()
