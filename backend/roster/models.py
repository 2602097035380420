"""Who serves here: agencies, areas, dated editions of their map, people and the posts they hold."""

import uuid
from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Agency(models.Model):
    """A police department, or an independent body with its own wall."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    city = models.CharField(max_length=80, help_text="where it serves, in words")
    is_police = models.BooleanField(default=True, db_default=True, help_text="not so: an independent body")

    class Meta:
        verbose_name_plural = "agencies"
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.short_name


class Contact(models.Model):
    """A number or address at which an agency is reached: data with a source, never a constant in code."""

    class Kind(models.TextChoices):
        EMERGENCY = "emergency"
        NON_EMERGENCY = "non_emergency"
        TDD = "tdd", "TDD"
        OVERSIGHT = "oversight", "complaints about police"

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    label = models.CharField(max_length=80)
    value = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    verified_on = models.DateField(null=True, blank=True, help_text="empty: nobody has confirmed it")
    is_disputed = models.BooleanField(default=False, help_text="sources disagree")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "kind", "value"], name="contact_once")]
        ordering = ["kind", "id"]

    def __str__(self) -> str:
        return f"{self.label} {self.value}"


class AreaQuerySet(models.QuerySet["Area"]):
    def mapped(self, on: date) -> "AreaQuerySet":
        """Areas that are on the map in force that day."""
        return self.filter(boundaries__boundary_set__in=BoundarySet.objects.in_force(on)).distinct()


class Area(models.Model):
    """A lasting identity; its outline is in the boundary sets, and may be in none of today's."""

    class Kind(models.TextChoices):
        PATROL_AREA = "patrol_area"
        DISTRICT = "district"
        PRECINCT = "precinct"
        SECTOR = "sector"
        BEAT = "beat"
        NEIGHBORHOOD = "neighborhood"
        WARD = "ward"
        MUNICIPALITY = "municipality"

        @classmethod
        def overlays(cls) -> frozenset[str]:
            """Kinds that nobody commands."""
            return frozenset({cls.NEIGHBORHOOD, cls.WARD, cls.MUNICIPALITY})

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="areas")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    code = models.CharField(max_length=40)
    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=120)

    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "kind", "code"], name="area_once")]
        ordering = ["slug"]

    def __str__(self) -> str:
        return f"{self.agency} {self.name}"


# The kinds of a chain of command, lowest first; an area's parent is of the next kind that has a map that day.
CHAIN = (Area.Kind.BEAT, Area.Kind.SECTOR, Area.Kind.DISTRICT, Area.Kind.PRECINCT, Area.Kind.PATROL_AREA)


class BoundarySetQuerySet(models.QuerySet["BoundarySet"]):
    def in_force(self, on: date) -> "BoundarySetQuerySet":
        return self.filter(effective_on__lte=on).filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on))


class BoundarySet(models.Model):
    """One dated edition of an agency's map of one kind, in force from `effective_on` until before `ended_on`."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="boundary_sets")
    kind = models.CharField(max_length=20, choices=Area.Kind.choices)
    name = models.CharField(max_length=80)
    effective_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)
    is_schematic = models.BooleanField(default=False, help_text="drawn by hand; shown as such")
    imported_at = models.DateTimeField(default=timezone.now)

    objects = BoundarySetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "kind", "name"], name="boundary_set_once"),
            models.UniqueConstraint(
                fields=["agency", "kind"], condition=Q(ended_on=None), name="boundary_set_one_open"
            ),
            models.CheckConstraint(
                name="boundary_set_dates", condition=Q(ended_on=None) | Q(ended_on__gt=F("effective_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.kind} {self.name}"


class Boundary(models.Model):
    """An area's outline in one edition. `geometry` is GeoJSON, WGS84 (lon, lat), to 6 decimals."""

    boundary_set = models.ForeignKey(BoundarySet, on_delete=models.CASCADE, related_name="boundaries")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="boundaries")
    geometry = models.JSONField()

    class Meta:
        verbose_name_plural = "boundaries"
        constraints = [models.UniqueConstraint(fields=["boundary_set", "area"], name="boundary_once")]


class Parent(models.Model):
    """The area that holds most of a boundary, on one edition of a kind above it.

    Maps of two kinds are redrawn on different days, so that a boundary may have several parents in its time.
    """

    boundary = models.ForeignKey(Boundary, on_delete=models.CASCADE, related_name="parents")
    above = models.ForeignKey(BoundarySet, on_delete=models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["boundary", "above"], name="parent_once")]


def nearest_parents(rows: Iterable[tuple[int, int, str]]) -> dict[int, int]:
    """Of (area, parent, the parent's kind): each area's parent of the kind next above it."""
    highest_first = sorted(rows, key=lambda row: CHAIN.index(Area.Kind(row[2])), reverse=True)
    return {area: parent for area, parent, _ in highest_first}


def parents(on: date) -> dict[int, int]:
    """By area on the map of that day, its parent in the chain of command that day."""
    sets = BoundarySet.objects.in_force(on)
    rows = Parent.objects.filter(boundary__boundary_set__in=sets, above__in=sets)
    return nearest_parents(rows.values_list("boundary__area_id", "area_id", "above__kind"))


def areas_within(area_ids: Iterable[int], on: date) -> set[int]:
    """Ids of the areas and of everything below them in the chain of command that day."""
    found, pairs = set(area_ids), parents(on).items()
    while below := {area for area, parent in pairs if parent in found} - found:
        found |= below
    return found


def areas_above(area_ids: Iterable[int], on: date) -> set[int]:
    """Ids of the areas and of everything above them in the chain of command that day."""
    found, parent_of = set(area_ids), parents(on)
    while above := {parent_of[area] for area in found if area in parent_of} - found:
        found |= above
    return found


class StaffMember(models.Model):
    """An officer or a civilian of an agency. What is here is public; sign-in is `user`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="staff")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="staff_member",
    )
    name = models.CharField(max_length=120)
    rank = models.CharField(max_length=60)
    badge_number = models.CharField(max_length=20, blank=True)
    is_sworn = models.BooleanField(default=True)
    contact = models.CharField(max_length=120, blank=True, help_text="public e-mail or telephone of the post")
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "badge_number"], condition=~Q(badge_number=""), name="staff_badge_once"
            ),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.rank} {self.name}".strip()


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def in_force(self, on: date) -> "AssignmentQuerySet":
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))


class Assignment(models.Model):
    """A post somebody holds in an area, both days included."""

    class Role(models.TextChoices):
        BEAT_OFFICER = "beat_officer"
        NSO = "nso", "neighborhood stabilization officer"
        LIAISON = "liaison"
        SERGEANT = "sergeant"
        WATCH_COMMANDER = "watch_commander"
        DISTRICT_CAPTAIN = "district_captain"
        PRECINCT_COMMANDER = "precinct_commander"
        MAJOR = "major"

    # Who answers for an area of a kind; without one the post is vacant.
    LEADS = {
        Area.Kind.BEAT: (Role.BEAT_OFFICER,),
        Area.Kind.SECTOR: (Role.WATCH_COMMANDER,),
        Area.Kind.DISTRICT: (Role.DISTRICT_CAPTAIN,),
        Area.Kind.PRECINCT: (Role.PRECINCT_COMMANDER,),
        Area.Kind.PATROL_AREA: (Role.MAJOR,),
    }
    COMMANDERS = (Role.WATCH_COMMANDER, Role.DISTRICT_CAPTAIN, Role.PRECINCT_COMMANDER, Role.MAJOR)

    staff_member = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="assignments")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=20, choices=Role.choices)
    watch = models.CharField(max_length=20, blank=True, help_text="first, second, third; empty: all")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    is_acting = models.BooleanField(default=False)
    confirmed_on = models.DateField(help_text="when the agency last said so")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff_member", "area", "role", "starts_on"], name="assignment_once"
            ),
            models.CheckConstraint(
                name="assignment_dates", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff_member}, {self.get_role_display()}, {self.area}"


class Station(models.Model):
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="stations")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="stations", null=True, blank=True)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=160)
    phone = models.CharField(max_length=40, blank=True)
    lat = models.FloatField()
    lon = models.FloatField()
    source = models.CharField(max_length=200)
    verified_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="station_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class StreetSegment(models.Model):
    """One stretch of a street between two crossings, with the numbers on its two sides.

    Ranges run with the line: `left_from` is the number at its first point. Null: no numbers there.
    `line` is [[lon, lat], …].
    """

    source_id = models.CharField(max_length=40, unique=True)
    prefix = models.CharField(max_length=10, blank=True)
    name = models.CharField(max_length=80)
    suffix = models.CharField(max_length=20, blank=True)
    left_from = models.PositiveIntegerField(null=True, blank=True)
    left_to = models.PositiveIntegerField(null=True, blank=True)
    right_from = models.PositiveIntegerField(null=True, blank=True)
    right_to = models.PositiveIntegerField(null=True, blank=True)
    zip_code = models.CharField(max_length=5, blank=True)
    line = models.JSONField()


class AddressPoint(models.Model):
    """A recorded address with a point of its own, or a place by name; a place without an address goes by its name."""

    address = models.CharField(max_length=120)
    place = models.CharField(max_length=120, blank=True)
    lat = models.FloatField()
    lon = models.FloatField()
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "place"], name="address_point_once")]


class Edition(models.Model):
    """A number that is another after every change of a body of data that processes keep in memory."""

    name = models.CharField(max_length=20, primary_key=True)
    version = models.PositiveBigIntegerField()
