"""The queue: its pages are what the wall shows, in order, each row once, at the cost of one page."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import User
from backend.feedback.concerns.models import Concern, Question
from backend.feedback.concerns.paging import ORDERS
from backend.roster.models import Area, StaffMember
from tests.factories import make_staff

QUEUE = "/api/v1/triage/concerns"


def concern(area: str | None = "slmpd-beat-402", **fields: Any) -> Concern:
    place = Area.objects.get(slug=area) if area else None
    usual = {"category_id": "noise", "description": "Loud.", "target_at": timezone.now() + timedelta(days=1)}
    return Concern.objects.create(**{**usual, "area": place, **fields})


def listed(client: Any, **query: Any) -> list[str]:
    answer = client.get(QUEUE, query)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


@pytest.fixture
def people(city: None) -> dict[str, User]:
    return {
        "liaison": make_staff("l@example.org", "slmpd-district-4", "liaison", is_sworn=False),
        "sworn_liaison": make_staff("s@example.org", "slmpd-district-4", "liaison"),
        "officer": make_staff("o@example.org", "slmpd-beat-402", "beat_officer"),
        "captain": make_staff("c@example.org", "slmpd-district-4", "district_captain"),
        "major": make_staff("m@example.org", "slmpd-patrol-area-central", "major"),
        "outsider": make_staff("x@example.org", "slcpd-precinct-1", "liaison", is_sworn=False),
        "without_post": User.objects.create_user(kind=User.Kind.STAFF, email="w@example.org"),
    }


@pytest.fixture
def many(people: dict[str, User]) -> None:
    """Of every kind that the wall knows, with ties in each order, some reached in two ways."""
    Concern.objects.all().delete()
    now = timezone.now()
    areas = [*("slmpd-beat-402", "slmpd-district-4", "slmpd-district-2", "slcpd-precinct-1"), None]
    desk = Area.objects.get(slug="slmpd-district-4")
    officer = StaffMember.objects.get(user=people["officer"])
    for n in range(18):
        closed = {"status": "closed", "disposition": "resolved", "closed_at": now} if n % 7 == 0 else {}
        told = now - timedelta(hours=n // 4)
        concern(
            areas[n % 5],
            submitted_at=told,
            changed_at=now - timedelta(hours=n % 4),
            target_at=now + timedelta(hours=n % 3),
            desk=desk if n % 2 else None,
            assigned_to=officer if n % 9 == 0 else None,
            is_walled=n % 8 == 0,
            cleared_at=now if n % 16 == 0 else None,
            is_sensitive=n % 13 == 0,
            **closed,
        )


def expected(user: User, order: str) -> list[str]:
    by = ORDERS[order]
    rows = Concern.objects.visible_to(user).filter(by.of)
    return [str(c.pk) for c in rows.order_by("-" * by.is_latest_first + by.column, "id")]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("size", "who"), [(1, "liaison"), (1, "officer"), (4, ""), (50, "")])
def test_pages_are_the_whole_in_order_there_and_back(
    many: None, people: dict[str, User], sign_in: Any, order: str, size: int, who: str
) -> None:
    """Of everybody; row by row, where each tie is between two pages, of who has most and who is reached in two ways."""
    for name in [who] if who else people:
        user = people[name]
        client, there, back = sign_in(user), [], []
        answer = client.get(QUEUE, {"order": order, "page_size": size}).json()
        while True:
            there += [row["id"] for row in answer["results"]]
            if not answer["next"]:
                break
            answer = client.get(answer["next"]).json()
        while True:
            back = [row["id"] for row in answer["results"]] + back
            if not answer["previous"]:
                break
            answer = client.get(answer["previous"]).json()
        whole = expected(user, order)
        assert there == whole, name
        assert back == whole, name
        assert bool(whole) == (name != "without_post"), name


def test_fifty_rows_ask_as_often_as_two(liaison: User, sign_in: Any) -> None:
    Concern.objects.all().delete()
    Question.objects.create(category_id="noise", slug="hour", text="When is it loud?")
    main = concern(answers='{"hour": "At night."}')
    concern(status="closed", disposition="duplicate", closed_at=timezone.now(), merged_into=main)
    client = sign_in(liaison)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            listed(client, page_size=50)
        return len([q for q in queries if "roster_edition" not in q["sql"]])  # asked once a second

    asked()
    few = asked()
    for n in range(48):
        concern(answers='{"hour": "Always."}', assigned_to=liaison.staff_member if n % 2 else None)
    assert asked() == few
    row = client.get(QUEUE, {"page_size": 50}).json()["results"][0]
    assert row["answers"] == [{"slug": "hour", "question": "When is it loud?", "value": "Always."}]


def test_filters(liaison: User, sign_in: Any) -> None:
    Concern.objects.all().delete()
    now = timezone.now()
    rows = {
        "plain": concern(submitted_at=now - timedelta(hours=1)),
        "urgent": concern(priority=1, target_at=now - timedelta(hours=1)),
        "mine": concern(assigned_to=liaison.staff_member, category_id="traffic"),
        "read": concern(needs_reading=True, status="triaged"),
        "walled": concern(is_walled=True),
        "closed": concern(
            status="closed", disposition="resolved", closed_at=now, target_at=now - timedelta(days=1)
        ),
    }
    client = sign_in(liaison)

    def found(**query: Any) -> set[str]:
        names = {str(row.pk): name for name, row in rows.items()}
        return {names[pk] for pk in listed(client, **query)}

    assert found() == set(rows)
    assert found(status="triaged") == {"read"}
    assert found(category="traffic") == {"mine"}
    assert found(priority="urgent") == found(overdue=True) == {"urgent"}
    assert found(overdue=False) == set(rows) - {"urgent"}
    assert found(assigned="me") == {"mine"}
    assert found(needs_reading=True) == {"read"}
    assert found(walled=True) == {"walled"}
    assert found(walled=False) == set(rows) - {"walled"}
    assert found(order="target") == set(rows) - {"closed"}
    for bad in (
        {"order": "oldest"},
        {"status": "lost"},
        {"priority": "5"},
        {"cursor": "x"},
        {"overdue": "?"},
    ):
        assert client.get(QUEUE, bad).status_code == 400, bad
    cursor = client.get(QUEUE, {"page_size": 1}).json()["next"]
    assert client.get(cursor + "&order=changed").status_code == 400


def test_a_sworn_liaisons_filter_finds_no_walled_one(people: dict[str, User], sign_in: Any) -> None:
    concern(is_walled=True)
    assert listed(sign_in(people["sworn_liaison"]), walled=True) == []


def test_what_changed_since_the_last_look(liaison: User, sign_in: Any) -> None:
    client, old = sign_in(liaison), concern()

    def new() -> dict[str, bool]:
        rows = client.get(QUEUE, {"order": "changed"}).json()["results"]
        return {row["id"]: row["is_new"] for row in rows}

    def look(**body: Any) -> datetime:
        answer = client.post("/api/v1/triage/look", body, content_type="application/json")
        assert answer.status_code == 200
        return datetime.fromisoformat(answer.json()["at"])

    assert new()[str(old.pk)]
    seen = look()
    later = concern()
    assert (new()[str(old.pk)], new()[str(later.pk)]) == (False, True)
    assert look(at="2020-01-01T00:00:00Z") == seen  # never back
    assert look(at="2030-01-01T00:00:00Z") < timezone.now()  # nor ahead
    assert not new()[str(later.pk)]


def test_one_concern_with_all_that_belongs_to_it(
    people: dict[str, User], resident: User, sign_in: Any
) -> None:
    main = concern()
    walled = concern(is_walled=True, cleared_at=timezone.now(), merged_into=None)
    hidden = concern(
        status="closed", disposition="duplicate", closed_at=timezone.now(), merged_into=main, is_walled=True
    )
    client = sign_in(people["liaison"])
    path = f"{QUEUE}/{main.pk}"
    client.post(f"{path}/notes", {"body": "Seen twice."}, content_type="application/json")
    client.post(f"{path}/letters", {"body": "Thank you."}, content_type="application/json")
    client.post(f"{path}/triage", {}, content_type="application/json")
    told = client.get(path)
    assert told["Cache-Control"] == "no-store"
    body = told.json()
    assert [(n["body"], n["by"]) for n in body["notes"]] == [("Seen twice.", "L")]
    assert [(n["body"], n["language"]) for n in body["letters"]] == [("Thank you.", "en")]
    assert [c["move"] for c in body["changes"]] == ["letter", "triage"]
    assert (body["duplicates"], body["duplicate_ids"], body["subjects"]) == (1, [str(hidden.pk)], [])
    sworn = sign_in(people["captain"]).get(path).json()
    assert (sworn["duplicates"], sworn["duplicate_ids"], sworn["subjects"]) == (0, [], None)
    Concern.objects.filter(pk=hidden.pk).update(is_walled=False, merged_into=walled)
    Concern.objects.filter(pk=walled.pk).update(cleared_at=None)
    assert sign_in(people["captain"]).get(f"{QUEUE}/{hidden.pk}").json()["merged_into"] is None
    assert client.get(f"{QUEUE}/{hidden.pk}").json()["merged_into"] == str(walled.pk)
    missing = sign_in(people["captain"]).get(f"{QUEUE}/00000000-0000-4000-8000-000000000000")
    behind = sign_in(people["captain"]).get(f"{QUEUE}/{walled.pk}")
    assert (behind.status_code, behind.content) == (404, missing.content)
    assert sign_in(resident).get(path).status_code == 403


def test_ready_answers(people: dict[str, User], sign_in: Any) -> None:
    client, path = sign_in(people["liaison"]), "/api/v1/triage/canned-answers"
    kept = {"title": "Noise by night", "category": "noise", "language": "es", "body": "Gracias."}

    def post(who: Any, **body: Any) -> Any:
        return who.post(path, body, content_type="application/json")

    made = post(client, **kept)
    assert made.status_code == 201
    assert post(client, **kept).status_code == 409
    assert post(sign_in(people["captain"]), **{**kept, "title": "Other"}).status_code == 403
    letter = client.post(
        f"{QUEUE}/{concern().pk}/letters", {"canned": made.json()["id"]}, content_type="application/json"
    )
    assert (letter.json()["body"], letter.json()["language"]) == ("Gracias.", "es")

    def titles(**query: str) -> list[str]:
        return [row["title"] for row in client.get(path, query).json()["canned_answers"]]

    assert "Noise by night" in titles(language="es", category="noise")
    assert "Noise by night" not in titles(language="es", category="traffic") + titles(language="en")
    ended = client.patch(f"{path}/{made.json()['id']}", {"is_ended": True}, content_type="application/json")
    assert ended.json()["is_ended"]
    assert "Noise by night" not in titles()
    again = client.post(
        f"{QUEUE}/{concern().pk}/letters", {"canned": made.json()["id"]}, content_type="application/json"
    )
    assert again.status_code == 400
