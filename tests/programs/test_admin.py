"""The staff pages of programs: who sees what, and what their buttons do, as their forms send it."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.programs.models import Application, Cohort, Entry, Program, Rule, Seat
from backend.programs.moves import BY_STAFF, MOVES
from tests.conftest import DocumentedClient
from tests.factories import make_session
from tests.programs.factories import (
    local,
    make_application,
    make_cohort,
    make_manager,
    make_program,
    make_resident,
)

pytestmark = pytest.mark.django_db

BASE = "/admin/programs/"
LIST = f"{BASE}application/"
TABLES = ("application", "program", "entry", "cohort")


@pytest.fixture
def program(city: None) -> Program:
    return make_program("explorers", "explorers", rules=[("guardian", None, 18), ("screening", None, None)])


@pytest.fixture
def manager(program: Program) -> User:
    return make_manager(program)


@pytest.fixture
def application(program: Program) -> Application:
    """A minor's, with everything that one can hold, under review."""
    questions = {
        "school": {"type": "string", "title": "Which school?", "maxLength": 80},
        "allergies": {"type": "string", "title": "Allergies, if any", "maxLength": 80, "x-closed": True},
    }
    schema = {"type": "object", "additionalProperties": False, "properties": questions}
    return make_application(
        make_cohort(program),
        make_resident("parent@example.org"),
        "Zoë <Minor>",
        date(2010, 3, 4),
        status="under_review",
        guardian_name="Pat Guardian",
        guardian_contact="+1 314 555 0100",
        is_for_self=False,
        form=program.forms.create(number=1, schema=schema),
        answers=json.dumps({"answers": {"school": "Central High"}, "declared": {"is_enrolled": True}}),
        closed_answers=json.dumps({"allergies": "Peanuts"}),
    )


@pytest.fixture
def administrator(city: None) -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email="a@w.example", is_administrator=True)


def page_of(thing: Any) -> str:
    return f"{BASE}{thing._meta.model_name}/{thing.pk}/change/"


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer
    return str(answer.content.decode())


def buttons(page: str) -> list[str]:
    return re.findall(r'<button name="act" value="([^"]*)"', page)


def press(client: Any, application: Application, act: str, **fields: str) -> Any:
    """The button is on the page; it is pressed, and the page that follows is shown."""
    assert act in buttons(text(client.get(page_of(application))))
    return client.post(page_of(application), {"act": act, **fields}, follow=True)


# --- who sees what ------------------------------------------------------------------------------------


def test_only_the_programs_staff_see_its_applications(
    application: Application, manager: User, administrator: User, officer: User, liaison: User, sign_in: Any
) -> None:
    other = make_manager(make_program("camp", "camp"), "other@example.org")
    judge = make_manager(application.program, "judge@example.org", role="judge")
    former = make_manager(application.program, "former@example.org")
    Seat.objects.filter(user=former).update(until=timezone.localdate() - timedelta(days=1))
    for user in (manager, administrator):
        client = sign_in(user)
        assert str(application.pk) in text(client.get(LIST)), user.email
        assert "Central High" in text(client.get(page_of(application)))
    before = AuditRow.objects.count()
    for user in (other, judge, former, officer, liaison):
        client = sign_in(user)
        assert str(application.pk) not in text(client.get(LIST)), user.email
        for method in (client.get, client.post):
            refused = method(page_of(application), {"act": "accept"})
            assert (refused.status_code, refused["Location"]) == (302, "/admin/"), user.email
        # Not in what the filters offer either.
        assert application.cohort.name not in text(client.get(LIST))
    application.refresh_from_db()
    assert (application.status, AuditRow.objects.count()) == ("under_review", before)


def test_who_has_no_second_factor_is_sent_to_sign_in(
    application: Application, manager: User, resident: User, client: DocumentedClient
) -> None:
    visitors = [client]
    for user, factor in ((resident, "mfa"), (manager, "password")):
        visitor = DocumentedClient()
        visitor.cookies[settings.SESSION_COOKIE_NAME] = make_session(user, factor=factor).session_key
        visitors.append(visitor)
    confirm = f"{BASE}program/{application.program_id}/confirm/"
    for visitor in visitors:
        for path in (*(f"{BASE}{table}/" for table in TABLES), page_of(application), confirm):
            for method in (visitor.get, visitor.post):
                sent = method(path)
                assert sent.status_code == 302, path
                assert sent["Location"].startswith("/admin/login/"), path


def test_all_staff_see_what_is_offered(application: Application, officer: User, sign_in: Any) -> None:
    entry = Entry.objects.create(slug="food-bank", name="Food bank", kind="service", what="x", source="y")
    staff = sign_in(officer)
    for thing, words in ((application.program, "Explorers"), (application.cohort, "First"), (entry, "Food")):
        assert words in text(staff.get(f"{BASE}{thing._meta.model_name}/"))
        assert words in text(staff.get(page_of(thing)))


def test_nobody_edits_by_hand(application: Application, administrator: User, sign_in: Any) -> None:
    staff = sign_in(administrator)
    entry = Entry.objects.create(slug="food-bank", name="Food bank", kind="service", what="x", source="y")
    for table in TABLES:
        assert staff.get(f"{BASE}{table}/add/").status_code == 403
    for thing in (application.program, application.cohort, entry):
        assert staff.post(page_of(thing), {"name": "Other"}).status_code == 403
    for thing in (application, application.program, application.cohort, entry):
        path = f"{BASE}{thing._meta.model_name}/{thing.pk}/delete/"
        assert staff.post(path, {"post": "yes"}).status_code == 403


def test_the_list_has_no_names_and_its_filters_work(
    application: Application, manager: User, sign_in: Any
) -> None:
    staff = sign_in(manager)
    second = make_cohort(application.program, name="Second")
    other = make_application(second, make_resident(), "Someone Else", status="declined")
    page = text(staff.get(LIST))
    for words in ("Zoë", "Someone", "Guardian", "parent@", "314-555", "314555"):
        assert words not in page
    assert "screening" in page
    for query, there in (
        (f"cohort__id__exact={second.pk}", other),
        (f"program__id__exact={second.program_id}&status__exact=declined", other),
        ("status__exact=under_review", application),
    ):
        shown = text(staff.get(f"{LIST}?{query}"))
        found = {one.pk for one in (application, other) if f"application/{one.pk}/change" in shown}
        assert found == {there.pk}, query
    for query in ("cohort__id__exact=x", "name=Zo%C3%AB", "applicant__email_index=x"):
        assert staff.get(f"{LIST}?{query}").status_code in (302, 400), query


@pytest.mark.parametrize("table", TABLES)
def test_lists_take_as_many_statements_for_many_as_for_few(
    table: str, administrator: User, sign_in: Any, now: Any
) -> None:
    staff, resident, counts = sign_in(administrator), make_resident(), []
    for size in (2, 7):
        for n in range(size):
            program = make_program(f"p-{size}-{n}", "interest", rules=[("screening", None, None)])
            for month in ("May", "June"):
                make_application(make_cohort(program, name=month), resident, f"Person {size} {n}")
            program.waivers.create(number=1, text="x", text_hash="y")
            Entry.objects.create(
                slug=f"e-{size}-{n}", name=f"Entry {size} {n}", kind="service", what="x", source="y"
            )
        staff.get(f"{BASE}{table}/")
        with CaptureQueriesContext(connection) as seen:
            text(staff.get(f"{BASE}{table}/"))
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 16


# --- the page of one ----------------------------------------------------------------------------------


def test_opening_one_is_on_record_and_shows_who_it_is(
    application: Application, manager: User, officer: User, sign_in: Any
) -> None:
    member, begins = officer.staff_member, local("2026-12-02 18:00")
    beat = member.assignments.get().area
    slot = application.cohort.slots.create(
        area=beat,
        district=beat,
        officer=member,
        starts_at=begins,
        ends_at=local("2026-12-02 20:00"),
        on=begins.date(),
    )
    Application.objects.update(slot=slot, has_place=True, placed_at=timezone.now())
    waiver = application.program.waivers.create(number=3, text="x", text_hash="y")
    application.signatures.create(
        waiver=waiver, role="participant", method="electronic", name="Zoë", device_at=timezone.now()
    )
    application.changes.create(move="ask", status="action_needed", words="Which <b>school</b>?")
    page = text(sign_in(manager).get(page_of(application)))
    for words in (
        *("Zoë &lt;Minor&gt;", "March 4, 2010", "Pat Guardian", "+1 314 555 0100", "parent@example.org"),
        *("Which school?", "Central High", "is enrolled", "Waiver 3 signed by the participant"),
        *("Dec. 2, 2026, 6 p.m.", str(beat), str(member)),
        *("the records check", "Which &lt;b&gt;school&lt;/b&gt;?"),
    ):
        assert words in page, words
    assert "Peanuts" not in page
    assert "<Minor>" not in page
    row = AuditRow.objects.get(action="read")
    assert (row.actor, row.object_id) == (manager.pk, str(application.pk))
    assert {"name", "born_on", "guardian_contact", "answers"} <= set(row.fields)
    assert "closed_answers" not in row.fields


def test_closed_answers_need_a_reason_and_are_on_record_with_it(
    application: Application, manager: User, sign_in: Any
) -> None:
    staff = sign_in(manager)
    refused = press(staff, application, "read-closed", reason=" ")
    assert "Peanuts" not in text(refused)
    assert "This field is required" in text(refused)
    read = press(staff, application, "read-closed", reason="Lunch is ordered.")
    assert "Allergies, if any" in text(read)
    assert "Peanuts" in text(read)
    assert "no-store" in read["Cache-Control"]
    assert AuditRow.objects.get(action="read closed answers").reason == "Lunch is ordered."
    assert "Peanuts" not in text(staff.get(page_of(application)))


def test_there_is_no_button_for_what_was_not_asked(program: Program, manager: User, sign_in: Any) -> None:
    Rule.objects.filter(program=program).delete()
    plain = make_application(make_cohort(program), make_resident(), status="under_review")
    page = text(sign_in(manager).get(page_of(plain)))
    assert set(buttons(page)) == {"ask", "waitlist", "accept", "decline"}


@pytest.mark.parametrize("status", Application.Status.values)
def test_the_buttons_are_the_moves_that_are_possible(
    application: Application, manager: User, sign_in: Any, status: str
) -> None:
    has_place = status in ("accepted", "completed", "no_show")
    Application.objects.update(status=status, has_place=has_place, placed_at=timezone.now())
    shown = buttons(text(sign_in(manager).get(page_of(application))))
    assert [b for b in shown if b in MOVES] == [m for m in BY_STAFF if status in MOVES[m][0]]
    reviewed = status in ("under_review", "action_needed", "waitlisted")
    assert ("cleared" in shown, "not-cleared" in shown) == (reviewed, reviewed)


def test_an_application_walks_through_its_buttons(
    application: Application, manager: User, sign_in: Any
) -> None:
    staff = sign_in(manager)
    Application.objects.update(status="submitted")
    for act, fields, status in (
        ("review", {}, "under_review"),
        ("ask", {"words": "Which grade?"}, "action_needed"),
        ("cleared", {}, "action_needed"),
        ("waitlist", {}, "waitlisted"),
        ("accept", {}, "accepted"),
    ):
        assert "done." in text(press(staff, application, act, **fields)), act
        application.refresh_from_db()
        assert application.status == status, act
    Cohort.objects.update(starts_on=timezone.localdate())
    assert "done." in text(press(staff, application, "complete"))
    application.refresh_from_db()
    assert (application.status, application.screening.outcome) == ("completed", "cleared")
    moves = ["review", "ask", "waitlist", "accept", "complete"]
    assert list(application.changes.values_list("move", flat=True)) == moves
    assert application.changes.get(move="ask").words == "Which grade?"
    assert application.changes.get(move="ask").by == manager
    done = (
        AuditRow.objects.filter(object_id=application.pk)
        .exclude(action="read")
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert list(done) == ["review", "ask", "screened", "waitlist", "accept", "complete"]
    assert buttons(text(staff.get(page_of(application)))) == ["read-closed"]


def test_declining_says_why(application: Application, manager: User, sign_in: Any) -> None:
    staff = sign_in(manager)
    for fields in ({"code": "other"}, {"words": "Sorry."}, {"code": "none-such", "words": "Sorry."}):
        assert 'class="errorlist"' in text(press(staff, application, "decline", **fields)), fields
    press(staff, application, "not-cleared")
    assert "done." in text(
        press(staff, application, "decline", code="not_cleared", words="The check did not go through.")
    )
    application.refresh_from_db()
    change = application.changes.get(move="decline")
    assert (application.status, application.screening.outcome) == ("declined", "not_cleared")
    assert (change.code, change.words) == ("not_cleared", "The check did not go through.")


def test_refusals_are_said_and_words_kept(application: Application, manager: User, sign_in: Any) -> None:
    staff = sign_in(manager)
    assert "Still missing: the records check." in text(press(staff, application, "accept"))
    marked = text(press(staff, application, "ask", words="Your <b>grade</b>?"))
    assert "&lt;b&gt;grade&lt;/b&gt;" in marked  # still in the field
    long = text(press(staff, application, "ask", words="x" * 1001))
    assert "at most 1000 characters" in long
    # Somebody else was faster: the page still shows the button.
    for act, said in (("complete", "It has not begun yet."), ("review", "cannot be moved so")):
        assert said in text(staff.post(page_of(application), {"act": act})), act
    for act in ("", "withdraw", "call-off", "erase"):
        assert "There is no such button." in text(staff.post(page_of(application), {"act": act}))
    application.refresh_from_db()
    assert (application.status, application.changes.count()) == ("under_review", 0)


def test_a_button_of_another_site_does_nothing(application: Application, manager: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = make_session(manager).session_key
    confirm = f"{BASE}program/{application.program_id}/confirm/"
    for path, sent in ((page_of(application), {"act": "waitlist"}), (confirm, {})):
        assert client.post(path, sent).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', text(client.get(page_of(application))))
    assert token
    sent = {"act": "waitlist", "csrfmiddlewaretoken": token[1]}
    assert client.post(page_of(application), sent).status_code == 302
    application.refresh_from_db()
    assert application.status == "waitlisted"


# --- what is offered ----------------------------------------------------------------------------------


def test_who_manages_a_program_confirms_that_it_runs(
    program: Program, manager: User, officer: User, sign_in: Any
) -> None:
    Program.objects.update(verified_on=date(2016, 1, 1))
    confirm = f"{BASE}program/{program.pk}/confirm/"
    staff = sign_in(manager)
    assert "unconfirmed" in text(staff.get(f"{BASE}program/"))
    assert confirm in text(staff.get(page_of(program)))
    assert "Does it run today, as its page says?" in text(staff.get(confirm, follow=True))
    program.refresh_from_db()
    assert program.verified_on == date(2016, 1, 1)  # a link alone does nothing
    other = make_manager(make_program("camp", "camp"), "other@example.org")
    for user in (other, officer):
        client = sign_in(user)
        assert confirm not in text(client.get(page_of(program)))
        assert client.get(confirm).status_code == client.post(confirm).status_code == 403
    assert staff.get(f"{BASE}program/x/confirm/").status_code == 403
    assert "is confirmed as of today" in text(staff.post(confirm, follow=True))
    program.refresh_from_db()
    assert (program.verified_on, program.verified_by) == (timezone.localdate(), manager)
    assert AuditRow.objects.get(action="revised a program").actor == manager.pk
    assert "running" in text(staff.get(page_of(program)))
    Program.objects.update(ended_on=timezone.localdate())
    assert "ended" in text(staff.get(page_of(program)))


def test_administrators_confirm_entries_of_the_directory(
    administrator: User, officer: User, sign_in: Any
) -> None:
    entries = [
        Entry.objects.create(slug=slug, name=slug.title(), kind="service", what="x", source="y")
        for slug in ("food", "shelter", "legal")
    ]
    path = f"{BASE}entry/"
    sent = {"action": "confirm", "_selected_action": [str(one.pk) for one in entries[:2]]}
    assert "Confirm:" not in text(sign_in(officer).get(path))
    sign_in(officer).post(path, sent)
    assert not Entry.objects.exclude(verified_on=None).exists()
    staff = sign_in(administrator)
    assert "Food: confirmed." in text(staff.post(path, sent, follow=True))
    found = {one.slug: one.verified_on for one in Entry.objects.all()}
    today = timezone.localdate()
    assert found == {"food": today, "shelter": today, "legal": None}
    assert AuditRow.objects.filter(action="entry_changed", actor=administrator.pk).count() == 2
    assert "Legal" not in text(staff.get(f"{path}?q=shelter"))


def test_cohorts_tell_how_many_places_are_given_and_waited_for(
    program: Program, officer: User, sign_in: Any
) -> None:
    cohort = make_cohort(program, places=41, seed="SECRETSEED", seed_hash="HASHOFSEED")
    for n, status in enumerate(("accepted", "accepted", "accepted", "waitlisted", "waitlisted", "declined")):
        make_application(cohort, make_resident(f"r{n}@example.org"), f"Person {n}", status=status)
    staff = sign_in(officer)
    page = text(staff.get(f"{BASE}cohort/"))
    for column, count in (("places", 41), ("given", 3), ("waiting", 2)):
        cell = re.search(rf"<td[^>]*field-{column}[^>]*>(.*?)</td>", page, re.DOTALL)
        assert cell, column
        assert str(count) in re.sub(r"<[^>]*>", "", cell[1]), column
    for shown in (page, text(staff.get(page_of(cohort)))):
        assert "SECRETSEED" not in shown
    assert "HASHOFSEED" in text(staff.get(page_of(cohort)))
