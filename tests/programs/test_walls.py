"""Every read of the programs' addresses × every role, with people in them: whose words are shown to whom."""

import json
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve

from backend.accounts.models import Session, User
from backend.programs.models import (
    Attendance,
    Certificate,
    CourtDate,
    Docket,
    Nomination,
    RegisteredItem,
    RideSlot,
    Strategy,
)
from backend.programs.models import (
    Session as ProgramSession,
)
from backend.programs.urls import api_urls
from backend.roster.models import Agency, Area, Assignment, StaffMember
from tests.factories import make_session, make_staff
from tests.programs.factories import (
    local,
    make_application,
    make_cohort,
    make_manager,
    make_program,
    make_resident,
)

pytestmark = pytest.mark.django_db

# Words that stand for somebody's own: who may read them is what this file is about.
MARKS = (
    *("RIDER", "MEMBER", "CHILD", "STORY", "NOMINATOR", "GUARDIAN", "SERIAL9", "PLAN"),
    *("SECRETCO", "ALLERGY", "FINISHER", "LOT behind"),
)
ROLES = (
    *("stranger", "owner", "neighbor", "officer", "captain", "liaison", "manager", "judge"),
    *("other_manager", "former_manager", "administrator", "without_factor"),
)


class World:
    def __init__(self) -> None:
        today = date(2026, 11, 23)
        self.owner, neighbor = make_resident("owner@example.org"), make_resident("neighbor@example.org")
        officer = make_staff("officer@w.example", "slmpd-beat-402", "beat_officer")
        captain = make_staff("captain@w.example", "slmpd-district-2", "district_captain")
        liaison = make_staff("liaison@w.example", "slmpd-district-2", "liaison", is_sworn=False)
        rides, course, award = (
            make_program("rides", "ride_along"),
            make_program("course", "explorers"),
            make_program("award", "award"),
        )
        manager = make_manager(rides)
        former = make_manager(rides, "former@example.org")
        for program in (course, award):
            manager.program_seats.create(program=program, role="manager", since=today)
        former.program_seats.update(until=date(2026, 11, 22))
        judge = make_manager(award, "judge@example.org", role="judge")
        other = make_manager(make_program("elsewhere", "interest"), "other@example.org")
        admin = User.objects.create_user(kind=User.Kind.STAFF, email="a@w.example", is_administrator=True)
        people = {
            "owner": self.owner,
            "neighbor": neighbor,
            "officer": officer,
            "captain": captain,
            "liaison": liaison,
            "manager": manager,
            "judge": judge,
            "other_manager": other,
            "former_manager": former,
            "administrator": admin,
        }
        self.clients = {"stranger": Client(), **{name: signed_in(user) for name, user in people.items()}}
        self.clients["without_factor"] = signed_in(manager, factor="password")
        self.ids = self.fill(rides, course, award, officer)

    def fill(self, rides: Any, course: Any, award: Any, officer: User) -> dict[str, str]:
        beat, district = (Area.objects.get(slug=slug) for slug in ("slmpd-beat-402", "slmpd-district-4"))
        month = make_cohort(rides, mode="draw", seed="SECRETCODE", seed_hash="0" * 64)
        slot = RideSlot.objects.create(
            cohort=month,
            area=beat,
            district=district,
            watch="second",
            officer=StaffMember.objects.get(user=officer),
            starts_at=local("2027-01-05 18:00"),
            ends_at=local("2027-01-05 22:00"),
            on=date(2027, 1, 5),
        )
        answers = {"answers": {}, "declared": {}}
        ride = make_application(
            month, self.owner, name="RIDER", status="accepted", slot=slot, answers=json.dumps(answers)
        )
        class_ = make_cohort(course)
        session = ProgramSession.objects.create(
            cohort=class_,
            number=1,
            topic="Weekly",
            code="SECRETCODE"[:8],
            starts_at=local("2027-01-06 18:00"),
            ends_at=local("2027-01-06 20:00"),
        )
        member = make_application(
            class_,
            self.owner,
            name="MEMBER",
            status="accepted",
            guardian_name="GUARDIAN",
            answers=json.dumps(answers),
            closed_answers=json.dumps({"health": "ALLERGY"}),
        )
        Attendance.objects.create(application=member, session=session, number=1)
        Certificate.objects.create(
            application=member, issued_on=date(2026, 1, 1), document="TUVNQkVS", document_hash="0" * 64
        )
        award_month = make_cohort(award)
        nomination = Nomination.objects.create(
            cohort=award_month,
            nominator=self.owner,
            relation="teacher",
            nominator_name="NOMINATOR",
            child_name="CHILD",
            born_on="2016-01-01",
            school="Demo School",
            story="STORY of CHILD",
            guardian_name="GUARDIAN",
            person_index="1",
        )
        finisher = make_application(class_, self.owner, name="FINISHER", status="completed")
        Certificate.objects.create(
            application=finisher, issued_on=date(2026, 1, 1), document="TUVNQkVS", document_hash="0" * 64
        )
        make_program("cleanup", "cleanup").sites.create(place="LOT behind a house")
        item = RegisteredItem.objects.create(
            owner=self.owner, kind="bike", decal=7, serial="SERIAL9", serial_index="1", make="X", color="red"
        )
        strategy = Strategy.objects.create(area=district, title="PLAN", text="PLAN")
        docket = Docket.objects.create(slug="docket", name="D", agency=Agency.objects.get(slug="slmpd"))
        CourtDate.objects.create(
            docket=docket, case_number="1", starts_at=local("2027-01-05 09:00"), courtroom="1"
        )
        return {
            "ride": str(ride.pk),
            "member": str(member.pk),
            "month": str(month.pk),
            "class": str(class_.pk),
            "session": str(session.pk),
            "nomination": str(nomination.pk),
            "item": str(item.pk),
            "strategy": str(strategy.pk),
            "award_month": str(award_month.pk),
        }


def signed_in(user: User, factor: str = "mfa") -> Client:
    client = Client()
    if user.kind == User.Kind.STAFF:
        client.cookies[settings.SESSION_COOKIE_NAME] = make_session(user, factor=factor).session_key
        return client
    session = make_session(user, client=Session.Client.APP)
    client.defaults["HTTP_X_SESSION_TOKEN"] = session.session_key
    return client


@pytest.fixture
def world(city: None) -> World:
    return World()


def by_staff(words: set[str]) -> dict[str, set[str]]:
    return {"manager": words, "administrator": words}


# Address → who reads which words there; all others none of them.
READS: list[tuple[str, dict[str, set[str]]]] = [
    ("programs", {}),
    ("programs/rides", {}),
    ("programs/rides/cohorts", {}),
    ("programs/rides/cohorts/{month}/draw", {}),
    ("programs/course/cohorts", {}),
    ("programs/course/cohorts/{class}/sessions", {}),
    ("programs/rides/applications", {}),
    ("programs/rides/applications/{ride}", by_staff({"RIDER"})),
    ("programs/course/applications/{member}", by_staff({"MEMBER", "GUARDIAN"})),
    ("programs/course/applications/{ride}", {}),
    ("programs/course/cohorts/{class}/standing", {}),
    ("programs/course/cohorts/{class}/graduate", by_staff({"FINISHER"})),
    ("programs/rides/seats", {}),
    ("programs/cleanup/sites", {"administrator": {"LOT behind"}}),
    ("sessions/{session}/code", by_staff({"SECRETCO"})),
    ("applications", {"owner": {"RIDER", "MEMBER", "ALLERGY", "FINISHER"}}),
    ("applications/{ride}", {"owner": {"RIDER"}}),
    ("applications/{member}", {"owner": {"MEMBER", "ALLERGY"}}),
    ("applications/{member}/standing", {}),
    ("applications/{member}/certificate", {"owner": {"MEMBER"}}),
    ("rides", {"officer": {"RIDER"}}),
    ("nominations", {}),
    ("programs/award/honorees", {}),
    ("programs/award/cohorts/{award_month}/nominations", {"judge": {"STORY"}}),
    (
        "programs/award/cohorts/{award_month}/nominations/named",
        by_staff({"CHILD", "NOMINATOR", "GUARDIAN"}),
    ),
    ("registry/items", {}),
    ("registry/items/{item}", {"owner": {"SERIAL9"}}),
    ("strategies", {"officer": {"PLAN"}, "administrator": {"PLAN"}}),
    ("strategies/{strategy}", {"officer": {"PLAN"}, "administrator": {"PLAN"}}),
    ("directory", {}),
    ("dockets", {}),
    ("dockets/docket", {}),
]


@pytest.mark.parametrize("role", ROLES)
def test_whose_words_are_shown_to_whom(world: World, role: str) -> None:
    for path, readers in READS:
        answer = world.clients[role].get("/api/v1/" + path.format(**world.ids))
        text = answer.content.decode()
        shown = {mark for mark in MARKS if mark in text}
        assert shown == readers.get(role, set()), (role, path, answer.status_code, shown)
        assert answer.status_code in (200, 401, 403, 404), (role, path)
        if shown:
            assert "no-store" in answer["Cache-Control"], (role, path)


ELSEWHERE = {
    "api/v1/applications/<uuid:application_id>/signatures/<int:version>/<slug:role>",  # test_waivers.py
    "api/v1/directory/<slug:entry>",  # test_directory.py
    "api/v1/leaders",  # of one area: test_strategies.py
}


def test_every_read_of_programs_is_in_the_table(world: World) -> None:
    reads = {f"api/v1/{url.pattern}" for url in api_urls if hasattr(url.callback.view_class, "get")}
    asked = {resolve("/api/v1/" + path.format(**world.ids)).route for path, _ in READS}
    assert reads - ELSEWHERE == asked


def test_an_ended_post_ends_an_officers_view_of_strategies(world: World) -> None:
    Assignment.objects.filter(staff_member__user__email_index__isnull=False).update(
        ends_on=date(2026, 11, 22)
    )
    assert "PLAN" not in world.clients["officer"].get("/api/v1/strategies").content.decode()
