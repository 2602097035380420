"""Children named for an award of a month, and what its judges think."""

import uuid
from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField
from backend.programs.models.catalogue import Cohort, Program


class NominationQuerySet(models.QuerySet["Nomination"]):
    def handled_by(self, user: User, on: date) -> "NominationQuerySet":
        """Those that a manager of the program sees with their names."""
        return self.filter(cohort__program__in=Program.objects.managed_by(user, on))

    def judged_by(self, user: User, on: date) -> "NominationQuerySet":
        """Those that a judge of the program scores, without names."""
        return self.filter(cohort__program__in=Program.objects.judged_by(user, on))

    def honored(self) -> "NominationQuerySet":
        """Chosen, and a guardian agrees that the name is shown: all that the public ever sees of nominations."""
        return self.filter(status=Nomination.Status.CHOSEN, guardian_agreed_at__isnull=False, erased_at=None)


class Nomination(models.Model):
    """One child named by somebody, in one month (a cohort)."""

    class Relation(models.TextChoices):
        TEACHER = "teacher"
        PARENT = "parent"
        NEIGHBOR = "neighbor"
        OTHER = "other"

    class Status(models.TextChoices):
        SUBMITTED = "submitted"
        CHOSEN = "chosen"
        NOT_CHOSEN = "not_chosen"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="nominations")
    nominator = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="nominations"
    )
    relation = models.CharField(max_length=10, choices=Relation.choices)
    nominator_name = EncryptedTextField(blank=True, default="")
    nominator_contact = EncryptedTextField(blank=True, default="")
    child_name = EncryptedTextField(blank=True, default="")
    born_on = EncryptedTextField(blank=True, default="", help_text="ISO 8601")
    school = EncryptedTextField(blank=True, default="")
    story = EncryptedTextField(blank=True, default="", help_text="what the child did")
    guardian_name = EncryptedTextField(blank=True, default="")
    guardian_contact = EncryptedTextField(blank=True, default="")
    guardian_agreed_at = models.DateTimeField(null=True, blank=True)
    guardian_asked_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    person_index = models.CharField(max_length=64, help_text="the child, across nominations; keyed hash")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SUBMITTED)
    created_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = NominationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "person_index"], condition=Q(status="chosen"), name="honored_once_a_month"
            ),
        ]


class Score(models.Model):
    """What one judge thinks of one nomination, without knowing whose it is or what others think."""

    nomination = models.ForeignKey(Nomination, on_delete=models.CASCADE, related_name="scores")
    judge = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    points = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(10)])
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["nomination", "judge"], name="score_once_a_judge"),
            models.CheckConstraint(name="score_points", condition=Q(points__gte=1, points__lte=10)),
        ]
