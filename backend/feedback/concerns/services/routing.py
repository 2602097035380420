"""The routing table: which desk reads a category's concerns, and what a change of it moves.

Walled concerns never move by it: theirs is a civilian liaison's desk (services.walls).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import User
from backend.errors import Conflict, Invalid, NotAllowed
from backend.feedback.concerns.models import Category, Concern, ConcernChange, Office, Route
from backend.feedback.concerns.services.liaisons import reach_as_liaison
from backend.feedback.concerns.triage import Desk, desk_for, routed
from backend.roster import editions
from backend.roster.index import current, geography
from backend.roster.models import CHAIN, Area, Assignment

QUARTER = timedelta(days=92)
MOVABLE = (Concern.Status.SUBMITTED, Concern.Status.TRIAGED)
LOCK = "routes"
BATCH = 500
Row = tuple[str, int, int]  # category, id of the area, id of the desk's area
Cell = tuple[str, int]  # category, id of the area
Table = dict[Cell, tuple[int, int | None]]  # the desk's area, the office


class Moving(NamedTuple):
    """A concern that changes its desk."""

    concern: UUID
    category: str
    area: Area
    before: Area | None
    after: Desk


class Group(NamedTuple):
    """So many concerns of a category in an area that would have gone to another desk."""

    category: str
    area: Area
    before: Area
    after: Area
    n: int


@dataclass(frozen=True)
class DryRun:
    """What a change of the table does. `version` stands for the table, the change and the moves, all three."""

    version: str
    moves_now: list[Moving]
    would_have: list[Group]
    unchanged: int


# --- where a concern goes -----------------------------------------------------------------------------


def find_desk(*, category: str, chain: Sequence[Area], on: date) -> Desk | None:
    """The desk of a concern that is behind no wall: by the table, else the nearest liaison's; None without a place."""
    rows = Route.objects.filter(category=category, area__in=[area.pk for area in chain]) if chain else ()
    return _desk(category, chain, [(row.category_id, row.area_id, row.desk_id) for row in rows], on)


def _desk(category: str, chain: Sequence[Area], rows: Iterable[Row], on: date) -> Desk | None:
    """The table gives the area, the nearest liaison from there up is the person. A desk off the map does not count."""
    maps = geography()
    desk = routed(chain, category, [row for row in rows if maps.is_mapped(maps.areas[row[2]], on)])
    if desk is None:
        return desk_for(current(), chain, on)
    area = maps.areas[desk]
    nearest = reader_of(area, on)
    return Desk(area, nearest.member if nearest else None)


def reader_of(desk: Area, on: date) -> Desk | None:
    """Who reads what a row sends to this area, and where they sit."""
    return desk_for(current(), (desk, *geography().above(desk, on)), on)


def is_liaison_of(desk: Desk, on: date) -> bool:
    """Whether the one on the desk is a liaison there: what is sensitive goes to no commander."""
    people = current().people(desk.area, on)
    return any(p.role == Assignment.Role.LIAISON and p.staff_member == desk.member for p in people)


class _Router:
    """Desks by one state of the table, each cell worked out once."""

    def __init__(self, table: Table, on: date) -> None:
        self.on = on
        self._rows: dict[str, list[Row]] = defaultdict(list)
        for (category, area), (desk, _) in table.items():
            self._rows[category].append((category, area, desk))
        self._known: dict[Cell, Desk] = {}

    def desk(self, cell: Cell) -> Desk:
        if cell not in self._known:
            category, area = cell[0], geography().areas[cell[1]]
            chain = (area, *geography().above(area, self.on))
            found = _desk(category, chain, self._rows[category], self.on)
            assert found is not None  # there is a place
            self._known[cell] = found
        return self._known[cell]


# --- who keeps the table ------------------------------------------------------------------------------


def kept_by(user: User) -> frozenset[int]:
    """The areas whose rows this person keeps: a liaison's own and those below, an administrator's all.

    Raises NotAllowed for everybody else.
    """
    if user.is_administrator:
        return frozenset(geography().areas)
    areas = frozenset[int]().union(*(grant.areas for grant in reach_as_liaison(user).grants))
    if not areas:
        raise NotAllowed("Liaisons keep the routing table; ask the one of your district.")
    return areas


def try_routes(*, changes: Sequence[Mapping[str, Any]], by: User) -> DryRun:
    """What `save_routes` would do with these changes: {category, area, desk, office}, all slugs; writes nothing.

    `desk` None takes the row away. A person is shown and counted only what they may see, and nothing walled.
    Raises NotAllowed and Invalid as `save_routes` does.
    """
    return _work_out(_checked(changes, by), by)


@transaction.atomic
def save_routes(*, changes: Sequence[Mapping[str, Any]], version: str, by: User) -> DryRun:
    """Changes the table and moves just what the dry run of this version said; returns the same.

    Reporters are not texted: nothing has become of their concern. Raises NotAllowed for rows of areas that are not
    theirs, Invalid for what is not known, and Conflict where anything that the dry run said is no longer so.
    """
    wanted = _checked(changes, by)
    editions.hold(LOCK)
    found = _work_out(wanted, by, holds=True)
    if found.version != version:
        raise Conflict(
            "The table or a concern has changed since; run the dry run again.",
            type="routes-changed",
            title="No longer what the dry run said",
        )
    _write(wanted, by)
    _move(found.moves_now, by)
    return found


def _checked(changes: Sequence[Mapping[str, Any]], by: User) -> dict[Cell, tuple[int, int | None] | None]:
    """The changes by cell; None where the row goes."""
    kept, on, maps = kept_by(by), timezone.localdate(), geography()
    categories = set(Category.objects.values_list("slug", flat=True))
    offices = dict(Office.objects.filter(ended_at=None).values_list("slug", "pk"))
    wanted: dict[Cell, tuple[int, int | None] | None] = {}
    for n, change in enumerate(changes):
        area, desk = maps.by_slug.get(change["area"]), maps.by_slug.get(change["desk"] or "")
        at, office = f"changes/{n}", change.get("office")
        if change["category"] not in categories:
            raise Invalid("There is no such category.", field=f"{at}/category", code="unknown")
        if area is None or area.kind not in CHAIN:
            raise Invalid("There is no such area of a command.", field=f"{at}/area", code="unknown")
        if area.pk not in kept:
            raise NotAllowed("Rows of this area are for its own liaison; ask there.")
        if (change["category"], area.pk) in wanted:
            raise Invalid("One change for a category and area, please.", field=at, code="twice")
        if office and office not in offices:
            raise Invalid("There is no such office.", field=f"{at}/office", code="unknown")
        if change["desk"] and not (desk and _can_read(desk, area, on)):
            raise Invalid(
                "A desk is an area on today's map of the same department's command.",
                field=f"{at}/desk",
                code="unknown",
            )
        row = (desk.pk, offices[office] if office else None) if desk else None
        wanted[change["category"], area.pk] = row
    return wanted


def _can_read(desk: Area, area: Area, on: date) -> bool:
    return desk.kind in CHAIN and desk.agency_id == area.agency_id and geography().is_mapped(desk, on)


# --- what a change does -------------------------------------------------------------------------------


def _work_out(
    wanted: Mapping[Cell, tuple[int, int | None] | None], by: User, *, holds: bool = False
) -> DryRun:
    """The dry run; with `holds` what it moves is locked until the transaction ends."""
    on = timezone.localdate()
    rows = Route.objects.values_list("category_id", "area_id", "desk_id", "office_id")
    table: Table = {(category, area): (desk, office) for category, area, desk, office in rows}
    changed = table | {cell: row for cell, row in wanted.items() if row}
    for cell in [cell for cell, row in wanted.items() if row is None]:
        changed.pop(cell, None)
    before, after = _Router(table, on), _Router(changed, on)
    touched = sorted(_touched(wanted, on))
    differing = [cell for cell in touched if before.desk(cell) != after.desk(cell)]
    moves = sorted(_moving(differing, after, by, holds))
    groups, unchanged = _last_quarter(touched, before, after, by)
    said = [
        sorted((*cell, *row) for cell, row in table.items()),
        sorted((*cell, row) for cell, row in wanted.items()),
        [_bare(move) for move in moves],
    ]
    version = hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()
    return DryRun(version, moves, groups, unchanged)


def _touched(cells: Iterable[Cell], on: date) -> set[Cell]:
    """The cells and those of all areas below theirs."""
    upwards = geography().maps(on).upwards
    by_area: dict[int, set[str]] = defaultdict(set)
    for category, area in cells:
        by_area[area].add(category)
    below = {
        (category, pk) for pk, chain in upwards.items() for a in chain for category in by_area.get(a.pk, ())
    }
    return below | set(cells)


def _in_cells(cells: Iterable[Cell]) -> Q:
    by_category: dict[str, list[int]] = defaultdict(list)
    for category, area in cells:
        by_category[category].append(area)
    parts = (Q(category=category, area__in=areas) for category, areas in by_category.items())
    return reduce(or_, parts, Q(pk__in=()))


def _moving(cells: Sequence[Cell], after: _Router, by: User, holds: bool) -> Iterator[Moving]:
    """The open ones nobody works on yet. What a person has transferred stays where that person put it."""
    by_hand = ConcernChange.objects.filter(concern=OuterRef("pk"), move="transfer")
    found = Concern.objects.visible_to(by).filter(
        _in_cells(cells), ~Exists(by_hand), is_walled=False, status__in=MOVABLE
    )
    found = found.order_by("pk").select_for_update(of=("self",)) if holds else found.order_by("pk")
    areas = geography().areas
    for key, category, area, desk in found.values_list("pk", "category_id", "area_id", "desk_id").iterator():
        there = after.desk((category, area))
        if there.area.pk != desk:
            yield Moving(key, category, areas[area], areas[desk] if desk else None, there)


def _last_quarter(
    cells: Sequence[Cell], before: _Router, after: _Router, by: User
) -> tuple[list[Group], int]:
    """Counts of what was told in the last 92 days, by where it would have gone; and of what would have stayed."""
    told = Concern.objects.visible_to(by).filter(
        _in_cells(cells), is_walled=False, submitted_at__gte=timezone.now() - QUARTER
    )
    counts = told.values_list("category_id", "area_id").annotate(n=Count("pk")).order_by()
    groups, unchanged = [], 0
    for category, area, n in sorted(counts):
        old, new = before.desk((category, area)).area, after.desk((category, area)).area
        if old == new:
            unchanged += n
        else:
            groups.append(Group(category, geography().areas[area], old, new, n))
    return groups, unchanged


def _bare(move: Moving) -> tuple[Any, ...]:
    """All that a move changes, as plain values."""
    member = move.after.member
    return (
        *(move.concern, move.before.pk if move.before else None),
        *(move.after.area.pk, member.pk if member else None),
    )


# --- saving -------------------------------------------------------------------------------------------


def _write(wanted: Mapping[Cell, tuple[int, int | None] | None], by: User) -> None:
    for (category, area), row in sorted(wanted.items()):
        if row is not None:
            values = {"desk_id": row[0], "office_id": row[1]}
            route, _ = Route.objects.update_or_create(category_id=category, area_id=area, defaults=values)
            audit.record("save", route, by=by, fields=["desk", "office"])
        elif gone := Route.objects.filter(category=category, area=area).first():
            audit.record("delete", gone, by=by)
            gone.delete()


def _move(moves: Iterable[Moving], by: User) -> None:
    """Each concern with its history and audit row; in batches, for a table's change may move thousands."""
    now, by_desk = timezone.now(), defaultdict[Desk, list[UUID]](list)
    for move in moves:
        by_desk[move.after].append(move.concern)
    for desk, keys in by_desk.items():
        for start in range(0, len(keys), BATCH):
            moved = Concern.objects.filter(pk__in=keys[start : start + BATCH])
            moved.update(desk=desk.area, assigned_to=desk.member, changed_at=now)
            if desk.member and not is_liaison_of(desk, timezone.localdate()):
                moved.filter(is_sensitive=True).update(assigned_to=None)
            history = [
                ConcernChange(concern=concern, move="reroute", status=concern.status, by=by, at=now)
                for concern in moved.only("status")
            ]
            ConcernChange.objects.bulk_create(history)
            for change in history:
                audit.record("reroute", change.concern, by=by, fields=["desk", "assigned_to"])
