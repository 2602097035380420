"""Lived experience without identity: nothing here says who, when to better than a day, or in what order.

What a row is known by is random, its date is a day, its ciphertext carries no time, and the rows of a day are laid
down anew in random order with every one that comes (services/testimony.py): neither the place of a row in its table
nor the transaction that wrote it tells of its neighbor.
"""

import uuid

from django.db import models
from django.db.models import Q

from backend.encryption import UndatedEncryptedTextField
from backend.feedback.workinggroups.models.comments import Disposition, Theme
from backend.feedback.workinggroups.models.drafts import Consultation


class Testimony(models.Model):
    """What somebody lived through, told to a group. `grounds` and `reason`: why moderators keep it back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="testimonies")
    body = UndatedEncryptedTextField()
    content_warnings = models.JSONField(default=list)
    on = models.DateField(help_text="the day it came; nothing finer is kept")
    grounds = models.CharField(max_length=10, choices=Disposition.Grounds.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "testimonies"
        # By day and then by a random key: no order of coming.
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["consultation", "on", "id"])]
        constraints = [
            models.CheckConstraint(
                name="testimony_kept_back_with_reason",
                condition=Q(grounds="", reason="") | ~Q(grounds="") & ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"testimony {self.pk}"


class TestimonyTheme(models.Model):
    """A member says that a testimony is about a theme."""

    testimony = models.ForeignKey(Testimony, on_delete=models.CASCADE, related_name="tagged")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="tagged_testimonies")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["testimony", "theme"], name="testimony_theme_once")]


class DemographicCount(models.Model):
    """How people who told a call something described themselves: sums alone, in one row a call.

    No row is one person's, and none ties an answer to another answer or to words.
    """

    # Its key too: a number of its own would be the next one in order.
    consultation = models.OneToOneField(
        Consultation, on_delete=models.CASCADE, primary_key=True, related_name="demographics"
    )
    counts = models.JSONField(default=dict, help_text="{question: {answer: how many}}")
