"""The end of what programs know about people."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict
from backend.programs.models import (
    Application,
    ApplicationChange,
    Attendance,
    Certificate,
    Screening,
    Signature,
    Site,
)
from backend.programs.services import moving

KEPT = timedelta(days=2 * 365)
CLOSED_ANSWERS_KEPT = timedelta(days=30)
# As long as an action for an injury may be brought (RSMo 516.120: five years), and one more.
SIGNATURES_KEPT = timedelta(days=6 * 365)
NOMINATIONS_KEPT = timedelta(days=90)

PERSONAL = (
    *("name", "born_on", "guardian_name", "guardian_contact", "answers", "closed_answers", "comment"),
)


def erase_old(now: datetime) -> int:
    """Anonymises what is long over, and erases closed answers, signatures and sites; returns how many rows."""
    today = timezone.localdate(now)
    old = Application.objects.filter(cohort__ends_on__lt=today - KEPT).exclude(person_index="")
    closed = Application.objects.filter(cohort__ends_on__lt=today - CLOSED_ANSWERS_KEPT).exclude(
        closed_answers=""
    )
    signed = Signature.objects.filter(application__cohort__ends_on__lt=today - SIGNATURES_KEPT)
    sites = Site.objects.filter(suggested_at__lt=now - KEPT).exclude(place="")
    erased = closed.update(closed_answers="") + sites.update(place="")
    return erased + _forget(old) + signed.delete()[0]


def _forget(old: QuerySet[Application]) -> int:
    anonymise(old)
    return old.update(person_index="")


@transaction.atomic
def part_from(user: User) -> None:
    """Gives back what somebody holds or waits for, as their account ends; a ride under way stays as it is."""
    mine = Application.objects.visible_to(user).live().select_related("program", "cohort", "slot")
    for application in mine.order_by("program_id", "pk"):  # in one order, for two accounts may end at once
        with suppress(Conflict):
            moving.withdraw(application=application, by=user)


def anonymise(applications: QuerySet[Application]) -> int:
    """Takes off who it is and what they said; places, statuses and times stay, for quotas and figures.

    The keyed hash of who took part stays too: once a year is once, also with another account. It goes with
    `erase_old`.
    """
    ApplicationChange.objects.filter(application__in=applications.values("pk")).update(words="")
    Screening.objects.filter(application__in=applications.values("pk")).delete()
    Attendance.objects.filter(application__in=applications.values("pk")).delete()
    Certificate.objects.filter(application__in=applications.values("pk")).delete()
    return applications.update(**dict.fromkeys(PERSONAL, ""), applicant=None, erased_at=timezone.now())
