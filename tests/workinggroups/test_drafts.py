"""Versions of a text: begun, rewritten, compared, and fixed once they are published."""

from typing import Any

import pytest
from django.db import Error, transaction

from backend.feedback.workinggroups.models import Comment, Draft, Section, Support
from tests.conftest import DocumentedClient
from tests.workinggroups.calls import begin, call, post, publish, published, say
from tests.workinggroups.conftest import Group

TWO = ({"heading": "Purpose", "body": "Why."}, {"heading": "Force", "body": "Force is the last resort."})


@pytest.fixture
def coordinator(force: Group, sign_in: Any) -> DocumentedClient:
    return sign_in(force.coordinator)


def test_a_version_is_in_work_until_it_is_published(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    draft = begin(coordinator, force, *TWO)
    assert [(s["key"], s["number"]) for s in draft["sections"]] == [("purpose", "1"), ("force", "2")]
    assert client.get(f"{force.at}/drafts/1").status_code == 404
    assert client.get(f"{force.at}/drafts").json() == []
    assert publish(coordinator, force, 1).status_code == 200
    assert client.get(f"{force.at}/drafts/1").json()["sections"] == draft["sections"]


def test_members_read_what_is_in_work_and_do_not_publish_it(
    force: Group, coordinator: DocumentedClient, sign_in: Any
) -> None:
    begin(coordinator, force, *TWO)
    member = sign_in(force.member)
    assert member.get(f"{force.at}/drafts/1").status_code == 200
    assert publish(member, force, 1).status_code == 403
    assert post(member, f"{force.at}/drafts", title="Mine", sections=TWO).status_code == 403


def test_a_coordinator_of_another_group_finds_nothing(
    force: Group, providers: Group, coordinator: DocumentedClient, sign_in: Any
) -> None:
    begin(coordinator, force, *TWO)
    other = sign_in(providers.coordinator)
    assert other.get(f"{force.at}/drafts/1").status_code == 404
    assert publish(other, force, 1).status_code == 404
    assert post(other, f"{force.at}/drafts", title="Theirs", sections=TWO).status_code == 404


def test_one_version_at_a_time_is_in_work(force: Group, coordinator: DocumentedClient) -> None:
    begin(coordinator, force, *TWO)
    refused = post(coordinator, f"{force.at}/drafts", title="Another", sections=TWO)
    assert (refused.status_code, refused.json()["type"]) == (409, "in-work")


def test_rewriting_loses_nothing_of_another_coordinator(force: Group, coordinator: DocumentedClient) -> None:
    draft = begin(coordinator, force, *TWO)
    body = {"title": "Better", "sections": TWO[:1], "changed_at": draft["changed_at"]}
    first = coordinator.put(f"{force.at}/drafts/1", body, content_type="application/json")
    assert (first.status_code, len(first.json()["sections"])) == (200, 1)
    second = coordinator.put(f"{force.at}/drafts/1", body, content_type="application/json")
    assert second.status_code == 409


def rewrite(client: DocumentedClient, group: Group, *sections: dict[str, Any]) -> Any:
    read = client.get(f"{group.at}/drafts/1").json()
    body = {"title": "Better", "sections": sections, "changed_at": read["changed_at"]}
    return client.put(f"{group.at}/drafts/1", body, content_type="application/json")


@pytest.fixture
def spoken_of(force: Group, coordinator: DocumentedClient, sign_in: Any) -> None:
    """A version in work; members commented on its `force` and are for its `purpose`."""
    begin(coordinator, force, *TWO)
    inner, member = call(coordinator, force, draft=1, audience="members")["id"], sign_in(force.member)
    assert say(member, force, inner, section="force").status_code == 201
    at = f"{force.at}/consultations/{inner}/support"
    assert member.put(at, {"section": "purpose"}, content_type="application/json").status_code == 204


def test_rewriting_keeps_what_members_said_on_its_section(
    force: Group, coordinator: DocumentedClient, spoken_of: None
) -> None:
    more = {"heading": "More", "key": "more"}
    again = rewrite(coordinator, force, {**TWO[1], "body": "Never."}, more, {**TWO[0], "number": "IV"})
    assert again.status_code == 200, again.content
    rows = [(s["key"], s["number"], s["body"]) for s in again.json()["sections"]]
    assert rows == [("force", "1", "Never."), ("more", "2", ""), ("purpose", "IV", "Why.")]
    assert Comment.objects.get().section == Section.objects.get(key="force")
    assert Support.objects.get().section == Section.objects.get(key="purpose")


@pytest.mark.parametrize(("kept", "lost"), [(TWO[:1], "force"), (TWO[1:], "purpose")])
def test_a_section_that_members_spoke_of_is_not_dropped(
    force: Group, coordinator: DocumentedClient, spoken_of: None, kept: Any, lost: str
) -> None:
    refused = rewrite(coordinator, force, *kept)
    assert (refused.status_code, refused.json()["type"]) == (409, "spoken-of")
    assert refused.json()["sections"] == [lost]
    assert [Section.objects.count(), Comment.objects.count(), Support.objects.count()] == [2, 1, 1]
    assert Draft.objects.get().title == "Use of force"


def test_comparing_has_a_limit_for_each_address(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    published(coordinator, force, *TWO)
    published(coordinator, force, *TWO)
    answers = [client.get(f"{force.at}/drafts/2/diff").status_code for _ in range(121)]
    assert (answers[0], answers[119], answers[120]) == (200, 200, 429)


def test_a_published_version_never_changes(force: Group, coordinator: DocumentedClient) -> None:
    draft = published(coordinator, force, *TWO)
    body = {"title": "Other", "sections": TWO, "changed_at": draft["changed_at"]}
    refused = coordinator.put(f"{force.at}/drafts/1", body, content_type="application/json")
    assert (refused.status_code, refused.json()["type"]) == (409, "already-published")


@pytest.mark.parametrize(
    "change",
    [
        lambda draft: draft.sections.update(body="Another text."),
        lambda draft: Section.objects.create(draft=draft, key="more", position=9, number="9", heading="More"),
        lambda draft: Draft.objects.filter(pk=draft.pk).update(title="Another title"),
        lambda draft: Draft.objects.filter(pk=draft.pk).update(published_at=None),
    ],
)
def test_the_database_itself_keeps_what_is_published(
    force: Group, coordinator: DocumentedClient, change: Any
) -> None:
    published(coordinator, force, *TWO)
    with pytest.raises(Error, match="a published version does not change"), transaction.atomic():
        change(Draft.objects.get(group=force.group))


@pytest.mark.parametrize(
    ("sections", "pointer", "code"),
    [
        ([], "/sections", "count"),
        ([{"heading": f"S {n}"} for n in range(501)], "/sections", "count"),
        ([{"heading": "A", "key": "a"}, {"heading": "B", "key": "a"}], "/sections/0/key", "twice"),
        ([{"heading": "A", "origins": ["gone"]}], "/sections/0/origins", "unknown-origin"),
        ([{"heading": "A", "body": "<script>alert(1)</script>"}], "/sections/0/body", "markup"),
        ([{"heading": "<b>A</b>"}], "/sections/0/heading", "markup"),
    ],
)
def test_what_is_no_version(
    force: Group, coordinator: DocumentedClient, sections: Any, pointer: str, code: str
) -> None:
    refused = post(coordinator, f"{force.at}/drafts", title="T", sections=sections)
    assert refused.status_code == 400
    assert {(e["pointer"], e["code"]) for e in refused.json()["errors"]} == {(pointer, code)}
    assert not Draft.objects.exists()


def test_four_hundred_sections(force: Group, coordinator: DocumentedClient, client: DocumentedClient) -> None:
    many = [{"heading": f"Section {n}", "body": "Force is the last resort. " * 60} for n in range(400)]
    published(coordinator, force, *many)
    begin(coordinator, force, *[{**one, "body": one["body"] + "Always."} for one in many])
    publish(coordinator, force, 2)
    assert len(client.get(f"{force.at}/drafts/2").json()["sections"]) == 400
    changes = client.get(f"{force.at}/drafts/2/diff").json()["sections"]
    assert [c["change"] for c in changes] == ["changed"] * 400
    assert changes[0]["runs"][-1] == {"op": "added", "text": "Always."}


def test_splits_and_merges_are_told(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    published(coordinator, force, *({"key": k, "heading": k.upper()} for k in ("a", "b", "c", "d", "e")))
    published(
        coordinator,
        force,
        {"key": "a", "heading": "A"},
        {"key": "b1", "heading": "B1", "origins": ["b"]},
        {"key": "b2", "heading": "B2", "origins": ["b"]},
        {"key": "cd", "heading": "CD", "origins": ["c", "d"]},
        {"key": "new", "heading": "New"},
    )
    changes = {c["key"]: c for c in client.get(f"{force.at}/drafts/2/diff").json()["sections"]}
    assert {key: c["change"] for key, c in changes.items()} == {
        "a": "same",
        "b1": "split",
        "b2": "split",
        "cd": "merged",
        "new": "added",
        "b": "removed",
        "c": "removed",
        "d": "removed",
        "e": "removed",
    }
    assert changes["b"]["successors"] == ["b1", "b2"]
    assert changes["e"]["successors"] == []


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ({"key": "b", "heading": "B again"}, "key-was-used"),
        ({"key": "a", "heading": "A", "origins": []}, "other-section"),
    ],
)
def test_a_key_is_one_section_for_ever(
    force: Group, coordinator: DocumentedClient, section: dict[str, Any], code: str
) -> None:
    published(coordinator, force, {"key": "a", "heading": "A"}, {"key": "b", "heading": "B"})
    published(coordinator, force, {"key": "a", "heading": "A"})
    refused = post(coordinator, f"{force.at}/drafts", title="T", sections=[section])
    assert [e["code"] for e in refused.json()["errors"]] == [code]


def test_a_public_read_costs_nothing_the_second_time(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    published(coordinator, force, *TWO)
    tag = client.get(f"{force.at}/drafts/1")["ETag"]
    again = {"HTTP_IF_NONE_MATCH": tag}
    assert client.get(f"{force.at}/drafts/1", **again).status_code == 304
    first = client.get(f"{force.at}/drafts")["ETag"]
    published(coordinator, force, *TWO)
    assert client.get(f"{force.at}/drafts", HTTP_IF_NONE_MATCH=first).status_code == 200
