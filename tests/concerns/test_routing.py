"""The routing table: who keeps it, what a dry run shows, and that saving does just that."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.accounts.models import AuditRow, User
from backend.errors import DomainError
from backend.feedback.concerns.models import Category, Concern, ConcernChange, Office, Route
from backend.feedback.concerns.services import routing
from backend.notifications.models import Message
from backend.roster import editions
from backend.roster.index import geography
from backend.roster.models import Area
from tests.concerns.conftest import taken
from tests.conftest import forget_editions
from tests.factories import make_staff

NORTH, FOUR, BEAT, OTHER_BEAT = (
    *("slmpd-patrol-area-north", "slmpd-district-4"),
    *("slmpd-beat-402", "slmpd-beat-401"),
)


def area(slug: str) -> Area:
    return Area.objects.get(slug=slug)


def concern(category: str = "noise", where: str | None = BEAT, **facts: Any) -> Concern:
    """One on the desk to which the table sends it."""
    place = area(where) if where else None
    chain = (place, *geography().above(place, timezone.localdate())) if place else ()
    desk = routing.find_desk(category=category, chain=chain, on=timezone.localdate())
    facts = {"desk": desk and desk.area, "assigned_to": desk and desk.member} | facts
    return Concern.objects.create(category_id=category, description="x", area=place, **facts)


def change(
    category: str = "noise", where: str = BEAT, desk: str | None = NORTH, **more: Any
) -> dict[str, Any]:
    return {"category": category, "area": where, "desk": desk, **more}


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1/triage/routes{path}", body, content_type="application/json")


def dry_run(client: Client, *changes: dict[str, Any]) -> Any:
    answer = post(client, "/dry-run", changes=list(changes))
    assert answer.status_code == 200, answer.content
    return answer.json()


def found(category: str, where: str) -> tuple[str, str | None]:
    place = area(where)
    chain = (place, *geography().above(place, timezone.localdate()))
    desk = routing.find_desk(category=category, chain=chain, on=timezone.localdate())
    assert desk is not None
    return desk.area.slug, desk.member.name if desk.member else None


# --- where a concern goes -----------------------------------------------------------------------------


def test_the_deepest_areas_row_wins_and_its_nearest_liaison_reads(liaison: User) -> None:
    assert found("noise", BEAT)[0] == FOUR
    Route.objects.create(category_id="noise", area=area(NORTH), desk=area(NORTH))
    Route.objects.create(category_id="noise", area=area(FOUR), desk=area("slmpd-district-1"))
    assert found("noise", BEAT)[0] == "slmpd-district-1"
    Route.objects.create(category_id="noise", area=area(BEAT), desk=area(OTHER_BEAT))
    desk, reader = found("noise", BEAT)
    assert (desk, reader) == (OTHER_BEAT, found("traffic", FOUR)[1])  # nobody sits in a beat: the district's
    assert found("traffic", BEAT)[0] == FOUR


def test_a_desk_that_is_off_the_map_does_not_count(liaison: User) -> None:
    gone = Area.objects.create(agency=area(FOUR).agency, kind="district", code="99", slug="slmpd-district-99")
    Route.objects.create(category_id="noise", area=area(BEAT), desk=gone)
    editions.bump(editions.MAPS, editions.ROSTER)
    assert found("noise", BEAT)[0] == FOUR


def test_without_a_place_there_is_no_desk(city: None) -> None:
    assert routing.find_desk(category="noise", chain=(), on=timezone.localdate()) is None


# --- the table over HTTP ------------------------------------------------------------------------------


def test_a_liaison_reads_the_rows_of_their_areas(liaison: User, sign_in: Any) -> None:
    office = Office.objects.create(slug="bureau", name="Bureau", contact="x", source="x")
    Route.objects.create(category_id="noise", area=area(BEAT), desk=area(FOUR), office=office)
    Route.objects.create(category_id="noise", area=area("slmpd-district-2"), desk=area(FOUR))
    client = sign_in(liaison)
    answer = client.get("/api/v1/triage/routes")
    assert answer["Cache-Control"] == "no-store"
    rows = answer.json()["results"]
    reader = found("traffic", FOUR)[1]
    assert rows == [
        {"category": "noise", "area": BEAT, "desk": FOUR, "office": "bureau", "reader": reader},
    ]
    assert client.get(f"/api/v1/triage/routes?area={FOUR}").json()["results"] == rows
    assert client.get(f"/api/v1/triage/routes?area={OTHER_BEAT}").json()["results"] == []
    assert client.get("/api/v1/triage/routes?area=nowhere").status_code == 400


@pytest.mark.parametrize(
    ("changed", "status", "pointer"),
    [
        ({"category": "misconduct?"}, 400, "/changes/0/category"),
        ({"category": "no_such"}, 400, "/changes/0/category"),
        ({"where": "nowhere"}, 400, "/changes/0/area"),
        ({"where": "slmpd-neighborhood-36"}, 400, "/changes/0/area"),
        ({"where": "slmpd-district-2"}, 403, None),
        ({"where": "slcpd-precinct-1"}, 403, None),
        ({"desk": "nowhere"}, 400, "/changes/0/desk"),
        ({"desk": "slcpd-precinct-1"}, 400, "/changes/0/desk"),
        ({"desk": "slmpd-neighborhood-36"}, 400, "/changes/0/desk"),
        ({"office": "nowhere"}, 400, "/changes/0/office"),
    ],
)
def test_bad_changes_say_where(
    liaison: User, sign_in: Any, changed: dict[str, Any], status: int, pointer: str | None
) -> None:
    client = sign_in(liaison)
    for answer in (
        post(client, "/dry-run", changes=[change(**changed)]),
        post(client, "", changes=[change(**changed)], version="x"),
    ):
        assert answer.status_code == status, answer.content
        if pointer:
            assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Route.objects.exists()


def test_no_changes_too_many_and_the_same_cell_twice_are_refused(liaison: User, sign_in: Any) -> None:
    client = sign_in(liaison)
    for changes in ([], [change()] * 201, [change(), change(desk=None)]):
        assert post(client, "/dry-run", changes=changes).status_code == 400


def test_saving_moves_what_the_dry_run_said_with_history_and_audit_and_texts_nobody(
    client: Client, liaison: User, captain: User, sign_in: Any
) -> None:
    desk = sign_in(liaison)
    waits, worked_on = concern(tells_by_text=True), concern(status="in_progress")
    closed = concern(status="closed", disposition="resolved", closed_at=timezone.now())
    transferred, elsewhere = concern(), concern("traffic")
    ConcernChange.objects.create(concern=transferred, move="transfer", status="triaged")
    seen = dry_run(desk, change())
    assert seen["moves_now"] == [
        {"id": str(waits.pk), "category": "noise", "area": BEAT, "from": FOUR, "to": NORTH}
    ]
    told = {"category": "noise", "area": BEAT, "from": FOUR, "to": NORTH, "count": 4}
    assert (seen["would_have"], seen["would_have_total"], seen["unchanged"]) == ([told], 4, 0)
    assert not Route.objects.exists()
    texts = Message.objects.count()
    saved = post(desk, "", changes=[change()], version=seen["version"])
    assert saved.status_code == 200, saved.content
    assert saved.json() == {"moved": seen["moves_now"], "moved_total": 1}
    waits.refresh_from_db()
    assert waits.desk == area(NORTH)
    assert waits.changed_at > waits.submitted_at
    assert list(waits.changes.values_list("move", "status", "by")) == [("reroute", "submitted", liaison.pk)]
    rows = AuditRow.objects.filter(action="reroute", object_id=str(waits.pk))
    assert [row.fields for row in rows] == [["assigned_to", "desk"]]
    assert AuditRow.objects.filter(action="save", object_type="concerns.Route", actor=liaison.pk).count() == 1
    for other in (worked_on, closed, transferred, elsewhere):
        before = other.desk_id
        other.refresh_from_db()
        assert other.desk_id == before
    assert Message.objects.count() == texts
    assert taken(client, category="noise", area=BEAT)["desk"]["slug"] == NORTH


def test_an_old_version_moves_nothing(liaison: User, captain: User, sign_in: Any) -> None:
    desk = sign_in(liaison)
    concern()
    for disturb in (
        lambda: Route.objects.create(category_id="traffic", area=area(FOUR), desk=area(NORTH)),
        lambda: concern(),
        lambda: Concern.objects.update(status="assigned"),
    ):
        version = dry_run(desk, change())["version"]
        disturb()
        answer = post(desk, "", changes=[change()], version=version)
        assert (answer.status_code, answer.json()["type"]) == (409, "routes-changed")
        assert "dry run again" in answer.json()["detail"]
        assert not Route.objects.filter(category="noise").exists()
        assert not ConcernChange.objects.filter(move="reroute").exists()
    other = dry_run(desk, change(where=OTHER_BEAT))["version"]
    assert post(desk, "", changes=[change()], version=other).status_code == 409


def test_a_row_is_taken_away_and_a_category_that_ended_keeps_its_rows(liaison: User, sign_in: Any) -> None:
    desk = sign_in(liaison)
    Route.objects.create(category_id="noise", area=area(BEAT), desk=area(NORTH))
    Category.objects.filter(slug="noise").update(ended_at=timezone.now())
    there = concern()
    assert there.desk == area(NORTH)
    seen = dry_run(desk, change(desk=None))
    assert [(m["from"], m["to"]) for m in seen["moves_now"]] == [(NORTH, FOUR)]
    post(desk, "", changes=[change(desk=None)], version=seen["version"])
    there.refresh_from_db()
    assert (there.desk, Route.objects.count()) == (area(FOUR), 0)
    assert AuditRow.objects.filter(action="delete", object_type="concerns.Route").count() == 1


def test_lists_are_cut_and_counts_are_whole(
    liaison: User, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.feedback.concerns.routing_shapes.MOST_SHOWN", 2)
    monkeypatch.setattr("backend.feedback.concerns.services.routing.BATCH", 2)
    desk = sign_in(liaison)
    for _ in range(5):
        concern()
    seen = dry_run(desk, change())
    assert (len(seen["moves_now"]), seen["moves_now_total"], seen["would_have_total"]) == (2, 5, 5)
    saved = post(desk, "", changes=[change()], version=seen["version"]).json()
    assert (len(saved["moved"]), saved["moved_total"]) == (2, 5)
    assert Concern.objects.filter(desk__slug=NORTH, changes__move="reroute").count() == 5


def test_what_is_older_than_a_quarter_is_not_counted_and_still_moves(liaison: User, sign_in: Any) -> None:
    old = concern(submitted_at=timezone.now() - timedelta(days=93))
    seen = dry_run(sign_in(liaison), change())
    assert [m["id"] for m in seen["moves_now"]] == [str(old.pk)]
    assert (seen["would_have"], seen["unchanged"]) == ([], 0)


# --- the wall -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_sworn", [False, True])
@pytest.mark.parametrize("cleared", [False, True])
def test_answers_are_the_same_bytes_with_and_without_a_walled_concern(
    city: None, sign_in: Any, is_sworn: bool, cleared: bool
) -> None:
    desk = sign_in(make_staff("keeper@example.org", FOUR, "liaison", is_sworn=is_sworn))
    concern()
    changes = [change(), change(where=FOUR, desk="slmpd-district-1")]
    without = post(desk, "/dry-run", changes=changes).content
    hidden = concern(is_walled=True, cleared_at=timezone.now() if cleared else None)
    before = Concern.objects.values().get(pk=hidden.pk)
    assert post(desk, "/dry-run", changes=changes).content == without
    with transaction.atomic():
        version = dry_run(desk, *changes)["version"]
        saved = post(desk, "", changes=changes, version=version).json()
        assert str(hidden.pk) not in str(saved)
        assert saved["moved_total"] == 1
        assert Concern.objects.values().get(pk=hidden.pk) == before
        assert not hidden.changes.exists()


def test_an_administrators_seat_shows_no_concern_and_moves_none(city: None, sign_in: Any) -> None:
    admin = User.objects.create_user(kind=User.Kind.STAFF, email="a@example.org", is_administrator=True)
    there, desk = concern(), sign_in(admin)
    seen = dry_run(desk, change())
    assert (seen["moves_now"], seen["would_have"], seen["unchanged"]) == ([], [], 0)
    assert post(desk, "", changes=[change()], version=seen["version"]).status_code == 200
    there.refresh_from_db()
    assert (there.desk, Route.objects.count()) == (area(FOUR), 1)


def test_who_is_no_liaison_keeps_no_table(officer: User, captain: User, sign_in: Any) -> None:
    for user in (officer, captain):
        client = sign_in(user)
        for answer in (
            client.get("/api/v1/triage/routes"),
            post(client, "/dry-run", changes=[change()]),
            post(client, "", changes=[change()], version="x"),
        ):
            assert answer.status_code == 403


# --- the dry run equals what then happens -----------------------------------------------------------

CATEGORIES = ("noise", "traffic")
IN_FOUR = (FOUR, BEAT, OTHER_BEAT)
DESKS = (*IN_FOUR, NORTH, "slmpd-district-1", "slmpd-beat-101")
cells = st.tuples(st.sampled_from(CATEGORIES), st.sampled_from((*IN_FOUR, NORTH, "slmpd-district-1")))
own_cells = st.tuples(st.sampled_from(CATEGORIES), st.sampled_from(IN_FOUR))
told_ones = st.tuples(
    st.sampled_from(CATEGORIES),
    st.sampled_from((*IN_FOUR, "slmpd-beat-101")),
    st.sampled_from(("submitted", "triaged", "assigned", "referred")),
    st.sampled_from((0, 30, 91, 93, 400)),
    st.booleans(),
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    table=st.dictionaries(cells, st.sampled_from(DESKS), max_size=5),
    changes=st.dictionaries(own_cells, st.one_of(st.none(), st.sampled_from(DESKS)), min_size=1, max_size=4),
    told=st.lists(told_ones, max_size=8),
)
def test_the_dry_run_equals_what_then_happens(
    liaison: User,
    client: Client,
    sign_in: Any,
    table: dict[tuple[str, str], str],
    changes: dict[tuple[str, str], str | None],
    told: list[tuple[str, str, str, int, bool]],
) -> None:
    desk = sign_in(liaison)
    with transaction.atomic():
        Concern.objects.all().delete()  # the demo's
        for (category, where), to in table.items():
            Route.objects.create(category_id=category, area=area(where), desk=area(to))
        for category, where, status, age, is_walled in told:
            at = timezone.now() - timedelta(days=age)
            concern(category, where, status=status, submitted_at=at, is_walled=is_walled)
        before = desks()
        cells_before = {cell: found(*cell)[0] for cell in product(CATEGORIES, IN_FOUR)}
        asked = [change(category, where, to) for (category, where), to in changes.items()]
        seen = dry_run(desk, *asked)
        assert desks() == before
        saved = post(desk, "", changes=asked, version=seen["version"])
        assert saved.status_code == 200, saved.content
        assert saved.json()["moved"] == seen["moves_now"]
        # What moved is what was said to move, person and all.
        after = desks()
        said = {m["id"]: (m["from"], m["to"]) for m in seen["moves_now"]}
        assert said == {key: (before[key][0], after[key][0]) for key in before if before[key] != after[key]}
        cells_after = {cell: found(*cell) for cell in product(CATEGORIES, IN_FOUR)}
        for move in seen["moves_now"]:
            assert after[move["id"]] == cells_after[move["category"], move["area"]]
        # What is told now lands where it was said that it would have.
        for group in seen["would_have"]:
            assert cells_before[group["category"], group["area"]] == group["from"]
            now = taken(client, category=group["category"], area=group["area"])
            assert now["desk"]["slug"] == group["to"] == cells_after[group["category"], group["area"]][0]
        recent = [(c, w) for c, w, _, age, is_walled in told if not is_walled and age <= 91]
        differ = [
            cell for cell in recent if cell in cells_before and cells_before[cell] != cells_after[cell][0]
        ]
        assert seen["would_have_total"] == len(differ)
        transaction.set_rollback(True)
    forget_editions()


def desks() -> dict[str, tuple[str | None, str | None]]:
    rows = Concern.objects.values_list("pk", "desk__slug", "assigned_to__name")
    return {str(key): (desk, member) for key, desk, member in rows}


def test_two_liaisons_at_once_save_once(real_city: None) -> None:
    people = [make_staff(f"keeper{n}@example.org", FOUR, "liaison", is_sworn=False) for n in range(2)]
    concern()
    asked = [[change()], [change(desk="slmpd-district-1")]]
    versions = [routing.try_routes(changes=asked[n], by=people[n]).version for n in range(2)]
    together = Barrier(2)

    def save(n: int) -> str:
        try:
            together.wait(10)
            routing.save_routes(changes=asked[n], version=versions[n], by=people[n])
            return "saved"
        except DomainError as refusal:
            return refusal.type
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, range(2))) == ["routes-changed", "saved"]
    assert Route.objects.count() == 1
    assert ConcernChange.objects.filter(move="reroute").count() == 1
