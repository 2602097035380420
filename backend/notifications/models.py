"""How a message leaves: who agreed to what, what is said, each person's copy, the provider's news of it."""

import json
import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
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


class Notice(models.Model):
    """What is said, once, however many people it goes to. `key` makes saying it twice impossible.

    Erased with its messages, attempts and receipts 90 days after `expires_at`.
    """

    class Urgency(models.IntegerChoices):
        PROMPT = 0, "asked for by the reader this minute"
        URGENT = 5, "staff chose to wake people for it"
        CHANGE = 10, "a meeting changed"
        NEWS = 20, "good to know"

    kind = models.CharField(max_length=40, help_text="what registered re-check applies (register_kind)")
    key = models.CharField(max_length=120, unique=True)
    topics = models.JSONField(default=list, help_text="who follows any of these; empty: one person")
    subject_id = models.CharField(
        max_length=80, blank=True, db_index=True, help_text="what the re-check is about"
    )
    body = EncryptedTextField(
        help_text="English; {link} stands for the reader's own page; of a secret empty at its end"
    )
    translations = EncryptedTextField(
        blank=True, default="", db_default="", help_text="JSON: language → the whole text in it"
    )
    path = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="our own page about it"
    )
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.CHANGE)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(help_text="not worth sending after this")
    halted_at = models.DateTimeField(null=True, blank=True, help_text="staff stopped what had not gone yet")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def words(self, language: str = "en") -> str:
        """In that language if the whole is there, else in English."""
        translations: dict[str, str] = json.loads(self.translations) if self.translations else {}
        return translations.get(language, self.body)


class MessageQuerySet(models.QuerySet["Message"]):
    def by(self, channel: str) -> "MessageQuerySet":
        return self.filter(channel=channel)

    def queued(self, due_by: datetime) -> "MessageQuerySet":
        """What waits and is due by then, in the order in which it is to go."""
        return self.filter(status=Message.Status.QUEUED, due_at__lte=due_by).order_by("urgency", "due_at")

    def released(self, now: datetime) -> "MessageQuerySet":
        """What was held until a moment that has come; found by its notice, for a further index would cost a
        fan-out of 300,000 a quarter second."""
        lately = Notice.objects.filter(expires_at__gt=now - timedelta(days=2))
        return self.filter(notice__in=lately, status=Message.Status.HELD, due_at__lte=now)

    def unreachable(self, now: datetime, since: datetime) -> "MessageQuerySet":
        """What is still of use and did not arrive until then, at the first try: the phone was off, or nobody knows.

        Not what was also said to have arrived: a part of it may have.
        """
        of_use = Notice.objects.filter(expires_at__gt=now)
        failed = self.filter(notice__in=of_use, status=Message.Status.UNDELIVERED, settled_at__lte=since)
        arrived = Receipt.objects.filter(attempt__message=OuterRef("pk"), status="delivered")
        return failed.filter(reason__in=["30003", "30008"], attempts_made=1).exclude(Exists(arrived))

    def counted_since(self, moment: datetime) -> "MessageQuerySet":
        """What went out since then without its reader waiting for it."""
        went = self.filter(status__in=[Message.Status.SENT, Message.Status.DELIVERED], settled_at__gte=moment)
        return went.filter(urgency__gte=Notice.Urgency.CHANGE)

    def waiting(self) -> "MessageQuerySet":
        """What has not been handed over and may still be."""
        return self.filter(status__in=[Message.Status.QUEUED, Message.Status.HELD])

    def left_behind(self, now: datetime) -> "MessageQuerySet":
        """What a worker took and did not bring to an end while its lease ran."""
        return self.filter(lease_until__lte=now).order_by("lease_until")

    def in_flight(self) -> "MessageQuerySet":
        """What is being handed over, or was and nobody knows yet how that ended."""
        return self.filter(lease_until__isnull=False)


class Message(models.Model):
    """One notice to one recipient. `unique (notice, recipient)` is what makes queueing idempotent.

    A lease is held if and only if the message is in flight, and a recipient has one message in flight
    at a time: two texts with the same words could not be told apart in the provider's list.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "waiting to be sent"
        HELD = "held", "waiting for the morning"
        SENDING = "sending", "being handed to the provider"
        UNKNOWN = "unknown", "handed over, answer lost; asking the provider"
        SENT = "sent", "accepted by the provider"
        DELIVERED = "delivered", "arrived"
        UNDELIVERED = "undelivered", "did not arrive"
        FAILED = "failed", "refused by the provider"
        CANCELED = "canceled", "stopped by staff"
        SUPPRESSED = "suppressed", "not wanted, no longer true, or texts are off"
        EXPIRED = "expired", "too late to be of use"

    # Measured on a fan-out of 300,000: the database's own check of the two keys takes longer (3.9 s on
    # PostgreSQL) than all the rest (2.7 s). Both ids are read by the statement that writes them.
    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="messages", db_constraint=False, db_index=False
    )
    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, related_name="messages", db_constraint=False
    )
    channel = models.CharField(
        max_length=10, choices=Channel.choices, default=Channel.SMS, db_default=Channel.SMS
    )
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    reason = models.CharField(
        max_length=40, blank=True, help_text="why it ended as it did; a provider's code"
    )
    urgency = models.PositiveSmallIntegerField(default=Notice.Urgency.CHANGE)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts_made = models.PositiveSmallIntegerField(
        default=0, help_text="hand-overs, without those the provider asked to repeat"
    )
    segments = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="of one copy, once handed over"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "recipient"], name="message_once"),
            models.CheckConstraint(
                name="message_lease_while_in_flight",
                condition=Q(status__in=["sending", "unknown"], lease_until__isnull=False)
                | (~Q(status__in=["sending", "unknown"]) & Q(lease_until__isnull=True)),
            ),
            models.UniqueConstraint(
                name="message_one_in_flight",
                fields=["recipient"],
                condition=Q(lease_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="message_queue_of_channel",
                fields=["channel", "urgency", "due_at"],
                condition=Q(status="queued"),
            ),
            models.Index(
                name="message_lease", fields=["lease_until"], condition=Q(lease_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Attempt(models.Model):
    """One hand-over to the provider, written before the call. Its id is in the receipt's address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts")
    started_at = models.DateTimeField(default=timezone.now)
    provider_id = models.CharField(max_length=64, blank=True, db_index=True)
    outcome = models.CharField(max_length=40, blank=True)
    cost = models.DecimalField(
        max_digits=8, decimal_places=5, null=True, blank=True, help_text="USD, as the provider billed it"
    )


class Receipt(models.Model):
    """The provider's news of an attempt, as it came. Append-only; the order of arrival means nothing."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="receipts")
    status = models.CharField(max_length=20)
    error_code = models.CharField(max_length=10, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "status", "error_code"], name="receipt_once"),
        ]


class Reply(models.Model):
    """A text that came in, kept so that its repeats have no second effect. Erased after 30 days."""

    provider_id = models.CharField(max_length=64, unique=True)
    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="replies")
    body = EncryptedTextField()
    answer = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    needs_reading = models.BooleanField(default=False, db_default=False, help_text="it may be a STOP")


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
