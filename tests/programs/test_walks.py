"""Programs for grown-ups, from finding each to its end: the registry, things to pick up, clean-ups, lists, training."""

from collections.abc import Callable
from typing import Any

from backend.accounts.models import AuditRow, User
from backend.notifications.worker import work_once
from tests.notifications.conftest import from_twilio, text_in, twilio  # noqa: F401
from tests.notifications.fakes import FakeTransport
from tests.programs.factories import local, make_resident
from tests.programs.test_academy_feed import by_one, calendar_of
from tests.programs.walking import ADULT, CHILD, FAMILY, JSON, PLACE, mine, moves

PHONE = "+13142000000"
AREAS = ["slmpd-district-4"]


def test_a_bike_from_its_decal_to_its_owner_again(walk: Any, liaison: User, sign_in: Any) -> None:
    registry = walk("bike-and-scooter-registry")
    assert registry.begin()["form"] is None
    me, other, staff = registry.resident(), registry.resident(), sign_in(liaison)
    bike = {"kind": "bike", "decal": 4512, "serial": "WTU 102-13", "make": "Trek", "color": "blue"}
    made = me.post("/api/v1/registry/items", bike, **JSON)
    assert (made.status_code, made.json()["status"]) == (201, "registered")
    item = f"/api/v1/registry/items/{made.json()['id']}"
    taken = other.post("/api/v1/registry/items", bike | {"serial": "another"}, **JSON)
    assert (taken.status_code, taken.json()["type"]) == (409, "decal-taken")
    assert me.post(f"{item}/stolen", **JSON).json()["status"] == "stolen"
    asked = {"serial": "wtu1O2i3", "reason": "Leaned on a fence for two days."}
    looked = staff.post("/api/v1/registry/lookup", asked, **JSON).json()
    assert (looked["decal"], looked["status"], "owner" in looked) == (4512, "stolen", False)
    row = AuditRow.objects.get(action="look_up")
    assert (row.actor, row.object_id, row.reason) == (liaison.pk, looked["id"], asked["reason"])
    words = "Central Patrol, front desk, until Friday."
    assert staff.post(f"{item}/found", {"words": words}, **JSON).status_code == 200
    lines = me.get(item).json()["changes"]
    assert [(line["action"], line["words"]) for line in lines] == [
        ("registered", ""),
        ("stolen", ""),
        ("found", words),
    ]
    assert me.post(f"{item}/recovered", **JSON).json()["status"] == "registered"
    code = me.post(f"{item}/transfer", **JSON).json()["code"]
    assert other.post("/api/v1/registry/claim", {"code": code}, **JSON).json()["decal"] == 4512
    assert me.get(item).status_code == 404


def test_a_lock_is_chosen_and_picked_up(walk: Any, now: Any) -> None:
    devices = walk("anti-theft-devices")
    supplies = {supply["name"]: supply for supply in devices.begin()["supplies"]}
    assert len(supplies) == 5
    lock = supplies["Motor scooter lock"]
    assert devices.staff.put(f"/api/v1/supplies/{lock['id']}/stock", {"stock": 1}, **JSON).status_code == 200
    saturday = devices.open(
        name="Saturday, 10 to 11",
        starts_on="2026-12-05",
        ends_on="2026-12-05",
        place_name="Police headquarters",
    )
    assert (saturday["place_name"], saturday["places"]) == ("Police headquarters", None)
    assert devices.may_i(lives_in_city=False) == ("no", ["resident"])
    assert devices.may_i(address="1915 Olive St") == ("yes", [])
    me, other = devices.resident(), devices.resident()
    answers = {"city_address": "1915 Olive St", "use": "motor scooter"}
    no_item = {"program": devices.slug, "cohort": saturday["id"], "participant": ADULT, "answers": answers}
    assert me.post("/api/v1/applications", no_item, **JSON).json()["errors"][0]["pointer"] == "/supply"
    person = {"name": "Alex Example", "address": "1915 Olive St"}
    made = devices.apply(me, saturday, person, answers, supply=lock["id"])
    assert (made["status"], made["supply"]) == ("accepted", "Motor scooter lock")
    neighbor = {"name": "Bo Example", "lives_in_city": True}
    waits = devices.apply(other, saturday, neighbor, answers, supply=lock["id"])
    assert (waits["status"], waits["ahead"], devices.intake(saturday)["waiting"]) == ("waitlisted", 0, 1)
    stock = {supply["name"]: supply["stock"] for supply in devices.details()["supplies"]}
    assert stock["Motor scooter lock"] == 0
    devices.staff.put(f"/api/v1/supplies/{lock['id']}/stock", {"stock": 5}, **JSON)
    assert (mine(other, waits)["status"], devices.intake(saturday)["waiting"]) == ("accepted", 0)
    now.move_to(local("2026-12-05 10:20"))
    assert devices.handle(made, "complete")["supply"] == "Motor scooter lock"
    devices.handle(waits, "no-show")
    assert moves(me, made) == ["submit", "review", "accept", "complete"]
    assert mine(other, waits)["status"] == "no_show"


def test_neighbors_clean_an_alley(walk: Any, client: Any, now: Any) -> None:
    cleanup = walk("community-service-partnership")
    assert "work gloves" in cleanup.begin()["bring"]
    saturday = cleanup.open(name="Saturday", starts_on="2026-12-05", ends_on="2026-12-05", places=2)
    (session,) = cleanup.plan(
        saturday, start_time="09:00", topics=["Alley behind Olive"], place=PLACE, areas=AREAS
    )
    (date,) = cleanup.read("/api/v1/occurrences?kind=cleanup&area=slmpd-beat-402")["results"]
    assert (date["event"], date["starts_at"]) == (session["event"], "2026-12-05T09:00:00-06:00")
    assert "Alley behind Olive" in date["title"]
    assert len(by_one(client.get("/feeds/programs/community-service-partnership.ics").content)) == 1
    me, family, late = cleanup.resident(), cleanup.resident(), cleanup.resident()
    assert cleanup.may_i(born_on="2014-05-17") == ("tell_us_more", ["guardian"])
    made = cleanup.apply(me, saturday, ADULT, {"hands": 3, "brings_tools": True})
    alone = {"program": cleanup.slug, "cohort": saturday["id"], "participant": CHILD}
    assert family.post("/api/v1/applications", alone, **JSON).json()["errors"][0]["pointer"] == "/guardian"
    child = cleanup.apply(family, saturday, CHILD, {}, **FAMILY)
    assert (made["status"], child["status"]) == ("accepted", "accepted")
    assert cleanup.apply(late, saturday, ADULT | {"name": "Bo Example"}, {})["status"] == "waitlisted"
    assert cleanup.intake(saturday)["waiting"] == 1
    assert [start for _, start, *_ in by_one(client.get(calendar_of(me)).content)] == [
        local("2026-12-05 09:00")
    ]
    family.post(f"/api/v1/applications/{child['id']}/withdraw", **JSON)
    listed = late.get("/api/v1/applications").json()["results"]
    assert [application["status"] for application in listed] == ["accepted"]
    now.move_to(local("2026-12-05 11:30"))
    seen = cleanup.staff.get(f"{cleanup.path}/applications/{made['id']}").json()
    assert seen["answers"] == {"hands": 3, "brings_tools": True}
    cleanup.handle(made, "complete")
    rated = me.post(f"/api/v1/applications/{made['id']}/feedback", {"rating": 4}, **JSON)
    assert rated.json()["rating"] == 4


def test_who_may_want_to_work_for_the_police(walk: Any, client: Any, now: Any) -> None:
    jobs = walk("police-recruitment")
    assert "not an application for a job" in jobs.begin()["summary"]
    interested = jobs.open(name="Interest list", starts_on="2026-12-09", ends_on="2027-12-08")
    evening = jobs.open(name="Meet the recruiters", starts_on="2026-12-10", ends_on="2026-12-10")
    jobs.plan(evening, topics=["Meet the recruiters"], place=PLACE, areas=AREAS)
    (date,) = jobs.read("/api/v1/occurrences?kind=recruiting")["results"]
    assert date["place"]["name"] == PLACE["name"]
    assert len(by_one(client.get("/feeds/programs/police-recruitment.ics").content)) == 1
    assert jobs.may_i() == ("yes", [])
    me = jobs.resident()
    answers = {"interest": "coming back as an officer", "earliest": "2027-06-01", "languages": "Spanish"}
    made = jobs.apply(me, interested, {"name": "Alex Example"}, answers)
    assert (made["status"], made["answers"]) == ("accepted", answers)
    jobs.apply(me, evening, {"name": "Alex Example"}, {"interest": "police officer"})
    now.move_to(local("2026-12-10 18:30"))
    seen = jobs.staff.get(f"{jobs.path}/applications/{made['id']}").json()
    assert (seen["answers"]["interest"], seen["email"]) == (
        *("coming back as an officer",),
        jobs.residents[0].email,
    )
    jobs.handle(made, "complete", words="Academy class 2027-2 takes applications until March.")
    assert "until March" in mine(me, made)["timeline"][-1]["words"]


def test_a_business_asks_about_its_cameras(walk: Any, now: Any) -> None:
    cameras = walk("camera-partners")
    assert cameras.begin()["applicants"] == "organisations"
    asks = cameras.details()["form"]["schema"]["properties"]
    assert not [name for name in asks if "camera" in name or "stream" in name]
    listed = cameras.open(name="Interest list", mode="review", ends_on="2027-12-08")
    me = cameras.resident()
    answers = {"kind": "business", "contact_name": "Alex Example", "contact": "314-555-0142"}
    made = cameras.apply(me, listed, {"name": "Alex Example"}, answers)
    cameras.handle(made, "review")
    assert cameras.handle(made, "accept", words="The center calls you in January.")["status"] == "accepted"
    now.move_to(local("2027-01-11 10:00"))
    cameras.handle(made, "complete")
    assert moves(me, made) == ["submit", "review", "accept", "complete"]


def test_neighbors_train_and_follow_a_docket_by_text(
    walk: Any,
    captain: User,
    client: Any,
    sign_in: Any,
    now: Any,
    text_in: Any,  # noqa: F811
) -> None:
    training = walk("neighborhood-ownership-training")
    topics = training.begin()["topics"]
    assert any("Order of Protection" in topic for topic in topics)
    cohort = training.open(name="Winter", starts_on="2026-12-01", ends_on="2026-12-22")
    evenings = training.plan(cohort, place=PLACE, areas=AREAS)
    assert [evening["topic"] for evening in evenings] == topics
    dates = training.read("/api/v1/occurrences?kind=program_session&area=slmpd-district-4")["results"]
    assert len(dates) == 4
    me = training.resident()
    made = training.apply(me, cohort, {"name": "Alex Example"}, {"neighborhood": "Downtown West"})
    assert made["status"] == "accepted"
    now.move_to(local("2026-12-01 18:10"))
    code = training.staff.get(f"/api/v1/sessions/{evenings[0]['id']}/code").json()["code"]
    path = f"/api/v1/applications/{made['id']}"
    assert me.post(f"{path}/attendance", {"code": code}, **JSON).status_code == 200
    assert me.get(f"{path}/standing").json()["attended"] == [1]
    guidance = client.get("/api/v1/directory/neighborhood-impact-statements").json()
    assert "court" in guidance["name"]

    transport, staff = FakeTransport(), sign_in(captain)

    def texts() -> list[str]:
        while work_once(transport):
            pass
        return [text.body for text in transport.texts if text.to == PHONE]

    docket = {
        "slug": "division-16",
        "name": "Circuit Court, Division 16",
        "agency": "slmpd",
        "area": AREAS[0],
    }
    assert staff.post("/api/v1/dockets", docket, **JSON).status_code == 201
    assert [found["slug"] for found in training.read("/api/v1/dockets")["results"]] == ["division-16"]
    asked = {"phone": "(314) 200-0000", "topics": ["docket:division-16"]}
    assert client.post("/api/v1/subscriptions", asked, **JSON).status_code == 202
    assert len(texts()) == 1
    assert "you will get texts" in text_in("YES", PHONE)
    day = {
        "case_number": "2622-CR01234",
        "starts_at": "2026-12-17T09:00:00-06:00",
        "courtroom": "Division 16",
    }
    posted = staff.post("/api/v1/dockets/division-16/dates", {"dates": [day]}, **JSON)
    assert posted.status_code == 201
    _, told = texts()
    assert not [word for word in ("2622", "Division", "court") if word in told]
    shown = training.read("/api/v1/dockets/division-16")["results"]
    assert [(row["case_number"], row["courtroom"]) for row in shown] == [("2622-CR01234", "Division 16")]
    now.move_to(local("2026-12-22 20:30"))
    training.handle(made, "complete")
    assert mine(me, made)["status"] == "completed"


def test_a_leader_reads_the_strategy_of_the_area(
    client: Any, captain: User, sign_in: Callable[[User], Any]
) -> None:
    staff, me, neighbor = sign_in(captain), sign_in(make_resident()), sign_in(make_resident("b@example.org"))
    place = {"area": "slmpd-district-4", "organisation": "Downtown West Block Club"}
    invited = staff.post("/api/v1/leaders", place, **JSON).json()
    sent = {"area": "slmpd-district-4", "title": "This winter", "text": "More light in three alleys."}
    made = staff.post("/api/v1/strategies", sent, **JSON).json()
    path = f"/api/v1/strategies/{made['id']}"
    assert me.get("/api/v1/strategies").json()["results"] == []
    joined = me.post("/api/v1/leaders/join", {"code": invited["code"].lower()}, **JSON)
    assert joined.json() == place
    assert [row["title"] for row in me.get("/api/v1/strategies").json()["results"]] == ["This winter"]
    assert me.get(path).json()["text"] == sent["text"]
    assert neighbor.post("/api/v1/leaders/join", {"code": invited["code"]}, **JSON).status_code == 404
    assert neighbor.get(path).status_code == 404
    assert client.get(path).status_code == 401
    assert staff.post(f"/api/v1/leaders/{invited['id']}/end", **JSON).status_code == 200
    assert me.get(path).status_code == 404
