"""Comments: said by anyone while the call is open, read behind the wall, and answered."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backend.feedback.workinggroups.models import Comment, Support
from tests.conftest import DocumentedClient
from tests.workinggroups.calls import begin, call, close, dispose, pages, post, publish, published, say
from tests.workinggroups.conftest import Group, make_civilian

TEXT = ({"key": "purpose", "heading": "Purpose"}, {"key": "force", "heading": "Force"})


@pytest.fixture
def coordinator(force: Group, sign_in: Any) -> DocumentedClient:
    return sign_in(force.coordinator)


@pytest.fixture
def consultation(force: Group, coordinator: DocumentedClient) -> str:
    """A call on the first version."""
    published(coordinator, force, *TEXT)
    return str(call(coordinator, force, draft=1)["id"])


def test_without_an_account_a_receipt_tells_what_became_of_it(
    force: Group, consultation: str, client: DocumentedClient, coordinator: DocumentedClient
) -> None:
    said = say(client, force, consultation, section="force", body="Name the alternatives first.").json()
    assert said["identity"] == "receipt"
    assert said["what_is_shown"] == "Your words are published without a name."
    asked = post(client, "/api/v1/working-groups/comments/receipt", receipt=said["receipt"].lower())
    assert asked.json()["disposition"] is None
    dispose(coordinator, force, said["id"], outcome="out_of_scope", reason="The State decides this.")
    answer = post(client, "/api/v1/working-groups/comments/receipt", receipt=said["receipt"]).json()
    assert answer["disposition"]["outcome"] == "out_of_scope"
    assert answer["disposition"]["reason"] == "The State decides this."
    assert post(client, "/api/v1/working-groups/comments/receipt", receipt="AAAA-BBBB").status_code == 404


def test_with_an_account_it_is_among_ones_own(
    force: Group, consultation: str, resident: Any, sign_in: Any
) -> None:
    mine = sign_in(resident)
    said = say(mine, force, consultation, shown_name="A neighbor").json()
    assert (said["identity"], said["receipt"]) == ("account", None)
    assert said["what_is_shown"] == "Your words are published with the name “A neighbor”."
    own = pages(mine, "/api/v1/me/working-group-comments")
    assert [c["id"] for c in own] == [said["id"]]
    assert pages(sign_in(force.member), "/api/v1/me/working-group-comments") == []


def test_who_signed_in_may_still_stay_unknown(
    force: Group, consultation: str, resident: Any, sign_in: Any
) -> None:
    assert say(sign_in(resident), force, consultation, identity="receipt").status_code == 201
    assert Comment.objects.get().author is None


def test_staff_comment_with_a_receipt_only(
    city: None, force: Group, consultation: str, officer: Any, sign_in: Any
) -> None:
    police = sign_in(officer)
    refused = say(police, force, consultation, identity="account")
    assert [e["code"] for e in refused.json()["errors"]] == ["not-signed-in"]
    assert say(police, force, consultation).json()["identity"] == "receipt"


def test_the_group_reads_it_and_nobody_else(
    city: None,
    force: Group,
    providers: Group,
    consultation: str,
    coordinator: DocumentedClient,
    client: DocumentedClient,
    officer: Any,
    captain: Any,
    administrator: Any,
    sign_in: Any,
) -> None:
    said = say(client, force, consultation, body="MARK of a resident.").json()
    inside = [coordinator, sign_in(force.member), sign_in(make_civilian(force.group))]
    for reader in inside:
        assert [c["body"] for c in pages(reader, f"{force.at}/comments")] == ["MARK of a resident."]
    for outsider in (officer, captain, administrator, providers.coordinator):
        seen = sign_in(outsider)
        assert pages(seen, f"{force.at}/comments") == []
        assert seen.get(f"{force.at}/comments/{said['id']}").status_code == 404
        assert dispose(seen, force, said["id"]).status_code == 404
    assert pages(client, f"{force.at}/comments") == []


def test_a_member_disposes_of_nothing(
    force: Group, consultation: str, client: DocumentedClient, sign_in: Any
) -> None:
    said = say(client, force, consultation).json()
    assert dispose(sign_in(force.member), force, said["id"]).status_code == 403


def test_no_answer_says_who_wrote_it(
    force: Group, consultation: str, resident: Any, sign_in: Any, coordinator: DocumentedClient
) -> None:
    say(sign_in(resident), force, consultation)
    body = coordinator.get(f"{force.at}/comments").content.decode()
    assert str(resident.pk) not in body
    assert "resident@" not in body


# --- what cannot be said --------------------------------------------------------------------------------


def test_a_closed_call_takes_nothing(
    force: Group, consultation: str, client: DocumentedClient, coordinator: DocumentedClient
) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        late = say(client, force, consultation)
    assert (late.status_code, late.json()["type"]) == (409, "call-closed")
    assert close(coordinator, force, consultation).status_code == 200
    assert say(client, force, consultation).json()["type"] == "call-closed"
    assert close(coordinator, force, consultation).status_code == 409
    assert not Comment.objects.exists()


def test_a_call_that_is_announced_takes_nothing_yet(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    published(coordinator, force, *TEXT)
    opens_at = timezone.now() + timedelta(days=1)
    announced = call(coordinator, force, draft=1, opens_at=opens_at.isoformat())
    assert announced["status"] == "announced"
    assert say(client, force, announced["id"]).json()["type"] == "call-not-open"
    with time_machine.travel(opens_at):
        assert say(client, force, announced["id"]).status_code == 201


def test_yesterdays_version_is_named(
    force: Group, consultation: str, client: DocumentedClient, coordinator: DocumentedClient
) -> None:
    close(coordinator, force, consultation)
    published(coordinator, force, *TEXT)
    newer = call(coordinator, force, draft=2)["id"]
    refused = say(client, force, newer, version=1, section="force").json()
    assert (refused["type"], refused["version"]) == ("other-version", 2)
    stale = post(
        coordinator,
        f"{force.at}/consultations",
        title="On the old one",
        draft=1,
        closes_at=(timezone.now() + timedelta(days=1)).isoformat(),
    )
    assert stale.json()["type"] == "other-version"


def test_a_section_that_was_split_says_where_to_comment(
    force: Group, consultation: str, client: DocumentedClient, coordinator: DocumentedClient
) -> None:
    close(coordinator, force, consultation)
    published(
        coordinator,
        force,
        {"key": "purpose", "heading": "Purpose"},
        {"key": "less-lethal", "heading": "Less lethal", "origins": ["force"]},
        {"key": "firearms", "heading": "Firearms", "origins": ["force"]},
    )
    newer = call(coordinator, force, draft=2)["id"]
    refused = say(client, force, newer, section="force").json()
    assert (refused["type"], refused["now_in"]) == ("section-split", ["less-lethal", "firearms"])
    unknown = say(client, force, newer, section="never-was")
    assert [e["code"] for e in unknown.json()["errors"]] == ["unknown"]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"body": " … "}, "/body"),
        ({"body": "x" * 5001}, "/body"),
        ({"kind": "wording", "body": "", "wording": "Should read."}, "/wording"),
        ({"kind": "wording", "section": "force", "wording": ""}, "/wording"),
        ({"kind": "answers", "body": ""}, "/answers"),
        ({"answers": {"q": "yes"}}, "/answers"),
        ({"kind": "answers", "answers": {"unasked": "yes"}}, "/answers/unasked"),
        ({"content_warnings": ["boredom"]}, "/content_warnings/0"),
        ({"identity": "account"}, "/identity"),
    ],
)
def test_what_is_no_comment(
    force: Group, consultation: str, client: DocumentedClient, sent: dict[str, Any], pointer: str
) -> None:
    refused = say(client, force, consultation, **sent)
    assert refused.status_code == 400, refused.content
    assert [e["pointer"] for e in refused.json()["errors"]] == [pointer]
    assert not Comment.objects.exists()


def test_the_same_words_twice_from_one_account_are_kept_once(
    force: Group, consultation: str, resident: Any, sign_in: Any
) -> None:
    mine = sign_in(resident)
    assert say(mine, force, consultation, body="Ban it.").status_code == 201
    again = say(mine, force, consultation, body="  ban   IT. ")
    assert (again.status_code, again.json()["type"]) == (409, "said-already")
    assert say(mine, force, consultation, body="Ban it.", section="force").status_code == 201


def test_a_phone_may_repeat_it(force: Group, consultation: str, client: DocumentedClient) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "a-comment-of-mine"}
    body = {"consultation": consultation, "body": "Once."}
    first, second = (
        client.post(f"{force.at}/comments", body, content_type="application/json", **key) for _ in range(2)
    )
    assert first.json() == second.json()
    assert Comment.objects.count() == 1


def test_a_thousand_pasted_copies_are_disposed_of_at_once(
    force: Group, consultation: str, client: DocumentedClient, coordinator: DocumentedClient
) -> None:
    first = say(client, force, consultation, body="Buy now!").json()
    original = Comment.objects.get(pk=first["id"])
    Comment.objects.bulk_create(
        Comment(
            consultation_id=consultation, kind="comment", body="buy  NOW!", words_index=original.words_index
        )
        for _ in range(999)
    )
    other = say(client, force, consultation, body="A thought.").json()
    done = post(
        coordinator,
        f"{force.at}/comments/dispose",
        alike=first["id"],
        outcome="moderated",
        grounds="spam",
        reason="An advertisement.",
    )
    assert done.json() == {"disposed": 1000}
    assert [c["id"] for c in pages(coordinator, f"{force.at}/comments?outcome=none")] == [other["id"]]


# --- kinds ----------------------------------------------------------------------------------------------


def test_answers_to_structured_questions(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    questions = [
        {"key": "duty", "text": "Must an officer step in?", "kind": "choice", "choices": ["Yes", "No"]},
        {"key": "more", "text": "What else?", "kind": "text"},
    ]
    asked = call(coordinator, force, questions=questions)["id"]
    wrong = say(client, force, asked, kind="answers", body="", answers={"duty": "Maybe"})
    assert wrong.status_code == 400
    right = say(client, force, asked, kind="answers", body="", answers={"duty": "Yes", "more": "Training."})
    assert right.json()["answers"] == {"duty": "Yes", "more": "Training."}


def test_support_without_words_counts_once(
    force: Group, consultation: str, resident: Any, sign_in: Any, client: DocumentedClient
) -> None:
    at, mine = f"{force.at}/consultations/{consultation}/support", sign_in(resident)
    for _ in range(2):
        assert mine.put(at, {"section": "force"}, content_type="application/json").status_code == 204
    assert mine.put(at, {}, content_type="application/json").status_code == 204
    assert Support.objects.count() == 2
    shown = f"{force.at}/consultations/{consultation}"
    assert sorted(mine.get(shown).json()["my_support"]) == ["", "force"]
    assert client.get(shown).json()["my_support"] == []
    assert mine.delete(f"{at}?section=force").status_code == 204
    assert Support.objects.count() == 1
    assert client.put(at, {}, content_type="application/json").status_code == 401


def test_a_call_for_members_is_hidden_and_takes_nothing_from_others(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient, sign_in: Any
) -> None:
    begin(coordinator, force, *TEXT)
    inner = call(coordinator, force, draft=1, audience="members")["id"]
    assert client.get(f"{force.at}/consultations/{inner}").status_code == 404
    assert client.get(f"{force.at}/consultations").json() == []
    assert [e["code"] for e in say(client, force, inner).json()["errors"]] == ["unknown"]
    assert say(sign_in(force.member), force, inner, section="force").status_code == 201


# --- what became of them --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ruling", "pointer"),
    [
        ({"reason": "…"}, "/reason"),
        ({"outcome": "accepted"}, "/landed_section"),
        ({"outcome": "declined", "landed_version": 2, "landed_section": "force"}, "/landed_section"),
        ({"outcome": "accepted", "landed_version": 2, "landed_section": "nowhere"}, "/landed_section"),
        ({"outcome": "accepted", "landed_version": 1, "landed_section": "force"}, "/landed_version"),
        ({"outcome": "moderated"}, "/grounds"),
        ({"outcome": "declined", "grounds": "spam"}, "/grounds"),
    ],
)
def test_what_is_no_disposition(
    force: Group,
    consultation: str,
    client: DocumentedClient,
    coordinator: DocumentedClient,
    ruling: dict[str, Any],
    pointer: str,
) -> None:
    said = say(client, force, consultation, section="force").json()
    begin(coordinator, force, *TEXT)
    refused = dispose(coordinator, force, said["id"], **ruling)
    assert refused.status_code == 400, refused.content
    assert [e["pointer"] for e in refused.json()["errors"]] == [pointer]


def test_the_second_of_two_finds_it_disposed_and_may_replace_it(
    force: Group, consultation: str, client: DocumentedClient, coordinator: DocumentedClient
) -> None:
    said = say(client, force, consultation).json()
    assert dispose(coordinator, force, said["id"]).status_code == 200
    second = dispose(coordinator, force, said["id"], outcome="out_of_scope")
    assert (second.status_code, second.json()["outcome"]) == (409, "declined")
    changed = dispose(coordinator, force, said["id"], outcome="out_of_scope", replaces="declined")
    assert changed.json()["disposition"]["outcome"] == "out_of_scope"


def test_after_publishing_it_can_only_be_kept_back(
    force: Group, consultation: str, client: DocumentedClient, coordinator: DocumentedClient
) -> None:
    said = say(client, force, consultation).json()
    dispose(coordinator, force, said["id"])
    close(coordinator, force, consultation)
    assert coordinator.post(f"{force.at}/consultations/{consultation}/publish").status_code == 200
    assert [c["id"] for c in pages(client, f"{force.at}/comments")] == [said["id"]]
    changed = dispose(coordinator, force, said["id"], outcome="out_of_scope", replaces="declined")
    assert (changed.status_code, changed.json()["type"]) == (409, "already-published")
    kept = dispose(
        coordinator,
        force,
        said["id"],
        outcome="moderated",
        grounds="private",
        replaces="declined",
        reason="It names somebody.",
    )
    assert kept.status_code == 200
    assert pages(client, f"{force.at}/comments") == []
    assert client.get(f"{force.at}/comments/{said['id']}").status_code == 404


def test_words_of_a_body_that_is_not_public_are_not_published(
    collaborative: Group, client: DocumentedClient, sign_in: Any
) -> None:
    coordinator = sign_in(collaborative.coordinator)
    published(coordinator, collaborative, *TEXT)
    asked = call(coordinator, collaborative, draft=1)["id"]
    said = say(client, collaborative, asked).json()
    assert said["what_is_shown"] == "Your words are not published."
    dispose(coordinator, collaborative, said["id"])
    close(coordinator, collaborative, asked)
    coordinator.post(f"{collaborative.at}/consultations/{asked}/publish")
    assert pages(client, f"{collaborative.at}/comments") == []


def test_comments_whose_section_is_gone_are_orphaned_and_stay_where_they_were(
    force: Group, consultation: str, client: DocumentedClient, coordinator: DocumentedClient
) -> None:
    kept, lost, whole = (
        say(client, force, consultation, section=key, body=f"Of {key}.").json()
        for key in ("purpose", "force", "")
    )
    for said in (kept, lost, whole):
        dispose(coordinator, force, said["id"])
    close(coordinator, force, consultation)
    published(coordinator, force, TEXT[0], {"key": "arms", "heading": "Arms", "origins": ["force"]})
    orphans = pages(client, f"{force.at}/comments?orphaned=true")
    assert [(c["id"], c["section"], c["version"]) for c in orphans] == [(lost["id"], "force", 1)]
    stay = pages(client, f"{force.at}/comments?orphaned=false")
    assert {c["id"] for c in stay} == {kept["id"], whole["id"]}


def test_a_version_that_lost_where_they_landed_is_not_published(
    force: Group, consultation: str, client: DocumentedClient, coordinator: DocumentedClient
) -> None:
    said = say(client, force, consultation, section="force").json()
    close(coordinator, force, consultation)
    draft = begin(coordinator, force, *TEXT)
    dispose(coordinator, force, said["id"], outcome="accepted", landed_version=2, landed_section="force")
    body = {"title": "T", "sections": TEXT[:1], "changed_at": draft["changed_at"]}
    coordinator.put(f"{force.at}/drafts/2", body, content_type="application/json")
    refused = publish(coordinator, force, 2).json()
    assert (refused["type"], refused["sections"]) == ("landed-nowhere", ["force"])


def test_a_page_of_comments_costs_the_same_for_two_and_for_forty(
    force: Group,
    consultation: str,
    client: DocumentedClient,
    coordinator: DocumentedClient,
    django_assert_max_num_queries: Any,
) -> None:
    for n in range(40):
        say(client, force, consultation, body=f"Thought {n}.", section="force")
    with django_assert_max_num_queries(9):
        coordinator.get(f"{force.at}/comments")
