"""The Citizens Academy: from the word that a class opens to the certificate."""

from typing import Any
from urllib.parse import urlsplit

from backend.notifications.worker import work_once
from tests.notifications.conftest import from_twilio, text_in, twilio  # noqa: F401
from tests.notifications.fakes import FakeTransport
from tests.programs.factories import local
from tests.programs.test_academy_feed import by_another, by_one, calendar_of
from tests.programs.walking import ADULT, JSON, PLACE, Walk, mine, moves

PHONE = "+13142000000"
ANSWERS = {
    "tie_to_city": "I own a business in it",
    "city_address": "1915 Olive St",
    "reason": "To understand how a shift works.",
    "emergency_contact": "A neighbor, 314-555-0199",
}
AREAS = ["slmpd-patrol-area-central"]


def open_class(academy: Walk, name: str, starts_on: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    cohort = academy.open(name=name, mode="review", starts_on=starts_on, ends_on=starts_on, places=30)
    sessions = academy.plan(cohort, duration_minutes=180, place=PLACE, areas=AREAS)
    return cohort, sessions


def test_a_class_from_applying_to_the_certificate(walk: Any, client: Any, now: Any) -> None:
    academy = walk("citizens-academy")
    shown = academy.begin()
    assert (len(shown["topics"]), shown["topics"][7]) == (12, "Homicide investigation")
    cohort, evenings = open_class(academy, "Winter class", "2027-01-06")
    _, thursdays = open_class(academy, "Thursday class", "2027-01-07")
    assert [session["topic"] for session in evenings] == shown["topics"]
    assert {session["starts_at"][10:19] for session in evenings} == {"T18:00:00"}
    assert evenings[11]["starts_at"] == "2027-03-24T18:00:00-05:00"  # the clocks went forward
    listed = academy.read(f"{academy.path}/cohorts/{cohort['id']}/sessions")
    assert [session["topic"] for session in listed] == shown["topics"]
    feed = client.get(urlsplit(academy.found()["feed"]).path).content
    assert len(by_one(feed)) == 24
    assert by_one(feed) == by_another(feed)
    dates = academy.read(
        "/api/v1/occurrences?kind=academy_session&end=2027-04-01T00:00:00-05:00&page_size=50"
    )
    assert len(dates["results"]) == 24

    assert academy.may_i(born_on="1990-05-17") == ("tell_us_more", ["resident_or_business"])
    assert academy.may_i(born_on="1990-05-17", lives_in_city=False, owns_business=False)[0] == "no"
    assert academy.may_i(born_on="1990-05-17", lives_in_city=False, owns_business=True) == ("yes", [])
    outside = ADULT | {"lives_in_city": False, "owns_business": True}
    people = [academy.resident() for _ in range(3)]
    made = [
        academy.apply(one, cohort, outside | {"name": name}, ANSWERS)
        for one, name in zip(people, ("Ann Example", "Ben Example", "Cal Example"), strict=True)
    ]
    assert [(m["status"], m["missing"]) for m in made] == [("submitted", ["screening"])] * 3
    me, application = people[0], made[0]
    academy.handle(application, "review")
    academy.handle(application, "ask", words="Which business is it?")
    assert mine(me, application)["timeline"][-1]["words"] == "Which business is it?"
    path = f"/api/v1/applications/{application['id']}"
    assert me.post(f"{path}/answer", {"words": "A bakery."}, **JSON).json()["status"] == "under_review"
    cleared = academy.staff.put(
        f"{academy.path}/applications/{application['id']}/screening", {"cleared": True}, **JSON
    )
    assert cleared.json()["screening"] == "cleared"
    for one in made[1:]:
        academy.screen(one)
    for one in made:
        assert academy.handle(one, "accept")["has_place"]
    assert academy.intake(cohort)["given"] == 3
    own = calendar_of(me)
    assert [topic for topic, *_ in by_one(client.get(own).content)] == sorted(shown["topics"])

    # Ann misses the third evening and makes it up on a Thursday; Ben misses four; Cal never comes.
    for evening, thursday in zip(evenings, thursdays, strict=True):
        number = evening["number"]
        comers = ([application] if number != 3 else []) + ([made[1]] if number > 4 else [])
        attend(academy, evening, people, made, comers, now)
        if number == 3:
            missed = me.get(f"{path}/standing").json()
            assert (missed["missed"], missed["allowed"], missed["finished"]) == ([], 3, False)
            attend(academy, thursday, people, made, [application], now)
    early = academy.staff.post(f"{academy.path}/cohorts/{cohort['id']}/graduate")
    assert (early.status_code, early.json()["type"]) == (409, "not-over")
    now.move_to(local("2027-03-24 23:30"))
    standing = me.get(f"{path}/standing").json()
    assert (len(standing["attended"]), standing["missed"], standing["finished"]) == (12, [], True)
    counts = academy.staff.post(f"{academy.path}/cohorts/{cohort['id']}/graduate").json()
    assert counts == {"completed": 1, "no_show": 1, "accepted": 1}
    certificate = me.get(f"{path}/certificate")
    assert (certificate["Content-Type"], certificate.content[:5]) == ("application/pdf", b"%PDF-")
    assert me.get(f"{path}/certificate").content == certificate.content
    assert people[1].get(f"/api/v1/applications/{made[1]['id']}/certificate").status_code == 404
    assert moves(me, application) == ["submit", "review", "ask", "answer", "accept", "complete"]


def attend(
    academy: Walk,
    session: dict[str, Any],
    people: list[Any],
    made: list[dict[str, Any]],
    comers: list[dict[str, Any]],
    now: Any,
) -> None:
    """In the room: the staff show the code, and who is there types it."""
    now.move_to(local(f"{session['starts_at'][:10]} 18:10"))
    code = academy.staff.get(f"/api/v1/sessions/{session['id']}/code").json()["code"]
    for comer in comers:
        path = f"/api/v1/applications/{comer['id']}/attendance"
        noted = people[made.index(comer)].post(path, {"code": code.lower()}, **JSON)
        assert (noted.status_code, noted.json()["number"]) == (200, session["number"])


def test_who_follows_the_program_is_told_when_a_class_opens(
    walk: Any,
    client: Any,
    text_in: Any,  # noqa: F811
) -> None:
    academy, transport = walk("citizens-academy"), FakeTransport()
    found = academy.begin()

    def texts() -> list[str]:
        while work_once(transport):
            pass
        return [text.body for text in transport.texts if text.to == PHONE]

    asked = client.post(
        "/api/v1/subscriptions", {"phone": "(314) 200-0000", "topics": [found["topic"]]}, **JSON
    )
    assert asked.status_code == 202
    (question,) = texts()
    assert "YES" in question
    assert "you will get texts" in text_in("YES", PHONE)
    assert len(texts()) == 1
    opened = academy.open(name="Summer class", mode="review", starts_on="2027-06-02", ends_on="2027-08-25")
    _, told = texts()
    assert "there is an update" in told
    assert "Academy" not in told
    assert academy.intake(opened)["name"] == "Summer class"
    text_in("STOP", PHONE)
    academy.open(name="Fall class", mode="review", starts_on="2027-09-01", ends_on="2027-11-25")
    assert len(texts()) == 2
