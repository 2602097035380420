"""Versions of a group's text and the calls for what people say of them."""

import uuid
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.feedback.workinggroups.models.groups import WorkingGroup


class DraftQuerySet(models.QuerySet["Draft"]):
    def published(self) -> "DraftQuerySet":
        return self.exclude(published_at=None)

    def visible_to(self, user: User | AnonymousUser, now: datetime) -> "DraftQuerySet":
        """What is published, and the version in work to who may read the group's unpublished input."""
        readable = WorkingGroup.objects.read_by(user, now).values("pk")
        return self.filter(Q(published_at__isnull=False) | Q(group__in=readable))


class Draft(models.Model):
    """One version of the text. Once published it never changes; of a group one version at a time is in work."""

    group = models.ForeignKey(WorkingGroup, on_delete=models.PROTECT, related_name="drafts")
    number = models.PositiveIntegerField(help_text="1, 2, 3 …")
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True, help_text="what is new in it")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["group", "number"]
        constraints = [
            models.UniqueConstraint(fields=["group", "number"], name="draft_once"),
            models.UniqueConstraint(
                fields=["group"], condition=Q(published_at=None), name="draft_one_in_work"
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.number} of {self.group_id}"


class Section(models.Model):
    """A numbered part of one version. `key` is the same in every version in which it is the same section.

    `origins`: the keys of the version before that it came from; of a part of a split section that one, of a merged one
    all of them.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="sections")
    key = models.SlugField(max_length=60)
    position = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=20, help_text="as it is printed: 4, 4.2, IV")
    heading = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    origins = models.JSONField(default=list)

    class Meta:
        ordering = ["draft", "position"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "key"], name="section_once"),
            models.UniqueConstraint(fields=["draft", "position"], name="section_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.key}"


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def visible_to(self, user: User | AnonymousUser, now: datetime) -> "ConsultationQuerySet":
        """What everybody may answer, and what is for members to who may read the group's input."""
        readable = WorkingGroup.objects.read_by(user, now).values("pk")
        return self.filter(Q(audience=Consultation.Audience.EVERYBODY) | Q(group__in=readable))

    def open_at(self, now: datetime) -> "ConsultationQuerySet":
        return self.filter(opens_at__lte=now, closes_at__gt=now, closed_at=None)


class Consultation(models.Model):
    """A group's call for input: on a published version of its text, or by questions alone.

    `published_at`: when the comments, or what may be shown of them, and what became of each were made public.
    """

    class Audience(models.TextChoices):
        EVERYBODY = "everybody"
        MEMBERS = "members", "the group's members"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(WorkingGroup, on_delete=models.PROTECT, related_name="consultations")
    draft = models.ForeignKey(
        Draft, on_delete=models.PROTECT, null=True, blank=True, related_name="consultations"
    )
    title = models.CharField(max_length=120)
    introduction = models.TextField(blank=True)
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.EVERYBODY)
    takes_testimony = models.BooleanField(
        default=False, help_text="takes lived experience without identity; nobody is required to tell any"
    )
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, help_text="when it was closed before its time")
    event_id = models.UUIDField(null=True, blank=True, help_text="its closing date in the calendar")
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_at", "id"]
        indexes = [models.Index(fields=["group", "opens_at"])]
        constraints = [
            models.CheckConstraint(name="consultation_times", condition=Q(closes_at__gt=F("opens_at"))),
        ]

    def __str__(self) -> str:
        return self.title

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and self.opens_at <= now < self.closes_at

    def is_over(self, now: datetime) -> bool:
        return self.closed_at is not None or now >= self.closes_at


class ConsultationQuestion(models.Model):
    """What is asked beside the text; nobody need answer."""

    class Kind(models.TextChoices):
        CHOICE = "choice", "one of several"
        TEXT = "text", "in words"

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    choices = models.JSONField(default=list, help_text="texts; none where it is answered in words")

    class Meta:
        ordering = ["consultation", "position"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "key"], name="consultation_question_once"),
        ]
