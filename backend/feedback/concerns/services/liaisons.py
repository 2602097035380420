"""Who is a liaison, and what is for liaisons alone."""

from datetime import date

from django.utils import timezone

from backend.accounts.models import User
from backend.errors import NotAllowed
from backend.feedback.concerns.models import Reach, reach_of
from backend.roster.models import Assignment, AssignmentQuerySet

FOR_LIAISONS = "This is for liaisons; ask the one of your district or precinct."


def posts(on: date, *, is_civilian: bool = False) -> AssignmentQuerySet:
    """The liaisons' posts in force that day; with `is_civilian`, those of no sworn member."""
    held = Assignment.objects.in_force(on).filter(role=Assignment.Role.LIAISON)
    return held.filter(staff_member__is_sworn=False) if is_civilian else held


def is_liaison(user: User, *, is_civilian: bool = False) -> bool:
    """Whether somebody holds a liaison's post today; with `is_civilian`, as no sworn member."""
    return posts(timezone.localdate(), is_civilian=is_civilian).filter(staff_member__user=user).exists()


def only_liaisons(user: User) -> None:
    """Raises NotAllowed for all others."""
    if not is_liaison(user):
        raise NotAllowed(FOR_LIAISONS)


def reach_as_liaison(user: User) -> Reach:
    """What somebody reads by their liaison's posts today, and by nothing else."""
    return reach_of(user, roles=(Assignment.Role.LIAISON,), by_assignment=False)
