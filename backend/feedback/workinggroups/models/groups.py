"""Bodies that say what a policy should be: their charter, seats and who holds them; who looked in past the wall."""

import uuid
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField
from backend.roster.models import Area, StaffMember


class WorkingGroupQuerySet(models.QuerySet["WorkingGroup"]):
    def of_member(self, user: User | AnonymousUser, now: datetime) -> "WorkingGroupQuerySet":
        """Groups in which the person holds a seat that they may hold today."""
        seats = Membership.objects.held_by(user, now)
        return self.filter(pk__in=seats.values("seat__group_id"))

    def of_coordinator(self, user: User | AnonymousUser, now: datetime) -> "WorkingGroupQuerySet":
        """Groups that the person coordinates."""
        seats = Membership.objects.held_by(user, now).filter(is_coordinator=True)
        return self.filter(pk__in=seats.values("seat__group_id"))

    def read_by(self, user: User | AnonymousUser, now: datetime) -> "WorkingGroupQuerySet":
        """Groups whose unpublished input the person may read: members, and who broke the glass within the hour."""
        members = Membership.objects.held_by(user, now).values("seat__group_id")
        broken = BreakGlass.objects.open_for(user, now).values("group_id")
        return self.filter(Q(pk__in=members) | Q(pk__in=broken))


class WorkingGroup(models.Model):
    """A body with a charter. Its agency is its area's: an independent one stands behind a wall of its own.

    `is_discreet`: whoever looks over a shoulder must learn nothing (techsafety.org): calendars, texts and lists call it
    by `neutral_name`, name nobody, and its members' sessions are short.
    """

    slug = models.SlugField(
        max_length=80, unique=True, help_text="in addresses and topics: neutral where discreet"
    )
    name = models.CharField(max_length=120)
    neutral_name = models.CharField(max_length=60, blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="working_groups")
    charter = models.TextField(help_text="what it is for, who is in it, what it decides")
    moderation_policy = models.TextField(help_text="what is kept from being published, and who decides")
    source = models.CharField(max_length=200, help_text="where its charter is written")
    is_public_body = models.BooleanField(
        help_text="its records are public (RSMo 610.010): it advises a public body on policy"
    )
    is_discreet = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkingGroupQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                name="working_group_discreet_by_name", condition=Q(is_discreet=False) | ~Q(neutral_name="")
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """What calendars, texts and lists call it."""
        return self.neutral_name or self.name


class GroupSeat(models.Model):
    """A seat of the charter: how many hold it, and who may."""

    class Rule(models.TextChoices):
        COMMUNITY = "community", "nobody who works for the police"
        PROVIDER = "provider", "who works for a service provider, which is named; nobody of the police"
        NON_SWORN = "non_sworn", "a civilian employee of the police, and no sworn officer"
        INDEPENDENT = "independent", "nobody who works for the City or the police"

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="seats")
    name = models.CharField(max_length=80)
    rule = models.CharField(max_length=12, choices=Rule.choices)
    places = models.PositiveSmallIntegerField(help_text="how many may hold it at once")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["group", "name"], name="group_seat_once"),
            models.CheckConstraint(name="group_seat_places", condition=Q(places__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, now: datetime) -> "MembershipQuerySet":
        """Terms that run at that moment, taken up or not. The first and the last day belong to a term."""
        today = timezone.localdate(now)
        return self.filter(
            Q(ended_at=None) | Q(ended_at__gt=now),
            Q(ends_on=None) | Q(ends_on__gte=today),
            starts_on__lte=today,
        )

    def held_by(self, user: User | AnonymousUser, now: datetime) -> "MembershipQuerySet":
        """The person's terms that run and that the seat's rule allows them today.

        Nobody in a police role but a civilian in the seat for one, and no administrator, whatever seat they were given.
        """
        if isinstance(user, AnonymousUser) or not user.is_active or user.is_administrator:
            return self.none()
        mine = self.in_force(now).filter(user=user)
        member = StaffMember.objects.select_related("agency").filter(user=user).first()
        if member is None and user.kind == User.Kind.RESIDENT:
            return mine.exclude(seat__rule=GroupSeat.Rule.NON_SWORN)
        if member is None or member.is_sworn:
            return self.none()
        if member.agency.is_police:
            return mine.filter(seat__rule=GroupSeat.Rule.NON_SWORN, staff_member=member)
        return mine.filter(seat__group__area__agency=member.agency).exclude(
            seat__rule=GroupSeat.Rule.NON_SWORN
        )


class Membership(models.Model):
    """One person's term in a seat. An invitation until they take it with an account of their own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seat = models.ForeignKey(GroupSeat, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="group_memberships"
    )
    name = models.CharField(max_length=120, help_text="as the group knows them")
    organization = models.CharField(max_length=120, blank=True, help_text="whom they are there for")
    staff_member = models.ForeignKey(
        StaffMember,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="of a seat for a civilian of the police: who",
    )
    is_coordinator = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="the last day; empty: open")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="when they left before their term's end")
    invitation_index = models.CharField(max_length=64, null=True, blank=True, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    joined_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="membership_dates", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(
                name="membership_invited_or_joined",
                condition=Q(joined_at=None, user=None) | Q(joined_at__isnull=False, invitation_index=None),
            ),
        ]

    def __str__(self) -> str:
        return f"membership {self.pk}"


class GroupChange(models.Model):
    """A group's own record of what was done in it, for its members alone. Append-only.

    Not in the audit trail, which administrators read and the wall keeps the group's work from.
    """

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="changes")
    action = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40, blank=True)
    reason = EncryptedTextField(blank=True, default="")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["group", "-at"])]


class BreakGlassQuerySet(models.QuerySet["BreakGlass"]):
    def open_for(self, user: User | AnonymousUser, now: datetime) -> "BreakGlassQuerySet":
        """What the person, an administrator in no police role, may read by at that moment."""
        if isinstance(user, AnonymousUser) or not (user.is_active and user.is_administrator):
            return self.none()
        if StaffMember.objects.filter(user=user, agency__is_police=True).exists():
            return self.none()
        return self.filter(user=user, at__lte=now, ends_at__gt=now)


class BreakGlass(models.Model):
    """An administrator's look past the wall: for an hour, for a stated reason, on record, and the group is told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="broken")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = EncryptedTextField()
    at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()

    objects = BreakGlassQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        verbose_name_plural = "break glass"

    def __str__(self) -> str:
        return f"break glass {self.pk}"
