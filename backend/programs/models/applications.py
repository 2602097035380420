"""Who asks for a place, how it went, and what was signed for it."""

import uuid
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.encryption import EncryptedTextField
from backend.programs.models.catalogue import Cohort, Form, Program, Supply
from backend.roster.models import Area, StaffMember


class RideSlotQuerySet(models.QuerySet["RideSlot"]):
    def on_offer(self) -> "RideSlotQuerySet":
        return self.filter(cancelled_at=None)

    def free(self) -> "RideSlotQuerySet":
        """Neither cancelled nor somebody's; the earliest first."""
        taken = Application.objects.filter(slot__isnull=False).values("slot_id")
        return self.on_offer().exclude(pk__in=taken).order_by("starts_at", "id")


class RideSlot(models.Model):
    """One seat in one car for one stretch of a watch. The public sees its district and the cohort's dates only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="slots")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+", help_text="district or beat")
    district = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="+", help_text="what the public sees of `area`"
    )
    watch = models.CharField(max_length=10)
    officer = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="ride_slots")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    on = models.DateField(help_text="the local day of its start, and of its watch")
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = RideSlotQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "starts_at"],
                condition=Q(cancelled_at=None),
                name="ride_slot_once_an_officer",
            ),
            models.CheckConstraint(
                name="ride_slot_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, user: User | AnonymousUser) -> "ApplicationQuerySet":
        """One's own. Staff of a program see theirs by `handled_by`, an officer a rider by the slot."""
        return self.filter(applicant=user) if user.is_authenticated else self.none()

    def handled_by(self, user: User, on: date) -> "ApplicationQuerySet":
        return self.filter(program__in=Program.objects.managed_by(user, on))

    def live(self) -> "ApplicationQuerySet":
        return self.filter(status__in=LIVE)

    def in_line(self) -> "ApplicationQuerySet":
        """Who waits for a place, the next one first."""
        return self.filter(status=Application.Status.WAITLISTED).order_by("turn", "created_at", "id")


class Application(models.Model):
    """One person's, or one organisation's, request for a place in a cohort.

    `has_place` is the one truth about places: in a cohort by order of coming it is given before the review, so that
    the first is not overtaken while being checked.
    """

    class Status(models.TextChoices):
        SUBMITTED = "submitted"
        UNDER_REVIEW = "under_review"
        ACTION_NEEDED = "action_needed"
        ACCEPTED = "accepted"
        WAITLISTED = "waitlisted"
        DECLINED = "declined"
        COMPLETED = "completed"
        NO_SHOW = "no_show"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="applications")
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="applications")
    applicant = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="program_applications"
    )
    is_for_self = models.BooleanField(default=True, help_text="else the applicant is the guardian")
    name = EncryptedTextField(blank=True, default="", help_text="of who takes part")
    born_on = EncryptedTextField(blank=True, default="", help_text="ISO 8601; empty where no rule asks")
    guardian_name = EncryptedTextField(blank=True, default="")
    guardian_contact = EncryptedTextField(blank=True, default="")
    person_index = models.CharField(max_length=64, help_text="who takes part, across accounts; keyed hash")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, null=True, related_name="+")
    answers = EncryptedTextField(blank=True, default="", help_text="JSON by the form's version")
    closed_answers = EncryptedTextField(blank=True, default="", help_text="those that the form marks so")
    wished_district = models.ForeignKey(
        Area, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    supply = models.ForeignKey(Supply, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    slot = models.ForeignKey(
        RideSlot, on_delete=models.PROTECT, null=True, blank=True, related_name="applications"
    )
    former_slot = models.ForeignKey(
        RideSlot,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="given back or taken back: cancelled in their own calendar",
    )
    status = models.CharField(max_length=15, choices=Status.choices, default=Status.SUBMITTED)
    has_place = models.BooleanField(default=False)
    placed_at = models.DateTimeField(null=True, blank=True, help_text="since when they have it")
    turn = models.PositiveIntegerField(help_text="order of coming; after a draw, the draw's")
    rating = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    comment = EncryptedTextField(blank=True, default="", help_text="what they say of it afterwards")
    sequence = models.PositiveIntegerField(default=0, help_text="of its entries in their own calendar")
    revised_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["program", "person_index"], name="application_person"),
            models.Index(fields=["cohort", "status", "turn"], name="application_line"),
            models.Index(fields=["program", "created_at", "id"], name="application_arrival"),
            models.Index(fields=["placed_at"], name="application_kept", condition=Q(has_place=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "person_index"],
                condition=Q(
                    status__in=(
                        *("submitted", "under_review", "action_needed", "accepted", "waitlisted"),
                        *("completed", "no_show"),
                    ),
                    erased_at=None,
                ),
                name="application_once_a_person",
            ),
            models.UniqueConstraint(
                fields=["cohort", "applicant"],
                condition=Q(
                    status__in=("submitted", "under_review", "action_needed", "accepted", "waitlisted"),
                    is_for_self=True,
                ),
                name="application_once_for_oneself",
            ),
            models.UniqueConstraint(
                fields=["slot"], condition=Q(slot__isnull=False), name="application_one_a_seat"
            ),
            models.CheckConstraint(
                name="application_seat_is_a_place", condition=Q(slot=None) | Q(has_place=True)
            ),
            models.CheckConstraint(
                name="application_rating", condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5)
            ),
            models.CheckConstraint(
                name="application_place_since", condition=Q(has_place=False) | Q(placed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="application_place_by_status",
                condition=Q(status__in=("accepted", "completed", "no_show"), has_place=True)
                | Q(status__in=("submitted", "under_review", "action_needed"))
                | Q(status__in=("waitlisted", "declined", "withdrawn"), has_place=False),
            ),
        ]

    def __str__(self) -> str:
        return f"application {self.pk}"


LIVE = (
    Application.Status.SUBMITTED,
    Application.Status.UNDER_REVIEW,
    Application.Status.ACTION_NEEDED,
    Application.Status.ACCEPTED,
    Application.Status.WAITLISTED,
)
# Who has a place that is theirs.
PLACED = (Application.Status.ACCEPTED, Application.Status.COMPLETED, Application.Status.NO_SHOW)


class ApplicationChange(models.Model):
    """The timeline that the applicant sees. Append-only; the words go with the application's end."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="changes")
    move = models.CharField(max_length=20)
    status = models.CharField(max_length=15, choices=Application.Status.choices)
    code = models.CharField(max_length=30, blank=True, help_text="why, for figures")
    words = EncryptedTextField(blank=True, default="", help_text="why, for the applicant")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]


class Screening(models.Model):
    """That a records check was done, how it ended, when and by whom; what was found is nowhere."""

    class Outcome(models.TextChoices):
        CLEARED = "cleared"
        NOT_CLEARED = "not_cleared"

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="screening")
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")


class Waiver(models.Model):
    """One exact text that is signed for a program. Another letter is another version, with a number of its own."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="waivers")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    text_hash = models.CharField(max_length=64, help_text="SHA-256 of the text in UTF-8")
    is_witnessed = models.BooleanField(default=False, help_text="signed on paper before an officer")
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["program", "number"]
        constraints = [models.UniqueConstraint(fields=["program", "number"], name="waiver_number_once")]

    def __str__(self) -> str:
        return f"{self.program}, waiver {self.number}"


class Signature(models.Model):
    """Who signed which text for which application, with the document as it was made then."""

    class Role(models.TextChoices):
        PARTICIPANT = "participant"
        GUARDIAN = "guardian"

    class Method(models.TextChoices):
        ELECTRONIC = "electronic"
        WITNESSED = "witnessed"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="signatures")
    waiver = models.ForeignKey(Waiver, on_delete=models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=12, choices=Role.choices)
    method = models.CharField(max_length=12, choices=Method.choices)
    name = EncryptedTextField(help_text="as signed")
    witness = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    device_at = models.DateTimeField(help_text="by the clock of the phone, or as noted on the paper")
    at = models.DateTimeField(default=timezone.now, help_text="by the server's clock")
    document = EncryptedTextField(help_text="the signed PDF in Base64, made once")
    document_hash = models.CharField(max_length=64, help_text="SHA-256 of the PDF")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "waiver", "role"], name="signature_once"),
        ]
