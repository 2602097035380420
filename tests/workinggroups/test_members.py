"""Seats: who is invited by whom, who may take one up, and that a term that is over opens nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from backend.accounts.holdings import HOLDINGS
from backend.accounts.models import AuditRow, User
from backend.accounts.residents import delete, export
from backend.errors import Conflict
from backend.feedback.workinggroups.models import GroupSeat, Membership, WorkingGroup
from backend.feedback.workinggroups.services import members
from backend.roster.models import Agency, StaffMember
from tests.workinggroups.conftest import Group, make_civilian, make_group, make_person

pytestmark = pytest.mark.django_db
AT = "/api/v1/working-groups"
BODY = "application/json"


def seat(group: Group, rule: str, places: int = 1) -> str:
    GroupSeat.objects.create(group=group.group, name=f"A {rule}", rule=rule, places=places)
    return f"A {rule}"


def civilian(*, is_sworn: bool = False, agency: str = "slmpd") -> StaffMember:
    user = User.objects.create_user(kind=User.Kind.STAFF, email=f"{agency}.{is_sworn}@police.example")
    return StaffMember.objects.create(
        agency=Agency.objects.get(slug=agency), user=user, name="Analyst", rank="Civilian", is_sworn=is_sworn
    )


def invite(client: Any, group: Group, **fields: Any) -> Any:
    facts = {"seat": "community seat", "name": "New Member", "organization": "Their organization"}
    return client.post(f"{group.at}/members", {**facts, **fields}, BODY)


def join(client: Any, code: str, **fields: Any) -> Any:
    return client.post(f"{AT}/invitations", {"code": code, "affirms": True, **fields}, BODY)


# --- inviting and joining -------------------------------------------------------------------------------


def test_who_is_invited_joins_with_an_account_of_their_own(
    force: Group, resident: User, sign_in: Any
) -> None:
    coordinator = sign_in(force.coordinator)
    invited = invite(coordinator, force).json()
    assert invited["joined_at"] is None
    assert invited["expires_at"]
    assert len(invited["code"]) >= 22  # 128 bits and more
    assert invited["code"] not in Membership.objects.get(pk=invited["id"]).invitation_index
    assert not WorkingGroup.objects.of_member(resident, timezone.now()).exists()
    joined = join(sign_in(resident), invited["code"])
    assert (joined.status_code, joined.json()["group"]) == (201, "use-of-force")
    assert WorkingGroup.objects.of_member(resident, timezone.now()).exists()
    assert "code" not in coordinator.get(f"{force.at}/members").json()["terms"][-1]


def test_a_repeat_of_the_same_request_invites_once(force: Group, sign_in: Any) -> None:
    client, facts = sign_in(force.coordinator), {"seat": "community seat", "name": "New Member"}
    key = {"Idempotency-Key": "a-key-of-the-phone"}
    first, again = (client.post(f"{force.at}/members", facts, BODY, headers=key) for _ in range(2))
    assert first.json() == again.json()
    assert Membership.objects.filter(joined_at=None).count() == 1


def test_a_code_is_good_once_and_for_thirty_days(force: Group, resident: User, sign_in: Any) -> None:
    code = invite(sign_in(force.coordinator), force).json()["code"]
    late = invite(sign_in(force.coordinator), force, name="Another").json()["code"]
    assert join(sign_in(resident), code).status_code == 201
    assert join(sign_in(make_person("second")), code).status_code == 404
    assert join(sign_in(resident), "no such code").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        assert join(sign_in(make_person("third")), late).status_code == 404


def test_the_rule_is_affirmed_in_its_words(force: Group, resident: User, sign_in: Any) -> None:
    code = invite(sign_in(force.coordinator), force).json()["code"]
    refusal = join(sign_in(resident), code, affirms=False)
    assert refusal.status_code == 400
    assert refusal.json()["errors"][0]["pointer"] == "/affirms"
    assert "You do not work for the police." in refusal.json()["detail"]


def test_members_who_do_not_coordinate_invite_nobody(force: Group, sign_in: Any) -> None:
    assert invite(sign_in(force.member), force).status_code == 403


@pytest.mark.parametrize("who", ["officer", "captain", "liaison", "outsider", "resident", "administrator"])
def test_who_is_not_of_the_group_finds_nothing_to_invite_to(
    city: None, who: str, request: Any, force: Group, sign_in: Any
) -> None:
    client = sign_in(request.getfixturevalue(who))
    there_is_none = client.post(f"{AT}/none/members", {}, BODY)
    assert (invite(client, force).status_code, invite(client, force).content) == (404, there_is_none.content)


def test_a_coordinator_of_another_group_is_a_stranger(
    force: Group, collaborative: Group, sign_in: Any
) -> None:
    other = sign_in(collaborative.coordinator)
    assert invite(other, force).status_code == 404
    term = Membership.objects.get(user=force.member)
    assert other.post(f"{force.at}/members/{term.pk}/end", {}, BODY).status_code == 404
    assert other.post(f"{collaborative.at}/members/{term.pk}/end", {}, BODY).status_code == 404


def test_without_an_account_one_is_asked_to_sign_in(client: Any, force: Group) -> None:
    assert invite(client, force).status_code == 401
    assert join(client, "a code").status_code == 401


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"seat": "no such seat"}, "/seat"),
        ({"ends_on": "2026-11-22"}, "/ends_on"),
        ({"starts_on": "2026-12-24", "ends_on": "2026-12-23"}, "/ends_on"),
        ({"staff_member": "5a0c7c3e-0d5c-4c3e-8f58-0e6c5f6f0001"}, "/staff_member"),
        ({"name": ""}, "/name"),
    ],
)
def test_what_cannot_be_is_refused_on_its_field(
    force: Group, sign_in: Any, fields: dict[str, str], pointer: str
) -> None:
    refusal = invite(sign_in(force.coordinator), force, **fields)
    assert (refusal.status_code, refusal.json()["errors"][0]["pointer"]) == (400, pointer)


# --- an administrator begins a group --------------------------------------------------------------------


def test_an_administrator_invites_the_first_coordinator_on_record(
    administrator: User, force: Group, resident: User, sign_in: Any
) -> None:
    Membership.objects.all().delete()
    admin = sign_in(administrator)
    assert invite(admin, force).json()["errors"][0]["pointer"] == "/is_coordinator"
    code = invite(admin, force, is_coordinator=True).json()["code"]
    assert AuditRow.objects.get(action="invited_coordinator").actor == administrator.pk
    assert join(sign_in(resident), code).status_code == 201
    assert invite(admin, force, name="Another", is_coordinator=True).status_code == 404


def test_in_a_group_that_has_begun_an_administrator_seats_nobody_unseen(
    administrator: User, force: Group, sign_in: Any
) -> None:
    Membership.objects.update(ended_at=timezone.now())
    admin = sign_in(administrator)
    assert invite(admin, force, is_coordinator=True).status_code == 404
    admin.post(f"{force.at}/break-glass", {"reason": "Nobody is left."}, "application/json")
    assert invite(admin, force, is_coordinator=True).status_code == 201


def test_whoever_leaves_does_not_come_back_by_an_invitation_of_their_own(force: Group, sign_in: Any) -> None:
    leaving, staying = sign_in(force.member), sign_in(force.coordinator)
    Membership.objects.filter(user=force.member).update(is_coordinator=True)
    code = invite(leaving, force, name="Made up", is_coordinator=True).json()["code"]
    term = Membership.objects.get(user=force.member)
    assert staying.post(f"{force.at}/members/{term.pk}/end", {}, "application/json").status_code == 200
    assert join(leaving, code).status_code == 404


def test_an_administrator_takes_no_seat(administrator: User, force: Group, sign_in: Any) -> None:
    code = invite(sign_in(force.coordinator), force).json()["code"]
    assert join(sign_in(administrator), code).status_code == 403
    Membership.objects.filter(user=force.member).update(user=administrator)
    assert not WorkingGroup.objects.read_by(administrator, timezone.now()).exists()


# --- rules of seats -------------------------------------------------------------------------------------


def test_a_sworn_officer_is_refused_at_once(force: Group, sign_in: Any) -> None:
    name, sworn = seat(force, "non_sworn"), civilian(is_sworn=True)
    refusal = invite(sign_in(force.coordinator), force, seat=name, staff_member=str(sworn.pk))
    assert (refusal.status_code, refusal.json()["type"]) == (422, "sworn-officer")
    assert "Name somebody who is not sworn" in refusal.json()["detail"]
    assert not Membership.objects.filter(joined_at=None).exists()


def test_the_seat_of_a_civilian_is_taken_by_that_person_alone(
    force: Group, sign_in: Any, resident: User
) -> None:
    name, member = seat(force, "non_sworn"), civilian()
    code = invite(sign_in(force.coordinator), force, seat=name, staff_member=str(member.pk)).json()["code"]
    assert join(sign_in(resident), code).status_code == 403
    assert join(sign_in(civilian(agency="slcpd").user), code).status_code == 403
    assert join(sign_in(member.user), code).status_code == 201
    assert WorkingGroup.objects.of_member(member.user, timezone.now()).exists()


def test_who_was_sworn_in_since_the_invitation_is_refused_and_later_reads_nothing(
    force: Group, sign_in: Any
) -> None:
    name, member = seat(force, "non_sworn"), civilian()
    code = invite(sign_in(force.coordinator), force, seat=name, staff_member=str(member.pk)).json()["code"]
    StaffMember.objects.update(is_sworn=True)
    refusal = join(sign_in(member.user), code)
    assert (refusal.status_code, refusal.json()["type"]) == (422, "sworn-officer")
    StaffMember.objects.update(is_sworn=False)
    assert join(sign_in(member.user), code).status_code == 201
    StaffMember.objects.update(is_sworn=True)
    assert sign_in(member.user).get(f"{force.at}/record").status_code == 404


def test_the_seat_of_a_civilian_needs_one_named_who_does_not_coordinate(force: Group, sign_in: Any) -> None:
    name, client = seat(force, "non_sworn"), sign_in(force.coordinator)
    assert invite(client, force, seat=name).json()["errors"][0]["pointer"] == "/staff_member"
    refusal = invite(client, force, seat=name, staff_member=str(civilian().pk), is_coordinator=True)
    assert refusal.json()["errors"][0]["pointer"] == "/is_coordinator"


def test_other_seats_are_refused_to_whoever_works_for_the_police(
    city: None,
    force: Group,
    providers: Group,
    collaborative: Group,
    liaison: User,
    officer: User,
    sign_in: Any,
) -> None:
    for group, rule in ((force, "community"), (providers, "provider"), (collaborative, "independent")):
        code = invite(sign_in(group.coordinator), group, seat=f"{rule} seat").json()["code"]
        for user in (liaison, officer):
            assert join(sign_in(user), code).status_code == 403, rule


def test_a_providers_seat_names_the_organization(providers: Group, sign_in: Any) -> None:
    refusal = invite(sign_in(providers.coordinator), providers, seat="provider seat", organization="")
    assert refusal.json()["errors"][0]["pointer"] == "/organization"


def test_a_person_holds_one_seat_of_a_group(force: Group, sign_in: Any) -> None:
    client = sign_in(force.coordinator)
    code = invite(client, force).json()["code"]
    assert join(sign_in(force.member), code).json()["type"] == "already-member"
    assert invite(client, force).json()["type"] == "already-member"


def test_places_are_as_many_as_the_charter_has(force: Group, sign_in: Any, resident: User) -> None:
    name, client = seat(force, "community"), sign_in(force.coordinator)
    first = invite(client, force, seat=name, ends_on="2026-12-31").json()
    assert invite(client, force, seat=name, name="Second").json()["type"] == "seat-full"
    later = invite(client, force, seat=name, name="Second", starts_on="2027-01-01")
    assert later.status_code == 201
    client.post(f"{force.at}/members/{first['id']}/end", {}, BODY)
    assert invite(client, force, seat=name, name="Third", ends_on="2026-12-31").status_code == 201


def test_an_invitation_that_lapsed_frees_its_place(force: Group, sign_in: Any) -> None:
    name = seat(force, "community")
    assert invite(sign_in(force.coordinator), force, seat=name).status_code == 201
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert invite(sign_in(force.coordinator), force, seat=name, name="Second").status_code == 201


# --- ends -----------------------------------------------------------------------------------------------


def test_who_left_finds_nothing_from_that_moment(force: Group, sign_in: Any) -> None:
    client, term = sign_in(force.member), Membership.objects.get(user=force.member)
    assert client.get(f"{force.at}/record").status_code == 200
    ended = client.post(f"{force.at}/members/{term.pk}/end", {"reason": "moved away"}, BODY)
    assert ended.status_code == 200
    assert ended.json()["ended_at"]
    there_is_none = client.get(f"{AT}/none/record")
    assert client.get(f"{force.at}/record").content == there_is_none.content
    assert client.get(f"{force.at}/members").json()["terms"] == []
    line = sign_in(force.coordinator).get(f"{force.at}/record").json()["results"][0]
    assert (line["action"], line["reason"]) == ("term_ended", "moved away")


def test_a_term_that_ended_yesterday_opens_nothing(force: Group, sign_in: Any) -> None:
    term = Membership.objects.filter(user=force.member)
    term.update(ends_on=date(2026, 11, 23))
    assert sign_in(force.member).get(f"{force.at}/record").status_code == 200
    term.update(ends_on=date(2026, 11, 22))
    assert sign_in(force.member).get(f"{force.at}/record").status_code == 404


def test_coordinators_end_terms_and_members_their_own(force: Group, sign_in: Any) -> None:
    other = Membership.objects.get(user=force.coordinator)
    path = f"{force.at}/members/{other.pk}/end"
    assert sign_in(force.member).post(path, {}, BODY).status_code == 403
    mine = Membership.objects.get(user=force.member)
    client = sign_in(force.coordinator)
    assert client.post(f"{force.at}/members/{mine.pk}/end", {}, BODY).status_code == 200
    again = client.post(f"{force.at}/members/{mine.pk}/end", {}, BODY)
    assert (again.status_code, again.json()["type"]) == (409, "already-ended")


def test_an_invitation_that_was_taken_back_is_none(force: Group, resident: User, sign_in: Any) -> None:
    client = sign_in(force.coordinator)
    invited = invite(client, force).json()
    assert sign_in(force.member).post(f"{force.at}/members/{invited['id']}/end", {}, BODY).status_code == 404
    assert client.post(f"{force.at}/members/{invited['id']}/end", {}, BODY).status_code == 200
    assert join(sign_in(resident), invited["code"]).status_code == 404


# --- the list -------------------------------------------------------------------------------------------


def test_the_public_sees_names_and_no_more(force: Group, client: Any, resident: User, sign_in: Any) -> None:
    invite(sign_in(force.coordinator), force, name="Not Yet There")
    answer = client.get(f"{force.at}/members")
    names = {member["name"] for member in answer.json()["members"]}
    assert names == set(Membership.objects.filter(joined_at__isnull=False).values_list("name", flat=True))
    assert set(answer.json()["members"][0]) == {"name", "seat", "organization"}
    assert (answer.json()["terms"], answer.json()["invitations"]) == ([], [])
    assert sign_in(resident).get(f"{force.at}/members").content == answer.content


def test_of_a_discreet_group_how_many_and_nobody(
    city: None, providers: Group, client: Any, captain: User, administrator: User, sign_in: Any
) -> None:
    answer = client.get(f"{providers.at}/members")
    assert answer.json()["members"] == []
    assert [s["held"] for s in answer.json()["seats"]] == [2]
    for user in (captain, administrator):
        assert sign_in(user).get(f"{providers.at}/members").content == answer.content
    inside = sign_in(providers.member).get(f"{providers.at}/members").json()
    assert len(inside["members"]) == len(inside["terms"]) == 2


def test_invitations_are_seen_by_coordinators_alone(force: Group, sign_in: Any) -> None:
    make_civilian(force.group)
    invite(sign_in(force.coordinator), force)
    assert len(sign_in(force.coordinator).get(f"{force.at}/members").json()["invitations"]) == 1
    seen = sign_in(force.member).get(f"{force.at}/members").json()
    assert (len(seen["terms"]), seen["invitations"]) == (3, [])


# --- the end of an account ------------------------------------------------------------------------------


def test_what_is_held_is_shown_and_ends_with_the_account(force: Group, sign_in: Any, client: Any) -> None:
    assert "working_groups" in HOLDINGS
    (held,) = export(force.member)["working_groups"]["memberships"]
    assert (held["group"], held["organization"]) == ("use-of-force", "Another organization")
    endings = {ending.what: ending.fate for ending in delete(force.member)}
    assert endings["your seats in working groups"] == "anonymised"
    term = Membership.objects.get(organization="")
    assert (term.name, term.user) == ("", None)
    assert term.ended_at
    assert len(client.get(f"{force.at}/members").json()["members"]) == 1


# --- two at once ----------------------------------------------------------------------------------------


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="one writer at a time")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_last_place_is_given_once() -> None:
    agency = Agency.objects.create(
        slug="a-body", name="A body", short_name="Body", city="City", is_police=False
    )
    group = make_group("one-place", agency, "community")
    name, together = seat(group, "community"), Barrier(2)

    def ask(n: int) -> str:
        try:
            together.wait(10)
            invited = members.Invited(seat=name, name=f"Person {n}")
            members.invite(group=group.group, by=group.coordinator, invited=invited)
            return "invited"
        except Conflict as refusal:
            return refusal.type
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ask, range(2))) == ["invited", "seat-full"]
