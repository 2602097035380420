"""Ride-alongs of both departments, from finding them to what the rider thinks of it afterwards."""

import hashlib
from typing import Any

from backend.accounts.models import AuditRow, User
from backend.roster.models import Area, StaffMember
from tests.factories import make_staff
from tests.programs.factories import local
from tests.programs.test_rides import ride
from tests.programs.walking import ADULT, JSON, Walk, mine, moves

ANSWERS = {"emergency_contact": "A neighbor, 314-555-0199", "reason": "To see a shift.", "time_of_day": "any"}
WAIVER = "I ride along at my own wish, and do what the officer says."


def offer(staff: Any, walk: Walk, month: dict[str, Any], *rides: dict[str, Any]) -> list[str]:
    answer = staff.post(f"{walk.path}/cohorts/{month['id']}/rides", {"rides": list(rides)}, **JSON)
    assert answer.status_code == 201, answer.content
    return list(answer.json()["ids"])


def signature(waiver: dict[str, Any], name: str) -> dict[str, str]:
    signed_at = local("2026-11-23 10:00").isoformat()
    return {"sha256": waiver["sha256"], "role": "participant", "name": name, "signed_at": signed_at}


def publish_waiver(walk: Walk, *, is_witnessed: bool) -> dict[str, Any]:
    sent = {"text": WAIVER, "is_witnessed": is_witnessed}
    assert walk.staff.post(f"{walk.path}/waivers", sent, **JSON).status_code == 201
    shown = walk.details()["waiver"]
    assert shown["sha256"] == hashlib.sha256(shown["text"].encode()).hexdigest()
    return dict(shown)


def test_a_ride_with_the_citys_police(walk: Any, officer: User, sign_in: Any, now: Any) -> None:
    rides = walk("slmpd-ride-along")
    shown = rides.begin()
    rules = {rule["kind"]: rule for rule in shown["rules"]}
    assert {rule["confirmed_on"] for rule in rules.values()} == {None}  # to be confirmed, and said so
    assert (rules["lead_days"]["low"], rules["places_a_month"]["high"]) == (14, 6)
    assert "to be confirmed" in shown["who"].lower()
    assert not rides.details()["waiver"]
    for kind in rules:
        facts = {name: rules[kind][name] for name in ("words", "low", "high")}
        assert rides.staff.put(f"{rides.path}/rules/{kind}", facts, **JSON).status_code == 200
    assert {rule["confirmed_on"] for rule in rides.details()["rules"]} == {"2026-11-23"}
    waiver = publish_waiver(rides, is_witnessed=False)

    month = rides.open(name="December", starts_on="2026-12-01", ends_on="2026-12-31")
    own = StaffMember.objects.get(user=officer)
    days = (5, *range(8, 15))  # the first one is nearer than the lead time
    offered = [ride(day=f"2026-12-{day:02}", officer=str(own.pk)) for day in days]
    offer(sign_in(officer), rides, month, *offered)
    assert rides.intake(month)["districts"] == [{"slug": "slmpd-district-4", "rides": 8}]
    public = str(rides.read(f"{rides.path}/cohorts"))
    assert not [word for word in ("beat", "second", "18:00", own.name, str(own.pk)) if word in public]

    assert rides.may_i(born_on="2010-01-01") == ("no", ["age"])
    assert rides.may_i(born_on="1990-05-17", cohort=month["id"]) == ("yes", [])
    people = [rides.resident() for _ in range(7)]
    made = [
        rides.apply(one, month, ADULT | {"name": f"Rider {n}"}, ANSWERS, district="slmpd-district-4")
        for n, one in enumerate(people)
    ]
    assert [(m["status"], m["has_place"]) for m in made] == [("submitted", True)] * 6 + [
        ("waitlisted", False)
    ]
    me, application = people[0], made[0]
    assert application["missing"] == ["screening", "waiver"]
    path = f"/api/v1/applications/{application['id']}"
    assert me.post(f"{path}/signatures", signature(waiver, "Rider 0"), **JSON).status_code == 201
    assert mine(me, application)["status"] == "submitted"
    rides.screen(application)
    theirs = mine(me, application)
    assert (theirs["status"], theirs["missing"]) == ("accepted", [])
    assert theirs["ride"]["starts_at"] == "2026-12-08T18:00:00-06:00"
    assert "ID" in theirs["ride"]["bring"]
    assert own.name not in str(theirs)
    assert me.get(f"{path}/signatures/1/participant").content.startswith(b"%PDF")
    seats = sign_in(officer).get("/api/v1/rides").json()
    assert [s["rider"] for s in seats if s["rider"]] == ["Rider 0"]
    assert AuditRow.objects.filter(action="read a rider's name", actor=officer.pk).exists()

    # Six a month: who is seventh waits, though a seat is free, until somebody gives theirs back.
    people[1].post(f"/api/v1/applications/{made[1]['id']}/withdraw", **JSON)
    last = mine(people[6], made[6])
    assert (last["status"], last["has_place"]) == ("under_review", True)
    assert last["missing"] == ["screening", "waiver"]

    now.move_to(local("2026-12-08 23:00"))
    assert rides.handle(application, "complete")["status"] == "completed"
    said = me.post(f"{path}/feedback", {"rating": 5, "comment": "I learned a lot."}, **JSON)
    assert said.json()["rating"] == 5
    heard = rides.staff.get(f"{rides.path}/applications/{application['id']}").json()
    assert (heard["rating"], heard["comment"]) == (5, "I learned a lot.")
    assert moves(me, application) == ["submit", "review", "accept", "complete"]


def test_a_ride_with_the_countys_police_is_drawn(walk: Any, sign_in: Any, now: Any) -> None:
    rides = walk("slcpd-ride-along")
    shown = rides.begin()
    assert "beat" in shown["summary"]
    assert rides.found()["agency"] == "slcpd"
    waiver = publish_waiver(rides, is_witnessed=True)
    month = rides.open(
        name="December by draw",
        mode="draw",
        starts_on="2026-12-15",
        ends_on="2026-12-31",
        opens_at=local("2026-11-24 09:00").isoformat(),
        closes_at=local("2026-12-01 09:00").isoformat(),
    )
    assert (month["mode"], bool(month["seed_hash"]), month["is_decided"]) == ("draw", True, False)
    draw = f"{rides.path}/cohorts/{month['id']}/draw"
    assert rides.read(draw)["seed"] is None
    beat = Area.objects.filter(kind="beat", agency__slug="slcpd").first()
    assert beat is not None
    officer = make_staff("county.officer@example.org", beat.slug, "beat_officer")
    own = str(StaffMember.objects.get(user=officer).pk)
    offer(sign_in(officer), rides, month, *(ride(beat.slug, f"2026-12-{d}", officer=own) for d in (16, 17)))
    assert [d["rides"] for d in rides.intake(month)["districts"]] == [2]

    now.move_to(local("2026-11-25 10:00"))
    people = {}
    for n in range(3):
        me = rides.resident()
        made = rides.apply(me, month, ADULT | {"name": f"Rider {n}"}, ANSWERS)
        assert (made["status"], made["has_place"]) == ("submitted", False)
        people[made["id"]] = me, made
    now.move_to(local("2026-12-01 09:01"))
    assert rides.staff.post(draw).status_code == 200
    held = rides.read(draw)
    assert hashlib.sha256(held["seed"].encode()).hexdigest() == month["seed_hash"]
    again = sorted(people, key=lambda one: hashlib.sha256(f"{held['seed']}:{one}".encode()).hexdigest())
    assert held["applications"] == again
    assert rides.intake(month)["is_decided"]
    (first, drawn), (other, second), (third, waits) = (people[one] for one in again)
    assert [mine(*p)["status"] for p in ((first, drawn), (other, second))] == ["under_review"] * 2
    assert (mine(third, waits)["status"], mine(third, waits)["ahead"]) == ("waitlisted", 0)

    cleared = rides.staff.put(f"{rides.path}/applications/{drawn['id']}/screening", {"cleared": True}, **JSON)
    assert cleared.json()["missing"] == ["waiver"]
    sent = signature(waiver, drawn["participant"]) | {"signed_at": local("2026-12-01 09:00").isoformat()}
    paths = (f"/api/v1/applications/{drawn['id']}", f"{rides.path}/applications/{drawn['id']}")
    alone = first.post(f"{paths[0]}/signatures", sent, **JSON)
    assert (alone.status_code, alone.json()["type"]) == (409, "needs-witness")
    assert rides.staff.post(f"{paths[1]}/signatures", sent, **JSON).status_code == 201
    theirs = mine(first, drawn)
    assert (theirs["status"], theirs["ride"]["starts_at"]) == ("accepted", "2026-12-16T18:00:00-06:00")
    declined = rides.staff.put(
        f"{rides.path}/applications/{second['id']}/screening", {"cleared": False}, **JSON
    )
    assert declined.json()["screening"] == "not_cleared"
    rides.handle(second, "decline", code="not_cleared", words="Your records check did not clear.")
    assert mine(other, second)["timeline"][-1]["words"] == "Your records check did not clear."
    assert mine(third, waits)["has_place"]  # the seat that became free

    now.move_to(local("2026-12-16 23:00"))
    assert rides.handle(drawn, "no-show")["status"] == "no_show"
    unheard = first.post(f"{paths[0]}/feedback", {"rating": 1}, **JSON)
    assert (unheard.status_code, unheard.json()["type"]) == (409, "not-completed")
