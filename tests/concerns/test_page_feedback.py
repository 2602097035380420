"""Whether a page helped: from anybody, and nothing kept by which to know who."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from backend.accounts.models import AuditRow, IdempotencyKey, User
from backend.feedback.concerns.models import PageFeedback
from backend.feedback.concerns.services import requests
from tests.factories import make_staff

JSON = "application/json"
pytestmark = pytest.mark.django_db


def say(client: Any, headers: Any = None, **sent: Any) -> Any:
    data = {"page": "/programs/rides", "is_helpful": True, **sent}
    return client.post("/api/v1/page-feedback", data, JSON, headers=headers)


def test_what_is_said_is_kept_with_its_day_and_without_anybody(resident: User, sign_in: Any) -> None:
    key = {"Idempotency-Key": "0123456789abcdef"}
    answer = say(sign_in(resident), key, is_helpful=False, comment="Which form?")
    assert (answer.status_code, answer.content) == (204, b"")
    kept = PageFeedback.objects.get()
    assert (kept.page, kept.is_helpful, kept.comment) == ("/programs/rides", False, "Which form?")
    assert kept.on == timezone.localdate()
    assert {field.name for field in PageFeedback._meta.fields} == {
        "id",
        "page",
        "is_helpful",
        "comment",
        "on",
    }
    assert not IdempotencyKey.objects.exists()
    assert not AuditRow.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM concerns_pagefeedback")
        assert "Which form?" not in str(cursor.fetchall())


def test_a_session_is_not_even_looked_at(client: Client) -> None:
    assert say(client, {"X-Session-Token": "not a session"}).status_code == 204


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("slmpd-district-4", "slmpd-district-4"),
        ("/working-groups/use-of-force/drafts/2", "/working-groups/use-of-force/drafts/2"),
        ("/concerns/00000000-0000-4000-8000-000000000000", "/concerns/-"),
        ("/feeds/personal/k3jx9w2mfq7zt4.ics", "/feeds/personal/-"),
        ("/m/5f0a1b2c3d4e", "/m/-"),
        ("/m/qWeRtYuIoPa", "/m/-"),
        ("/concerns/about-00000000-0000-4000-8000-000000000000.html", "/concerns/about--.html"),
        ("/receipt/ABCD-EFGH-IJKL-MNOP", "/receipt/-"),
        ("/receipt/abcd%20efgh%20ijkl%20mnop/print", "/receipt/-/print"),
        ("/receipt/abcdefghijklmnop", "/receipt/-"),
        ("my-receipt-ABC2_DEF3_GHI4_JKL5", "my-receipt--"),
    ],
)
def test_what_names_one_persons_thing_is_left_out(client: Client, page: str, kept: str) -> None:
    assert say(client, page=page).status_code == 204
    assert PageFeedback.objects.get().page == kept


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        ({"page": "/lookup?address=1915+Olive"}, "page"),
        ({"page": "/a#me@example.org"}, "page"),
        ({"page": ""}, "page"),
        ({"page": "x" * 201}, "page"),
        ({"comment": "x" * 501}, "comment"),
        ({"comment": "nul\0"}, "comment"),
        ({"is_helpful": "perhaps"}, "is_helpful"),
    ],
)
def test_other_things_are_refused(client: Client, sent: dict[str, Any], word: str) -> None:
    answer = say(client, **sent)
    assert answer.status_code == 400
    assert word in answer.content.decode()
    assert not PageFeedback.objects.exists()


def test_500_characters_are_taken(client: Client) -> None:
    assert say(client, comment="é" * 500).status_code == 204


def test_one_address_cannot_fill_it(client: Client, forty_at_once: None) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        assert [say(client).status_code for _ in range(4)] == [204, 204, 204, 429]
    assert PageFeedback.objects.count() == 3


def test_civilian_liaisons_and_administrators_read_it_newest_first(
    client: Client, liaison: User, captain: User, resident: User, sign_in: Any
) -> None:
    sworn = make_staff("sworn@example.org", "slmpd-district-4", "liaison", is_sworn=True)
    for number in range(5):
        say(client, comment=f"No. {number}")
    administrator = User.objects.create_user(kind="staff", email="adm@example.org", is_administrator=True)
    for user in (liaison, administrator):
        reader = sign_in(user)
        first = reader.get("/api/v1/triage/page-feedback?page_size=3")
        assert first["Cache-Control"] == "no-store"
        rest = reader.get(first.json()["next"]).json()
        comments = [row["comment"] for row in first.json()["results"] + rest["results"]]
        assert comments == [f"No. {number}" for number in (4, 3, 2, 1, 0)]
        assert rest["next"] is None
    for user in (sworn, captain, resident):
        assert sign_in(user).get("/api/v1/triage/page-feedback").status_code == 403
    assert client.get("/api/v1/triage/page-feedback").status_code == 401


def test_a_comment_ends_after_a_year_and_the_verdict_stays(client: Client) -> None:
    say(client, comment="Which form?")
    with time_machine.travel(timezone.now() + requests.KEPT - timedelta(days=1)):
        assert requests.erase_old(timezone.now()) == 0
    with time_machine.travel(timezone.now() + requests.KEPT):
        assert [requests.erase_old(timezone.now()) for _ in range(2)] == [1, 0]
    assert (PageFeedback.objects.get().comment, PageFeedback.objects.get().is_helpful) == ("", True)
