"""Groups come from data: their charter, their seats, and the agency and area that their meetings are posted for."""

from dataclasses import asdict

from django.db import transaction

from backend.accounts import audit
from backend.accounts.models import User
from backend.feedback.workinggroups.catalogue import GROUPS, BodyData, GroupData
from backend.feedback.workinggroups.models import GroupSeat, WorkingGroup
from backend.roster import editions
from backend.roster.models import Agency, Area


@transaction.atomic
def import_groups(*, by: User | None = None) -> int:
    """Adds the groups of the catalogue that are not there yet, and returns how many; without `by` it is the command."""
    editions.hold(editions.WORKING_GROUPS)
    return sum(establish_group(facts=facts, by=by) for facts in GROUPS)


@transaction.atomic
def establish_group(*, facts: GroupData, by: User | None = None) -> bool:
    """Adds a group with its seats; False where one of that slug is there, which stays as it is."""
    if WorkingGroup.objects.filter(slug=facts.slug).exists():
        return False
    values = asdict(facts)
    seats = values.pop("seats")
    del values["body"]
    group = WorkingGroup.objects.create(area=_area_of(facts.body), **values)
    GroupSeat.objects.bulk_create(GroupSeat(group=group, **seat) for seat in seats)
    audit.record("established", group, by=by)
    editions.bump(editions.WORKING_GROUPS)
    return True


def _area_of(body: BodyData) -> Area:
    """The city as the body's own area, without a map of its own: meetings belong to an agency by their area."""
    agency, _ = Agency.objects.get_or_create(slug=body.slug, defaults={**asdict(body), "is_police": False})
    area, is_new = Area.objects.get_or_create(
        agency=agency,
        kind=Area.Kind.MUNICIPALITY,
        code="st-louis",
        defaults={"slug": f"{body.slug}-st-louis", "name": "City of St. Louis"},
    )
    if is_new:
        editions.bump(editions.MAPS, editions.ROSTER)
    return area
