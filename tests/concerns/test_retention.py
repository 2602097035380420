"""When a concern is closed by itself, when who told it is forgotten, when the words end, and what stops that."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.encryption import blind_index
from backend.feedback.concerns.models import (
    Category,
    Concern,
    ConcernChange,
    ConcernLetter,
    ConcernNote,
    ConcernReply,
    ConcernSubject,
    FatalityReview,
    LegalHold,
    Office,
    PageFeedback,
    Photo,
    Redaction,
    Referral,
)
from backend.feedback.concerns.services import erasing, requests
from backend.prune import prune
from backend.roster.models import Area
from tests.concerns.reporters import JSON

DAY = timedelta(days=1)


@pytest.fixture
def traffic(city: None) -> Category:
    """Closed after 20 days, who told it forgotten after 30, the words after 90."""
    kind = Category.objects.get(slug="traffic")
    kind.close_after_days, kind.anonymise_after_days, kind.erase_after_days = 20, 30, 90
    kind.save()
    return kind


def told(**fields: Any) -> Concern:
    return Concern.objects.create(
        **{
            "category_id": "traffic",
            "description": "Cars run the light.",
            "address": "1915 Olive St",
            "position": "38.63,-90.2",
            "answers": '{"since": "weeks"}',
            "said_at": "at the roll call of May",
            "contact_note": "Never call before noon.",
            "phone": "+13145550142",
            "phone_index": blind_index("phone", "+13145550142"),
            "language": "es",
            "receipt_index": "r" * 64,
            "passphrase": "slow hash",
            "tells_by_text": True,
            "handler_may_know": True,
            **fields,
        }
    )


def closed(days_ago: float, **fields: Any) -> Concern:
    at = timezone.now() - days_ago * DAY
    return told(status="closed", disposition="resolved", closed_at=at, changed_at=at, **fields)


def erase(**later: int) -> int:
    return erasing.erase_old(timezone.now() + timedelta(**later))


# --- closing ------------------------------------------------------------------------------------------


def test_what_nobody_touches_is_closed_and_the_reporter_hears_of_it(
    traffic: Category, client: Client, resident: User
) -> None:
    old = timezone.now() - 20 * DAY
    walled = told(changed_at=old, status="triaged", is_walled=True)
    young = told(changed_at=old + DAY, status="triaged", receipt_index=None)
    unread = told(changed_at=old, status="triaged", needs_reading=True, receipt_index=None)
    erase()
    walled.refresh_from_db()
    assert (walled.status, walled.disposition) == ("closed", "no_action")
    assert walled.asked_at is not None
    change = walled.changes.get()
    assert (change.move, change.status, change.by) == ("close", "closed", None)
    assert AuditRow.objects.get(action="close").object_id == str(walled.pk)
    for other in (young, unread):
        other.refresh_from_db()
        assert other.status == "triaged"
    erase()
    assert walled.changes.count() == 1


def test_a_category_without_days_is_never_closed_by_itself(city: None) -> None:
    concern = told(changed_at=timezone.now() - 4000 * DAY, status="triaged")
    erase()
    concern.refresh_from_db()
    assert concern.status == "triaged"


# --- who told it --------------------------------------------------------------------------------------


def test_first_who_told_it_is_forgotten_and_the_receipt_goes_on(traffic: Category) -> None:
    due, young = closed(30), closed(29, receipt_index=None)
    assert erase() == 1
    due.refresh_from_db()
    assert (due.reporter, due.phone, due.phone_index, due.contact_note) == (None, "", None, "")
    assert (due.language, due.tells_by_text, due.handler_may_know) == ("en", False, False)
    assert (due.receipt_index, due.passphrase) == ("r" * 64, "slow hash")
    assert due.description
    assert due.address
    assert due.anonymised_at
    assert due.erased_at is None
    young.refresh_from_db()
    assert young.phone
    assert erase() == 0


def test_an_account_is_parted_from_it(traffic: Category, resident: User, sign_in: Any) -> None:
    concern = closed(30, reporter=resident, receipt_index=None)
    mine = sign_in(resident)
    assert mine.get(f"/api/v1/concerns/{concern.pk}").status_code == 200
    assert erase() == 1
    assert mine.get(f"/api/v1/concerns/{concern.pk}").status_code == 404


# --- what they said -----------------------------------------------------------------------------------


def fill(concern: Concern, liaison: User) -> None:
    """Something of every kind that hangs on a concern."""
    of = {"concern": concern}
    ConcernChange.objects.create(
        **of, move="close", status="closed", reason="A neighbor said so.", by=liaison
    )
    ConcernSubject.objects.create(**of, staff_member=liaison.staff_member, source="liaison")
    reply = ConcernReply.objects.create(**of, body="And again.")
    ConcernLetter.objects.create(**of, body="We have read it.", by=liaison)
    ConcernNote.objects.create(**of, body="Call them.", by=liaison)
    office = Office.objects.create(slug="invented", name="Invented", contact="here", source="nobody")
    Referral.objects.create(
        **of, office=office, reference="CSB-1", note="Theirs.", outcome="Mended.", by=liaison
    )
    Photo.objects.create(**of, digest="d", key="k", raw_file="no-such-file")
    for part, of_reply in (("description", None), ("reply", reply)):
        Redaction.objects.create(
            **of, part=part, reply=of_reply, start=0, end=3, provision="RSMo 610.021", by=liaison
        )
    LegalHold.objects.create(
        **of, reason="A lawsuit.", by=liaison, since=timezone.now() - DAY, ended_at=timezone.now()
    )
    FatalityReview.objects.create(**of, work_product="Closed.", final_report="Open.", by=liaison)


def test_then_words_place_and_photos_end_and_the_outcome_stays(traffic: Category, liaison: User) -> None:
    concern = closed(
        90,
        is_walled=True,
        cleared_at=timezone.now(),
        needs_reading=True,
        area=Area.objects.get(slug="slmpd-beat-402"),
    )
    fill(concern, liaison)
    assert erase() == 1
    concern.refresh_from_db()
    empty = (
        "description",
        "answers",
        "said_at",
        "address",
        "position",
        "passphrase",
        "phone",
        "contact_note",
    )
    assert {getattr(concern, name) for name in empty} == {""}
    assert (concern.receipt_index, concern.phone_index, concern.needs_reading) == (None, None, False)
    assert concern.erased_at
    assert concern.anonymised_at
    assert (concern.category_id, concern.disposition) == ("traffic", "resolved")
    assert concern.area
    assert concern.closed_at
    for model in (ConcernReply, ConcernLetter, ConcernNote, Photo, Redaction):
        assert not model.objects.filter(concern=concern).exists(), model  # type: ignore[attr-defined]
    referral = concern.referrals.get()
    assert (referral.reference, referral.note, referral.outcome) == ("", "", "")
    assert referral.office.slug == "invented"
    assert concern.changes.get().reason == ""
    assert concern.holds.get().reason == ""
    review = FatalityReview.objects.get(concern=concern)
    assert (review.work_product, review.final_report) == ("", "Open.")
    assert concern.subjects.exists()  # the wall stays
    assert erase() == 0


def test_the_days_that_staff_set_count_from_then_on(traffic: Category) -> None:
    concern = closed(60)
    erase()
    concern.refresh_from_db()
    assert concern.description
    traffic.erase_after_days = 60
    traffic.save()
    assert erase() == 1
    concern.refresh_from_db()
    assert concern.description == ""


def test_each_category_has_its_own_days_and_each_duplicate_its_own_dates(traffic: Category) -> None:
    original = closed(10)
    duplicate = closed(90, receipt_index=None)
    Concern.objects.filter(pk=duplicate.pk).update(disposition="duplicate", merged_into=original)
    noise = closed(90, receipt_index=None, category_id="noise")
    assert erase() == 1
    for concern, words in ((original, True), (duplicate, False), (noise, True)):
        concern.refresh_from_db()
        assert bool(concern.description) is words


def test_what_was_reopened_is_left_and_has_another_end(traffic: Category) -> None:
    concern = closed(90)
    erase()
    at = timezone.now()
    Concern.objects.filter(pk=concern.pk).update(
        status="triaged", disposition="", closed_at=None, changed_at=at
    )
    ConcernNote.objects.create(concern=concern, body="Again.")
    assert erase(days=10) == 0
    Concern.objects.filter(pk=concern.pk).update(
        status="closed", disposition="resolved", closed_at=at, changed_at=at
    )
    assert erase(days=29) == 0
    erase(days=91)
    assert not ConcernNote.objects.exists()


def test_more_than_a_batch_and_what_is_reopened_meanwhile(
    traffic: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "BATCH", 2)
    concerns = [closed(90, receipt_index=None) for _ in range(5)]
    batches = erasing._erased(traffic, timezone.now())
    first = next(batches)
    last = max(concern.pk for concern in concerns)
    reopened = {"status": "triaged", "disposition": "", "closed_at": None}
    Concern.objects.filter(pk=last).update(**reopened)
    rest = [pk for batch in batches for pk in batch]
    assert {*first, *rest} == {concern.pk for concern in concerns} - {last}
    assert Concern.objects.get(pk=last).description


# --- legal holds --------------------------------------------------------------------------------------


def hold(client: Any, concern: Concern, reason: str = "A lawsuit.") -> Any:
    path = f"/api/v1/triage/concerns/{concern.pk}/holds"
    return client.post(path, {"reason": reason}, content_type="application/json")


def test_a_hold_stops_both_until_it_ends(traffic: Category, liaison: User, sign_in: Any) -> None:
    desk, concern = sign_in(liaison), closed(90)
    held = hold(desk, concern)
    assert held.status_code == 201
    assert held["Cache-Control"] == "no-store"
    assert hold(desk, concern).json()["type"] == "held"
    assert erase() == 0
    path = f"/api/v1/triage/concerns/{concern.pk}/holds"
    assert [h["reason"] for h in desk.get(path).json()] == ["A lawsuit."]
    end = f"{path}/{held.json()['id']}/end"
    assert desk.post(end, {}, JSON).status_code == 400
    ended = desk.post(end, {"reason": "It is settled."}, JSON)
    assert ended.status_code == 200
    assert ended.json()["ended_at"]
    assert desk.post(end, {"reason": "Again."}, JSON).json()["type"] == "not-held"
    assert hold(desk, concern).status_code == 201
    LegalHold.objects.update(ended_at=timezone.now())
    assert erase() == 1
    assert hold(desk, concern).json()["type"] == "erased"
    rows = AuditRow.objects.filter(object_id=str(concern.pk), action__endswith="hold").order_by("pk")
    assert [row.action for row in rows] == ["hold", "end_hold", "hold"]
    assert {row.actor for row in rows} == {liaison.pk}
    assert rows[1].reason == "It is settled."


def test_a_hold_keeps_what_was_merged_into_it(traffic: Category, liaison: User, sign_in: Any) -> None:
    main = closed(90)
    duplicate = closed(90, receipt_index=None)
    Concern.objects.filter(pk=duplicate.pk).update(disposition="duplicate", merged_into=main)
    assert hold(sign_in(liaison), main).status_code == 201
    assert erase() == 0
    LegalHold.objects.update(ended_at=timezone.now())
    assert erase() == 2


@pytest.mark.parametrize("by", ["reporter", "liaison"])
def test_what_leaves_a_held_one_has_a_hold_of_its_own(
    traffic: Category, liaison: User, resident: User, sign_in: Any, by: str
) -> None:
    main, concern = closed(9), closed(9, reporter=resident, receipt_index=None, asked_at=timezone.now())
    Concern.objects.filter(pk=concern.pk).update(disposition="duplicate", merged_into=main)
    desk = sign_in(liaison)
    hold(desk, main)
    if by == "reporter":
        path, body = f"/api/v1/concerns/{concern.pk}/verdict", {"dealt_with": False}
        answer = sign_in(resident).post(path, body, JSON)
    else:
        answer = desk.post(f"/api/v1/triage/concerns/{concern.pk}/reopen", {"reason": "Not the same."}, JSON)
    assert answer.status_code == 200, answer.content
    assert concern.holds.get(ended_at=None).reason == "A lawsuit."
    assert AuditRow.objects.filter(object_id=str(concern.pk), action="hold").exists()


def test_who_may_hold(
    traffic: Category, liaison: User, captain: User, outsider: User, resident: User, sign_in: Any
) -> None:
    concern = told(area=Area.objects.get(slug="slmpd-beat-402"))
    administrator = User.objects.create_user(
        kind=User.Kind.STAFF, email="adm@example.org", is_administrator=True
    )
    assert hold(sign_in(captain), concern).status_code == 403
    assert hold(sign_in(resident), concern).status_code == 403
    hidden, missing = hold(sign_in(outsider), concern), hold(sign_in(outsider), Concern())
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert hold(sign_in(administrator), concern).status_code == 201
    other = closed(1, receipt_index=None)
    placed = LegalHold.objects.get()
    wrong = sign_in(liaison).post(
        f"/api/v1/triage/concerns/{other.pk}/holds/{placed.pk}/end", {"reason": "-"}, JSON
    )
    assert wrong.status_code == 404
    placed.refresh_from_db()
    assert placed.ended_at is None


# --- one's own ----------------------------------------------------------------------------------------


def test_the_export_of_an_account_shows_what_was_told_and_answered(
    traffic: Category, resident: User, liaison: User, sign_in: Any
) -> None:
    concern = closed(1, reporter=resident, receipt_index=None, dealt_with=True)
    fill(concern, liaison)
    mine = sign_in(resident).get("/api/v1/me/export").json()["concerns"]
    [shown] = mine
    assert shown["answers"] == {"since": "weeks"}
    assert [letter["body"] for letter in shown["answered"]] == ["We have read it."]
    assert [reply["body"] for reply in shown["added_later"]] == ["And again."]
    assert [(photo["status"], photo["width"]) for photo in shown["photos"]] == [("received", 0)]
    assert shown["dealt_with"] is True
    for inner in ("Call them.", "A neighbor said so.", "A lawsuit.", "Closed.", "Theirs.", "no-such-file"):
        assert inner not in json.dumps(mine)


def test_an_account_that_ends_leaves_its_concerns_without_anybody(
    traffic: Category, resident: User, sign_in: Any
) -> None:
    concern = told(reporter=resident, receipt_index=None, phone="", phone_index=None)
    answer = sign_in(resident).delete("/api/v1/me", content_type="application/json")
    assert "RSMo 610.200" in answer.content.decode()
    concern.refresh_from_db()
    assert (concern.reporter, concern.contact_note, concern.tells_by_text) == (None, "", False)
    assert concern.description


def test_under_a_hold_how_to_reach_them_stays_until_it_ends(
    traffic: Category, resident: User, sign_in: Any
) -> None:
    concern = closed(90, reporter=resident, receipt_index=None, phone="", phone_index=None)
    LegalHold.objects.create(concern=concern, reason="A lawsuit.")
    answer = sign_in(resident).delete("/api/v1/me", content_type="application/json")
    assert "legal hold" in answer.content.decode()
    assert not User.objects.filter(pk=resident.pk).exists()
    concern.refresh_from_db()
    assert concern.contact_note == "resident@example.org\nNever call before noon."
    LegalHold.objects.update(ended_at=timezone.now())
    erase()
    concern.refresh_from_db()
    assert concern.contact_note == ""


def test_under_a_hold_of_what_it_was_merged_into_too(traffic: Category, resident: User, sign_in: Any) -> None:
    main = closed(90)
    LegalHold.objects.create(concern=main, reason="A lawsuit.")
    concern = closed(90, reporter=resident, receipt_index=None, phone="", phone_index=None)
    Concern.objects.filter(pk=concern.pk).update(disposition="duplicate", merged_into=main)
    sign_in(resident).delete("/api/v1/me", content_type="application/json")
    concern.refresh_from_db()
    assert concern.contact_note.startswith("resident@example.org")


def test_safe_at_home_takes_every_address_off(resident: User, city: None, sign_in: Any) -> None:
    answers = json.dumps({"mailing_address": "12 Elm", "since": "weeks"})
    concern = told(reporter=resident, receipt_index=None, answers=answers)
    LegalHold.objects.create(concern=concern, reason="A lawsuit.")
    sign_in(resident).patch("/api/v1/me", {"safe_at_home": True}, content_type="application/json")
    concern.refresh_from_db()
    assert (concern.address, concern.position) == ("", "")
    assert json.loads(concern.answers) == {"since": "weeks"}


# --- all of it ----------------------------------------------------------------------------------------


def test_prune_ends_them_and_what_was_said_of_our_pages(traffic: Category) -> None:
    closed(90)
    said_on = timezone.localdate() - requests.KEPT
    PageFeedback.objects.create(page="/updates", is_helpful=False, comment="Which form?", on=said_on)
    lines = prune(timezone.now())
    assert lines["concerns"] == 1
    assert lines["what was said of our pages"] == 1
