"""That what liaisons alone read, the walled and the sensitive, always has one who does read it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.feedback.concerns.models import Concern, ConcernChange
from backend.feedback.concerns.services import liaisons
from backend.feedback.concerns.triage import Desk, desk_for
from backend.notifications.services import clear_alert, raise_alert
from backend.roster.index import current, geography
from backend.roster.models import CHAIN, Agency, Area, StaffMember

NO_READER = "no_civilian_liaison"


def give_to_a_reader(concern: Concern) -> bool:
    """It stays with whom it was given to if they read it, and else goes to the nearest liaison's desk who does.

    In the caller's transaction; whether it went anywhere.
    """
    if _is_read_by(concern.assigned_to, concern):
        return False
    desk = reading_desk(concern)
    concern.assigned_to, concern.desk = (desk.member, desk.area) if desk else (None, None)
    if concern.status in (Concern.Status.ASSIGNED, Concern.Status.IN_PROGRESS):
        concern.status = Concern.Status.TRIAGED  # somebody else begins with it
    concern.save(update_fields=["assigned_to", "desk", "status"])
    return bool(desk and desk.member)


def reading_desk(concern: Concern, at: Area | None = None) -> Desk | None:
    """The nearest liaison's who may read it and has an account to do so, going up from `at`, or else its place."""
    on, place = timezone.localdate(), at or concern.area
    known = set(concern.subjects.exclude(staff_member=None).values_list("staff_member", flat=True))
    without_account = StaffMember.objects.filter(
        ~Q(user__is_active=True), assignments__in=liaisons.posts(on)
    ).values_list("pk", flat=True)
    return desk_for(
        current(),
        (place, *geography().above(place, on)) if place else (),
        on,
        is_walled=concern.is_walled,
        is_sensitive=concern.is_sensitive,
        about=known | set(without_account),
    )


def _is_read_by(member: StaffMember | None, concern: Concern) -> bool:
    user = member.user if member else None
    return bool(user and Concern.objects.visible_to(user).filter(pk=concern.pk).exists())


# --- when a liaison has left ------------------------------------------------------------------------------


def find_readers(now: datetime) -> int:
    """A job: what no liaison reads any more goes to the nearest who does; returns how many went.

    An alert names the agencies in which nobody could, whether or not there is anything to read: one that told of a
    concern would tell its subject.
    """
    went = sum(_give(pk) for pk in _unread())
    if slugs := ", ".join(_without_reader(now).values_list("slug", flat=True)):
        detail = f"No civilian liaison with an account, so nobody could read what is told about their people: {slugs}"
        raise_alert(NO_READER, detail[:200])
    else:
        clear_alert(NO_READER)
    return went


def _waiting() -> Q:
    return (Q(is_walled=True) | Q(is_sensitive=True)) & (
        ~Q(status=Concern.Status.CLOSED) | Q(needs_reading=True)
    )


def _unread() -> list[UUID]:
    waiting = Concern.objects.filter(_waiting())
    unread = set(waiting.values_list("pk", flat=True))
    members = StaffMember.objects.filter(assignments__in=liaisons.posts(timezone.localdate()))
    for user in User.objects.filter(is_active=True, staff_member__in=members):
        if not unread:
            break
        unread -= set(waiting.visible_to(user).values_list("pk", flat=True))
    return sorted(unread)


@transaction.atomic
def _give(pk: UUID) -> bool:
    concern = Concern.objects.select_for_update(of=("self",)).filter(_waiting(), pk=pk).first()
    desk = reading_desk(concern) if concern else None
    if concern is None or desk is None or desk.member is None or not give_to_a_reader(concern):
        return False
    ConcernChange.objects.create(concern=concern, move="reader", status=concern.status)
    audit.record("reader", concern, fields=["desk", "assigned_to"])
    return True


def _without_reader(now: datetime) -> QuerySet[Agency]:
    on = timezone.localdate(now)
    mapped = geography().maps(on).upwards
    agencies = {a.agency_id for pk, a in geography().areas.items() if pk in mapped and a.kind in CHAIN}
    able = liaisons.posts(on, is_civilian=True).filter(staff_member__user__is_active=True, area__in=mapped)
    return Agency.objects.filter(pk__in=agencies).exclude(pk__in=able.values("area__agency")).order_by("slug")
