"""The end of what programs know about people."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from backend.programs.models import Application, Signature, Site
from backend.programs.services import moving

KEPT = timedelta(days=2 * 365)
CLOSED_ANSWERS_KEPT = timedelta(days=30)
# As long as an action for an injury may be brought (RSMo 516.120: five years), and one more.
SIGNATURES_KEPT = timedelta(days=6 * 365)
NOMINATIONS_KEPT = timedelta(days=90)


def erase_old(now: datetime) -> int:
    """Anonymises applications of cohorts long over, and erases closed answers and signatures; returns how many rows."""
    today = timezone.localdate(now)
    old = Application.objects.filter(cohort__ends_on__lt=today - KEPT).exclude(person_index="")
    closed = Application.objects.filter(cohort__ends_on__lt=today - CLOSED_ANSWERS_KEPT).exclude(
        closed_answers=""
    )
    signed = Signature.objects.filter(application__cohort__ends_on__lt=today - SIGNATURES_KEPT)
    sites = Site.objects.filter(closed_at__lt=now - KEPT).exclude(place="")
    erased = closed.update(closed_answers="") + sites.update(place="")
    return erased + _forget(old) + signed.delete()[0]


def _forget(old: QuerySet[Application]) -> int:
    pks = list(old.values_list("pk", flat=True))
    moving.anonymise(old)
    return Application.objects.filter(pk__in=pks).update(person_index="")
