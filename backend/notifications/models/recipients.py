"""Who is written to, what they agreed to, and what they follow."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.encryption import EncryptedTextField


class Channel(models.TextChoices):
    """How a message travels. Each has a transport, a pace and pauses of its own."""

    SMS = "sms", "text"
    EMAIL = "email", "e-mail"


class Recipient(models.Model):
    """One phone number or e-mail address. It lives here only; everything else refers to this row.

    `consent` is where the ledger (Consent) ends today. A recipient without consent gets the one text
    that asks for it, codes and invitations they wait for, and as staff alarms; nothing else. Erased 90 days
    after the last subscription ended (prune), except that a STOP is kept, as the number's blind index alone,
    for as long as it is in force.
    """

    class ConsentState(models.TextChoices):
        NONE = "none", "not asked or not answered"
        GIVEN = "given", "agreed"
        STOPPED = "stopped", "said STOP"

    channel = models.CharField(
        max_length=10, choices=Channel.choices, default=Channel.SMS, db_default=Channel.SMS
    )
    address = EncryptedTextField(help_text="E.164 phone number or e-mail address; empty once erased")
    address_index = models.CharField(max_length=64, unique=True)
    consent = models.CharField(max_length=10, choices=ConsentState.choices, default=ConsentState.NONE)
    language = models.CharField(max_length=8, default="en")
    time_zone = models.CharField(
        max_length=40, default="America/Chicago", db_default="America/Chicago", help_text="IANA name"
    )
    # Safe contact: what the person said is safe (techsafety.org). Local hours, within the law's 8 to 21.
    hours_from = models.PositiveSmallIntegerField(default=8, db_default=8)
    hours_until = models.PositiveSmallIntegerField(default=21, db_default=21)
    is_discreet = models.BooleanField(
        default=False, db_default=False, help_text="texts say that there is news, not what"
    )
    never_contact = models.BooleanField(
        default=False, db_default=False, help_text="nothing but what the person asks for this minute"
    )
    unusable_reason = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="the provider's code; texts cannot reach it",
    )
    in_doubt_since = models.DateTimeField(
        null=True, blank=True, help_text="wrote what may be a STOP; sending rests until somebody has read it"
    )
    instead = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="the same person's e-mail address, for when texts cannot go",
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="recipient_hours_within_the_laws",
                condition=Q(hours_from__gte=8, hours_until__lte=21, hours_from__lt=models.F("hours_until")),
            ),
        ]

    def __str__(self) -> str:
        return f"recipient {self.pk}"

    @property
    def keeps_own_hours(self) -> bool:
        """Whether they named hours in which it is safe, narrower than the law's."""
        return (self.hours_from, self.hours_until) != (8, 21)


class Consent(models.Model):
    """One line of the append-only ledger: what a recipient did, in answer to which words, and how we know."""

    class Action(models.TextChoices):
        ASKED = "asked"
        GIVEN = "given"
        STOPPED = "stopped"
        REOPENED = "reopened"  # took a STOP back without ever having been asked
        LEFT = "left"  # is somebody else's now, or its owner has another: what was agreed before is over

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="ledger")
    action = models.CharField(max_length=10, choices=Action.choices)
    wording = models.CharField(max_length=40, help_text="version of the words that were answered")
    language = models.CharField(max_length=8, default="en")
    source = models.CharField(
        max_length=20, help_text="api, text, web, account, staff, provider, wrong number or demo"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [  # counted at each question that a stranger makes us ask
            models.Index(
                name="consent_asked_by_strangers", fields=["at"], condition=Q(source="api", action="asked")
            ),
        ]


class Subscription(models.Model):
    """A recipient wants to know what changes in a topic (`area:slmpd-district-4`, `event:<uuid>`).

    `least` is the threshold: of the changes only those at least so urgent (Notice.Urgency; a lower number
    is more urgent). A digest is one text a morning instead of one a change.
    """

    class Delivery(models.TextChoices):
        INSTANT = "instant", "as soon as it changes"
        DIGEST = "digest", "once a day"
        REMINDERS = "reminders", "reminders, and cancellations of the same day"

    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="subscriptions")
    topic = models.CharField(max_length=100)
    delivery = models.CharField(
        max_length=10, choices=Delivery.choices, default=Delivery.INSTANT, db_default=Delivery.INSTANT
    )
    least = models.PositiveSmallIntegerField(default=20, db_default=20)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "recipient"], name="subscription_once"),
        ]


class Reminder(models.Model):
    """So many hours before each date of the topic, a text."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="reminders")
    hours = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "hours"], name="reminder_once"),
        ]
