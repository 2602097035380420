"""Three groups and their people; the police, the administrator and a neighbor are outside of each."""

from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.feedback.workinggroups.models import GroupSeat, Membership, WorkingGroup
from backend.roster.models import Agency, Area, StaffMember


class Group(NamedTuple):
    group: WorkingGroup
    coordinator: User
    member: User

    @property
    def at(self) -> str:
        return f"/api/v1/working-groups/{self.group.slug}"


def make_person(name: str) -> User:
    return User.objects.create_user(kind=User.Kind.RESIDENT, email=f"{name}@groups.example")


def make_member(group: WorkingGroup, user: User, *, rule: str = "community", **fields: Any) -> Membership:
    """A term that began a month ago, already taken up."""
    seat, _ = GroupSeat.objects.get_or_create(
        group=group, name=f"{rule} seat", defaults={"rule": rule, "places": 20}
    )
    return Membership.objects.create(
        seat=seat,
        user=user,
        name=f"Name of {user.email}",
        joined_at=timezone.now(),
        **{"starts_on": date(2026, 10, 23), **fields},
    )


def make_civilian(group: WorkingGroup) -> User:
    """A civilian of the City's police who holds the group's seat for one."""
    user = User.objects.create_user(kind=User.Kind.STAFF, email=f"civilian.{group.slug}@police.example")
    member = StaffMember.objects.create(
        agency=Agency.objects.get(slug="slmpd"),
        user=user,
        name="Policy Analyst",
        rank="Civilian",
        is_sworn=False,
    )
    make_member(group, user, rule="non_sworn", staff_member=member)
    return user


def make_group(slug: str, agency: Agency, rule: str, **fields: Any) -> Group:
    area, _ = Area.objects.get_or_create(
        agency=agency,
        kind=Area.Kind.MUNICIPALITY,
        code="st-louis",
        defaults={"slug": f"{agency.slug}-st-louis", "name": "City of St. Louis"},
    )
    facts = {
        "name": f"The {slug} group",
        "charter": "To say what the policy should be.",
        "moderation_policy": "Spam and abuse are kept back, with the reason.",
        "source": "its charter",
        "is_public_body": True,
    }
    group = WorkingGroup.objects.create(slug=slug, area=area, **{**facts, **fields})
    coordinator, member = make_person(f"coordinator.{slug}"), make_person(f"member.{slug}")
    make_member(group, coordinator, rule=rule, is_coordinator=True, organization="An organization")
    make_member(group, member, rule=rule, organization="Another organization")
    return Group(group, coordinator, member)


@pytest.fixture
def body(city: None) -> Agency:
    """What convenes the City's working groups; no police."""
    return Agency.objects.create(
        slug="stl-city",
        name="City of St. Louis",
        short_name="City",
        city="City of St. Louis",
        is_police=False,
    )


@pytest.fixture
def force(body: Agency) -> Group:
    """The Use of Force group."""
    return make_group("use-of-force", body, "community")


@pytest.fixture
def providers(body: Agency) -> Group:
    """The group of service providers, discreet."""
    return make_group(
        "service-providers", body, "provider", is_discreet=True, neutral_name="Service providers' group"
    )


@pytest.fixture
def collaborative(city: None) -> Group:
    """Independent of City and police, and no public body."""
    agency = Agency.objects.create(
        slug="public-safety-collaborative",
        name="Public Safety Collaborative",
        short_name="PSC",
        city="City of St. Louis",
        is_police=False,
    )
    return make_group("public-safety-collaborative", agency, "independent", is_public_body=False)


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email="admin@groups.example", is_administrator=True)


@pytest.fixture
def tomorrow() -> Any:
    return timezone.now() + timedelta(days=1)
