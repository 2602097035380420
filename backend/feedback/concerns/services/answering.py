"""What a reporter answers: more words, and whether it was dealt with."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.errors import Conflict, DomainError, Invalid, NotFound, Unprocessable
from backend.feedback.concerns.clock import due
from backend.feedback.concerns.models import Concern, ConcernChange, ConcernReply
from backend.feedback.concerns.plain_answers import was_dealt_with
from backend.feedback.concerns.services import holds, telling, walls
from backend.feedback.concerns.triage import hours_of

REPLIES_A_DAY = 20
ASK_AGAIN_AFTER = timedelta(days=28)
BATCH = 200

Status = Concern.Status
# In a condition of an update: the reporter was asked, and the concern is closed still.
ASKED = Q(status=Status.CLOSED, asked_at__isnull=False, erased_at=None)


# --- more words -------------------------------------------------------------------------------------------


@transaction.atomic
def add_reply(
    *, concern: Concern, body: str, by_text: bool = False, is_about_police: bool = False
) -> tuple[ConcernReply, list[str]]:
    """Keeps what a reporter adds, to a closed concern too, for staff to read; heeds it as `walls.heed` says.

    `is_about_police`: the reporter says that it is about a police employee, whom the words need not name.

    With it come the kinds of what cannot wait (warnings.KINDS): the words are kept all the same.
    Raises Invalid on `body` without a letter or digit, Unprocessable for the 21st of 24 hours, NotFound for a
    concern that was erased in the meantime.
    """
    if not any(character.isalnum() for character in body):
        raise Invalid("Write it in words.", field="body", code="no-words")
    now = timezone.now()
    locked = Concern.objects.select_for_update(of=("self",)).filter(pk=concern.pk, erased_at=None).first()
    if locked is None:
        raise NotFound()
    if locked.replies.filter(at__gt=now - timedelta(days=1)).count() >= REPLIES_A_DAY:
        raise Unprocessable(
            f"{REPLIES_A_DAY} replies came within a day, and staff will read them; send this one tomorrow. "
            "In an emergency call 911.",
            type="too-many-replies",
            title="Enough for today",
        )
    reply = ConcernReply.objects.create(concern=locked, body=body, at=now, by_text=by_text)
    Concern.objects.filter(pk=locked.pk).update(needs_reading=True, changed_at=now)
    return reply, walls.heed(locked, body, is_about_police=is_about_police)


def take_reply(concern_id: str, phone_index: str, body: str) -> bool:
    """The same by text; False where the concern is not theirs now, or the words cannot be kept.

    Words that plainly say whether a closed concern was dealt with, as the page behind the text asks, are the
    verdict too. They are kept all the same, so that a person sees what was understood.
    """
    theirs = Q(reporter__phone_index=phone_index) | Q(reporter=None, phone_index=phone_index)
    concern = Concern.objects.filter(theirs, pk=concern_id).first()
    if concern is None:
        return False
    dealt_with = was_dealt_with(body)
    try:
        if dealt_with is None or not Concern.objects.filter(ASKED, pk=concern.pk).exists():
            add_reply(concern=concern, body=body, by_text=True)
        else:
            give_verdict(concern=concern, dealt_with=dealt_with, words=body, by_text=True)
    except DomainError:
        return False
    return True


# --- whether it was dealt with ----------------------------------------------------------------------------


def ask_whether_dealt_with(concern: Concern, now: datetime) -> None:
    """Asks at a close: the update that tells of it is the question, and no message more is sent.

    With it are asked those whose concerns were merged into this one. A concern that is closed by merging is not
    asked about until that is closed which it went into. An answer to an earlier close is over.
    """
    closed = Concern.objects.filter(status=Status.CLOSED)
    if closed.filter(pk=concern.pk, merged_into=None).update(asked_at=now, dealt_with=None):
        duplicates = [duplicate.pk for duplicate in telling.merged_into(concern)]
        closed.filter(pk__in=duplicates).update(asked_at=now, dealt_with=None)


@transaction.atomic
def give_verdict(
    *,
    concern: Concern,
    dealt_with: bool,
    words: str = "",
    by_text: bool = False,
    is_about_police: bool = False,
) -> tuple[Concern, list[str]]:
    """The reporter's word on a closed concern. "No" reopens it to staff with a new target, after a "yes" too.

    "Yes" again changes nothing. Raises Conflict where nobody asked, or it is open (again): so also for the second
    of two at once. With `words` it returns and raises what `add_reply` does, of the field `words`.
    """
    if words and not any(character.isalnum() for character in words):
        raise Invalid("Write it in words.", field="words", code="no-words")
    now = timezone.now()
    asked = Concern.objects.filter(ASKED, pk=concern.pk)
    if dealt_with:
        new = asked.exclude(dealt_with=True)
        done = bool(new.update(dealt_with=True, changed_at=now)) or asked.exists()
    else:
        holds.keep_when_parted(concern)
        done = bool(
            asked.update(
                dealt_with=False,
                status=Status.TRIAGED,
                disposition="",
                closed_at=None,
                merged_into=None,
                target_at=due(now, hours_of(concern.category, concern.priority)),
                needs_reading=True,
                changed_at=now,
            )
        )
    if not done:
        raise Conflict("This can be said once it is closed; it is open, and staff have it.", type="not-asked")
    kinds: list[str] = []
    if words:
        _, kinds = add_reply(concern=concern, body=words, by_text=by_text, is_about_police=is_about_police)
    concern.refresh_from_db()
    if not dealt_with:
        change = ConcernChange.objects.create(concern=concern, move="reopen", status=Status.TRIAGED)
        telling.tell_merged(concern, change)
    return concern, kinds


def ask_again(now: datetime) -> int:
    """A job: four weeks after the question, once a concern for all time, asks who has not answered; how many.

    Each is one transaction: what a crash took back is asked the next time, and nothing twice.
    """
    unanswered = Concern.objects.filter(
        ASKED,
        asked_at__lte=now - ASK_AGAIN_AFTER,
        asked_again_at=None,
        dealt_with=None,
        is_sensitive=False,
        anonymised_at=None,
    )
    count = 0
    while batch := list(unanswered.select_related("reporter").order_by("asked_at", "pk")[:BATCH]):
        for concern in batch:
            with transaction.atomic():
                if unanswered.filter(pk=concern.pk).update(asked_again_at=now):
                    telling.tell_asked_again(concern)
                    count += 1
    return count
