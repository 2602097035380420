"""The demo's programs: every one of the catalogue, a class in mid-course, a full month of rides, a finished award.

Invented throughout. What lies in the past is done by the same services as everything else, with their clock put back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from unittest.mock import patch

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.demo.city import FIRST_NAMES
from backend.events.ical import Place
from backend.programs import eligibility
from backend.programs.models import (
    Application,
    ApplicationChange,
    Cohort,
    Nomination,
    Program,
    Rule,
    Seat,
    Supply,
)
from backend.programs.services import (
    applying,
    attendance,
    catalogue,
    classes,
    community,
    moving,
    nominations,
    registry,
    rides,
    waivers,
)
from backend.programs.services.importing import import_catalogue
from backend.roster.models import Agency, Area, StaffMember

ACADEMY, RIDES, AWARD = "citizens-academy", "slmpd-ride-along", "do-the-right-thing"
WAIVER = (
    "I ride along at my own wish. I do what the officer says, stay in the car when told to, record nothing, and tell "
    "nobody whom I saw. I know that police work can be dangerous. This text belongs to the demo and is no contract."
)
FAMILY_NAMES = ("Example", "Sample", "Specimen")
BORN = date(1990, 5, 17)


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """The services' clock shows that moment: what the demo did some weeks ago, it did then.

    For the whole process, which does nothing else meanwhile. Columns that default to the time know the true clock
    alone, so they are put back too.
    """
    began = timezone.now()
    with patch.object(timezone, "now", lambda: moment):
        yield
    for model, column in (
        (Application, "created_at"),
        (ApplicationChange, "at"),
        (Cohort, "created_at"),
        (Nomination, "created_at"),
    ):
        model.objects.filter(**{f"{column}__gte": began}).update(**{column: moment})


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


@transaction.atomic
def load_programs(by: User) -> None:
    """Loads them beside the rest of the demo; `by` is its administrator."""
    import_catalogue(by=by)
    today = timezone.localdate()
    for program in Program.objects.all():
        catalogue.revise_program(program=program, by=by, confirm=True)
    people = [_resident(n) for n in range(14)]
    _load_academy(by, people, today)
    _load_rides(by, people, today)
    _load_award(by, people, today)
    _load_intakes(by, people, today)
    _load_community(by, people, today)


def _resident(n: int) -> User:
    return User.objects.create_user(kind=User.Kind.RESIDENT, email=f"resident{n}@demo.invalid")


def _name(n: int) -> str:
    return f"{FIRST_NAMES[n % len(FIRST_NAMES)]} {FAMILY_NAMES[n // len(FIRST_NAMES) % len(FAMILY_NAMES)]}"


def _program(slug: str) -> Program:
    return Program.objects.get(slug=slug)


def _apply(cohort: Cohort, n: int, by: User, *, born_on: date | None = BORN, **more: Any) -> Application:
    person = eligibility.Person(born_on, lives_in_city=True, owns_business=False, is_enrolled=True)
    asked = applying.Asked(cohort=cohort, name=_name(n), person=person, **more)
    return applying.apply(asked=asked, by=by)


def _clear(application: Application, by: User) -> Application:
    """Reviewed, and through the records check where there is one."""
    if application.status == Application.Status.SUBMITTED:
        moving.move_application(application=application, move="review", by=by)
    if Rule.objects.filter(program=application.program_id, kind=Rule.Kind.SCREENING).exists():
        moving.screen_application(application=application, cleared=True, by=by)
    application.refresh_from_db()
    return application


# --- a class in mid-course ----------------------------------------------------------------------------


def _load_academy(by: User, people: list[User], today: date) -> None:
    """Some Wednesdays are over; one of the class has missed most of them, one a single evening."""
    last_wednesday = today - timedelta(days=(today.weekday() - 2) % 7 or 7)
    first_on = last_wednesday - timedelta(weeks=5)
    with as_of(at(first_on - timedelta(days=60), 9)):
        cohort = catalogue.open_cohort(
            program=_program(ACADEMY),
            intake=catalogue.Intake(
                name=f"Class of {first_on:%B %Y}",
                mode=Cohort.Mode.REVIEW,
                starts_on=first_on,
                ends_on=first_on + timedelta(weeks=11),
                opens_at=at(first_on - timedelta(days=59), 9),
                closes_at=at(first_on - timedelta(days=30), 17),
                places=30,
                place_name="Police Academy",
                place_address="315 S Tucker Blvd",
            ),
            by=by,
        )
        classes.plan_course(
            cohort=cohort,
            plan=classes.Plan(
                first_on=first_on,
                start_time=time(18),
                duration_minutes=180,
                areas=[Area.objects.get(slug="slmpd-patrol-area-central")],
            ),
            by=by,
        )
    answers = {"tie_to_city": "I live in it", "city_address": "1915 Olive St", "reason": "To understand."}
    with as_of(at(first_on - timedelta(days=40), 12)):
        members = [_clear(_apply(cohort, n, people[n], answers=answers), by) for n in range(10)]
        for member in members:
            moving.move_application(application=member, move="accept", by=by)
    for session in classes.with_times(cohort.sessions.all()):
        if classes.times_of(session).ends_at < timezone.now():
            away = {members[9].pk} if session.number > 1 else {members[session.number].pk}
            present = [m.pk for m in members if m.pk not in away]
            attendance.note_attendance(
                cohort=cohort, number=session.number, present=present, absent=[], by=by
            )


# --- a full month of rides ----------------------------------------------------------------------------


def _load_rides(by: User, people: list[User], today: date) -> None:
    """Drawn: as many seats as a month has by the common rule, all taken, and some people in the line."""
    program = _program(RIDES)
    waivers.publish_waiver(program=program, text=WAIVER, is_witnessed=False, by=by)
    opened, starts_on = today - timedelta(days=12), today + timedelta(days=16)
    with as_of(at(opened - timedelta(days=1), 9)):
        cohort = catalogue.open_cohort(
            program=program,
            intake=catalogue.Intake(
                name=f"From {starts_on:%B} {starts_on.day}, four weeks",
                mode=Cohort.Mode.DRAW,
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=27),
                opens_at=at(opened, 9),
                closes_at=at(today - timedelta(days=2), 17),
            ),
            by=by,
        )
        rides.offer_rides(cohort=cohort, rides=list(_seats(starts_on)), by=by)
    with as_of(at(opened, 12)):
        answers = {"emergency_contact": "A neighbor, 314-555-0199"}
        applications = [_apply(cohort, n, people[n], answers=answers) for n in range(10)]
        for application in applications:
            _clear(application, by)
    with as_of(at(today - timedelta(days=2), 18)):
        rides.hold_draw(cohort=cohort, by=by)
    text_hash = waivers.hash_of(WAIVER)
    for application in Application.objects.filter(cohort=cohort, has_place=True).select_related("program"):
        owner = people[applications.index(application)]
        now = timezone.now()
        waivers.sign_waiver(
            application=application,
            text_hash=text_hash,
            role="participant",
            name=application.name,
            device_at=now,
            by=owner,
        )


def _seats(starts_on: date) -> Iterator[rides.Ride]:
    """Six seats in six beats: within four weeks that begin in one month and end in the next, none breaks a quota."""
    beats = Area.objects.filter(kind=Area.Kind.BEAT, agency__slug="slmpd").order_by("slug")[:6]
    for n, beat in enumerate(beats):
        start = at(starts_on + timedelta(days=4 * n), 16)
        officer = StaffMember.objects.get(assignments__area=beat, assignments__role="beat_officer")
        yield rides.Ride(beat, officer, "second", start, start + timedelta(hours=4))


# --- a finished month of the award --------------------------------------------------------------------


def _load_award(by: User, people: list[User], today: date) -> None:
    """Last month: twelve children named, ten chosen, eight of whose guardians agree to be named."""
    program = _program(AWARD)
    first_on = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    last_on = today.replace(day=1) - timedelta(days=1)
    judges = list(User.objects.filter(kind=User.Kind.STAFF, is_administrator=False)[:2])
    for judge in judges:
        Seat.objects.create(program=program, user=judge, role=Seat.Role.JUDGE, since=first_on)
    with as_of(at(first_on, 8)):
        month = catalogue.open_cohort(
            program=program,
            intake=catalogue.Intake(
                name=f"{first_on:%B %Y}",
                mode=Cohort.Mode.REVIEW,
                starts_on=first_on,
                ends_on=last_on,
                opens_at=at(first_on, 9),
                closes_at=at(last_on, 17),
            ),
            by=by,
        )
    with as_of(at(first_on + timedelta(days=9), 12)):
        named = [
            nominations.nominate(
                program=program,
                by=people[n],
                relation=("teacher", "parent", "neighbor")[n % 3],
                nominator_name=f"{_name(n)} Senior",
                nominator_contact=f"resident{n}@demo.invalid",
                child_name=f"{FIRST_NAMES[n]} Placeholder",
                born_on=date(first_on.year - 10, 1, 1) + timedelta(days=n),
                school="Demo Elementary School",
                story="Carried the groceries of an elderly neighbor up the stairs all summer long.",
            )
            for n in range(12)
        ]
    for n, nomination in enumerate(named):
        for judge in judges:
            nominations.score(nomination=nomination, points=10 - n % 7, by=judge)
    for nomination in nominations.choose(cohort=month, by=by)[:8]:
        guardian = f"{nomination.child_name} Senior"
        nominations.record_guardian(nomination=nomination, guardian_name=guardian, agreed=True, by=by)


# --- one open intake of everything else ---------------------------------------------------------------


def _load_intakes(by: User, people: list[User], today: date) -> None:
    soon = today + timedelta(days=21)
    explorers = _open(by, "police-explorers", "This year's post", soon, 300, places=25)
    classes.plan_course(
        cohort=explorers,
        plan=classes.Plan(
            first_on=soon, start_time=time(18), duration_minutes=120, topics=["Weekly meeting"] * 10
        ),
        by=by,
    )
    officers = StaffMember.objects.filter(assignments__role="beat_officer", agency__slug="slmpd")
    for name, officer in zip(
        ("Baseball, under 12", "Basketball, under 14"), officers.order_by("pk"), strict=False
    ):
        _open(by, "police-athletic-league", name, soon, 90, places=18, officer=officer)
    guardian = applying.Guardian("Robin Example Senior", "314-555-0198")
    camp = _open(
        by, "safety-outreach-summer-camp", "First week of summer", date(soon.year + 1, 6, 14), 4, places=40
    )
    _apply(
        camp,
        3,
        people[3],
        born_on=date(camp.starts_on.year - 9, 1, 1),
        is_for_self=False,
        guardian=guardian,
        answers={"emergency_contact": "Robin, 314-555-0198", "allergies": "none", "pick_up_by": "Robin"},
    )
    for slug, name, days in (
        ("books-and-badges", "Schools of this year", 200),
        ("senior-citizen-warm-up", "Lunches of this winter", 90),
        ("police-recruitment", "Interest list", 365),
        ("camera-partners", "Interest list", 365),
        ("slcpd-ride-along", "Next month, Precincts 1 and 2", 30),
    ):
        _open(by, slug, name, soon, days)
    for supply in Supply.objects.select_related("program"):
        catalogue.set_stock(supply=supply, stock=25, by=by)
    pick_up = _open(by, "anti-theft-devices", "Pick-up on the first Saturday, 10 to 11", soon, 0, places=12)
    lock = Supply.objects.filter(program=pick_up.program).first()
    answers = {"city_address": "1915 Olive St", "use": "motor scooter"}
    _apply(pick_up, 5, people[5], supply=lock, answers=answers)
    saturday = soon + timedelta(days=(5 - soon.weekday()) % 7)
    _course(
        by, "community-service-partnership", "Clean-up day", saturday, ["Alleys and lots around the library"]
    )
    _course(by, "neighborhood-ownership-training", "Evenings of training", saturday - timedelta(days=2), [])
    last_on = (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    deadline = {"closes_at": at(last_on, 23)}
    _open(by, AWARD, f"{today:%B %Y}", today, (last_on - today).days, **deadline)


def _open(by: User, slug: str, name: str, first: date, days: int, **facts: Any) -> Cohort:
    """By order of coming, open now."""
    intake = catalogue.Intake(
        name=name,
        mode=Cohort.Mode.FIRST_COME,
        starts_on=first,
        ends_on=first + timedelta(days=days),
        opens_at=timezone.now() - timedelta(minutes=1),
        **facts,
    )
    return catalogue.open_cohort(program=_program(slug), intake=intake, by=by)


def _course(by: User, slug: str, name: str, first: date, topics: list[str]) -> None:
    place = Place("Central Library", "1301 Olive St")
    cohort = _open(by, slug, name, first, 30, place_name=place.name, place_address=place.address)
    areas = [Area.objects.get(slug="slmpd-district-4")]
    plan = classes.Plan(
        first_on=first, start_time=time(9), duration_minutes=120, place=place, areas=areas, topics=topics
    )
    classes.plan_course(cohort=cohort, plan=plan, by=by)


def _load_community(by: User, people: list[User], today: date) -> None:
    registry.register_item(
        kind="bike", decal=1001, serial="DEMO 0012 AB", make="Example", color="green", by=people[0]
    )
    city, district = Agency.objects.get(slug="slmpd"), Area.objects.get(slug="slmpd-district-4")
    docket = community.create_docket(
        slug="demo-nuisance-docket", name="Nuisance docket (demo)", agency=city, area=district, by=by
    )
    dates = [
        community.NewDate(f"DEMO-{n}", at(today + timedelta(days=10 + 7 * n), 9), f"Courtroom {n}")
        for n in (1, 2)
    ]
    community.post_dates(docket=docket, dates=dates, by=by)
    text = (
        "More light in three alleys, a clean-up in the spring, and the same two officers on foot on Fridays."
    )
    community.publish_strategy(area=district, title="This winter in District 4 (demo)", text=text, by=by)
    _, code = community.invite_leader(area=district, organisation="Demo Block Club", by=by)
    community.join_leaders(code=code, by=people[0])
