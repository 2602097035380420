"""What staff do with a concern besides moving it, and what the desk keeps for itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid
from backend.feedback.concerns.models import (
    CannedAnswer,
    Concern,
    ConcernChange,
    ConcernLetter,
    ConcernNote,
    ConcernSubject,
    DeskLook,
)
from backend.feedback.concerns.services import walls
from backend.feedback.concerns.services.acts import act_on, change_as_read, check_read
from backend.feedback.concerns.services.liaisons import only_liaisons
from backend.feedback.concerns.services.telling import tell_reporter
from backend.feedback.concerns.triage import target_of
from backend.roster.models import StaffMember

# --- what is written --------------------------------------------------------------------------------------


@transaction.atomic
def write_note(*, concern: Concern, body: str, by: User) -> ConcernNote:
    """A line among staff, of which the reporter hears nothing. Raises as acts.change_as_read does."""
    change_as_read(concern, "note", by=by)
    return ConcernNote.objects.create(concern=concern, body=body, by=by, at=concern.changed_at)


@transaction.atomic
def write_letter(
    *, concern: Concern, body: str, by: User, language: str = "", read_at: datetime | None = None
) -> ConcernLetter:
    """An answer, which the reporter reads by account or receipt; without a language it is in theirs.

    With `read_at`, the concern's `changed_at` as it was read, their words are read too. Raises Conflict where it has
    changed since, and where what was told is erased.
    """
    if read_at:
        check_read(concern, read_at)
    change = act_on(concern, "letter", by=by, has_read=read_at is not None)
    letter = ConcernLetter.objects.create(
        concern=concern, body=body, language=language or concern.language, by=by, at=concern.changed_at
    )
    tell_reporter(concern, change)
    return letter


# --- how urgent, and about whom ---------------------------------------------------------------------------


@transaction.atomic
def set_priority(*, concern: Concern, priority: int, by: User) -> Concern:
    """How urgent an open concern is, with the target that follows (triage.target_of); the reporter hears nothing."""
    if priority == concern.priority:
        raise Conflict("It has this priority already.", type="same-priority")
    now = timezone.now()
    target_at = target_of(concern, priority, now)
    changes: dict[str, Any] = {"priority": priority, "target_at": target_at}
    if target_at > now:
        changes["escalated_to"] = ""
    act_on(concern, "priority", by=by, **changes)
    return concern


@transaction.atomic
def note_subjects(*, concern: Concern, about: Iterable[StaffMember], is_described: bool, by: User) -> Concern:
    """A liaison sees that it is about a police employee: it goes behind the wall, theirs perhaps.

    Raises Invalid where nobody is meant.
    """
    members = list(about)
    if not (members or is_described):
        raise Invalid("Say about whom it is, or that somebody is described.", field="about", code="required")
    locked = Concern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    walls.wall(locked, about=members, is_described=is_described, source=ConcernSubject.Source.LIAISON, by=by)
    locked.changed_at = timezone.now()
    locked.save(update_fields=["changed_at"])
    ConcernChange.objects.create(concern=locked, move="wall", status=locked.status, by=by)
    audit.record("wall", locked, by=by, fields=["is_walled", "subjects"])
    return locked


@transaction.atomic
def set_sensitive(*, concern: Concern, is_sensitive: bool, reason: str, by: User) -> Concern:
    """From now on liaisons alone read it and no message is sent about it; or all who read its place again.

    Messages do not begin again by that: whoever reads the reporter's phone may still do so. Raises NotAllowed for all
    but liaisons; Conflict where it has changed since it was read, is so already, or its category is sensitive.
    """
    only_liaisons(by)
    found = Concern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    if found.changed_at != concern.changed_at:
        raise Conflict("It has changed since you read it; read it again.")
    if found.is_sensitive == is_sensitive:
        raise Conflict("It is so already.", type="same-sensitivity")
    if found.category.is_sensitive:
        raise Conflict("All of this category is for liaisons alone.", type="sensitive-category")
    found.changed_at = timezone.now()
    if is_sensitive:
        walls.make_sensitive(found)
    found.is_sensitive = is_sensitive
    found.save(update_fields=["is_sensitive", "changed_at"])
    move = "sensitive" if is_sensitive else "not_sensitive"
    ConcernChange.objects.create(concern=found, move=move, status=found.status, by=by, reason=reason)
    audit.record(move, found, by=by, fields=["is_sensitive"], reason=reason)
    return found


# --- the desk's own ---------------------------------------------------------------------------------------


@transaction.atomic
def keep_canned_answer(*, by: User, answer: CannedAnswer | None = None, **fields: Any) -> CannedAnswer:
    """A new ready answer, or other `fields` (title, category, language, body, is_ended) of one.

    Raises NotAllowed for all but liaisons, Conflict where the title is taken in that language.
    """
    only_liaisons(by)
    kept = answer or CannedAnswer()
    changed = sorted(fields)
    if "is_ended" in fields:
        kept.ended_at = timezone.now() if fields.pop("is_ended") else None
    for name, value in fields.items():
        setattr(kept, name, value)
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        raise Conflict("There is an answer of this title in this language; change that one.") from None
    audit.record("keep_canned_answer", kept, by=by, fields=changed)
    return kept


@transaction.atomic
def look(*, by: User, at: datetime | None = None) -> DeskLook:
    """Somebody has seen their desk as it was then; a look never goes back, nor into the future."""
    now = timezone.now()
    seen = min(at or now, now)
    found, _ = DeskLook.objects.get_or_create(user=by, defaults={"at": seen})
    DeskLook.objects.filter(user=by, at__lt=seen).update(at=seen)
    found.refresh_from_db()
    return found
