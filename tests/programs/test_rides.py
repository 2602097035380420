"""Ride-alongs: seats, quotas, draws that anybody can run again, and an officer who is called away."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.programs import draw
from backend.programs.models import Application, Cohort, Program, RideSlot
from backend.programs.services import rides
from backend.roster.models import Agency, Area, StaffMember
from tests.conftest import DocumentedClient
from tests.programs.factories import local, make_cohort, make_manager, make_program, make_resident
from tests.programs.test_applications import apply, post

pytestmark = pytest.mark.django_db

RIDER = {"name": "Alex Example", "born_on": "1990-05-17"}


@pytest.fixture
def program(city: None) -> Program:
    rules = [("age", 18, None), ("participation", None, 1), ("hours", None, 4), ("lead_days", 3, None)]
    rules += [("places_a_watch", None, 1), ("officer_once", None, None)]
    return make_program("slmpd-ride-along", "ride_along", rules=rules, bring="Photo id; closed shoes.")


@pytest.fixture
def month(program: Program) -> Cohort:
    return make_cohort(program, name="December", mode="first_come", starts_in=8, days=30)


@pytest.fixture
def manager(program: Program) -> User:
    return make_manager(program)


def ride(
    area: str = "slmpd-beat-402", day: str = "2026-12-07", hour: int = 18, **more: Any
) -> dict[str, Any]:
    officer = StaffMember.objects.filter(assignments__area__slug=area, is_demo=True).first()
    start = local(f"{day} {hour:02}:00")
    return {
        "area": area,
        "officer": str(officer.pk) if officer else "",
        "watch": "second",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=4)).isoformat(),
        **more,
    }


def offer(client: Any, cohort: Cohort, *offered: dict[str, Any]) -> Any:
    path = f"programs/{cohort.program.slug}/cohorts/{cohort.pk}/rides"
    return post(client, path, rides=list(offered))


def rider(sign_in: Any, n: int = 0) -> Any:
    return sign_in(make_resident(f"rider{n}@example.org"))


# --- from finding it to the end -----------------------------------------------------------------------


def test_a_ride_from_finding_it_to_the_end(
    month: Cohort, manager: User, officer: User, sign_in: Any, client: DocumentedClient, now: Any
) -> None:
    staff, driver = sign_in(manager), sign_in(officer)
    own = StaffMember.objects.get(user=officer)
    assert offer(driver, month, ride(officer=str(own.pk))).status_code == 201
    shown = client.get("/api/v1/programs/slmpd-ride-along/cohorts").json()["results"][0]
    assert shown["districts"] == [{"slug": "slmpd-district-4", "rides": 1}]
    public = client.get("/api/v1/programs/slmpd-ride-along/cohorts").content.decode()
    for secret in ("beat", "second", str(own.pk), own.name, "18:00"):
        assert secret not in public, secret
    text = "I ride at my own risk."
    waiver = post(staff, "programs/slmpd-ride-along/waivers", text=text).json()
    assert waiver["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    me = rider(sign_in)
    made = apply(me, month, RIDER, district="slmpd-district-4").json()
    assert (made["status"], made["has_place"], made["ride"]) == ("submitted", True, None)
    assert made["missing"] == ["waiver"]
    path = f"applications/{made['id']}"
    signed = post(
        me,
        f"{path}/signatures",
        sha256=waiver["sha256"],
        role="participant",
        name="Alex Example",
        signed_at="2026-11-23T10:00:00-06:00",
    )
    assert signed.status_code == 201, signed.content
    mine = me.get(f"/api/v1/{path}").json()
    assert (mine["status"], mine["ride"]["starts_at"]) == ("accepted", "2026-12-07T18:00:00-06:00")
    assert mine["ride"]["bring"] == "Photo id; closed shoes."
    assert own.name not in str(mine)
    seats = driver.get("/api/v1/rides").json()
    assert [(s["rider"], s["starts_at"]) for s in seats] == [("Alex Example", "2026-12-07T18:00:00-06:00")]
    assert AuditRow.objects.filter(action="read a rider's name", actor=officer.pk).count() == 1
    assert sign_in(make_manager(month.program, "x@example.org")).get("/api/v1/rides").json() == []
    now.move_to(local("2026-12-07 23:00"))
    staff, me = sign_in(manager), sign_in(User.objects.get(pk=Application.objects.get().applicant_id))
    done = post(staff, f"programs/slmpd-ride-along/{path}/complete")
    assert done.json()["status"] == "completed"
    assert post(me, f"{path}/feedback", rating=5).json()["rating"] == 5
    again = apply(me, month, RIDER)
    assert (again.status_code, again.json()["type"]) == (422, "not-eligible")
    assert again.json()["findings"][0] == {
        "rule": "participation",
        "detail": "You took part already; again from 2027-01-01.",
        "from_on": "2027-01-01",
    }


# --- offering seats -----------------------------------------------------------------------------------


def test_what_cannot_be_offered(month: Cohort, manager: User, officer: User, sign_in: Any) -> None:
    staff = sign_in(manager)
    long = ride() | {"ends_at": local("2026-12-07 23:30").isoformat()}
    back = ride() | {"ends_at": local("2026-12-07 17:00").isoformat()}
    for wrong, pointer in [
        (ride(day="2027-03-01"), "/starts_at"),
        (long, "/ends_at"),
        (back, "/ends_at"),
        (ride(area="slcpd-precinct-1"), "/area"),
    ]:
        wrong = wrong | {"officer": ride()["officer"]}
        refused = offer(staff, month, wrong)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)
    assert offer(staff, month, ride(), ride()).json()["type"] == "officer-taken"
    assert RideSlot.objects.count() == 0
    assert offer(sign_in(officer), month, ride()).status_code == 403  # another's car
    academy = make_cohort(make_program())
    assert offer(sign_in(make_manager(academy.program, "a@example.org")), academy, ride()).json()["type"] == (
        "not-a-ride-along"
    )


def test_lead_time_and_district_are_kept(month: Cohort, manager: User, sign_in: Any, now: Any) -> None:
    staff = sign_in(manager)
    offer(staff, month, ride(), ride(area="slmpd-beat-201", day="2026-12-08"))
    far = apply(rider(sign_in), month, RIDER, district="slmpd-district-3")
    assert far.json()["errors"][0]["pointer"] == "/district"
    two = apply(rider(sign_in, 1), month, RIDER, district="slmpd-district-2").json()
    assert two["ride"]["district"] == "slmpd-district-2"
    now.move_to(local("2026-12-05 09:00"))  # two days ahead are not three
    late = apply(rider(sign_in, 2), month, RIDER | {"name": "Late"}, district="slmpd-district-4").json()
    assert late["status"] == "waitlisted"


def test_one_seat_goes_to_one_and_the_others_wait(month: Cohort, manager: User, sign_in: Any) -> None:
    offer(sign_in(manager), month, ride())
    for n in range(20):
        assert apply(rider(sign_in, n), month, RIDER | {"name": f"Rider {n}"}).status_code == 201
    assert Application.objects.filter(has_place=True).count() == 1
    assert Application.objects.filter(status="waitlisted").count() == 19


def test_quotas_hold_one_inside_the_other(month: Cohort, manager: User, sign_in: Any) -> None:
    month.program.rules.create(kind="places_a_month", high=2, words="Two a month.")
    staff = sign_in(manager)
    offer(staff, month, *(ride(day=f"2026-12-{n:02}") for n in (7, 8, 9)))
    offer(staff, month, ride(area="slmpd-beat-401"))  # the same watch of the same day
    made = [apply(rider(sign_in, n), month, RIDER | {"name": f"Rider {n}"}).json() for n in range(3)]
    assert [m["status"] for m in made] == ["accepted", "accepted", "waitlisted"]
    days = Application.objects.filter(has_place=True).values_list("slot__on", flat=True)
    assert len(set(days)) == 2


def test_not_the_same_officer_twice(program: Program, manager: User, sign_in: Any) -> None:
    program.rules.filter(kind="participation").update(high=5)
    staff = sign_in(manager)
    months = [make_cohort(program, name=name, mode="first_come", starts_in=8, days=30) for name in ("A", "B")]
    offer(staff, months[0], ride(day="2026-12-07"))
    offer(staff, months[1], ride(day="2026-12-08"), ride(area="slmpd-beat-401", day="2026-12-09"))
    me = rider(sign_in)
    first, second = (apply(me, month, RIDER).json() for month in months)
    assert first["ride"]["starts_at"].startswith("2026-12-07")
    assert second["ride"]["starts_at"].startswith("2026-12-09")


# --- called away, cancelled, moved --------------------------------------------------------------------


def test_an_officer_called_away_and_the_rider_goes_with_the_next(
    month: Cohort, manager: User, sign_in: Any, client: DocumentedClient
) -> None:
    staff, me, waits = sign_in(manager), rider(sign_in), rider(sign_in, 1)
    first, second = offer(staff, month, ride(), ride(day="2026-12-09")).json()["ids"]
    mine = apply(me, month, RIDER).json()
    off = post(staff, f"rides/{first}/cancel", reason="Called away.")
    assert off.status_code == 204
    shown = me.get(f"/api/v1/applications/{mine['id']}").json()
    assert shown["ride"]["starts_at"].startswith("2026-12-09")
    assert (shown["timeline"][-1]["move"], shown["timeline"][-1]["words"]) == ("rebook", "Called away.")
    other = apply(waits, month, RIDER | {"name": "Other"}).json()
    assert other["status"] == "waitlisted"
    post(staff, f"rides/{second}/cancel", reason="Called away.")
    states = [c.get(f"/api/v1/applications/{i}").json() for c, i in ((me, mine["id"]), (waits, other["id"]))]
    assert [(s["status"], s["ahead"]) for s in states] == [("waitlisted", 0), ("waitlisted", 1)]
    offer(staff, month, ride(day="2026-12-10"))
    assert me.get(f"/api/v1/applications/{mine['id']}").json()["status"] == "accepted"
    assert post(client, f"rides/{second}/cancel", reason="x").status_code == 401


def test_a_seat_is_cancelled_by_whose_it_is(
    month: Cohort, manager: User, captain: User, sign_in: Any
) -> None:
    slot = offer(sign_in(manager), month, ride()).json()["ids"][0]
    stranger, missing = sign_in(captain), month.pk
    there, nothing = (post(stranger, f"rides/{one}/cancel", reason="x") for one in (slot, missing))
    assert (there.status_code, there.content) == (404, nothing.content)


def test_a_rider_moves_to_another_day_and_keeps_theirs_where_none_fits(
    month: Cohort, manager: User, sign_in: Any, now: Any
) -> None:
    staff, me = sign_in(manager), rider(sign_in)
    offer(staff, month, ride(), ride(day="2026-12-09"))
    path = f"applications/{apply(me, month, RIDER).json()['id']}"
    assert post(me, f"{path}/rebook", on="2026-12-20").json()["type"] == "no-place"
    assert me.get(f"/api/v1/{path}").json()["ride"]["starts_at"].startswith("2026-12-07")
    moved = post(me, f"{path}/rebook", on="2026-12-09").json()
    assert moved["ride"]["starts_at"].startswith("2026-12-09")
    back = post(me, f"{path}/rebook").json()
    assert back["ride"]["starts_at"].startswith("2026-12-07")
    now.move_to(local("2026-12-07 18:30"))
    me = sign_in(User.objects.get(pk=Application.objects.get().applicant_id))
    assert post(me, f"{path}/rebook").json()["type"] == "already-begun"
    assert post(me, f"{path}/withdraw").json()["type"] == "already-begun"


# --- draws --------------------------------------------------------------------------------------------


def test_the_order_is_what_anybody_computes() -> None:
    """Known values, by hand with sha256sum: printf 'SEED:ID' | sha256sum."""
    seed, ids = "00" * 32, [f"0000000{n}-0000-4000-8000-000000000000" for n in range(4)]
    by_hand = sorted(ids, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).hexdigest())
    assert draw.order(seed, reversed(ids)) == by_hand
    assert by_hand == [ids[n] for n in (0, 2, 1, 3)]  # 6201…, 689c…, 7b74…, ad25…
    assert draw.seed_hash(seed) == "60e05bd1b195af2f94112fa7197a5c88289058840ce7c6df9693756bc6250f55"


@pytest.fixture
def drawn(program: Program, manager: User, sign_in: Any, now: Any) -> Cohort:
    """A month by draw, open, with two seats."""
    staff = sign_in(manager)
    announced = post(
        staff,
        "programs/slmpd-ride-along/cohorts",
        name="December by draw",
        mode="draw",
        starts_on="2026-12-10",
        ends_on="2026-12-31",
        opens_at="2026-11-24T09:00:00-06:00",
        closes_at="2026-11-30T09:00:00-06:00",
    )
    assert announced.status_code == 201, announced.content
    cohort = Cohort.objects.get(pk=announced.json()["id"])
    offer(staff, cohort, ride(day="2026-12-11"), ride(day="2026-12-12"))
    now.move_to(local("2026-11-25 10:00"))
    return cohort


def test_a_draw_is_committed_to_held_once_and_can_be_run_again(
    drawn: Cohort, manager: User, sign_in: Any, client: DocumentedClient, now: Any
) -> None:
    riders = [rider(sign_in, n) for n in range(6)]
    ids = [apply(me, drawn, RIDER | {"name": f"Rider {n}"}).json()["id"] for n, me in enumerate(riders)]
    post(riders[5], f"applications/{ids[5]}/withdraw")
    path = f"/api/v1/programs/slmpd-ride-along/cohorts/{drawn.pk}/draw"
    before = client.get(path)
    assert (before.json()["seed"], before.json()["applications"]) == (None, [])
    assert drawn.seed not in before.content.decode()
    staff = sign_in(manager)
    assert post(staff, path.removeprefix("/api/v1/")).json()["type"] == "too-early"
    review = f"programs/slmpd-ride-along/applications/{ids[0]}"
    post(staff, f"{review}/review")
    assert post(staff, f"{review}/accept").json()["type"] == "no-place"  # nobody before the draw
    now.move_to(local("2026-11-30 09:01"))
    staff = sign_in(manager)
    rides.hold_due_draws(timezone.now())
    after = client.get(path).json()
    assert hashlib.sha256(after["seed"].encode()).hexdigest() == before.json()["seed_hash"]
    again = sorted(ids[:5], key=lambda one: hashlib.sha256(f"{after['seed']}:{one}".encode()).hexdigest())
    assert after["applications"] == again
    placed = [str(a.pk) for a in Application.objects.filter(has_place=True).order_by("turn")]
    assert placed == again[:2]
    line = [str(a.pk) for a in Application.objects.filter(cohort=drawn).in_line()]
    assert line == again[2:]
    rides.hold_due_draws(timezone.now())
    assert client.get(path).json() == after
    assert post(staff, path.removeprefix("/api/v1/")).json()["type"] == "already-drawn"
    assert offer(staff, drawn, ride(day="2026-12-13")).json()["type"] == "already-drawn"
    winner = Application.objects.get(pk=again[0]).applicant
    post(sign_in(winner), f"applications/{again[0]}/withdraw")
    assert Application.objects.get(pk=again[2]).status == "accepted"


def test_a_draw_is_announced_before_it_opens(program: Program, manager: User, sign_in: Any) -> None:
    intake = {
        "name": "Too late",
        "mode": "draw",
        "starts_on": "2026-12-10",
        "ends_on": "2026-12-31",
        "opens_at": "2026-11-23T09:00:00-06:00",
        "closes_at": "2026-11-30T09:00:00-06:00",
    }
    refused = post(sign_in(manager), "programs/slmpd-ride-along/cohorts", **intake)
    assert refused.json()["errors"][0]["pointer"] == "/opens_at"
    endless = intake | {"opens_at": "2026-11-24T09:00:00-06:00", "closes_at": None}
    assert post(sign_in(manager), "programs/slmpd-ride-along/cohorts", **endless).status_code == 400


def test_a_seat_in_a_precinct_is_shown_as_the_precinct(city: None, sign_in: Any) -> None:
    county = make_program("slcpd-ride-along", "ride_along", agency=Agency.objects.get(slug="slcpd"))
    cohort = make_cohort(county, mode="first_come", starts_in=8)
    beat = Area.objects.filter(kind="beat", agency__slug="slcpd").first()
    assert beat
    assert offer(sign_in(make_manager(county)), cohort, ride(area=beat.slug)).status_code == 201
    assert RideSlot.objects.get().district.kind == "precinct"
