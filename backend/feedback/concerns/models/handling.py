"""What staff do with a concern besides moving it, and what else residents ask of us."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField
from backend.feedback.concerns.models.catalogue import Office
from backend.feedback.concerns.models.concerns import Concern, ConcernReply


class ConcernLetter(models.Model):
    """What staff wrote to a reporter, named or not, who reads it by account or receipt."""

    # No running number in this room: it would count what is hidden.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="letters")
    body = EncryptedTextField()
    language = models.CharField(max_length=8, default="en")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]


class ConcernNote(models.Model):
    """What staff say of a concern among themselves."""

    # No running number in this room: it would count what is hidden.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="notes")
    body = EncryptedTextField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]


class Referral(models.Model):
    """A concern handed to another office, and what came back."""

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="referrals")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="referrals")
    reference = models.CharField(max_length=80, blank=True, help_text="the office's own number")
    note = EncryptedTextField(blank=True, default="")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    referred_at = models.DateTimeField(default=timezone.now)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    outcome = EncryptedTextField(blank=True, default="", help_text="what the office did, in its words")

    class Meta:
        ordering = ["referred_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["concern"], condition=Q(returned_at=None), name="referral_one_at_a_time"
            )
        ]


class Photo(models.Model):
    """A photo of a concern. Its files are encrypted under a key of its own; without the key they are noise.

    `raw_file` is what was sent, until the worker has made `file` of it, without location and other hidden data;
    `masked_file` is `file` with what must not be seen painted over. Names are in STORAGE_URL.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", "waits for the worker"
        READY = "ready"
        REFUSED = "refused", "is no photo that can be read"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="photos")
    digest = models.CharField(max_length=64, editable=False, help_text="keyed hash of what was sent")
    key = EncryptedTextField(blank=True, default="")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    raw_file = models.CharField(max_length=80, blank=True, default="")
    file = models.CharField(max_length=80, blank=True, default="")
    masked_file = models.CharField(max_length=80, blank=True, default="")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="a worker has it until then")

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["concern", "digest"], name="photo_once"),
            models.CheckConstraint(
                name="photo_ready_has_file", condition=~Q(status="ready") | ~Q(file="") | Q(key="")
            ),
        ]
        indexes = [
            models.Index(name="photo_waiting", fields=["received_at"], condition=Q(status="received")),
        ]


class Redaction(models.Model):
    """A part of the words or of a photo that readers do not see; the original stays, sealed.

    In words: characters `start` to `end` (as Python counts), of an answer to the `question` of that slug. In a photo:
    `box` [x, y, width, height] in pixels.
    """

    class Part(models.TextChoices):
        DESCRIPTION = "description"
        ANSWER = "answer"
        REPLY = "reply"
        PHOTO = "photo"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="redactions")
    part = models.CharField(max_length=12, choices=Part.choices)
    reply = models.ForeignKey(
        ConcernReply, on_delete=models.CASCADE, null=True, blank=True, related_name="redactions"
    )
    question = models.CharField(max_length=50, blank=True, default="")
    photo = models.ForeignKey(
        Photo, on_delete=models.CASCADE, null=True, blank=True, related_name="redactions"
    )
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)
    box = models.JSONField(null=True, blank=True)
    provision = models.CharField(max_length=200, help_text="the law that closes it, such as RSMo 610.021")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                name="redaction_of_words_or_of_a_photo",
                condition=Q(
                    part="photo",
                    photo__isnull=False,
                    box__isnull=False,
                    start=None,
                    end=None,
                    reply=None,
                    question="",
                )
                | Q(part="description", photo=None, reply=None, question="", box=None, start__lt=F("end"))
                | Q(part="answer", photo=None, reply=None, box=None, start__lt=F("end")) & ~Q(question="")
                | Q(part="reply", photo=None, reply__isnull=False, question="", box=None, start__lt=F("end")),
            )
        ]


class LegalHold(models.Model):
    """While one is in force, nothing of the concern is anonymised or erased."""

    # No running number in this room: it would count what is hidden.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="holds")
    reason = EncryptedTextField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["concern"], condition=Q(ended_at=None), name="hold_one_in_force")
        ]


class FatalityReview(models.Model):
    """A domestic violence fatality review of a concern's matter: work that is closed, a final report that is not.

    RSMo 455.560.5 closes proceedings, findings and information of the panel; 455.560.6 opens its final report.
    """

    concern = models.OneToOneField(Concern, on_delete=models.CASCADE, related_name="fatality_review")
    work_product = EncryptedTextField(blank=True, default="")
    final_report = models.TextField(blank=True, default="")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)


class AboutMeRequest(models.Model):
    """Somebody found something about themselves in what we show, and asks that it be taken down."""

    class Status(models.TextChoices):
        OPEN = "open"
        GRANTED = "granted"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page = models.CharField(max_length=200, help_text="where it is shown")
    words = EncryptedTextField()
    receipt_index = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    answer = EncryptedTextField(blank=True, default="")
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]


class PageFeedback(models.Model):
    """Whether a page was helpful: from anybody, without anything by which to know who; a day, not a time."""

    page = models.CharField(max_length=200)
    is_helpful = models.BooleanField()
    comment = EncryptedTextField(blank=True, default="")
    on = models.DateField()

    class Meta:
        verbose_name_plural = "page feedback"
        ordering = ["-on", "-id"]


class DeskLook(models.Model):
    """When a member of staff last said that they have seen their desk."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="desk_look")
    at = models.DateTimeField()


class FigureTable(models.Model):
    """A quarter's public figures, as they were published: never worked out again, or two versions would tell more."""

    quarter = models.CharField(max_length=7, unique=True, help_text="2026-Q3")
    tables = models.JSONField()
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-quarter"]
