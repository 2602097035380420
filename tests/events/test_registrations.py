"""Places at a date: never more than there are, the line in order, nobody twice."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from backend.accounts import residents
from backend.accounts.models import AuditRow, User
from backend.errors import DomainError, NotFound
from backend.events import services
from backend.events.models import Event, Occurrence, Registration
from backend.events.services.messages import send_reminders
from backend.notifications.models import Message, Notice, Recipient
from backend.notifications.registry import KINDS
from backend.prune import prune
from tests.events.factories import at, post

JSON = {"content_type": "application/json"}


def neighbor(n: int, phone: bool = False) -> User:
    user = User(kind=User.Kind.RESIDENT)
    user.set_unusable_password()
    if phone:
        user.set_phone(f"+1314555{1000 + n}")
    else:
        user.set_email(f"neighbor{n}@example.org")
    user.save()
    return user


def a_date(by: User, capacity: int | None = 2, **changes: Any) -> Occurrence:
    changes = {"rrule": "", "takes_registrations": True, "capacity": capacity, **changes}
    return post(by, **changes).occurrences.get()


def path(date: Occurrence, tail: str = "registration") -> str:
    return f"/api/v1/occurrences/{date.pk}/{tail}"


def states(date: Occurrence) -> list[str]:
    return list(date.registrations.order_by("number").values_list("status", flat=True))


def test_a_resident_registers_comes_with_more_and_gives_the_place_back(
    officer: User, resident: User, client: Any, sign_in: Any
) -> None:
    date, me = a_date(officer, capacity=3), sign_in(resident)
    assert client.post(path(date), {}, **JSON).status_code == 401
    answer = me.post(path(date), {"party_size": 2, "remind_hours": [2, 24, 2]}, **JSON)
    assert answer.status_code == 201, answer.json()
    mine = answer.json()
    assert (mine["status"], mine["party_size"], mine["remind_hours"], mine["ahead"]) == (
        "confirmed",
        2,
        [24, 2],
        None,
    )
    assert me.post(path(date), {}, **JSON).json()["type"] == "already-registered"
    one = f"/api/v1/registrations/{mine['id']}"
    assert me.get("/api/v1/registrations").json() == [mine]
    assert me.get(f"{one}/qr")["Content-Type"] == "image/svg+xml"
    assert me.patch(one, {"party_size": 3}, **JSON).json()["party_size"] == 3
    assert me.patch(one, {"party_size": 4}, **JSON).status_code == 400
    assert me.delete(one).json()["status"] == "cancelled"
    assert me.delete(one).status_code == 200
    assert me.get("/api/v1/registrations").json() == []
    assert me.post(path(date), {}, **JSON).status_code == 201


def test_who_does_not_fit_waits_and_nobody_overtakes(officer: User, sign_in: Any) -> None:
    date = a_date(officer, capacity=3)
    people = [neighbor(n, phone=n == 1) for n in range(4)]
    first = services.register(occurrence=date, by=people[0], party_size=2)
    family = services.register(occurrence=date, by=people[1], party_size=2)
    single = services.register(occurrence=date, by=people[2])  # one place is free, but the family was first
    assert states(date) == ["confirmed", "waitlisted", "waitlisted"]
    shown = sign_in(people[2]).get(f"/api/v1/registrations/{single.pk}").json()
    assert (shown["status"], shown["ahead"]) == ("waitlisted", 1)
    services.cancel_registration(registration=first, by=people[0])
    assert states(date) == ["cancelled", "confirmed", "confirmed"]
    assert [n.kind for n in Notice.objects.filter(kind="registration_promoted")] == ["registration_promoted"]
    told = Notice.objects.get(kind="registration_promoted")
    assert told.body.startswith("You have a place: Morning roll call, Fri Nov 27, 7:30 am, Soulard Market.")
    assert KINDS[told.kind].still_true(told.subject_id, timezone.now())
    services.cancel_registration(registration=family, by=people[1])
    assert not KINDS[told.kind].still_true(told.subject_id, timezone.now())


def test_more_places_give_places_to_those_who_wait(officer: User, sign_in: Any) -> None:
    date = a_date(officer, capacity=1)
    for n in range(3):
        services.register(occurrence=date, by=neighbor(n))
    answer = sign_in(officer).patch(f"/api/v1/events/{date.event_id}", {"capacity": 2}, **JSON)
    assert answer.status_code == 200
    assert states(date) == ["confirmed", "confirmed", "waitlisted"]
    sign_in(officer).patch(f"/api/v1/events/{date.event_id}", {"capacity": 1}, **JSON)
    assert states(date) == ["confirmed", "confirmed", "waitlisted"]  # nobody loses a place


@pytest.mark.parametrize(
    ("change", "type"),
    [
        ({"takes_registrations": False, "capacity": None}, "no-registration"),
        ({"status": "draft"}, "not-found"),
    ],
)
def test_where_nobody_registers(
    officer: User, resident: User, sign_in: Any, change: dict[str, Any], type: str
) -> None:
    answer = sign_in(resident).post(path(a_date(officer, **change)), {}, **JSON)
    assert answer.json()["type"] == type


def test_a_cancelled_date_takes_nobody_and_tells_who_registered(officer: User, sign_in: Any) -> None:
    date, user = a_date(officer), neighbor(1, phone=True)
    services.register(occurrence=date, by=user)
    Recipient.objects.filter(address_index=user.phone_index).update(consent=Recipient.ConsentState.GIVEN)
    services.cancel_occurrence(event=date.event, recurrence_id=date.recurrence_id, by=officer)
    told = Message.objects.filter(
        notice__kind="occurrence_cancelled", recipient__address_index=user.phone_index
    )
    assert told.count() == 1
    answer = sign_in(neighbor(2)).post(path(date), {}, **JSON)
    assert (answer.status_code, answer.json()["type"]) == (409, "already-cancelled")


def test_a_series_does_not_lose_a_day_that_people_count_on(
    officer: User, resident: User, sign_in: Any
) -> None:
    event = post(officer, takes_registrations=True)
    services.register(occurrence=event.occurrences.all()[1], by=resident)
    fewer = {"rrule": "FREQ=WEEKLY;BYDAY=FR;COUNT=2"}
    answer = sign_in(officer).patch(f"/api/v1/events/{event.id}", fewer, **JSON)
    assert (answer.status_code, answer.json()["type"]) == (409, "people-registered")
    assert event.occurrences.count() == 9


def test_reminders_are_queued_once_and_in_time(officer: User, now: time_machine.Traveller) -> None:
    date, user = a_date(officer), neighbor(1, phone=True)
    services.register(occurrence=date, by=user, remind_hours=[24, 2])
    for moment, count in [
        ("2026-11-26 07:29", 0),
        ("2026-11-26 07:31", 1),
        ("2026-11-26 07:36", 1),
        ("2026-11-27 05:31", 2),
        ("2026-11-27 07:31", 2),
    ]:
        now.move_to(at(moment))
        send_reminders(timezone.now())
        assert Notice.objects.filter(kind="registration_reminder").count() == count, moment


def test_a_late_reminder_is_none(officer: User, now: time_machine.Traveller) -> None:
    date = a_date(officer)
    services.register(occurrence=date, by=neighbor(1, phone=True), remind_hours=[24])
    now.move_to(at("2026-11-26 09:00"))
    send_reminders(timezone.now())
    assert not Notice.objects.filter(kind="registration_reminder").exists()


def test_the_door_checks_codes(officer: User, outsider: User, resident: User, sign_in: Any) -> None:
    date = a_date(officer, capacity=1)
    held = services.register(occurrence=date, by=resident)
    waiting = services.register(occurrence=date, by=neighbor(1))
    door = path(date, "check-in")
    answer = sign_in(officer).post(door, {"code": f" {held.code.lower()} "}, **JSON)
    assert (answer.status_code, answer.json()["party_size"]) == (200, 1)
    assert sign_in(officer).post(door, {"code": held.code}, **JSON).json() == answer.json()
    assert AuditRow.objects.filter(action="checked_in").count() == 1
    assert sign_in(officer).post(door, {"code": waiting.code}, **JSON).json()["type"] == "no-place"
    assert sign_in(officer).post(door, {"code": "000000"}, **JSON).status_code == 404
    assert sign_in(outsider).post(door, {"code": held.code}, **JSON).status_code == 403
    assert sign_in(resident).delete(f"/api/v1/registrations/{held.pk}").json()["type"] == "already-checked-in"


def test_deleting_an_account_gives_the_place_to_who_waits(officer: User, resident: User) -> None:
    date = a_date(officer, capacity=1)
    services.register(occurrence=date, by=resident)
    services.register(occurrence=date, by=neighbor(1))
    assert residents.export(resident)["events"]["registrations"][0]["status"] == "confirmed"
    endings = residents.delete(resident)
    assert "your places at events, your votes and ratings" in {ending.what for ending in endings}
    assert states(date) == ["confirmed"]


def test_registrations_end_90_days_after_the_date(officer: User, resident: User) -> None:
    date = a_date(officer)
    services.register(occurrence=date, by=resident)
    assert prune(date.ends_at + timedelta(days=90))["registrations"] == 0
    assert prune(date.ends_at + timedelta(days=91))["registrations"] == 1


# --- fifty people, five places ------------------------------------------------------------------------

PEOPLE, PLACES, TURNS = 50, 5, 4


def test_fifty_race_for_five_places_and_come_back_at_random(real_city: None) -> None:
    chief = User.objects.create_user(kind="staff", email="chief@example.org", is_administrator=True)
    date = a_date(chief, capacity=PLACES)
    people, together = [neighbor(n) for n in range(PEOPLE)], Barrier(8)
    seen: list[int] = []

    def act(worker: int) -> None:
        chance = random.Random(worker)
        together.wait(30)
        try:
            for _ in range(TURNS):
                for user in chance.sample(people[worker::8], k=len(people[worker::8])):
                    come_or_go(date, user, chance)
                    seen.append(Registration.objects.filter(occurrence=date).taken())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))
    assert max(seen) <= PLACES
    standing = Registration.objects.filter(occurrence=date).standing()
    assert standing.values("user").distinct().count() == standing.count()
    in_order = list(standing.order_by("number").values_list("status", flat=True))
    assert in_order == ["confirmed"] * PLACES + ["waitlisted"] * (len(in_order) - PLACES)
    assert Registration.objects.filter(occurrence=date).taken() == PLACES


def come_or_go(date: Occurrence, user: User, chance: random.Random) -> None:
    held = Registration.objects.filter(occurrence=date, user=user).standing().first()
    if held is None:
        services.register(occurrence=date, by=user)
    elif chance.random() < 0.5:
        services.cancel_registration(registration=held, by=user)


def test_one_person_at_once_twice_has_one_place(real_city: None) -> None:
    chief = User.objects.create_user(kind="staff", email="chief@example.org", is_administrator=True)
    date, user, together = a_date(chief), neighbor(1), Barrier(4)

    def register(_: int) -> str:
        try:
            together.wait(10)
            return services.register(occurrence=date, by=user).status
        except DomainError as refusal:
            return refusal.type
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(register, range(4)))
    assert answers == ["already-registered"] * 3 + ["confirmed"]
    assert Event.objects.filter(pk=date.event_id).exists()


def test_nobody_registers_for_a_day_while_the_series_loses_it(real_city: None) -> None:
    chief = User.objects.create_user(kind="staff", email="chief@example.org", is_administrator=True)
    event = post(chief, takes_registrations=True)
    people, together = [neighbor(n) for n in range(6)], Barrier(7)
    last = event.occurrences.latest("starts_at")

    def act(n: int) -> str:
        try:
            together.wait(10)
            if n < len(people):
                return services.register(occurrence=last, by=people[n]).status
            services.revise_event(event=event, by=chief, rrule="FREQ=WEEKLY;BYDAY=FR;COUNT=2")
            return "shortened"
        except DomainError as refusal:
            return refusal.type
        finally:
            connection.close()

    with ThreadPoolExecutor(7) as pool:
        answers = set(pool.map(act, range(7)))
    there = Occurrence.objects.filter(pk=last.pk).exists()
    not_found = NotFound().type
    assert answers <= ({"confirmed", "people-registered"} if there else {"shortened", not_found})
