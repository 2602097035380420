"""No version is published while somebody has no answer: over the API, the staff pages, commands, SQL, and in races."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import call_command, get_commands
from django.db import Error, connection, transaction
from django.utils import timezone

from backend.errors import Conflict
from backend.feedback.workinggroups.models import (
    Comment,
    Consultation,
    Disposition,
    Draft,
    Section,
    WorkingGroup,
)
from backend.feedback.workinggroups.sections import Part
from backend.feedback.workinggroups.services import calls, comments, dispositions, drafts
from backend.notifications.registry import JOBS
from backend.roster.models import Agency
from tests.conftest import DocumentedClient
from tests.workinggroups.calls import begin, call, close, dispose, publish, published, say
from tests.workinggroups.conftest import Group, make_group, make_member, make_person

TEXT = ({"key": "purpose", "heading": "Purpose"}, {"key": "force", "heading": "Force"})
PARTS = [Part(heading="Purpose"), Part(heading="Force")]


@pytest.fixture
def coordinator(force: Group, sign_in: Any) -> DocumentedClient:
    return sign_in(force.coordinator)


@pytest.fixture
def waiting(force: Group, coordinator: DocumentedClient, client: DocumentedClient) -> str:
    """The id of the one comment without a disposition, of a closed call; the second version is in work."""
    published(coordinator, force, *TEXT)
    consultation = call(coordinator, force, draft=1)["id"]
    said = [say(client, force, consultation, body=f"Thought {n}.").json()["id"] for n in range(3)]
    close(coordinator, force, consultation)
    for comment in said[1:]:
        dispose(coordinator, force, comment)
    begin(coordinator, force, *TEXT)
    return str(said[0])


def test_the_api_refuses(force: Group, waiting: str, coordinator: DocumentedClient) -> None:
    refused = publish(coordinator, force, 2)
    assert (refused.status_code, refused.json()["type"], refused.json()["undisposed"]) == (
        409,
        "undisposed",
        1,
    )
    call_ = Consultation.objects.get()
    assert coordinator.post(f"{force.at}/consultations/{call_.pk}/publish").json()["type"] == "undisposed"
    assert not Draft.objects.filter(number=2).exclude(published_at=None).exists()


def test_while_the_call_is_open_the_api_refuses(force: Group, coordinator: DocumentedClient) -> None:
    published(coordinator, force, *TEXT)
    consultation = call(coordinator, force, draft=1)["id"]
    begin(coordinator, force, *TEXT)
    assert publish(coordinator, force, 2).json()["type"] == "call-open"
    assert coordinator.post(f"{force.at}/consultations/{consultation}/publish").json()["type"] == "call-open"


def test_a_closed_call_by_questions_alone_is_answered_too(
    force: Group, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    question = {"key": "duty", "text": "Must one step in?", "kind": "choice", "choices": ["Yes", "No"]}
    asked = call(coordinator, force, questions=[question])["id"]
    answer = say(client, force, asked, kind="answers", body="", answers={"duty": "Yes"}).json()
    begin(coordinator, force, *TEXT)
    close(coordinator, force, asked)
    assert publish(coordinator, force, 1).json()["type"] == "undisposed"
    dispose(coordinator, force, answer["id"])
    assert publish(coordinator, force, 1).status_code == 200


def test_a_call_is_not_published_while_what_landed_is_in_work(
    force: Group, waiting: str, coordinator: DocumentedClient, client: DocumentedClient
) -> None:
    landed = {"landed_version": 2, "landed_section": "force"}
    dispose(coordinator, force, waiting, outcome="accepted", reason="Yes.", **landed)
    asked = Consultation.objects.get().pk
    refused = coordinator.post(f"{force.at}/consultations/{asked}/publish")
    assert (refused.status_code, refused.json()["type"]) == (409, "landed-in-work")
    assert publish(coordinator, force, 2).status_code == 200
    report = client.get(f"{force.at}/consultations/{asked}/report").json()
    assert [row["key"] for row in report["landed"]] == ["force"]


def test_the_database_refuses_a_call_too(force: Group, waiting: str) -> None:
    with pytest.raises(Error, match="of the call has no disposition"), transaction.atomic():
        Consultation.objects.update(published_at=timezone.now())


def test_what_is_kept_back_counts_as_disposed(
    force: Group, waiting: str, coordinator: DocumentedClient
) -> None:
    dispose(coordinator, force, waiting, outcome="moderated", grounds="abuse", reason="It insults a person.")
    assert publish(coordinator, force, 2).status_code == 200


def test_no_staff_page_holds_a_version(administrator: Any, sign_in: Any, force: Group, waiting: str) -> None:
    held = {Draft, Section, Comment, Disposition, Consultation}
    assert not held & set(admin.site._registry)
    pages = sign_in(administrator)
    for model in held:
        assert pages.get(f"/admin/workinggroups/{model._meta.model_name}/").status_code == 404


def test_no_command_publishes(force: Group, waiting: str) -> None:
    """Of commands and jobs none takes a version; those that run unasked leave it in work."""
    ours = {name for name, app in get_commands().items() if app.startswith("backend")}
    assert not [name for name in ours if "publish" in name or "draft" in name]
    for name in ("prune", "import_working_groups", "render_feeds"):
        call_command(name)
    for job in JOBS.values():
        job.run(timezone.now())
    assert Draft.objects.get(number=2).published_at is None


@pytest.mark.parametrize(
    "publishing",
    [
        lambda draft: Draft.objects.filter(pk=draft.pk).update(published_at=timezone.now()),
        lambda draft: _saved(draft),
        lambda draft: Draft.objects.create(
            group=draft.group, number=3, title="Past the rules", published_at=timezone.now()
        ),
    ],
)
def test_the_database_refuses_whoever_asks(force: Group, waiting: str, publishing: Any) -> None:
    with pytest.raises(Error, match="no disposition"), transaction.atomic():
        publishing(Draft.objects.get(number=2))
    Disposition.objects.create(comment_id=waiting, outcome="declined", reason="No.")
    publishing(Draft.objects.get(number=2))


def _saved(draft: Draft) -> None:
    draft.published_at = timezone.now()
    draft.save()


# --- races ------------------------------------------------------------------------------------------------


@pytest.fixture
def two(transactional_db: None, django_db_serialized_rollback: None) -> Group:
    """A group with two coordinators, with real commits."""
    agency = Agency.objects.create(slug="body", name="Body", short_name="Body", city="Here", is_police=False)
    group = make_group("use-of-force", agency, "community")
    make_member(group.group, make_person("second"), rule="community", is_coordinator=True)
    drafts.publish_draft(
        draft=drafts.begin_draft(
            group=group.group, title="One", summary="", sections=PARTS, by=group.coordinator
        ),
        by=group.coordinator,
    )
    return group


def at_once(*work: Any) -> list[Any]:
    """Each in a thread with a connection of its own; returns what each gave or raised."""
    results: list[Any] = [None] * len(work)
    ready = threading.Barrier(len(work))

    def run(n: int) -> None:
        ready.wait()
        try:
            results[n] = work[n]()
        except Exception as error:
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(work))]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return results


def test_a_comment_and_the_publication_never_cross(two: Group) -> None:
    """Closing, publishing and commenting at the same moment, over and over: what is published has all its answers."""
    for number in range(1, 9):
        group, by = two.group, two.coordinator
        draft = Draft.objects.get(group=group, number=number)
        consultation = calls.open_consultation(
            group=group, draft=draft, title="Say", closes_at=timezone.now() + timedelta(days=1), by=by
        )
        following = drafts.begin_draft(group=group, title="Next", summary="", sections=PARTS, by=by)

        def shut(consultation: Any = consultation, following: Any = following) -> None:
            calls.close_consultation(consultation=consultation, by=two.coordinator)
            drafts.publish_draft(draft=following, by=two.coordinator)

        def speak(consultation: Any = consultation) -> None:
            said = comments.Said(kind="comment", body="At the last moment.")
            comments.submit_comment(consultation=consultation, said=said, by=None, identity="receipt")

        results = at_once(shut, *[speak] * 3)
        assert all(result is None or isinstance(result, Conflict) for result in results), results
        published_now = Draft.objects.get(pk=following.pk).published_at is not None
        left = Comment.objects.undisposed().filter(consultation=consultation)
        assert published_now != left.exists()
        if ids := [comment.pk for comment in left]:
            ruling = dispositions.Ruling(outcome="declined", reason="Too late.")
            dispositions.dispose(group=group, comment_ids=ids, ruling=ruling, by=by)
            drafts.publish_draft(draft=following, by=by)


def test_two_coordinators_publish_once_and_rule_once(two: Group) -> None:
    group, by = two.group, two.coordinator
    other = group.seats.get().memberships.filter(is_coordinator=True).exclude(user=by).get().user
    consultation = calls.open_consultation(
        group=group,
        draft=group.drafts.get(),
        title="Say",
        closes_at=timezone.now() + timedelta(days=1),
        by=by,
    )
    said = comments.Said(kind="comment", body="Say more.")
    comment, _ = comments.submit_comment(consultation=consultation, said=said, by=None, identity="receipt")
    calls.close_consultation(consultation=consultation, by=by)
    following = drafts.begin_draft(group=group, title="Next", summary="", sections=PARTS, by=by)

    def rule(outcome: str, who: Any) -> Any:
        ruling = dispositions.Ruling(outcome=outcome, reason="So.")
        return lambda: dispositions.dispose(group=group, comment_ids=[comment.pk], ruling=ruling, by=who)

    ruled = at_once(rule("declined", by), rule("out_of_scope", other))
    assert sorted(isinstance(result, Conflict) for result in ruled) == [False, True]
    shown = at_once(*[lambda who=who: drafts.publish_draft(draft=following, by=who) for who in (by, other)])
    assert sorted(isinstance(result, Conflict) for result in shown) == [False, True]
    assert WorkingGroup.objects.get().changes.filter(action="draft_published").count() == 2


def test_ruling_and_publishing_at_once_wait_for_each_other_and_for_nobody_else(two: Group) -> None:
    """A ruling holds the call and points at group and version; publishing holds these and wants the call."""
    group, by = two.group, two.coordinator
    for number in range(1, 9):
        draft, ends = Draft.objects.get(group=group, number=number), timezone.now() + timedelta(days=1)
        consultation = calls.open_consultation(group=group, draft=draft, title="Say", closes_at=ends, by=by)
        said = comments.Said(kind="comment", body="Say more.")
        ids = [
            comments.submit_comment(consultation=consultation, said=said, by=None, identity="receipt")[0].pk
            for _ in range(2)
        ]
        calls.close_consultation(consultation=consultation, by=by)
        following = drafts.begin_draft(group=group, title="Next", summary="", sections=PARTS, by=by)

        def rule(comment: Any, version: int = following.number) -> None:
            ruling = dispositions.Ruling(
                outcome="accepted", reason="So.", landed_version=version, landed_section="force"
            )
            dispositions.dispose(group=group, comment_ids=[comment], ruling=ruling, by=by)

        def publish_it(following: Draft = following) -> None:
            drafts.publish_draft(draft=following, by=by)

        rule(ids[0])
        results = at_once(lambda ids=ids: rule(ids[1]), publish_it)
        assert all(result is None or isinstance(result, Conflict) for result in results), results
        if Draft.objects.get(pk=following.pk).published_at is None:
            publish_it()
