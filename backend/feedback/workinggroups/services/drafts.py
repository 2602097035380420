"""A group's text, version by version: written, published, and never changed after that."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict
from backend.events.services.checks import refuse_markup
from backend.feedback.workinggroups.models import (
    Comment,
    Consultation,
    Disposition,
    Draft,
    Section,
    WorkingGroup,
)
from backend.feedback.workinggroups.sections import Part, Placed, place
from backend.feedback.workinggroups.services import telling, testimony
from backend.feedback.workinggroups.services.access import note, only_coordinators, refuse_loud
from backend.roster import editions

LONGEST_BODY = 20_000


@transaction.atomic
def begin_draft(
    *, group: WorkingGroup, title: str, summary: str, sections: Sequence[Part], by: User
) -> Draft:
    """The next version, in work. Raises Invalid, NotAllowed, NotFound, and Conflict where one is in work already."""
    only_coordinators(group, by)
    group = WorkingGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
    last = group.drafts.last()
    draft = Draft(group=group, number=last.number + 1 if last else 1)
    try:
        with transaction.atomic():
            _write(draft, title, summary, sections)
    except IntegrityError:
        raise Conflict(
            f"Version {last.number if last else 1} is in work; publish it first, or change it.",
            type="in-work",
        ) from None
    note("draft_begun", group, draft, by=by)
    return draft


@transaction.atomic
def rewrite_draft(
    *, draft: Draft, read_at: datetime, title: str, summary: str, sections: Sequence[Part], by: User
) -> Draft:
    """The version in work with other words. `read_at`: its `changed_at` as the person read it.

    Raises Invalid, NotAllowed, NotFound, and Conflict where it is published or was changed since `read_at`, and where
    a section would go that members spoke of (`spoken-of`).
    """
    only_coordinators(draft.group, by)
    draft = _locked(draft)
    if draft.changed_at != read_at:
        raise Conflict(
            "Somebody changed it since you read it; read it again, so that nothing of theirs is lost."
        )
    draft.changed_at = timezone.now()
    _write(draft, title, summary, sections)
    note("draft_changed", draft.group, draft, by=by)
    return draft


def _locked(draft: Draft) -> Draft:
    draft = (
        Draft.objects.select_for_update(of=("self",), no_key=True).select_related("group").get(pk=draft.pk)
    )
    if draft.published_at:
        raise Conflict(
            "It is published, and never changes; begin the next version.", type="already-published"
        )
    return draft


def _write(draft: Draft, title: str, summary: str, sections: Sequence[Part]) -> None:
    earlier = Section.objects.filter(draft__group=draft.group, draft__number__lt=draft.number)
    before = earlier.filter(draft__number=draft.number - 1)
    keys = before.values_list("key", flat=True), earlier.values_list("key", flat=True).distinct()
    placed = place(sections, *keys)
    refuse_markup(title, "title")
    refuse_loud(draft.group, title)
    refuse_markup(summary, "summary")
    for n, section in enumerate(placed):
        refuse_markup(section.heading, f"sections/{n}/heading")
        refuse_markup(section.body, f"sections/{n}/body")
    draft.title, draft.summary = title, summary
    draft.save()
    _put_sections(draft, placed)


ASIDE = 10_000  # positions beyond those of any version: two sections never have the same, not for a moment


def _put_sections(draft: Draft, placed: Sequence[Placed]) -> None:
    """Changes the sections that stay where they are, since what members said hangs on them."""
    _drop(draft, {section.key for section in placed})
    draft.sections.update(position=F("position") + ASIDE)
    there = dict(draft.sections.values_list("key", "pk"))
    rows = [
        Section(pk=there.get(section.key), draft=draft, position=position, **section._asdict())
        for position, section in enumerate(placed, 1)
    ]
    Section.objects.bulk_update(
        [row for row in rows if row.pk], ["position", "number", "heading", "body", "origins"]
    )
    Section.objects.bulk_create(row for row in rows if not row.pk)


def _drop(draft: Draft, kept: set[str]) -> None:
    # Whoever comments or supports holds the call's row meanwhile, so that nobody does between looking and dropping.
    list(Consultation.objects.select_for_update(no_key=True).filter(draft=draft).order_by("pk"))
    rows = draft.sections.exclude(key__in=kept)
    spoken_of = rows.filter(Q(comments__isnull=False) | Q(supports__isnull=False))
    if keys := list(spoken_of.order_by("key").values_list("key", flat=True).distinct()):
        raise Conflict(
            f"Members spoke of sections that would go: {', '.join(keys)}. "
            "Keep them in this version, and drop them in the next.",
            type="spoken-of",
            sections=keys,
        )
    rows.delete()


def as_placed(draft: Draft) -> list[Placed]:
    """Its sections in order."""
    return [Placed(s.key, s.number, s.heading, s.body, s.origins) for s in draft.sections.all()]


# --- publishing ---------------------------------------------------------------------------------------------


@transaction.atomic
def publish_draft(*, draft: Draft, by: User) -> Draft:
    """Makes the version in work public, and with it what became of every comment on those before.

    Raises Conflict where it is published, while a call on a version before is open (`call-open`) or one of its
    comments has no disposition (`undisposed`), and where something is said to have landed in a section that it does
    not have (`landed-nowhere`). The database refuses the second one itself, whoever asks (migration 0002).
    """
    only_coordinators(draft.group, by)
    # Locks of this room leave keys alone: who holds a call and writes a row that points at a group or version must not
    # wait for who holds that and waits for the call.
    group = WorkingGroup.objects.select_for_update(no_key=True).get(pk=draft.group_id)
    draft = _locked(draft)
    testimony.hold()
    now = timezone.now()
    # Whoever comments holds the call's row meanwhile, so that no comment comes between looking and publishing.
    before = Q(draft__group=group, draft__number__lt=draft.number) | Q(group=group, draft=None)
    calls = list(
        Consultation.objects.select_for_update(of=("self",), no_key=True).filter(before).order_by("pk")
    )
    over = [call for call in calls if call.is_over(now)]
    if still_open := [call for call in calls if call.draft_id and not call.is_over(now)]:
        raise Conflict(
            f"“{still_open[0].title}” is open until {timezone.localtime(still_open[0].closes_at):%B %-d, %H:%M}; "
            "close it first, and say what became of its comments.",
            type="call-open",
        )
    check_disposed(Q(consultation__in=over))
    _check_landed(draft)
    draft.published_at, draft.published_by = now, by
    draft.save(update_fields=["published_at", "published_by"])
    Consultation.objects.filter(pk__in=[call.pk for call in over], published_at=None).update(published_at=now)
    note("draft_published", group, draft, by=by)
    editions.bump(editions.WORKING_GROUPS)
    telling.tell_followers(group, f"draft:{draft.number}")
    return draft


def check_disposed(where: Q) -> None:
    """Raises Conflict that counts the comments of which nobody has said what became of them."""
    if count := Comment.objects.undisposed().filter(where).count():
        them = "1 comment has" if count == 1 else f"{count} comments have"
        raise Conflict(
            f"{them} no disposition yet. Say of each what became of it: GET …/comments?outcome=none lists them.",
            type="undisposed",
            title="Somebody has no answer yet",
            undisposed=count,
        )


def _check_landed(draft: Draft) -> None:
    keys: Any = draft.sections.values("key")
    lost = Disposition.objects.filter(landed_draft=draft).exclude(landed_key__in=keys)
    if missing := sorted(set(lost.values_list("landed_key", flat=True))):
        raise Conflict(
            f"Comments are said to have landed in sections that this version does not have: {', '.join(missing)}. "
            "Say where they landed instead.",
            type="landed-nowhere",
            sections=missing,
        )
