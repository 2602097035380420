"""Rows for tests, made through the services where there is one."""

from datetime import date

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from backend.accounts.models import Session, User
from backend.accounts.sessions import SessionStore
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


def make_session(user: User, *, client: str = Session.Client.BROWSER, factor: str = "mfa") -> SessionStore:
    """A session as signing in leaves it; `factor` is what it records: "mfa", or "password" for one without."""
    session = SessionStore()
    session.client = Session.Client(client)
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "backend.accounts.adapters.StaffPassword"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["account_authentication_methods"] = [{"method": factor, "at": 0}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return session
