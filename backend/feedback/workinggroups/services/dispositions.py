"""What becomes of comments: one at a time, or many alike together, each with its reason."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotFound
from backend.events.services.checks import refuse_markup
from backend.feedback.workinggroups.models import Comment, Consultation, Disposition, Draft, WorkingGroup
from backend.feedback.workinggroups.models.comments import CommentQuerySet
from backend.feedback.workinggroups.services.access import note_many, only_coordinators
from backend.roster import editions

MOST = 500  # comments that are named one by one; those alike are as many as there are
Outcome = Disposition.Outcome


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """An outcome with its reason; `landed_*` for what was accepted, `grounds` for what is kept back.

    `replaces`: the outcome that it takes the place of, "" where there is none yet.
    """

    outcome: str
    reason: str
    grounds: str = ""
    landed_version: int | None = None
    landed_section: str = ""
    replaces: str = ""


@transaction.atomic
def dispose(*, group: WorkingGroup, comment_ids: Collection[UUID], ruling: Ruling, by: User) -> int:
    """Says what became of these comments, all or none; returns how many.

    Raises NotFound where one is not the group's, Invalid for a ruling that does not fit, and Conflict where one has
    another outcome than `replaces`, by whoever was faster, or is published: then it can only be kept back.
    """
    only_coordinators(group, by)
    wanted = set(comment_ids)
    rows = Comment.objects.filter(consultation__group=group, pk__in=wanted)
    return _dispose(group, rows, ruling, by, expected=len(wanted))


@transaction.atomic
def dispose_alike(*, group: WorkingGroup, comment: Comment, ruling: Ruling, by: User) -> int:
    """The same for a comment and all of its call in the same words that have no disposition yet."""
    only_coordinators(group, by)
    alike = Comment.objects.filter(
        consultation=comment.consultation_id, consultation__group=group, words_index=comment.words_index
    )
    return _dispose(group, alike.undisposed(), ruling, by, expected=None)


def _dispose(
    group: WorkingGroup, rows: CommentQuerySet, ruling: Ruling, by: User, *, expected: int | None
) -> int:
    # Publishing holds the calls' rows: a disposition changes before that or not at all.
    calls = Consultation.objects.select_for_update(no_key=True).filter(pk__in=rows.values("consultation"))
    by_id = {call.pk: call for call in calls.order_by("pk")}
    locked = (
        rows.select_for_update(of=("self",), no_key=True)
        .defer("body", "wording", "shown_name")
        .order_by("pk")
    )
    comments = list(locked)
    if expected is not None and len(comments) != expected:
        raise NotFound()
    if not comments:
        raise Conflict("Each of these has a disposition already.", type="already-disposed")
    landed = _check(group, ruling, list(by_id.values()))
    current = dict(Disposition.objects.filter(comment__in=comments).values_list("comment_id", "outcome"))
    for comment in comments:
        call = by_id[comment.consultation_id]
        _check_may_change(comment, call, current.get(comment.pk, ""), ruling)
    if ruling.replaces:
        Disposition.objects.filter(comment__in=comments).delete()
    Disposition.objects.bulk_create(_disposition(comment, ruling, landed, by) for comment in comments)
    note_many(f"disposed_{ruling.outcome}", group, comments, by=by, reason=ruling.reason)
    everybody = Consultation.Audience.EVERYBODY
    if any(call.published_at and call.audience == everybody for call in by_id.values()):
        editions.bump(editions.WORKING_GROUPS)
    return len(comments)


def _disposition(comment: Comment, ruling: Ruling, landed: Draft | None, by: User) -> Disposition:
    return Disposition(
        comment=comment,
        outcome=ruling.outcome,
        reason=ruling.reason,
        grounds=ruling.grounds,
        landed_draft=landed,
        landed_key=ruling.landed_section,
        by=by,
        at=timezone.now(),
    )


def _check_may_change(comment: Comment, call: Consultation, outcome: str, ruling: Ruling) -> None:
    if outcome != ruling.replaces:
        raise Conflict(
            f"Comment {comment.pk} has the outcome “{outcome or 'none'}” by now; read it again, and send that as "
            "`replaces` to change it.",
            type="already-disposed",
            outcome=outcome,
        )
    if call.published_at and ruling.outcome != Outcome.MODERATED:
        raise Conflict(
            "What became of it is published, and stays so; it can only be kept back now.",
            type="already-published",
        )


def _check(group: WorkingGroup, ruling: Ruling, calls: list[Consultation]) -> Draft | None:
    """The ruling fits its outcome. Returns the version where they landed, if they did."""
    refuse_markup(ruling.reason, "reason")
    if not any(character.isalnum() for character in ruling.reason):
        raise Invalid("Say why, in words: who wrote it reads this.", field="reason", code="no-words")
    if (ruling.outcome == Outcome.MODERATED) != bool(ruling.grounds):
        raise Invalid(
            "What is kept back has `grounds` of the moderation policy, and nothing else has.", field="grounds"
        )
    lands = ruling.outcome in Disposition.LANDING
    if lands != bool(ruling.landed_section and ruling.landed_version):
        raise Invalid(
            "What is accepted, in whole or in part, says where it landed (`landed_version`, `landed_section`); "
            "nothing else does.",
            field="landed_section",
        )
    if not ruling.landed_version:
        return None
    draft = group.drafts.filter(number=ruling.landed_version).first()
    if draft is None or not draft.sections.filter(key=ruling.landed_section).exists():
        raise Invalid("This version has no such section.", field="landed_section", code="unknown")
    said_of = Draft.objects.filter(consultations__in=calls)
    if said_of.filter(number__gte=draft.number).exists():
        raise Invalid(
            "It lands in a version after the one it was said of; begin the next version first.",
            field="landed_version",
            code="not-later",
        )
    return draft
