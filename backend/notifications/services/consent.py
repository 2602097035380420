"""The ledger: who agreed to what and who took it back, by whatever means they chose."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from backend.errors import Conflict, Invalid
from backend.notifications import registry, words
from backend.notifications.languages import in_each, to
from backend.notifications.models import Consent, Message, Notice, Recipient, Subscription
from backend.notifications.quiet import FROM_HOUR, UNTIL_HOUR
from backend.notifications.services.queue import send_to

ASK_AGAIN_AFTER = timedelta(hours=24)
MOST_ASKED_A_DAY = 5_000  # at the wish of whoever typed a number
# What was stopped by these can be taken back by the same; any other STOP only by the person's own START.
BY_STAFF, BY_WEB = "staff", "web"


def ask(recipient: Recipient, language: str, source: str) -> None:
    """Asks for agreement in the words that carriers require (CTIA Messaging Principles 2023, 5.1)."""
    if was_asked_lately(recipient) or recipient.never_contact or (source == "api" and _asked_enough()):
        return
    asked = note(recipient, Consent.Action.ASKED, source, language=language)
    send_to(
        kind="opt_in",
        key=f"opt_in:{asked.pk}",
        recipient=recipient,
        subject_id=str(recipient.pk),
        body=in_each(words.opt_in),
        expires_at=timezone.now() + ASK_AGAIN_AFTER,
        # A stranger may have typed the number: nobody is woken by that.
        urgency=Notice.Urgency.CHANGE if source == "api" else Notice.Urgency.PROMPT,
    )


def _asked_enough() -> bool:
    """Whether strangers have made us ask as many numbers as a day may cost (toll fraud)."""
    lately = Consent.objects.filter(source="api", action=Consent.Action.ASKED)
    return lately.filter(at__gt=timezone.now() - timedelta(days=1)).count() >= MOST_ASKED_A_DAY


def was_asked_lately(recipient: Recipient) -> bool:
    asked = recipient.ledger.filter(action=Consent.Action.ASKED, at__gt=timezone.now() - ASK_AGAIN_AFTER)
    return asked.exists()


def still_to_be_asked(subject_id: str, now: datetime) -> bool:
    """The re-check of the question: pointless once it has been answered some other way."""
    return Recipient.objects.filter(pk=subject_id, consent=Recipient.ConsentState.NONE).exists()


def note(recipient: Recipient, action: Consent.Action, source: str, language: str = "") -> Consent:
    """A line in the ledger. A GIVEN says which words it answers: those asked last."""
    asked = recipient.ledger.filter(action=Consent.Action.ASKED).order_by("at", "pk").last()
    return Consent.objects.create(
        recipient=recipient,
        action=action,
        wording=asked.wording if asked and action == Consent.Action.GIVEN else words.OPT_IN_WORDING,
        language=language or recipient.language,
        source=source,
    )


def set_consent(recipient: Recipient, state: Recipient.ConsentState) -> None:
    recipient.consent, recipient.changed_at = state, timezone.now()
    recipient.save(update_fields=["consent", "changed_at"])


def stop_texts(*, recipient: Recipient, source: str) -> None:
    """Ends all messages to a number or address, those that wait included, until its owner says START."""
    if source not in _stopped_by(recipient):
        note(recipient, Consent.Action.STOPPED, source)
    if recipient.consent != Recipient.ConsentState.STOPPED:
        set_consent(recipient, Recipient.ConsentState.STOPPED)
    Message.objects.waiting_for([recipient]).update(
        status=Message.Status.SUPPRESSED, reason="stopped", settled_at=timezone.now()
    )


def start_texts(*, recipient: Recipient) -> str:
    """YES or START: agreement where we asked; else it only takes a STOP back. Returns the answer."""
    before = Recipient.ConsentState(recipient.consent)
    recipient.replies.filter(needs_reading=True).update(needs_reading=False)
    Recipient.objects.filter(pk=recipient.pk).update(in_doubt_since=None)
    if Consent.Action.ASKED in _done(recipient):
        if before != Recipient.ConsentState.GIVEN:
            note(recipient, Consent.Action.GIVEN, "text")
            set_consent(recipient, Recipient.ConsentState.GIVEN)
        # The provider confirms the end of a STOP itself.
        return "" if before == Recipient.ConsentState.STOPPED else to(recipient.language, words.welcome)
    if before == Recipient.ConsentState.STOPPED:
        note(recipient, Consent.Action.REOPENED, "text")
        set_consent(recipient, Recipient.ConsentState.NONE)
        return ""
    return to(recipient.language, words.not_asked)


def _done(recipient: Recipient) -> set[str]:
    """What was agreed with whoever has the number now."""
    done: set[str] = set()
    for action in recipient.ledger.order_by("at", "pk").values_list("action", flat=True):
        done = set() if action == Consent.Action.LEFT else done | {action}
    return done


def leave(*, recipient: Recipient, source: str) -> None:
    """Its owner has another number: nothing goes there any more, and what was agreed is over. A STOP stays."""
    Subscription.objects.filter(recipient=recipient).delete()
    note(recipient, Consent.Action.LEFT, source)
    if recipient.consent == Recipient.ConsentState.GIVEN:
        set_consent(recipient, Recipient.ConsentState.NONE)
    defaults = {
        "hours_from": FROM_HOUR,
        "hours_until": UNTIL_HOUR,
        "is_discreet": False,
        "never_contact": False,
    }
    Recipient.objects.filter(pk=recipient.pk).update(instead=None, language="en", **defaults)


def forget_owner(*, recipient: Recipient) -> None:
    """The number is somebody else's now, who wants nothing from us: a STOP, and the former owner's things end."""
    stop_texts(recipient=recipient, source="wrong number")
    leave(recipient=recipient, source="wrong number")
    for forget in registry.HANDED_ON:
        forget(recipient.address)


# --- by staff, for somebody who called or wrote ----------------------------------------------------------


@transaction.atomic
def opt_out(*, recipient: Recipient, by: object, reason: str) -> None:
    """Stops everything to a number at the word of its owner. Raises Invalid without a reason."""
    _check_reason(reason)
    stop_texts(recipient=recipient, source=BY_STAFF)
    registry.witness("opt_out", recipient, by=by, reason=reason)


@transaction.atomic
def undo_opt_out(*, recipient: Recipient, by: object, reason: str) -> None:
    """Takes back what staff stopped. Raises Conflict for what the person stopped, Invalid without a reason."""
    _check_reason(reason)
    if recipient.consent != Recipient.ConsentState.STOPPED:
        raise Conflict("Nothing is stopped for this number.", type="not-stopped")
    if _stopped_by(recipient) != {BY_STAFF}:
        raise Conflict(
            "This person stopped our texts themselves; only they can start them again, by texting START.",
            type="stopped-by-the-person",
        )
    _reopen(recipient, BY_STAFF)
    registry.witness("undo_opt_out", recipient, by=by, reason=reason)


def start_by_web(*, recipient: Recipient) -> None:
    """Takes back what the same page stopped. Raises Conflict for a STOP that came by any other way."""
    if _stopped_by(recipient) != {BY_WEB}:
        raise Conflict("To get messages again, text START to the number they came from.", type="not-stopped")
    _reopen(recipient, BY_WEB)


def _stopped_by(recipient: Recipient) -> set[str]:
    """By whom or what the STOP in force was said; empty where none is."""
    said: set[str] = set()
    if recipient.consent != Recipient.ConsentState.STOPPED:
        return said
    for action, source in recipient.ledger.order_by("at", "pk").values_list("action", "source"):
        if action == Consent.Action.STOPPED:
            said.add(source)
        elif action in (Consent.Action.GIVEN, Consent.Action.REOPENED):
            said = set()
    return said


def _reopen(recipient: Recipient, source: str) -> None:
    agreed = Consent.Action.GIVEN in _done(recipient)
    note(recipient, Consent.Action.REOPENED, source)
    set_consent(recipient, Recipient.ConsentState.GIVEN if agreed else Recipient.ConsentState.NONE)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(
            "Say why: who called or wrote, and what they asked for.", field="reason", code="required"
        )
