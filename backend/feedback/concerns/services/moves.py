"""What staff do with a concern. Each is one transaction for the change, its history, its audit row and its texts.

All raise Conflict for the loser of a race (acts.act_on).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Invalid, NotFound, Unprocessable
from backend.feedback.concerns.clock import due
from backend.feedback.concerns.models import Concern, ConcernLetter, ConcernSubject
from backend.feedback.concerns.services import signposts
from backend.feedback.concerns.services.acts import act_on
from backend.feedback.concerns.services.answering import ask_whether_dealt_with
from backend.feedback.concerns.services.holds import keep_when_parted
from backend.feedback.concerns.services.liaisons import is_liaison, only_liaisons
from backend.feedback.concerns.services.readers import reading_desk
from backend.feedback.concerns.services.referrals import end_referral, refer_concern, return_concern
from backend.feedback.concerns.services.telling import tell_reporter
from backend.feedback.concerns.services.walls import wall
from backend.feedback.concerns.triage import desk_for, hours_of
from backend.roster.index import current, geography
from backend.roster.models import CHAIN, Area, StaffMember

Disposition = Concern.Disposition


def move_concern(*, concern: Concern, move: str, by: User, **words: Any) -> Concern:
    """Makes a move of the triage table by its name; `words` as the move's own function takes them."""
    if move not in _MOVES:
        raise NotFound()
    return _MOVES[move](concern=concern, by=by, **words)


@transaction.atomic
def triage_concern(*, concern: Concern, by: User) -> Concern:
    """Somebody has read it, and it is this desk's."""
    tell_reporter(concern, act_on(concern, "triage", by=by))
    return concern


@transaction.atomic
def start_concern(*, concern: Concern, by: User) -> Concern:
    """Somebody works on it."""
    tell_reporter(concern, act_on(concern, "start", by=by))
    return concern


@transaction.atomic
def assign_concern(*, concern: Concern, to: StaffMember | None, by: User, reason: str = "") -> Concern:
    """Gives it to somebody of its agency who may then read it.

    Raises Unprocessable, the same for who is not there (None), who is of another agency and who may not know of it:
    the refusal must not tell whom a concern is about.
    """
    change = act_on(concern, "assign", by=by, reason=reason, assigned_to=to)
    if to is None or not _can_have(to, concern):
        raise Unprocessable(
            "It cannot be given to this person; choose somebody else of the desk's agency with an account.",
            type="cannot-be-assigned",
        )
    tell_reporter(concern, change)
    return concern


def _can_have(to: StaffMember, concern: Concern) -> bool:
    """Of a concern that is theirs already, in this transaction: whether they read it."""
    place = concern.desk or concern.area
    is_ours = place is None or to.agency_id == place.agency_id
    return bool(is_ours and to.user and Concern.objects.visible_to(to.user).filter(pk=concern.pk).exists())


@transaction.atomic
def transfer_concern(*, concern: Concern, desk: Area, reason: str, by: User) -> Concern:
    """Sends it to another desk, the other agency's too; there it begins with whoever reads for that desk.

    Where it is near a border this settles whose it is. Raises Invalid for an area that has no desk.
    """
    on = timezone.localdate()
    if desk.kind not in CHAIN or not geography().is_mapped(desk, on):
        raise Invalid("This area has no desk; choose a district or precinct.", field="desk", code="no-desk")
    if desk.pk == concern.desk_id:
        raise Invalid("It is on this desk already.", field="desk", code="same")
    # What liaisons alone read goes on to where one reads it.
    goes_on = concern.is_walled or concern.is_sensitive
    chain = (desk, *geography().above(desk, on))
    found = reading_desk(concern, desk) if goes_on else desk_for(current(), chain, on)
    change = act_on(
        concern,
        "transfer",
        by=by,
        reason=reason,
        desk=found.area if found and goes_on else desk,
        assigned_to=found.member if found else None,
        is_near_border=False,
        escalated_to="",
    )
    tell_reporter(concern, change)
    return concern


@transaction.atomic
def merge_concern(*, concern: Concern, into: Concern | None, by: User, reason: str = "") -> Concern:
    """Closes it as the duplicate of another that the mover sees too; what was merged into it goes along.

    Raises Unprocessable, the same for all that it cannot be merged into: what is not there (None), itself, a
    duplicate, and what other people may read.
    """
    keys = [concern.pk, into.pk] if into else []
    # Both in one order, so that two who merge them into each other do not wait for each other.
    locked = {
        c.pk: c for c in Concern.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    }
    main = locked.get(into.pk) if into else None
    change = act_on(concern, "merge", by=by, reason=reason, merged_into=main, **_ended(Disposition.DUPLICATE))
    if main is None or main.pk == concern.pk or not _can_take(main, concern, by):
        raise Unprocessable(
            "Choose another on your desk that is no duplicate itself and that the same people may read.",
            type="cannot-be-merged",
        )
    Concern.objects.filter(merged_into=concern).update(merged_into=main)
    if main.status == Concern.Status.CLOSED:  # then nobody closes it for them
        both = Q(pk=concern.pk) | Q(merged_into=main, asked_at=None)
        Concern.objects.filter(both).update(asked_at=timezone.now(), dealt_with=None)
    end_referral(concern)
    tell_reporter(concern, change)
    return concern


def _can_take(main: Concern, concern: Concern, by: User) -> bool:
    if main.merged_into_id or main.disposition == Disposition.DUPLICATE:
        return False
    # The refusal of two that are about different people would tell whoever may not know about whom they are.
    if main.is_walled and not is_liaison(by, is_civilian=True):
        return False
    return _readers(main) == _readers(concern)


def _readers(concern: Concern) -> tuple[Any, ...]:
    """What decides, beside the place, who may read a concern."""
    about = frozenset(concern.subjects.values_list("staff_member", "command"))
    return concern.is_walled, concern.cleared_at is None, concern.is_sensitive, about


@transaction.atomic
def close_concern(*, concern: Concern, disposition: str, by: User, reason: str = "") -> Concern:
    """Ends it; the reporter is asked whether it was dealt with."""
    change = act_on(concern, "close", by=by, reason=reason, **_ended(disposition))
    end_referral(concern)
    ask_whether_dealt_with(concern, timezone.now())
    tell_reporter(concern, change)
    return concern


@transaction.atomic
def reopen_concern(*, concern: Concern, by: User, reason: str = "") -> Concern:
    """Takes it up again, with a new target; a duplicate stands on its own from then on."""
    keep_when_parted(concern)
    target_at = due(timezone.now(), hours_of(concern.category, concern.priority))
    tell_reporter(concern, act_on(concern, "reopen", by=by, reason=reason, target_at=target_at))
    return concern


@transaction.atomic
def give_back(*, concern: Concern, reason: str, by: User) -> Concern:
    """What is misconduct and came in under another name goes back to the person with the Board's rules.

    From then on civilian liaisons alone read it. Raises NotAllowed for all but liaisons.
    """
    only_liaisons(by)
    change = act_on(concern, "give_back", by=by, reason=reason, **_ended(Disposition.REFERRED_OUT))
    end_referral(concern)
    wall(concern, about=(), is_described=True, source=ConcernSubject.Source.LIAISON, by=by)
    ConcernLetter.objects.create(concern=concern, body=_rules_of_the_board(), language="en", by=by)
    tell_reporter(concern, change)
    return concern


def _rules_of_the_board() -> str:
    board = [
        ", ".join(filter(None, (line["name"], line["call"], line["web"])))
        for line in signposts.lines(*signposts.KINDS[signposts.MISCONDUCT])
    ]
    return "\n".join(
        [
            "What you told us is for the Civilian Oversight Board, not for us. Your own words are yours to take there.",
            *signposts.FACTS[signposts.MISCONDUCT],
            *board,
        ]
    )


def _ended(disposition: str) -> dict[str, Any]:
    return {"disposition": disposition, "closed_at": timezone.now(), "escalated_to": ""}


_MOVES: dict[str, Callable[..., Concern]] = {
    "triage": triage_concern,
    "assign": assign_concern,
    "start": start_concern,
    "refer": refer_concern,
    "return": return_concern,
    "transfer": transfer_concern,
    "merge": merge_concern,
    "close": close_concern,
    "reopen": reopen_concern,
    "give_back": give_back,
}


# --- looking behind what the desk shows -------------------------------------------------------------------


class Reporter(NamedTuple):
    """How a reporter is reached; `contact_note` says what is safe when calling."""

    phone: str
    email: str
    code_word: str
    contact_note: str


@transaction.atomic
def name_reporter(*, concern: Concern, by: User, reason: str) -> Reporter:
    """Who told a concern, for a person who may know (`reporter_known_to`). Raises Unprocessable for nobody."""
    teller = concern.reporter
    if teller is None and not concern.phone:
        raise Unprocessable(
            "Nobody can be named: this was told without an account, or its time to be kept is over.",
            type="nobody-to-name",
            title="Told without a name",
        )
    audit.record("name_reporter", concern, by=by, fields=["reporter"], reason=reason)
    if teller is None:
        return Reporter(concern.phone, "", "", concern.contact_note)
    return Reporter(teller.phone, teller.email, teller.code_word, concern.contact_note)


@transaction.atomic
def open_concern(*, concern: Concern, by: User, reason: str) -> Concern:
    """Opens a concern to an administrator (`opened_by`), whose seat alone shows none."""
    audit.record("open", concern, by=by, reason=reason)
    return concern
