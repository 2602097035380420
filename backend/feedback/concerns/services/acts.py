"""What every act of staff on a concern has in common: the winner of a race changes it, and it is on record."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict
from backend.feedback.concerns.models import Concern, ConcernChange
from backend.feedback.concerns.triage import MOVES, OTHERS

Status = Concern.Status
OF_WORDS = ("letter", "reopen")  # of no use where what was told is erased


def act_on(
    concern: Concern, act: str, *, by: User, reason: str = "", has_read: bool = False, **changes: Any
) -> ConcernChange:
    """Changes a concern with a line in its history; all that `change_as_read` says holds."""
    change_as_read(concern, act, by=by, reason=reason, has_read=has_read, **changes)
    return ConcernChange.objects.create(
        concern=concern, move=act, status=concern.status, by=by, reason=reason, at=concern.changed_at
    )


@transaction.atomic
def change_as_read(
    concern: Concern, act: str, *, by: User, reason: str = "", has_read: bool = False, **changes: Any
) -> None:
    """Changes a concern as it was read, with its audit row, in the caller's transaction.

    Whoever moves it, or `has_read`, has read what the reporter wrote; the first to move or answer it has responded.
    Raises Conflict where the act is not possible from its state, it has changed since `concern` was read, or what
    was told is erased and the act is of its words; nothing is overwritten.
    """
    start, end = (MOVES | OTHERS)[act]
    if end:
        changes["status"] = end
    if end and end != Status.CLOSED:
        changes |= {"disposition": "", "closed_at": None, "merged_into": None}
    now = timezone.now()
    beside: dict[str, Any] = {"changed_at": now}
    if act in MOVES or has_read:
        beside["needs_reading"] = False
    if act in MOVES or act == "letter":
        beside["first_response_at"] = Coalesce("first_response_at", Value(now))
    as_read = Concern.objects.filter(pk=concern.pk, changed_at=concern.changed_at, status__in=start)
    if act in OF_WORDS:
        as_read = as_read.filter(erased_at=None)
    if not as_read.update(**changes, **beside):
        concern.refresh_from_db()
        if act in OF_WORDS and concern.erased_at:
            raise erased()
        raise Conflict(
            f"The concern is {concern.get_status_display()} and nothing was done: this cannot be done with it, or "
            "somebody was faster; read it again."
        )
    concern.refresh_from_db()
    audit.record(act, concern, by=by, fields=changes, reason=reason)


def check_read(concern: Concern, read_at: datetime | None) -> None:
    """Raises Conflict where a concern has changed since `read_at`, or has new words and nobody says when they read.

    `read_at`: its `changed_at`, as it was read.
    """
    if read_at is None and concern.needs_reading:
        raise Conflict(
            "Its reporter wrote and nobody has read that: read it, and send its `changed_at`.",
            type="unread-words",
            title="Not read yet",
        )
    if read_at not in (None, concern.changed_at):
        raise Conflict("It has changed since you read it; read it again.")


def erased() -> Conflict:
    return Conflict("Its words were erased when their time was over.", type="erased")
