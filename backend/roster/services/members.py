"""Whom a row of a staff file means: by badge number, else by name."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from backend.accounts import audit
from backend.roster.models import Agency, Area, Assignment, StaffMember
from backend.roster.services.rows import bring


def plain(name: str) -> str:
    """A name without what is no difference: capitals and spaces."""
    return " ".join(name.split()).casefold()


class Members:
    """The people of some agencies, and those who come to them: real people, or the demo's."""

    def __init__(self, agency_ids: Iterable[int], *, is_demo: bool) -> None:
        self._is_demo = is_demo
        self._by_badge: dict[tuple[int, str], StaffMember] = {}
        self._by_name: dict[tuple[int, str], list[StaffMember]] = defaultdict(list)
        for member in StaffMember.objects.filter(agency_id__in=agency_ids):
            self._add(member)

    def save(self, agency: Agency, person: dict[str, Any], area: Area, role: str) -> tuple[StaffMember, str]:
        """Whom a row means, made or brought to `person` (fields), and what that took: added, changed, unchanged.

        A number that is not given stays as it is. Raises ValueError where the number is somebody else's, or the
        name is that of several.
        """
        member = self._find(agency, person["badge_number"], person["name"], area, role)
        if member is None:
            member = StaffMember.objects.create(agency=agency, is_demo=self._is_demo, **person)
            audit.record("import_staff", member, fields=person)
            self._add(member)
            return member, "added"
        changed = bring(member, person | {"badge_number": person["badge_number"] or member.badge_number})
        self._by_badge[agency.pk, member.badge_number] = member
        if not changed:
            return member, "unchanged"
        audit.record("import_staff", member, fields=changed)
        return member, "changed"

    def _add(self, member: StaffMember) -> None:
        if member.badge_number:
            self._by_badge[member.agency_id, member.badge_number] = member
        if member.is_demo == self._is_demo:
            self._by_name[member.agency_id, plain(member.name)].append(member)

    def _find(self, agency: Agency, badge: str, name: str, area: Area, role: str) -> StaffMember | None:
        """By number; else a namesake in this very post; else, without a number, the namesake without one."""
        if badge and (holder := self._by_badge.get((agency.pk, badge))):
            return _same(holder, name)
        namesakes = self._by_name[agency.pk, plain(name)]
        bare = [member for member in namesakes if not member.badge_number]
        held = Assignment.objects.filter(staff_member__in=bare if badge else namesakes, area=area, role=role)
        there = {assignment.staff_member_id for assignment in held}
        in_post = [member for member in namesakes if member.pk in there]
        for several in (in_post, [] if badge else bare):
            if len(several) > 1:
                raise ValueError(
                    f"{len(several)} people of {agency.slug} are called {name}, without a badge number to tell them "
                    "apart; give them numbers on the staff pages, and the row the right one in `badge_number`"
                )
        return next(iter(in_post or ([] if badge else bare)), None)


def _same(holder: StaffMember, name: str) -> StaffMember:
    if plain(holder.name) != plain(name):
        raise ValueError(
            f"the badge number {holder.badge_number} is {holder.name}'s; if the number has passed on, take it from "
            "that person on the staff pages, and if the name has changed, change it there"
        )
    return holder
