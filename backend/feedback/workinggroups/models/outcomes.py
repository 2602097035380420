"""What came of it: recommendations and their standing, and bulletins of what was decided."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.feedback.workinggroups.models.groups import WorkingGroup


class Recommendation(models.Model):
    """Something that was recommended, where it stands, and by what one can see that."""

    class Status(models.TextChoices):
        OPEN = "open", "not begun"
        IN_PROGRESS = "in_progress"
        DONE = "done"
        DECLINED = "declined"

    slug = models.SlugField(max_length=80, unique=True)
    group = models.ForeignKey(
        WorkingGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="recommendations"
    )
    title = models.CharField(max_length=160)
    body = models.TextField(blank=True)
    source = models.CharField(max_length=200, help_text="who recommended it, and where")
    recommended_on = models.DateField(null=True, blank=True, help_text="empty: not known to the day")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    evidence = models.CharField(max_length=500, blank=True, help_text="by what one can see it")
    evidence_url = models.URLField(blank=True)
    status_on = models.DateField(help_text="since when it stands so, as far as is known")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                name="recommendation_done_with_evidence",
                condition=~Q(status__in=["done", "declined"]) | ~Q(evidence=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RecommendationChange(models.Model):
    """History of a recommendation's standing; public. Append-only."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.CASCADE, related_name="changes")
    status = models.CharField(max_length=12, choices=Recommendation.Status.choices)
    evidence = models.CharField(max_length=500, blank=True)
    evidence_url = models.URLField(blank=True)
    status_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]


class Bulletin(models.Model):
    """What was decided or published, with its own followers, apart from all other texts.

    Of a fatality review panel the final report is public, and nothing else of it (RSMo 455.560.5 and .6).
    """

    class Kind(models.TextChoices):
        POLICY = "policy", "a policy that changed"
        FINAL_REPORT = "final_report", "a review panel's final report"

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=160)
    body = models.TextField(blank=True)
    url = models.URLField(blank=True)
    source = models.CharField(max_length=200)
    decided_on = models.DateField(
        null=True, blank=True, help_text="of what it tells; empty: not known to the day"
    )
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-published_at", "slug"]

    def __str__(self) -> str:
        return self.title
