"""Every write to a concern: one transaction for the change and its history."""

import base64
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.holdings import Ending
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotFound, Unprocessable
from backend.feedback.concerns.models import Concern, ConcernChange, ConcernReply, receipt_index
from backend.feedback.concerns.triage import MOVES, desk_for
from backend.notifications import services as notifications
from backend.notifications import words
from backend.notifications.languages import Language, in_each
from backend.notifications.models import Notice, Recipient
from backend.roster.index import current, find_address, geography
from backend.roster.models import CHAIN, Area

UPDATE = "concern_update"
UPDATE_OF_USE = timedelta(days=3)
KEPT_AFTER_CLOSING = timedelta(days=2 * 365)
# What the Civilian Oversight Board takes, said before anything is typed into a form of ours.
OVERSIGHT = (
    "Complaints of misconduct go to the Civilian Oversight Board, not to us. It takes them signed, from a person "
    "directly involved (or a minor's guardian), not anonymously, and gives a copy to Internal Affairs. "
    "Nothing of what you wrote was kept; take your own words there."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a concern is: an address or position with the chain of areas that holds it, deepest first."""

    chain: tuple[Area, ...] = ()
    address: str = ""
    lat: float | None = None
    lon: float | None = None


def place_of_address(text: str, on: date) -> Place:
    """Raises NotFound or Unprocessable as roster.index.find_address does, and as `place_of_point` does."""
    match = find_address(text, on)
    place = place_of_point(match.lat, match.lon, on)
    return Place(place.chain, text, match.lat, match.lon)


def place_of_point(lat: float, lon: float, on: date) -> Place:
    """Raises NotFound where no department of this app serves: a concern there would have no reader."""
    served = geography().serving(lat, lon, on)
    if served is None:
        raise NotFound(
            "This place is outside the area of the departments in this app, and nobody here would read it. "
            "In an emergency call 911. If it is not about a place, send it without one.",
            type="outside-service-area",
            title="Outside the service area",
        )
    return Place(tuple(served.chain), "", lat, lon)


def place_of_area(slug: str, on: date) -> Place:
    maps = geography()
    area = maps.by_slug.get(slug)
    if area is None or not maps.is_mapped(area, on):
        raise Invalid(f"There is no area {slug!r} on the map of today.", field="area", code="unknown")
    if area.kind not in CHAIN:
        raise Invalid(
            "A neighborhood or ward may lie in two districts; send an address, a position or a district.",
            field="area",
            code="not-a-command",
        )
    return Place((area, *maps.above(area, on)))


@transaction.atomic
def submit_concern(
    *,
    category: str,
    description: str,
    place: Place,
    about_police_employee: bool,
    hides_address: bool = False,
    tells_by_text: bool = False,
    paper_receipt: str = "",
    by: User | None,
) -> tuple[Concern, str | None]:
    """Stores a concern on the right desk; returns it and, for an anonymous reporter, the receipt.

    With `hides_address` (Safe at Home) the place decides the desk and is not kept. `paper_receipt`: the slip
    that somebody was given at a meeting, whose words are entered for them; nobody is the reporter then.
    Raises Unprocessable for misconduct, which the Civilian Oversight Board takes and we do not, and Conflict
    where the slip has been used.
    """
    if category == "misconduct":
        raise Unprocessable(OVERSIGHT, type="civilian-oversight-board", title="This belongs before the Board")
    desk = desk_for(current(), place.chain, timezone.localdate(), is_walled=about_police_employee)
    receipt = paper_receipt or (None if by else new_receipt())
    by = None if paper_receipt else by
    if paper_receipt and Concern.objects.with_receipt(paper_receipt).exists():
        raise Conflict("A concern was entered under this slip already.", type="slip-used")
    concern = Concern.objects.create(
        category=category,
        description=description,
        address="" if hides_address else place.address,
        position="" if hides_address or place.lat is None else f"{place.lat},{place.lon}",
        area=place.chain[0] if place.chain else None,
        desk=desk.area if desk else None,
        assigned_to=desk.member if desk else None,
        is_walled=about_police_employee,
        reporter=by,
        receipt_index=receipt_index(receipt) if receipt else None,
        tells_by_text=bool(tells_by_text and by and by.phone),
    )
    if concern.tells_by_text and by:
        notifications.ask_once(recipient=notifications.recipient_of(by.phone), source="concern")
    # Not `by`: who told it is on the concern alone, where it is erased.
    ConcernChange.objects.create(concern=concern, move="submit", status=concern.status)
    return concern, receipt


@transaction.atomic
def move_concern(*, concern: Concern, move: str, by: User, disposition: str = "") -> Concern:
    """Makes a move of the triage table. The loser of a race gets Conflict; nothing is overwritten."""
    if move not in MOVES:
        raise NotFound()
    start, end = MOVES[move]
    closing = end == Concern.Status.CLOSED
    if closing != bool(disposition):
        raise Invalid("Say how it ended when closing, and only then.", field="disposition", code="required")
    changes = {"status": end, "disposition": disposition, "closed_at": timezone.now() if closing else None}
    if not Concern.objects.filter(pk=concern.pk, status__in=start).update(**changes):
        concern.refresh_from_db()
        raise Conflict(f"A concern that is {concern.get_status_display()} cannot {move}; read it again.")
    change = ConcernChange.objects.create(concern=concern, move=move, status=end, by=by)
    _text_reporter(concern, change)
    audit.record(move, concern, by=by, fields=changes)
    concern.refresh_from_db()
    return concern


def _text_reporter(concern: Concern, change: ConcernChange) -> None:
    """There is an update, and no word of what: somebody else may read the phone."""
    reporter = concern.reporter
    if reporter is None or not concern.tells_by_text or not reporter.phone:
        return
    notifications.send_to(
        kind=UPDATE,
        key=f"{UPDATE}:{change.pk}",
        recipient=notifications.recipient_of(reporter.phone),
        subject_id=str(concern.pk),
        body=in_each(words.discreet),
        expires_at=timezone.now() + UPDATE_OF_USE,
        urgency=Notice.Urgency.CHANGE,
    )


def is_theirs_still(concern_id: str, now: datetime) -> bool:
    """The re-check of an update: the concern still has its reporter."""
    return Concern.objects.filter(pk=concern_id, tells_by_text=True, reporter__isnull=False).exists()


def take_reply(concern_id: str, phone_index: str, body: str) -> bool:
    """Keeps what a reporter answers to an update, of a closed concern too; False where it is not theirs now."""
    theirs = Concern.objects.filter(pk=concern_id, reporter__phone_index=phone_index)
    if not theirs.exists():
        return False
    ConcernReply.objects.create(concern_id=concern_id, body=body)
    return True


STATES = {
    Concern.Status.SUBMITTED: "received",
    Concern.Status.TRIAGED: "read by a person",
    Concern.Status.ASSIGNED: "somebody is responsible",
    Concern.Status.IN_PROGRESS: "being worked on",
    Concern.Status.REFERRED: "passed on to another office",
    Concern.Status.CLOSED: "closed",
}


def status_by_text(receipt: str, recipient: Recipient, language: Language) -> str:
    """The command STATUS: how far the concern of a receipt is, and nothing else of it.

    A wrong and an expired receipt get the same answer, and no row ties the number to the receipt.
    """
    found = Concern.objects.with_receipt(receipt).values_list("status", flat=True).first()
    if found is None:
        return language.say("Nothing was found under this receipt. Please check its letters.")
    return language.say("Your report: {state}.", state=language.say(STATES[Concern.Status(found)]))


@transaction.atomic
def name_reporter(*, concern: Concern, by: User, reason: str) -> User:
    """Who told a concern, for a person who may know (`reporter_known_to`). Raises Unprocessable for nobody."""
    reporter = concern.reporter
    if reporter is None:
        raise Unprocessable(
            "Nobody can be named: this was told without an account, or its time to be kept is over.",
            type="nobody-to-name",
            title="Told without a name",
        )
    audit.record("name_reporter", concern, by=by, fields=["reporter"], reason=reason)
    return reporter


@transaction.atomic
def open_concern(*, concern: Concern, by: User, reason: str) -> Concern:
    """Opens a concern to an administrator (`opened_by`), whose seat alone shows none."""
    audit.record("open", concern, by=by, reason=reason)
    return concern


def erase_old(now: datetime) -> int:
    """Two years after closing only category, area, dates and outcome are left; returns how many it was."""
    old = Concern.objects.filter(closed_at__lte=now - KEPT_AFTER_CLOSING, erased_at=None)
    ConcernReply.objects.filter(concern__in=old).delete()
    return old.update(
        description="", address="", position="", reporter=None, receipt_index=None, erased_at=now
    )


# --- a resident's own, for their account (accounts.holdings) -------------------------------------------


def export_of(user: User) -> list[dict[str, Any]]:
    """Each concern this person told, with what became of it."""
    concerns = Concern.objects.told_by(user).select_related("area").prefetch_related("changes", "replies")
    return [
        {
            "id": str(concern.pk),
            "category": concern.category,
            "description": concern.description,
            "address": concern.address,
            "position": concern.position,
            "area": concern.area.slug if concern.area else None,
            "status": concern.status,
            "disposition": concern.disposition,
            "submitted_at": concern.submitted_at.isoformat(),
            "added_by_text": [{"body": r.body, "at": r.at.isoformat()} for r in concern.replies.all()],
            "changes": [{"move": c.move, "at": c.at.isoformat()} for c in concern.changes.all()],
        }
        for concern in concerns
    ]


def part_from(user: User) -> list[Ending]:
    """Takes the person off their concerns, which stay."""
    if not Concern.objects.told_by(user).update(reporter=None):
        return []
    why = (
        "a department keeps its log of complaints (RSMo 610.200); words and place are erased two years after "
        "closing"
    )
    return [Ending("what you told us", "anonymised", why)]


def hide_address_of(user: User) -> None:
    Concern.objects.told_by(user).update(address="", position="")


def new_receipt() -> str:
    """80 random bits as four groups of four letters and digits."""
    text = base64.b32encode(secrets.token_bytes(10)).decode()
    return "-".join(text[n : n + 4] for n in range(0, 16, 4))
