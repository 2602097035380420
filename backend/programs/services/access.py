"""Who of staff may do what with a program."""

from django.utils import timezone

from backend.accounts.models import User
from backend.errors import NotAllowed
from backend.programs.models import Program
from backend.roster.models import Assignment


def has_post(user: User) -> bool:
    """Whether somebody of staff holds any post today."""
    return Assignment.objects.in_force(timezone.localdate()).filter(staff_member__user=user).exists()


def check_manages(program: Program, by: User) -> None:
    """Raises NotAllowed where the person has no manager's seat at the program today, and is no administrator."""
    if not Program.objects.managed_by(by, timezone.localdate()).filter(pk=program.pk).exists():
        raise NotAllowed("This is for the staff of this program; an administrator gives seats.")
