"""Whether a message should go out at this moment, to this reader, and in which words."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from backend.notifications import links, quiet, registry, sender, words
from backend.notifications.languages import in_each, to
from backend.notifications.links import LINK
from backend.notifications.models import Channel, Message, Notice, Recipient, Subscription

Status = Message.Status
# Until staff have read what may have been a STOP; then it is asked again.
IN_DOUBT_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """What becomes of a message instead of going out now: an end, or, with `until`, a wait."""

    status: Message.Status
    reason: str
    until: datetime | None = None


def verdict(message: Message, now: datetime) -> Verdict | None:
    """Why a message should not go out now; None if it should.

    All is read again at this moment: since it was claimed the provider may have been asked, and a STOP come.
    """
    message.recipient.refresh_from_db()
    message.notice.refresh_from_db()
    recipient, notice = message.recipient, message.notice
    if sender.is_stopped(message.channel):
        return Verdict(Status.HELD, "stopped_by_staff", now)
    refusal = _refusal(recipient, notice, now)
    if refusal:
        return Verdict(*refusal)
    if message.urgency == Notice.Urgency.PROMPT:
        return None
    if recipient.in_doubt_since:
        return Verdict(Status.HELD, "in_doubt", now + IN_DOUBT_WAIT)
    if message.urgency < Notice.Urgency.CHANGE and not recipient.keeps_own_hours:
        return None
    if message.channel == Channel.SMS and sender.budget_is_spent(now):
        return Verdict(Status.SUPPRESSED, "budget")
    until, reason = _wait(recipient, message.channel, now)
    if until <= now:
        return None
    if until >= notice.expires_at:
        return Verdict(Status.EXPIRED, reason)
    return Verdict(Status.HELD, reason, until)


def _refusal(recipient: Recipient, notice: Notice, now: datetime) -> tuple[Message.Status, str] | None:
    if notice.expires_at <= now:
        return Status.EXPIRED, "too_late"
    if notice.halted_at:
        return Status.CANCELED, "halted"
    kind = registry.KINDS[notice.kind]
    if recipient.consent == Recipient.ConsentState.STOPPED:
        return Status.SUPPRESSED, "stopped"
    if kind.needs_consent and recipient.consent != Recipient.ConsentState.GIVEN:
        return Status.SUPPRESSED, "no_consent"
    if kind.needs_consent and recipient.never_contact:
        return Status.SUPPRESSED, "never_contact"
    if recipient.unusable_reason and not kind.is_secret:
        return Status.SUPPRESSED, "unusable"
    if notice.topics and not _follows(recipient, notice.topics):
        return Status.SUPPRESSED, "unsubscribed"
    if not kind.still_true(notice.subject_id, now):
        return Status.SUPPRESSED, "no_longer_true"
    return None


def _wait(recipient: Recipient, channel: str, now: datetime) -> tuple[datetime, str]:
    """Until when something that nobody waits for must wait, and why; not after `now` if it need not."""
    zone, opens, closes = recipient.time_zone, recipient.hours_from, recipient.hours_until
    if channel == Channel.SMS:
        hours_open = quiet.next_open(now, zone, opens, closes)
        if hours_open > now:
            return hours_open, "quiet_hours"
        day = quiet.day_began(now, zone)
        if recipient.messages.counted_since(day).count() >= settings.TEXTS_A_DAY:
            return quiet.next_open(day + timedelta(days=1, hours=1), zone, opens, closes), "daily_cap"
    return now, ""


def _follows(recipient: Recipient, topics: list[str]) -> bool:
    """Whether they, or whoever gets their mail here when texts cannot go, still follow any of these."""
    theirs = Q(recipient=recipient) | Q(recipient__instead=recipient)
    return Subscription.objects.filter(theirs, topic__in=topics).exists()


def use_by(message: Message) -> datetime:
    """When the provider is to give up: what nobody waits for must not arrive in the night either."""
    recipient, expires_at = message.recipient, message.notice.expires_at
    if message.urgency < Notice.Urgency.CHANGE or message.channel != Channel.SMS:
        return expires_at
    return min(expires_at, quiet.closes_at(timezone.now(), recipient.time_zone, recipient.hours_until))


# --- the words ----------------------------------------------------------------------------------------


def words_for(message: Message) -> str:
    """What this reader is sent: in their language, discreet if they asked for that, with a link of their own."""
    notice, recipient = message.notice, message.recipient
    body = notice.words(recipient.language)
    if recipient.is_discreet and registry.KINDS[notice.kind].needs_consent:
        body = to(recipient.language, words.discreet)
    return body.replace(LINK, links.of(message))


def may_have_said(message: Message) -> list[str]:
    """All the words in which it can have gone: its reader may have chosen other ones since."""
    notice = message.notice
    texts = [notice.body, *(json.loads(notice.translations).values() if notice.translations else ())]
    texts += in_each(words.discreet).values()
    said = [text.replace(LINK, links.of(message)) for text in texts]
    return list(dict.fromkeys([words_for(message), *said]))
