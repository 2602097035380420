"""Calendar series, where they came from, and their history."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now
from django.utils import timezone

from backend.accounts.models import User
from backend.events.ical import Place
from backend.roster.models import Agency, Area, Assignment, StaffMember, areas_within, parents

if TYPE_CHECKING:
    from backend.events.models.dates import Occurrence

SHORTEST, LONGEST = 5, 1440  # minutes
STALE_AFTER = timedelta(days=120)  # without anybody saying that it is still so; a quarter and a month


def stale_before(today: date) -> datetime:
    """What was last confirmed before that moment is stale that day."""
    return timezone.make_aware(datetime.combine(today - STALE_AFTER, time()))


def is_stale(confirmed_at: datetime, review_on: date | None, today: date) -> bool:
    """Whether nobody has confirmed a schedule for so long that people had better ask before they go."""
    return (review_on is not None and review_on < today) or confirmed_at < stale_before(today)


# What the room of programs tells this one, from its AppConfig.ready: the id of a program's agency, by its slug; and the
# slugs of the programs whose staff a person is that day.
PROGRAM_AGENCY: list[Callable[[str], int | None]] = []
STAFFED_PROGRAMS: list[Callable[[User, date], Iterable[str]]] = []
# And the room of working groups: the slugs of those whose events a person changes that day, residents too; and what
# refuses words, by field, that a group's events must not hold.
COORDINATED_GROUPS: list[Callable[[User, date], Iterable[str]]] = []
GROUP_WORDS: list[Callable[[str, Mapping[str, str]], None]] = []


def staffed_programs(user: User, on: date) -> list[str]:
    """Slugs of the programs whose events the person changes."""
    return [slug for programs_of in STAFFED_PROGRAMS for slug in programs_of(user, on)]


def coordinated_groups(user: User, on: date) -> list[str]:
    """Slugs of the working groups whose events the person changes."""
    return [slug for groups_of in COORDINATED_GROUPS for slug in groups_of(user, on)]


def reach(user: User | AnonymousUser, on: date) -> set[int]:
    """Ids of the areas in which somebody may post: those of their posts that day, all below, one above."""
    if isinstance(user, AnonymousUser) or not user.is_staff:
        return set()
    if user.is_administrator:
        return set(Area.objects.values_list("id", flat=True))
    posts = Assignment.objects.in_force(on).filter(staff_member__user=user)
    held = set(posts.values_list("area_id", flat=True))
    if not held:
        return set()
    above = {parent for area, parent in parents(on).items() if area in held}
    return areas_within(held, on) | above


class EventQuerySet(models.QuerySet["Event"]):
    def published(self) -> "EventQuerySet":
        """What the public may know of: the one door for lists, feeds, search and texts."""
        return self.exclude(status=Event.Status.DRAFT)

    def changeable_by(self, user: User | AnonymousUser, on: date) -> "EventQuerySet":
        """Series that touch no area outside the person's reach that day.

        Those of a program are its staff's alone, those of a working group its coordinators'.
        """
        if isinstance(user, AnonymousUser):
            return self.none()
        groups = coordinated_groups(user, on)
        if not user.is_staff:
            return self.filter(working_group__in=groups) if groups else self.none()
        held = reach(user, on)
        outside = Event.areas.through.objects.exclude(area_id__in=held)
        if user.is_administrator:
            return self.exclude(pk__in=outside.values("event_id"))
        slugs = staffed_programs(user, on)
        ours = Q(program__in=slugs) if slugs else Q(pk=None)
        if held:
            ours |= Q(program="") & ~Q(pk__in=outside.values("event_id"))
        return self.filter(ours & Q(working_group="") | Q(working_group__in=groups))

    def visible_to(self, user: User | AnonymousUser, on: date) -> "EventQuerySet":
        """What is published, and the drafts that the person may change."""
        if not user.is_authenticated:
            return self.published()
        mine = Event.objects.changeable_by(user, on).values("pk")
        return self.filter(~Q(status=Event.Status.DRAFT) | Q(pk__in=mine))

    def in_areas(self, area_ids: Iterable[int]) -> "EventQuerySet":
        """Series of any of the areas, each once."""
        inside = Event.areas.through.objects.filter(area_id__in=area_ids)
        return self.filter(pk__in=inside.values("event_id"))


class Event(models.Model):
    """A calendar series in local wall time (`time_zone`); a single meeting is a series without a rule."""

    class Kind(models.TextChoices):
        BLOCK_ROLL_CALL = "block_roll_call"
        NEIGHBORHOOD_MEETING = "neighborhood_meeting"
        NEIGHBORHOOD_WATCH = "neighborhood_watch"
        TOWN_HALL = "town_hall"
        RIDE_ALONG = "ride_along"
        ACADEMY_SESSION = "academy_session"
        PROGRAM_SESSION = "program_session"
        CLEANUP = "cleanup"
        SENIOR_WARM_UP = "senior_warm_up"
        WORKING_GROUP_MEETING = "working_group_meeting"
        CALL_FOR_INPUT = "call_for_input", "Call for input"
        BOARD_MEETING = "board_meeting"
        OFFICE_HOURS = "office_hours", "Office hours"
        RECRUITING = "recruiting"
        OTHER = "other"

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    uid = models.CharField(
        max_length=255, unique=True, editable=False, help_text="RFC 5545 UID; never changes"
    )
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=30, choices=Kind.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    agenda = models.TextField(blank=True, default="", db_default="")
    areas = models.ManyToManyField(Area, related_name="events")
    area_slugs = models.JSONField(
        default=list, editable=False, help_text="the areas again, so that a list of dates is one statement"
    )
    time_zone = models.CharField(max_length=40, default="America/Chicago")
    first_on = models.DateField(help_text="local date of the first occurrence; lies on the rule")
    start_time = models.TimeField(help_text="local wall time")
    duration_minutes = models.PositiveSmallIntegerField(
        default=60, validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)]
    )
    rrule = models.CharField("RRULE", max_length=200, blank=True, help_text="RFC 5545; empty: once")
    place_name = models.CharField(max_length=120)
    place_address = models.CharField(max_length=160, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    access_notes = models.CharField(
        max_length=300, blank=True, default="", db_default="", help_text="ramp, parking, entrance"
    )
    languages = models.JSONField(
        default=list,
        db_default=Value([], models.JSONField()),
        help_text="tags (BCP 47) of the languages offered; ase: American Sign Language",
    )
    join_url = models.URLField(blank=True)
    organiser = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, related_name="events", null=True, blank=True
    )
    takes_registrations = models.BooleanField(default=False, db_default=False)
    capacity = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="places a date; empty: no limit"
    )
    program = models.SlugField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text="the program it belongs to, by its slug",
    )
    working_group = models.SlugField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text="the working group it belongs to, by its slug",
    )
    review_on = models.DateField(
        null=True, blank=True, help_text="until when an open series is known to go on"
    )
    confirmed_at = models.DateTimeField(
        default=timezone.now, db_default=Now(), help_text="when somebody last said it is so"
    )
    confirmed_by = models.ForeignKey(
        StaffMember, on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    emergency_reason = models.CharField(
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="why a public body gave less than 24 hours' notice",
    )
    follows = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        related_name="followed_by",
        null=True,
        blank=True,
        help_text="the series that this one goes on from",
    )
    cancel_reason = models.CharField(max_length=200, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    revised_at = models.DateTimeField(
        default=timezone.now, help_text="DTSTAMP and LAST-MODIFIED; whole seconds"
    )
    last_ends_at = models.DateTimeField(
        null=True, help_text="end of the last occurrence; empty: none is the last"
    )
    ics = models.BinaryField(default=b"", editable=False, help_text="this series' VEVENTs, ready to join")

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["first_on", "start_time", "id"]
        constraints = [
            models.CheckConstraint(
                name="event_duration",
                condition=Q(duration_minutes__gte=SHORTEST, duration_minutes__lte=LONGEST),
            ),
            models.CheckConstraint(
                name="event_point_whole",
                condition=Q(lat=None, lon=None) | Q(lat__isnull=False, lon__isnull=False),
            ),
            models.CheckConstraint(
                name="event_capacity",
                condition=Q(capacity=None) | Q(capacity__gte=1, takes_registrations=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def duration(self) -> timedelta:
        """Elapsed time, also across a change of the clocks (RFC 5545, 3.8.5.3)."""
        return timedelta(minutes=self.duration_minutes)

    def next_occurrence(self, now: datetime) -> "Occurrence | None":
        """The next date that takes place and is not over."""
        return self.occurrences.filter(ends_at__gt=now).exclude(status="cancelled").first()

    def areas_as_posted(self) -> list[Area]:
        """Its areas in the order in which they were named: the first one's agency is the series'."""
        areas = self.areas.select_related("agency")
        return sorted(areas, key=lambda area: self.area_slugs.index(area.slug))

    @property
    def is_open(self) -> bool:
        """Goes on until somebody ends it."""
        return bool(self.rrule) and "COUNT=" not in self.rrule and "UNTIL=" not in self.rrule

    @property
    def is_whole_day(self) -> bool:
        """Of a ride-along the calendar knows the day: its hours would tell the watch."""
        return self.kind == Event.Kind.RIDE_ALONG

    @property
    def names_nobody(self) -> bool:
        """Of a ride-along it would tell the officer, of a working group who is in it."""
        return self.is_whole_day or bool(self.working_group)

    @property
    def shown_organiser(self) -> StaffMember | None:
        """Who may be named in public."""
        return None if self.names_nobody else self.organiser

    @property
    def confirmed_in_name_of(self) -> str:
        """Who says that it is so, in words: the person, or the agency where that is not to be told or known."""
        who = None if self.names_nobody else self.confirmed_by
        return str(who or self.agency)

    @property
    def place(self) -> Place:
        return Place(self.place_name, self.place_address, self.lat, self.lon)


# Kinds that are meetings of public bodies: open, and announced a day before (RSMo 610.010, 610.020).
PUBLIC_BODIES = (Event.Kind.WORKING_GROUP_MEETING, Event.Kind.BOARD_MEETING)


class ImportedSeries(models.Model):
    """A series that came from another program's calendar, and what that said of it the last time."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, related_name="imported")
    source_uid = models.CharField(max_length=255, unique=True, help_text="the UID in that calendar")
    facts = models.JSONField()
    imported_at = models.DateTimeField(default=timezone.now)


class EventChange(models.Model):
    """History: who did what to a series, in the words of the service that did it. Append-only."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="changes")
    action = models.CharField(max_length=30)
    sequence = models.PositiveIntegerField()
    details = models.JSONField(default=dict)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
