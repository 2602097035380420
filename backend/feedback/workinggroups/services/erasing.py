"""The end of what working groups hold about people."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from backend.feedback.workinggroups.models import (
    BreakGlass,
    Comment,
    CommentAnswer,
    Consultation,
    Disposition,
    GroupChange,
    Membership,
    Support,
    Testimony,
)
from backend.feedback.workinggroups.models.comments import CommentQuerySet
from backend.feedback.workinggroups.services.members import INVITATION_LASTS

WRITERS_KEPT = timedelta(days=365)  # after what became of it was published: who wrote it can ask until then
WORDS_KEPT = timedelta(days=730)  # after a call's end: what is never published
RECORD_KEPT = timedelta(days=7 * 365)

TERMS_KEPT = timedelta(days=365)  # after a term's end


def erase_old(now: datetime) -> int:
    """Erases what is past its end; returns how many rows it touched. Published words of a public body stay."""
    over = now - WORDS_KEPT
    published, ended = now - WRITERS_KEPT, Q(consultation__closes_at__lte=over)
    told = Comment.objects.filter(Q(consultation__published_at__lte=published) | ended)
    writers = told.filter(Q(author__isnull=False) | Q(receipt_index__isnull=False))
    unpublished = (
        Q(consultation__group__is_public_body=False)
        | Q(consultation__published_at=None)
        | ~Q(consultation__audience=Consultation.Audience.EVERYBODY)
        | Q(disposition__outcome=Disposition.Outcome.MODERATED)
    )
    closed = Comment.objects.filter(ended, unpublished)
    words = closed.exclude(body="", wording="", shown_name="")
    return (
        _by_id(writers).update(author=None, receipt_index=None)
        + _by_id(words).update(body="", wording="", shown_name="")
        + CommentAnswer.objects.filter(comment__in=closed).exclude(words="").update(words="")
        + Testimony.objects.filter(ended).exclude(body="").update(body="")
        + Support.objects.filter(ended, user__isnull=False).update(user=None)
        + Membership.objects.filter(joined_at=None, created_at__lte=now - INVITATION_LASTS).delete()[0]
        + _terms(now)
        + GroupChange.objects.filter(at__lte=now - RECORD_KEPT).delete()[0]
        + BreakGlass.objects.filter(at__lte=now - RECORD_KEPT).delete()[0]
    )


def _by_id(found: CommentQuerySet) -> CommentQuerySet:
    """Over joins no row is updated."""
    return Comment.objects.filter(pk__in=found.values("pk"))


def _terms(now: datetime) -> int:
    """Of a term that ended a year ago the seat and its days are left."""
    last = timezone.localdate(now - TERMS_KEPT)
    over = Q(ends_on__lte=last) | Q(ended_at__lte=now - TERMS_KEPT)
    return (
        Membership.objects.filter(over)
        .exclude(name="")
        .update(name="", organization="", user=None, staff_member=None)
    )
