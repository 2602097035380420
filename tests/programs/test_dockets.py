"""Public court dates: bare facts, posted by who serves there, and one text to followers."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.notifications.models import Message, Notice
from backend.notifications.registry import KINDS
from backend.notifications.services import add_followers
from backend.programs.models import CourtDate, Docket
from backend.roster import editions
from backend.roster.models import Agency, Area, Assignment

JSON = {"content_type": "application/json"}
LIST = "/api/v1/dockets"
DOCKET = f"{LIST}/division-16"
DATE = {"case_number": "2622-CR01234", "starts_at": "2026-12-03T09:00:00-06:00", "courtroom": "Division 16"}
MAKE = {"slug": "division-16", "name": "Circuit Court, Division 16", "agency": "slmpd"}


@pytest.fixture(autouse=True)
def _asked_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed is seen at once, as after half a second."""
    monkeypatch.setattr(editions, "FRESH_SECONDS", -1)


@pytest.fixture
def administrator(city: None) -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email="admin@example.org", is_administrator=True)


@pytest.fixture
def docket(city: None) -> Docket:
    return Docket.objects.create(
        slug="division-16",
        name="Division 16",
        agency=Agency.objects.get(slug="slmpd"),
        area=Area.objects.get(slug="slmpd-district-4"),
    )


def post(client: Any, *dates: dict[str, Any], path: str = DOCKET, **headers: Any) -> Any:
    return client.post(f"{path}/dates", {"dates": list(dates)}, **JSON, **headers)


def cases(client: Any, path: str = DOCKET) -> list[str]:
    return [row["case_number"] for row in client.get(path).json()["results"]]


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 400, answer.content
    return [error["pointer"] for error in answer.json()["errors"]]


# --- dockets ------------------------------------------------------------------------------------------


def test_a_docket_is_opened_found_and_read(client: Any, liaison: User, sign_in: Any) -> None:
    sent = {**MAKE, "area": "slmpd-district-4"}
    answer = sign_in(liaison).post(LIST, sent, **JSON)
    assert (answer.status_code, answer["Location"]) == (201, DOCKET)
    assert answer.json() == sent
    assert client.get(LIST).json()["results"] == [sent]
    assert client.get(DOCKET).json() == {**sent, "next": None, "previous": None, "results": []}
    assert AuditRow.objects.get(action="docket_created").actor == liaison.pk
    again = sign_in(liaison).post(LIST, sent, **JSON)
    assert (again.status_code, again.json()["type"]) == (409, "slug-used")


def test_who_may_open_which_docket(
    client: Any,
    resident: User,
    captain: User,
    outsider: User,
    administrator: User,
    sign_in: Any,
) -> None:
    far, near = {**MAKE, "area": "slmpd-district-2"}, {**MAKE, "area": "slmpd-district-4"}
    assert client.post(LIST, MAKE, **JSON).status_code == 401
    for user, sent in [(resident, MAKE), (captain, far), (outsider, near), (outsider, MAKE)]:
        assert sign_in(user).post(LIST, sent, **JSON).status_code == 403
    former = sign_in(captain)
    assert former.post(LIST, MAKE, **JSON).status_code == 201  # without an area: anybody of the agency
    assert sign_in(administrator).post(LIST, {**far, "slug": "far"}, **JSON).status_code == 201
    Assignment.objects.filter(staff_member__user=captain).update(
        ends_on=timezone.localdate() - timedelta(days=1)
    )
    assert former.post(LIST, {**MAKE, "slug": "late"}, **JSON).status_code == 403


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"slug": "two words"}, "/slug"),
        ({"name": "<b>Court</b>"}, "/name"),
        ({"agency": "fbi"}, "/agency"),
        ({"area": "nowhere"}, "/area"),
        ({"area": "slcpd-precinct-1"}, "/area"),
    ],
)
def test_what_no_docket_is(administrator: User, sign_in: Any, change: dict[str, Any], pointer: str) -> None:
    assert pointers(sign_in(administrator).post(LIST, {**MAKE, **change}, **JSON)) == [pointer]


def test_a_repeat_opens_no_second_one(captain: User, sign_in: Any) -> None:
    me, key = sign_in(captain), {"Idempotency-Key": "a-random-key"}
    first, second = (me.post(LIST, MAKE, headers=key, **JSON) for _ in range(2))
    assert (first.status_code, second.status_code, second["Idempotency-Replayed"]) == (201, 201, "true")
    other = me.post(LIST, {**MAKE, "name": "Other"}, headers=key, **JSON)
    assert (other.status_code, Docket.objects.count()) == (422, 1)


# --- dates --------------------------------------------------------------------------------------------


def test_dates_are_posted_and_read_by_anybody(
    client: Any, docket: Docket, captain: User, sign_in: Any
) -> None:
    later = {**DATE, "case_number": "2622-cr00002", "starts_at": "2027-03-16T14:00:00Z"}
    answer = post(sign_in(captain), later, DATE)
    assert answer.status_code == 201
    posted = answer.json()["dates"]
    assert client.get(DOCKET).json()["results"] == posted
    shown = {name: value for name, value in posted[0].items() if name != "id"}
    assert shown == {**DATE, "time_zone": "America/Chicago", "is_cancelled": False}
    assert (posted[1]["case_number"], posted[1]["starts_at"]) == ("2622-CR00002", "2027-03-16T09:00:00-05:00")
    row = AuditRow.objects.get(action="court_dates_posted")
    assert (row.actor, row.object_id) == (captain.pk, str(docket.pk))


def test_what_was_before_today_is_not_shown(client: Any, docket: Docket) -> None:
    now = timezone.now()
    for name, ago in [("YESTERDAY", timedelta(hours=11)), ("THIS-MORNING", timedelta(hours=1))]:
        CourtDate.objects.create(docket=docket, case_number=name, starts_at=now - ago, courtroom="16")
    assert cases(client) == ["THIS-MORNING"]


def test_pages_of_dates(client: Any, docket: Docket, captain: User, sign_in: Any) -> None:
    dates = [{**DATE, "case_number": f"CASE-{n:03}"} for n in range(5)]
    post(sign_in(captain), *dates)
    address, seen = f"{DOCKET}?page_size=2", []
    while address:
        page = client.get(address).json()
        seen += [row["case_number"] for row in page["results"]]
        address = page["next"]
    assert seen == [date["case_number"] for date in dates]
    assert client.get(f"{DOCKET}?cursor=x").status_code == 400


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"case_number": "12"}, "/dates/0/case_number"),
        ({"case_number": "2622 CR 1"}, "/dates/0/case_number"),
        ({"case_number": "State v. Doe"}, "/dates/0/case_number"),
        ({"case_number": "x" * 41}, "/dates/0/case_number"),
        ({"case_number": "٣٣٣"}, "/dates/0/case_number"),
        ({"courtroom": ""}, "/dates/0/courtroom"),
        ({"courtroom": "<b>16</b>"}, "/dates/0/courtroom"),
        ({"courtroom": "16: burglary"}, "/dates/0/courtroom"),
        ({"courtroom": "6" * 61}, "/dates/0/courtroom"),
        ({"starts_at": "2026-12-03T09:00:00"}, "/dates/0/starts_at"),
        ({"starts_at": "2026-11-23T09:59:00-06:00"}, "/dates/0/starts_at"),
        ({"defendant": "John Doe"}, "/dates/0/defendant"),
        ({"charge": ""}, "/dates/0/charge"),
    ],
)
def test_of_a_case_nothing_but_the_bare_facts(
    docket: Docket, captain: User, sign_in: Any, change: dict[str, Any], pointer: str
) -> None:
    assert pointers(post(sign_in(captain), {**DATE, **change}, {**DATE, "case_number": "GOOD-1"})) == [
        pointer
    ]
    assert not CourtDate.objects.exists()


def test_what_else_is_no_list(docket: Docket, captain: User, sign_in: Any) -> None:
    me, many = sign_in(captain), [{**DATE, "case_number": f"CASE-{n}"} for n in range(201)]
    assert pointers(post(me)) == ["/dates"]
    assert pointers(post(me, *many)) == ["/dates"]
    assert pointers(post(me, DATE, {**DATE, "case_number": "2622-cr01234"})) == ["/dates/1"]
    with_more = me.post(f"{DOCKET}/dates", {"dates": [DATE], "about": "a case"}, **JSON)
    assert pointers(with_more) == ["/about"]
    assert not CourtDate.objects.exists()


def test_a_date_that_is_there_refuses_the_whole_list(docket: Docket, captain: User, sign_in: Any) -> None:
    me = sign_in(captain)
    post(me, DATE)
    answer = post(me, {**DATE, "case_number": "OTHER-1"}, {**DATE, "courtroom": "17"})
    assert (answer.status_code, answer.json()["type"]) == (409, "already-there")
    assert CourtDate.objects.get().courtroom == "Division 16"


def test_a_repeat_posts_no_second_list(docket: Docket, captain: User, sign_in: Any) -> None:
    me, key = sign_in(captain), {"Idempotency-Key": "a-random-key"}
    first, second = (post(me, DATE, headers=key) for _ in range(2))
    assert (first.json(), second["Idempotency-Replayed"]) == (second.json(), "true")
    assert CourtDate.objects.count() == 1


@pytest.fixture
def court_date(docket: Docket) -> CourtDate:
    return CourtDate.objects.create(
        docket=docket,
        case_number="2622-CR01234",
        starts_at=timezone.now() + timedelta(days=10),
        courtroom="Division 16",
    )


def of(date: CourtDate, move: str) -> str:
    return f"/api/v1/court-dates/{date.pk}/{move}"


def test_a_date_is_cancelled_marked_and_on_again(
    client: Any, court_date: CourtDate, captain: User, sign_in: Any
) -> None:
    me = sign_in(captain)
    assert me.post(of(court_date, "cancel"), **JSON).json()["is_cancelled"]
    shown = client.get(DOCKET).json()["results"]
    assert [row["is_cancelled"] for row in shown] == [True]
    assert AuditRow.objects.get(action="court_date_cancelled").actor == captain.pk
    for move, body in [("cancel", {}), ("move", {"courtroom": "17"})]:
        answer = me.post(of(court_date, move), body, **JSON)
        assert (answer.status_code, answer.json()["type"]) == (409, "already-cancelled")
    sent = {name: shown[0][name] for name in DATE}
    again = post(me, {**sent, "courtroom": "17"}).json()["dates"]
    assert again == client.get(DOCKET).json()["results"]
    assert (again[0]["id"], again[0]["courtroom"], again[0]["is_cancelled"]) == (
        str(court_date.pk),
        "17",
        False,
    )


def test_a_date_is_moved(client: Any, court_date: CourtDate, captain: User, sign_in: Any) -> None:
    me, path = sign_in(captain), of(court_date, "move")
    moved = me.post(path, {"starts_at": "2027-01-05T09:00:00-06:00"}, **JSON).json()
    assert (moved["starts_at"], moved["courtroom"]) == ("2027-01-05T09:00:00-06:00", "Division 16")
    moved = me.post(path, {"courtroom": "17, 10 N Tucker"}, **JSON).json()
    assert client.get(DOCKET).json()["results"] == [moved]
    moves = AuditRow.objects.filter(action="court_date_moved").order_by("pk")
    assert [row.fields for row in moves] == [["starts_at"], ["courtroom"]]
    notices = Notice.objects.count()
    assert me.post(path, {"courtroom": "17, 10 N Tucker"}, **JSON).json() == moved
    assert (moves.count(), Notice.objects.count()) == (2, notices)


def test_where_a_date_does_not_move_to(court_date: CourtDate, captain: User, sign_in: Any) -> None:
    me, path = sign_in(captain), of(court_date, "move")
    post(me, {**DATE, "case_number": court_date.case_number})
    there = me.post(path, {"starts_at": DATE["starts_at"]}, **JSON)
    assert (there.status_code, there.json()["type"]) == (409, "already-there")
    for sent, pointer in [
        ({"starts_at": "2026-11-01T09:00:00-06:00"}, "/starts_at"),
        ({"starts_at": "soon"}, "/starts_at"),
        ({"courtroom": "<i>"}, "/courtroom"),
        ({"case_number": "OTHER-1"}, "/case_number"),
    ]:
        assert pointers(me.post(path, sent, **JSON)) == [pointer]
    CourtDate.objects.filter(pk=court_date.pk).update(starts_at=timezone.now() - timedelta(minutes=1))
    for move in ("cancel", "move"):
        answer = me.post(of(court_date, move), {}, **JSON)
        assert (answer.status_code, answer.json()["type"]) == (409, "already-begun")


def test_nobody_else_posts_cancels_or_moves(
    client: Any, court_date: CourtDate, resident: User, outsider: User, administrator: User, sign_in: Any
) -> None:
    calls = [
        (f"{DOCKET}/dates", {"dates": [DATE]}),
        (of(court_date, "cancel"), {}),
        (of(court_date, "move"), {"courtroom": "1"}),
    ]
    far = sign_in(administrator)
    far.post(LIST, {**MAKE, "slug": "far", "area": "slmpd-district-2"}, **JSON)
    for path, body in calls:
        assert client.post(path, body, **JSON).status_code == 401
        for user in (resident, outsider):
            assert sign_in(user).post(path, body, **JSON).status_code == 403
    court_date.refresh_from_db()
    assert (CourtDate.objects.count(), court_date.cancelled_at) == (1, None)


def test_staff_of_another_district_post_elsewhere(docket: Docket, captain: User, sign_in: Any) -> None:
    Docket.objects.update(area=Area.objects.get(slug="slmpd-district-2"))
    assert post(sign_in(captain), DATE).status_code == 403
    Docket.objects.update(area=None)
    assert post(sign_in(captain), DATE).status_code == 201


def test_what_is_not_there(client: Any, captain: User, sign_in: Any) -> None:
    me, nothing = sign_in(captain), CourtDate()
    assert client.get(DOCKET).status_code == 404
    assert client.get(DOCKET, headers={"If-None-Match": "*"}).status_code == 404
    assert post(me, DATE).status_code == 404
    assert me.post(of(nothing, "cancel"), **JSON).status_code == 404
    assert me.post(of(nothing, "move"), {}, **JSON).status_code == 404


def test_nothing_is_sent_twice_until_something_changes(
    client: Any, docket: Docket, captain: User, sign_in: Any
) -> None:
    me = sign_in(captain)
    for n, path in enumerate((LIST, DOCKET)):
        tag = client.get(path)["ETag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        post(me, {**DATE, "case_number": f"CASE-{n}"})
        changed = client.get(path, headers={"If-None-Match": tag})
        assert changed.status_code == 200
        me.post(of(CourtDate.objects.latest("case_number"), "cancel"), **JSON)
        assert client.get(path, headers={"If-None-Match": changed["ETag"]}).status_code == 200


# --- followers ----------------------------------------------------------------------------------------


def follow(slug: str = "division-16") -> None:
    add_followers(topic=f"docket:{slug}", numbers=["+13142000001", "+13142000002"], source="demo")


def test_only_dockets_that_are_there_are_followed(client: Any, docket: Docket) -> None:
    def asks(topic: str) -> int:
        sent = {"phone": "314-555-0142", "topics": [topic]}
        return client.post("/api/v1/subscriptions", json.dumps(sent), **JSON).status_code

    assert (asks("docket:division-16"), asks("docket:division-99"), asks("docket:")) == (202, 400, 400)


def test_two_hundred_dates_are_one_text(docket: Docket, captain: User, sign_in: Any) -> None:
    follow()
    before = Message.objects.count()
    dates = [
        {**DATE, "case_number": f"CASE-{n}", "starts_at": f"2026-12-{n % 20 + 1:02}T09:00:00-06:00"}
        for n in range(200)
    ]
    assert len(post(sign_in(captain), *dates).json()["dates"]) == 200
    assert Message.objects.count() == before + 2
    notice = Notice.objects.get(kind="docket_update")
    assert notice.body == "Roll Call: there is an update. {link}"
    assert "CASE" not in notice.translations
    assert timezone.localtime(notice.expires_at).isoformat() == "2026-12-20T09:00:00-06:00"
    is_true = KINDS[notice.kind].still_true
    assert is_true(notice.subject_id, timezone.now())
    assert not is_true(notice.subject_id, notice.expires_at)
    CourtDate.objects.all().delete()
    assert not is_true(notice.subject_id, timezone.now())


def test_one_text_a_docket_and_minute(docket: Docket, captain: User, sign_in: Any) -> None:
    follow()
    Docket.objects.create(slug="other", name="Other", agency=docket.agency, area=docket.area)
    follow("other")
    me, count = sign_in(captain), Notice.objects.filter(kind="docket_update").count
    with time_machine.travel("2026-11-23T10:05:10-06:00", tick=False) as clock:
        made = post(me, DATE).json()["dates"][0]
        assert me.post(f"/api/v1/court-dates/{made['id']}/cancel", **JSON).status_code == 200
        assert count() == 1
        assert post(me, DATE, path=f"{LIST}/other").status_code == 201
        assert count() == 2
        clock.shift(60)
        post(me, DATE)  # on again
        assert count() == 3
        clock.shift(60)
        me.post(f"/api/v1/court-dates/{made['id']}/move", {"courtroom": "17"}, **JSON)
        assert count() == 4
    told = Message.objects.filter(notice__kind="docket_update", notice__topics=["docket:division-16"])
    assert told.count() == 6


def test_a_refused_list_tells_nobody(docket: Docket, captain: User, sign_in: Any) -> None:
    follow()
    post(sign_in(captain), DATE, DATE)
    assert not Notice.objects.filter(kind="docket_update").exists()
