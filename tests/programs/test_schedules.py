"""Random schedules of what several people do to one month of rides at once: no quota, cap or rule ever breaks.

What is promised to people is read back from the rows, by plain counting that shares no code with the services.
"""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.residents import delete as delete_account
from backend.errors import DomainError
from backend.programs import draw, eligibility
from backend.programs.models import Application, Cohort, Program, RideSlot
from backend.programs.services import applying, catalogue, moving, rides
from backend.roster.models import Area, StaffMember
from tests.programs.factories import local, make_cohort, make_manager, make_program, make_resident

MONTH, WATCH, PLACES = 6, 1, 5
RULES = [
    ("participation", None, 1),
    ("places_a_month", None, MONTH),
    ("places_a_watch", None, WATCH),
    ("officer_once", None, None),
    ("screening", None, None),
]
WORKERS = 6
BEATS = ("slmpd-beat-401", "slmpd-beat-402", "slmpd-beat-201")


@pytest.fixture
def program(real_city: None) -> Program:
    return make_program("slmpd-ride-along", "ride_along", rules=RULES)


def officers() -> list[StaffMember]:
    return [StaffMember.objects.get(assignments__area__slug=beat, is_demo=True) for beat in BEATS]


def seat(officer: StaffMember, beat: str, day: int, watch: str) -> rides.Ride:
    start = local(f"2026-12-{day:02} {'10' if watch == 'first' else '18'}:00")
    return rides.Ride(Area.objects.get(slug=beat), officer, watch, start, start + timedelta(hours=4))


def asked(cohort: Cohort, n: int) -> applying.Asked:
    return applying.Asked(cohort=cohort, name=f"Rider {n}", person=eligibility.Person(date(1990, 1, 1)))


def offer_all(cohort: Cohort, by: User, days: range) -> None:
    seats = [
        seat(officer, beat, day, watch)
        for day in days
        for watch in ("first", "second")
        for officer, beat in zip(officers(), BEATS, strict=True)
    ]
    rides.offer_rides(cohort=cohort, rides=seats, by=by)


def at_once(scripts: list[list[Callable[[], object]]]) -> Counter[str]:
    """Runs the scripts beside each other; refusals are counted by type, anything else is a failure."""
    together = Barrier(len(scripts))

    def play(script: list[Callable[[], object]]) -> Counter[str]:
        said: Counter[str] = Counter()
        try:
            together.wait(20)
            for action in script:
                try:
                    action()
                    said["done"] += 1
                except DomainError as refusal:
                    said[refusal.type or type(refusal).__name__] += 1
        finally:
            connection.close()
        return said

    with ThreadPoolExecutor(len(scripts)) as pool:
        return sum(pool.map(play, scripts), Counter())


def check_promises(program: Program) -> None:
    """Counted by hand from the rows."""
    held = list(Application.objects.filter(program=program, has_place=True).select_related("slot", "cohort"))
    slots = [a.slot for a in held if a.slot]
    assert len(slots) == len(held)
    assert len({slot.pk for slot in slots}) == len(slots), "two in one seat"
    assert all(slot.cancelled_at is None for slot in slots), "a place in a car that does not go"
    for month, count in Counter((s.on.year, s.on.month) for s in slots).items():
        assert count <= MONTH, month
    for watch, count in Counter((s.on, s.watch) for s in slots).items():
        assert count <= WATCH, watch
    for person, count in Counter((a.person_index, a.slot.on.year) for a in held if a.slot).items():
        assert count <= 1, person
    for cohort, count in Counter(a.cohort for a in held).items():
        assert cohort.places is None or count <= cohort.places, cohort
    for application in Application.objects.filter(program=program).select_related("slot"):
        placed = application.status in ("accepted", "completed", "no_show")
        assert application.has_place or not placed
        assert application.slot is None or application.has_place
        assert application.slot is None or application.slot.cohort_id == application.cohort_id


def script_of(chance: random.Random, program: Program, staff: User, clients: list[User]) -> list[Any]:
    """Some thirty acts of one person of staff, or of residents, each found anew when its turn comes."""

    def any_of(**wanted: Any) -> Application | None:
        rows = list(Application.objects.filter(program=program, **wanted).order_by("pk")[:50])
        return chance.choice(rows) if rows else None

    def apply() -> None:
        n = chance.randrange(len(clients))
        cohort = chance.choice(list(Cohort.objects.filter(program=program)))
        applying.apply(asked=asked(cohort, n % 12), by=clients[n])

    def withdraw() -> None:
        if (found := any_of()) and found.applicant:
            moving.withdraw(application=found, by=found.applicant)

    def move(name: str, **words: str) -> None:
        if found := any_of():
            moving.move_application(application=found, move=name, by=staff, **words)

    def screen() -> None:
        if found := any_of():
            moving.screen_application(application=found, cleared=chance.random() < 0.8, by=staff)

    def call_away() -> None:
        slots = list(RideSlot.objects.filter(cohort__program=program, cancelled_at=None))
        if slots:
            rides.cancel_ride(slot=chance.choice(slots), reason="Called away.", by=staff)

    def rebook() -> None:
        if (found := any_of(status="accepted")) and found.applicant:
            rides.rebook(application=found, by=found.applicant)

    def places() -> None:
        cohort = chance.choice(list(Cohort.objects.filter(program=program)))
        catalogue.change_places(cohort=cohort, places_now=chance.choice([3, PLACES, 8]), by=staff)

    def offer() -> None:
        cohort = chance.choice(list(Cohort.objects.filter(program=program)))
        officer, beat = chance.choice(list(zip(officers(), BEATS, strict=True)))
        extra = seat(officer, beat, chance.randrange(20, 28), chance.choice(["first", "second"]))
        rides.offer_rides(cohort=cohort, rides=[extra], by=staff)

    acts: list[tuple[Callable[[], None], int]] = [
        (apply, 8),
        (withdraw, 4),
        (lambda: move("review"), 4),
        (screen, 6),
        (lambda: move("accept"), 4),
        (lambda: move("decline", code="other", words="No."), 1),
        (lambda: move("waitlist"), 1),
        (call_away, 1),
        (rebook, 2),
        (places, 1),
        (offer, 2),
    ]
    return chance.choices([act for act, _ in acts], [weight for _, weight in acts], k=30)


@pytest.mark.parametrize("seed", range(3))
def test_what_several_people_do_at_once_breaks_no_rule(program: Program, seed: int) -> None:
    chance = random.Random(seed)
    staff = [make_manager(program, f"staff{n}@example.org") for n in range(3)]
    clients = [make_resident(f"rider{n}@example.org") for n in range(18)]
    for mode in ("first_come", "review"):
        cohort = make_cohort(program, name=mode, mode=mode, places=PLACES, starts_in=8, days=30)
        offer_all(cohort, staff[0], range(5, 8) if mode == "review" else range(8, 11))
    for _ in range(2):
        scripts = [
            script_of(random.Random(chance.random()), program, chance.choice(staff), clients)
            for _ in range(WORKERS)
        ]
        said = at_once(scripts)
        assert said["done"] > 20, said
        check_promises(program)


def test_two_hundred_applicants_for_one_seat_in_the_same_second(program: Program) -> None:
    program.rules.filter(kind="screening").delete()
    cohort = make_cohort(program, mode="first_come", starts_in=8, days=30)
    rides.offer_rides(
        cohort=cohort, rides=[seat(officers()[0], BEATS[0], 9, "first")], by=make_manager(program)
    )
    clients = [make_resident(f"rider{n}@example.org") for n in range(200)]
    scripts: list[list[Callable[[], object]]] = [
        [
            lambda n=n: applying.apply(asked=asked(cohort, n), by=clients[n])  # type: ignore[misc]
            for n in range(k, 200, 8)
        ]
        for k in range(8)
    ]
    assert at_once(scripts) == Counter(done=200)
    assert Application.objects.filter(status="accepted").count() == 1
    assert Application.objects.filter(status="waitlisted").count() == 199
    assert Application.objects.get(status="accepted").turn == 1
    turns = sorted(Application.objects.values_list("turn", flat=True))
    assert turns == list(range(1, 201))
    check_promises(program)


def test_a_draw_by_three_at_once_is_held_once_while_people_withdraw(program: Program) -> None:
    program.rules.filter(kind="screening").delete()
    staff = [make_manager(program, f"staff{n}@example.org") for n in range(3)]
    cohort = make_cohort(program, mode="review", places=PLACES, starts_in=8, days=30)
    offer_all(cohort, staff[0], range(8, 12))
    clients = [make_resident(f"rider{n}@example.org") for n in range(15)]
    for n, client in enumerate(clients):
        applying.apply(asked=asked(cohort, n), by=client)
    seed = draw.new_seed()
    Cohort.objects.filter(pk=cohort.pk).update(
        mode="draw", seed=seed, seed_hash=draw.seed_hash(seed), closes_at=timezone.now()
    )
    leaving = list(Application.objects.filter(cohort=cohort)[:5])
    scripts: list[list[Callable[[], object]]] = [
        *([lambda by=by: rides.hold_draw(cohort=cohort, by=by)] for by in staff),  # type: ignore[misc]
        [
            lambda one=one: moving.withdraw(application=one, by=one.applicant)  # type: ignore[misc]
            for one in leaving
        ],
    ]
    said = at_once(scripts)
    assert (said["done"], said["already-drawn"]) == (6, 2)
    order = rides.drawn(cohort)
    assert order == draw.order(seed, order)
    held = Application.objects.filter(cohort=cohort, has_place=True)
    assert held.count() == PLACES
    # Nobody overtakes: whoever was drawn, stays and has no place comes after all who have one, or fits nowhere.
    waiting = Application.objects.filter(cohort=cohort, status="waitlisted").values_list("turn", flat=True)
    assert max(held.values_list("turn", flat=True)) < min(waiting)
    check_promises(program)


def test_programs_do_not_stop_each_other(program: Program) -> None:
    """Accounts that end with places in two programs, beside people who apply and intakes that are called off."""
    program.rules.all().delete()
    other = make_program("other", "interest")
    staff = make_manager(program)
    staff.program_seats.create(program=other, role="manager", since=date(2024, 1, 1))
    cohorts = [make_cohort(p, mode="first_come", places=3) for p in (make_program("third", "camp"), other)]
    leaving = [make_resident(f"leaves{n}@example.org") for n in range(6)]
    coming = [make_resident(f"comes{n}@example.org") for n in range(12)]
    for n, resident in enumerate(leaving):
        for cohort in cohorts:
            applying.apply(asked=asked(cohort, n), by=resident)
    off = [make_cohort(other, name=f"Off {n}", mode="first_come") for n in range(4)]
    scripts: list[list[Callable[[], object]]] = [
        *([lambda r=r: delete_account(r) for r in leaving[k::3]] for k in range(3)),  # type: ignore[misc]
        *(
            [
                lambda n=n, c=c: applying.apply(asked=asked(c, 100 + n), by=coming[n])  # type: ignore[misc]
                for n in range(k, 12, 2)
                for c in reversed(cohorts)
            ]
            for k in range(2)
        ),
        [lambda c=c: catalogue.cancel_cohort(cohort=c, reason="Off.", by=staff) for c in off],  # type: ignore[misc]
    ]
    said = at_once(scripts)  # a deadlock is no refusal: it would fail here
    assert said == Counter(done=6 + 24 + 4)
    assert User.objects.filter(kind="resident").count() == 12
    for cohort in cohorts:
        assert Application.objects.filter(cohort=cohort, has_place=True).count() == 3
