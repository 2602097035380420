"""The wall: who sees which concern, by DESIGN.md's "Who may see what"; and nobody else can tell that it is there.

The table is derived from the design and not from models/reading.py.
"""

import json
from datetime import timedelta
from itertools import cycle, islice, repeat
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import Session
from backend.feedback.concerns.models import AboutMeRequest, CannedAnswer, Concern
from backend.notifications.languages import LANGUAGES
from backend.notifications.models import Message
from backend.notifications.registry import COMMANDS, JOBS
from backend.notifications.services import recipient_of
from backend.roster import editions
from backend.roster.models import Area, Assignment
from tests.concerns.persons import FAR_BEAT, STAFF, STATES, Town, ids_of, make_town
from tests.concerns.walk import (
    Ask,
    answered,
    asks_beside,
    asks_of_document,
    asks_of_pages,
    is_about_concerns,
    next_numbers,
)

LIAISONS = {"liaison", "liaison_subject"}
MAJORS_TWO = {"major", "major_subject"}
# "Their area and below", of liaisons and commanders; a beat officer and a sergeant only what is assigned to them.
DESK = LIAISONS | MAJORS_TWO | {"sworn_liaison", "captain", "civilian_captain"}
SEEN: dict[str, set[str]] = {
    "open": DESK,
    "assigned": DESK | {"officer"},
    "sensitive": LIAISONS | {"sworn_liaison"},
    "sensitive_assigned": LIAISONS | {"sworn_liaison"},
    "placeless": LIAISONS | {"sworn_liaison", "county_liaison"},
    "county": {"county_commander", "county_liaison"},
    "far_assigned": {"far_captain", "far_officer"},
    # Until a civilian liaison clears it, no sworn role and no commander sees it; the subject never.
    "asked": LIAISONS,
    "asked_placeless": LIAISONS | {"county_liaison"},
    "matched": LIAISONS,
    "matched_major": LIAISONS,
    "matched_liaison": {"liaison"},
    "matched_nso": LIAISONS,
    "matched_administrator": LIAISONS,
    "walled_while_assigned": LIAISONS,
    "assigned_while_walled": LIAISONS,
    "walled_while_theirs": LIAISONS,
    "walled_while_a_civilian_has_it": LIAISONS,
    # No liaison of District 1 has an account, and so it is on the desk of District 4.
    "far_matched": LIAISONS,
    # Cleared: never the subject, and never below the Major in the subject's chain.
    "cleared": LIAISONS | MAJORS_TWO,
    "cleared_major": LIAISONS | {"major"},
    "cleared_liaison": {"liaison"} | MAJORS_TWO,
    # A neighborhood is in no chain of command, nor is an administrator's seat.
    "cleared_nso": DESK,
    "cleared_administrator": DESK,
    "cleared_two": LIAISONS | MAJORS_TWO,
    "cleared_described": LIAISONS | MAJORS_TWO,
    "cleared_placeless": LIAISONS | {"county_liaison"},
    "cleared_sensitive": LIAISONS,
    "cleared_assigned": LIAISONS | MAJORS_TWO,
    "cleared_elsewhere": LIAISONS | MAJORS_TWO | {"far_captain"},
    "cleared_far_desk": LIAISONS | MAJORS_TWO | {"far_captain"},
    "cleared_far_assigned": LIAISONS | MAJORS_TWO | {"far_officer"},
    "cleared_theirs": LIAISONS | MAJORS_TWO,
    "duplicate": DESK,
    "walled_main": LIAISONS,
    "walled_duplicate": LIAISONS,
    "not_about": DESK,
}


@pytest.fixture
def town(city: None) -> Town:
    return make_town()


@pytest.fixture
def told(town: Town) -> Town:
    for name in STATES:
        town.tell(name)
    editions.forget()
    return town


def seen_by(person: str, table: dict[str, set[str]] = SEEN) -> set[str]:
    return {name for name, persons in table.items() if person in persons}


def listed(town: Town, person: str) -> set[str]:
    answer = town.client(person).get("/api/v1/triage/concerns?page_size=200")
    assert answer.status_code == 200
    ids = {row["id"] for row in answer.json()["results"]}
    return {name for name, concern in town.concerns.items() if str(concern.pk) in ids}


def on_pages(town: Town, person: str) -> set[str]:
    """Whose own page among the staff pages says its words."""
    pages = {name: f"/admin/concerns/concern/{concern.pk}/change/" for name, concern in town.concerns.items()}
    client = town.client(person)
    return {name for name, page in pages.items() if f"MARK-{name}." in client.get(page).content.decode()}


def test_the_table_names_every_state() -> None:
    assert set(SEEN) == set(STATES)
    assert set().union(*SEEN.values()) <= set(STAFF)


def test_who_sees_what_in_lists(told: Town) -> None:
    for person in STAFF:
        assert listed(told, person) == seen_by(person), person
    for person in ("officer", "captain", "liaison_subject", "administrator"):
        assert on_pages(told, person) == seen_by(person), person
    for person in ("reporter", "resident"):
        assert told.client(person).get("/api/v1/triage/concerns").status_code == 403
    assert told.client("anonymous").get("/api/v1/triage/concerns").status_code == 401


def test_after_the_subjects_transfer(told: Town) -> None:
    """The old command stays walled, for it was about their time there; the new one is, for there they serve."""
    today = timezone.localdate()
    posts = Assignment.objects.filter(staff_member=told.member("officer"))
    posts.update(ends_on=today - timedelta(days=1))
    Assignment.objects.create(
        staff_member=told.member("officer"),
        area=Area.objects.get(slug=FAR_BEAT),
        role="beat_officer",
        starts_on=today,
        confirmed_on=today,
    )
    editions.bump(editions.ROSTER)
    editions.forget()
    about_them = ("cleared_elsewhere", "cleared_far_desk", "cleared_far_assigned")
    after = {
        name: persons - {"far_captain", "far_officer"} if name in about_them else persons
        for name, persons in SEEN.items()
    }
    for person in STAFF:
        assert listed(told, person) == seen_by(person, after), person


def test_after_its_area_has_left_the_map(told: Town) -> None:
    """Liaisons of the agency read what lies there, so that somebody does; the wall stands for every command."""
    gone = Area.objects.create(
        agency=Area.objects.get(slug=FAR_BEAT).agency,
        kind="district",
        code="99",
        name="Old 99",
        slug="old-99",
    )
    for name in ("open", "matched", "cleared_described"):
        concern = told.concerns[name]
        Concern.objects.filter(pk=concern.pk).update(area=gone, desk=gone)
        concern.subjects.filter(staff_member=None).update(command=gone)
    # Who still holds a post in what is gone reads nothing about its people.
    Assignment.objects.create(
        staff_member=told.member("far_captain"),
        area=gone,
        role="district_captain",
        starts_on=timezone.localdate(),
        confirmed_on=timezone.localdate(),
    )
    lost = told.concerns["cleared_elsewhere"]
    Concern.objects.filter(pk=lost.pk).update(area=gone, desk=gone)
    lost.subjects.update(command=gone)
    editions.bump(editions.MAPS, editions.ROSTER)
    editions.forget()
    ours = LIAISONS | {"sworn_liaison"}
    after = SEEN | {"open": ours | {"far_captain"}, "cleared_elsewhere": LIAISONS}
    after |= {"matched": LIAISONS, "cleared_described": LIAISONS}
    for person in STAFF:
        assert listed(told, person) == seen_by(person, after), person


# --- the hidden and the missing ---------------------------------------------------------------------------

# Who walks everything; the others what is about concerns.
WALK_ALL = {"officer", "captain", "administrator_subject"}
WALKERS = (
    *("officer", "partner", "sergeant", "captain", "civilian_captain", "sworn_liaison", "liaison_subject"),
    *("major_subject", "far_captain", "far_officer", "county_commander", "administrator_subject"),
    *("resident", "anonymous"),
)


def hidden_from(person: str) -> list[str]:
    """The states of concerns that are not theirs to know of; an administrator opens all but what is about them."""
    if person == "administrator_subject":
        return ["matched_administrator", "cleared_administrator"]
    return [name for name in STATES if name not in seen_by(person)]


def asks_of(town: Town, person: str, hidden: list[str]) -> list[Ask]:
    """Each question by the ids of one hidden concern or another, of each person's walk by others."""
    ids = [ids_of(town.concerns[name]) for name in hidden]
    turns = islice(cycle(ids), WALKERS.index(person), None)
    asks = [*asks_of_document(turns), *asks_of_pages(turns)]
    if visible := seen_by(person):
        read = min(name for name in visible if not town.concerns[name].needs_reading)
        asks += asks_beside(ids, town.concerns[read].pk)
    return [a for a in asks if person in WALK_ALL or is_about_concerns(a.name)]


def walked(town: Town, person: str, asks: list[Ask]) -> dict[str, Any]:
    """Every answer by its question; of lists also the next page's."""
    editions.forget()
    numbers = next_numbers()
    answers: dict[str, Any] = {}
    for ask in asks:
        answers[repr(ask)] = answer = answered(town.client(person), ask, numbers)
        if "page_size=" in ask.path and answer[0] == 200 and (link := json.loads(answer[3]).get("next")):
            parts = urlsplit(link)
            after = Ask(ask.name, "get", f"{parts.path}?{parts.query}")
            answers[f"next of {ask!r}"] = answered(town.client(person), after, numbers)
    return answers


@pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning")  # a search of cohorts
@pytest.mark.parametrize("person", WALKERS)
def test_with_and_without_what_is_hidden_all_is_the_same(town: Town, person: str) -> None:
    """Byte for byte, with nothing left out: what is random in an answer is the same in both (walk.undone)."""
    hidden = hidden_from(person)
    with time_machine.travel(timezone.now(), tick=False):
        for name in STATES:
            if name not in hidden:
                town.tell(name)
        with transaction.atomic():
            for name in hidden:
                town.tell(name)
            asks = asks_of(town, person, hidden)
            there = walked(town, person, asks)
            transaction.set_rollback(True)
        gone = walked(town, person, asks)
    if seen_by(person):
        pages = [answer[3] for question, answer in there.items() if "concerns/moves'" in question]
        assert any(b'"problem":null' in page for page in pages), "nothing that is seen was moved"
    leaks = [question for question in {**there, **gone} if there.get(question) != gone.get(question)]
    said = [
        f"{question}\n  {there.get(question)!r:.900}\n  {gone.get(question)!r:.900}" for question in leaks
    ]
    assert not leaks, f"{len(leaks)} of {len(asks)} leak to {person}:\n" + "\n".join(said[:12])


def test_the_walk_fills_in_every_operation_about_concerns(told: Town) -> None:
    """Somebody who sees it gets past "not found" and "not in this shape" everywhere, or the walk shows nothing."""
    ids = ids_of(told.concerns["not_about"]) | {
        "to_id": told.member("partner").pk,
        "into_id": told.concerns["open"].pk,
        "about_id": told.member("partner").pk,
        "answer_id": CannedAnswer.objects.create(title="Thanks", body="Thank you.").pk,
        "request_id": AboutMeRequest.objects.create(page="/updates", words="That is me.").pk,
    }
    open_names = {ask.name for ask in asks_of_document(repeat(ids)) if ask.name in NEEDS_MORE}
    assert open_names == set(NEEDS_MORE)
    unfilled = []
    asks = [
        ask
        for ask in asks_of_document(repeat(ids))
        if is_about_concerns(ask.name) and ask.name not in NEEDS_MORE
    ]
    for name in dict.fromkeys(ask.name for ask in asks):
        mine = [ask for ask in asks if ask.name == name]
        persons = ("liaison", "administrator", "reporter", "anonymous", "captain")
        if not any(
            answered(told.client(person), ask, {})[0] not in (400, 401, 403, 404, 415)
            for ask in mine
            for person in persons
        ):
            unfilled.append(name)
    assert not unfilled, "\n".join(unfilled)


# Not by the id of a concern or of its rows: by a key that its holder alone has, or of a quarter that is over.
NEEDS_MORE = {
    "POST /api/v1/about-me/receipt",
    "GET /api/v1/concern-figures/{quarter}",
    "POST /api/v1/concerns/photos",
    "POST /api/v1/concerns/receipt",
    "POST /api/v1/concerns/receipt/photos/{photo_id}",
    "POST /api/v1/concerns/receipt/replies",
    "POST /api/v1/concerns/receipt/sheet",
    "POST /api/v1/concerns/receipt/verdict",
}


# --- texts and mail ---------------------------------------------------------------------------------------


def written_to() -> set[str]:
    """The addresses of every message in the outbox, sent or not, and of mail that went past it."""
    queued = {message.recipient.address for message in Message.objects.select_related("recipient")}
    return queued | {address for letter in mail.outbox for address in letter.recipients()}


WRITTEN_ABOUT = (
    *("open", "asked", "matched", "matched_major", "matched_liaison", "walled_while_assigned"),
    *("assigned_while_walled", "cleared", "cleared_major", "cleared_described", "cleared_sensitive"),
    *("cleared_assigned", "cleared_elsewhere"),
)


@pytest.mark.parametrize("state", WRITTEN_ABOUT)
def test_nothing_is_written_to_whom_it_is_hidden_from(town: Town, state: str) -> None:
    """From telling to four weeks after closing, with each target passed on the way."""
    Concern.objects.all().delete()  # the demo's, which are late too
    town.tell(state)
    concern, can_move = town.concerns[state], False
    pk = concern.pk
    jobs = [job for job in JOBS.values() if job.run.__module__.startswith("backend.feedback")]
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for move, body in (
            ("triage", {}),
            ("start", {}),
            ("close", {"disposition": "resolved"}),
            ("reopen", {"reason": "Read."}),
        ):
            for days in (0, 3, 28):
                clock.shift(timedelta(days=days))
                Concern.objects.filter(pk=pk).update(target_at=timezone.now() - timedelta(days=1))
                for job in jobs:
                    job.run(timezone.now())
            Session.objects.all().update(
                expire_date=timezone.now() + timedelta(hours=1), created_at=timezone.now()
            )
            path = f"/api/v1/triage/concerns/{pk}/{move}"
            moved = town.client("liaison").post(path, body, content_type="application/json")
            assert moved.status_code in (200, 409), (
                moved.content
            )  # 409: what is behind the wall is read first
            can_move |= moved.status_code == 200
    assert can_move or concern.is_walled
    hidden = {user.email for name, user in town.users.items() if name in STAFF and name not in SEEN[state]}
    assert not written_to() & hidden
    if state == "open":
        assert written_to() & {town.users[name].email for name in SEEN[state]}


def test_no_text_asks_for_it_by_its_id(told: Town) -> None:
    """STATUS with a concern's id is STATUS with a wrong receipt."""
    recipient = recipient_of("+13145550142")
    wrong = COMMANDS["STATUS"].answer("AAAA-BBBB-CCCC-DDDD", recipient, LANGUAGES["en"])
    for concern in told.concerns.values():
        assert COMMANDS["STATUS"].answer(str(concern.pk), recipient, LANGUAGES["en"]) == wrong
