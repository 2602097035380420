"""What staff do about texts: stop them, send what did not go, vouch for a language's words."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from backend.errors import Conflict, Invalid
from backend.notifications import outbox, registry, sender
from backend.notifications.languages import ENGLISH, LANGUAGES
from backend.notifications.models import Attempt, Channel, LanguageReview, Message, Notice
from backend.notifications.services.alerts import clear_alert

Status = Message.Status


@transaction.atomic
def halt(*, notice: Notice, by: object) -> int:
    """Stops what has not been handed over of a notice; returns how many. Open sends end by themselves.

    Raises Conflict, too, for what people must be told (registry.register_kind's `may_halt`).
    """
    now = timezone.now()
    kind = registry.KINDS.get(notice.kind)
    if kind and not kind.may_halt:
        raise Conflict("People must be told of this; it cannot be stopped.", type="not-to-be-halted")
    if not Notice.objects.filter(pk=notice.pk, halted_at=None).update(halted_at=now):
        raise Conflict("This has been stopped already.", type="already-halted")
    waiting = Message.objects.filter(notice=notice).waiting()
    halted = waiting.update(status=Status.CANCELED, reason="halted", settled_at=now)
    registry.witness("halt", notice, by=by, reason="")
    return halted


@transaction.atomic
def resend(*, notice: Notice, by: object) -> int:
    """Queues what was stopped or refused again, and nothing that may have gone; returns how many."""
    now = timezone.now()
    if notice.expires_at <= now:
        raise Conflict("It is too late for this to be of use.", type="too-late")
    if notice.kind in registry.secret_kinds():
        raise Conflict("Its words are erased; whoever waits for it asks for another.", type="words-erased")
    Notice.objects.filter(pk=notice.pk).update(halted_at=None)
    unsent = Message.objects.filter(notice=notice, status__in=[Status.CANCELED, Status.FAILED])
    may_have = Q(outcome="") | Q(outcome__startswith=outbox.UNKNOWN_OUTCOME) | Q(provider_id__gt="")
    unsent = unsent.filter(~Exists(Attempt.objects.filter(may_have, message=OuterRef("pk"))))
    ids = unsent.values("pk")
    again = Message.objects.filter(pk__in=ids).update(
        status=Status.QUEUED, reason="", due_at=now, settled_at=None, attempts_made=0
    )
    registry.witness("resend", notice, by=by, reason="")
    return again


@transaction.atomic
def stop_sending(*, channel: str, by: object) -> None:
    """Nothing leaves by this channel until `start_sending`, login codes neither."""
    sender.stop(channel, "staff")
    registry.witness("stop_sending", Notice, by=by, reason=Channel(channel).label)


@transaction.atomic
def start_sending(*, channel: str, by: object) -> None:
    sender.start(channel)
    clear_alert("unregistered")
    registry.witness("start_sending", Notice, by=by, reason=Channel(channel).label)


@transaction.atomic
def review_language(*, language: str, reader: str, by: object) -> LanguageReview:
    """The department vouches for a catalogue as it stands. Raises Invalid.

    `reader` is who read the words, a person who speaks the language.
    """
    known = LANGUAGES.get(language)
    if known is None or known == ENGLISH:
        raise Invalid("There is no catalogue for this language.", field="language")
    if not reader.strip():
        raise Invalid("Say who has read the words.", field="reader", code="required")
    LanguageReview.objects.filter(language=language, ended_at=None).update(ended_at=timezone.now())
    review = LanguageReview.objects.create(language=language, catalogue=known.digest, by=reader.strip()[:80])
    registry.witness("review_language", review, by=by, reason=reader.strip()[:80])
    return review


@transaction.atomic
def end_review(*, language: str, by: object) -> None:
    """Texts go in English again."""
    review = LanguageReview.objects.filter(language=language, ended_at=None).first()
    if review is None:
        raise Conflict("This language is not in use.", type="not-reviewed")
    LanguageReview.objects.filter(pk=review.pk).update(ended_at=timezone.now())
    registry.witness("end_review", review, by=by, reason="")
