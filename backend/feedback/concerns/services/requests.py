"""Whether a page helped, and requests to take down what a page shows of somebody: from anybody, without an account.

For pruning: `erase_old(now)` ends the personal part of both.
"""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotAllowed
from backend.feedback.concerns.models import AboutMeRequest, PageFeedback
from backend.feedback.concerns.services.liaisons import is_liaison
from backend.receipts import new_receipt, receipt_index

KEPT = timedelta(days=365)
# What stands in a page's address for one person's thing: a UUID, a receipt however it was typed, or a token such as
# our messages' pages have, of eleven characters with a digit or both cases. A harmless word too many may go.
_APART = r"(?:%[0-9A-Fa-f]{2}|[^A-Za-z0-9/%]){0,3}"
_OF_SOMEBODY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    rf"|[A-Za-z0-9]{{4}}(?:{_APART}[A-Za-z0-9]{{4}}){{3}}"
    r"|(?=[\w.]*\d|[\w.]*[a-z][\w.]*[A-Z]|[\w.]*[A-Z][\w.]*[a-z])[\w.]{11,}"
    r")(?![A-Za-z0-9])"
)


def keep_page_feedback(*, page: str, is_helpful: bool, comment: str = "") -> None:
    """Keeps what anybody says of a page, with the day and nothing by which to know who."""
    PageFeedback.objects.create(
        page=_of_nobody(page), is_helpful=is_helpful, comment=comment, on=timezone.localdate()
    )


def _of_nobody(page: str) -> str:
    """A path or slug, without what may name one person's thing."""
    return _OF_SOMEBODY.sub("-", page)


@transaction.atomic
def ask_about_me(*, page: str, words: str) -> str:
    """Takes in that a page shows something of whoever writes this; returns the receipt, which is kept nowhere.

    Raises Invalid on `words` without a letter or digit.
    """
    if not any(character.isalnum() for character in words):
        raise Invalid("Say in words what is shown of you.", field="words", code="no-words")
    receipt = new_receipt()
    AboutMeRequest.objects.create(page=_of_nobody(page), words=words, receipt_index=receipt_index(receipt))
    return receipt


def with_receipt(receipt: str) -> AboutMeRequest | None:
    """The request of a receipt, however it was typed; None for a wrong and for an erased one."""
    return AboutMeRequest.objects.filter(receipt_index=receipt_index(receipt)).first()


def only_who_reads_requests(user: User) -> None:
    """Civilian liaisons of any area, as pages have none, and administrators; the words may name an employee.

    Raises NotAllowed for all others.
    """
    if not (user.is_administrator or is_liaison(user, is_civilian=True)):
        raise NotAllowed("Civilian liaisons and administrators read what is said of our pages.")


@transaction.atomic
def decide_about_me(*, request: AboutMeRequest, granted: bool, answer: str, by: User) -> AboutMeRequest:
    """Answers a request, once. Raises Conflict for the loser of a race, and NotAllowed as reading does."""
    only_who_reads_requests(by)
    changes = {
        "status": AboutMeRequest.Status.GRANTED if granted else AboutMeRequest.Status.REFUSED,
        "answer": answer,
        "decided_by": by,
        "decided_at": timezone.now(),
    }
    undecided = AboutMeRequest.objects.filter(pk=request.pk, status=AboutMeRequest.Status.OPEN)
    if not undecided.update(**changes):
        raise Conflict("This request was decided already; read the answer.", type="already-decided")
    audit.record("decide_about_me", request, by=by, fields=changes)
    request.refresh_from_db()
    return request


def erase_old(now: datetime) -> int:
    """A year after it was decided of a request only page, outcome and dates are left, and of page feedback no comment.

    Returns how many rows it was. What is undecided stays: somebody waits for it.
    """
    decided = AboutMeRequest.objects.filter(decided_at__lte=now - KEPT).exclude(words="")
    said = PageFeedback.objects.filter(on__lte=timezone.localdate(now - KEPT)).exclude(comment="")
    return decided.update(words="", answer="", receipt_index=None) + said.update(comment="")
