"""Breaking the glass: for a reason, for an hour, on record, and the group is told."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import AuditRow, Session, User
from backend.feedback.workinggroups.models import BreakGlass, GroupChange, Membership, WorkingGroup
from backend.feedback.workinggroups.services import breaking
from backend.notifications.models import Message, Notice
from backend.notifications.worker import work_once
from backend.roster.models import Agency, StaffMember
from tests.notifications.fakes import FakeTransport
from tests.workinggroups.conftest import Group

pytestmark = pytest.mark.django_db
REASON = {"reason": "A court asks for the comments of the first call."}


def breaks(client: Any, group: Group) -> Any:
    return client.post(f"{group.at}/break-glass", REASON, "application/json")


def test_for_an_hour_the_administrator_reads(administrator: User, force: Group, sign_in: Any) -> None:
    now = timezone.now()
    assert not WorkingGroup.objects.read_by(administrator, now).exists()
    answer = breaks(sign_in(administrator), force)
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    now = timezone.now()
    assert list(WorkingGroup.objects.read_by(administrator, now)) == [force.group]
    assert not WorkingGroup.objects.read_by(administrator, now + timedelta(hours=1)).exists()
    assert not WorkingGroup.objects.of_member(administrator, now).exists()


def test_it_is_on_record_where_administrators_and_where_members_look(
    administrator: User, force: Group, sign_in: Any
) -> None:
    breaks(sign_in(administrator), force)
    row = AuditRow.objects.get(action="break_glass")
    assert (row.actor, row.object_type, row.reason) == (
        administrator.pk,
        "workinggroups.WorkingGroup",
        REASON["reason"],
    )
    record = sign_in(force.member).get(f"{force.at}/record")
    assert record["Cache-Control"] == "no-store"
    (line,) = record.json()["results"]
    assert (line["action"], line["by"], line["reason"]) == (
        "glass_broken",
        "an administrator",
        REASON["reason"],
    )
    assert line["until"] > line["at"]


def test_every_member_with_an_account_is_told_and_learns_nothing_by_the_message(
    administrator: User, providers: Group, sign_in: Any
) -> None:
    providers.member.set_phone("+13145550123")
    providers.member.save()
    Membership.objects.filter(user=providers.coordinator).update(organization="Shelter")
    breaks(sign_in(administrator), providers)
    assert sorted(Message.objects.values_list("channel", flat=True)) == ["email", "sms"]
    assert Message.objects.filter(notice__kind="group_glass_broken").count() == 2
    transport = FakeTransport()
    while work_once(transport):
        continue
    for text in transport.texts:
        assert "there is an update" in text.body
        assert "hour" not in text.body
        assert "administrator" not in text.body
        assert "provider" not in text.body
    assert transport.texts


@pytest.mark.parametrize("who", ["officer", "captain", "liaison", "outsider", "resident"])
def test_nobody_else_breaks_it(city: None, who: str, request: Any, force: Group, sign_in: Any) -> None:
    answer = breaks(sign_in(request.getfixturevalue(who)), force)
    there_is_none = sign_in(request.getfixturevalue(who)).post(
        "/api/v1/working-groups/none/break-glass", REASON, "application/json"
    )
    assert (answer.status_code, answer.content) == (404, there_is_none.content)
    assert not BreakGlass.objects.exists()


def test_members_have_no_need_to(force: Group, sign_in: Any) -> None:
    assert breaks(sign_in(force.coordinator), force).status_code == 404


def test_an_administrator_of_the_police_does_not(administrator: User, force: Group, sign_in: Any) -> None:
    StaffMember.objects.create(
        agency=Agency.objects.get(slug="slmpd"), user=administrator, name="Chief", rank="Chief"
    )
    assert breaks(sign_in(administrator), force).status_code == 404


def test_a_reason_is_needed(administrator: User, force: Group, sign_in: Any) -> None:
    for reason in ("", "because", "          "):
        answer = sign_in(administrator).post(
            f"{force.at}/break-glass", {"reason": reason}, "application/json"
        )
        assert answer.status_code == 400
    assert not BreakGlass.objects.exists()
    assert not Message.objects.exists()


def test_it_opens_that_group_alone_and_no_way_to_write(
    administrator: User, force: Group, providers: Group, sign_in: Any
) -> None:
    admin = sign_in(administrator)
    breaks(admin, force)
    assert (
        not WorkingGroup.objects.read_by(administrator, timezone.now()).filter(pk=providers.group.pk).exists()
    )
    assert admin.get(f"{force.at}/record").status_code == 404
    term = Membership.objects.get(user=force.member)
    assert admin.post(f"{force.at}/members/{term.pk}/end", {}, "application/json").status_code == 404
    assert admin.post(f"{force.at}/meetings", {}, "application/json").status_code == 404
    assert admin.post(f"{force.at}/members", {}, "application/json").status_code == 404


def test_what_is_read_behind_it_is_audited_and_nothing_else(
    administrator: User, force: Group, resident: User, sign_in: Any
) -> None:
    admin = sign_in(administrator)
    assert admin.get(f"{force.at}/members").json()["terms"] == []
    sign_in(force.member).get(f"{force.at}/members")
    assert not AuditRow.objects.filter(action="read_past_the_wall").exists()
    breaks(admin, force)
    assert len(admin.get(f"{force.at}/members").json()["terms"]) == 2
    row = AuditRow.objects.get(action="read_past_the_wall")
    assert (row.actor, row.fields, row.object_id) == (administrator.pk, ["members"], str(force.group.pk))
    breaking.note_read(force.group, "comments", resident)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        breaking.note_read(force.group, "comments", administrator)
    assert AuditRow.objects.filter(action="read_past_the_wall").count() == 1


def test_who_breaks_it_does_not_stop_the_messages_that_tell_of_it(
    administrator: User, force: Group, sign_in: Any
) -> None:
    admin, page = sign_in(administrator), "/admin/notifications/notice/"
    breaks(admin, force)
    other = User.objects.create_user(
        kind=User.Kind.STAFF, email="second@groups.example", is_administrator=True
    )
    assert "group_glass_broken" in sign_in(other).get(page).content.decode()
    assert "group_glass_broken" not in admin.get(page).content.decode()


def test_no_second_administrator_stops_them(administrator: User, force: Group, sign_in: Any) -> None:
    breaks(sign_in(administrator), force)
    other = User.objects.create_user(
        kind=User.Kind.STAFF, email="second@groups.example", is_administrator=True
    )
    chosen = list(Notice.objects.filter(kind="group_glass_broken").values_list("pk", flat=True))
    desk, page = sign_in(other), "/admin/notifications/notice/"
    answer = desk.post(page, {"action": "halt", "_selected_action": chosen}, follow=True)
    assert "it cannot be stopped" in answer.content.decode()
    copies = Message.objects.filter(notice__kind="group_glass_broken")
    assert list(copies.values_list("status", "notice__halted_at")) == [("queued", None)] * 2


def test_who_is_told_is_not_in_the_notices(administrator: User, force: Group, sign_in: Any) -> None:
    breaks(sign_in(administrator), force)
    glass = BreakGlass.objects.get()
    keys = [f"group_glass_broken:{glass.pk}:{n}" for n in (1, 2)]
    told = Notice.objects.filter(kind="group_glass_broken").order_by("pk")
    assert list(told.values_list("key", flat=True)) == keys


def test_closing_the_members_accounts_first_keeps_nobody_untold(
    administrator: User, force: Group, sign_in: Any
) -> None:
    admin, people = sign_in(administrator), (force.coordinator, force.member)
    for user in people:
        admin.post(f"/admin/accounts/user/{user.pk}/change/", {})
        user.refresh_from_db()
        assert not user.is_active
    breaks(admin, force)
    assert Message.objects.filter(notice__kind="group_glass_broken").count() == 2


# --- the record -----------------------------------------------------------------------------------------


def test_the_record_is_for_members_alone(
    force: Group, collaborative: Group, sign_in: Any, client: Any
) -> None:
    assert client.get(f"{force.at}/record").status_code == 401
    there_is_none = sign_in(collaborative.coordinator).get("/api/v1/working-groups/none/record")
    answer = sign_in(collaborative.coordinator).get(f"{force.at}/record")
    assert (answer.status_code, answer.content) == (404, there_is_none.content)
    assert sign_in(force.member).get(f"{force.at}/record").status_code == 200


def test_the_record_comes_in_pages_and_by_the_names_that_the_group_knows(force: Group, sign_in: Any) -> None:
    for n in range(3):
        GroupChange.objects.create(group=force.group, action=f"step_{n}", by=force.coordinator)
    first = sign_in(force.member).get(f"{force.at}/record?page_size=2").json()
    assert [row["action"] for row in first["results"]] == ["step_2", "step_1"]
    assert first["results"][0]["by"] == Membership.objects.get(user=force.coordinator).name
    assert [row["action"] for row in sign_in(force.member).get(first["next"]).json()["results"]] == ["step_0"]


# --- short sessions of a discreet group -----------------------------------------------------------------


def age(user: User, minutes: int) -> None:
    then = timezone.now() - timedelta(minutes=minutes)
    Session.objects.filter(user=user).update(created_at=then)


def test_behind_a_discreet_wall_a_sign_in_is_good_for_half_an_hour(providers: Group, sign_in: Any) -> None:
    client = sign_in(providers.member)
    age(providers.member, 29)
    assert client.get(f"{providers.at}/record").status_code == 200
    age(providers.member, 31)
    answer = client.get(f"{providers.at}/record")
    assert (answer.status_code, answer.json()["type"]) == (401, "session-too-old")
    assert "sign in again" in answer.json()["detail"]
    assert client.get(providers.at).status_code == 200


def test_elsewhere_and_for_strangers_it_is_not_asked(
    force: Group, providers: Group, resident: User, sign_in: Any
) -> None:
    member, stranger = sign_in(force.member), sign_in(resident)
    age(force.member, 600)
    age(resident, 600)
    assert member.get(f"{force.at}/record").status_code == 200
    assert stranger.get(f"{providers.at}/record").status_code == 401  # as to a member: it tells nothing
    assert stranger.get(f"{providers.at}/members").status_code == 200


def test_an_administrators_look_ends_as_soon(administrator: User, providers: Group, sign_in: Any) -> None:
    client = sign_in(administrator)
    breaks(client, providers)
    age(administrator, 31)
    assert client.get(f"{providers.at}/members").json()["terms"] == []
