"""Texts that come in: STOP and START, commands for people without a smartphone, answers to what we wrote."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.notifications import registry, words
from backend.notifications.languages import ENGLISH, LANGUAGES, Language, to, vouched_for
from backend.notifications.models import Message, Notice, Recipient, Reply
from backend.notifications.services.consent import forget_owner, start_texts, stop_texts
from backend.notifications.services.following import clear_unusable, recipient_of

HELP_AGAIN_AFTER = timedelta(hours=1)
COMMANDS_AN_HOUR = 20
ANSWERS_WITHIN = timedelta(days=14)  # so long after a text of ours words may be an answer to it
Meaning = words.Meaning


@transaction.atomic
def record_reply(*, provider_id: str, number: str, body: str, provider_answers: bool = False) -> str:
    """Takes an incoming text in and returns the answer to send, "" for none.

    The same `provider_id` again has no second effect and gets the same answer, in parallel too. A STOP
    is in force, and everything queued for the number withdrawn, when this returns. `provider_answers`:
    the provider said it has answered this one itself. Of a private command only its word is kept.
    """
    recipient = recipient_of(number)
    meaning, command, rest = _read(body)
    is_private = bool(command) and registry.COMMANDS[command].is_private
    reply, created = Reply.objects.get_or_create(
        provider_id=provider_id, defaults={"recipient": recipient, "body": command if is_private else body}
    )
    if not created:
        return _command(recipient, command, rest) if is_private and reply.body == command else reply.answer
    clear_unusable(recipient)
    answer = _command(recipient, command, rest) if command else _answer(recipient, reply, meaning)
    if meaning in (Meaning.OTHER, Meaning.UNSURE) and _too_many(recipient):
        answer = ""
    if answer and (provider_answers or words.carrier_answers(body)):
        answer = ""
    reply.answer = "" if is_private else answer
    reply.save(update_fields=["answer", "needs_reading"])
    return answer


def _read(body: str) -> tuple[Meaning, str, str]:
    """What a text means, or which command it is, with the rest of its words. A STOP is always a STOP."""
    meaning = words.meaning(body)
    first, *others = body.split(None, 1) or [""]
    rest = others[0] if others else ""
    command = first.strip(" .,:;!?\"'()").upper()
    if meaning in (Meaning.OTHER, Meaning.UNSURE) and command in registry.COMMANDS:
        return Meaning.OTHER, command, " ".join(rest.split())
    if meaning is Meaning.OTHER:
        for word, known in registry.COMMANDS.items():
            if known.also and (found := known.also.search(body)):
                return meaning, word, found[0]
    return meaning, "", ""


def _too_many(recipient: Recipient) -> bool:
    """Two machines that answer each other must come to an end."""
    hour_ago = timezone.now() - HELP_AGAIN_AFTER
    return recipient.replies.filter(at__gt=hour_ago).count() > COMMANDS_AN_HOUR


def _command(recipient: Recipient, command: str, rest: str) -> str:
    """A command's answer in the reader's language, whole, or in English; none to a number that said STOP."""
    if recipient.consent == Recipient.ConsentState.STOPPED:
        return ""
    return to(
        recipient.language,
        lambda language: registry.COMMANDS[command].answer(rest, recipient, language),
    )


def _answer(recipient: Recipient, reply: Reply, meaning: Meaning) -> str:
    is_stopped = recipient.consent == Recipient.ConsentState.STOPPED
    if meaning in (Meaning.STOP, Meaning.WRONG_NUMBER):
        if meaning is Meaning.WRONG_NUMBER:
            forget_owner(recipient=recipient)
        else:
            stop_texts(recipient=recipient, source="text")
        return "" if is_stopped else to(recipient.language, words.stopped)
    if meaning is Meaning.START:
        return start_texts(recipient=recipient)
    if meaning is Meaning.HELP:
        return to(recipient.language, words.help_)
    if is_stopped:
        return ""
    taken = _take(recipient, reply.body)
    if meaning is Meaning.UNSURE and _may_be_written_to(recipient):
        reply.needs_reading = True
        Recipient.objects.filter(pk=recipient.pk).update(in_doubt_since=timezone.now())
        return to(recipient.language, words.in_doubt)
    return to(recipient.language, words.reply_taken) if taken else _short_help(recipient)


def _may_be_written_to(recipient: Recipient) -> bool:
    return (
        recipient.consent == Recipient.ConsentState.GIVEN or Message.objects.waiting_for([recipient]).exists()
    )


def _take(recipient: Recipient, body: str) -> bool:
    """Hands words on where the last text to this number expects an answer."""
    since = timezone.now() - ANSWERS_WITHIN
    Status = Message.Status
    went = Q(status__in=[Status.SENT, Status.DELIVERED], settled_at__gt=since)
    may_have_gone = Q(status=Status.UNKNOWN, lease_until__isnull=False)
    last = (
        Message.objects.filter(went | may_have_gone, recipient=recipient, urgency__gt=Notice.Urgency.PROMPT)
        .select_related("notice")
        .order_by("due_at")
        .last()
    )
    take = registry.REPLIES.get(last.notice.kind) if last else None
    return bool(last and take and take(last.notice.subject_id, recipient.address_index, body))


def _short_help(recipient: Recipient) -> str:
    """At most once an hour."""
    since = timezone.now() - HELP_AGAIN_AFTER
    answer = to(recipient.language, words.not_understood)
    told = Q(answer=answer) | Q(answer=words.not_understood(ENGLISH))
    return "" if recipient.replies.filter(told, at__gt=since).exists() else answer


@transaction.atomic
def settle_doubt(*, reply: Reply, is_stop: bool, by: object) -> None:
    """A person has read what may have been a STOP: texts end, or go on unless another such reply waits."""
    recipient = Recipient.objects.select_for_update().get(pk=reply.recipient_id)
    Reply.objects.filter(pk=reply.pk).update(needs_reading=False)
    if is_stop:
        stop_texts(recipient=recipient, source="text")
    if not recipient.replies.filter(needs_reading=True).exists():
        Recipient.objects.filter(pk=recipient.pk).update(in_doubt_since=None)
        Message.objects.waiting_for([recipient]).filter(reason="in_doubt").update(due_at=timezone.now())
    registry.witness("settle_doubt", reply, by=by, reason="a STOP" if is_stop else "no STOP")


# --- LANG ---------------------------------------------------------------------------------------------


def set_language(rest: str, recipient: Recipient, language: Language) -> str:
    """The command LANG: `LANG es`, `LANG Spanish`."""
    wanted = rest.strip(" .").casefold()
    found = [known for known in LANGUAGES.values() if wanted in (known.code, known.name.casefold())]
    if not found:
        names = ", ".join(known.name for known in LANGUAGES.values())
        return words.LANGUAGE_UNKNOWN.format(names=names)
    Recipient.objects.filter(pk=recipient.pk).update(language=found[0].code)
    recipient.language = found[0].code
    if found[0] == ENGLISH or found[0] in vouched_for():
        return to(found[0].code, words.language_set)
    return words.LANGUAGE_NOT_YET.format(name=found[0].name)
