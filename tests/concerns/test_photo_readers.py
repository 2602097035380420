"""Who looks at a concern's photos: its reporter, the desk, the holder of the receipt; and what a page reads of them."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from backend.feedback.concerns.models import Concern
from backend.feedback.concerns.services import photos
from tests.concerns.conftest import taken
from tests.concerns.pictures import by_receipt, photo, send, work

MISSING = "00000000-0000-4000-8000-000000000000"


def test_who_sees_it(
    client: Client,
    liaison: User,
    officer: User,
    captain: User,
    outsider: User,
    resident: User,
    sign_in: Any,
    committed: Any,
) -> None:
    mine = sign_in(resident)
    told = taken(mine)
    photo_id = send(client, told, photo()).json()["id"]
    work(committed)
    own, desk = f"/api/v1/concerns/{told['id']}/photos/", f"/api/v1/triage/concerns/{told['id']}/photos/"
    assert mine.get(own + photo_id).status_code == 200
    assert mine.get(f"/api/v1/concerns/{told['id']}").json()["photos"][0]["id"] == photo_id
    nothing = mine.get(own + MISSING)
    assert nothing.status_code == 404
    other = sign_in(User.objects.create_user(kind=User.Kind.RESIDENT, email="other@example.org"))
    assert (other.get(own + photo_id).status_code, other.get(own + photo_id).content) == (
        404,
        nothing.content,
    )
    assert client.get(own + photo_id).status_code == 401
    for user in (liaison, captain):
        assert sign_in(user).get(desk + photo_id).status_code == 200
    missing = sign_in(liaison).get(desk + MISSING)
    for user in (officer, outsider):
        hidden = sign_in(user).get(desk + photo_id)
        assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert mine.get(desk + photo_id).status_code == 403
    Concern.objects.filter(pk=told["id"]).update(is_walled=True)
    assert sign_in(captain).get(desk + photo_id).content == missing.content
    assert sign_in(liaison).get(desk + photo_id).status_code == 200


def test_a_photo_is_found_under_its_own_concern_alone(
    client: Client, city: None, liaison: User, sign_in: Any, committed: Any
) -> None:
    one, other = taken(client), taken(client)
    photo_id = send(client, one, photo()).json()["id"]
    work(committed)
    assert by_receipt(client, other, photo_id).status_code == 404
    assert sign_in(liaison).get(f"/api/v1/triage/concerns/{other['id']}/photos/{photo_id}").status_code == 404
    assert by_receipt(client, {"receipt": "A" * 16}, photo_id).status_code == 404


def test_by_receipt_only_with_its_passphrase(client: Client, city: None, committed: Any) -> None:
    told = taken(client, passphrase="the blue bicycle")
    photo_id = send(client, told, photo()).json()["id"]
    work(committed)
    assert by_receipt(client, told, photo_id).status_code == 404
    assert by_receipt(client, told, photo_id, passphrase="the blue bicycle").status_code == 200


def test_a_page_of_the_desk_reads_no_file_and_no_key(
    client: Client, liaison: User, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell_with_photos(count: int) -> None:
        for n in range(count):
            assert send(client, taken(client), photo(size=(64, 40 + n))).status_code == 201

    desk = sign_in(liaison)
    tell_with_photos(1)
    monkeypatch.setattr(photos, "read", None)
    with CaptureQueriesContext(connection) as few:
        assert desk.get("/api/v1/triage/concerns").status_code == 200
    tell_with_photos(4)
    with CaptureQueriesContext(connection) as many:
        assert desk.get("/api/v1/triage/concerns").status_code == 200
    # The maps' edition is looked at once a second, whoever asks: only what is read of concerns counts.
    about_concerns = [[q for q in queries if '"concerns_' in q["sql"]] for queries in (few, many)]
    assert len(about_concerns[0]) == len(about_concerns[1]) > 0
    reading = [query["sql"] for query in many if 'FROM "concerns_photo"' in query["sql"]]
    assert len(reading) == 1
    assert '"key"' not in reading[0]
