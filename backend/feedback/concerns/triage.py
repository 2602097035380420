"""Which desk a concern belongs on, and which moves it can make. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from backend.feedback.concerns.models import Concern
from backend.roster.index import RosterIndex
from backend.roster.models import Area, Assignment, StaffMember

Status = Concern.Status


class Desk(NamedTuple):
    """The area whose liaison (or, without one, commander) reads a concern, and that person if there is one."""

    area: Area
    member: StaffMember | None


class Move(NamedTuple):
    """From which states a move is possible, and where it leads."""

    start: frozenset[str]
    end: str


OPEN = frozenset({Status.SUBMITTED, Status.TRIAGED, Status.ASSIGNED, Status.IN_PROGRESS, Status.REFERRED})
MOVES = {
    "triage": Move(frozenset({Status.SUBMITTED}), Status.TRIAGED),
    "start": Move(frozenset({Status.TRIAGED, Status.ASSIGNED}), Status.IN_PROGRESS),
    "close": Move(OPEN, Status.CLOSED),
    "reopen": Move(frozenset({Status.CLOSED}), Status.TRIAGED),
}


def desk_for(index: RosterIndex, chain: Sequence[Area], on: date, *, is_walled: bool) -> Desk | None:
    """The nearest liaison, going up; else the nearest commander.

    A walled concern goes to a civilian liaison or waits on the deepest area's desk for one: no sworn
    member of the chain may read it.
    """
    roles = [(Assignment.Role.LIAISON,)] if is_walled else [(Assignment.Role.LIAISON,), Assignment.COMMANDERS]
    for wanted in roles:
        for area in chain:
            for assignment in index.people(area, on):
                member = assignment.staff_member
                if assignment.role in wanted and not (is_walled and member.is_sworn):
                    return Desk(area, member)
    return Desk(chain[0], None) if chain else None
