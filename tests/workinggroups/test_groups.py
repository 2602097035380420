"""The groups themselves: from data, shown to everybody with who reads and what becomes public."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from backend.accounts.models import AuditRow, User
from backend.demo.working_groups import load_working_groups
from backend.feedback.workinggroups.models import GroupSeat, WorkingGroup
from backend.roster.models import Agency, Area
from tests.workinggroups.conftest import Group, make_civilian

pytestmark = pytest.mark.django_db


def load() -> str:
    out = StringIO()
    call_command("import_working_groups", stdout=out)
    return out.getvalue()


def test_the_three_groups_of_the_sources_are_loaded_once(client: Any) -> None:
    assert load() == "3 working groups added\n"
    shown = client.get("/api/v1/working-groups").json()["results"]
    assert [(g["slug"], g["agency"], g["is_public_body"]) for g in shown] == [
        ("public-safety-collaborative", "public-safety-collaborative", False),
        ("service-providers", "stl-city", True),
        ("use-of-force", "stl-city", True),
    ]
    assert not Agency.objects.filter(slug__in=["stl-city", "public-safety-collaborative"], is_police=True)
    before = list(GroupSeat.objects.order_by("pk").values()), Area.objects.count(), AuditRow.objects.count()
    assert load() == "0 working groups added\n"
    assert before == (
        list(GroupSeat.objects.order_by("pk").values()),
        Area.objects.count(),
        AuditRow.objects.count(),
    )


def test_loading_again_keeps_what_was_changed_since(client: Any) -> None:
    load()
    WorkingGroup.objects.filter(slug="use-of-force").update(charter="Revised.")
    load()
    assert client.get("/api/v1/working-groups/use-of-force").json()["charter"] == "Revised."


def test_seats_say_in_words_who_may_hold_them(client: Any) -> None:
    load()
    seats = client.get("/api/v1/working-groups/use-of-force").json()["seats"]
    assert [(s["rule"], s["places"]) for s in seats][-1] == ("non_sworn", 1)
    assert "no sworn officer" in seats[-1]["rule_in_words"]
    assert {s["rule"] for s in seats[:-1]} == {"community"}
    (provider,) = client.get("/api/v1/working-groups/service-providers").json()["seats"]
    assert provider["rule"] == "provider"
    own = client.get("/api/v1/working-groups/public-safety-collaborative").json()["seats"]
    assert {s["rule"] for s in own} == {"independent"}


def test_people_are_told_who_reads_and_what_is_public(
    client: Any, force: Group, collaborative: Group
) -> None:
    make_civilian(force.group)
    public, own = client.get(force.at).json(), client.get(collaborative.at).json()
    assert "but for the civilian employee" in public["who_reads"]
    assert "but for" not in own["who_reads"]
    assert "RSMo chapter 610" in public["public_record"]
    assert "no public body" in own["public_record"]
    assert [seat["held"] for seat in public["seats"]] == [2, 1]


def test_a_discreet_group_is_called_by_its_neutral_name_and_has_a_way_out(
    client: Any, providers: Group
) -> None:
    shown = client.get(providers.at)
    assert shown.json()["name"] == "Service providers' group"
    assert providers.group.name not in shown.content.decode()
    safety = shown.json()["safety"]
    assert (safety["is_discreet"], safety["session_minutes"]) == (True, 30)
    assert safety["quick_exit"]["replaces_history"]
    assert not safety["quick_exit"]["asks_first"]
    assert "not public" in shown.json()["public_record"]


def test_a_group_that_is_not_discreet_needs_no_way_out(client: Any, force: Group) -> None:
    assert client.get(force.at).json()["safety"] == {
        "is_discreet": False,
        "quick_exit": None,
        "session_minutes": None,
    }


def test_there_is_no_group_of_another_name(client: Any, force: Group) -> None:
    assert client.get("/api/v1/working-groups/another").status_code == 404


def test_what_has_not_changed_is_not_sent_again(client: Any, force: Group) -> None:
    tag = client.get(force.at)["ETag"]
    assert client.get(force.at, headers={"If-None-Match": tag}).status_code == 304


def test_the_demo_has_people_in_each_group_and_a_meeting(city: None, client: Any) -> None:
    load_working_groups(by=User.objects.get(is_administrator=True))
    for slug in ("use-of-force", "public-safety-collaborative"):
        assert len(client.get(f"/api/v1/working-groups/{slug}/members").json()["members"]) == 2
    feed = client.get("/feeds/working-groups/use-of-force.ics").content.decode()
    assert feed.count("BEGIN:VEVENT") == 3  # a meeting, and the ends of two calls


# --- staff pages ----------------------------------------------------------------------------------------


def test_an_administrator_corrects_facts_and_leaves_a_trace(
    administrator: User, force: Group, sign_in: Any
) -> None:
    page = f"/admin/workinggroups/workinggroup/{force.group.pk}/change/"
    facts = {
        "name": "Force",
        "neutral_name": "",
        "charter": "New.",
        "moderation_policy": "As was.",
        "source": "s",
    }
    assert sign_in(administrator).post(page, {**facts, "slug": "other"}).status_code == 302
    force.group.refresh_from_db()
    assert (force.group.slug, force.group.charter) == ("use-of-force", "New.")
    assert AuditRow.objects.filter(action="changed", object_type="workinggroups.WorkingGroup").exists()


def test_staff_pages_have_nothing_of_the_groups_work(administrator: User, force: Group, sign_in: Any) -> None:
    pages = sign_in(administrator).get("/admin/").content.decode()
    shown = {
        name for name in ("workinggroup", "groupseat", "breakglass") if f"/workinggroups/{name}/" in pages
    }
    assert shown == {"workinggroup", "groupseat", "breakglass"}
    for hidden in (
        "draft",
        "comment",
        "testimony",
        "membership",
        "groupchange",
        "consultation",
        "disposition",
    ):
        assert f"/workinggroups/{hidden}/" not in pages


def test_officers_have_no_page_of_the_groups(captain: User, force: Group, sign_in: Any) -> None:
    assert sign_in(captain).get("/admin/workinggroups/workinggroup/").status_code == 403
    assert sign_in(captain).get("/admin/workinggroups/breakglass/").status_code == 403
