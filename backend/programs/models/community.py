"""What neighbors work with: the directory of services, public court dates, crime strategies of an area."""

import uuid
from datetime import date
from typing import Literal

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField
from backend.events.models import reach
from backend.programs.models.catalogue import Program, is_confirmed
from backend.roster.models import Agency, Area


class EntryQuerySet(models.QuerySet["Entry"]):
    def current(self, on: date) -> "EntryQuerySet":
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=on))


class Entry(models.Model):
    """A partner, service, contact or bulletin of the directory: how to reach it, by whose word, as of when."""

    class Kind(models.TextChoices):
        SERVICE = "service"
        PARTNER = "partner"
        CONTACT = "contact"
        BULLETIN = "bulletin"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    what = models.TextField(max_length=1000)
    tags = models.JSONField(default=list, help_text="lower-case words")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    who_for = models.CharField(max_length=200, blank=True)
    hours = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    url = models.URLField(blank=True)
    languages = models.JSONField(default=list, help_text="tags (BCP 47)")
    crisis_rank = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="those with one are shown first, in this order, whatever is asked for",
    )
    source = models.CharField(max_length=200)
    source_year = models.PositiveSmallIntegerField(null=True, blank=True)
    verified_on = models.DateField(null=True, blank=True, help_text="empty: nobody has confirmed it")
    ended_on = models.DateField(null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return self.name

    def status(self, on: date) -> Literal["confirmed", "unconfirmed", "ended"]:
        if self.ended_on is not None and self.ended_on <= on:
            return "ended"
        return "confirmed" if is_confirmed(self.verified_on, on) else "unconfirmed"


class Site(models.Model):
    """Where a clean-up is wanted, as staff suggest it, from a concern perhaps; who told that is not here."""

    class Outcome(models.TextChoices):
        CLEANED = "cleaned"
        DROPPED = "dropped"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="sites")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    place = EncryptedTextField(help_text="an address or words; perhaps somebody's home")
    note = models.CharField(max_length=300, blank=True, help_text="what is to be done, in staff's words")
    suggested_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    suggested_at = models.DateTimeField(default=timezone.now)
    concern = models.UUIDField(
        null=True,
        blank=True,
        help_text="whose place it is; no key of the database: rooms that do not know each other",
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-suggested_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "concern"],
                condition=Q(concern__isnull=False, closed_at=None),
                name="site_once_a_concern",
            ),
            models.CheckConstraint(
                name="site_closed_with_its_outcome",
                condition=Q(outcome="", closed_at=None) | ~Q(outcome="") & Q(closed_at__isnull=False),
            ),
        ]


class Docket(models.Model):
    """A court's list that neighbors follow: of each case its number, date and courtroom, and nothing else."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class CourtDate(models.Model):
    """One public date in a docket."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    docket = models.ForeignKey(Docket, on_delete=models.CASCADE, related_name="dates")
    case_number = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    courtroom = models.CharField(max_length=60)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "case_number"]
        constraints = [
            models.UniqueConstraint(fields=["docket", "case_number", "starts_at"], name="court_date_once"),
        ]


class Leader(models.Model):
    """A neighborhood leader to whom an area's strategies are shown; the code that they join by is kept hashed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="leaders")
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="leaderships"
    )
    organisation = models.CharField(max_length=120, help_text="for whom they speak")
    code_hash = models.CharField(max_length=64, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code_hash"], condition=~Q(code_hash=""), name="leader_code_once"
            ),
        ]


class StrategyQuerySet(models.QuerySet["Strategy"]):
    def visible_to(self, user: User | AnonymousUser, on: date) -> "StrategyQuerySet":
        """Those of areas whose leader one is, and, for staff, of areas in which they may post."""
        if isinstance(user, AnonymousUser):
            return self.none()
        if user.is_staff:
            return self.filter(area_id__in=reach(user, on))
        led = Leader.objects.filter(user=user, ended_at=None).values("area_id")
        return self.filter(area_id__in=led)


class Strategy(models.Model):
    """A crime strategy of an area, for its leaders' list."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="strategies")
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=20_000)
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = StrategyQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at"]
        verbose_name_plural = "strategies"
