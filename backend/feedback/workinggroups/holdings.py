"""What working groups hold about a resident: shown to them, and ended with their account (accounts.holdings)."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from backend.accounts.holdings import Ending, Holding
from backend.accounts.models import User
from backend.feedback.workinggroups.models import Comment, Membership, Support
from backend.roster import editions


def _export(user: User) -> dict[str, Any]:
    terms = Membership.objects.filter(user=user).select_related("seat__group")
    comments = Comment.objects.filter(author=user).select_related(
        "consultation__group", "section", "disposition"
    )
    supports = Support.objects.filter(user=user).select_related("consultation__group", "section")
    return {
        "memberships": [_term(term) for term in terms],
        "comments": [_comment(comment) for comment in comments.prefetch_related("answers__question")],
        "supports": [
            {
                "group": support.consultation.group.slug,
                "consultation": str(support.consultation_id),
                "section": support.section and support.section.key,
            }
            for support in supports
        ],
    }


def _term(term: Membership) -> dict[str, Any]:
    return {
        "group": term.seat.group.slug,
        "seat": term.seat.name,
        "name": term.name,
        "organization": term.organization,
        "is_coordinator": term.is_coordinator,
        "starts_on": str(term.starts_on),
        "ends_on": term.ends_on and str(term.ends_on),
        "joined_at": term.joined_at and term.joined_at.isoformat(),
        "ended_at": term.ended_at and term.ended_at.isoformat(),
    }


def _comment(comment: Comment) -> dict[str, Any]:
    disposition = getattr(comment, "disposition", None)
    return {
        "id": str(comment.pk),
        "group": comment.consultation.group.slug,
        "consultation": str(comment.consultation_id),
        "section": comment.section and comment.section.key,
        "kind": comment.kind,
        "body": comment.body,
        "wording": comment.wording,
        "shown_name": comment.shown_name,
        "content_warnings": comment.content_warnings,
        "answers": [
            {"question": a.question.text, "choice": a.choice, "words": a.words} for a in comment.answers.all()
        ],
        "created_at": comment.created_at.isoformat(),
        "disposition": disposition and {"outcome": disposition.outcome, "reason": disposition.reason},
    }


def _part_from(user: User) -> list[Ending]:
    endings = []
    terms = Membership.objects.filter(user=user)
    terms.filter(Q(ended_at=None) | Q(ended_at__gt=timezone.now())).update(ended_at=timezone.now())
    if terms.update(name="", organization="", user=None):
        why = "that somebody held the seat, and when, is the group's record; who it was is erased"
        endings.append(Ending("your seats in working groups", "anonymised", why))
        editions.bump(editions.WORKING_GROUPS)
    comments = Comment.objects.filter(author=user)
    if comments.update(author=None, shown_name=""):
        why = (
            "a group answers every comment, and of a public body comments are public records (RSMo 610.010): the words "
            "stay, who wrote them goes"
        )
        endings.append(Ending("your comments on working groups' texts", "anonymised", why))
        editions.bump(editions.WORKING_GROUPS)
    if Support.objects.filter(user=user).update(user=None):
        why = "how many were for a text is published; that you were is erased"
        endings.append(Ending("your support of working groups' texts", "anonymised", why))
    return endings


HOLDING = Holding(export=_export, erase=_part_from)
