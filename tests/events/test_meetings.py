"""What came of a meeting: attendance and minutes, priorities in the residents' order, commitments until closed."""

from typing import Any

import pytest
import time_machine

from backend.accounts import residents
from backend.accounts.models import User
from backend.events.models import Ballot, Commitment, Event, Occurrence
from tests.events.factories import at, post
from tests.events.test_registrations import neighbor

JSON = {"content_type": "application/json"}
AREA = "/api/v1/areas/slmpd-beat-402"


@pytest.fixture
def meeting(officer: User, now: time_machine.Traveller) -> Occurrence:
    """A date of the beat that is just over."""
    date = post(officer, rrule="").occurrences.get()
    now.move_to(at("2026-11-27 09:00"))
    return date


def path(date: Occurrence) -> str:
    return f"/api/v1/occurrences/{date.pk}/meeting"


def add(staff: Any, *titles: str) -> list[str]:
    answers = [staff.post(f"{AREA}/priorities", {"title": title}, **JSON) for title in titles]
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json()["id"] for answer in answers]


def shown(client: Any) -> list[str]:
    return [p["title"] for p in client.get(f"{AREA}/priorities").json()["open"]]


def test_attendance_and_minutes_are_recorded_and_public(
    officer: User, client: Any, sign_in: Any, meeting: Occurrence
) -> None:
    staff = sign_in(officer)
    assert client.get(path(meeting)).status_code == 404
    first = staff.put(path(meeting), {"attendance": 14, "newcomers": 5}, **JSON)
    assert first.status_code == 200, first.json()
    staff.put(path(meeting), {"minutes": "Two streetlights are out."}, **JSON)
    answer = client.get(path(meeting)).json()
    assert (answer["attendance"], answer["newcomers"], answer["minutes"]) == (
        14,
        5,
        "Two streetlights are out.",
    )


@pytest.mark.parametrize(
    "sent", [{"attendance": 3, "newcomers": 4}, {"newcomers": 1}, {"minutes": "<b>x</b>"}]
)
def test_what_cannot_be_recorded(
    officer: User, client: Any, sign_in: Any, meeting: Occurrence, sent: dict[str, Any]
) -> None:
    assert sign_in(officer).put(path(meeting), sent, **JSON).status_code == 400
    assert client.get(path(meeting)).status_code == 404


def test_a_meeting_that_has_not_begun_has_no_record(officer: User, sign_in: Any) -> None:
    date = post(officer).occurrences.earliest("starts_at")
    answer = sign_in(officer).put(path(date), {"attendance": 3}, **JSON)
    assert (answer.status_code, answer.json()["type"]) == (409, "not-begun")


# --- priorities ---------------------------------------------------------------------------------------


def test_residents_votes_set_the_order_one_vote_a_person_and_quarter(
    officer: User, resident: User, client: Any, sign_in: Any, now: time_machine.Traveller
) -> None:
    lights, speeding, litter = add(sign_in(officer), "Lights", "Speeding", "Litter")
    assert sorted(shown(client)) == ["Lights", "Litter", "Speeding"]
    me, ballot = sign_in(resident), f"{AREA}/priorities/ballot"
    for ranking in ([lights], [litter, speeding], [litter, speeding]):  # the last one counts, once
        assert me.put(ballot, {"ranking": ranking}, **JSON).status_code == 200
    assert shown(client) == ["Litter", "Speeding", "Lights"]
    assert Ballot.objects.count() == 1
    sign_in(neighbor(1)).put(ballot, {"ranking": [speeding]}, **JSON)
    assert shown(client) == ["Speeding", "Litter", "Lights"]  # 9 + 10 points, 10, 0
    now.move_to(at("2027-01-02 10:00"))
    assert shown(client) == ["Speeding", "Litter", "Lights"]  # nobody has voted yet this quarter
    sign_in(resident).put(ballot, {"ranking": [lights]}, **JSON)
    assert shown(client)[0] == "Lights"
    assert Ballot.objects.count() == 3


def test_what_cannot_be_ranked(officer: User, resident: User, sign_in: Any) -> None:
    [lights] = add(sign_in(officer), "Lights")
    ballot = f"{AREA}/priorities/ballot"
    for ranking in ([lights, lights], [], ["00000000-0000-4000-8000-000000000000"]):
        assert sign_in(resident).put(ballot, {"ranking": ranking}, **JSON).status_code == 400
    assert sign_in(officer).put(ballot, {"ranking": [lights]}, **JSON).status_code == 403
    sign_in(officer).patch(f"/api/v1/priorities/{lights}", {"outcome": "Repaired."}, **JSON)
    assert sign_in(resident).put(ballot, {"ranking": [lights]}, **JSON).status_code == 400
    assert Ballot.objects.count() == 0


def test_papers_of_a_meeting_count_no_more_than_people_came(
    officer: User, client: Any, sign_in: Any, meeting: Occurrence
) -> None:
    staff = sign_in(officer)
    lights, speeding = add(staff, "Lights", "Speeding")
    papers = {"occurrence": str(meeting.pk), "ballots": [[speeding], [speeding, lights]]}
    refused = staff.put(f"{AREA}/priorities/paper-ballots", papers, **JSON)
    assert (refused.status_code, refused.json()["type"]) == (409, "no-attendance")
    staff.put(path(meeting), {"attendance": 2}, **JSON)
    for _ in range(2):
        assert staff.put(f"{AREA}/priorities/paper-ballots", papers, **JSON).json() == {"recorded": 2}
    assert (shown(client), Ballot.objects.count()) == (["Speeding", "Lights"], 2)
    more = {**papers, "ballots": [[lights]] * 3}
    assert staff.put(f"{AREA}/priorities/paper-ballots", more, **JSON).status_code == 400
    assert Ballot.objects.count() == 2


def test_an_action_has_a_date_and_an_outcome_closes(officer: User, client: Any, sign_in: Any) -> None:
    staff = sign_in(officer)
    [lights] = add(staff, "Lights")
    one = f"/api/v1/priorities/{lights}"
    assert staff.patch(one, {"action": "Ask the utility."}, **JSON).status_code == 400
    done = staff.patch(one, {"action": "Ask the utility.", "action_on": "2026-12-10"}, **JSON).json()
    assert (done["action"], done["action_on"], done["status"]) == ("Ask the utility.", "2026-12-10", "open")
    staff.patch(one, {"outcome": "Repaired."}, **JSON)
    listed = client.get(f"{AREA}/priorities").json()
    assert (listed["open"], listed["closed"][0]["outcome"]) == ([], "Repaired.")
    assert staff.patch(one, {"outcome": "Again."}, **JSON).json()["type"] == "already-closed"


# --- commitments --------------------------------------------------------------------------------------

PROMISE = {"promise": "We will ask for a stop sign.", "promised_by": "Captain", "due_on": "2026-12-31"}


def promised(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{AREA}/commitments").json()
    return found


def test_a_commitment_stays_until_closed_whatever_becomes_of_its_meeting(
    officer: User, client: Any, sign_in: Any, meeting: Occurrence, now: time_machine.Traveller
) -> None:
    made = sign_in(officer).post(f"{AREA}/commitments", {**PROMISE, "occurrence": str(meeting.pk)}, **JSON)
    assert made.status_code == 201, made.json()
    Event.objects.filter(pk=meeting.event_id).delete()
    now.move_to(at("2027-01-02 10:00"))
    assert [(c["promise"], c["is_overdue"]) for c in promised(client)] == [(PROMISE["promise"], True)]
    close = f"/api/v1/commitments/{made.json()['id']}/close"
    staff = sign_in(officer)
    assert staff.post(close, {"status": "kept"}, **JSON).status_code == 400
    assert (
        staff.post(close, {"status": "partly_kept", "outcome": "A sign is ordered."}, **JSON).status_code
        == 200
    )
    assert staff.post(close, {"status": "kept", "outcome": "x"}, **JSON).json()["type"] == "already-closed"
    assert [(c["status"], c["is_overdue"]) for c in promised(client)] == [("partly_kept", False)]


def test_residents_rate_an_outcome_and_few_ratings_are_not_shown(
    officer: User, resident: User, client: Any, sign_in: Any
) -> None:
    made = sign_in(officer).post(f"{AREA}/commitments", PROMISE, **JSON).json()
    rating = f"/api/v1/commitments/{made['id']}/rating"
    assert sign_in(resident).put(rating, {"rating": 5}, **JSON).json()["type"] == "still-open"
    close = {"status": "kept", "outcome": "It stands."}
    sign_in(officer).post(f"/api/v1/commitments/{made['id']}/close", close, **JSON)
    people = [sign_in(neighbor(n)) for n in range(4)]
    for person, mark in zip(people, (1, 5, 5, 5), strict=True):
        assert person.put(rating, {"rating": mark}, **JSON).status_code == 200
    people[0].put(rating, {"rating": 5}, **JSON)  # takes the place of the 1
    assert promised(client)[0]["rating"] is None
    sign_in(resident).put(rating, {"rating": 3}, **JSON)
    assert promised(client)[0]["rating"] == 4.6
    assert sign_in(officer).put(rating, {"rating": 5}, **JSON).status_code == 403
    residents.delete(resident)
    assert Commitment.objects.get().ratings.count() == 4


def test_nothing_is_promised_for_yesterday_or_by_outsiders(
    officer: User, outsider: User, sign_in: Any
) -> None:
    answer = sign_in(officer).post(f"{AREA}/commitments", {**PROMISE, "due_on": "2026-11-21"}, **JSON)
    assert answer.json()["errors"][0]["pointer"] == "/due_on"
    assert sign_in(outsider).post(f"{AREA}/commitments", PROMISE, **JSON).status_code == 403


def test_lists_cost_the_same_however_long_they_are(
    officer: User, client: Any, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    staff = sign_in(officer)
    add(staff, *(f"Problem {n}" for n in range(6)))
    for _ in range(6):
        staff.post(f"{AREA}/commitments", PROMISE, **JSON)
    for tail in ("priorities", "commitments"):
        with django_assert_max_num_queries(8):
            client.get(f"{AREA}/{tail}")
