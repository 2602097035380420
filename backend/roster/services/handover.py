"""Who takes over from whom: a gap says vacant, never a stale name."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from backend.roster.models import Assignment
from backend.roster.services.rows import refuse

Role = Assignment.Role
# Posts that one person holds: in an area, or in each watch of it.
SINGLE = (Role.DISTRICT_CAPTAIN, Role.PRECINCT_COMMANDER, Role.MAJOR)
SINGLE_PER_WATCH = (Role.WATCH_COMMANDER, Role.SERGEANT)

Post = tuple[int, str, str]  # (area id, role, watch)


class Given(NamedTuple):
    """An assignment as a file has it, stored, by its row; `is_new`: not only confirmed."""

    row: int
    assignment: Assignment
    is_new: bool


def hand_over(given: list[Given]) -> list[Assignment]:
    """Ends what the given assignments leave behind, and returns it; what the file itself names stays as it says.

    Whoever newly takes a post that one person holds ends the open assignments to it, an acting holder's too,
    the day before. A person's new post ends that person's other open ones of the agency the day before.
    Acting for somebody ends nothing. Raises Invalid naming rows that two holders would share a post by.
    """
    refuse(list(_rivals(given)))
    named = {entry.assignment.pk for entry in given}
    lasting = [entry for entry in given if entry.is_new and not entry.assignment.is_acting]
    ended = _end_former_holders(lasting, named)
    return ended + _end_left_posts(lasting, named | {assignment.pk for assignment in ended})


def _post(assignment: Assignment) -> Post | None:
    """The post of which there is one; None for a role that several people share."""
    if assignment.role in SINGLE:
        return assignment.area_id, assignment.role, ""
    if assignment.role in SINGLE_PER_WATCH:
        return assignment.area_id, assignment.role, assignment.watch
    return None


def _rivals(given: list[Given]) -> Iterator[str]:
    """Rows of one file that give a post for good, with no end, where a row above does."""
    holders: dict[Post, int] = {}
    for row, assignment, _ in given:
        post = _post(assignment)
        if post is None or assignment.is_acting or assignment.ends_on:
            continue
        first = holders.setdefault(post, row)
        if first != row:
            yield (
                f"Row {row}: one person is {assignment.role} in {assignment.area.slug}, and row {first} names another "
                "with no end; give one of them an `ends_on`, or say `is_acting`."
            )


def _end_former_holders(lasting: list[Given], named: set[int]) -> list[Assignment]:
    ended: list[Assignment] = []
    bad: list[str] = []
    for row, new, _ in lasting:
        for former in _former_holders(new, named | {assignment.pk for assignment in ended}):
            if former.starts_on < new.starts_on:
                ended.append(_end_before(former, new))
            elif new.ends_on is None or new.ends_on >= former.starts_on:
                bad.append(
                    f"Row {row}: {former.staff_member} has been {former.role} in {former.area.slug} since "
                    f"{former.starts_on}; a holder from {new.starts_on} needs an `ends_on` before that day, "
                    "or the file a row that ends the other."
                )
    refuse(bad)
    return ended


def _former_holders(new: Assignment, named: set[int]) -> Iterable[Assignment]:
    post = _post(new)
    if post is None:
        return []
    there = Assignment.objects.filter(area_id=new.area_id, role=new.role, ends_on=None).exclude(pk__in=named)
    return [former for former in there.select_related("staff_member", "area") if _post(former) == post]


def _end_left_posts(lasting: list[Given], named: set[int]) -> list[Assignment]:
    """Ends what people had before the first of their new posts that begins later."""
    by_person: dict[UUID, list[Assignment]] = defaultdict(list)
    for entry in lasting:
        by_person[entry.assignment.staff_member_id].append(entry.assignment)
    left = Assignment.objects.filter(staff_member__in=by_person, ends_on=None).exclude(pk__in=named)
    ended = []
    for old in left.select_related("staff_member", "area").order_by("pk"):
        later = [new for new in by_person[old.staff_member_id] if new.starts_on > old.starts_on]
        if later:
            ended.append(_end_before(old, min(later, key=lambda new: new.starts_on)))
    return ended


def _end_before(old: Assignment, new: Assignment) -> Assignment:
    old.ends_on = new.starts_on - timedelta(days=1)
    old.save(update_fields=["ends_on"])
    return old
