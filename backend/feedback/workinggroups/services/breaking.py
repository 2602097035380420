"""Breaking the glass: an administrator's look past the wall, of which the group learns at once."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import NotFound
from backend.feedback.workinggroups.models import BreakGlass, Membership, WorkingGroup
from backend.feedback.workinggroups.services import access
from backend.notifications import services as notifications
from backend.notifications import words
from backend.notifications.languages import in_each
from backend.notifications.models import Channel
from backend.roster.models import StaffMember

BROKEN = "glass_broken"
KIND = "group_glass_broken"
LASTS = timedelta(hours=1)
OF_USE = timedelta(days=7)


def only_administrators(user: User) -> None:
    """Raises NotFound for all but an administrator who is nobody of the police."""
    if not (user.is_staff and user.is_administrator):
        raise NotFound()
    if StaffMember.objects.filter(user=user, agency__is_police=True).exists():
        raise NotFound()


@transaction.atomic
def break_glass(*, group: WorkingGroup, by: User, reason: str) -> BreakGlass:
    """Lets an administrator read the group's input for an hour, and no more than read. Raises NotFound."""
    only_administrators(by)
    now = timezone.now()
    glass = BreakGlass.objects.create(group=group, user=by, reason=reason, at=now, ends_at=now + LASTS)
    audit.record("break_glass", group, by=by, reason=reason)
    access.note(BROKEN, group, glass, by=by, reason=reason)
    _tell_members(glass)
    return glass


def _tell_members(glass: BreakGlass) -> None:
    """ "There is an update", to everybody who has a term and an account; why and until when is in the record.

    To accounts that were closed, too: whoever breaks the glass could close them first. The notices do not say who is
    told, neither by their keys nor by their order.
    """
    terms = Membership.objects.in_force(glass.at).filter(seat__group=glass.group_id)
    told = User.objects.filter(pk__in=terms.values("user_id")).order_by("?")
    for number, user in enumerate(told, start=1):
        channel = Channel.SMS if user.phone else Channel.EMAIL
        notifications.send_to(
            kind=KIND,
            key=f"{KIND}:{glass.pk}:{number}",
            recipient=notifications.recipient_of(user.phone or user.email, channel),
            subject_id=str(glass.pk),
            body=in_each(words.discreet),
            expires_at=glass.at + OF_USE,
        )


def is_on_record(glass_id: str, now: datetime) -> bool:
    """The re-check of the message."""
    return BreakGlass.objects.filter(pk=glass_id).exists()


def ids_kept_from(user: User) -> list[str]:
    """Nobody stops the messages that tell of their own look past the wall (notifications.registry.register_keeper)."""
    ids = BreakGlass.objects.filter(user=user, at__gt=timezone.now() - OF_USE).values_list("pk", flat=True)
    return [str(pk) for pk in ids]


@transaction.atomic
def note_read(group: WorkingGroup, what: str, user: User | AnonymousUser) -> None:
    """Puts on record that an administrator read `what` of the group behind the broken glass; of members nothing."""
    if isinstance(user, AnonymousUser) or not user.is_administrator:
        return
    if BreakGlass.objects.open_for(user, timezone.now()).filter(group=group).exists():
        audit.record("read_past_the_wall", group, by=user, fields=[what])
