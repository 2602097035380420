"""Rows for tests, made through the services where there is one."""

from datetime import date

from backend.accounts.models import User
from backend.roster import editions
from backend.roster.models import Area, Assignment, StaffMember


def make_staff(
    email: str, area: str, role: str, *, is_sworn: bool = True, since: date = date(2024, 1, 1)
) -> User:
    """Somebody of staff with one post, in force since then."""
    post = Area.objects.get(slug=area)
    user = User.objects.create_user(kind=User.Kind.STAFF, email=email)
    member = StaffMember.objects.create(
        agency=post.agency, user=user, name=email.partition("@")[0].title(), rank="Tester", is_sworn=is_sworn
    )
    Assignment.objects.create(
        staff_member=member, area=post, role=role, starts_on=since, confirmed_on=date(2026, 1, 1)
    )
    editions.bump(editions.ROSTER)
    return user
