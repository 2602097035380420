"""What residents tell, where it went, and what became of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField
from backend.events.models import Occurrence
from backend.feedback.concerns.models.catalogue import Category
from backend.feedback.concerns.models.reading import ConcernQuerySet
from backend.roster.models import Area, StaffMember


class Concern(models.Model):
    """What a resident told the department.

    Words, address and reporter are personal: encrypted here, erased when the category says (prune).
    Missouri's Sunshine Law may still make time, substance and place an open record (RSMo 610.200).
    """

    class Status(models.TextChoices):
        SUBMITTED = "submitted"
        TRIAGED = "triaged"
        ASSIGNED = "assigned"
        IN_PROGRESS = "in_progress"
        REFERRED = "referred"
        CLOSED = "closed"

    class Disposition(models.TextChoices):
        RESOLVED = "resolved"
        REFERRED_OUT = "referred_out"
        DUPLICATE = "duplicate"
        NO_ACTION = "no_action"
        OUT_OF_AREA = "out_of_area"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="concerns", db_column="category"
    )
    description = EncryptedTextField()
    answers = EncryptedTextField(
        blank=True, default="", db_default="", help_text="to the category's questions, as JSON by their slugs"
    )
    said_at = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text='"at the roll call of …", if at a meeting',
    )
    occurrence = models.ForeignKey(
        Occurrence,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="the meeting it was said at",
    )
    address = EncryptedTextField(blank=True, default="")
    position = EncryptedTextField(
        blank=True, default="", help_text="lat, lon in degrees; says as much as an address"
    )
    area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="concerns",
        help_text="deepest area it lies in",
    )
    is_near_border = models.BooleanField(
        default=False, db_default=False, help_text="so near to another command that it may be theirs"
    )
    desk = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="whose liaison it was routed to",
    )
    assigned_to = models.ForeignKey(
        StaffMember, on_delete=models.SET_NULL, null=True, blank=True, related_name="concerns"
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.SUBMITTED)
    disposition = models.CharField(max_length=12, choices=Disposition.choices, blank=True)
    is_walled = models.BooleanField(default=False, help_text="about a police employee (models.reading)")
    cleared_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when a civilian liaison had said about whom, or whose command, it is",
    )
    is_sensitive = models.BooleanField(
        default=False, db_default=False, help_text="liaisons alone read it, and no text is sent about it"
    )
    priority = models.PositiveSmallIntegerField(
        choices=Category.Priority.choices, default=Category.Priority.NORMAL, db_default=3
    )
    escalated_to = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="the role that was told, when a target passed",
    )
    first_response_at = models.DateTimeField(
        null=True, blank=True, help_text="first read or answered by staff"
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="duplicates",
        db_index=False,  # an index of nearly nothing but NULL is one that SQLite's planner leaves alone
    )
    needs_reading = models.BooleanField(
        default=False, db_default=False, help_text="the reporter wrote, and nobody has dealt with that"
    )
    # --- who told it, and how they hear of it
    reporter = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="concerns"
    )
    receipt_index = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    passphrase = models.CharField(
        max_length=200, blank=True, default="", db_default="", editable=False, help_text="a slow hash of it"
    )
    phone = EncryptedTextField(
        blank=True, default="", db_default="", help_text="of a reporter without an account, E.164"
    )
    phone_index = models.CharField(max_length=64, null=True, blank=True, editable=False, db_index=True)
    language = models.CharField(max_length=8, default="en", db_default="en", help_text="the reporter's")
    contact_note = EncryptedTextField(
        blank=True, default="", db_default="", help_text="what is safe when calling, in the reporter's words"
    )
    handler_may_know = models.BooleanField(
        default=False, db_default=False, help_text="an assigned officer may learn who told it"
    )
    tells_by_text = models.BooleanField(
        default=False, db_default=False, help_text="the reporter asked to be told of each change"
    )
    # --- whether it was dealt with, by the reporter's word
    asked_at = models.DateTimeField(null=True, blank=True, help_text="when it was closed and they were asked")
    asked_again_at = models.DateTimeField(null=True, blank=True, help_text="four weeks later, once")
    dealt_with = models.BooleanField(null=True, blank=True)
    submitted_at = models.DateTimeField(default=timezone.now)
    target_at = models.DateTimeField(db_default=Now(), help_text="when it should be closed")
    changed_at = models.DateTimeField(default=timezone.now, db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    anonymised_at = models.DateTimeField(null=True, blank=True, help_text="when who told it was forgotten")
    erased_at = models.DateTimeField(null=True, blank=True, help_text="when its personal fields were emptied")

    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="concern_closed_has_disposition",
                condition=Q(status="closed", closed_at__isnull=False) & ~Q(disposition="")
                | ~Q(status="closed") & Q(closed_at__isnull=True, disposition=""),
            ),
            models.CheckConstraint(
                name="concern_owner_or_receipt", condition=Q(reporter=None) | Q(receipt_index=None)
            ),
            models.CheckConstraint(
                name="concern_cleared_is_walled", condition=Q(cleared_at=None) | Q(is_walled=True)
            ),
            models.CheckConstraint(
                name="concern_merged_is_duplicate", condition=Q(merged_into=None) | Q(disposition="duplicate")
            ),
            models.CheckConstraint(
                name="concern_phone_with_its_index",
                condition=Q(phone="", phone_index=None) | ~Q(phone="") & Q(phone_index__isnull=False),
            ),
        ]
        # A page of a desk is the first rows of a few of these (models.reading, Reach.apart).
        indexes = [
            *(
                models.Index(name=f"concern_{key}_{order.strip('-')[:9]}", fields=[key, order, "id"])
                for key in ("area", "desk", "assigned_to")
                for order in ("-submitted_at", "-changed_at")
            ),
            *(
                models.Index(
                    name=f"concern_{key}_target",
                    fields=[key, "target_at", "id"],
                    condition=~Q(status="closed"),
                )
                for key in ("area", "desk", "assigned_to")
            ),
            models.Index(name="concern_target", fields=["target_at"], condition=~Q(status="closed")),
            models.Index(name="concern_closed", fields=["closed_at"]),
            models.Index(
                name="concern_duplicates", fields=["merged_into"], condition=Q(merged_into__isnull=False)
            ),
            models.Index(
                name="concern_asked",
                fields=["asked_at"],
                condition=Q(asked_at__isnull=False, asked_again_at=None, dealt_with=None),
            ),
        ]

    def __str__(self) -> str:
        return f"concern {self.pk}"


class ConcernChange(models.Model):
    """History of a concern: what was done, and what the reporter was told. Append-only."""

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="changes")
    move = models.CharField(max_length=20)
    status = models.CharField(max_length=12, choices=Concern.Status.choices)
    reason = EncryptedTextField(
        blank=True, default="", db_default="", help_text="for staff: why it was moved so"
    )
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["at", "id"]


class ConcernSubject(models.Model):
    """Whom a walled concern is about, and in which command: what keeps it from their eyes (models.reading).

    `staff_member` is None where somebody is described and not identified; `command` where there is no place.
    """

    class Source(models.TextChoices):
        ASKED = "asked", "the reporter said so"
        MATCHED = "matched", "a name or badge number in the words"
        LIAISON = "liaison"

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="subjects")
    staff_member = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    command = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=10, choices=Source.choices)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["concern", "staff_member", "command"], name="subject_once"),
            models.UniqueConstraint(
                fields=["concern", "command"], condition=Q(staff_member=None), name="subject_of_command_once"
            ),
            models.UniqueConstraint(
                fields=["concern", "staff_member"],
                condition=Q(command=None),
                name="subject_without_command_once",
            ),
            models.UniqueConstraint(
                fields=["concern"], condition=Q(staff_member=None, command=None), name="subject_unknown_once"
            ),
        ]


class ConcernReply(models.Model):
    """What a reporter added later, in the app or by answering a text of ours. Erased with the concern's words."""

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="replies")
    body = EncryptedTextField()
    at = models.DateTimeField(default=timezone.now)
    by_text = models.BooleanField(
        default=False, db_default=False, help_text="from the number, whoever holds the receipt"
    )

    class Meta:
        ordering = ["at", "id"]
