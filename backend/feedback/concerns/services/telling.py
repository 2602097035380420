"""What a reporter hears of their concern: that there is an update, and no word of what."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from backend.feedback.concerns.models import Concern, ConcernChange
from backend.feedback.concerns.models.reading import ConcernQuerySet
from backend.notifications import services as notifications
from backend.notifications import words
from backend.notifications.languages import LANGUAGES, Language, in_each
from backend.notifications.models import Channel, Notice, Recipient
from backend.notifications.phones import phone_index

UPDATE = "concern_update"
ASKED_AGAIN = "concern_asked_again"
UPDATE_OF_USE = timedelta(days=3)
# The same page for everybody who gets messages: it says how news is read, and of whoever holds the phone nothing.
PAGE = "/updates"


def tell_reporter(concern: Concern, change: ConcernChange) -> None:
    """There is an update: one message to who told it, and to who told what was merged into it.

    Nobody hears by message of what is sensitive, nor who did not ask to, nor who left nothing but a receipt.
    Never-contact, quiet hours and consent are the outbox's. Belongs into the transaction of the change.
    """
    _tell([concern, *merged_into(concern)], kind=UPDATE, key=f"{UPDATE}:{change.pk}")


def tell_merged(concern: Concern, change: ConcernChange) -> None:
    """The same where the reporter made the change: only to who told what was merged into it."""
    _tell(merged_into(concern), kind=UPDATE, key=f"{UPDATE}:{change.pk}")


def tell_asked_again(concern: Concern) -> None:
    """Once a concern, whatever else happens to it: the update is the question of ConcernOut.asked."""
    _tell([concern], kind=ASKED_AGAIN, key=f"{ASKED_AGAIN}:{concern.pk}")


def ask_reporter(concern: Concern) -> None:
    """Asks for the agreement to messages, in the reporter's language, where they asked to be told."""
    if recipient := _recipient(concern):
        # A number without an account is a stranger's word, as "api" is: asked by day, so many a day.
        notifications.ask_once(recipient=recipient, source="concern" if concern.reporter else "api")


def merged_into(concern: Concern) -> list[Concern]:
    """What was merged into this one, and into that, and so on."""
    found: dict[object, Concern] = {}
    nearest = [concern.pk]
    while nearest:
        duplicates = Concern.objects.filter(merged_into__in=nearest).exclude(pk=concern.pk)
        new = [dup for dup in duplicates.select_related("reporter") if dup.pk not in found]
        found |= {duplicate.pk: duplicate for duplicate in new}
        nearest = [duplicate.pk for duplicate in new]
    return list(found.values())


def _tell(concerns: Iterable[Concern], *, kind: str, key: str) -> None:
    """Once an address, though somebody told two of these; addresses in one order, or two changes could deadlock."""
    reached: dict[tuple[Channel, str], Concern] = {}
    for concern in concerns:
        if address := _address(concern):
            reached.setdefault(address, concern)
    for _, concern in sorted(reached.items(), key=lambda pair: pair[0]):
        if (recipient := _recipient(concern)) is None:
            continue
        if recipient.channel == Channel.EMAIL:
            notifications.ask_once(recipient=recipient, source="concern")
        notifications.send_to(
            kind=kind,
            key=f"{key}:{recipient.pk}",
            recipient=recipient,
            subject_id=str(concern.pk),
            body=in_each(words.discreet),
            expires_at=timezone.now() + UPDATE_OF_USE,
            urgency=Notice.Urgency.CHANGE,
            path=PAGE,
        )


def _address(concern: Concern) -> tuple[Channel, str] | None:
    """Where the reporter is told: by text if there is a number, else by mail."""
    if not concern.tells_by_text or concern.is_sensitive or concern.erased_at:
        return None
    if concern.reporter is None:
        return (Channel.SMS, concern.phone) if concern.phone else None
    if concern.reporter.phone:
        return Channel.SMS, concern.reporter.phone
    return (Channel.EMAIL, concern.reporter.email) if concern.reporter.email else None


def _recipient(concern: Concern) -> Recipient | None:
    """The reporter's, if they are told anything.

    A number without an account is written to in the language of what was told, unless its owner has chosen one
    or follows something; an account has its own.
    """
    if (address := _address(concern)) is None:
        return None
    recipient = notifications.recipient_of(address[1], address[0])
    is_other = concern.language != "en" and concern.language in LANGUAGES
    is_unchosen = recipient.language == "en" and not (
        recipient.subscriptions.exists() or recipient.ledger.exists()
    )
    if concern.reporter is None and is_other and is_unchosen:
        notifications.change_recipient(recipient=recipient, language=concern.language)
    return recipient


# --- re-checks, just before a message leaves --------------------------------------------------------------


def _told_still(concern_id: str) -> ConcernQuerySet:
    somebody = Q(reporter__isnull=False) | Q(phone_index__isnull=False)
    return Concern.objects.filter(
        somebody, pk=concern_id, tells_by_text=True, is_sensitive=False, erased_at=None
    )


def is_theirs_still(concern_id: str, now: datetime) -> bool:
    """The re-check of an update: the concern still has its reporter, who may still be told by message."""
    return _told_still(concern_id).exists()


def is_asked_still(concern_id: str, now: datetime) -> bool:
    """The re-check of the question after four weeks: as an update's, and nobody has answered it or reopened."""
    return _told_still(concern_id).filter(status=Concern.Status.CLOSED, dealt_with=None).exists()


def forget_number(phone: str) -> None:
    """Whoever has the number now says they are not the person we mean: it leads to no concern any more."""
    Concern.objects.filter(phone_index=phone_index(phone)).update(phone="", phone_index=None)


# --- the command STATUS -----------------------------------------------------------------------------------


# A receipt without the word: as it was given out, among other words too; by itself however it was typed, where a
# digit or capitals tell it from four short words.
BARE_RECEIPT = re.compile(
    r"\b(?:[A-Za-z0-9]{4}-){3}[A-Za-z0-9]{4}\b"
    r"|\A\W*[A-Za-z0-9]{16}\W*\Z"
    r"|\A\W*(?=.*\d|[^a-z]*\Z)[A-Za-z0-9]{4}(?:[\s.]+[A-Za-z0-9]{4}){3}\W*\Z"
)
STATES = {
    Concern.Status.SUBMITTED: "received",
    Concern.Status.TRIAGED: "read by a person",
    Concern.Status.ASSIGNED: "somebody is responsible",
    Concern.Status.IN_PROGRESS: "being worked on",
    Concern.Status.REFERRED: "passed on to another office",
    Concern.Status.CLOSED: "closed",
}


def standing(concern: Concern) -> Concern.Status:
    """How far a concern is; of a merged one, how far that is which it was merged into."""
    passed = {concern.pk}
    while concern.merged_into and concern.merged_into_id not in passed:
        concern = concern.merged_into
        passed.add(concern.pk)
    return Concern.Status(concern.status)


def status_by_text(receipt: str, recipient: Recipient, language: Language) -> str:
    """The command STATUS: how far the concern of a receipt is, and nothing else of it.

    A wrong and an expired receipt get the same answer, and so do one that wants a passphrase, which would stay in
    the phone, and a sensitive concern's, of which no text is sent. No row ties the number to the receipt.
    """
    found = Concern.objects.with_receipt(receipt).filter(passphrase="", is_sensitive=False).first()
    if found is None:
        return language.say(
            "Nothing can be told by text under this receipt. Please check its letters, or ask by it in the app."
        )
    return language.say("Your report: {state}.", state=language.say(STATES[standing(found)]))
