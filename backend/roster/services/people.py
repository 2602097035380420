"""Staff and the posts they hold."""

from collections import Counter
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import transaction

from backend.accounts import audit
from backend.roster import editions
from backend.roster.files import Row
from backend.roster.models import Area, Assignment, StaffMember
from backend.roster.services.handover import Given, hand_over, overlap
from backend.roster.services.members import Members, plain
from backend.roster.services.rows import (
    Imported,
    bring,
    day,
    fits,
    listed,
    missing,
    numbered,
    read_all,
    refuse,
)

STAFF_COLUMNS = ("name", "rank", "role", "area", "starts_on")
Done = TypeVar("Done")
YES = {"1", "true", "t", "yes", "y"}
NO = {"0", "false", "f", "no", "n"}


@transaction.atomic
def import_staff(*, rows: Iterable[dict[str, str]], today: date, is_demo: bool = False) -> Imported:
    """Adds or changes people and their assignments, and ends those that this leaves behind.

    Columns: name, rank, role, area (a slug), starts_on; and, where wanted, badge_number, is_sworn (yes),
    contact, watch, ends_on, is_acting (no), confirmed_on (today). Dates are YYYY-MM-DD. A person is known by
    badge number, else by name (roster.services.members); the same person in the same role, area and watch on
    some of the same days holds the same assignment, whose days the row may correct.
    Who takes over a post that one person holds ends the holder's assignment, and a person's new post ends
    that person's others which the file does not name (roster.services.handover).
    Real people retire the demo's people of that agency. Raises Invalid naming every bad row.
    """
    editions.hold(editions.ROSTER)
    areas = {area.slug: area for area in Area.objects.select_related("agency")}
    parsed = read_all(numbered(rows), lambda row: _staff_row(row, areas, today), word="Row", key=_identity)
    _refuse_two_names(parsed)
    saved = _saved(parsed, is_demo)
    ended = hand_over([Given(s.line, s.assignment, s.before) for s in saved])
    editions.bump(editions.ROSTER)
    counts = Counter(s.outcome for s in saved)
    over = [*(s.assignment for s in saved if s.outcome == "ended"), *ended]
    moved = [s.assignment for s in saved if s.before and s.before.starts_on != s.assignment.starts_on]
    lines = [
        *listed("begins on another day", [f"{_in_words(a)}, {a.starts_on}" for a in moved], "; "),
        *listed("ended", [f"{_in_words(a)}, on {a.ends_on}" for a in over], "; "),
    ]
    return Imported(counts["added"], counts["changed"], len(over), counts["unchanged"], tuple(lines))


def _in_words(assignment: Assignment) -> str:
    return f"{assignment.staff_member}, {assignment.role}, {assignment.area.slug}"


@dataclass(frozen=True, slots=True)
class _Saved:
    """What became of a row: `added`, `changed`, `ended` or `unchanged`; `before`: the assignment as it was."""

    line: int
    assignment: Assignment
    before: Assignment | None
    outcome: str


@dataclass(frozen=True, slots=True)
class _StaffRow:
    line: int
    area: Area
    person: dict[str, Any]
    role: str
    starts_on: date
    details: dict[str, Any]


def _staff_row(row: Row, areas: dict[str, Area], today: date) -> _StaffRow:
    if row["area"] not in areas:
        raise ValueError(f"there is no area {row['area']!r}; areas are named like slmpd-district-4")
    if row["role"] not in Assignment.Role.values:
        raise ValueError(f"{row['role']!r} is no role; roles are {', '.join(Assignment.Role.values)}")
    if not row["name"]:
        raise ValueError("the name is missing")
    starts_on = day(row, "starts_on") or missing("starts_on")
    ends_on = day(row, "ends_on")
    if ends_on and ends_on < starts_on:
        raise ValueError(f"it ends on {ends_on}, before it starts")
    person = {
        "name": row["name"],
        "rank": row["rank"],
        "badge_number": row.get("badge_number", ""),
        "is_sworn": _yes(row, "is_sworn", default=True),
        "contact": row.get("contact", ""),
    }
    details = {
        "watch": row.get("watch", ""),
        "ends_on": ends_on,
        "is_acting": _yes(row, "is_acting", default=False),
        "confirmed_on": day(row, "confirmed_on") or today,
    }
    fits(StaffMember(**person))
    fits(Assignment(role=row["role"], **details))
    return _StaffRow(row.line, areas[row["area"]], person, row["role"], starts_on, details)


def _identity(row: _StaffRow) -> str:
    who = row.person["badge_number"] or row.person["name"]
    return f"{who} as {row.role} in {row.area.slug} from {row.starts_on}"


def _refuse_two_names(rows: list[_StaffRow]) -> None:
    names: dict[tuple[int, str], str] = {}
    bad = []
    for row in rows:
        badge = row.person["badge_number"]
        name = names.setdefault((row.area.agency_id, badge), row.person["name"])
        if badge and plain(name) != plain(row.person["name"]):
            bad.append(f"Row {row.line}: the badge number {badge} is {name}'s in a row above.")
    refuse(bad)


def _yes(row: dict[str, str], name: str, *, default: bool) -> bool:
    text = row.get(name, "").lower()
    if not text:
        return default
    if text not in YES | NO:
        raise ValueError(f"{name} is {text!r}, not yes or no")
    return text in YES


def _retire_demo_staff(agency_ids: set[int]) -> None:
    retired = StaffMember.objects.filter(agency_id__in=agency_ids, is_demo=True)
    retired.update(badge_number="")  # a real person may have it
    Assignment.objects.filter(staff_member__in=retired).delete()


def _saved(rows: list[_StaffRow], is_demo: bool) -> list[_Saved]:
    """Every person first: whose post is which shows when all days that the file has of it are known."""
    agency_ids = {row.area.agency_id for row in rows}
    if not is_demo:
        _retire_demo_staff(agency_ids)
    members = Members(agency_ids, is_demo=is_demo)
    people = _each(rows, lambda row: members.save(row.area.agency, row.person, row.area, row.role))
    named = {
        (member.pk, row.area.pk, row.role, row.starts_on)
        for row, (member, _) in zip(rows, people, strict=True)
    }
    known = {row.line: person for row, person in zip(rows, people, strict=True)}
    return _each(rows, lambda row: _save_assignment(row, *known[row.line], named))


def _each(rows: list[_StaffRow], work: Callable[[_StaffRow], Done]) -> list[Done]:
    """What the work makes of each row. Raises Invalid that names the rows of which it raises ValueError."""
    done, bad = [], []
    for row in rows:
        try:
            done.append(work(row))
        except ValueError as error:
            bad.append(f"Row {row.line}: {error}.")
    refuse(bad)
    return done


def _save_assignment(row: _StaffRow, member: StaffMember, person_outcome: str, named: set[Any]) -> _Saved:
    key = {"staff_member": member, "area": row.area, "role": row.role}
    values = row.details | {"starts_on": row.starts_on}
    assignment = _stored(row, member, named)
    if assignment is None:
        assignment = Assignment.objects.create(**key, **values)
        audit.record("import_staff", assignment, fields=[*key, *values])
        return _Saved(row.line, assignment, None, "added")
    before = copy(assignment)
    outcome = "unchanged"
    if changed := bring(assignment, values):
        outcome = "changed"
        audit.record("import_staff", assignment, fields=changed)
    if before.ends_on is None and assignment.ends_on:
        outcome = "ended"
    elif outcome == "unchanged" and person_outcome == "changed":
        outcome = "changed"
    return _Saved(row.line, assignment, before, outcome)


def _stored(row: _StaffRow, member: StaffMember, named: set[Any]) -> Assignment | None:
    """The assignment that the row is about: of that first day, else one of the same watch that it shares days with.

    What another row names by its first day is that row's. Raises ValueError where there are several.
    """
    held = Assignment.objects.filter(staff_member=member, area=row.area, role=row.role)
    there = list(held.select_related("staff_member", "area"))
    meant = Assignment(starts_on=row.starts_on, **row.details)
    same = [a for a in there if a.starts_on == row.starts_on] or [
        a
        for a in there
        if (a.watch, a.is_acting) == (meant.watch, meant.is_acting)
        and (member.pk, row.area.pk, row.role, a.starts_on) not in named
        and overlap(a, meant)
    ]
    if len(same) > 1:
        days = ", ".join(str(day) for day in sorted(a.starts_on for a in same))
        raise ValueError(
            f"{member} has this post in {len(same)} stored stays on those days, from {days}; name each in a row"
        )
    return same[0] if same else None
