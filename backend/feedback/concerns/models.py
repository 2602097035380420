"""What residents tell, where it went, and what became of it."""

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField, blind_index
from backend.roster.models import Area, Assignment, StaffMember, areas_within

READS_CONCERNS = (Assignment.Role.LIAISON, *Assignment.COMMANDERS)


class ConcernQuerySet(models.QuerySet["Concern"]):
    def visible_to(self, user: Any) -> "ConcernQuerySet":
        """What this person may know exists, by the posts they hold today. All else is "not found" to them.

        A resident sees their own. Commanders and liaisons see what lies in their area and below, and
        what was routed there; liaisons also what has no place, so that somebody reads it; officers only
        what is assigned to them. A walled concern is for civilian liaisons alone, and
        an administrator's seat gives nothing (but `opened_by`).
        """
        if not user.is_authenticated:
            return self.none()
        if not user.is_staff:
            return self.filter(reporter=user)
        on = timezone.localdate()
        posts = Assignment.objects.in_force(on).filter(staff_member__user=user)
        if not posts:
            return self.none()
        liaison = posts.filter(role=Assignment.Role.LIAISON)
        return self.filter(
            Q(is_walled=False)
            & (_on_desks_of(posts.filter(role__in=READS_CONCERNS), on) | Q(assigned_to__user=user))
            | Q(is_walled=True) & _on_desks_of(liaison.filter(staff_member__is_sworn=False), on)
        )

    def reporter_known_to(self, user: Any) -> "ConcernQuerySet":
        """Those of which this member of staff may ask who told them, each time with a reason, audited.

        Liaisons on whose desk they are (a walled one: civilian liaisons), and administrators.
        """
        if user.is_administrator:
            return self.opened_by(user)
        on = timezone.localdate()
        liaison = Assignment.objects.in_force(on).filter(
            staff_member__user=user, role=Assignment.Role.LIAISON
        )
        return self.filter(
            Q(is_walled=False) & _on_desks_of(liaison, on)
            | Q(is_walled=True) & _on_desks_of(liaison.filter(staff_member__is_sworn=False), on)
        )

    def opened_by(self, user: Any) -> "ConcernQuerySet":
        """Those that an administrator may open one by one, with a reason, audited: all, walled ones too."""
        return self.all() if user.is_staff and user.is_administrator else self.none()

    def told_by(self, user: Any) -> "ConcernQuerySet":
        """A resident's own."""
        return self.filter(reporter=user)

    def with_receipt(self, receipt: str) -> "ConcernQuerySet":
        """The one that this receipt, however it was typed, belongs to."""
        return self.filter(receipt_index=receipt_index(receipt))


def receipt_index(receipt: str) -> str:
    """The blind index of a receipt: in any case, with or without dashes, 0 for O, 1 for I, 8 for B."""
    letters = "".join(c for c in receipt.upper() if c.isalnum())
    return blind_index("receipt", letters.translate(str.maketrans("018", "OIB")))


def _on_desks_of(posts: models.QuerySet[Assignment], on: date) -> Q:
    """What lies in the posts' areas or below, or was routed there before a redraw; for liaisons, what has no place."""
    held = list(posts.values_list("area_id", "role"))
    reach = areas_within([area for area, _ in held], on)
    placed = Q(area__in=reach) | Q(desk__in=reach)
    return placed | Q(area=None) if any(role == Assignment.Role.LIAISON for _, role in held) else placed


class Concern(models.Model):
    """What a resident told the department.

    Words, address and reporter are personal: encrypted here, erased two years after closing (prune).
    Missouri's Sunshine Law may still make time, substance and place an open record (RSMo 610.200).
    """

    class Category(models.TextChoices):
        DRUG_ACTIVITY = "drug_activity"
        TRAFFIC = "traffic"
        NOISE = "noise"
        PROBLEM_PROPERTY = "problem_property"
        VACANT_BUILDING = "vacant_building"
        CITY_SERVICE = "city_service", "street light, refuse or other City service"
        SERVICE = "service", "how police served me"
        OTHER = "other"

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
    category = models.CharField(max_length=30, choices=Category.choices)
    description = EncryptedTextField()
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
    is_walled = models.BooleanField(default=False, help_text="about a police employee, and not cleared")
    reporter = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="concerns"
    )
    receipt_index = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    tells_by_text = models.BooleanField(
        default=False, db_default=False, help_text="the reporter asked for a text at each change"
    )
    submitted_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
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
        ]

    def __str__(self) -> str:
        return f"concern {self.pk}"


class ConcernChange(models.Model):
    """History of a concern: what was done, and what the reporter was told. Append-only."""

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="changes")
    move = models.CharField(max_length=20)
    status = models.CharField(max_length=12, choices=Concern.Status.choices)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]


class ConcernReply(models.Model):
    """What a reporter added by answering a text of ours. Erased with the concern's own words."""

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="replies")
    body = EncryptedTextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
