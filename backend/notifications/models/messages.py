"""What is said, each person's copy of it, the provider's news, and what comes back."""

import json
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from backend.encryption import EncryptedTextField
from backend.notifications.models.recipients import Channel, Recipient

OUT_OF_REACH = ("30003", "30008")  # the provider's codes: the phone is off, or nobody knows


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
        failed = self.of_use(now).filter(status=Message.Status.UNDELIVERED, settled_at__lte=since)
        arrived = Receipt.objects.filter(attempt__message=OuterRef("pk"), status="delivered")
        return failed.filter(reason__in=OUT_OF_REACH, attempts_made=1).exclude(Exists(arrived))

    def counted_since(self, moment: datetime) -> "MessageQuerySet":
        """What went out since then without its reader waiting for it."""
        went = self.filter(status__in=[Message.Status.SENT, Message.Status.DELIVERED], settled_at__gte=moment)
        return went.filter(urgency__gte=Notice.Urgency.CHANGE)

    def waiting(self) -> "MessageQuerySet":
        """What has not been handed over and may still be."""
        return self.filter(status__in=[Message.Status.QUEUED, Message.Status.HELD])

    def waiting_for(self, recipients: Iterable[Recipient]) -> "MessageQuerySet":
        """The same of these, as far as it is still of use."""
        return self.filter(recipient__in=recipients).waiting().of_use(timezone.now())

    def of_use(self, now: datetime) -> "MessageQuerySet":
        """What says something that is not over; found by its notice, of which there are few."""
        return self.filter(notice__in=Notice.objects.filter(expires_at__gt=now))

    def of(self, recipient: Recipient) -> "MessageQuerySet":
        """What went to somebody, or may still; each part by an index of its own."""
        theirs = self.filter(recipient=recipient)
        return theirs.filter(settled_at__isnull=False).union(
            theirs.in_flight(), self.waiting_for([recipient])
        )

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
    # PostgreSQL) than all the rest (2.7 s). Both ids are read by the statement that writes them. Nor is there an
    # index on the recipient alone: a fan-out would write into every page that it has, more with each that went
    # before (a third fan-out took twice as long as the first). What is settled is found by `message_settled`.
    notice = models.ForeignKey(
        Notice, on_delete=models.PROTECT, related_name="messages", db_constraint=False, db_index=False
    )
    recipient = models.ForeignKey(
        Recipient, on_delete=models.DO_NOTHING, related_name="messages", db_constraint=False, db_index=False
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
                name="message_settled",
                fields=["recipient", "settled_at"],
                condition=Q(settled_at__isnull=False),
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

    class Meta:
        verbose_name_plural = "replies"
