"""Calls with what was said in them, as rows: for tests of what is counted afterwards."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from backend.feedback.workinggroups.models import (
    Comment,
    CommentTheme,
    Consultation,
    Disposition,
    Draft,
    Section,
    Testimony,
    Theme,
    WorkingGroup,
)
from backend.roster import editions


def make_draft(group: WorkingGroup, *keys: str, published: bool = True) -> Draft:
    """The next version, with these sections; numbered and titled by where they stand."""
    draft = Draft.objects.create(group=group, number=group.drafts.count() + 1, title="The policy")
    Section.objects.bulk_create(
        Section(draft=draft, key=key, position=n, number=f"{n}", heading=key.title())
        for n, key in enumerate(keys, 1)
    )
    if published:
        Draft.objects.filter(pk=draft.pk).update(published_at=timezone.now())
        draft.refresh_from_db()
    return draft


def make_call(group: WorkingGroup, draft: Draft | None, **fields: Any) -> Consultation:
    """A call that closed yesterday."""
    now = timezone.now()
    times = {"opens_at": now - timedelta(days=9), "closes_at": now - timedelta(days=1)}
    return Consultation.objects.create(
        group=group, draft=draft, **{"title": "What should it say?", **times, **fields}
    )


def publish(call: Consultation) -> None:
    """With an answer to whatever has none."""
    for comment in Comment.objects.undisposed().filter(consultation=call):
        Disposition.objects.create(comment=comment, outcome="declined", reason="It is in the law.")
    Consultation.objects.filter(pk=call.pk).update(published_at=timezone.now())
    editions.bump(editions.WORKING_GROUPS)


def make_comment(
    call: Consultation,
    key: str | None = None,
    outcome: str = "",
    *,
    themes: tuple[Theme, ...] = (),
    grounds: str = "spam",
    landed: tuple[Draft, str] | None = None,
    **fields: Any,
) -> Comment:
    """Said of the section of that key, or the whole; it landed in its own section unless said otherwise."""
    section = Section.objects.get(draft=call.draft, key=key) if key else None
    comment = Comment.objects.create(
        consultation=call,
        section=section,
        **{"kind": "comment", "body": "Say more.", "words_index": "x", **fields},
    )
    CommentTheme.objects.bulk_create(CommentTheme(comment=comment, theme=theme) for theme in themes)
    if outcome:
        is_landing = outcome in Disposition.LANDING
        draft, landed_key = (landed or (call.draft, key or "purpose")) if is_landing else (None, "")
        Disposition.objects.create(
            comment=comment,
            outcome=outcome,
            reason="It was decided so.",
            grounds=grounds if outcome == "moderated" else "",
            landed_draft=draft,
            landed_key=landed_key,
        )
    return comment


def make_theme(group: WorkingGroup, key: str, **fields: Any) -> Theme:
    return Theme.objects.create(group=group, key=key, **{"name": key.title(), **fields})


def make_testimony(call: Consultation, *, days_ago: int = 1, **fields: Any) -> Testimony:
    on = timezone.localdate() - timedelta(days=days_ago)
    return Testimony.objects.create(consultation=call, on=on, **{"body": "It happened to me.", **fields})
