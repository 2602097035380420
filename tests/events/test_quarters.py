"""A quarter in one call, last quarter's again, and today's roll call off."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from backend.accounts.models import User
from backend.events.models import Event, Occurrence
from backend.events.services.quarters import next_quarter
from tests.events.factories import at, post

EVENTS, JSON = "/api/v1/events", {"content_type": "application/json"}
PLACES = [{"name": name} for name in ("Soulard Market", "Library", "Station")]
DAYS = {"first_on": "2027-01-01", "last_on": "2027-03-31"}
QUARTER = {"area": "slmpd-district-4", "places": PLACES, **DAYS}


def dates(ids: list[str]) -> list[tuple[str, str]]:
    rows = Occurrence.objects.filter(event__in=ids).select_related("event").order_by("starts_at")
    return [
        (f"{row.starts_at.astimezone(row.event.tz):%Y-%m-%d %H:%M}", row.event.place_name) for row in rows
    ]


def ids_of(answer: Any) -> list[str]:
    assert answer.status_code == 201, answer.json()
    return [event["id"] for event in answer.json()["events"]]


def test_one_call_makes_six_roll_calls_a_weekend_for_a_quarter(captain: User, sign_in: Any) -> None:
    found = dates(ids_of(sign_in(captain).post(f"{EVENTS}/quarter", QUARTER, **JSON)))
    weekend_days = [
        date(2027, 1, 1) + timedelta(days=n)
        for n in range(90)
        if (date(2027, 1, 1) + timedelta(days=n)).weekday() >= 4
    ]
    assert [when for when, _ in found] == [
        f"{day} {hour}" for day in weekend_days for hour in ("07:30", "15:00")
    ]
    fridays = [
        place for when, place in found if date.fromisoformat(when[:10]).weekday() == 4 and "07:30" in when
    ]
    assert fridays[:4] == ["Soulard Market", "Library", "Station", "Soulard Market"]
    first_weekend = [place for when, place in found if when < "2027-01-04"]
    assert sorted(first_weekend) == sorted([place["name"] for place in PLACES] * 2)
    assert {row.status for row in Occurrence.objects.filter(starts_at__gte=at("2027-01-01 00:00"))} == {
        "scheduled"
    }


def test_next_quarter_is_meant_where_no_days_are_given(captain: User, sign_in: Any) -> None:
    found = dates(
        ids_of(sign_in(captain).post(f"{EVENTS}/quarter", {**QUARTER, "places": PLACES[:1]}, **JSON))
    )
    assert (found[0][0], found[-1][0]) == ("2027-01-01 07:30", "2027-03-28 15:00")


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 11, 22), date(2027, 1, 1), date(2027, 3, 31)),
        (date(2027, 1, 1), date(2027, 4, 1), date(2027, 6, 30)),
        (date(2027, 6, 30), date(2027, 7, 1), date(2027, 9, 30)),
        (date(2028, 9, 1), date(2028, 10, 1), date(2028, 12, 31)),
    ],
)
def test_quarters(day: date, first: date, last: date) -> None:
    assert next_quarter(day) == (first, last)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"places": []}, 400),
        ({"area": "nowhere"}, 400),
        ({"last_on": "2027-12-31"}, 400),
        ({"first_on": "2026-01-02", "last_on": "2026-03-31"}, 400),
        ({"area": "slmpd-district-2"}, 403),
        ({"places": [{"name": "<b>x</b>"}]}, 400),
    ],
)
def test_all_of_it_or_nothing(captain: User, sign_in: Any, change: dict[str, Any], status: int) -> None:
    before = Event.objects.count()
    answer = sign_in(captain).post(f"{EVENTS}/quarter", {**QUARTER, **change}, **JSON)
    assert answer.status_code == status, answer.json()
    assert Event.objects.count() == before


def test_last_quarters_go_on_in_step(captain: User, sign_in: Any, now: time_machine.Traveller) -> None:
    staff = sign_in(captain)
    kind = {"kind": "cleanup"}
    first = ids_of(staff.post(f"{EVENTS}/quarter", {**QUARTER, **kind}, **JSON))
    now.move_to(at("2027-03-20 10:00"))
    staff = sign_in(captain)
    copied = ids_of(
        staff.post(
            f"{EVENTS}/copy",
            {**kind, "area": "slmpd-district-4", "first_on": "2027-04-01", "last_on": "2027-06-30"},
            **JSON,
        )
    )
    mornings = [place for when, place in dates(first + copied) if "07:30" in when]
    fridays = mornings[::3]
    assert fridays == [PLACES[n % 3]["name"] for n in range(len(fridays))]
    assert dates(copied)[0][0] == "2027-04-02 07:30"
    assert dates(copied)[-1][0] == "2027-06-27 15:00"
    again = staff.post(
        f"{EVENTS}/copy",
        {**kind, "area": "slmpd-district-4", "first_on": "2027-04-01", "last_on": "2027-06-30"},
        **JSON,
    )
    assert (again.status_code, again.json()["type"]) == (409, "nothing-to-copy")


def test_one_tap_cancels_todays_roll_call_and_proposes_make_ups(
    officer: User, client: Any, sign_in: Any, now: time_machine.Traveller
) -> None:
    event = post(officer, organiser=officer.staff_member)
    now.move_to(at("2026-11-27 06:50"))
    staff = sign_in(officer)
    answer = staff.post(f"{EVENTS}/cancel-today", {"reason": "Called away."}, **JSON)
    assert answer.status_code == 200, answer.json()
    told = answer.json()
    assert (told["event"], told["cancelled"]["status"]) == (str(event.id), "cancelled")
    # The weekend's other days are its own dates already.
    proposed = [make_up["starts_at"] for make_up in told["make_ups"]]
    assert [start[:16] for start in proposed] == [
        f"{day}T07:30" for day in ("2026-11-30", "2026-12-01", "2026-12-02")
    ]
    make_up = f"{EVENTS}/{event.id}/occurrences/20261127T073000/make-up"
    made = staff.post(make_up, {"starts_at": proposed[0]}, **JSON)
    assert made.status_code == 201, made.json()
    assert dates([made.json()["id"]]) == [("2026-11-30 07:30", "Soulard Market")]
    again = staff.post(f"{EVENTS}/cancel-today", {}, **JSON)
    assert (again.status_code, again.json()["type"]) == (409, "none-today")


def test_of_several_today_the_officer_is_asked(
    captain: User, sign_in: Any, now: time_machine.Traveller
) -> None:
    titles = {"One", "Two"}
    for title in titles:
        post(captain, title=title, organiser=captain.staff_member)
    now.move_to(at("2026-11-27 06:50"))
    answer = sign_in(captain).post(f"{EVENTS}/cancel-today", {}, **JSON)
    assert (answer.status_code, answer.json()["type"]) == (409, "several-today")
    assert {one["title"] for one in answer.json()["occurrences"]} == titles
    assert not Occurrence.objects.filter(event__title__in=titles, status="cancelled").exists()


def test_a_roll_call_of_another_district_is_not_mine_today(
    captain: User, sign_in: Any, now: time_machine.Traveller
) -> None:
    chief = User.objects.create_user(kind="staff", email="chief@example.org", is_administrator=True)
    post(chief, area="slmpd-district-2")
    now.move_to(at("2026-11-27 06:50"))
    answer = sign_in(captain).post(f"{EVENTS}/cancel-today", {}, **JSON)
    assert answer.json()["type"] == "none-today"


def test_what_takes_place_is_not_made_up_for(officer: User, sign_in: Any) -> None:
    event = post(officer)
    make_up = f"{EVENTS}/{event.id}/occurrences/20261127T073000/make-up"
    answer = sign_in(officer).post(make_up, {"starts_at": "2026-12-01T07:30:00-06:00"}, **JSON)
    assert (answer.status_code, answer.json()["type"]) == (409, "not-cancelled")


def test_warnings_of_a_quarter_cost_a_handful_of_statements_a_series(
    captain: User, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    staff = sign_in(captain)
    with django_assert_max_num_queries(6 * 40):
        ids_of(staff.post(f"{EVENTS}/quarter", {**QUARTER, "places": PLACES[:1]}, **JSON))
