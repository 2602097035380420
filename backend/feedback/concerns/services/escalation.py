"""Who is told when a target passes: the nearest commander, and the highest once as many hours again have passed.

Nobody is told of what is behind the wall or sensitive, and the reporter of none of it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.feedback.concerns.clock import due
from backend.feedback.concerns.models import Concern, ConcernChange
from backend.feedback.concerns.models.reading import ConcernQuerySet
from backend.feedback.concerns.triage import commanders, hours_of
from backend.notifications.models import Channel
from backend.notifications.services import recipient_of, send_to
from backend.roster.index import current, geography
from backend.roster.models import Assignment

ESCALATED = "concern_escalated"
OF_USE = timedelta(days=3)
# No word of what or where: it lies in a mailbox.
WORDS = "A concern on a desk of your command has passed its target. It is in your queue:\n\n{url}/admin/\n"


def escalate_overdue(now: datetime) -> int:
    """A job: each rung once, however many workers run; returns how many were told higher up."""
    late = _escalatable().filter(target_at__lt=now).order_by("target_at")
    read = late.only("target_at", "escalated_to", "priority", "category", "desk", "area")
    with_rows = read.select_related("category", "desk", "area")
    # Read first: of most the highest was told long ago, and each transaction would be for nothing.
    due_now = [concern.pk for concern in with_rows.iterator() if _next_rung(concern, now)]
    return sum(_escalate(pk, now) for pk in due_now)


def _escalatable() -> ConcernQuerySet:
    return Concern.objects.open().filter(is_walled=False, is_sensitive=False)


@transaction.atomic
def _escalate(pk: UUID, now: datetime) -> bool:
    concern = _escalatable().select_related("category", "desk", "area").filter(pk=pk).first()
    posts = _next_rung(concern, now) if concern else []
    if concern is None or not posts:
        return False
    as_read = _escalatable().filter(
        pk=pk, target_at=concern.target_at, escalated_to=concern.escalated_to, desk=concern.desk_id
    )
    role = posts[0].role
    if not as_read.update(escalated_to=role, changed_at=timezone.now()):
        return False
    change = ConcernChange.objects.create(concern=concern, move="escalate", status=concern.status)
    audit.record("escalate", concern, fields=["escalated_to"])
    for user in User.objects.filter(
        staff_member__in=[post.staff_member_id for post in posts], is_active=True
    ):
        send_to(
            kind=ESCALATED,
            key=f"{ESCALATED}:{change.pk}:{user.pk}",
            recipient=recipient_of(user.email, Channel.EMAIL),
            body=WORDS.format(url=settings.PUBLIC_URL),
            expires_at=now + OF_USE,
            subject_id=str(pk),
        )
    return True


def _next_rung(concern: Concern, now: datetime) -> list[Assignment]:
    """Who is to be told now; nobody where it is too early, they have been, or there is nobody."""
    on = timezone.localdate(now)
    place = concern.desk or concern.area
    if place is None or concern.target_at >= now:
        return []
    rungs = commanders(current(), (place, *geography().above(place, on)), on)
    if not rungs or not concern.escalated_to:
        return rungs[0] if rungs else []
    highest = rungs[-1]
    again = due(concern.target_at, hours_of(concern.category, concern.priority))
    return highest if highest[0].role != concern.escalated_to and again < now else []


def is_late_still(concern_id: str, now: datetime) -> bool:
    """The re-check of an e-mail: it is open and late still, and has not gone behind the wall."""
    return _escalatable().filter(pk=concern_id, target_at__lt=now).exclude(escalated_to="").exists()
