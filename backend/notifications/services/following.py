"""Who wants to hear of what, in which language, at which hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from zoneinfo import available_timezones

from django.db import models, transaction
from django.db.models import F, Value
from django.utils import timezone

from backend.encryption import blind_index
from backend.errors import Conflict, Invalid
from backend.notifications import quiet, registry
from backend.notifications.languages import LANGUAGES
from backend.notifications.models import Channel, Consent, Notice, Recipient, Reminder, Subscription
from backend.notifications.phones import parse_phone, phone_index
from backend.notifications.services.consent import ask, note, set_consent, was_asked_lately
from backend.notifications.services.queue import insert_from

MAX_TOPICS = 50  # that one number may follow
MAX_REMINDERS = 4
FARTHEST_REMINDER = 168  # hours
USUAL_REMINDERS = (24, 2)


@dataclass(frozen=True)
class Wish:
    """How somebody wants to hear of a topic."""

    topic: str
    delivery: str = Subscription.Delivery.INSTANT
    least: int = Notice.Urgency.NEWS
    reminders: tuple[int, ...] = ()

    @property
    def hours(self) -> tuple[int, ...]:
        """Who wants reminders and names no hours gets them a day and two hours before."""
        is_for_reminders = self.delivery == Subscription.Delivery.REMINDERS
        return self.reminders or (USUAL_REMINDERS if is_for_reminders else ())


@transaction.atomic
def subscribe(
    *,
    phone: str,
    topics: Sequence[str],
    language: str = "en",
    delivery: str = Subscription.Delivery.INSTANT,
    reminders: Sequence[int] = (),
) -> None:
    """Notes what a number wants to follow and, unless it has agreed or said STOP, asks it by text.

    Says nothing of whether the number was known: whoever typed it may not be its owner. At most one
    question a number in 24 hours. To a number that has agreed, a stranger can add but not change anything.
    Raises Invalid on `phone`, `topics`, `reminders` or `language`.
    """
    number = parse_phone(phone)
    if language not in LANGUAGES:
        raise Invalid("We do not know this language.", field="language")
    wishes = [Wish(topic, delivery, reminders=tuple(reminders)) for topic in dict.fromkeys(topics)]
    _check(wishes)
    recipient = recipient_of(number)
    # Of a number that was known before, its owner may have chosen the language; a stranger does not.
    if recipient.ledger.exists() or recipient.subscriptions.exists() or recipient.language != "en":
        language = recipient.language
    Recipient.objects.filter(pk=recipient.pk).update(language=language, changed_at=timezone.now())
    known = set(recipient.subscriptions.values_list("topic", flat=True))
    _add(recipient, [wish for wish in wishes if wish.topic not in known])
    if recipient.consent == Recipient.ConsentState.NONE:
        ask(recipient, language, "api")


@transaction.atomic
def follow(*, recipient: Recipient, wishes: Sequence[Wish], source: str) -> None:
    """What somebody who has shown that the number or address is theirs wants from now on, instead of before.

    A number without agreement is asked by text; to an e-mail address, proven, the wish is the agreement.
    Raises Invalid on `topics` or `reminders`.
    """
    _check(wishes)
    if len(wishes) > MAX_TOPICS:
        raise Invalid(f"Follow at most {MAX_TOPICS} topics.", field="topics", code="too-many")
    recipient.subscriptions.all().delete()
    _add(recipient, wishes)
    Recipient.objects.filter(pk=recipient.pk).update(changed_at=timezone.now())
    if wishes:
        ask_once(recipient=recipient, source=source)


def ask_once(*, recipient: Recipient, source: str) -> None:
    """Asks a number for its agreement if it has neither given nor refused it; of an address, proven, the wish is it."""
    if recipient.consent != Recipient.ConsentState.NONE:
        return
    if recipient.channel == Channel.SMS:
        ask(recipient, recipient.language, source)
    else:
        note(recipient, Consent.Action.GIVEN, source)
        set_consent(recipient, Recipient.ConsentState.GIVEN)


def follow_by_text(*, recipient: Recipient, topic: str) -> bool:
    """What a text from the number itself asks for; True where the answer is to ask for its YES.

    Raises Conflict where it follows as much as it may.

    Their text is the first half of the agreement (CTIA Messaging Principles 2023, 5.1), the YES the second.
    """
    _add(recipient, [Wish(topic)])
    if not recipient.subscriptions.filter(topic=topic).exists():
        raise Conflict("This number follows as much as it may.")
    if recipient.consent == Recipient.ConsentState.NONE:
        if not was_asked_lately(recipient):
            note(recipient, Consent.Action.ASKED, "text")
        return True
    return False


def _check(wishes: Sequence[Wish]) -> None:
    for wish in wishes:
        if not registry.topic_exists(wish.topic):
            raise Invalid("There is no such topic to follow.", field="topics", code="unknown-topic")
        if len(wish.reminders) > MAX_REMINDERS or any(
            not 1 <= hours <= FARTHEST_REMINDER for hours in wish.reminders
        ):
            raise Invalid(
                f"Choose at most {MAX_REMINDERS} reminders, from 1 to {FARTHEST_REMINDER} hours before.",
                field="reminders",
            )


def _add(recipient: Recipient, wishes: Sequence[Wish]) -> None:
    """Follows these too, as far as there is room."""
    room = max(MAX_TOPICS - recipient.subscriptions.count(), 0)
    Subscription.objects.bulk_create(
        [
            Subscription(recipient=recipient, topic=wish.topic, delivery=wish.delivery, least=wish.least)
            for wish in wishes[:room]
        ],
        ignore_conflicts=True,
    )
    hours = {wish.topic: wish.hours for wish in wishes}
    rows = recipient.subscriptions.filter(topic__in=hours)
    Reminder.objects.bulk_create(
        [Reminder(subscription=row, hours=h) for row in rows for h in dict.fromkeys(hours[row.topic])],
        ignore_conflicts=True,
    )


@transaction.atomic
def unsubscribe(*, phone: str, topics: Sequence[str]) -> None:
    """Ends what a number follows of these; what it agreed to stays as it is. Raises Invalid on `phone`."""
    recipient = Recipient.objects.filter(address_index=phone_index(parse_phone(phone))).first()
    if recipient:
        unsubscribe_recipient(recipient=recipient, topics=topics)


def unsubscribe_recipient(*, recipient: Recipient, topics: Sequence[str]) -> None:
    """The same for somebody who holds one of our messages."""
    recipient.subscriptions.filter(topic__in=topics).delete()
    Recipient.objects.filter(pk=recipient.pk).update(changed_at=timezone.now())


def copy_followers(*, topic: str, to: str) -> None:
    """Whoever follows the one topic follows the other too, in the same way. Two statements, whatever their number."""
    now = timezone.now()
    followers = Subscription.objects.filter(topic=topic)
    insert_from(
        Subscription,
        followers.values_list(
            "recipient_id",
            Value(to, models.CharField()),
            Value(now, models.DateTimeField()),
            F("delivery"),
            F("least"),
        ),
        ["recipient_id", "topic", "created_at", "delivery", "least"],
    )
    theirs = Subscription.objects.filter(topic=to, recipient=models.OuterRef("subscription__recipient"))
    insert_from(
        Reminder,
        Reminder.objects.filter(subscription__topic=topic).values_list(
            models.Subquery(theirs.values("pk")[:1]), "hours"
        ),
        ["subscription_id", "hours"],
    )


def recipient_of(address: str, channel: Channel = Channel.SMS) -> Recipient:
    """The recipient with this E.164 number or e-mail address, made if new, locked until the transaction ends."""
    index = phone_index(address) if channel == Channel.SMS else blind_index("email", address.casefold())
    found, _ = Recipient.objects.get_or_create(
        address_index=index, defaults={"address": address, "channel": channel}
    )
    recipient = Recipient.objects.select_for_update().get(pk=found.pk)
    if not recipient.address:  # erased after a STOP; they are back
        recipient.address = address
        recipient.save(update_fields=["address"])
    return recipient


@transaction.atomic
def change_recipient(
    *,
    recipient: Recipient,
    language: str | None = None,
    time_zone: str | None = None,
    hours_from: int | None = None,
    hours_until: int | None = None,
    is_discreet: bool | None = None,
    never_contact: bool | None = None,
) -> Recipient:
    """How and when a person is to be written to; None leaves it. Raises Invalid on the field at fault."""
    given = {name: value for name, value in locals().items() if name != "recipient" and value is not None}
    for name, value in given.items():
        setattr(recipient, name, value)
    if recipient.language not in LANGUAGES:
        raise Invalid("We do not know this language.", field="language")
    if recipient.time_zone not in available_timezones():
        raise Invalid("Give a time zone such as America/Chicago.", field="time_zone")
    if not quiet.FROM_HOUR <= recipient.hours_from < recipient.hours_until <= quiet.UNTIL_HOUR:
        raise Invalid(
            f"Texts go from {quiet.FROM_HOUR} to {quiet.UNTIL_HOUR} o'clock at most; give hours within that.",
            field="hours_from",
        )
    recipient.changed_at = timezone.now()
    recipient.save(update_fields=[*given, "changed_at"])
    return recipient


@transaction.atomic
def mail_instead(*, recipient: Recipient, email: Recipient | None) -> None:
    """Where the person's notices go when texts cannot; both are theirs. Their wish is the agreement to mail."""
    if email and email.consent == Recipient.ConsentState.NONE:
        note(email, Consent.Action.GIVEN, "account")
        set_consent(email, Recipient.ConsentState.GIVEN)
    recipient.instead = email
    recipient.save(update_fields=["instead"])


def move_mail(*, recipient: Recipient, email: Recipient) -> None:
    """The person's mail goes to another address now, if any of it went there instead of texts."""
    if recipient.instead:
        mail_instead(recipient=recipient, email=email)


def take_along(*, recipient: Recipient, to: Recipient) -> None:
    """What is safe for a person stays so with their new number; what they agreed to does not come along."""
    names = ("language", "time_zone", "hours_from", "hours_until", "is_discreet", "never_contact")
    Recipient.objects.filter(pk=to.pk).update(**{name: getattr(recipient, name) for name in names})


def clear_unusable(recipient: Recipient) -> None:
    """Its owner has shown that texts arrive or leave there: what the provider said before is over."""
    if recipient.unusable_reason:
        Recipient.objects.filter(pk=recipient.pk).update(unusable_reason="")


@transaction.atomic
def add_followers(
    *, topic: str, numbers: Iterable[str], source: str, time_zone: str = "America/Chicago"
) -> int:
    """Adds followers (E.164) who are taken to have agreed, for trials; returns how many were new."""
    added, numbers = 0, iter(numbers)
    while batch := list(islice(numbers, 2000)):
        new = [
            Recipient(
                address=number,
                address_index=phone_index(number),
                consent=Recipient.ConsentState.GIVEN,
                time_zone=time_zone,
            )
            for number in batch
        ]
        Recipient.objects.bulk_create(new, ignore_conflicts=True)
        known = Recipient.objects.filter(address_index__in=[r.address_index for r in new])
        fresh = list(known.filter(ledger=None).values_list("pk", flat=True))
        Consent.objects.bulk_create(
            Consent(recipient_id=pk, action=Consent.Action.GIVEN, wording="none", source=source)
            for pk in fresh
        )
        Subscription.objects.bulk_create(
            [Subscription(recipient_id=pk, topic=topic) for pk in known.values_list("pk", flat=True)],
            ignore_conflicts=True,
        )
        added += len(fresh)
    return added
