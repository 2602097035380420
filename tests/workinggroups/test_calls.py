"""Calls for input: announced in the calendar and by text, closed in time, and what is said before anybody writes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import AuditRow
from backend.events.models import Event
from backend.feedback.workinggroups.services.telling import announce_calls
from backend.notifications.models import Message
from backend.notifications.sensitive import is_sensitive
from backend.notifications.services import add_followers
from tests.conftest import DocumentedClient, forget_editions
from tests.workinggroups.calls import begin, call, close, dispose, pages, post, published, say
from tests.workinggroups.conftest import Group

TEXT = ({"key": "purpose", "heading": "Purpose"},)


@pytest.fixture
def coordinator(force: Group, sign_in: Any) -> DocumentedClient:
    return sign_in(force.coordinator)


def test_its_closing_is_in_the_calendar_and_goes_when_it_is_closed_early(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    published(coordinator, force, *TEXT)
    asked = call(coordinator, force, draft=1, title="The first version")
    event = Event.objects.get(working_group=force.group.slug)
    minute = datetime.fromisoformat(asked["closes_at"]).replace(second=0, microsecond=0)
    assert event.occurrences.get().starts_at == minute
    for feed in ("all", "kinds/call_for_input", f"working-groups/{force.group.slug}"):
        assert b"Last call for comments: The first version" in client.get(f"/feeds/{feed}.ics").content
    close(coordinator, force, asked["id"])
    forget_editions()
    assert b"STATUS:CANCELLED" in client.get("/feeds/all.ics").content


def test_followers_of_the_group_are_told_once_when_it_opens(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    add_followers(topic=f"group:{force.group.slug}", numbers=["+13145550101"], source="test")
    add_followers(topic="kind:other", numbers=["+13145550102"], source="test")
    published(coordinator, force, *TEXT)
    Message.objects.all().delete()
    opens_at = timezone.now() + timedelta(hours=2)
    call(coordinator, force, draft=1, opens_at=opens_at.isoformat())
    announce_calls(timezone.now())
    assert not Message.objects.exists()
    with time_machine.travel(opens_at + timedelta(minutes=1)):
        announce_calls(timezone.now())
        announce_calls(timezone.now())
    message = Message.objects.get()
    assert message.recipient.address == "+13145550101"
    assert message.notice.body == "Roll Call: there is an update. {link}"


def test_a_call_for_members_is_announced_nowhere(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    add_followers(topic=f"group:{force.group.slug}", numbers=["+13145550101"], source="test")
    begin(coordinator, force, *TEXT)
    call(coordinator, force, draft=1, audience="members", title="Among us")
    announce_calls(timezone.now())
    assert not Message.objects.exists()
    assert not Event.objects.filter(working_group=force.group.slug).exists()


def test_of_a_discreet_group_the_calendar_names_nothing(
    providers: Group, client: DocumentedClient, sign_in: Any
) -> None:
    coordinator = sign_in(providers.coordinator)
    published(coordinator, providers, {"heading": "Shelters", "body": "Victims of violence."})
    closes_at = (timezone.now() + timedelta(days=2)).isoformat()
    loud = {"title": "Domestic violence: what helps?", "draft": 1, "closes_at": closes_at}
    refused = post(coordinator, f"{providers.at}/consultations", **loud)
    assert [e["code"] for e in refused.json()["errors"]] == ["not-neutral"]
    call(coordinator, providers, draft=1, title="What helps?")
    for feed in ("all", f"working-groups/{providers.group.slug}"):
        text = client.get(f"/feeds/{feed}.ics").content.decode()
        assert "SUMMARY:Service providers' group" in text
        assert not is_sensitive(text)
        assert "What helps?" not in text


def test_before_writing_one_is_told_who_reads_it_and_what_becomes_public(
    force: Group, collaborative: Group, client: DocumentedClient, sign_in: Any
) -> None:
    public, private = (
        call(sign_in(g.coordinator), g, takes_testimony=g is force, questions=QUESTIONS)
        for g in (force, collaborative)
    )
    shown = client.get(f"{force.at}/consultations/{public['id']}").json()
    assert "public record" in " ".join(shown["notices"])
    assert "Nobody of the police" in shown["notices"][0]
    assert "Nobody is required to tell" in " ".join(shown["before_telling"])
    assert shown["moderation_policy"] == force.group.moderation_policy
    other = client.get(f"{collaborative.at}/consultations/{private['id']}").json()
    assert "no public body" in " ".join(other["notices"])
    assert other["before_telling"] == []


QUESTIONS = [{"key": "duty", "text": "Must one step in?", "kind": "choice", "choices": ["Yes", "No"]}]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"title": "<b>Say</b>"}, "/title"),
        ({"closes_at": "2026-11-23T10:30:00-06:00"}, "/closes_at"),
        ({"closes_at": "2028-11-23T10:30:00-06:00"}, "/closes_at"),
        ({"opens_at": "2026-11-22T10:30:00-06:00"}, "/opens_at"),
        ({"draft": 7}, "/draft"),
        ({"draft": None}, "/draft"),
        ({"audience": "members", "takes_testimony": True}, "/takes_testimony"),
        ({"questions": [*QUESTIONS, *QUESTIONS]}, "/questions"),
        ({"questions": [{**QUESTIONS[0], "choices": ["Yes"]}]}, "/questions/0/choices"),
        ({"questions": [{**QUESTIONS[0], "kind": "text"}]}, "/questions/0/choices"),
    ],
)
def test_what_is_no_call(
    force: Group, coordinator: DocumentedClient, sent: dict[str, Any], pointer: str
) -> None:
    published(coordinator, force, *TEXT)
    body = {"title": "Say", "draft": 1, "closes_at": "2026-11-30T10:00:00-06:00", **sent}
    body = {name: value for name, value in body.items() if value is not None}
    refused = post(coordinator, f"{force.at}/consultations", **body)
    assert refused.status_code == 400, refused.content
    assert pointer in [e["pointer"] for e in refused.json()["errors"]]


def test_only_coordinators_open_close_and_publish(
    force: Group, providers: Group, coordinator: DocumentedClient, sign_in: Any
) -> None:
    asked = call(coordinator, force, questions=QUESTIONS)["id"]
    for user, status in ((force.member, 403), (providers.coordinator, 404)):
        client = sign_in(user)
        answer = post(
            client, f"{force.at}/consultations", title="Mine", closes_at="2026-11-30T10:00:00-06:00"
        )
        assert answer.status_code == status
        assert close(client, force, asked).status_code == status
        assert client.post(f"{force.at}/consultations/{asked}/publish").status_code == status


def test_what_an_administrator_reads_by_broken_glass_goes_on_record(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient, administrator: Any, sign_in: Any
) -> None:
    asked = call(coordinator, force, questions=QUESTIONS)["id"]
    said = say(client, force, asked, body="MARK.").json()
    admin = sign_in(administrator)
    assert pages(admin, f"{force.at}/comments") == []
    assert not AuditRow.objects.filter(action="read_past_the_wall").exists()
    post(admin, f"{force.at}/break-glass", reason="A court asks.")
    assert [c["body"] for c in pages(admin, f"{force.at}/comments")] == ["MARK."]
    row = AuditRow.objects.get(action="read_past_the_wall")
    assert (row.actor, row.fields) == (administrator.pk, ["comments"])
    assert dispose(admin, force, said["id"]).status_code == 404
    assert close(admin, force, asked).status_code == 404


def test_an_old_session_does_not_open_a_discreet_group(
    providers: Group, client: DocumentedClient, sign_in: Any
) -> None:
    member, coordinator = sign_in(providers.member), sign_in(providers.coordinator)
    begin(coordinator, providers, *TEXT)
    assert member.get(f"{providers.at}/drafts/1").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        stale, stranger = (c.get(f"{providers.at}/drafts/1") for c in (member, client))
        assert (stale.status_code, stale.content) == (404, stranger.content)
        refused = member.get(f"{providers.at}/record")
        assert (refused.status_code, refused.json()["type"]) == (401, "session-too-old")
