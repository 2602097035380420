"""What the page of a concern shows beside its forms, in words."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.dateformat import format as date_format

from backend.accounts.models import User
from backend.feedback.concerns.desk_shapes import answers_out, reason_of
from backend.feedback.concerns.models import Concern, ConcernSubject, LegalHold
from backend.feedback.concerns.services import redaction
from backend.feedback.concerns.services.liaisons import is_liaison
from backend.notifications.languages import LANGUAGES


class Row(NamedTuple):
    """A line of the queue."""

    concern: Concern
    url: str
    words: str
    is_overdue: bool

    @classmethod
    def of(cls, concern: Concern, url: str, now: datetime) -> "Row":
        is_open = concern.status != Concern.Status.CLOSED
        is_overdue = bool(is_open and concern.target_at < now)
        return cls(concern, url, redaction.masked_description(concern), is_overdue)


def of(concern: Concern, user: User) -> dict[str, Any]:
    """The parts of the page, by the names that its template has for them."""
    tells_of_wall = is_liaison(user, is_civilian=True)
    return {
        "words": redaction.masked_description(concern),
        "facts": [(label, value) for label, value in _facts(concern) if value],
        "merged": _merged(concern, user),
        "photos": concern.photos.all(),
        "answers": _answers(concern),
        "history": [
            {
                "at": c.at,
                "what": c.move.replace("_", " "),
                "by": _name(c.by),
                "words": reason_of(c, tells_of_wall=tells_of_wall),
            }
            for c in concern.changes.select_related("by__staff_member")
        ],
        "talk": _talk(concern),
        "notes": [
            {"at": n.at, "by": _name(n.by), "words": n.body}
            for n in concern.notes.select_related("by__staff_member")
        ],
        "referrals": concern.referrals.select_related("office"),
        "holds": LegalHold.objects.filter(
            concern__in=Concern.objects.kept_by(user).filter(pk=concern.pk)
        ).select_related("by__staff_member"),
        "wall": _wall(concern) if concern.is_walled and tells_of_wall else [],
    }


def _name(user: User | None) -> str:
    """Of staff; nobody's where a resident or no person did it."""
    return str(user.staff_member) if user and hasattr(user, "staff_member") else ""


def _facts(concern: Concern) -> Iterator[tuple[str, Any]]:
    """(label, value); a value may be empty."""
    yield "Priority", concern.get_priority_display()
    yield "Told", date_format(timezone.localtime(concern.submitted_at), "M j, Y, g:i A")
    yield (
        "Said at",
        redaction.masked_said_at(concern) or (concern.occurrence and concern.occurrence.event.title),
    )
    yield "Place", concern.address or concern.position
    yield "Area", concern.area
    yield "Near a border", "so near that it may be another command's" if concern.is_near_border else ""
    yield "Desk", concern.desk
    yield "Assigned to", concern.assigned_to or "nobody"
    yield "Told higher up", concern.escalated_to.replace("_", " ")
    yield "Language", LANGUAGES[concern.language].name if concern.language in LANGUAGES else concern.language
    yield "Is told of changes", "by text" if concern.tells_by_text and not concern.is_sensitive else ""
    yield "Ended as", concern.get_disposition_display() if concern.disposition else ""
    yield "Dealt with, says the reporter", {True: "yes", False: "no", None: ""}[concern.dealt_with]


def _merged(concern: Concern, user: User) -> list[Concern]:
    """What it was merged into and what into it, as far as the person sees that."""
    beside = Q(merged_into=concern) | Q(pk=concern.merged_into_id)
    return list(Concern.objects.visible_to(user).filter(beside))


def _answers(concern: Concern) -> list[tuple[str, str]]:
    """With the questions as they were put."""
    told = answers_out(concern, redaction.masked_answers(concern))
    return [(one["question"], _in_words(one["value"])) for one in told]


def _in_words(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _talk(concern: Concern) -> list[dict[str, Any]]:
    """What was written to the reporter and by them, in order."""
    letters = concern.letters.select_related("by__staff_member")
    ours = [{"at": one.at, "by": _name(one.by) or "Staff", "words": one.body} for one in letters]
    theirs = [
        {"at": one.at, "by": "Who told it", "words": redaction.masked_body(concern, one)}
        for one in concern.replies.all()
    ]
    return sorted([*ours, *theirs], key=lambda line: line["at"])


def _wall(concern: Concern) -> list[str]:
    """Who is kept away, a sentence each."""
    if concern.cleared_at is None:
        return ["Civilian liaisons alone read this, until one of you has said about whom it is."]
    return [_kept_away(s) for s in concern.subjects.select_related("staff_member", "command__agency")]


def _kept_away(subject: ConcernSubject) -> str:
    command = f"everybody who serves below the Major in {subject.command}" if subject.command else ""
    if subject.staff_member:
        return f"Kept from {subject.staff_member}{' and from ' if command else ''}{command}."
    return f"Somebody is described who is not identified: kept from {command or 'everybody below a Major'}."
