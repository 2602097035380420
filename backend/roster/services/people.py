"""Staff and the posts they hold."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from backend.roster import editions
from backend.roster.files import Row
from backend.roster.models import Area, Assignment, StaffMember
from backend.roster.services.handover import Given, hand_over
from backend.roster.services.rows import (
    Imported,
    day,
    fits,
    listed,
    missing,
    numbered,
    read_all,
    refuse,
    upsert,
)

STAFF_COLUMNS = ("name", "rank", "role", "area", "starts_on")
YES = {"1", "true", "t", "yes", "y"}
NO = {"0", "false", "f", "no", "n"}


@transaction.atomic
def import_staff(*, rows: Iterable[dict[str, str]], today: date, is_demo: bool = False) -> Imported:
    """Adds or changes people and their assignments, and ends those that this leaves behind.

    Columns: name, rank, role, area (a slug), starts_on; and, where wanted, badge_number, is_sworn (yes),
    contact, watch, ends_on, is_acting (no), confirmed_on (today). Dates are YYYY-MM-DD. The same person
    (by badge number, else by name) in the same role, area and starting day is the same assignment.
    Who takes over a post that one person holds ends the holder's assignment, and a person's new post ends
    that person's others which the file does not name (roster.services.handover).
    Real people retire the demo's people of that agency. Raises Invalid naming every bad row.
    """
    editions.hold(editions.ROSTER)
    areas = {area.slug: area for area in Area.objects.select_related("agency")}
    parsed = read_all(numbered(rows), lambda row: _staff_row(row, areas, today), word="Row", key=_identity)
    _refuse_two_names(parsed)
    if not is_demo:
        _retire_demo_staff({entry.area.agency_id for entry in parsed})
    saved = [_save_assignment(entry, is_demo) for entry in parsed]
    ended = hand_over([Given(p.line, s.assignment, s.is_new) for p, s in zip(parsed, saved, strict=True)])
    editions.bump(editions.ROSTER)
    counts = Counter(s.outcome for s in saved)
    over = [*(s.assignment for s in saved if s.outcome == "ended"), *ended]
    lines = listed(
        "ended", [f"{a.staff_member}, {a.role}, {a.area.slug}, on {a.ends_on}" for a in over], "; "
    )
    return Imported(counts["added"], counts["changed"], len(over), counts["unchanged"], tuple(lines))


@dataclass(frozen=True, slots=True)
class _Saved:
    """What became of a row: `added`, `changed`, `ended` or `unchanged`."""

    assignment: Assignment
    outcome: str
    is_new: bool


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
        if badge and name != row.person["name"]:
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
    Assignment.objects.filter(staff_member__in=retired).delete()


def _save_assignment(row: _StaffRow, is_demo: bool) -> _Saved:
    badge = row.person["badge_number"]
    known: dict[str, Any] = (
        {"badge_number": badge} if badge else {"badge_number": "", "name": row.person["name"]}
    )
    member, person_outcome = upsert(
        StaffMember.objects, {"agency": row.area.agency, "is_demo": is_demo, **known}, row.person
    )
    key = {"staff_member": member, "area": row.area, "role": row.role, "starts_on": row.starts_on}
    before = Assignment.objects.filter(**key).first()
    assignment, outcome = upsert(Assignment.objects, key, row.details)
    if before and before.ends_on is None and assignment.ends_on:
        outcome = "ended"
    elif outcome == "unchanged" and person_outcome == "changed":
        outcome = "changed"
    return _Saved(assignment, outcome, is_new=_is_new(before, assignment))


def _is_new(before: Assignment | None, after: Assignment) -> bool:
    """Whether the row gives a post, rather than saying again that somebody has it: also back, or for good."""
    if before is None:
        return True
    is_back = before.ends_on is not None and after.ends_on is None
    return is_back or before.watch != after.watch or (before.is_acting and not after.is_acting)
