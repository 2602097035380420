"""Legal holds: while one is in force, nothing of a concern, nor of what was merged into it, is anonymised or erased.

What was merged into a held one and is taken out again has a hold of its own from then on; one on what was merged does
not reach what it went into.
"""

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, QuerySet
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict
from backend.feedback.concerns.models import Concern, LegalHold
from backend.feedback.concerns.services.acts import erased


def in_force() -> QuerySet[LegalHold]:
    """Those of a concern of the query around, and of what it was merged into."""
    reach = Q(concern=OuterRef("pk")) | Q(concern=OuterRef("merged_into"))
    return LegalHold.objects.filter(reach, ended_at=None)


@transaction.atomic
def place_hold(*, concern: Concern, reason: str, by: User) -> LegalHold:
    """Raises Conflict where one is in force, and where the words are erased already: there is nothing to hold."""
    # Locked, as erasing locks it: either what is to be held is still there, or this says that it is not.
    found = Concern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    if found.erased_at and not found.description:
        raise erased()
    try:
        with transaction.atomic():
            hold = LegalHold.objects.create(concern=found, reason=reason, by=by)
    except IntegrityError:
        raise Conflict("A hold is in force already; end it before another begins.", type="held") from None
    audit.record("hold", found, by=by, fields=["holds"], reason=reason)
    return hold


def keep_when_parted(concern: Concern) -> None:
    """Of one that is taken out of what it was merged into: a hold on that is a hold on this one too."""
    if concern.merged_into_id is None:
        return
    # Of two at once the second finds the hold.
    Concern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    main = LegalHold.objects.filter(concern=concern.merged_into_id, ended_at=None).first()
    if main and not concern.holds.filter(ended_at=None).exists():
        LegalHold.objects.create(concern=concern, reason=main.reason, by=main.by)
        audit.record("hold", concern, fields=["holds"], reason=main.reason)


@transaction.atomic
def end_hold(*, hold: LegalHold, reason: str, by: User) -> LegalHold:
    """What is past its time goes with the next `prune`. Raises Conflict where it has ended."""
    if not LegalHold.objects.filter(pk=hold.pk, ended_at=None).update(ended_at=timezone.now()):
        raise Conflict("This hold has ended already.", type="not-held")
    audit.record("end_hold", hold.concern, by=by, fields=["holds"], reason=reason)
    hold.refresh_from_db()
    return hold
