"""What came of a meeting: attendance and minutes, priorities and ballots, commitments and their outcome."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotAllowed, NotFound
from backend.events.models import (
    Ballot,
    BallotRank,
    Commitment,
    CommitmentRating,
    Event,
    Meeting,
    Occurrence,
    Priority,
    reach,
)
from backend.events.services.checks import refuse_markup
from backend.roster import editions
from backend.roster.models import Area

MOST_RANKED = 10


@transaction.atomic
def record_meeting(
    *,
    occurrence: Occurrence,
    by: User,
    attendance: int | None = None,
    newcomers: int | None = None,
    minutes: str | None = None,
) -> Meeting:
    """Who came (how many, how many of them new) and the minutes; what is None stays as it was.

    Raises NotAllowed, Invalid, and Conflict (cancelled, or not begun).
    """
    today = timezone.localdate()
    if not Event.objects.changeable_by(by, today).filter(pk=occurrence.event_id).exists():
        raise NotAllowed("You can record meetings of the areas you serve.")
    if occurrence.status == Occurrence.Status.CANCELLED:
        raise Conflict("This date was cancelled, so there was no meeting.", type="already-cancelled")
    if occurrence.starts_at > timezone.now():
        raise Conflict("This meeting has not begun.", type="not-begun")
    meeting, _ = Meeting.objects.select_for_update().get_or_create(occurrence=occurrence)
    given = {"attendance": attendance, "newcomers": newcomers, "minutes": minutes}
    changed = {name: value for name, value in given.items() if value is not None}
    for name, value in changed.items():
        setattr(meeting, name, value)
    refuse_markup(meeting.minutes, "minutes")
    if (meeting.newcomers or 0) > (meeting.attendance or 0):
        raise Invalid("Not more people can be new than came.", field="newcomers")
    meeting.recorded_by, meeting.recorded_at = by, timezone.now()
    meeting.save()
    actor = None if occurrence.event.working_group else by
    audit.record("meeting_recorded", meeting, by=actor, fields=changed)
    editions.bump(editions.CALENDAR)
    return meeting


# --- priorities ---------------------------------------------------------------------------------------


@transaction.atomic
def add_priority(
    *,
    area: Area,
    by: User,
    title: str,
    description: str = "",
    action: str = "",
    action_on: date | None = None,
    raised_at: Occurrence | None = None,
) -> Priority:
    """Notes what people of the area want worked on. Raises NotAllowed and Invalid."""
    _check_reach(by, area)
    priority = Priority(
        area=area,
        title=title,
        description=description,
        action=action,
        action_on=action_on,
        raised_at=raised_at,
        recorded_by=by,
    )
    _check_priority(priority)
    priority.save()
    _note("priority_added", priority, by, ("title",))
    return priority


@transaction.atomic
def change_priority(
    *,
    priority: Priority,
    by: User,
    action: str | None = None,
    action_on: date | None = None,
    outcome: str = "",
) -> Priority:
    """Says what is done about it and until when; with an outcome it is closed. Raises NotAllowed, Conflict, Invalid."""
    priority = Priority.objects.select_for_update().get(pk=priority.pk)
    _check_reach(by, priority.area)
    if priority.status == Priority.Status.CLOSED:
        raise Conflict("It is closed; add it anew if it is back.", type="already-closed")
    priority.action = priority.action if action is None else action
    priority.action_on = action_on or priority.action_on
    if outcome:
        priority.status, priority.outcome = Priority.Status.CLOSED, outcome
        priority.closed_at = timezone.now()
    _check_priority(priority)
    priority.save()
    _note("priority_closed" if outcome else "priority_changed", priority, by, ("action", "action_on"))
    return priority


def _check_priority(priority: Priority) -> None:
    for name in ("title", "description", "action", "outcome"):
        refuse_markup(getattr(priority, name), name)
    if priority.action and priority.action_on is None:
        raise Invalid("Say until when it is done.", field="action_on")


def period(on: date) -> str:
    """The quarter of a day, in which each person has one vote: "2026-Q4"."""
    return f"{on.year}-Q{(on.month + 2) // 3}"


@transaction.atomic
def cast_ballot(*, area: Area, by: User, ranking: Sequence[Priority]) -> Ballot:
    """One resident's order of the area's open priorities; another one in the same quarter takes its place.

    Raises NotAllowed (staff) and Invalid.
    """
    if by.is_staff:
        raise NotAllowed("Residents rank what is worked on; staff record it.")
    _check_ranking(area, ranking)
    now = period(timezone.localdate())
    # Locked by its own row: two at once would both delete and add.
    ballot, _ = Ballot.objects.get_or_create(area=area, period=now, voter=by)
    ballot = Ballot.objects.select_for_update().get(pk=ballot.pk)
    ballot.ranks.all().delete()
    _rank(ballot, ranking)
    editions.bump(editions.CALENDAR)
    return ballot


@transaction.atomic
def record_paper_ballots(
    *, area: Area, occurrence: Occurrence, by: User, rankings: Sequence[Sequence[Priority]]
) -> int:
    """What people ranked on paper at a meeting, all of it at once; again takes the place of the former.

    Not more ballots than people who came. Raises NotAllowed, Invalid and Conflict (no attendance recorded).
    """
    _check_reach(by, area)
    meeting = Meeting.objects.select_for_update().filter(occurrence=occurrence).first()
    if meeting is None or meeting.attendance is None:
        raise Conflict("Record first how many people came to this meeting.", type="no-attendance")
    if len(rankings) > meeting.attendance:
        raise Invalid(f"{meeting.attendance} people came; there cannot be more ballots.", field="ballots")
    if not occurrence.event.areas.filter(pk=area.pk).exists():
        raise Invalid("This meeting was of another area.", field="occurrence")
    for ranking in rankings:
        _check_ranking(area, ranking)
    Ballot.objects.filter(area=area, cast_at_meeting=occurrence).delete()
    when = period(timezone.localdate(occurrence.starts_at))
    for number, ranking in enumerate(rankings, 1):
        paper = Ballot.objects.create(area=area, period=when, cast_at_meeting=occurrence, paper_number=number)
        _rank(paper, ranking)
    _note("paper_ballots_recorded", meeting, by, ())
    return len(rankings)


def _check_ranking(area: Area, ranking: Sequence[Priority]) -> None:
    if not 1 <= len(ranking) <= MOST_RANKED or len({p.pk for p in ranking}) < len(ranking):
        raise Invalid(f"Rank 1 to {MOST_RANKED} priorities, each once.", field="ranking")
    if any(p.area_id != area.pk or p.status != Priority.Status.OPEN for p in ranking):
        raise Invalid("Rank open priorities of this area.", field="ranking", code="unknown")


def _rank(ballot: Ballot, ranking: Sequence[Priority]) -> None:
    BallotRank.objects.bulk_create(
        BallotRank(ballot=ballot, priority=priority, rank=n) for n, priority in enumerate(ranking, 1)
    )


def ranked(area: Area) -> list[tuple[Priority, int]]:
    """The area's open priorities with their points, first what its people put first in the latest quarter with votes.

    Borda: of ten the first gets 10 points, the second 9; ties go by age.
    """
    latest = Ballot.objects.filter(area=area).order_by("-period").values_list("period", flat=True).first()
    points: dict[object, int] = {}
    cast = BallotRank.objects.filter(ballot__area=area, ballot__period=latest)
    for priority_id, rank in cast.values_list("priority_id", "rank"):
        points[priority_id] = points.get(priority_id, 0) + MOST_RANKED + 1 - rank
    open_ones = list(Priority.objects.select_related("area").filter(area=area, status=Priority.Status.OPEN))
    open_ones.sort(key=lambda priority: -points.get(priority.pk, 0))
    return [(priority, points.get(priority.pk, 0)) for priority in open_ones]


# --- commitments --------------------------------------------------------------------------------------


@transaction.atomic
def make_commitment(
    *,
    area: Area,
    by: User,
    promise: str,
    promised_by: str,
    due_on: date,
    said_at: Occurrence | None = None,
) -> Commitment:
    """Notes a "we will …". It stays with the area until somebody says what came of it. Raises NotAllowed, Invalid."""
    _check_reach(by, area)
    refuse_markup(promise, "promise")
    refuse_markup(promised_by, "promised_by")
    if due_on < timezone.localdate():
        raise Invalid("A commitment has a day that is still to come.", field="due_on", code="past")
    commitment = Commitment.objects.create(
        area=area, promise=promise, promised_by=promised_by, due_on=due_on, said_at=said_at, recorded_by=by
    )
    _note("commitment_made", commitment, by, ("promise", "due_on"))
    return commitment


@transaction.atomic
def close_commitment(*, commitment: Commitment, by: User, status: str, outcome: str) -> Commitment:
    """Says what came of it, kept or not; after that it does not change. Raises NotAllowed, Conflict, Invalid."""
    commitment = Commitment.objects.select_for_update().get(pk=commitment.pk)
    _check_reach(by, commitment.area)
    if commitment.status != Commitment.Status.OPEN:
        raise Conflict("Its outcome is published already.", type="already-closed")
    refuse_markup(outcome, "outcome")
    commitment.status, commitment.outcome, commitment.closed_at = status, outcome, timezone.now()
    commitment.save()
    _note("commitment_closed", commitment, by, ("status", "outcome"))
    return commitment


@transaction.atomic
def rate_commitment(*, commitment: Commitment, by: User, rating: int) -> None:
    """One resident's view of the outcome, 1 to 5; a later one takes its place. Raises NotAllowed and Conflict."""
    if by.is_staff:
        raise NotAllowed("Residents rate what became of a commitment.")
    if commitment.status == Commitment.Status.OPEN:
        raise Conflict("There is no outcome yet to rate.", type="still-open")
    try:
        with transaction.atomic():
            CommitmentRating.objects.update_or_create(
                commitment=commitment, user=by, defaults={"rating": rating}
            )
    except IntegrityError:
        raise Conflict("You are rating this twice at once; send it again.") from None
    editions.bump(editions.CALENDAR)


def _check_reach(by: User, area: Area) -> None:
    if area.pk not in reach(by, timezone.localdate()):
        raise NotAllowed("You can record this for the areas you serve, those inside them and the one above.")


def _note(action: str, what: Priority | Commitment | Meeting, by: User, fields: Sequence[str]) -> None:
    audit.record(action, what, by=by, fields=fields)
    editions.bump(editions.CALENDAR)


def occurrence_of(occurrence_id: UUID) -> Occurrence:
    """A published date, for what is said of it. Raises NotFound."""
    found = Occurrence.objects.published().select_related("event").filter(pk=occurrence_id).first()
    if found is None:
        raise NotFound("There is no such date.")
    return found
