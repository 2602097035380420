"""What came of a meeting: who came, what was said, what an area's people put first, what was promised."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.events.models.dates import Occurrence
from backend.roster.models import Area


class Meeting(models.Model):
    """The record of one date that took place. Minutes are public (RSMo 610.020.7)."""

    occurrence = models.OneToOneField(Occurrence, on_delete=models.CASCADE, related_name="meeting")
    attendance = models.PositiveIntegerField(null=True, blank=True, help_text="how many people came")
    newcomers = models.PositiveIntegerField(
        null=True, blank=True, help_text="how many of them for the first time"
    )
    minutes = models.TextField(blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="meeting_newcomers_came",
                condition=Q(newcomers=None) | Q(newcomers__lte=F("attendance"), attendance__isnull=False),
            ),
        ]


class Priority(models.Model):
    """What an area's people want worked on, and what is done about it by when."""

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="priorities")
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    action = models.CharField(max_length=300, blank=True, help_text="what is done about it")
    action_on = models.DateField(null=True, blank=True, help_text="until when")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    outcome = models.CharField(max_length=300, blank=True)
    raised_at = models.ForeignKey(
        Occurrence, on_delete=models.SET_NULL, null=True, blank=True, related_name="priorities"
    )
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "priorities"
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="priority_closed_with_outcome",
                condition=Q(status="open", closed_at=None, outcome="")
                | Q(~Q(outcome=""), status="closed", closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="priority_action_dated", condition=Q(action="") | Q(action_on__isnull=False)
            ),
        ]


class Ballot(models.Model):
    """One person's ranking of an area's priorities in one period ("2026-Q4"): by account, or on paper at a meeting."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="ballots")
    period = models.CharField(max_length=7)
    voter = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="ballots")
    cast_at_meeting = models.ForeignKey(
        Occurrence, on_delete=models.CASCADE, null=True, blank=True, related_name="ballots"
    )
    paper_number = models.PositiveIntegerField(
        null=True, blank=True, help_text="of the paper, at that meeting"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area", "period", "voter"], name="ballot_once_a_person"),
            models.UniqueConstraint(
                fields=["area", "cast_at_meeting", "paper_number"], name="ballot_once_a_paper"
            ),
            models.CheckConstraint(
                name="ballot_of_a_person_or_on_paper",
                condition=Q(voter__isnull=False, paper_number=None, cast_at_meeting=None)
                | Q(voter=None, paper_number__isnull=False, cast_at_meeting__isnull=False),
            ),
        ]


class BallotRank(models.Model):
    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="ranks")
    priority = models.ForeignKey(Priority, on_delete=models.CASCADE, related_name="ranks")
    rank = models.PositiveSmallIntegerField(help_text="1 is first")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ballot", "priority"], name="ballot_priority_once"),
            models.UniqueConstraint(fields=["ballot", "rank"], name="ballot_rank_once"),
        ]


class Commitment(models.Model):
    """ "We will …", said at a meeting. Belongs to the area: no meeting that is gone takes it along."""

    class Status(models.TextChoices):
        OPEN = "open"
        KEPT = "kept"
        PARTLY_KEPT = "partly_kept"
        NOT_KEPT = "not_kept"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="commitments")
    said_at = models.ForeignKey(
        Occurrence, on_delete=models.SET_NULL, null=True, blank=True, related_name="commitments"
    )
    promise = models.CharField(max_length=300, help_text="we will …")
    promised_by = models.CharField(max_length=120, help_text="the post or the person that answers for it")
    due_on = models.DateField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    outcome = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="commitment_closed_with_outcome",
                condition=Q(status="open", closed_at=None, outcome="")
                | Q(~Q(outcome=""), ~Q(status="open"), closed_at__isnull=False),
            ),
        ]


class CommitmentRating(models.Model):
    """What one resident makes of the outcome, from 1 (nothing came of it) to 5 (as promised)."""

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="ratings")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="commitment_ratings")
    rating = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["commitment", "user"], name="rating_once_a_person"),
            models.CheckConstraint(name="rating_range", condition=Q(rating__gte=1, rating__lte=5)),
        ]
