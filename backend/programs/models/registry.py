"""Bikes and scooters whose owners can be told when one is found."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField


class RegisteredItemQuerySet(models.QuerySet["RegisteredItem"]):
    def visible_to(self, user: User | AnonymousUser) -> "RegisteredItemQuerySet":
        """One's own; staff look a single one up by its serial or decal, audited."""
        return self.filter(owner=user) if user.is_authenticated else self.none()


class RegisteredItem(models.Model):
    """A bike or scooter with its numbered decal. Its serial number is private."""

    class Kind(models.TextChoices):
        BIKE = "bike"
        SCOOTER = "scooter"

    class Status(models.TextChoices):
        REGISTERED = "registered"
        STOLEN = "stolen"
        FOUND = "found"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="registered_items")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    decal = models.PositiveIntegerField(unique=True, help_text="the number printed on the sticker")
    serial = EncryptedTextField(help_text="as typed")
    serial_index = models.CharField(max_length=64, unique=True, help_text="keyed hash of what it reads as")
    make = models.CharField(max_length=60)
    color = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.REGISTERED)
    transfer_hash = models.CharField(
        max_length=64, blank=True, help_text="keyed hash of the code that makes another person its owner"
    )
    transfer_expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RegisteredItemQuerySet.as_manager()

    class Meta:
        ordering = ["decal"]
        constraints = [
            models.UniqueConstraint(
                fields=["transfer_hash"], condition=~Q(transfer_hash=""), name="registry_code_once"
            ),
            models.CheckConstraint(
                name="registry_code_expires",
                condition=Q(transfer_hash="", transfer_expires_at=None)
                | ~Q(transfer_hash="") & Q(transfer_expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"decal {self.decal}"


class ItemChange(models.Model):
    """What happened to a registered thing, for its owner. `words`: such as where it can be fetched."""

    item = models.ForeignKey(RegisteredItem, on_delete=models.CASCADE, related_name="changes")
    action = models.CharField(max_length=20)
    words = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
