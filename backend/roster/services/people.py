"""Staff and the posts they hold."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from backend.roster import editions
from backend.roster.models import Area, Assignment, StaffMember
from backend.roster.services.rows import Imported, fits, missing, read_all

STAFF_COLUMNS = ("name", "rank", "role", "area", "starts_on")
YES = {"1", "true", "t", "yes", "y"}
NO = {"0", "false", "f", "no", "n"}


@transaction.atomic
def import_staff(*, rows: list[dict[str, str]], today: date, is_demo: bool = False) -> Imported:
    """Adds or changes people and their assignments.

    Columns: name, rank, role, area (a slug), starts_on; and, where wanted, badge_number, is_sworn (yes),
    contact, watch, ends_on, is_acting (no), confirmed_on (today). Dates are YYYY-MM-DD. The same person
    (by badge number, else by name) in the same role, area and starting day is the same assignment.
    Real people retire the demo's people of that agency. Raises Invalid naming every bad row.
    """
    areas = {area.slug: area for area in Area.objects.select_related("agency")}
    parsed = read_all(rows, lambda row: _staff_row(row, areas, today), word="Row", start=2)
    if not is_demo:
        _retire_demo_staff({entry.area.agency_id for entry in parsed})
    counts: dict[str, int] = defaultdict(int)
    for entry in parsed:
        counts[_save_assignment(entry, is_demo)] += 1
    editions.bump(editions.ROSTER)
    return Imported(counts["added"], counts["changed"], 0, counts["unchanged"])


@dataclass(frozen=True, slots=True)
class _StaffRow:
    area: Area
    person: dict[str, Any]
    role: str
    starts_on: date
    details: dict[str, Any]


def _staff_row(row: dict[str, str], areas: dict[str, Area], today: date) -> _StaffRow:
    if row["area"] not in areas:
        raise ValueError(f"there is no area {row['area']!r}; areas are named like slmpd-district-4")
    if row["role"] not in Assignment.Role.values:
        raise ValueError(f"{row['role']!r} is no role; roles are {', '.join(Assignment.Role.values)}")
    if not row["name"]:
        raise ValueError("the name is missing")
    starts_on = _day(row, "starts_on") or missing("starts_on")
    ends_on = _day(row, "ends_on")
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
        "confirmed_on": _day(row, "confirmed_on") or today,
    }
    fits(StaffMember(**person))
    fits(Assignment(role=row["role"], **details))
    return _StaffRow(areas[row["area"]], person, row["role"], starts_on, details)


def _day(row: dict[str, str], name: str) -> date | None:
    text = row.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"{name} is {text!r}, not a day like 2026-11-27") from None


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


def _save_assignment(row: _StaffRow, is_demo: bool) -> str:
    """`added`, `changed` or `unchanged`."""
    badge = row.person["badge_number"]
    known: dict[str, Any] = (
        {"badge_number": badge} if badge else {"badge_number": "", "name": row.person["name"]}
    )
    member, person_outcome = _upsert(
        StaffMember.objects, {"agency": row.area.agency, "is_demo": is_demo, **known}, row.person
    )
    key = {"staff_member": member, "area": row.area, "role": row.role, "starts_on": row.starts_on}
    _, outcome = _upsert(Assignment.objects, key, row.details)
    return "changed" if outcome == "unchanged" and person_outcome == "changed" else outcome


def _upsert(manager: Any, key: dict[str, Any], values: dict[str, Any]) -> tuple[Any, str]:
    """The row with this key, made or brought to these values, and what that took."""
    row, created = manager.get_or_create(**key, defaults=values)
    if created:
        return row, "added"
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changes:
        return row, "unchanged"
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    return row, "changed"
