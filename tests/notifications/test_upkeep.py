"""What is kept ends, what waits is counted, and staff see states but no numbers."""

import math
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from backend.notifications import outbox, services
from backend.notifications.erasure import erase_old
from backend.notifications.metrics import gauges
from backend.notifications.models import Attempt, Consent, Message, Notice, Recipient, Reply
from backend.notifications.worker import Worker, work_once
from tests.notifications.conftest import TOPIC, tell

pytestmark = pytest.mark.django_db


def after(days: int) -> None:
    erase_old(timezone.now() + timedelta(days=days))


def test_words_end_90_days_after_they_were_of_use(followers, transport):
    followers(3)
    tell()
    while work_once(transport):
        pass
    after(89)
    assert Message.objects.count() == 3
    after(91)
    assert not Notice.objects.filter(key="k").exists()
    assert not Message.objects.exists()
    assert not Attempt.objects.exists()
    assert Recipient.objects.count() == 3


def test_replies_end_after_30_days(text_in):
    text_in("where is it?")
    after(29)
    assert Reply.objects.exists()
    after(31)
    assert not Reply.objects.exists()


def test_who_never_answered_is_forgotten():
    services.subscribe(phone="314 200 0000", topics=[TOPIC])
    after(89)
    assert Recipient.objects.exists()
    after(95)
    assert not Recipient.objects.exists()
    assert not Consent.objects.exists()


def test_who_follows_nothing_any_more_is_forgotten(followers):
    followers(2)[0].subscriptions.all().delete()
    after(91)
    assert Recipient.objects.count() == 1


def test_a_stop_is_remembered_without_the_number(followers, text_in):
    (person,) = followers(1)
    text_in("STOP", person.address)
    after(91)
    kept = Recipient.objects.get()
    assert (kept.address, kept.consent, kept.subscriptions.count()) == ("", "stopped", 0)
    services.subscribe(phone=person.address, topics=[TOPIC])
    assert not Message.objects.exists()


def test_gauges_tell_what_waits(followers):
    assert gauges() == {
        "messages_queued": 0,
        "messages_sending": 0,
        "messages_unknown": 0,
        "oldest_due_message_seconds": 0,
        "worker_heartbeat_age_seconds": math.inf,
    }
    followers(3)
    tell()
    outbox.claim()
    outbox.lost_sight(outbox.claim(), "timeout")
    now = gauges()
    assert (now["messages_queued"], now["messages_sending"], now["messages_unknown"]) == (1, 1, 1)
    assert 0 < now["oldest_due_message_seconds"] < 60


def test_a_worker_is_seen(transport):
    Worker(transport).run(drain=True)
    assert gauges()["worker_heartbeat_age_seconds"] < 60


# --- staff pages ----------------------------------------------------------------------------------------


@pytest.fixture
def administrator(sign_in):
    users = get_user_model().objects
    return sign_in(users.create_user(kind="staff", email="admin@rollcall.example", is_administrator=True))


def test_administrators_see_states_that_add_up_and_no_number(administrator, followers, transport):
    people = followers(3)
    tell()
    work_once(transport)
    notice = Notice.objects.get(key="k")
    page = administrator.get(f"/admin/notifications/notice/{notice.pk}/change/").content.decode()
    assert "3 in all; 2 waiting to be sent; 1 accepted by the provider" in page
    assert "roll call is cancelled" in page
    message = administrator.get("/admin/notifications/message/").content.decode()
    for person in people:
        assert person.address[2:] not in page + message


def test_a_text_to_one_person_is_not_shown(administrator):
    services.subscribe(phone="314 200 0000", topics=[TOPIC])
    notice = Notice.objects.get(kind="opt_in")
    page = administrator.get(f"/admin/notifications/notice/{notice.pk}/change/").content.decode()
    assert "not shown" in page
    assert "reply YES" not in page


def test_nothing_is_changed_by_hand(administrator, followers):
    followers(1)
    tell()
    notice = Notice.objects.get(key="k")
    assert administrator.post(f"/admin/notifications/notice/{notice.pk}/delete/").status_code == 403
    assert administrator.post(f"/admin/notifications/notice/{notice.pk}/change/", {}).status_code == 403
    assert administrator.get("/admin/notifications/notice/add/").status_code == 403


def test_others_see_nothing(client, sign_in):
    assert client.get("/admin/notifications/message/").status_code == 302
    staff = get_user_model().objects.create_user(kind="staff", email="officer@rollcall.example")
    assert sign_in(staff).get("/admin/notifications/message/").status_code == 403
