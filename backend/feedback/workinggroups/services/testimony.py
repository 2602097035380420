"""Lived experience without identity: what is told, how people describe themselves, and what moderators keep back.

Nothing is written but the words, the warnings, the day and sums: no account, receipt, record or time. With whatever
comes, the rows of its day and all open sums are laid down anew, in random order and in one transaction, so that no
place in a table and no transaction's number tells which came together; a day's rows of all groups' calls at once, for
else two calls' rows would share an order. What the database leaves behind of older versions of its rows, its log and
its backups are out of our reach: who can read those, or can watch the tables all day, sees more.

Until its day is over nobody reads a testimony: who looked every minute would see the order.
"""

import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotFound
from backend.feedback.workinggroups import demographics
from backend.feedback.workinggroups.models import Consultation, DemographicCount, Testimony
from backend.feedback.workinggroups.services.access import note, only_coordinators
from backend.roster import editions

MOST_AT_ONCE = 500  # rows laid down with one that comes: enough to hide among, and a tenth of a second
PAST_DAYS = timedelta(days=3)


def hold() -> None:
    """Keeps whatever is told waiting until the caller's transaction ends.

    In the transaction that ends or publishes a call: after it, nothing is added any more.
    """
    editions.hold("testimonies")


@transaction.atomic
def tell(*, consultation: Consultation, body: str, content_warnings: Sequence[str] = ()) -> date:
    """Keeps the words, and of the time the day, which it returns. Raises Conflict where the call takes none now."""
    _only_open(consultation, takes_testimony=True)
    today = timezone.localdate()
    told = Testimony(
        consultation=consultation,
        body=_plain(body),
        content_warnings=sorted(set(content_warnings)),
        on=today,
    )
    _lay_anew(_some_of(today), told)
    return today


@transaction.atomic
def describe(*, consultation: Consultation, answers: Mapping[str, demographics.Answer]) -> None:
    """Adds one person's answers to the call's sums. Raises Conflict where it is not open, and Invalid."""
    _only_open(consultation)
    for key, answer in answers.items():
        if demographics.RATHER_NOT in answer and len(answer) > 1 and not isinstance(answer, str):
            raise Invalid("Choose “I'd rather not say” alone.", field=key, code="contradiction")
    row, _ = DemographicCount.objects.get_or_create(consultation=consultation)
    row.counts = demographics.add(row.counts, answers)
    row.save(update_fields=["counts"])
    _lay_anew(_some_of(timezone.localdate()))


def _only_open(consultation: Consultation, **more: Any) -> None:
    """Raises Conflict where the call takes none now; else it is our turn until the transaction ends.

    Looked at before waiting too: what is refused keeps nobody waiting.
    """
    _refuse_closed(consultation, **more)
    hold()
    _refuse_closed(consultation, **more)


def _refuse_closed(consultation: Consultation, **more: Any) -> None:
    """By the call as it stands; its row is not locked, which would mark it with who came last."""
    calls = Consultation.objects.open_at(timezone.now()).filter(audience=Consultation.Audience.EVERYBODY)
    if not calls.filter(pk=consultation.pk, **more).exists():
        raise Conflict(
            "This call takes nothing of the kind, or not now; the group's page shows which are open.",
            type="call-closed",
        )


def _plain(words: str) -> str:
    """Line ends and accents spelled one way: how a phone spells them tells which kind it is."""
    return unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n"))


# --- the order of rows --------------------------------------------------------------------------------


def _some_of(day: date) -> Sequence[Any]:
    """The keys of a day's rows; of very many, as many as are enough to hide among."""
    keys = list(Testimony.objects.filter(on=day).values_list("pk", flat=True))
    return secrets.SystemRandom().sample(keys, min(len(keys), MOST_AT_ONCE))


def _lay_anew(keys: Sequence[Any], *new: Testimony) -> None:
    """Writes these rows, the new ones and all open sums again, in random order; what hangs on a row stays on it."""
    old = Testimony.objects.filter(pk__in=keys)
    rows = [*old.select_for_update(), *new]
    secrets.SystemRandom().shuffle(rows)
    old._raw_delete(old.db)
    Testimony.objects.bulk_create(rows)
    sums = list(DemographicCount.objects.filter(consultation__published_at=None))
    secrets.SystemRandom().shuffle(sums)
    DemographicCount.objects.filter(pk__in=[row.pk for row in sums]).delete()
    DemographicCount.objects.bulk_create(sums)


def lay_past_days_anew(now: datetime) -> None:
    """A job of once a day: without it the transaction of a day's rows would tell when the last of them came."""
    today = timezone.localdate(now)
    past = Testimony.objects.filter(on__lt=today, on__gte=today - PAST_DAYS)
    keys = list(past.values_list("pk", flat=True))
    secrets.SystemRandom().shuffle(keys)
    for first in range(0, len(keys), MOST_AT_ONCE):
        with transaction.atomic():
            hold()
            _lay_anew(keys[first : first + MOST_AT_ONCE])


# --- what the group does with it ----------------------------------------------------------------------


def locked(consultation: Consultation, testimony_id: Any) -> Testimony:
    """A testimony of a past day, until the transaction ends: to moderate or to tag. Raises NotFound."""
    hold()
    told = readable(consultation).select_for_update().filter(pk=testimony_id).first()
    if told is None:
        raise NotFound()
    return told


def readable(consultation: Consultation) -> QuerySet[Testimony]:
    """The testimonies whose day is over."""
    return Testimony.objects.filter(consultation=consultation, on__lt=timezone.localdate())


@transaction.atomic
def moderate(
    *, consultation: Consultation, testimony_id: Any, grounds: str, reason: str, by: User
) -> Testimony:
    """Keeps a testimony back on these grounds, or, with none, no longer.

    Raises Invalid, NotAllowed for members who do not coordinate, and NotFound.
    """
    only_coordinators(consultation.group, by)
    if bool(grounds) != bool(reason):
        raise Invalid("Grounds and a reason go together.", field="reason" if grounds else "grounds")
    told = locked(consultation, testimony_id)
    told.grounds, told.reason = grounds, reason
    told.save(update_fields=["grounds", "reason"])
    action = "testimony_kept_back" if grounds else "testimony_kept_back_no_more"
    note(action, consultation.group, told, by=by, reason=reason)
    return told


def demographics_of(consultation: Consultation) -> list[dict[str, Any]] | None:
    """How people described themselves, as far as it may be shown; None until the call is published.

    Nobody sees the sums before, no member either: between two looks lies one person.
    """
    if consultation.published_at is None:
        return None
    row = DemographicCount.objects.filter(consultation=consultation).first()
    return demographics.publishable(row.counts if row else {})
