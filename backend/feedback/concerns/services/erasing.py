"""When what was told ends: as its category says, and not while a legal hold is in force."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Q, QuerySet

from backend.accounts import audit
from backend.feedback.concerns.models import (
    Category,
    Concern,
    ConcernChange,
    ConcernLetter,
    ConcernNote,
    ConcernReply,
    FatalityReview,
    LegalHold,
    Redaction,
    Referral,
)
from backend.feedback.concerns.services import holds, photos
from backend.feedback.concerns.services.answering import ask_whether_dealt_with
from backend.feedback.concerns.services.referrals import end_referral
from backend.feedback.concerns.services.telling import tell_reporter

BATCH = 500
# Who told it, and how they are reached.
NOBODY = {
    "reporter": None,
    "phone": "",
    "phone_index": None,
    "contact_note": "",
    "language": "en",
    "handler_may_know": False,
    "tells_by_text": False,
}
# What they said, where it is, and the receipt, with which they read it until then.
NOTHING = {
    "description": "",
    "answers": "",
    "said_at": "",
    "occurrence": None,
    "address": "",
    "position": "",
    "receipt_index": None,
    "passphrase": "",
    "needs_reading": False,
}


def erase_old(now: datetime) -> int:
    """Closes, erases and anonymises by what each category says today; returns of how many something was forgotten.

    Category, area, dates, counts and outcome stay, and whom a walled one was about, for the wall stays too.
    """
    erased = 0
    for category in Category.objects.all():
        close_unchanged(category, now)
        erased += sum(map(len, _erased(category, now))) + sum(map(len, _anonymised(category, now)))
    return erased


def close_unchanged(category: Category, now: datetime) -> int:
    """Closes what nobody has touched for as long as the category says; what its reporter wrote is read first."""
    if category.close_after_days is None:
        return 0
    limit = now - timedelta(days=category.close_after_days)
    still = _untouched(limit).filter(category=category)
    return sum(_close(pk, limit, now) for batch in _batches(still) for pk in batch)


def _untouched(limit: datetime) -> QuerySet[Concern]:
    """Of what somebody has read."""
    read = Concern.objects.open().exclude(status=Concern.Status.SUBMITTED).filter(needs_reading=False)
    return read.filter(changed_at__lte=limit)


@transaction.atomic
def _close(pk: UUID, limit: datetime, now: datetime) -> bool:
    """One of them; False where somebody was faster."""
    still = _untouched(limit).filter(pk=pk)
    changes = {
        "status": Concern.Status.CLOSED,
        "disposition": Concern.Disposition.NO_ACTION,
        "closed_at": now,
        "changed_at": now,
        "escalated_to": "",
    }
    if not still.update(**changes):
        return False
    concern = Concern.objects.get(pk=pk)
    change = ConcernChange.objects.create(concern=concern, move="close", status=concern.status, at=now)
    end_referral(concern)
    ask_whether_dealt_with(concern, now)
    tell_reporter(concern, change)
    audit.record("close", concern, fields=changes)
    return True


def _anonymised(category: Category, now: datetime) -> Iterator[list[UUID]]:
    due = _due(category, now - timedelta(days=category.anonymise_after_days), "anonymised_at")
    for batch in _batches(due):
        with transaction.atomic():
            pks = _free(due, batch)
            Concern.objects.filter(pk__in=pks).update(**NOBODY, anonymised_at=now)
        yield pks


def _erased(category: Category, now: datetime) -> Iterator[list[UUID]]:
    due = _due(category, now - timedelta(days=category.erase_after_days), "erased_at")
    for batch in _batches(due):
        with transaction.atomic():
            pks = _free(due, batch)
            _erase_words(pks)
            Concern.objects.filter(pk__in=pks).update(**NOBODY, **NOTHING, anonymised_at=now, erased_at=now)
        yield pks


def _erase_words(pks: list[UUID]) -> None:
    """What hangs on these concerns, in the caller's transaction."""
    photos.erase(pks)
    for model in (Redaction, ConcernReply, ConcernLetter, ConcernNote):
        model._base_manager.filter(concern__in=pks).delete()
    ConcernChange.objects.filter(concern__in=pks).exclude(reason="").update(reason="")
    Referral.objects.filter(concern__in=pks).update(reference="", note="", outcome="")
    LegalHold.objects.filter(concern__in=pks).update(reason="")
    FatalityReview.objects.filter(concern__in=pks).update(work_product="")


def _due(category: Category, limit: datetime, done_at: str) -> QuerySet[Concern]:
    """Closed by then and not held, nor merged into what is; what is written to after its end has another."""
    return Concern.objects.filter(
        Q(**{done_at: None}) | Q(**{f"{done_at}__lt": F("changed_at")}),
        ~Exists(holds.in_force()),
        category=category,
        status=Concern.Status.CLOSED,
        closed_at__lte=limit,
    )


def _batches(due: QuerySet[Concern]) -> Iterator[list[UUID]]:
    """The ids page by page, so that memory does not grow with them and others write in between."""
    pages = due.order_by("pk").values_list("pk", flat=True)
    page = list(pages[:BATCH])
    while page:
        yield page
        page = list(pages.filter(pk__gt=page[-1])[:BATCH]) if len(page) == BATCH else []


def _free(due: QuerySet[Concern], batch: list[UUID]) -> list[UUID]:
    """Those of a batch that are still due, with their rows locked: whoever reopens or holds one waits, or was first."""
    locked = list(Concern.objects.select_for_update().filter(pk__in=batch).values_list("pk", flat=True))
    return list(due.filter(pk__in=locked).values_list("pk", flat=True))
