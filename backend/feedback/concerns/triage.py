"""Which desk a concern belongs on, and which moves it can make. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from backend.feedback.concerns.clock import due
from backend.feedback.concerns.models import Category, Concern
from backend.roster.index import RosterIndex
from backend.roster.models import Area, Assignment, StaffMember

Status = Concern.Status


class Desk(NamedTuple):
    """The area whose liaison (or, without one, commander) reads a concern, and that person if there is one."""

    area: Area
    member: StaffMember | None


class Move(NamedTuple):
    """From which states a move is possible, and where it leads; "" where the state stays as it is."""

    start: frozenset[str]
    end: str


OPEN = frozenset({Status.SUBMITTED, Status.TRIAGED, Status.ASSIGNED, Status.IN_PROGRESS, Status.REFERRED})
HERE = OPEN - {Status.REFERRED}
MOVES = {
    "triage": Move(frozenset({Status.SUBMITTED}), Status.TRIAGED),
    "assign": Move(HERE, Status.ASSIGNED),
    "start": Move(frozenset({Status.TRIAGED, Status.ASSIGNED}), Status.IN_PROGRESS),
    "refer": Move(HERE, Status.REFERRED),
    "return": Move(frozenset({Status.REFERRED}), Status.TRIAGED),
    "transfer": Move(HERE, Status.TRIAGED),
    "merge": Move(OPEN, Status.CLOSED),
    "close": Move(OPEN, Status.CLOSED),
    "reopen": Move(frozenset({Status.CLOSED}), Status.TRIAGED),
    "give_back": Move(OPEN, Status.CLOSED),
}
# What else staff do with one, whose state stays as it is.
OTHERS = {
    "letter": Move(frozenset(Status), ""),
    "note": Move(frozenset(Status), ""),
    "priority": Move(OPEN, ""),
    "acknowledge": Move(frozenset({Status.REFERRED}), ""),
}
# What of its history its reporter sees; the rest is staff's among themselves.
TOLD = frozenset({"submit", *MOVES})
# What of it tells that a concern is about somebody, or that somebody is to be protected.
UNTOLD = frozenset({"wall", "clear", "sensitive", "not_sensitive", "reader"})
# Business hours until a concern should be closed, where its priority is not its category's own.
HOURS = {
    Category.Priority.URGENT: 8,
    Category.Priority.HIGH: 16,
    Category.Priority.NORMAL: 40,
    Category.Priority.LOW: 80,
}


def hours_of(category: Category, priority: int) -> int:
    """Business hours until a concern of this category and priority should be closed."""
    is_own = priority == category.priority
    return category.target_hours if is_own else HOURS[Category.Priority(priority)]


def target_of(concern: Concern, priority: int, now: datetime) -> datetime:
    """When a concern that gets another priority should be closed.

    A higher one counts from now, for nobody knew before, and makes nothing later; a lower one from when it was told,
    so that no time is won by changing it there and back.
    """
    hours = hours_of(concern.category, priority)
    if priority > concern.priority:
        return due(concern.submitted_at, hours)
    return min(due(now, hours), concern.target_at)


def desk_for(
    index: RosterIndex,
    chain: Sequence[Area],
    on: date,
    *,
    is_walled: bool = False,
    is_sensitive: bool = False,
    about: Collection[UUID] = (),
) -> Desk | None:
    """The nearest liaison, going up; else the nearest commander.

    A walled concern goes to a civilian liaison, a sensitive one to any, never to whom it is `about` (ids): the nearest,
    else any of the agency, so that somebody reads it; else it waits on the deepest area's desk for one.
    """
    liaisons = ((Assignment.Role.LIAISON,), chain)
    looks: list[tuple[tuple[str, ...], Sequence[Area]]] = [liaisons]
    if is_walled or is_sensitive:
        looks.append((liaisons[0], _agency_of(index, chain)))
    else:
        looks.append((Assignment.COMMANDERS, chain))
    for wanted, areas in looks:
        for area in areas:
            for assignment in index.people(area, on):
                member = assignment.staff_member
                if (
                    assignment.role in wanted
                    and member.pk not in about
                    and not (is_walled and member.is_sworn)
                ):
                    return Desk(area, member)
    return Desk(chain[0], None) if chain else None


def _agency_of(index: RosterIndex, chain: Sequence[Area]) -> list[Area]:
    """Every area of the chain's agency in which somebody serves, in the order of their slugs."""
    areas = (index.geography.areas[pk] for pk in list(index.assignments))
    ours = [area for area in areas if chain and area.agency_id == chain[0].agency_id]
    return sorted(ours, key=lambda area: area.slug)


def routed(chain: Sequence[Area], category: str, routes: Iterable[tuple[str, int, int]]) -> int | None:
    """The id of the desk's area by the routing table, of rows (category, area, desk): the deepest area's row wins."""
    by_area = {area: desk for of, area, desk in routes if of == category}
    return next((by_area[area.pk] for area in chain if area.pk in by_area), None)


def commanders(index: RosterIndex, chain: Sequence[Area], on: date) -> list[list[Assignment]]:
    """Who is told when a target passes: at most two rungs of one role in one area, the nearest and the highest."""
    rungs = []
    for area in chain:
        people = [post for post in index.people(area, on) if post.role in Assignment.COMMANDERS]
        if people:
            rungs.append([post for post in people if post.role == people[-1].role])
    return [rungs[0], rungs[-1]] if len(rungs) > 1 else rungs
