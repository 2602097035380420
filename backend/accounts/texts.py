"""What the outbox holds about a resident: texts to their number and mail to their address."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from backend.accounts.holdings import Ending, Holding
from backend.accounts.models import User
from backend.notifications.models import Message, Recipient, Subscription
from backend.notifications.quiet import FROM_HOUR, UNTIL_HOUR


def _recipients(user: User) -> QuerySet[Recipient]:
    indexes = [index for index in (user.phone_index, user.email_index) if index]
    return Recipient.objects.filter(address_index__in=indexes)


def _export(user: User) -> list[dict[str, Any]]:
    recipients = _recipients(user).prefetch_related("ledger", "subscriptions", "replies")
    return [
        {
            "address": recipient.address,
            "consent": recipient.consent,
            "language": recipient.language,
            "time_zone": recipient.time_zone,
            "hours": [recipient.hours_from, recipient.hours_until],
            "is_discreet": recipient.is_discreet,
            "never_contact": recipient.never_contact,
            "agreements": [
                {"action": c.action, "wording": c.wording, "source": c.source, "at": c.at.isoformat()}
                for c in recipient.ledger.all()
            ],
            "follows": [s.topic for s in recipient.subscriptions.all()],
            "sent": [
                {"body": m.notice.body, "status": m.status, "at": m.due_at.isoformat()}
                for m in recipient.messages.select_related("notice").of(recipient)
            ],
            "received": [{"body": r.body, "at": r.at.isoformat()} for r in recipient.replies.all()],
        }
        for recipient in recipients
    ]


def _erase(user: User) -> list[Ending]:
    """Ends what is followed and what waits to be sent; the proof of what was agreed and sent has its own end."""
    recipients = _recipients(user)
    if not recipients:
        return []
    now = timezone.now()
    Subscription.objects.filter(recipient__in=recipients).delete()
    waiting = Message.objects.waiting_for(recipients)
    waiting.update(status=Message.Status.SUPPRESSED, reason="account deleted", settled_at=now)
    # What is safe for a person ends with their account, or the row would be kept for its sake.
    safe = {"is_discreet": False, "never_contact": False, "hours_from": FROM_HOUR, "hours_until": UNTIL_HOUR}
    recipients.update(changed_at=now, instead=None, **safe)
    proof = "for 90 days: proof of what was agreed and sent (47 CFR 64.1200); a STOP for as long as it is in force"
    return [
        Ending("what you follow by text", "deleted", "nothing needs it"),
        Ending("the texts you were sent, and that you agreed to them", "kept", proof),
    ]


HOLDING = Holding(export=_export, erase=_erase)
