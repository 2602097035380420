"""Sequences that went wrong once: a STOP or a halt while the provider is being asked, a STOP said twice, a stranger."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from backend.accounts import residents
from backend.accounts.models import User
from backend.errors import Conflict
from backend.notifications import erasure, registry, sender, services, upkeep
from backend.notifications.models import Channel, Message, Notice, Recipient, Reply, Subscription
from backend.notifications.registry import Kind
from backend.notifications.services import Wish
from backend.notifications.transports import Unknown
from backend.notifications.worker import work_once
from tests.notifications.conftest import TOPIC, statuses, tell
from tests.notifications.fakes import FakeTransport

pytestmark = pytest.mark.django_db
NUMBER = "+13142000000"


class Asked(FakeTransport):
    """Something happens while the provider is asked what it has."""

    meanwhile: Any = None

    def find(self, **words: Any) -> list[str]:
        if self.meanwhile:
            self.meanwhile()
        self.meanwhile = None
        return []


def left_behind(followers: Any) -> Recipient:
    """One text that timed out; the provider does not have it."""
    (person,) = followers(1)
    tell(expires_at=timezone.now() + timedelta(hours=2))
    work_once(FakeTransport(answers=[Unknown("TimeoutError")]))
    return person


@pytest.mark.parametrize(
    ("act", "ended"),
    [
        (lambda p: services.stop_texts(recipient=p, source="text"), ("suppressed", "stopped")),
        (lambda p: services.halt(notice=Notice.objects.get(), by=None), ("canceled", "halted")),
        (lambda p: services.stop_sending(channel=Channel.SMS, by=None), ("held", "stopped_by_staff")),
    ],
)
def test_what_comes_while_the_provider_is_asked_counts(followers: Any, act: Any, ended: Any) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        person = left_behind(followers)
        clock.shift(timedelta(seconds=40))
        transport = Asked()
        transport.meanwhile = lambda: act(Recipient.objects.get(pk=person.pk))
        work_once(transport)
    assert transport.texts == []
    assert statuses() == [ended]


def test_who_changed_their_language_is_not_sent_a_second_copy(followers: Any) -> None:
    services.review_language(language="es", reader="Ana", by=None)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        (person,) = followers(1)
        tell(body={"en": "It is off. {link}", "es": "Se cancela. {link}"})
        transport = FakeTransport(answers=[Unknown("TimeoutError")], accepted_first=True)
        work_once(transport)
        Recipient.objects.filter(pk=person.pk).update(language="es")
        clock.shift(timedelta(seconds=40))
        while work_once(transport):
            pass
    assert len(transport.texts) == 1
    assert statuses() == [("sent", "")]


def test_what_may_have_gone_is_not_resent(followers: Any) -> None:
    left_behind(followers)
    services.halt(notice=Notice.objects.get(), by=None)
    Message.objects.update(status="canceled", lease_until=None)
    assert services.resend(notice=Notice.objects.get(), by=None) == 0


@pytest.mark.parametrize("by", ["staff", "web"])
def test_a_stop_that_the_person_said_too_is_theirs_alone(followers: Any, text_in: Any, by: str) -> None:
    (person,) = followers(1)
    services.stop_texts(recipient=person, source=by)
    text_in("STOP", person.address)
    person.refresh_from_db()
    undo = {
        "staff": lambda: services.undo_opt_out(recipient=person, by=None, reason="They called."),
        "web": lambda: services.start_by_web(recipient=person),
    }[by]
    with pytest.raises(Conflict):
        undo()


def test_a_stranger_wakes_nobody_and_changes_nothing() -> None:
    with transaction.atomic():
        owner = services.recipient_of(NUMBER)
        services.change_recipient(recipient=owner, language="es", never_contact=True)
    services.subscribe(phone=NUMBER, topics=[TOPIC], language="ps")
    owner.refresh_from_db()
    assert owner.language == "es"
    assert not Message.objects.exists()
    services.subscribe(phone="+13142000001", topics=[TOPIC])
    with time_machine.travel("2026-11-24T03:00:00-06:00", tick=False):
        services.subscribe(phone="+13142000002", topics=[TOPIC])
        work_once(FakeTransport())
        work_once(transport := FakeTransport())
    assert transport.texts == []


def test_by_night_own_hours_count(followers: Any) -> None:
    anybody, careful = followers(2)
    services.change_recipient(recipient=careful, hours_from=10, hours_until=12)
    with time_machine.travel("2026-11-23T23:00:00-06:00", tick=False):
        tell(urgency=Notice.Urgency.URGENT, expires_at=timezone.now() + timedelta(hours=14))
        transport = FakeTransport()
        while work_once(transport):
            pass
    assert [text.to for text in transport.texts] == [anybody.address]


def test_what_matters_today_waits_for_no_digest(followers: Any) -> None:
    services.follow(recipient=followers(1)[0], wishes=[Wish(TOPIC, "digest")], source="account")
    next_week = timezone.now() + timedelta(days=7)
    assert tell("a", expires_at=next_week) == 0
    assert tell("b", expires_at=next_week, matters_by=timezone.now() + timedelta(hours=5)) == 1


def test_a_halted_text_is_in_no_digest(followers: Any) -> None:
    services.follow(recipient=followers(1)[0], wishes=[Wish(TOPIC, "digest")], source="account")
    tell(expires_at=timezone.now() + timedelta(days=4))
    services.halt(notice=Notice.objects.get(), by=None)
    with time_machine.travel("2026-11-24T08:05:00-06:00", tick=False):
        upkeep.send_digests(timezone.now())
    assert Notice.objects.count() == 1


def test_reminders_without_hours_are_a_day_and_two_hours_before(followers: Any) -> None:
    services.follow(recipient=followers(1)[0], wishes=[Wish(TOPIC, "reminders")], source="account")
    assert {r.hours for r in Subscription.objects.get().reminders.all()} == {24, 2}


def test_what_is_safe_stays_known(followers: Any) -> None:
    with transaction.atomic():
        careful = services.recipient_of(NUMBER)
        services.change_recipient(recipient=careful, never_contact=True)
        services.recipient_of("+13142000001")
    later = timezone.now() + timedelta(days=100)
    erasure.erase_old(later)
    assert [r.address for r in Recipient.objects.all()] == [NUMBER]


def test_a_new_number_keeps_what_is_safe_and_mail_goes_to_the_new_address() -> None:
    user = User(kind=User.Kind.RESIDENT)
    user.set_phone(NUMBER)
    user.save()
    with transaction.atomic():
        old = services.recipient_of(NUMBER)
        services.change_recipient(recipient=old, is_discreet=True, hours_from=10)
    residents.change_phone(user, "+13142000001")
    new = Recipient.objects.exclude(pk=old.pk).get()
    assert (new.is_discreet, new.hours_from, new.consent) == (True, 10, "none")


@pytest.mark.parametrize("text", ["LANG\nes", "LANG\tes", "  lang   es "])
def test_a_command_ends_at_any_space(text_in: Any, text: str) -> None:
    assert "noted: Spanish" in text_in(text)


def test_start_ends_a_doubt(followers: Any, text_in: Any) -> None:
    (person,) = followers(1)
    text_in("who is this", person.address)
    text_in("START", person.address)
    assert not Reply.objects.filter(needs_reading=True).exists()
    person.refresh_from_db()
    assert person.in_doubt_since is None


def test_a_short_pause_does_not_cut_a_long_one() -> None:
    sender.pause(timedelta(hours=8), "30023")
    sender.pause(timedelta(seconds=2), "20429")
    assert sender.paused_until() > timezone.now() + timedelta(hours=7)


def test_two_machines_come_to_an_end_whatever_they_say(text_in: Any) -> None:
    answers = [text_in("HELLO, this is an automatic answer") for _ in range(30)]
    assert sum("<Message>" in answer for answer in answers) == 1


def test_safe_hours_end_with_the_account() -> None:
    user = User(kind=User.Kind.RESIDENT)
    user.set_phone(NUMBER)
    user.save()
    with transaction.atomic():
        services.change_recipient(recipient=services.recipient_of(NUMBER), never_contact=True)
    residents.delete(user)
    erasure.erase_old(timezone.now() + timedelta(days=100))
    assert not Recipient.objects.exists()


def test_a_text_left_behind_that_cannot_be_checked_is_not_counted_backwards(
    followers: Any, monkeypatch: Any
) -> None:
    def broken(subject: str, now: Any) -> bool:
        raise RuntimeError

    with time_machine.travel(timezone.now(), tick=False) as clock:
        left_behind(followers)
        monkeypatch.setitem(registry.KINDS, "changed", Kind(broken, needs_consent=True))
        clock.shift(timedelta(seconds=40))
        work_once(Asked())
    assert list(Message.objects.values_list("status", "attempts_made")) == [("queued", 1)]


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL reads a small table whole, indexes or not"
)
@pytest.mark.parametrize(
    "find",
    [
        lambda reader, now: Message.objects.of(reader),
        lambda reader, now: Message.objects.waiting_for([reader]),
        lambda reader, now: Message.objects.in_flight().filter(recipient=reader),
        lambda reader, now: reader.messages.counted_since(now),
    ],
)
def test_one_persons_messages_are_found_without_reading_everybodys(followers: Any, find: Any) -> None:
    """There is no index on the recipient alone, which a fan-out would pay for; whatever looks must not need it."""
    (reader,) = followers(1)
    plan = find(reader, timezone.now()).explain()
    assert f"SEARCH {Message._meta.db_table}" in plan
    assert f"SCAN {Message._meta.db_table}" not in plan
