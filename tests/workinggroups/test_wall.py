"""The wall: what is not published of a group is there for its members, and nobody else can tell that it is there.

Every operation, page, feed, search and command is asked in two worlds, with and without what is hidden; to whoever is
outside both answer the same, byte for byte.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from typing import Any, NamedTuple

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from backend.accounts.models import Session, User
from backend.feedback.workinggroups.models import (
    BreakGlass,
    Comment,
    CommentTheme,
    Consultation,
    DemographicCount,
    Disposition,
    Draft,
    GroupChange,
    GroupSeat,
    Membership,
    Section,
    Support,
)
from backend.feedback.workinggroups.models import (
    Testimony as Story,  # a name that pytest does not take for a test
)
from backend.feedback.workinggroups.sections import Part
from backend.feedback.workinggroups.services import calls, comments, dispositions, drafts, themes
from backend.feedback.workinggroups.services.telling import announce_calls
from backend.notifications.models import Message
from backend.notifications.registry import JOBS
from backend.notifications.services import add_followers
from backend.roster import editions
from backend.roster.models import Agency, StaffMember
from tests.concerns.walk import (
    Ask,
    answered,
    asks_of_document,
    asks_of_pages,
    filled,
    next_numbers,
    operations,
)
from tests.document import _document
from tests.factories import make_session, make_staff
from tests.matrix import MISSING
from tests.workinggroups.conftest import Group, make_civilian, make_member, make_person

MARK = "MARK-behind-the-wall"
# Police of every kind, administrators, and who was, or is, close to a group without being of it.
WALKERS = (
    *("stranger", "resident", "officer", "captain", "major", "liaison", "sworn_liaison", "county"),
    *("administrator", "sworn_administrator", "administrator_with_a_seat", "sworn_with_a_seat"),
    *("other_coordinator", "other_civilian", "left", "expired", "invited"),
)
# These ask every address of the service; the others all about working groups.
WALK_ALL = ("captain", "administrator")
ABOUT = (
    "working-group",
    "recommendations",
    "bulletins",
    "/events",
    "/occurrences",
    "/sync",
    "/feeds",
    "export",
    "workinggroups",
)


class Town(NamedTuple):
    group: Group
    consultation: Consultation
    people: dict[str, User | None]
    sessions: dict[str, str]

    def client(self, name: str) -> Client:
        """One that has asked nothing yet: an answer may end its session."""
        user, client = self.people[name], Client()
        if user and user.kind == User.Kind.STAFF:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[name]
        elif user:
            client.defaults["HTTP_X_SESSION_TOKEN"] = self.sessions[name]
        return client


def session_of(user: User) -> str:
    kind = Session.Client.BROWSER if user.kind == User.Kind.STAFF else Session.Client.APP
    return str(make_session(user, client=kind).session_key)


@pytest.fixture
def town(city: None, force: Group, providers: Group) -> Town:
    """The Use of Force group has a published version with an open call; everybody knows that."""
    by = force.coordinator
    draft = drafts.begin_draft(
        group=force.group, title="Use of force", summary="", sections=[Part(heading="Purpose")], by=by
    )
    drafts.publish_draft(draft=draft, by=by)
    call = calls.open_consultation(
        group=force.group, draft=draft, title="What do you say?", takes_testimony=True,
        closes_at=timezone.now() + timedelta(days=7), by=by,
    )  # fmt: skip
    people = make_people(force, providers)
    sessions = {name: session_of(user) for name, user in people.items() if user}
    return Town(force, call, people, sessions)


def make_people(force: Group, providers: Group) -> dict[str, User | None]:
    yesterday = timezone.localdate() - timedelta(days=1)
    people: dict[str, User | None] = {
        "stranger": None,
        "resident": make_person("somebody"),
        "officer": make_staff("officer@w.example", "slmpd-beat-402", "beat_officer"),
        "captain": make_staff("captain@w.example", "slmpd-district-4", "district_captain"),
        "major": make_staff("major@w.example", "slmpd-patrol-area-north", "major"),
        "liaison": make_staff("liaison@w.example", "slmpd-district-4", "liaison", is_sworn=False),
        "sworn_liaison": make_staff("sworn@w.example", "slmpd-district-4", "liaison"),
        "county": make_staff("county@w.example", "slcpd-precinct-1", "liaison", is_sworn=False),
        "sworn_with_a_seat": make_staff("promoted@w.example", "slmpd-district-4", "liaison"),
        "administrator": administrator("administrator"),
        "sworn_administrator": administrator("sworn.administrator"),
        "administrator_with_a_seat": administrator("seated.administrator"),
        "other_coordinator": providers.coordinator,
        "other_civilian": make_civilian(providers.group),
        "left": make_person("left"),
        "expired": make_person("expired"),
        "invited": make_person("invited"),
    }
    sworn = people["sworn_administrator"]
    slmpd = Agency.objects.get(slug="slmpd")
    StaffMember.objects.create(agency=slmpd, user=sworn, name="Sworn", rank="Sergeant", is_sworn=True)
    BreakGlass.objects.create(
        group=force.group, user=sworn, reason="It was once.", ends_at=timezone.now() + timedelta(hours=1)
    )
    promoted = StaffMember.objects.get(user=people["sworn_with_a_seat"])
    make_member(force.group, promoted.user, rule="non_sworn", staff_member=promoted)
    make_member(force.group, people["administrator_with_a_seat"], rule="community", is_coordinator=True)
    make_member(force.group, people["left"], rule="community", ended_at=timezone.now() - timedelta(days=1))
    make_member(force.group, people["expired"], rule="community", is_coordinator=True, ends_on=yesterday)
    Membership.objects.create(
        seat=GroupSeat.objects.filter(group=force.group).first(), name="Invited",
        starts_on=yesterday, invitation_index="0" * 64,
    )  # fmt: skip
    return people


def administrator(name: str) -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email=f"{name}@w.example", is_administrator=True)


def hide(town: Town) -> dict[str, Any]:
    """All that a group has behind its wall; returns ids by the names of path parameters and fields."""
    group, by, call = town.group.group, town.group.coordinator, town.consultation
    said = [
        comments.submit_comment(
            consultation=call, by=None, identity="receipt",
            said=comments.Said(kind="comment", body=f"{MARK} {n}.", section="purpose", shown_name=MARK),
        )[0]
        for n in range(4)
    ]  # fmt: skip
    draft = drafts.begin_draft(
        group=group, title=MARK, summary=MARK, by=by,
        sections=[Part(heading="Purpose"), Part(heading=MARK, body=MARK, key="secret-section")],
    )  # fmt: skip
    inner = calls.open_consultation(
        group=group, title=MARK, draft=draft, audience="members", by=by,
        closes_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    theme = themes.add_theme(group=group, by=by, name=MARK, key="secret-theme")
    CommentTheme.objects.create(comment=said[0], theme=theme)
    landed = {"landed_version": draft.number, "landed_section": "secret-section"}
    for comment, ruling in zip(
        said,
        (
            {"outcome": "declined"},
            {"outcome": "moderated", "grounds": "abuse"},
            {"outcome": "accepted", **landed},
        ),
        strict=False,
    ):
        ruled = dispositions.Ruling(reason=MARK, **ruling)
        dispositions.dispose(group=group, comment_ids=[comment.pk], ruling=ruled, by=by)
    Support.objects.create(consultation=call, user=town.group.member)
    testimony = Story.objects.create(consultation=call, body=MARK, on=timezone.localdate())
    DemographicCount.objects.create(consultation=call, counts={"age": {"25_34": 3}})
    GroupChange.objects.create(group=group, action="draft_changed", reason=MARK, by=by)
    return {
        "slug": group.slug,
        "number": draft.number,
        "consultation_id": inner.pk,
        "comment_id": said[0].pk,
        "testimony_id": testimony.pk,
        "membership_id": Membership.objects.filter(seat__group=group).first().pk,
        "event_id": call.event_id,
        "key": theme.key,
        "alike_id": said[0].pk,
        "concern_id": MISSING,
    }


# --- asking -------------------------------------------------------------------------------------------------


def is_about(name: str) -> bool:
    return any(word in name for word in ABOUT)


def asks_of(town: Town, person: str, ids: dict[str, Any]) -> list[Ask]:
    """Every operation by the hidden ids; those of working groups with all that their shapes take, too."""
    public = {**ids, "number": 1, "consultation_id": town.consultation.pk}
    asks = [
        *asks_of_document(cycle([ids])),
        *asks_of_document(cycle([public])),
        *asks_of_pages(cycle([ids])),
        *filled_asks(ids),
        *filled_asks(public),
        *pointed_asks(town, ids),
    ]
    wanted = [ask for ask in asks if person in WALK_ALL or is_about(ask.name)]
    return list({repr(ask): ask for ask in wanted}.values())


def filled_asks(ids: dict[str, Any]) -> Iterator[Ask]:
    for method, path, operation in operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if not (content and "working-group" in path):
            continue
        at = path
        for name, value in ids.items():
            at = at.replace(f"{{{name}}}", str(value))
        for whole in (True, False):
            body = filled(content["schema"], {**ids, "comments_id": ids["comment_id"]}, whole=whole)
            yield Ask(
                f"{method.upper()} {path}", method, at.replace("{recurrence_id}", "20261130T100000"), body
            )


def pointed_asks(town: Town, ids: dict[str, Any]) -> Iterator[Ask]:
    """What somebody would ask who knew, or guessed, what there is."""
    at, open_call = town.group.at, str(town.consultation.pk)
    queries = {
        "outcome": ("none", "declined", "moderated"),
        "section": ("purpose", "secret-section"),
        "theme": ("secret-theme", "no-theme"),
        "consultation": (open_call, str(ids["consultation_id"])),
        "alike": (str(ids["comment_id"]),),
        "version": ("1", "2"),
    }
    for name, values in queries.items():
        for value in values:
            yield Ask("GET working-groups comments", "get", f"{at}/comments?{name}={value}")
    for a, b in ((1, 2), (2, 1), (3, 2)):
        yield Ask("GET working-groups diff", "get", f"{at}/drafts/{a}/diff?from={b}")
    for body in (
        {"consultation": open_call, "body": "x", "section": "secret-section"},
        {"consultation": open_call, "body": "x", "version": 2},
        {"consultation": str(ids["consultation_id"]), "body": "x"},
        {"consultation": open_call, "body": f"{MARK} 0.", "section": "purpose"},
    ):
        yield Ask("POST working-groups comments", "post", f"{at}/comments", body)
    call = {"title": "T", "closes_at": (timezone.now() + timedelta(days=1)).isoformat()}
    for draft in (2, 3):
        yield Ask(
            "POST working-groups consultations", "post", f"{at}/consultations", {**call, "draft": draft}
        )


def walked(town: Town, person: str, asks: list[Ask]) -> dict[str, Any]:
    editions.forget()
    numbers = next_numbers()
    return {repr(ask): answered(town.client(person), ask, numbers) for ask in asks}


@pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning")
@pytest.mark.parametrize("person", WALKERS)
def test_with_and_without_what_is_hidden_all_is_the_same(town: Town, person: str) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        with transaction.atomic():
            asks = asks_of(town, person, hide(town))
            there = walked(town, person, asks)
            transaction.set_rollback(True)
        gone = walked(town, person, asks)
    leaks = [question for question in there if there[question] != gone[question]]
    said = [f"{q}\n  {there[q]!r:.700}\n  {gone[q]!r:.700}" for q in leaks]
    assert not leaks, f"{len(leaks)} of {len(asks)} leak to {person}:\n" + "\n".join(said[:8])
    read = [answer[3] for question, answer in there.items() if "method='get'" in question]
    assert not any(MARK.encode() in body for body in read)


def test_the_walk_would_see_it(town: Town) -> None:
    """A member's answers differ, at every operation that reads what is hidden: the comparison can fail."""
    member = town.people["resident"]
    make_member(town.group.group, member, rule="community", is_coordinator=True)
    with time_machine.travel(timezone.now(), tick=False):
        with transaction.atomic():
            ids = hide(town)
            asks = [a for a in asks_of(town, "resident", ids) if a.method == "get" and is_about(a.name)]
            there = walked(town, "resident", asks)
            transaction.set_rollback(True)
        gone = walked(town, "resident", asks)
    differ = {question for question in there if there[question] != gone[question]}
    for part in (
        "/drafts'",
        "/drafts/2'",
        "/comments'",
        "/testimonies'",
        "/consultations'",
        "/record'",
        "/themes'",
    ):
        assert any(part in question for question in differ), part


# --- what is not asked for --------------------------------------------------------------------------------


def test_no_message_goes_to_who_is_outside(town: Town) -> None:
    """What a group does in its own rooms is texted to nobody."""
    add_followers(topic=f"group:{town.group.group.slug}", numbers=["+13145550101"], source="test")
    announce_calls(timezone.now())  # of the call that everybody knows of
    before = Message.objects.count()
    hide(town)
    for job in JOBS.values():
        job.run(timezone.now())
    assert Message.objects.count() == before


def test_the_open_records_hold_nothing_of_it(town: Town, tmp_path: Any) -> None:
    hide(town)
    models = (Comment, Disposition, Draft, Section, Consultation)
    for model in models:
        path = tmp_path / f"{model.__name__}.csv"
        call_command("sunshine_export", model._meta.label, output=path)
        text = path.read_text()
        assert MARK not in text
        assert "secret-section" not in text
        rows = [line for line in text.splitlines() if not line.startswith("#")][1:]
        assert len(rows) == {Draft: 1, Section: 1, Consultation: 1}.get(model, 0), model


def test_the_schema_of_the_api_has_no_field_that_names_a_writer() -> None:
    """What others read of a comment and a testimony, field by field: a new one is looked at here first."""
    schemas = _document()["components"]["schemas"]
    said = {"id", "consultation", "kind", "section", "version", "body", "wording", "answers"}
    shapes = {
        "CommentOut": said | {"shown_name", "content_warnings", "disposition", "on", "is_orphaned"},
        "TestimonyOut": {"id", "on", "content_warnings", "body", "themes", "grounds", "reason"},
        "DispositionOut": {"outcome", "reason", "grounds", "landed_version", "landed_section", "at"},
    }
    assert {name: set(schemas[name]["properties"]) for name in shapes} == shapes
