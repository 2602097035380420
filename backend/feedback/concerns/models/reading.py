"""Who may know of a concern. The wall is here and nowhere else: every read begins with one of these methods.

A walled concern is about a police employee. Until a civilian liaison has cleared it, civilian liaisons alone read it.
Cleared and still about one, it stays out of sight of that person and of everybody who holds a post below the Major in
their command; described and not identified, of the whole command of its place; without a place, of every command.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from backend.receipts import receipt_index
from backend.roster.index import geography
from backend.roster.models import Area, Assignment, StaffMember

Role = Assignment.Role
READS_CONCERNS = (Role.LIAISON, *Assignment.COMMANDERS)
NOT_UNDER_REVIEW = Q(is_walled=False) | Q(cleared_at__isnull=False)


@dataclass(frozen=True)
class Grant:
    """Of what lies in these areas or was routed there, that for which `where` holds."""

    areas: frozenset[int]
    where: Q


@dataclass(frozen=True)
class Reach:
    """What a member of staff reads by the posts they hold on a day; `unplaced`: of what has no place."""

    grants: tuple[Grant, ...] = ()
    unplaced: Q | None = None
    assigned: Q | None = None

    def as_one(self) -> Q:
        """The whole as one condition; matches nothing where nothing is granted."""
        parts = [(Q(area__in=g.areas) | Q(desk__in=g.areas)) & g.where for g in self.grants]
        return reduce(or_, [*parts, *self._others()], Q(pk__in=()))

    def apart(self) -> Iterator[tuple[Q, list[int]]]:
        """The same as parts that an index each answers in order, for pages; some rows match several.

        With a list of areas, a part is as many: the first value of its condition stands for each of them.
        """
        for grant in self.grants:
            areas = sorted(grant.areas)
            yield Q(area=areas[0]) & grant.where, areas
            yield Q(desk=areas[0]) & grant.where, areas
        yield from ((q, []) for q in self._others())

    def _others(self) -> list[Q]:
        return [q for q in (self.unplaced and Q(area=None) & self.unplaced, self.assigned) if q]


class ConcernQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> "ConcernQuerySet":
        """What this person may know exists, by the posts they hold today. All else is "not found" to them.

        A resident sees their own. Commanders and liaisons see what lies in their area and below, and what was
        routed there. Liaisons also see what has no place, or lies in an area of their agency that is on no map
        today, so that somebody reads it, and they alone what is sensitive; officers only what is assigned to them.
        An administrator's seat gives nothing (but `opened_by`).
        """
        if not user.is_authenticated:
            return self.none()
        if not user.is_staff:
            return self.told_by(user)
        return self.filter(reach_of(user).as_one())

    def reporter_known_to(self, user: Any) -> "ConcernQuerySet":
        """Those of which this member of staff may ask who told them, each time with a reason, audited.

        Liaisons on whose desk they are (a walled one: civilian liaisons), administrators, and who is assigned
        where the category allows it and the reporter agreed.
        """
        if user.is_administrator:
            return self.opened_by(user)
        agreed = Q(
            assigned_to__user=user, handler_may_know=True, category__handler_may_know=True, is_walled=False
        )
        handled = agreed & Q(pk__in=self.model.objects.visible_to(user))
        return self.filter(Q(pk__in=self.model.objects.kept_by(user)) | handled)

    def opened_by(self, user: Any) -> "ConcernQuerySet":
        """Those that an administrator may open one by one, with a reason, audited: all but what is about them."""
        if not (user.is_staff and user.is_administrator):
            return self.none()
        return self.filter(~_barred(user, _posts(user, timezone.localdate()), timezone.localdate()))

    def about(self, user: Any) -> "ConcernQuerySet":
        """Those that are about this member of staff or their command, so that no seat at all opens them."""
        on = timezone.localdate()
        return self.filter(_barred(user, _posts(user, on), on), is_walled=True)

    def kept_by(self, user: Any) -> "ConcernQuerySet":
        """Those for whose record a member of staff answers: liaisons on whose desk they are, administrators.

        A walled one, also when it is cleared: civilian liaisons.
        """
        if user.is_administrator:
            return self.opened_by(user)
        mine = self.filter(reach_of(user, roles=(Role.LIAISON,), by_assignment=False).as_one())
        is_sworn = StaffMember.objects.filter(user=user, is_sworn=True).exists()
        return mine.filter(is_walled=False) if is_sworn else mine

    def told_by(self, user: Any) -> "ConcernQuerySet":
        """A resident's own."""
        return self.filter(reporter=user)

    def with_receipt(self, receipt: str) -> "ConcernQuerySet":
        """The one that this receipt, however it was typed, belongs to."""
        return self.filter(receipt_index=receipt_index(receipt))

    def open(self) -> "ConcernQuerySet":
        return self.exclude(status="closed")


def reach_of(user: Any, *, roles: Iterable[str] = READS_CONCERNS, by_assignment: bool = True) -> Reach:
    """What the posts of these roles that the person holds today let them read."""
    on = timezone.localdate()
    held = _posts(user, on)
    if not held:
        return Reach()
    not_barred = ~Q(_barred(user, held, on))
    seen = NOT_UNDER_REVIEW & (Q(is_walled=False) | not_barred)
    reading = [post for post in held if post.role in roles]
    liaisons = [post for post in reading if post.role == Role.LIAISON]
    civilian = [post for post in liaisons if not post.staff_member.is_sworn]
    by_role = (
        ([post for post in reading if post.role != Role.LIAISON], seen & Q(is_sensitive=False)),
        ([post for post in liaisons if post.staff_member.is_sworn], seen),
        (civilian, not_barred),
    )
    grants = [Grant(_covered(posts, on), where) for posts, where in by_role if posts]
    unplaced = (not_barred if civilian else seen) if liaisons else None
    assigned = Q(assigned_to=held[0].staff_member_id, is_sensitive=False) & seen if by_assignment else None
    return Reach(tuple(grants), unplaced, assigned)


# Highest first: whose commander has a Major, or nobody, above.
COMMAND_KINDS = (
    Area.Kind.DISTRICT,
    Area.Kind.PRECINCT,
    Area.Kind.SECTOR,
    Area.Kind.BEAT,
    Area.Kind.PATROL_AREA,
)


def command_of(area: int, on: date) -> Area | None:
    """The highest area of this one's chain of command that is below a Major's: a district or precinct.

    Of what only a Major commands, that Major's; None off the map of that day, and of overlays (a neighborhood).
    """
    chain = [above for above in geography().maps(on).upwards.get(area, ()) if above.kind in COMMAND_KINDS]
    return min(chain, key=lambda above: COMMAND_KINDS.index(Area.Kind(above.kind)), default=None)


def _covered(posts: list[Assignment], on: date) -> frozenset[int]:
    """The areas of these posts and below; of liaisons also those of their agency that are on no map that day."""
    of = {post.area.agency_id for post in posts if post.role == Role.LIAISON}
    gone = {area.pk for area in _off_the_map(on) if area.agency_id in of}
    return _within({post.area_id for post in posts}, on) | gone


def _off_the_map(on: date) -> list[Area]:
    mapped = geography().maps(on).upwards
    return [area for pk, area in geography().areas.items() if pk not in mapped]


def _within(areas: set[int], on: date) -> frozenset[int]:
    """The areas and all below them."""
    upwards = geography().maps(on).upwards
    return frozenset(areas).union(pk for pk, chain in upwards.items() if any(a.pk in areas for a in chain))


def _above(areas: set[int], on: date) -> frozenset[int]:
    """The areas and all above them."""
    upwards = geography().maps(on).upwards
    return frozenset(areas).union(above.pk for area in areas for above in upwards.get(area, ()))


def _posts(user: Any, on: date) -> list[Assignment]:
    """The posts a member of staff holds that day."""
    if not user.is_staff:
        return []
    held = Assignment.objects.in_force(on).filter(staff_member__user=user)
    return list(held.select_related("staff_member", "area"))


def _barred(user: Any, held: list[Assignment], on: date) -> Exists:
    """Whether a concern is about this person, or about somebody in a command in which they serve below the Major."""
    below = [
        post
        for post in held
        if post.role != Role.MAJOR and (post.role != Role.LIAISON or post.staff_member.is_sworn)
    ]
    about = Q(staff_member__user=user)
    if below:
        off = {area.pk for area in _off_the_map(on)}
        tops = {command.pk for post in below if (command := command_of(post.area_id, on))}
        tops |= off & {post.area_id for post in below}
        commands = _within(tops, on) | _above(tops, on)
        there = Assignment.objects.in_force(on).filter(area__in=commands).values("staff_member")
        about |= Q(command__in=commands) | Q(staff_member__in=there)
        # Somebody of no place, or of a command that is on no map today: it may be any of them.
        elsewhere = Q(command=None) | Q(command__in=off)
        about |= Q(staff_member=None) & elsewhere
    subjects = apps.get_model("concerns", "ConcernSubject")
    return Exists(subjects.objects.filter(about, concern=OuterRef("pk")))
