"""What a desk got wrong once: words nobody read, ends nobody made, and what only a machine would send."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import User
from backend.feedback.concerns.models import Category, Concern, FatalityReview, Office, Referral
from backend.feedback.concerns.services import answering, erasing, escalation
from tests.concerns.reporters import JSON, fresh
from tests.concerns.test_desk_page import QUEUE, Page, send
from tests.concerns.test_moves import DESK, closed, concern, do, history

ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def desk(liaison: User, sign_in: Any) -> Any:
    Concern.objects.all().delete()  # the demo's
    return sign_in(liaison)


def written_to(**fields: Any) -> Concern:
    """One whose reporter wrote since it was read."""
    told = concern(**{"status": "triaged", **fields})
    answering.add_reply(concern=told, body="He is back, with a gun.")
    return fresh(told)


# --- the reporter's words are read before they count as read ------------------------------------------------


@pytest.mark.parametrize(
    ("act", "body"),
    [("notes", {"body": "Called."}), ("letters", {"body": "We come."}), ("priority", {"priority": "high"})],
)
def test_what_says_nothing_of_the_words_leaves_them_unread(desk: Any, act: str, body: dict[str, str]) -> None:
    told = written_to()
    assert do(desk, told, act, **body).status_code in (200, 201)
    assert fresh(told).needs_reading


def test_the_offices_number_leaves_them_unread(desk: Any) -> None:
    office = Office.objects.create(slug="bureau", name="B", contact="-", source="-", gives_reference=True)
    told = written_to(status="referred")
    Referral.objects.create(concern=told, office=office)
    assert do(desk, told, "acknowledge", reference="7").status_code == 200
    assert fresh(told).needs_reading


def test_a_letter_of_who_read_them(desk: Any) -> None:
    told = written_to()
    before = (told.changed_at - timedelta(seconds=1)).isoformat()
    assert do(desk, told, "letters", body="We come.", changed_at=before).status_code == 409
    assert not told.letters.exists()
    answer = do(desk, told, "letters", body="We come.", changed_at=told.changed_at.isoformat())
    assert answer.status_code == 201
    assert not fresh(told).needs_reading


def test_a_letter_of_the_page(desk: Any) -> None:
    told = written_to()
    send(desk, str(told.pk), "note", body="Called.")
    assert fresh(told).needs_reading
    assert send(desk, str(told.pk), "letter", body="We come.", language="en").status_code == 302
    assert not fresh(told).needs_reading


def test_a_move_says_that_they_are_read(desk: Any) -> None:
    told = written_to()
    refused = do(desk, told, "start")
    assert (refused.status_code, refused.json()["type"]) == (409, "unread-words")
    assert history(told) == []
    assert do(desk, told, "start", changed_at=told.changed_at.isoformat()).status_code == 200
    assert not fresh(told).needs_reading


def test_many_at_once_leave_out_what_is_unread(desk: Any) -> None:
    told, other = written_to(), concern(status="triaged")
    body = {"ids": [str(told.pk), str(other.pk)], "move": "close", "disposition": "resolved"}
    answer = desk.post(f"{DESK}/moves", body, JSON).json()
    assert [row["problem"] for row in answer["results"]] == ["unread-words", None]
    assert (fresh(told).status, fresh(told).needs_reading) == ("triaged", True)


def test_unread_words_of_a_closed_one_are_in_the_view(desk: Any) -> None:
    told = written_to(status="closed", disposition="resolved", closed_at=timezone.now())
    assert str(told.pk) in Page(desk.get(f"{QUEUE}?view=unread")).html
    Concern.objects.update(needs_reading=False)
    assert str(told.pk) not in Page(desk.get(f"{QUEUE}?view=unread")).html


# --- what ends by itself -------------------------------------------------------------------------------------


def test_a_close_by_time_ends_what_a_close_by_staff_ends(city: None) -> None:
    Category.objects.filter(pk="noise").update(close_after_days=20)
    old = timezone.now() - timedelta(days=21)
    office = Office.objects.create(slug="bureau", name="B", contact="-", source="-")
    told = concern(status="referred", changed_at=old, escalated_to="major")
    referral = Referral.objects.create(concern=told, office=office)
    unread = concern(changed_at=old)
    erasing.close_unchanged(Category.objects.get(pk="noise"), timezone.now())
    assert (fresh(told).status, fresh(told).escalated_to) == ("closed", "")
    referral.refresh_from_db()
    assert referral.returned_at is not None
    assert fresh(unread).status == "submitted"


def test_what_is_erased_is_neither_answered_nor_taken_up(desk: Any) -> None:
    told = closed(erased_at=timezone.now())
    for act, body in (("letters", {"body": "x"}), ("reopen", {})):
        answer = do(desk, told, act, **body)
        assert (answer.status_code, answer.json()["type"]) == (409, "erased")
    assert (fresh(told).status, history(told), told.letters.count()) == ("closed", [], 0)
    acts = Page(desk.get(f"{QUEUE}{told.pk}/change/")).acts
    assert "note" in acts
    assert not {"letter", "reopen"} & set(acts)


def test_a_review_of_what_is_erased_comes_too_late(desk: Any) -> None:
    told, before = concern(), timezone.now() - timedelta(days=1)
    Concern.objects.filter(pk=told.pk).update(changed_at=before)
    path = f"{DESK}/{told.pk}/fatality-review"
    body = {"final_report": "Call back.", "work_product": "What was said."}
    assert desk.put(path, body, JSON).status_code == 200
    assert fresh(told).changed_at > before
    FatalityReview.objects.all().delete()
    Concern.objects.filter(pk=told.pk).update(erased_at=timezone.now())
    answer = desk.put(path, body, JSON)
    assert (answer.status_code, answer.json()["type"]) == (409, "erased")
    assert not FatalityReview.objects.exists()


def test_who_was_told_already_costs_no_transaction(captain: User) -> None:
    Concern.objects.all().delete()
    past, now = timezone.now() - timedelta(days=90), timezone.now()
    concern(target_at=past)
    Concern.objects.create(category_id="noise", description="Of no place.", target_at=past)
    while escalation.escalate_overdue(now):
        pass
    assert set(Concern.objects.values_list("escalated_to", flat=True)) > {""}
    with CaptureQueriesContext(connection) as queries:
        assert escalation.escalate_overdue(now) == 0
    assert not [q for q in queries.captured_queries if "SAVEPOINT" in q["sql"]]


# --- what only a machine would send -------------------------------------------------------------------------

FIRST_DAY, LAST_DAY = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"


@pytest.mark.parametrize("time", [FIRST_DAY, LAST_DAY])
def test_times_that_no_database_has(desk: Client, time: str) -> None:
    told = concern()
    for name in ("after", "before"):
        assert str(told.pk) in Page(desk.get(QUEUE, {name: f"{time},{ID}"})).html
    assert desk.post(QUEUE, {"seen": time}).status_code == 302


@pytest.mark.parametrize("category", ["no\0ise", "nothing"])
def test_a_category_that_cannot_be(desk: Any, category: str) -> None:
    words = {"title": "T", "body": "B"}
    answer = desk.post("/api/v1/triage/canned-answers", {**words, "category": category}, JSON)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/category"]
    for slug in ("noise", None):
        kept = desk.post(
            "/api/v1/triage/canned-answers", {**words, "title": f"{slug}", "category": slug}, JSON
        )
        assert (kept.status_code, kept.json()["category"]) == (201, slug)
