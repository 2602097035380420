"""Who may do what in a group, and the group's own record of what was done."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Invalid, NotAllowed, NotFound
from backend.feedback.workinggroups.models import GroupChange, WorkingGroup
from backend.notifications.sensitive import is_sensitive


def only_members(group: WorkingGroup, user: User) -> None:
    """Raises NotFound for whoever holds no seat of the group: what lies behind the wall is not there for them."""
    if not WorkingGroup.objects.of_member(user, timezone.now()).filter(pk=group.pk).exists():
        raise NotFound()


def only_coordinators(group: WorkingGroup, user: User) -> None:
    """Raises NotFound outside the group, and NotAllowed for members who do not coordinate it."""
    only_members(group, user)
    if not WorkingGroup.objects.of_coordinator(user, timezone.now()).filter(pk=group.pk).exists():
        raise NotAllowed("This is for the group's coordinators; ask one of them.")


def refuse_loud(group: WorkingGroup, title: str) -> None:
    """Raises Invalid for a title of a discreet group that tells what it is about: it stands in lists, on any screen."""
    if group.is_discreet and is_sensitive(title):
        raise Invalid(
            "This title would stand in lists; use neutral words, and say more below it.",
            field="title",
            code="not-neutral",
        )


def note(
    action: str, group: WorkingGroup, what: Model | None = None, *, by: User | None, reason: str = ""
) -> None:
    """A line in the group's own record, in the caller's transaction."""
    object_id: Any = what.pk if what else ""
    GroupChange.objects.create(group=group, action=action, object_id=str(object_id), by=by, reason=reason)


def note_many(action: str, group: WorkingGroup, what: Iterable[Model], *, by: User, reason: str) -> None:
    """A line for each, in one statement."""
    GroupChange.objects.bulk_create(
        GroupChange(group=group, action=action, object_id=str(one.pk), by=by, reason=reason) for one in what
    )
