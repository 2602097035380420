"""Domestic violence fatality reviews: the panel's work product goes in and never out, its final report is public.

RSMo 455.560.5 closes the panel's proceedings, findings and information, 455.560.6 opens its final report. So no
service and no address gives the work product back: it is kept sealed until the concern's words are erased.
"""

from django.db import transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import NotAllowed
from backend.feedback.concerns.models import Concern, FatalityReview
from backend.feedback.concerns.services.acts import erased
from backend.feedback.concerns.services.liaisons import is_liaison


@transaction.atomic
def record_review(
    *, concern: Concern, work_product: str | None, final_report: str, by: User
) -> FatalityReview:
    """Writes the review; without `work_product` (None) what is there stays.

    For civilian liaisons alone, one of whom coordinates the panel; raises NotAllowed. Raises Conflict where what was
    told is erased: nothing sealed comes after that.
    """
    if not is_liaison(by, is_civilian=True):
        raise NotAllowed("A fatality review is kept by a civilian liaison.")
    # Locked, as erasing locks it: either the review is erased with it, or this says that it is too late.
    found = Concern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    if found.erased_at:
        raise erased()
    now = timezone.now()
    changes = {"final_report": final_report, "by": by, "changed_at": now}
    if work_product is not None:
        changes["work_product"] = work_product
    review, _ = FatalityReview.objects.update_or_create(concern=found, defaults=changes)
    found.changed_at = now
    found.save(update_fields=["changed_at"])
    names = [name for name in changes if name not in ("by", "changed_at")]
    audit.record("record_review", found, by=by, fields=names)
    return review
