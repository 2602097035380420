"""The routing table's shapes."""

from datetime import date
from typing import Any

from rest_framework import serializers

from backend.feedback.concerns.models import Route
from backend.feedback.concerns.services.routing import DryRun, reader_of

MOST_CHANGES = 200
MOST_SHOWN = 500


class RouteQuery(serializers.Serializer[Any]):
    """`area`: its rows and those of all areas below it."""

    area = serializers.SlugField(max_length=100, required=False)


class RouteOut(serializers.Serializer[Any]):
    """The category's concerns in the area and below go to `desk`, where `reader` reads them today.

    `office` is where they are most likely handed to. The row of the deepest area wins.
    """

    category = serializers.SlugField()
    area = serializers.SlugField()
    desk = serializers.SlugField()
    office = serializers.SlugField(allow_null=True)
    reader = serializers.CharField(allow_null=True)


class RouteChangeIn(serializers.Serializer[Any]):
    """Sets the whole row of a category and area; `desk` null takes it away."""

    category = serializers.SlugField(max_length=30)
    area = serializers.SlugField(max_length=100)
    desk = serializers.SlugField(max_length=100, allow_null=True)
    office = serializers.SlugField(max_length=40, allow_null=True, required=False)


class RoutesTryIn(serializers.Serializer[Any]):
    """1 to 200 changes."""

    changes = RouteChangeIn(many=True, allow_empty=False)

    def validate_changes(self, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(changes) > MOST_CHANGES:
            raise serializers.ValidationError(f"Send at most {MOST_CHANGES} at a time.", code="max_length")
        return changes


class RoutesSaveIn(RoutesTryIn):
    """`version` is the dry run's of the same changes."""

    version = serializers.CharField(max_length=64)


class FromTo(serializers.Serializer[Any]):
    """Desks, by their areas."""

    category = serializers.SlugField()
    area = serializers.SlugField()

    def get_fields(self) -> dict[str, Any]:
        return {
            **super().get_fields(),
            "from": serializers.SlugField(allow_null=True),  # a word of Python's
            "to": serializers.SlugField(),
        }


class RouteMoveOut(FromTo):
    id = serializers.UUIDField()


class RouteGroupOut(FromTo):
    count = serializers.IntegerField()


class RoutesDryRunOut(serializers.Serializer[Any]):
    """`moves_now`: open concerns, not yet worked on, that change their desk on saving; walled ones never do.

    `would_have`: how many of the last 92 days would have gone to another desk; `unchanged`: how many would not. Of
    both lists at most 500 are shown; `moves_now_total` and `would_have_total` count the concerns of all. `version`
    stands for the table, these changes and what moves: saving with it does this or, where anything is no longer so,
    nothing.
    """

    version = serializers.CharField()
    moves_now = RouteMoveOut(many=True)
    moves_now_total = serializers.IntegerField()
    would_have = RouteGroupOut(many=True)
    would_have_total = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class RoutesSavedOut(serializers.Serializer[Any]):
    """What moved; at most 500 are shown."""

    moved = RouteMoveOut(many=True)
    moved_total = serializers.IntegerField()


def route_out(route: Route, on: date) -> dict[str, Any]:
    reads = reader_of(route.desk, on)
    return {
        "category": route.category_id,
        "area": route.area.slug,
        "desk": route.desk.slug,
        "office": route.office.slug if route.office else None,
        "reader": reads.member.name if reads and reads.member else None,
    }


def dry_run_out(found: DryRun) -> dict[str, Any]:
    return {
        "version": found.version,
        "moves_now": _moves_out(found),
        "moves_now_total": len(found.moves_now),
        "would_have": [
            {
                "category": group.category,
                "area": group.area.slug,
                "from": group.before.slug,
                "to": group.after.slug,
                "count": group.n,
            }
            for group in found.would_have[:MOST_SHOWN]
        ],
        "would_have_total": sum(group.n for group in found.would_have),
        "unchanged": found.unchanged,
    }


def saved_out(done: DryRun) -> dict[str, Any]:
    return {"moved": _moves_out(done), "moved_total": len(done.moves_now)}


def _moves_out(found: DryRun) -> list[dict[str, Any]]:
    return [
        {
            "id": move.concern,
            "category": move.category,
            "area": move.area.slug,
            "from": move.before.slug if move.before else None,
            "to": move.after.area.slug,
        }
        for move in found.moves_now[:MOST_SHOWN]
    ]
