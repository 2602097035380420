"""A concern from telling to closing: the right desk, the receipt, and who cannot see it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from backend.accounts.models import User
from backend.feedback.concerns.models import Concern, ConcernChange
from backend.roster.models import Boundary
from tests.concerns.conftest import TEXT, listed, tell


def test_anonymous_with_address_reaches_the_districts_liaison(client: Client, city: None) -> None:
    answer = tell(client, address="1915 Olive St")
    assert answer.status_code == 201
    assert answer.json()["desk"]["slug"] == "slmpd-district-4"
    assert "911" in answer.json()["notice"]
    concern = Concern.objects.get(pk=answer.json()["id"])
    assert concern.area.slug == "slmpd-beat-402"  # type: ignore[union-attr]
    assert concern.assigned_to.assignments.get().role == "liaison"  # type: ignore[union-attr]
    assert [c.move for c in concern.changes.all()] == ["submit"]


@pytest.mark.parametrize(
    ("where", "desk"),
    [
        ({"lat": 38.632, "lon": -90.2077}, "slmpd-district-4"),
        ({"area": "slmpd-beat-101"}, "slmpd-district-1"),
        ({"area": "slcpd-beat-1101"}, "slcpd-precinct-1"),
        ({"area": "slmpd-patrol-area-north"}, "slmpd-patrol-area-north"),
        ({}, None),
    ],
)
def test_routing(client: Client, city: None, where: dict[str, Any], desk: str | None) -> None:
    answer = tell(client, **where).json()
    assert (answer["desk"] or {}).get("slug") == desk


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"category": "nonsense"}, 400, "category"),
        ({"description": " "}, 400, "description"),
        ({"description": "x" * 5001}, 400, "description"),
        ({"description": "nul\0"}, 400, "description"),
        ({"lat": 38.6}, 400, "lon"),
        ({"area": "nowhere"}, 400, "nowhere"),
        ({"area": "slmpd-neighborhood-36"}, 400, "two districts"),
        ({"lat": 38.0, "lon": -91.0}, 404, "911"),
        ({"area": "slmpd-district-4", "address": "1915 Olive St"}, 400, "one of"),
        ({"address": "99999 Nowhere Blvd"}, 404, "position"),
    ],
)
def test_bad_input_says_what_to_do(
    client: Client, city: None, body: dict[str, Any], status: int, word: str
) -> None:
    before = Concern.objects.count()
    answer = tell(client, **body)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert word in answer.content.decode()
    assert Concern.objects.count() == before


def test_the_receipt_finds_it_however_typed(client: Client, city: None) -> None:
    told = tell(client, address="1915 Olive St").json()
    for typed in (
        told["receipt"],
        told["receipt"].lower().replace("-", " "),
        told["receipt"].replace("O", "0"),
    ):
        found = client.post("/api/v1/concerns/receipt", {"receipt": typed}, content_type="application/json")
        assert found.status_code == 200
        assert found.json()["id"] == told["id"]
        assert found["Cache-Control"] == "no-store"


def test_no_receipt_and_no_words_in_the_database(client: Client, city: None) -> None:
    receipt = tell(client, address="1915 Olive St").json()["receipt"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM concerns_concern")
        stored = str(cursor.fetchall())
    for secret in (receipt, receipt.replace("-", ""), TEXT, "Olive"):
        assert secret not in stored


def test_a_resident_reads_their_own_and_nobody_elses(
    client: Client, city: None, resident: User, sign_in: Any
) -> None:
    mine = sign_in(resident)
    told = tell(mine, area="slmpd-district-4").json()
    assert told["receipt"] is None
    assert mine.get(f"/api/v1/concerns/{told['id']}").json()["status"] == "submitted"
    other = sign_in(User.objects.create_user(kind=User.Kind.RESIDENT, email="other@example.org"))
    hidden = other.get(f"/api/v1/concerns/{told['id']}")
    missing = other.get("/api/v1/concerns/00000000-0000-4000-8000-000000000000")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert client.get(f"/api/v1/concerns/{told['id']}").status_code == 401
    assert not ConcernChange.objects.filter(by=resident).exists()  # it outlives who told it


def test_a_redraw_leaves_it_on_its_desk(client: Client, liaison: User, captain: User, sign_in: Any) -> None:
    told = tell(client, address="1915 Olive St").json()
    Boundary.objects.filter(area__slug="slmpd-beat-402").delete()
    for user in (liaison, captain):
        assert told["id"] in listed(sign_in(user))


@pytest.mark.parametrize("assigned", [False, True])
def test_an_ended_assignment_ends_its_reach(
    client: Client, liaison: User, sign_in: Any, assigned: bool
) -> None:
    told = tell(client, address="1915 Olive St").json()
    if assigned:
        Concern.objects.filter(pk=told["id"]).update(assigned_to=liaison.staff_member)
    desk = sign_in(liaison)
    assert told["id"] in listed(desk)
    liaison.staff_member.assignments.update(ends_on="2025-01-01")
    assert told["id"] not in listed(desk)


def test_moves_are_told_to_the_receipts_holder(client: Client, liaison: User, sign_in: Any) -> None:
    told = tell(client, address="1915 Olive St").json()
    desk = sign_in(liaison)

    def move(name: str, **body: Any) -> Any:
        return desk.post(
            f"/api/v1/triage/concerns/{told['id']}/{name}", body, content_type="application/json"
        )

    assert move("start").status_code == 409
    assert move("triage").json()["status"] == "triaged"
    assert move("start").json()["status"] == "in_progress"
    assert move("close").status_code == 400
    assert move("triage", disposition="resolved").status_code == 400
    assert move("close", disposition="resolved").json()["disposition"] == "resolved"
    assert move("close", disposition="resolved").status_code == 409
    assert move("explode").status_code == 404
    seen = client.post(
        "/api/v1/concerns/receipt", {"receipt": told["receipt"]}, content_type="application/json"
    ).json()
    assert (seen["status"], seen["disposition"]) == ("closed", "resolved")
    assert [c["move"] for c in seen["changes"]] == ["submit", "triage", "start", "close"]
    assert move("reopen").json()["status"] == "triaged"
    assert set(ConcernChange.objects.filter(concern=told["id"]).values_list("by", flat=True)) == {
        None,
        liaison.pk,
    }


def test_half_a_surrogate_pair_is_refused(client: Client, city: None) -> None:
    for field in ("category", "description"):
        answer = client.generic(
            "POST", "/api/v1/concerns", b'{"%s": "\\ud800"}' % field.encode(), content_type="application/json"
        )
        assert answer.status_code == 400
