"""What staff do with a concern: each move, what it leaves behind, and who wins."""

from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from backend.accounts.models import User
from backend.errors import Conflict, DomainError
from backend.feedback.concerns.clock import due
from backend.feedback.concerns.models import Concern, Office, Referral
from backend.feedback.concerns.services import moves
from backend.feedback.concerns.triage import hours_of
from backend.roster.models import Area, StaffMember
from tests.factories import make_staff

DESK = "/api/v1/triage/concerns"
MISSING = "00000000-0000-4000-8000-000000000000"


def concern(area: str = "slmpd-beat-402", **fields: Any) -> Concern:
    place = Area.objects.get(slug=area)
    desk = Area.objects.get(slug="slmpd-district-4")
    facts = {"category_id": "noise", "description": "Loud.", "area": place, "desk": desk, **fields}
    return Concern.objects.create(**facts)


def closed(**fields: Any) -> Concern:
    return concern(status="closed", disposition="resolved", closed_at=timezone.now(), **fields)


def do(client: Any, told: Concern, act: str, **body: Any) -> Any:
    return client.post(f"{DESK}/{told.pk}/{act}", body, content_type="application/json")


def history(told: Concern) -> list[tuple[str, str]]:
    return list(told.changes.values_list("move", "reason"))


@pytest.fixture
def desk(liaison: User, sign_in: Any) -> Any:
    return sign_in(liaison)


@pytest.fixture
def office(city: None) -> Office:
    return Office.objects.create(slug="bureau", name="Bureau", contact="-", source="-", gives_reference=True)


@pytest.mark.parametrize(
    ("move", "body", "word"),
    [
        ("assign", {}, "to"),
        ("refer", {}, "office"),
        ("refer", {"office": "no-such-office"}, "office"),
        ("transfer", {"desk": "slmpd-district-2"}, "reason"),
        ("transfer", {"desk": "nowhere", "reason": "-"}, "desk"),
        ("transfer", {"desk": "slmpd-neighborhood-36", "reason": "-"}, "desk"),
        ("transfer", {"desk": "slmpd-district-4", "reason": "-"}, "desk"),
        ("merge", {}, "into"),
        ("close", {}, "disposition"),
        ("give_back", {}, "reason"),
        ("triage", {"reason": "-"}, "reason"),
        ("start", {"disposition": "resolved"}, "disposition"),
    ],
)
def test_what_a_move_needs(desk: Any, move: str, body: dict[str, Any], word: str) -> None:
    told = concern(status="triaged" if move == "start" else "submitted")
    answer = do(desk, told, move, **body)
    assert answer.status_code == 400
    assert f"/{word}" in [error["pointer"] for error in answer.json()["errors"]]
    assert history(told) == []


def test_assign_to_who_may_read_it(desk: Any, officer: User, captain: User, outsider: User) -> None:
    told = concern(needs_reading=True)
    words = {"to": str(officer.staff_member.pk), "reason": "Your beat."}
    answer = do(desk, told, "assign", **words, changed_at=told.changed_at.isoformat())
    assert answer.status_code == 200
    assert answer.json()["assigned_to"]["id"] == str(officer.staff_member.pk)
    assert history(told) == [("assign", "Your beat.")]
    told.refresh_from_db()
    assert not told.needs_reading
    first = told.first_response_at
    assert first is not None
    do(desk, told, "assign", to=str(captain.staff_member.pk))
    told.refresh_from_db()
    assert told.first_response_at == first


def test_whom_a_concern_is_about_cannot_be_told_by_assigning(
    desk: Any, officer: User, outsider: User
) -> None:
    """Behind the wall, of another agency, without an account, not there: the same bytes."""
    told = concern(is_walled=True)
    no_account = StaffMember.objects.create(agency=officer.staff_member.agency, name="N", rank="T")
    tried = [officer.staff_member.pk, outsider.staff_member.pk, no_account.pk, MISSING]
    answers = [do(desk, told, "assign", to=str(pk)) for pk in tried]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.content for answer in answers}) == 1
    assert (Concern.objects.get(pk=told.pk).status, history(told)) == ("submitted", [])


def test_to_another_office_and_back(desk: Any, office: Office) -> None:
    told = concern()
    row = do(desk, told, "refer", office="bureau", note="Light is out.").json()
    assert (row["status"], row["referral"]["office"]) == ("referred", "bureau")
    assert do(desk, told, "acknowledge").status_code == 400
    assert do(desk, told, "acknowledge", reference="B-12").json()["referral"]["reference"] == "B-12"
    back = do(desk, told, "return", outcome="They mended it.").json()
    assert (back["status"], back["referral"]) == ("triaged", None)
    assert do(desk, told, "acknowledge", reference="B-13").status_code == 409
    detail = desk.get(f"{DESK}/{told.pk}").json()["referrals"]
    assert [(r["reference"], r["note"], r["outcome"]) for r in detail] == [
        ("B-12", "Light is out.", "They mended it.")
    ]
    do(desk, told, "refer", office="bureau")
    do(desk, told, "close", disposition="referred_out")
    assert not Referral.objects.filter(returned_at=None).exists()
    assert {row["slug"] for row in desk.get("/api/v1/triage/offices").json()["offices"]} >= {"bureau"}


def test_transfer_out_of_sight(desk: Any, liaison: User, outsider: User, sign_in: Any) -> None:
    told = concern("slmpd-district-2", is_near_border=True, escalated_to="district_captain")
    gone = do(desk, told, "transfer", desk="slcpd-precinct-1", reason="Beyond the line.")
    assert (gone.status_code, gone.content) == (204, b"")
    assert desk.get(f"{DESK}/{told.pk}").status_code == 404
    row = sign_in(outsider).get(f"{DESK}/{told.pk}").json()
    assert (row["desk"], row["is_near_border"], row["escalated_to"]) == ("slcpd-precinct-1", False, "")
    assert row["changes"][-1]["reason"] == "Beyond the line."
    told.refresh_from_db()
    assert told.assigned_to
    assert told.assigned_to.agency.slug == "slcpd"


def test_merge(desk: Any, liaison: User) -> None:
    main, told, older = concern(), concern(), concern()
    assert do(desk, older, "merge", into=str(told.pk)).status_code == 200
    row = do(desk, told, "merge", into=str(main.pk), reason="The same party.").json()
    assert (row["status"], row["disposition"], row["merged_into"]) == ("closed", "duplicate", str(main.pk))
    assert set(main.duplicates.values_list("pk", flat=True)) == {told.pk, older.pk}
    refused = [
        do(desk, main, "merge", into=str(other))
        for other in (
            main.pk,
            told.pk,  # its own duplicate
            concern("slmpd-district-2", desk=None).pk,  # out of sight
            concern(is_walled=True).pk,
            concern(is_sensitive=True).pk,
            MISSING,
        )
    ]
    assert {answer.status_code for answer in refused} == {422}
    assert len({answer.content for answer in refused}) == 1
    assert do(desk, told, "reopen").json()["merged_into"] is None


def test_merged_into_what_is_closed_its_reporter_is_asked_at_once(desk: Any) -> None:
    main, told, older = closed(asked_at=timezone.now()), concern(), concern()
    do(desk, older, "merge", into=str(told.pk))
    assert Concern.objects.get(pk=older.pk).asked_at is None
    assert do(desk, told, "merge", into=str(main.pk)).status_code == 200
    assert None not in Concern.objects.filter(pk__in=[told.pk, older.pk]).values_list("asked_at", flat=True)


def test_who_may_not_know_about_whom_they_are_merges_none_behind_the_wall(
    desk: Any, officer: User, sign_in: Any
) -> None:
    """Or a refusal would tell that two are about different people."""
    major = sign_in(make_staff("major@example.org", "slmpd-patrol-area-central", "major"))
    cleared = {"is_walled": True, "cleared_at": timezone.now()}
    one, same, other = concern(**cleared), concern(**cleared), concern(**cleared)
    for told, person in ((one, officer.staff_member), (same, officer.staff_member), (other, None)):
        told.subjects.create(staff_member=person, source="liaison")
    for client, into, status in (
        (major, same, 422),
        (major, other, 422),
        (desk, other, 422),
        (desk, same, 200),
    ):
        assert do(client, one, "merge", into=str(into.pk)).status_code == status


def test_close_and_reopen(desk: Any) -> None:
    told = concern(escalated_to="major", target_at=timezone.now())
    row = do(desk, told, "close", disposition="no_action", reason="Nothing to be done.").json()
    assert (row["status"], row["escalated_to"]) == ("closed", "")
    told.refresh_from_db()
    assert told.asked_at is not None
    row = do(desk, told, "reopen", reason="It is loud again.").json()
    assert (row["status"], row["disposition"], row["closed_at"]) == ("triaged", "", None)
    target = datetime.fromisoformat(row["target_at"])
    assert abs(target - due(timezone.now(), hours_of(told.category, told.priority))) < timedelta(minutes=1)
    assert [move for move, _ in history(told)] == ["close", "reopen"]


def test_misconduct_goes_back_with_the_boards_rules(desk: Any, captain: User, sign_in: Any) -> None:
    told = concern()
    sworn = sign_in(make_staff("sworn@example.org", "slmpd-district-4", "liaison"))
    assert do(sign_in(captain), told, "give_back", reason="-").status_code == 403
    assert do(sworn, told, "give_back", reason="About an officer.").status_code == 204
    assert do(sworn, told, "reopen").status_code == 404
    row = desk.get(f"{DESK}/{told.pk}").json()
    assert (row["status"], row["disposition"], row["is_walled"]) == ("closed", "referred_out", True)
    letter = row["letters"][0]["body"]
    assert "signed" in letter
    assert "Civilian Oversight Board" in letter


def test_a_liaison_puts_it_behind_the_wall_and_a_civilian_one_clears_it(
    desk: Any, captain: User, officer: User, sign_in: Any
) -> None:
    told = concern()
    sworn = sign_in(make_staff("sworn@example.org", "slmpd-district-4", "liaison"))
    major = sign_in(make_staff("major@example.org", "slmpd-patrol-area-central", "major"))
    about = [str(officer.staff_member.pk)]
    assert do(sign_in(captain), told, "subjects", about=about).status_code == 403
    assert do(sworn, told, "subjects").status_code == 400
    assert do(sworn, told, "subjects", about=[MISSING]).status_code == 400
    assert do(sworn, told, "subjects", about=about).status_code == 204

    def clear(client: Any, about: list[str], reason: str) -> Any:
        as_read = desk.get(f"{DESK}/{told.pk}").json()["changed_at"]
        return do(client, told, "clear", about=about, reason=reason, changed_at=as_read)

    assert clear(sworn, [], "-").status_code == 404
    before = desk.get(f"{DESK}/{told.pk}").json()["changed_at"]
    assert clear(desk, about, "Named.").json()["cleared"]
    stale = do(desk, told, "clear", about=[], reason="What I read before.", changed_at=before)
    assert stale.status_code == 409
    assert major.get(f"{DESK}/{told.pk}").json()["subjects"] is None
    assert clear(major, [], "-").status_code == 403
    assert [row["reason"] for row in major.get(f"{DESK}/{told.pk}").json()["changes"]] == ["", ""]
    assert [row["reason"] for row in desk.get(f"{DESK}/{told.pk}").json()["changes"]] == ["", "Named."]
    shown = desk.get(f"{DESK}/{told.pk}").json()["subjects"]
    assert {row["staff_member"]["id"] for row in shown} == set(about)
    assert not clear(desk, [], "A mistake.").json()["is_walled"]
    assert do(sworn, told, "triage").status_code == 200


def test_priority_and_its_target(desk: Any) -> None:
    """A higher one counts from now; there and back again wins no time."""
    now = timezone.now()
    target = now + timedelta(hours=2)
    told = concern(submitted_at=now - timedelta(days=1), target_at=target, escalated_to="district_captain")

    def target_of(priority: str) -> datetime:
        answer = do(desk, told, "priority", priority=priority)
        assert answer.status_code == 200, answer.content
        return datetime.fromisoformat(answer.json()["target_at"])

    assert do(desk, told, "priority", priority="normal").status_code == 409
    assert target_of("urgent") == target
    assert target_of("low") == due(told.submitted_at, told.category.target_hours)
    again = target_of("urgent")
    assert abs(again - due(timezone.now(), 8)) < timedelta(minutes=1)
    assert do(desk, closed(), "priority", priority="low").status_code == 409


def test_many_at_once_each_on_its_own(desk: Any) -> None:
    fine, done, far = concern(), closed(), concern("slmpd-district-2", desk=None)
    ids = [str(told.pk) for told in (fine, done, far)] + [MISSING, str(fine.pk)]
    body = {"ids": ids, "move": "close", "disposition": "no_action"}
    answer = desk.post(f"{DESK}/moves", body, content_type="application/json")
    assert answer.status_code == 200
    assert [(r["id"], r["status"], r["problem"]) for r in answer.json()["results"]] == [
        (str(fine.pk), "closed", None),
        (str(done.pk), None, "conflict"),
        (str(far.pk), None, "not-found"),
        (MISSING, None, "not-found"),
    ]
    for bad in (
        {"ids": [], "move": "triage"},
        {"ids": [MISSING] * 101, "move": "triage"},
        {"ids": ids, "move": "x"},
    ):
        assert desk.post(f"{DESK}/moves", bad, content_type="application/json").status_code == 400


def test_who_read_it_earlier_loses(desk: Any, liaison: User) -> None:
    told = concern()
    stale = Concern.objects.get(pk=told.pk)
    moves.move_concern(concern=told, move="triage", by=liaison)
    with pytest.raises(Conflict):
        moves.transfer_concern(
            concern=stale, desk=Area.objects.get(slug="slmpd-district-2"), reason="-", by=liaison
        )
    row = desk.get(f"{DESK}/{told.pk}").json()
    assert row["desk"] == "slmpd-district-4"
    read_at = row["changed_at"]
    assert do(desk, told, "start", changed_at=read_at).status_code == 200
    assert do(desk, told, "close", disposition="resolved", changed_at=read_at).status_code == 409


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer at a time; see the stale read above"
)
def test_two_at_once_one_wins(real_city: None) -> None:
    by = make_staff("liaison@example.org", "slmpd-district-4", "liaison", is_sworn=False)
    told, barrier, ends = concern(), Barrier(2), []

    def close(disposition: str) -> None:
        read = Concern.objects.get(pk=told.pk)
        barrier.wait()
        try:
            moves.close_concern(concern=read, disposition=disposition, by=by)
            ends.append("closed")
        except DomainError as refused:
            ends.append(type(refused).__name__)
        finally:
            connections.close_all()

    threads = [Thread(target=close, args=(d,)) for d in ("resolved", "no_action")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["Conflict", "closed"]
    assert history(told) == [("close", "")]
