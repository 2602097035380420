"""The wall around a concern about a police employee: who is noted, and what a civilian liaison then says of it.

Who may read it follows from these rows (models.reading). All of it belongs into the caller's transaction.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid
from backend.feedback.concerns.models import Concern, ConcernChange, ConcernSubject, Photo, command_of
from backend.feedback.concerns.models.reading import ConcernQuerySet
from backend.feedback.concerns.names import Names
from backend.feedback.concerns.services import liaisons
from backend.feedback.concerns.services.readers import give_to_a_reader
from backend.feedback.concerns.warnings import PRIVATE_KINDS, find_warnings
from backend.roster.index import current
from backend.roster.models import Assignment, StaffMember

FOR_CIVILIANS = "A civilian liaison of this desk says that."


def wall(
    concern: Concern,
    *,
    about: Iterable[StaffMember],
    is_described: bool,
    source: ConcernSubject.Source,
    by: User | None = None,
) -> None:
    """Notes whom the concern is about and puts it behind the wall, on the desk of a civilian liaison.

    `is_described`: somebody is meant who is not identified; the command of the place, or every command, is walled.
    What was cleared before has to be cleared again. Its duplicates tell the same, and go behind the wall with it.
    """
    on, members = timezone.localdate(), list(about)
    _note(concern, about=members, is_described=is_described, source=source, by=by, on=on)
    concern.is_walled, concern.cleared_at = True, None
    concern.save(update_fields=["is_walled", "cleared_at"])
    give_to_a_reader(concern)
    for duplicate in concern.duplicates.all():
        wall(duplicate, about=members, is_described=is_described, source=source, by=by)
        _record(duplicate, "wall", ["is_walled", "subjects"])


def named_in(text: str) -> list[StaffMember]:
    """The members of staff whom a text names (names.Names), as the roster is now."""

    def build() -> Names:
        return Names(StaffMember.objects.values_list("pk", "name", "badge_number"))

    names: Names = current().remember(("names",), build)
    found = names.found_in(text)
    return list(StaffMember.objects.filter(pk__in=[str(pk) for pk in found])) if found else []


def heed(concern: Concern, text: str, *, is_about_police: bool = False) -> list[str]:
    """What words that come later change: whom they name anew is walled, and what is private becomes sensitive.

    `is_about_police`: the reporter says so, of somebody whom the words need not name.
    Returns the kinds of what cannot wait (warnings.KINDS).
    """
    known = set(concern.subjects.values_list("staff_member", flat=True))
    new = [member for member in named_in(text) if member.pk not in known]
    is_described = is_about_police and None not in known
    if new or is_described:
        source = ConcernSubject.Source.MATCHED if new else ConcernSubject.Source.ASKED
        wall(concern, about=new, is_described=is_described, source=source)
        _record(concern, "wall", ["is_walled", "subjects"])
    kinds = find_warnings(text)
    if PRIVATE_KINDS.intersection(kinds) and not concern.is_sensitive:
        make_sensitive(concern)
        _record(concern, "sensitive", ["is_sensitive"])
    return kinds


def _record(concern: Concern, move: str, fields: list[str]) -> None:
    """In its history and in the audit trail: what the words of its reporter did, and nobody of staff."""
    ConcernChange.objects.create(concern=concern, move=move, status=concern.status)
    audit.record(move, concern, fields=fields)


def make_sensitive(concern: Concern) -> None:
    """No message is sent about it any more, and from whoever is no liaison it goes to one; its duplicates too."""
    concern.is_sensitive, concern.tells_by_text = True, False
    concern.save(update_fields=["is_sensitive", "tells_by_text"])
    give_to_a_reader(concern)
    for duplicate in concern.duplicates.filter(is_sensitive=False):
        make_sensitive(duplicate)
        _record(duplicate, "sensitive", ["is_sensitive"])


def clearable_by(user: User) -> ConcernQuerySet:
    """Those of which this person may say about whom they are: of a civilian liaison, what is on their desk."""
    if not liaisons.is_liaison(user, is_civilian=True):
        return Concern.objects.none()
    return Concern.objects.filter(liaisons.reach_as_liaison(user).as_one())


@transaction.atomic
def clear(
    *, concern: Concern, about: Iterable[StaffMember], is_described: bool, reason: str, by: User
) -> Concern:
    """A civilian liaison says about whom a walled concern is, as they read it; with nobody, the wall comes down.

    Raises Conflict where it is not walled, or has changed since: a later reply may name somebody else. Raises Invalid
    for a person who may not read it and says so of themselves.
    """
    found = Concern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    members = list(about)
    if found.changed_at != concern.changed_at:
        raise Conflict("It has changed since you read it; read it again before you say about whom it is.")
    if not found.is_walled:
        raise Conflict("This concern is behind no wall.", type="not-walled")
    if any(member.user_id == by.pk for member in members):
        raise Invalid(
            "Who it is about does not clear it; ask another liaison.", field="about", code="oneself"
        )
    found.subjects.all().delete()
    stays = bool(members or is_described)
    if stays:
        source = ConcernSubject.Source.LIAISON
        _note(found, about=members, is_described=is_described, source=source, by=by, on=timezone.localdate())
    found.is_walled, found.cleared_at = stays, timezone.now() if stays else None
    found.changed_at = timezone.now()
    found.save(update_fields=["is_walled", "cleared_at", "changed_at"])
    ConcernChange.objects.create(concern=found, move="clear", status=found.status, by=by, reason=reason)
    audit.record("clear", found, by=by, fields=["is_walled", "subjects"], reason=reason)
    return found


def _note(
    concern: Concern,
    *,
    about: Iterable[StaffMember],
    is_described: bool,
    source: ConcernSubject.Source,
    by: User | None,
    on: date,
) -> None:
    """The rows: one for each person and command in which they serve, and one for somebody not identified."""
    pairs: list[tuple[StaffMember | None, int | None]] = []
    for member in about:
        posts = Assignment.objects.in_force(on).filter(staff_member=member).values_list("area_id", flat=True)
        commands = {command.pk for post in posts if (command := command_of(post, on))}
        pairs += [(member, command) for command in sorted(commands)] or [(member, None)]
    if is_described:
        command = command_of(concern.area_id, on) if concern.area_id else None
        pairs.append((None, command.pk if command else None))
    for person, command_id in pairs:
        ConcernSubject.objects.get_or_create(
            concern=concern, staff_member=person, command_id=command_id, defaults={"source": source, "by": by}
        )


def ids_kept_from(user: User) -> list[str]:
    """The ids, of concerns and of their photos, that no staff page shows this administrator: they are about them."""
    concerns = Concern.objects.about(user).values_list("pk", flat=True)
    photos = Photo.objects.filter(concern__in=concerns).values_list("pk", flat=True)
    return [str(pk) for pk in (*concerns, *photos)]
