"""What people ask for: which changes, when, where to; and how they and staff end it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from backend.accounts import residents
from backend.accounts.models import AuditRow, User
from backend.errors import Conflict
from backend.notifications import outbox, registry, services, upkeep, words
from backend.notifications.languages import LANGUAGES, vouched_for
from backend.notifications.models import (
    Alert,
    Consent,
    Message,
    Notice,
    Recipient,
    Reminder,
    Reply,
    Sender,
    Subscription,
)
from backend.notifications.registry import Kind
from backend.notifications.services import Wish
from backend.notifications.worker import work_once
from tests.notifications.conftest import TOPIC, statuses, tell
from tests.notifications.fakes import FakeTransport

pytestmark = pytest.mark.django_db
JSON = "application/json"
NUMBER = "+13142000000"


@pytest.fixture
def owner() -> User:
    user = User(kind=User.Kind.RESIDENT)
    user.set_phone(NUMBER)
    user.set_email("owner@example.org")
    user.save()
    return user


def send_all(transport: FakeTransport | None = None) -> FakeTransport:
    transport = transport or FakeTransport()
    while work_once(transport):
        pass
    return transport


def follow(recipient: Recipient, **wish: Any) -> None:
    services.follow(recipient=recipient, wishes=[Wish(TOPIC, **wish)], source="account")


# --- which changes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "urgency", "useful_for", "told"),
    [
        ({}, Notice.Urgency.NEWS, timedelta(days=3), True),
        ({"least": 10}, Notice.Urgency.NEWS, timedelta(days=3), False),
        ({"least": 10}, Notice.Urgency.CHANGE, timedelta(days=3), True),
        ({"least": 5}, Notice.Urgency.CHANGE, timedelta(hours=3), False),
        ({"least": 5}, Notice.Urgency.URGENT, timedelta(hours=3), True),
        ({"delivery": "digest"}, Notice.Urgency.CHANGE, timedelta(days=3), False),
        ({"delivery": "digest"}, Notice.Urgency.CHANGE, timedelta(hours=3), True),  # tomorrow is too late
        ({"delivery": "reminders"}, Notice.Urgency.CHANGE, timedelta(days=3), False),
    ],
)
def test_a_change_goes_to_whom_it_is_wanted_by(
    followers: Any, wish: dict[str, Any], urgency: Notice.Urgency, useful_for: timedelta, told: bool
) -> None:
    follow(followers(1)[0], **wish)
    assert tell(urgency=urgency, expires_at=timezone.now() + useful_for) == told


def test_a_digest_is_one_text_a_morning_of_what_is_still_so(followers: Any) -> None:
    follow(followers(1)[0], delivery="digest")
    tell("one", body="Tuesday's is cancelled. {link}", expires_at=timezone.now() + timedelta(days=4))
    tell("two", body="Friday's is moved. {link}", expires_at=timezone.now() + timedelta(days=4))
    tell("three", body="No more so.", subject_id="untrue", expires_at=timezone.now() + timedelta(days=4))
    assert not Message.objects.exists()
    upkeep.send_digests(timezone.now())
    assert not Message.objects.exists()  # ten o'clock is not the first of their hours
    with time_machine.travel("2026-11-24T08:05:00-06:00", tick=False):
        for _ in range(2):
            upkeep.send_digests(timezone.now())
        (text,) = send_all().texts
    assert text.body.startswith(
        "Roll Call: changes in what you follow: 2. Tuesday's is cancelled. Friday's is moved. https://"
    )


def test_reminders_are_for_those_who_chose_the_hours(followers: Any) -> None:
    day, never = followers(2)
    follow(day, reminders=(24, 2))
    follow(never)
    assert tell("r", reminder_hours=24) == 1
    assert tell("s", reminder_hours=3) == 0
    assert set(Reminder.objects.values_list("hours", flat=True)) == {2, 24}


def test_followers_of_a_split_series_keep_their_ways(followers: Any) -> None:
    follow(followers(1)[0], delivery="digest", reminders=(24,))
    services.copy_followers(topic=TOPIC, to="area:somewhere-else")
    copy = Subscription.objects.get(topic="area:somewhere-else")
    assert (copy.delivery, [r.hours for r in copy.reminders.all()]) == ("digest", [24])


# --- safe contact -----------------------------------------------------------------------------------------


def test_a_discreet_reader_learns_that_there_is_news(followers: Any) -> None:
    (reader,) = followers(1)
    services.change_recipient(recipient=reader, is_discreet=True)
    tell(body="The domestic violence working group moved. {link}")
    (text,) = send_all().texts
    assert text.body.partition("https")[0] == "Roll Call: there is an update. "


def test_who_does_not_want_to_be_written_to_gets_codes_alone(followers: Any, monkeypatch: Any) -> None:
    (reader,) = followers(1)
    services.change_recipient(recipient=reader, never_contact=True)
    tell()
    assert send_all().texts == []
    assert statuses() == [("suppressed", "never_contact")]
    monkeypatch.setitem(registry.KINDS, "code", Kind(lambda subject, now: True, needs_consent=False))
    tell("code", kind="code", urgency=Notice.Urgency.PROMPT)
    assert len(send_all().texts) == 1


def test_the_account_says_how_it_is_written_to(owner: User, sign_in: Any, known: None) -> None:
    client, path = sign_in(owner), "/api/v1/me/messages/sms"
    assert client.get(path).json()["consent"] == "none"
    wanted = {"language": "vi", "hours_from": 9, "hours_until": 17, "is_discreet": True, "mail_instead": True}
    answer = client.patch(path, wanted, JSON)
    assert answer.status_code == 200, answer.json()
    assert wanted.items() <= answer.json().items()
    assert answer.json()["is_language_in_use"] is False
    follows = [{"topic": TOPIC, "delivery": "digest", "at_least": "change", "reminders": [2, 24]}]
    assert client.put(f"{path}/follows", {"follows": follows}, JSON).json()["follows"] == follows
    assert "reply YES" in send_all().texts[0].body
    mail = client.put("/api/v1/me/messages/email/follows", {"follows": [{"topic": TOPIC}]}, JSON).json()
    assert mail["consent"] == "given"
    exported = client.get("/api/v1/me/export").json()["texts"]
    assert {row["language"] for row in exported} == {"vi", "en"}


@pytest.mark.parametrize(
    ("channel", "body", "status"),
    [
        ("sms", {"hours_from": 12, "hours_until": 9}, 400),
        ("sms", {"hours_from": 3}, 400),
        ("sms", {"time_zone": "Mars/Olympus"}, 400),
        ("sms", {"language": "tlh"}, 400),
        ("email", {"mail_instead": True}, 400),
        ("fax", {}, 404),
    ],
)
def test_what_cannot_be_is_refused(owner: User, sign_in: Any, channel: str, body: Any, status: int) -> None:
    assert sign_in(owner).patch(f"/api/v1/me/messages/{channel}", body, JSON).status_code == status


def test_a_number_that_texts_do_not_reach_is_shown_and_mail_goes_instead(
    owner: User, sign_in: Any, text_in: Any, known: None
) -> None:
    client = sign_in(owner)
    client.patch("/api/v1/me/messages/sms", {"mail_instead": True}, JSON)
    services.add_followers(topic=TOPIC, numbers=[NUMBER], source="demo")
    Recipient.objects.filter(channel="sms").update(unusable_reason="30006", consent="given")
    tell()
    send_all()
    assert send_all(FakeTransport(channel="email")).texts[0].to == "owner@example.org"
    assert "do not reach" in client.get("/api/v1/me/messages/sms").json()["problem"]
    text_in("hello", NUMBER)
    assert client.get("/api/v1/me/messages/sms").json()["problem"] == ""


@pytest.mark.parametrize(
    ("ends", "is_asked"),
    [
        ([("undelivered", "30003")] * 2, False),
        ([("delivered", ""), *[("undelivered", "30003")] * 2], False),
        ([("delivered", ""), *[("undelivered", "30003")] * 2, ("undelivered", "30008")], True),
        ([*[("undelivered", "30003")] * 3, ("delivered", "")], False),
        ([("undelivered", "30007")] * 3, False),
    ],
)
def test_whose_last_three_texts_did_not_arrive_is_asked_for_the_number(
    owner: User, sign_in: Any, known: None, ends: list[tuple[str, str]], is_asked: bool
) -> None:
    services.add_followers(topic=TOPIC, numbers=[NUMBER], source="demo")
    for n, (status, reason) in enumerate(ends):
        tell(f"notice {n}")
        at = timezone.now() + timedelta(minutes=n)
        Message.objects.filter(status="queued").update(status=status, reason=reason, settled_at=at)
    problem = sign_in(owner).get("/api/v1/me/messages/sms").json()["problem"]
    assert ("still your number" in problem) is is_asked


# --- the end of it ------------------------------------------------------------------------------------------


def test_a_number_that_is_somebody_elses_now_forgets_its_owner(owner: User, text_in: Any) -> None:
    services.add_followers(topic=TOPIC, numbers=[NUMBER], source="demo")
    text_in("Sorry, wrong number", NUMBER)
    assert Recipient.objects.get().consent == "stopped"
    assert not Subscription.objects.exists()
    owner.refresh_from_db()
    assert (owner.phone, owner.email) == ("", "owner@example.org")
    text_in("START", NUMBER)
    assert Recipient.objects.get().consent == "none"  # the former owner's agreement is not theirs


def test_an_account_that_has_only_the_number_keeps_it(text_in: Any) -> None:
    user = User(kind=User.Kind.RESIDENT)
    user.set_phone(NUMBER)
    user.save()
    text_in("wrong number", NUMBER)
    user.refresh_from_db()
    assert user.phone == NUMBER


def test_a_changed_number_takes_no_agreement_along(owner: User) -> None:
    services.add_followers(topic=TOPIC, numbers=[NUMBER], source="demo")
    residents.change_phone(owner, "+13142000009")
    old, new = Recipient.objects.order_by("pk")
    assert (old.consent, new.consent) == ("none", "none")
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("urgency", [Notice.Urgency.CHANGE, Notice.Urgency.URGENT])
def test_an_unsure_reply_rests_the_sending_until_somebody_has_read_it(
    followers: Any, text_in: Any, administrator: User, sign_in: Any, urgency: Notice.Urgency
) -> None:
    (person,) = followers(1)
    assert "a person will read this" in text_in("who is this", person.address)
    tell(expires_at=timezone.now() + timedelta(days=2), urgency=urgency)
    assert send_all().texts == []
    assert statuses() == [("held", "in_doubt")]
    reply = Reply.objects.get(needs_reading=True)
    desk = sign_in(administrator)
    listed = desk.get("/admin/notifications/reply/")
    assert b"who is this" in listed.content
    desk.post("/admin/notifications/reply/", {"action": "is_no_stop", "_selected_action": [reply.pk]})
    assert outbox.release(timezone.now()) == 1
    assert len(send_all().texts) == 1
    assert AuditRow.objects.filter(action="settle_doubt").exists()


def test_a_doubt_that_nobody_reads_ends_as_a_stop(followers: Any, text_in: Any) -> None:
    (person,) = followers(1)
    text_in("who is this", person.address)
    later = timezone.now() + timedelta(days=2)
    with time_machine.travel(later, tick=False):
        upkeep.end_doubts(later)
        assert list(Alert.objects.values_list("kind", flat=True)) == ["doubts_unread"]
        upkeep.end_doubts(later + timedelta(days=9))
    assert Recipient.objects.get().consent == "stopped"


def test_staff_stop_at_somebodys_word_and_take_back_only_that(
    administrator: User, sign_in: Any, text_in: Any
) -> None:
    desk = sign_in(administrator)

    def act(action: str) -> int:
        body = {"phone": NUMBER, "action": action, "reason": "She called."}
        status: int = desk.post("/api/v1/opt-outs", body, JSON).status_code
        return status

    services.add_followers(topic=TOPIC, numbers=[NUMBER], source="demo")
    assert act("undo") == 409
    assert act("stop") == 204
    assert Recipient.objects.get().consent == "stopped"
    assert act("undo") == 204
    assert Recipient.objects.get().consent == "given"
    text_in("STOP", NUMBER)
    assert act("undo") == 409
    assert Recipient.objects.get().consent == "stopped"
    assert list(Consent.objects.order_by("pk").values_list("source", flat=True)) == [
        "demo",
        "staff",
        "staff",
        "text",
    ]
    assert AuditRow.objects.filter(action__in=["opt_out", "undo_opt_out"]).count() == 2


@pytest.fixture
def administrator() -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email="adm@example.org", is_administrator=True)


def test_administrators_hear_of_an_alarm_once(administrator: User) -> None:
    for _ in range(2):
        services.raise_alert("queue_late", "Texts wait.")
    mail = send_all(FakeTransport(channel="email")).texts
    assert [m.to for m in mail] == ["adm@example.org"]
    services.clear_alert("queue_late")
    services.raise_alert("queue_late", "Texts wait.")
    assert Alert.objects.count() == 2


def test_the_watch_sees_a_late_queue_and_many_failures(followers: Any) -> None:
    followers(30)
    tell()
    Message.objects.update(due_at=timezone.now() - timedelta(minutes=20))
    upkeep.watch(timezone.now())
    failing = list(Message.objects.values_list("pk", flat=True)[:5])
    Message.objects.update(status="delivered", settled_at=timezone.now())
    Message.objects.filter(pk__in=failing).update(status="undelivered")
    upkeep.watch(timezone.now())
    assert dict(Alert.objects.values_list("kind", "over_at")).keys() == {"queue_late", "failures"}
    assert Alert.objects.get(kind="queue_late").over_at is not None


def test_what_was_erased_is_not_sent_again(administrator: User, monkeypatch: Any) -> None:
    monkeypatch.setitem(registry.KINDS, "code", Kind(lambda subject, now: True, False, is_secret=True))
    with transaction.atomic():
        services.send_to(
            kind="code",
            key="code",
            recipient=services.recipient_of(NUMBER),
            body="Your code.",
            expires_at=timezone.now() + timedelta(hours=1),
        )
    with pytest.raises(Conflict, match="erased"):
        services.resend(notice=Notice.objects.get(), by=administrator)


def test_one_tap_stops_a_fan_out_and_another_sends_the_rest(
    followers: Any, administrator: User, sign_in: Any, known: None
) -> None:
    followers(4)
    tell()
    transport = FakeTransport()
    work_once(transport)
    notice, desk = Notice.objects.get(), sign_in(administrator)
    desk.post("/admin/notifications/notice/", {"action": "halt", "_selected_action": [notice.pk]})
    assert send_all(transport).texts == transport.texts[:1]
    assert sorted(set(statuses())) == [("canceled", "halted"), ("sent", "")]
    desk.post("/admin/notifications/notice/", {"action": "resend", "_selected_action": [notice.pk]})
    assert len({t.to for t in send_all(transport).texts}) == 4 == len(transport.texts)


def test_all_sending_can_be_stopped_and_started(
    followers: Any, administrator: User, sign_in: Any, known: None
) -> None:
    followers(1)
    tell()
    desk = sign_in(administrator)
    stop, start = (reverse(f"admin:notifications_notice_{act}_sending") for act in ("stop", "start"))
    assert b"Stop all texts" in desk.get(stop).content  # asks first
    assert not Sender.objects.exists()
    desk.post(stop)
    assert send_all().texts == []
    desk.post(start)
    assert len(send_all().texts) == 1


def test_who_calls_is_stopped_from_the_staff_pages(administrator: User, sign_in: Any) -> None:
    desk, path = sign_in(administrator), reverse("admin:notifications_reply_opt_out")
    assert b'name="phone"' in desk.get(path).content
    wrong = desk.post(path, {"phone": "12", "reason": "She called."})
    assert wrong.status_code == 200
    assert b"errorlist" in wrong.content
    assert not Consent.objects.exists()
    desk.post(path, {"phone": NUMBER, "reason": "She called."})
    assert Consent.objects.values_list("action", "source").get() == ("stopped", "staff")
    assert AuditRow.objects.filter(action="opt_out").count() == 1


def test_a_language_is_read_beside_the_english_and_vouched_for(administrator: User, sign_in: Any) -> None:
    desk, path = sign_in(administrator), reverse("admin:notifications_languagereview_review")
    page = desk.get(f"{path}?language=es").content.decode()
    assert "not read by a person" in page
    assert words.discreet(LANGUAGES["es"]).partition(" {")[0] in page
    desk.post(path, {"language": "es", "reader": "Ana"})
    assert desk.get("/admin/notifications/languagereview/").status_code == 200
    assert [language.code for language in vouched_for()] == ["es"]


def test_either_token_is_good_while_it_is_changed(from_twilio: Any, settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN_OLD = "the-old-token"
    form = {"From": NUMBER, "Body": "STOP"}
    assert from_twilio("/webhooks/twilio/inbound", token="the-old-token", **form).status_code == 200
    assert from_twilio("/webhooks/twilio/inbound", **form).status_code == 200
    assert from_twilio("/webhooks/twilio/inbound", token="another", **form).status_code == 403
