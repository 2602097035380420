"""What is offered: programs with their rules, forms and waivers, and the intakes that people apply to."""

import uuid
from datetime import date, datetime, timedelta
from typing import Literal

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField
from backend.roster.models import Agency, Area, StaffMember

CONFIRMED_FOR = timedelta(days=366)  # as long as somebody's word that a program runs holds


def is_confirmed(verified_on: date | None, on: date) -> bool:
    """Whether somebody's word still holds that day."""
    return verified_on is not None and verified_on > on - CONFIRMED_FOR


class ProgramQuerySet(models.QuerySet["Program"]):
    def managed_by(self, user: User | AnonymousUser, on: date) -> "ProgramQuerySet":
        """Those whose applications a person handles: by a manager's seat that day; administrators all, audited."""
        if isinstance(user, AnonymousUser) or not user.is_staff:
            return self.none()
        if user.is_administrator:
            return self
        return self.filter(pk__in=Seat.objects.held_by(user, on, Seat.Role.MANAGER).values("program_id"))

    def judged_by(self, user: User, on: date) -> "ProgramQuerySet":
        """Those whose nominations a person judges; never administrators, who read all names."""
        if not user.is_staff or user.is_administrator:
            return self.none()
        return self.filter(pk__in=Seat.objects.held_by(user, on, Seat.Role.JUDGE).values("program_id"))


class Program(models.Model):
    """An offer to residents, in the words of its source until somebody of the department has confirmed them."""

    class Kind(models.TextChoices):
        RIDE_ALONG = "ride_along"
        ACADEMY = "academy"
        EXPLORERS = "explorers"
        ATHLETIC_LEAGUE = "athletic_league"
        CAMP = "camp"
        TUTORING = "tutoring"
        AWARD = "award"
        GIFTS = "gifts"
        WARM_UP = "warm_up"
        CLEANUP = "cleanup"
        RECRUITMENT = "recruitment"
        SUPPLIES = "supplies"
        REGISTRY = "registry"
        TRAINING = "training"
        INTEREST = "interest", "interest list"

    class Applicants(models.TextChoices):
        PEOPLE = "people"
        ORGANISATIONS = "organisations", "schools, centers and businesses"
        NOBODY = "nobody", "nobody: others choose who takes part"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="programs")
    owner = models.CharField(max_length=160, help_text="the office that runs it, in words")
    summary = models.TextField(max_length=1000)
    who = models.CharField(max_length=300, help_text="who may take part, in words; `rules` are what counts")
    applicants = models.CharField(max_length=20, choices=Applicants.choices, default=Applicants.PEOPLE)
    cost = models.CharField(max_length=120, blank=True)
    season = models.CharField(max_length=160, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    bring = models.CharField(max_length=300, blank=True, help_text="photo id, dress and the like")
    access_notes = models.CharField(max_length=300, blank=True)
    languages = models.JSONField(
        default=list, help_text="tags (BCP 47) of the languages offered; ase: American Sign Language"
    )
    has_public_sessions = models.BooleanField(
        default=False, help_text="its sessions are events of the public calendar"
    )
    source = models.CharField(max_length=200, help_text="the document that the words come from")
    source_year = models.PositiveSmallIntegerField(null=True, blank=True)
    verified_on = models.DateField(
        null=True, blank=True, help_text="when somebody of the department last confirmed that it runs so"
    )
    verified_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    ended_on = models.DateField(null=True, blank=True)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

    def status(self, on: date) -> Literal["running", "unconfirmed", "ended"]:
        """Unconfirmed: nobody said within a year that it runs; what only a source says may be long over."""
        if self.ended_on is not None and self.ended_on <= on:
            return "ended"
        return "running" if is_confirmed(self.verified_on, on) else "unconfirmed"


class Rule(models.Model):
    """One rule of a program as a row that a machine can check; without `confirmed_on` it is still to be confirmed."""

    class Kind(models.TextChoices):
        AGE = "age", "from `low` to `high` years old when it starts"
        GUARDIAN = "guardian", "under `high` years a guardian agrees"
        RESIDENT = "resident", "lives in the city"
        RESIDENT_OR_BUSINESS = "resident_or_business", "lives or owns a business in the city"
        ENROLLED = "enrolled", "attends or has finished high school"
        SCREENING = "screening", "a records check"
        PARTICIPATION = (
            "participation",
            "a person `high` times in `low` days; without `low`, in a calendar year",
        )
        OFFICER_ONCE = "officer_once", "not with the same officer twice"
        LEAD_DAYS = "lead_days", "`low` days ahead at least"
        HOURS = "hours", "`high` hours at most"
        PLACES_A_YEAR = "places_a_year", "`high` places in a calendar year"
        PLACES_A_MONTH = "places_a_month", "`high` places in a calendar month"
        PLACES_A_WATCH = "places_a_watch", "`high` places in one watch of one day"
        ABSENCES = "absences", "`high` sessions may be missed"
        ATTENDANCE = "attendance", "`low` percent of the sessions attended"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    low = models.PositiveSmallIntegerField(null=True, blank=True)
    high = models.PositiveSmallIntegerField(null=True, blank=True)
    words = models.CharField(max_length=300, help_text="the rule as people read it")
    source = models.CharField(max_length=200, blank=True)
    confirmed_on = models.DateField(null=True, blank=True, help_text="empty: to be confirmed by the agency")

    class Meta:
        ordering = ["program", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["program", "kind"], name="rule_once_a_kind"),
            models.CheckConstraint(
                name="rule_low_to_high",
                condition=Q(low=None) | Q(high=None) | Q(kind="participation") | Q(low__lte=F("high")),
            ),
        ]

    def __str__(self) -> str:
        return self.words


class Form(models.Model):
    """One version of what a program asks, as JSON Schema; `x-closed` marks answers few may read."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="forms")
    number = models.PositiveSmallIntegerField()
    schema = models.JSONField()
    published_at = models.DateTimeField(default=timezone.now)
    accepted_until = models.DateTimeField(
        null=True, blank=True, help_text="empty: accepted; a phone app may be older than the form"
    )

    class Meta:
        ordering = ["program", "number"]
        constraints = [models.UniqueConstraint(fields=["program", "number"], name="form_number_once")]

    def __str__(self) -> str:
        return f"form {self.number}"


class Topic(models.Model):
    """One session of a program's course, in its order: what a new cohort's sessions are made from."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="topics")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)

    class Meta:
        ordering = ["program", "number"]
        constraints = [models.UniqueConstraint(fields=["program", "number"], name="topic_number_once")]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"


class Supply(models.Model):
    """A thing that a program gives out or sells; `stock` is what is left to promise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="supplies")
    name = models.CharField(max_length=80)
    price = models.CharField(max_length=80, blank=True)
    stock = models.PositiveIntegerField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["program", "name"], name="supply_once")]

    def __str__(self) -> str:
        return self.name


class SeatQuerySet(models.QuerySet["Seat"]):
    def in_force(self, on: date) -> "SeatQuerySet":
        return self.filter(Q(until=None) | Q(until__gte=on), since__lte=on)

    def held_by(self, user: User, on: date, role: str) -> "SeatQuerySet":
        return self.in_force(on).filter(user=user, role=role)


class Seat(models.Model):
    """Somebody of staff who handles a program's applications, or judges its nominations, between two days."""

    class Role(models.TextChoices):
        MANAGER = "manager"
        JUDGE = "judge"

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="seats")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="program_seats")
    role = models.CharField(max_length=10, choices=Role.choices)
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text="the last day")

    objects = SeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "user", "role", "since"], name="seat_once"),
            models.CheckConstraint(
                name="seat_ends_after_start", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.program}"


class CohortQuerySet(models.QuerySet["Cohort"]):
    def announced(self) -> "CohortQuerySet":
        """Those that have not been called off."""
        return self.filter(cancelled_at=None)

    def taking(self, now: datetime) -> "CohortQuerySet":
        """Open for applications at that moment."""
        not_closed = Q(closes_at=None) | Q(closes_at__gt=now)
        today = timezone.localdate(now)
        return self.announced().filter(not_closed, opens_at__lte=now, decided_at=None, ends_on__gte=today)

    def coming(self, on: date) -> "CohortQuerySet":
        """Those that start that day or later, the first one first."""
        return self.announced().filter(starts_on__gte=on).order_by("starts_on", "name", "id")


class Cohort(models.Model):
    """One dated intake of a program: a class, a month of rides, a team's season, a week of camp, a pick-up hour."""

    class Mode(models.TextChoices):
        REVIEW = "review", "staff decide"
        FIRST_COME = "first_come", "in the order of coming"
        DRAW = "draw", "by a draw whose seed is published"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=120)
    mode = models.CharField(max_length=12, choices=Mode.choices, help_text="stated before anybody applies")
    starts_on = models.DateField()
    ends_on = models.DateField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True, blank=True, help_text="empty: until it is over")
    places = models.PositiveIntegerField(null=True, blank=True, help_text="empty: no limit of its own")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    officer = models.ForeignKey(
        StaffMember, on_delete=models.SET_NULL, null=True, blank=True, related_name="teams"
    )
    place_name = models.CharField(max_length=120, blank=True)
    place_address = models.CharField(max_length=160, blank=True)
    seed = EncryptedTextField(blank=True, default="", help_text="of a draw; shown after the deadline")
    seed_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the seed, published first")
    decided_at = models.DateTimeField(
        null=True, blank=True, help_text="when the draw was held, or the nominated were chosen"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CohortQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "name", "id"]
        constraints = [
            models.CheckConstraint(name="cohort_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="cohort_closes_after_opening",
                condition=Q(closes_at=None) | Q(closes_at__gt=F("opens_at")),
            ),
            models.CheckConstraint(
                name="cohort_draw_has_seed_and_deadline",
                condition=~Q(mode="draw") | ~Q(seed_hash="") & Q(closes_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program}, {self.name}"
