"""The dates of series, and what changed on single ones."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import reduce
from math import cos, radians
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, QuerySet, Value, When
from django.utils import timezone

from backend.events.ical import Place
from backend.events.models.series import LONGEST, Event, stale_before

METRES_A_DEGREE = 111_195.0
ROW = (
    "id",
    "recurrence_id",
    "starts_at",
    "ends_at",
    "status",
    "event_id",
    *(
        f"event__{name}"
        for name in (
            "kind",
            "title",
            "time_zone",
            "join_url",
            "cancel_reason",
            "area_slugs",
            "agency__slug",
            "place_name",
            "place_address",
            "lat",
            "lon",
            "languages",
            "takes_registrations",
        )
    ),
    "is_fresh",
    *(f"override__{name}" for name in ("reason", "place_name", "place_address", "lat", "lon")),
)


class OccurrenceOverride(models.Model):
    """What is different about one date, keyed by RECURRENCE-ID: the start that the rule gave it."""

    class Status(models.TextChoices):
        MOVED = "moved"
        CANCELLED = "cancelled"

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="overrides")
    recurrence_id = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices)
    starts_at = models.DateTimeField(help_text="when it is now; a cancelled date keeps its times")
    ends_at = models.DateTimeField()
    place_name = models.CharField(max_length=120, blank=True, help_text="empty: the series' place")
    place_address = models.CharField(max_length=160, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    sequence = models.PositiveIntegerField(help_text="the series' SEQUENCE when this date last changed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "recurrence_id"], name="override_once_a_date"),
            models.CheckConstraint(name="override_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="override_point_whole",
                condition=Q(lat=None, lon=None) | Q(lat__isnull=False, lon__isnull=False),
            ),
        ]

    @property
    def place(self) -> Place | None:
        """The place of this date where it is not the series'."""
        if not self.place_name:
            return None
        return Place(self.place_name, self.place_address, self.lat, self.lon)


def _is_fresh(today: date) -> Q:
    """The contrary of `is_stale`, of dates."""
    reviewed = Q(event__review_on=None) | Q(event__review_on__gte=today)
    return reviewed & Q(event__confirmed_at__gte=stale_before(today))


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    def published(self) -> "OccurrenceQuerySet":
        return self.exclude(event__status=Event.Status.DRAFT)

    def overlapping(self, start: datetime, end: datetime) -> "OccurrenceQuerySet":
        """Dates that are under way at any time in [start, end)."""
        # Nothing lasts longer than a day: the third bound lets the index on starts_at do the work.
        longest = timedelta(minutes=LONGEST)
        return self.filter(starts_at__lt=end, ends_at__gt=start, starts_at__gte=start - longest)

    def fresh(self, today: date) -> "OccurrenceQuerySet":
        """Dates of schedules that are not stale that day (`is_stale`)."""
        return self.filter(_is_fresh(today))

    def saying(self, words: str) -> "OccurrenceQuerySet":
        """Dates whose title, description or place has all of the words, in any case."""
        found = self
        for word in words.split():
            names = ("event__title", "event__description", "event__place_name", "event__place_address")
            places = ("override__place_name", "override__place_address")
            told = [Q(**{f"{name}__icontains": word}) for name in (*names, *places)]
            found = found.filter(reduce(or_, told))
        return found

    def near(self, point: tuple[float, float], radius_m: float) -> "OccurrenceQuerySet":
        """Dates whose place is within `radius_m` metres (at most 50 km) of a WGS84 (lat, lon)."""
        lat, lon = point
        elsewhere = Q(override__place_name__gt="")
        # As on a plane: within a thousandth at these distances.
        north, east = METRES_A_DEGREE, METRES_A_DEGREE * cos(radians(lat))
        up = Case(When(elsewhere, then=F("override__lat")), default=F("event__lat")) - Value(lat)
        right = Case(When(elsewhere, then=F("override__lon")), default=F("event__lon")) - Value(lon)
        placed = self.alias(up=up * Value(north), right=right * Value(east))
        return placed.alias(square=F("up") * F("up") + F("right") * F("right")).filter(
            square__lte=radius_m**2
        )

    def rows(self, today: date) -> QuerySet["Occurrence", dict[str, Any]]:
        """What `serializers.occurrence_out` shows as of that day, in one statement and without building instances."""
        fresh = ExpressionWrapper(_is_fresh(today), output_field=models.BooleanField())
        return self.annotate(is_fresh=fresh).values(*ROW)

    def upcoming(self, now: datetime, area_ids: Iterable[int]) -> QuerySet["Occurrence", dict[str, Any]]:
        """Rows of the areas' own dates that take place, are not stale and not over, the next one first."""
        events = Event.objects.in_areas(set(area_ids)).values("pk")
        today = timezone.localdate(now)
        taking_place = (
            self.fresh(today)
            .filter(event__in=events, ends_at__gt=now)
            .exclude(status=Occurrence.Status.CANCELLED)
        )
        return taking_place.order_by("starts_at", "id").rows(today)


class Occurrence(models.Model):
    """One date of a series, stored so that lists, reminders and attendance have something to hang on.

    Derived from the event and its overrides by events.services alone; 18 months ahead.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled"
        MOVED = "moved"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="occurrences")
    recurrence_id = models.DateTimeField()
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SCHEDULED)
    override = models.ForeignKey(
        OccurrenceOverride, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    @property
    def is_cancelled(self) -> bool:
        return self.status == Occurrence.Status.CANCELLED

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "recurrence_id"], name="occurrence_once"),
            models.CheckConstraint(
                name="occurrence_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]
