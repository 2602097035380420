"""The sending as a whole: what workers share, their periodic work, what is wrong, what the department vouches for."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Sender(models.Model):
    """What all workers of a channel share: a provider that says "slow down" says it to all of them."""

    channel = models.CharField(max_length=10, primary_key=True)
    paused_until = models.DateTimeField()
    reason = models.CharField(max_length=40)
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="by staff or an alarm, until staff say go"
    )
    free_at = models.DateTimeField(
        null=True, blank=True, help_text="when what has been handed over fits into the agreed rate"
    )
    month = models.DateField(null=True, blank=True, help_text="its first day")
    month_segments = models.PositiveIntegerField(default=0, db_default=0, help_text="handed over in it")


class JobRun(models.Model):
    """Periodic work, once a period on however many machines: the unique row is the claim.

    A claim whose work did not finish within an hour may be taken over. Erased after 30 days.
    """

    job = models.CharField(max_length=40)
    period_start = models.DateTimeField()
    claimed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "period_start"], name="job_once_a_period")]


class Heartbeat(models.Model):
    """One row a worker: when it was last seen alive. Erased after a day."""

    worker = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()


class Alert(models.Model):
    """Something is wrong with the sending as a whole. One open row a kind; kept 90 days after it was over."""

    kind = models.CharField(max_length=40)
    detail = models.CharField(max_length=200)
    raised_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, help_text="when it was last so")
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(over_at=None), name="alert_open_once"),
        ]

    def __str__(self) -> str:
        return self.kind


class LanguageReview(models.Model):
    """The department vouches for one version of one language's words. Others are not sent."""

    language = models.CharField(max_length=8)
    catalogue = models.CharField(max_length=64, help_text="SHA-256 of the words as they were reviewed")
    by = models.CharField(max_length=80, help_text="who read them, as staff wrote it")
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="when the department took it back")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["language"], condition=Q(ended_at=None), name="language_review_in_force_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.at:%Y-%m-%d}"
