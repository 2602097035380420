"""Courses: the sessions of a cohort, who came, and who has finished."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField
from backend.events.models import Event
from backend.programs.models.applications import Application
from backend.programs.models.catalogue import Cohort


class Session(models.Model):
    """One meeting of a cohort: an event of the public calendar, or with times of its own where it is private."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveSmallIntegerField()
    topic = models.CharField(max_length=120)
    instructor = models.CharField(max_length=120, blank=True)
    event = models.OneToOneField(
        Event, on_delete=models.PROTECT, null=True, blank=True, related_name="program_session"
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True, help_text="of a private one")
    code = models.CharField(max_length=8, help_text="shown in the room, for attendance")
    sequence = models.PositiveIntegerField(default=0)
    revised_at = models.DateTimeField(default=timezone.now)
    told_sequence = models.PositiveIntegerField(
        default=0, help_text="the event's SEQUENCE of which the members have been told"
    )

    class Meta:
        ordering = ["cohort", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "number"], name="session_number_once"),
            models.CheckConstraint(
                name="session_times_once",
                condition=Q(event__isnull=False, starts_at=None, ends_at=None, cancelled_at=None)
                | Q(event=None, starts_at__isnull=False, ends_at__gt=F("starts_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.topic}"


class Attendance(models.Model):
    """That somebody was there. `number` is the session of their own course that it counts for, once."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="attendances")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendances")
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="empty: by code"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["application", "number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="attendance_once_a_session"),
        ]


class Certificate(models.Model):
    """That somebody has finished a course; the document was made once."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="certificate")
    issued_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    document = EncryptedTextField(help_text="the PDF in Base64")
    document_hash = models.CharField(max_length=64, help_text="SHA-256 of the PDF")
