"""Who takes part in a date."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, QuerySet, Sum, Value
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from backend.accounts.models import User
from backend.events.models.dates import Occurrence

LARGEST_PARTY = 10


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def visible_to(self, user: User) -> "RegistrationQuerySet":
        """One's own; the door sees codes and numbers of people, never this."""
        return self.filter(user=user)

    def standing(self) -> "RegistrationQuerySet":
        """Those with a place or in the line."""
        return self.exclude(status=Registration.Status.CANCELLED)

    def taken(self) -> int:
        """How many people have a place."""
        confirmed = self.filter(status=Registration.Status.CONFIRMED)
        return confirmed.aggregate(people=Sum("party_size"))["people"] or 0

    def revise(self, moment: datetime, **fields: Any) -> None:
        """Changes them and, as `moment` is, what their holders' own calendars say (RFC 5545, 3.8.7.4)."""
        self.update(sequence=F("sequence") + 1, revised_at=Greatest("revised_at", Value(moment)), **fields)

    def waiting(self) -> QuerySet["Registration"]:
        """The line, first come first."""
        return self.filter(status=Registration.Status.WAITLISTED).order_by("number")


class Registration(models.Model):
    """One person's place, or turn in the line, for themselves and who comes with them."""

    class Status(models.TextChoices):
        CONFIRMED = "confirmed"
        WAITLISTED = "waitlisted"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="registrations")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="registrations")
    status = models.CharField(max_length=10, choices=Status.choices)
    party_size = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(LARGEST_PARTY)]
    )
    number = models.PositiveIntegerField(help_text="in order of coming, by date; whoever comes back is last")
    code = models.CharField(max_length=8, help_text="shown at the door")
    remind_hours = models.JSONField(default=list, help_text="so many hours before, each once")
    checked_in_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # The entry in the person's own calendar; who comes back to a date keeps it (RFC 5545: UID, SEQUENCE, DTSTAMP).
    uid = models.CharField(max_length=255, blank=True, default="", db_default="")
    sequence = models.PositiveIntegerField(default=0, db_default=0)
    revised_at = models.DateTimeField(default=timezone.now, db_default=Now())

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["occurrence", "user"],
                condition=~Q(status="cancelled"),
                name="registration_once_a_person",
            ),
            models.UniqueConstraint(fields=["occurrence", "number"], name="registration_number_once"),
            models.UniqueConstraint(fields=["occurrence", "code"], name="registration_code_once"),
            models.CheckConstraint(
                name="registration_party", condition=Q(party_size__gte=1, party_size__lte=LARGEST_PARTY)
            ),
            models.CheckConstraint(
                name="registration_in_with_a_place",
                condition=Q(checked_in_at=None) | Q(status="confirmed"),
            ),
        ]

    @property
    def is_off(self) -> bool:
        """Given back, or for a date that does not take place."""
        return self.status == Registration.Status.CANCELLED or self.occurrence.is_cancelled

    @property
    def entry_uid(self) -> str:
        """The UID of its entry; rows that yesterday's code writes during a release have none stored."""
        return self.uid or f"{self.pk}@{settings.PUBLIC_HOST}"


class PersonalFeed(models.Model):
    """The calendar of a person's own places, at an address that only they know; its token is kept hashed."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="personal_feed")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
