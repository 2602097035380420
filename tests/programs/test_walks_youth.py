"""Programs for children, for those who are not young any more, and for the schools and centers that ask for them."""

from typing import Any

from backend.accounts.models import AuditRow, User
from backend.roster.models import StaffMember
from tests.programs.factories import local
from tests.programs.test_academy_feed import by_one, calendar_of
from tests.programs.walking import CHILD, FAMILY, JSON, mine, moves

YOUTH = {"name": "Sam Example", "born_on": "2011-05-17", "is_enrolled": True}  # 15 years old
CONTACT = "Robin, 314-555-0198"


def test_an_explorer_comes_every_week(walk: Any, client: Any, now: Any) -> None:
    explorers = walk("police-explorers")
    assert "14 to 20" in explorers.begin()["who"]
    post = explorers.open(name="This year's post", mode="review", starts_on="2026-12-02", places=25)
    weeks = explorers.plan(post, topics=["Weekly meeting"] * 3)
    assert [week["event"] for week in weeks] == [None] * 3
    private = f"{explorers.path}/cohorts/{post['id']}/sessions"
    assert client.get(private).status_code == 404
    assert by_one(client.get("/feeds/programs/police-explorers.ics").content) == []
    told = {"born_on": "2013-05-17", "has_guardian": True, "is_enrolled": True}
    young = client.post(f"{explorers.path}/eligibility", told, **JSON).json()
    assert (young["answer"], young["possible_from"]) == ("no", "2027-05-17")
    assert explorers.may_i(**told | {"born_on": "2005-05-17"}) == ("no", ["age"])
    assert explorers.may_i(**told | {"born_on": "2011-05-17"}) == ("yes", [])
    me = explorers.resident()
    answers = {"schooling": "I attend it", "reason": "To serve.", "emergency_contact": CONTACT}
    application = {"program": explorers.slug, "cohort": post["id"], "participant": YOUTH, "answers": answers}
    alone = me.post("/api/v1/applications", application, **JSON)
    assert alone.json()["errors"][0]["pointer"] == "/guardian"
    own = {"guardian": {"name": "Pat Example", "contact": "WALKER0@example.org"}}
    refused = me.post("/api/v1/applications", {**application, **own}, **JSON)
    assert refused.json()["errors"][0]["pointer"] == "/guardian/contact"
    guardian = {"guardian": {"name": "Pat Example", "contact": "314-555-0142"}}
    made = explorers.apply(me, post, YOUTH, answers, **guardian)
    assert explorers.screen(made)["guardian_name"] == "Pat Example"
    explorers.handle(made, "accept")
    assert me.get(private).json()[0]["topic"] == "Weekly meeting"
    assert len(by_one(client.get(calendar_of(me)).content)) == 3
    for week in weeks:
        now.move_to(local(f"{week['starts_at'][:10]} 18:05"))
        code = explorers.staff.get(f"/api/v1/sessions/{week['id']}/code").json()["code"]
        there = me.post(f"/api/v1/applications/{made['id']}/attendance", {"code": code}, **JSON)
        assert there.json()["number"] == week["number"]
    (stands,) = explorers.staff.get(f"{explorers.path}/cohorts/{post['id']}/standing").json()
    assert (stands["application"], stands["attended"]) == (made["id"], [1, 2, 3])
    explorers.handle(made, "complete")
    assert moves(me, made) == ["submit", "review", "accept", "complete"]


def test_a_child_plays_a_season_in_a_team(walk: Any, officer: User, now: Any) -> None:
    league = walk("police-athletic-league")
    rules = {rule["kind"]: rule["high"] for rule in league.begin()["rules"]}
    assert (rules["guardian"], rules["places_a_year"]) == (18, 700)
    coach = StaffMember.objects.get(user=officer)
    season = {"starts_on": "2027-03-01", "ends_on": "2027-05-31", "places": 1, "officer": str(coach.pk)}
    team = league.open(name="Baseball, under 14", **season)
    assert league.may_i(born_on="2014-05-17") == ("tell_us_more", ["guardian"])
    assert league.may_i(born_on="2014-05-17", has_guardian=True) == ("yes", [])
    me, other = league.resident(), league.resident()
    answers = {"sport": "baseball", "emergency_contact": CONTACT, "health": "An inhaler.", "grade": 6}
    made = league.apply(me, team, CHILD, answers, **FAMILY)
    assert (made["status"], made["answers"], made["officer"]) == ("accepted", answers, str(coach))
    kim = league.apply(other, team, CHILD | {"name": "Kim Example"}, answers, **FAMILY)
    shown = league.intake(team)
    assert (kim["status"], shown["given"], shown["waiting"]) == ("waitlisted", 1, 1)
    assert kim["officer"] is None
    more = league.staff.patch(f"{league.path}/cohorts/{team['id']}", {"places": 2}, **JSON)
    assert (more.status_code, mine(other, kim)["status"]) == (200, "accepted")
    assert mine(other, kim)["officer"] == str(coach)
    now.move_to(local("2027-05-31 20:00"))
    parent = league.sign_in(league.residents[0])
    league.handle(made, "complete")
    rated = parent.post(f"/api/v1/applications/{made['id']}/feedback", {"rating": 5}, **JSON)
    assert rated.json()["status"] == "completed"


def test_a_child_goes_to_summer_camp_and_few_know_the_allergies(walk: Any, now: Any) -> None:
    camp = walk("safety-outreach-summer-camp")
    assert camp.begin()["cost"] == "Free"
    week = camp.open(
        name="First week", mode="review", starts_on="2027-06-14", ends_on="2027-06-18", places=40
    )
    assert camp.may_i(born_on="1990-05-17", has_guardian=True)[0] == "no"
    assert camp.may_i(born_on="2014-05-17", has_guardian=True) == ("yes", [])
    me = camp.resident()
    closed = {"emergency_contact": CONTACT, "allergies": "Peanuts", "pick_up_by": "Pat or Robin"}
    made = camp.apply(me, week, CHILD, {**closed, "shirt_size": "youth M"}, **FAMILY)
    assert mine(me, made)["answers"] == {**closed, "shirt_size": "youth M"}
    seen = camp.handle(made, "review")
    assert (seen["answers"], seen["has_closed_answers"]) == ({"shirt_size": "youth M"}, True)
    assert "Peanuts" not in str(seen)
    path = f"{camp.path}/applications/{made['id']}/closed-answers"
    read = camp.staff.post(path, {"reason": "The kitchen asks."}, **JSON)
    assert read.json()["answers"] == closed
    assert AuditRow.objects.get(action="read closed answers").reason == "The kitchen asks."
    assert camp.handle(made, "accept")["has_place"]
    now.move_to(local("2027-06-18 17:00"))
    camp.handle(made, "complete")
    parent = camp.sign_in(camp.residents[0])
    assert moves(parent, made) == ["submit", "review", "accept", "complete"]


def test_a_school_gets_tutors_whom_nobody_else_hears_of(walk: Any, client: Any, now: Any) -> None:
    tutors = walk("books-and-badges")
    assert tutors.begin()["applicants"] == "organisations"
    term = tutors.open(name="Spring term", mode="review", starts_on="2027-01-12", places=1)
    me = tutors.resident()
    answers = {
        "school_address": "100 Example Ave",
        "contact_name": "Robin Example",
        "contact": "314-555-0142",
        "pupils": 12,
        "weekly_hour": "Tuesdays at 10",
    }
    made = tutors.apply(me, term, {"name": "Oak Hill Elementary School"}, answers)
    assert tutors.handle(made, "review")["answers"]["pupils"] == 12
    tutors.handle(made, "accept", words="Six recruits come on Tuesdays.")
    hours = tutors.plan(term, start_time="10:00", duration_minutes=60, topics=["Reading"] * 4)
    private = f"{tutors.path}/cohorts/{term['id']}/sessions"
    assert client.get(private).status_code == tutors.resident().get(private).status_code == 404
    assert [hour["id"] for hour in me.get(private).json()] == [hour["id"] for hour in hours]
    whole = "start=2027-01-01T00:00:00-06:00&end=2027-03-01T00:00:00-06:00&page_size=100"
    calendars = ("/feeds/all.ics", "/feeds/programs/books-and-badges.ics", f"/api/v1/occurrences?{whole}")
    public = [client.get(path) for path in calendars]
    assert [answer.status_code for answer in public] == [200] * 3
    assert not [a for a in public if b"Reading" in a.content or b"Oak Hill" in a.content]
    starts = [start for _, start, *_ in by_one(client.get(calendar_of(me)).content)]
    assert (len(starts), min(starts)) == (4, local("2027-01-12 10:00"))
    now.move_to(local("2027-02-02 11:00"))
    present = {"number": 4, "present": [made["id"]]}
    noted = tutors.staff.put(f"{tutors.path}/cohorts/{term['id']}/attendance", present, **JSON)
    assert noted.json()["present"] == [made["id"]]
    tutors.handle(made, "complete")
    assert mine(me, made)["timeline"][2]["words"] == "Six recruits come on Tuesdays."


def test_ten_children_did_the_right_thing(walk: Any, client: Any, sign_in: Any, now: Any) -> None:
    award = walk("do-the-right-thing")
    assert award.begin()["form"] is None
    administrator = User.objects.create_user(
        kind=User.Kind.STAFF, email="admin@example.org", is_administrator=True
    )
    judges = [User.objects.create_user(kind=User.Kind.STAFF, email=f"judge{n}@example.org") for n in range(2)]
    for judge in judges:
        seat = {"email": judge.email, "role": "judge", "since": "2026-11-01"}
        assert sign_in(administrator).put(f"{award.path}/seats", seat, **JSON).status_code == 200
    closes_at = local("2026-12-31 18:00").isoformat()
    month = award.open(
        name="December", mode="review", starts_on="2026-12-01", ends_on="2026-12-31", closes_at=closes_at
    )
    told = {
        "relation": "neighbor",
        "nominator_name": "Morgan Neighborly",
        "nominator_contact": "morgan@example.org",
        "born_on": "2014-05-17",
        "school": "Oak Hill Elementary School",
    }
    names = [
        f"{name} Placeholder"
        for name in ["Ada", "Bea", "Cal", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon", "Kay", "Lea"]
    ]
    made = {}
    for name in names:
        story = f"{name} carried a neighbor's groceries up the stairs all summer."
        sent = client.post(f"{award.path}/nominations", {**told, "child_name": name, "story": story}, **JSON)
        assert sent.status_code == 201, sent.content
        made[name] = sent.json()["id"]
    adult = {**told, "child_name": "Old Example", "story": "Helped.", "born_on": "1990-01-01"}
    assert client.post(f"{award.path}/nominations", adult, **JSON).json()["errors"][0]["code"] == "adult"
    direct = {
        "program": award.slug,
        "cohort": month["id"],
        "participant": {"name": "Sam Example", "born_on": "2014-05-17"},
    }
    around = award.resident().post("/api/v1/applications", {**direct, **FAMILY}, **JSON)
    assert (around.status_code, around.json()["type"]) == (409, "no-applications")

    now.move_to(local("2027-01-04 10:00"))
    blind = f"{award.path}/cohorts/{month['id']}/nominations"
    for judge in map(sign_in, judges):
        rows = judge.get(blind).json()["results"]
        assert len(rows) == 12
        assert not [name for name in (*names, "Morgan", "Oak Hill") if name in str(rows)]
        for row in rows:
            points = 4 if row["id"] in (made[names[0]], made[names[1]]) else 8
            given = judge.put(f"/api/v1/nominations/{row['id']}/score", {"points": points}, **JSON)
            assert given.json()["my_points"] == points
        assert judge.get(f"{blind}/named").status_code == 403
    desk = award.staff
    chosen = desk.post(f"{award.path}/cohorts/{month['id']}/choose").json()["chosen"]
    assert set(chosen) == {made[name] for name in names[2:]}
    (shown,) = client.get(f"{award.path}/honorees").json()["results"]
    assert (shown["chosen"], shown["children"]) == (10, [])
    named = desk.get(f"{blind}/named").json()["results"]
    assert {row["child_name"] for row in named} == set(names)
    agreed = {"guardian_name": "Pat Placeholder", "agreed": True}
    assert desk.post(f"/api/v1/nominations/{chosen[0]}/guardian", agreed, **JSON).status_code == 200
    (shown,) = client.get(f"{award.path}/honorees").json()["results"]
    (child,) = (name for name, one in made.items() if one == chosen[0])
    assert shown["children"] == [{"name": child, "school": "Oak Hill Elementary School"}]


def test_nobody_applies_for_presents(walk: Any) -> None:
    gifts = walk("cops-4-kids")
    shown = gifts.begin()
    assert (shown["applicants"], shown["form"], shown["season"]) == ("nobody", None, "December")
    assert "Big Brothers Big Sisters" in shown["who"]
    assert shown["contact"] == "Big Brothers Big Sisters of Eastern Missouri"
    day = gifts.open(name="Shopping day", starts_on="2026-12-12", ends_on="2026-12-12")
    asked = {"program": gifts.slug, "cohort": day["id"], "participant": CHILD, **FAMILY}
    refused = gifts.resident().post("/api/v1/applications", asked, **JSON)
    assert (refused.status_code, refused.json()["type"]) == (409, "no-applications")
    assert gifts.staff.get(f"{gifts.path}/applications").json()["results"] == []


def test_a_senior_center_hosts_a_lunch(walk: Any, client: Any, now: Any) -> None:
    warm_up = walk("senior-citizen-warm-up")
    assert warm_up.begin()["season"] == "Winter"
    winter = warm_up.open(name="January lunch", mode="review", starts_on="2027-01-15", ends_on="2027-01-15")
    assert warm_up.may_i() == ("yes", [])
    me = warm_up.resident()
    answers = {
        "center_address": "3309 S Grand Blvd",
        "contact_name": "Robin Example",
        "contact": "314-555-0142",
        "headcount": 80,
        "first_choice": "2027-01-15",
        "lunch_time": "12:30",
    }
    crowd = {"program": warm_up.slug, "cohort": winter["id"], "participant": {"name": "Grand Senior Center"}}
    many = me.post("/api/v1/applications", {**crowd, "answers": answers | {"headcount": 9000}}, **JSON)
    assert many.json()["errors"][0]["pointer"] == "/answers/headcount"
    made = warm_up.apply(me, winter, {"name": "Grand Senior Center"}, answers)
    warm_up.handle(made, "review")
    warm_up.handle(made, "ask", words="Is there a step-free way in?")
    path = f"/api/v1/applications/{made['id']}"
    corrected = me.post(f"{path}/answer", {"answers": {"headcount": 75, "notes": "A ramp."}}, **JSON).json()
    assert (corrected["status"], corrected["answers"]["headcount"]) == ("under_review", 75)
    assert warm_up.handle(made, "accept")["answers"]["headcount"] == 75
    (lunch,) = warm_up.plan(winter, start_time="12:30", topics=["Lunch, hats and gloves"])
    entries = by_one(client.get(calendar_of(me)).content)
    assert [(topic, start) for topic, start, *_ in entries] == [
        ("Lunch, hats and gloves", local("2027-01-15 12:30"))
    ]
    assert lunch["event"] is None
    now.move_to(local("2027-01-15 14:45"))
    warm_up.handle(made, "complete")
    assert me.post(f"{path}/feedback", {"rating": 5}, **JSON).json()["rating"] == 5
