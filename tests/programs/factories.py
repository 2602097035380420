"""Programs and the people around them, as the services leave them."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from backend.accounts.models import User
from backend.programs.models import Application, Cohort, Program, Rule, Seat
from backend.programs.people import person_index
from backend.roster.models import Agency


def make_program(slug: str = "citizens-academy", kind: str = "academy", **fields: Any) -> Program:
    """A program of the City's that somebody has confirmed; `rules` are (kind, low, high)."""
    rules = fields.pop("rules", [])
    program = Program.objects.create(
        slug=slug,
        kind=kind,
        **{
            "name": slug.replace("-", " ").capitalize(),
            "agency": Agency.objects.get(slug="slmpd"),
            "owner": "Community Engagement",
            "summary": "What it is.",
            "who": "Anybody.",
            "source": "a test",
            "verified_on": timezone.localdate(),
            **fields,
        },
    )
    for rule, low, high in rules:
        Rule.objects.create(
            program=program, kind=rule, low=low, high=high, words=rule, confirmed_on=date(2026, 1, 1)
        )
    return program


def make_manager(program: Program, email: str = "manager@example.org", role: str = "manager") -> User:
    """Somebody of staff with a seat at the program, and no post in any area."""
    user = User.objects.create_user(kind=User.Kind.STAFF, email=email)
    Seat.objects.create(program=program, user=user, role=role, since=date(2024, 1, 1))
    return user


def make_resident(email: str = "applicant@example.org", phone: str = "") -> User:
    user = User(kind=User.Kind.RESIDENT)
    user.set_unusable_password()
    user.set_email(email)
    user.set_phone(phone)
    user.save()
    return user


def make_cohort(program: Program, *, starts_in: int = 40, days: int = 30, **fields: Any) -> Cohort:
    """An intake that is open now and starts in so many days."""
    today, now = timezone.localdate(), timezone.now()
    return Cohort.objects.create(
        program=program,
        **{
            "name": "First",
            "mode": Cohort.Mode.REVIEW,
            "starts_on": today + timedelta(days=starts_in),
            "ends_on": today + timedelta(days=starts_in + days),
            "opens_at": now - timedelta(days=1),
            "closes_at": now + timedelta(days=20),
            **fields,
        },
    )


def make_application(
    cohort: Cohort,
    by: User,
    name: str = "Alex Example",
    born_on: date | None = date(1990, 5, 17),
    **fields: Any,
) -> Application:
    """An application as it would stand after the moves that lead to its status."""
    status = fields.pop("status", Application.Status.SUBMITTED)
    holds = fields.pop("has_place", status in ("accepted", "completed", "no_show"))
    return Application.objects.create(
        program=cohort.program,
        cohort=cohort,
        applicant=by,
        name=name,
        born_on=str(born_on or ""),
        person_index=person_index(name, born_on),
        turn=cohort.applications.count() + 1,
        status=status,
        has_place=holds,
        **{"placed_at": timezone.now() if holds else None, **fields},
    )


def local(text: str) -> datetime:
    """A local time: local("2026-12-02 18:00")."""
    return timezone.make_aware(datetime.fromisoformat(text))
