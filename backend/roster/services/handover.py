"""Who takes over from whom: a gap says vacant, never a stale name."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from backend.accounts import audit
from backend.roster.models import Assignment
from backend.roster.services.rows import refuse

Role = Assignment.Role
# Posts that one person holds: in an area, or in each watch of it.
SINGLE = (Role.DISTRICT_CAPTAIN, Role.PRECINCT_COMMANDER, Role.MAJOR)
SINGLE_PER_WATCH = (Role.WATCH_COMMANDER, Role.SERGEANT)

Post = tuple[int, str, str]  # (area id, role, watch)


class Given(NamedTuple):
    """An assignment as a file has it, stored, by its row; and as it was before, if it was there."""

    row: int
    assignment: Assignment
    before: Assignment | None

    @property
    def begins(self) -> bool:
        """Whether the row gives a post, rather than saying more of one: also for good, or from another day."""
        new, old = self.assignment, self.before
        return not old or old.starts_on != new.starts_on or (old.is_acting and not new.is_acting)

    @property
    def takes_days(self) -> bool:
        """Whether somebody else may have held the post on some of its days until now."""
        new, old = self.assignment, self.before
        return self.begins or not old or old.watch != new.watch or _end(old) < _end(new)


def hand_over(given: list[Given]) -> list[Assignment]:
    """Ends what the given assignments leave behind, and returns it; what the file itself names stays as it says.

    Whoever newly takes a post that one person holds ends, the day before, the assignments to it that began
    earlier and would last into it, planned ends and acting holders included. One that begins no earlier stays:
    the new one must end before it, or is refused. A person's new post ends that person's other ones of the
    agency the day before. Acting for somebody ends nothing. Raises Invalid naming the rows that would give a
    post two holders, or one holder twice.
    """
    refuse(list(_rivals(given)))
    named = {entry.assignment.pk for entry in given}
    lasting = [entry for entry in given if not entry.assignment.is_acting]
    ended = _end_former_holders([entry for entry in lasting if entry.takes_days], named)
    ended += _end_left_posts([entry.assignment for entry in lasting if entry.begins], named)
    return list({assignment.pk: assignment for assignment in ended}.values())  # as it was ended last


def overlap(one: Assignment, other: Assignment) -> bool:
    """Whether two assignments have a day in common."""
    return one.starts_on <= _end(other) and other.starts_on <= _end(one)


def _end(assignment: Assignment) -> date:
    return assignment.ends_on or date.max


def _post(assignment: Assignment) -> Post | None:
    """The post of which there is one; None for a role that several people share."""
    if assignment.role in SINGLE:
        return assignment.area_id, assignment.role, ""
    if assignment.role in SINGLE_PER_WATCH:
        return assignment.area_id, assignment.role, assignment.watch
    return None


def _rivals(given: list[Given]) -> Iterator[str]:
    """Rows of one file that give a post to two on the same days, or twice to one."""
    above: dict[tuple[int, str], list[Given]] = defaultdict(list)
    for entry in given:
        row, new, _ = entry
        others = above[new.area_id, new.role]
        for first, other, _ in others:
            if _is_twice(new, other):
                yield (
                    f"Row {row}: {new.staff_member} has this post in row {first} already, on the same days; take one "
                    "of the rows out, or give one an `ends_on` before the other begins."
                )
                break
            if _are_rivals(new, other):
                yield (
                    f"Row {row}: one person is {new.role} in {new.area.slug}, and row {first} names another on the "
                    "same days; give one an `ends_on` before the other begins, or say `is_acting`."
                )
                break
        others.append(entry)


def _is_twice(one: Assignment, other: Assignment) -> bool:
    same = (one.watch, one.is_acting) == (other.watch, other.is_acting) and overlap(one, other)
    return one.pk == other.pk or (one.staff_member_id == other.staff_member_id and same)


def _are_rivals(one: Assignment, other: Assignment) -> bool:
    """Whether both hold, for good, what one person holds."""
    post = _post(one)
    lasting = not (one.is_acting or other.is_acting)
    return post is not None and post == _post(other) and lasting and overlap(one, other)


def _end_former_holders(takers: list[Given], named: set[int]) -> list[Assignment]:
    ended: list[Assignment] = []
    bad: list[str] = []
    for row, new, _ in takers:
        for former in _holders(new, named):
            if former.starts_on < new.starts_on:
                ended.append(_end_before(former, new))
            elif not former.is_acting:
                bad.append(
                    f"Row {row}: {former.staff_member} is {former.role} in {former.area.slug} from "
                    f"{former.starts_on}; a holder from {new.starts_on} needs an `ends_on` before that day, "
                    "or the other needs other days, by a row of the file or on the staff pages."
                )
    refuse(bad)
    return ended


def _holders(new: Assignment, named: set[int]) -> list[Assignment]:
    """Who else has the post on days of the new one."""
    post = _post(new)
    if post is None:
        return []
    there = Assignment.objects.filter(area_id=new.area_id, role=new.role).exclude(pk__in=named)
    there = there.select_related("staff_member", "area").order_by("pk")
    return [other for other in there if _post(other) == post and overlap(other, new)]


def _end_left_posts(begun: list[Assignment], named: set[int]) -> list[Assignment]:
    """Ends what people had before the first of their new posts that begins later."""
    by_person: dict[UUID, list[Assignment]] = defaultdict(list)
    for new in begun:
        by_person[new.staff_member_id].append(new)
    ended = []
    held = Assignment.objects.filter(staff_member__in=by_person).exclude(pk__in=named)
    for old in held.select_related("staff_member", "area").order_by("pk"):
        later = [new for new in by_person[old.staff_member_id] if old.starts_on < new.starts_on <= _end(old)]
        if later:
            ended.append(_end_before(old, min(later, key=lambda new: new.starts_on)))
    return ended


def _end_before(old: Assignment, new: Assignment) -> Assignment:
    old.ends_on = new.starts_on - timedelta(days=1)
    old.save(update_fields=["ends_on"])
    audit.record("hand_over", old, fields=["ends_on"])
    return old
