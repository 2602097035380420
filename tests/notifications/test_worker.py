"""Sending: once, while wanted, whatever happens on the way."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from backend.notifications import outbox, registry, services
from backend.notifications.models import Attempt, Heartbeat, JobRun, Message, Recipient, Subscription
from backend.notifications.registry import Job, Kind
from backend.notifications.transports import Misconfigured, NotSent, OffTransport, Refused, Unknown
from backend.notifications.worker import Worker, drained, run_jobs, work_once
from tests.notifications.conftest import statuses, tell
from tests.notifications.fakes import FakeTransport

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-22T18:00:00Z", tick=False) as traveller:
        yield traveller


def work(transport) -> None:
    while work_once(transport):
        pass


def later(clock, seconds: float, transport) -> None:
    clock.shift(timedelta(seconds=seconds))
    work(transport)


def test_every_follower_gets_one_text(followers, transport):
    people = followers(3)
    tell()
    work(transport)
    assert sorted(t.to for t in transport.texts) == sorted(p.address for p in people)
    assert statuses() == [("sent", "")] * 3
    assert drained(timezone.now())


def test_what_somebody_waits_for_goes_first(followers, transport):
    followers(1)
    tell("later")
    tell("now", body="your code", urgency=0)
    work(transport)
    assert transport.texts[0].body == "your code"


# --- still wanted? ------------------------------------------------------------------------------------


def test_nothing_goes_to_who_stopped_in_the_meantime(followers, transport):
    person, _ = followers(2)
    tell()
    services.stop_texts(recipient=person, source="text")
    work(transport)
    assert [t.to for t in transport.texts] != [person.address]
    assert sorted(statuses()) == [("sent", ""), ("suppressed", "stopped")]


def test_consent_is_asked_again_at_the_last_moment(followers, transport):
    followers(1)
    tell()
    Recipient.objects.update(consent="none")
    work(transport)
    assert (statuses(), transport.texts) == ([("suppressed", "no_consent")], [])


def test_who_no_longer_follows_is_left_alone(followers, transport):
    followers(1)
    tell()
    Subscription.objects.all().delete()
    work(transport)
    assert statuses() == [("suppressed", "unsubscribed")]


def test_what_is_no_longer_true_is_not_said(followers, transport):
    followers(1)
    tell(subject_id="untrue")
    work(transport)
    assert statuses() == [("suppressed", "no_longer_true")]


def test_what_comes_too_late_is_not_said(followers, transport, clock):
    followers(1)
    tell()
    later(clock, 3 * 3600, transport)
    assert (statuses(), transport.texts) == ([("expired", "too_late")], [])


def test_a_kind_of_a_newer_version_waits_for_a_newer_worker(followers, transport, clock, monkeypatch):
    followers(1)
    monkeypatch.setitem(registry.KINDS, "newer", Kind(lambda subject, now: True, True))
    tell(kind="newer")
    monkeypatch.delitem(registry.KINDS, "newer")
    work(transport)
    assert (statuses(), transport.texts) == ([("queued", "not_ready")], [])
    monkeypatch.setitem(registry.KINDS, "newer", Kind(lambda subject, now: True, True))
    later(clock, 70, transport)
    assert len(transport.texts) == 1


def test_what_can_never_be_checked_still_ends(followers, transport, clock, monkeypatch):
    followers(1)
    monkeypatch.setitem(registry.KINDS, "newer", Kind(lambda subject, now: True, True))
    tell(kind="newer")
    monkeypatch.delitem(registry.KINDS, "newer")
    work(transport)
    later(clock, 3 * 3600, transport)
    assert (statuses(), transport.texts) == ([("expired", "too_late")], [])


# --- a worker that dies -------------------------------------------------------------------------------


def test_killed_before_sending_it_is_sent_by_the_next(followers, transport, clock):
    followers(1)
    tell()
    outbox.claim()
    work(transport)
    assert (statuses(), transport.texts) == ([("sending", "")], [])
    later(clock, 31, transport)
    assert (statuses(), len(transport.texts)) == ([("sent", "")], 1)


def test_killed_after_sending_it_is_not_sent_again(followers, transport, clock):
    followers(1)
    tell()
    claim = outbox.claim()
    transport.send(
        to=claim.message.recipient.address,
        body=claim.message.notice.body,
        attempt_id=claim.attempt.pk,
        expires_at=claim.message.notice.expires_at,
    )
    later(clock, 31, transport)
    assert (statuses(), len(transport.texts)) == ([("sent", "")], 1)
    assert Attempt.objects.get().provider_id == transport.texts[0].id


def test_an_earlier_text_with_the_same_words_is_not_taken_for_it(followers, transport, clock):
    followers(1)
    tell("first")
    work(transport)
    tell("again")
    outbox.claim()
    later(clock, 31, transport)
    assert (statuses(), len(transport.texts)) == ([("sent", "")] * 2, 2)


def test_one_text_to_a_number_at_a_time(followers, transport, clock):
    followers(1)
    tell("first")
    tell("second", body="Saturday's too.")
    outbox.claim()
    assert outbox.claim() is None
    later(clock, 31, transport)
    assert len(transport.texts) == 2


def test_who_lost_the_lease_changes_nothing(followers, transport, clock):
    followers(1)
    tell()
    slow = outbox.claim()
    later(clock, 31, transport)
    assert not outbox.put_back(slow, "429", timedelta(seconds=1))
    assert statuses() == [("sent", "")]


def test_a_worker_that_slept_too_long_does_not_send(followers, transport, clock, monkeypatch):
    followers(1)
    tell()

    def sleep(subject, now):
        clock.shift(timedelta(seconds=15))
        return True

    monkeypatch.setitem(registry.KINDS, "changed", Kind(sleep, True))
    work(transport)
    assert transport.texts == []


# --- answers of the provider --------------------------------------------------------------------------


def test_a_lost_answer_is_asked_for(followers, clock):
    transport = FakeTransport(answers=[Unknown("timeout")], accepted_first=True)
    followers(1)
    tell()
    work(transport)
    assert statuses() == [("unknown", "timeout")]
    later(clock, 11, transport)
    assert (statuses()[0][0], len(transport.texts)) == ("sent", 1)


def test_what_the_provider_does_not_have_is_sent_again(followers, clock):
    transport = FakeTransport(answers=[Unknown("500"), None])
    followers(1)
    tell()
    work(transport)
    later(clock, 11, transport)
    assert (statuses()[0][0], len(transport.texts)) == ("sent", 1)


def test_a_provider_that_always_breaks_is_given_up(followers, clock):
    transport = FakeTransport(answers=[Unknown("20500") for _ in range(9)])
    followers(1)
    tell()
    for _ in range(12):
        later(clock, 100, transport)
    assert statuses() == [("failed", "20500")]
    assert Attempt.objects.count() == outbox.MAX_ATTEMPTS


def test_an_unknown_that_is_no_longer_of_use_is_not_repeated(followers, clock):
    transport = FakeTransport(answers=[Unknown("timeout")])
    followers(1)
    tell()
    work(transport)
    later(clock, 3 * 3600, transport)
    assert (statuses(), transport.texts) == ([("expired", "too_late")], [])


def test_slow_down_holds_the_whole_sender_and_is_not_counted(followers, clock):
    transport = FakeTransport(answers=[NotSent("20429", timedelta(seconds=20))])
    followers(2)
    tell()
    work(transport)
    assert transport.texts == []
    later(clock, 10, transport)
    assert transport.texts == []
    later(clock, 13, transport)
    assert len(transport.texts) == 2
    assert set(Message.objects.values_list("attempts_made", flat=True)) == {1}


def test_our_own_fault_fails_nobody(followers, clock):
    transport = FakeTransport(answers=[Misconfigured("20003")])
    followers(2)
    tell()
    work(transport)
    assert {s for s, _ in statuses()} == {"queued"}
    later(clock, 70, transport)
    assert len(transport.texts) == 2


def test_a_refused_number_fails_for_good(followers):
    transport = FakeTransport(answers=[Refused("21614")])
    followers(1)
    tell()
    work(transport)
    assert statuses() == [("failed", "21614")]


def test_a_number_that_said_stop_to_the_provider_has_said_it_to_us(followers):
    transport = FakeTransport(answers=[Refused("21610")])
    (person,) = followers(1)
    tell()
    work(transport)
    person.refresh_from_db()
    assert (person.consent, tell("next")) == ("stopped", 0)


def test_without_a_provider_everything_runs_and_says_so(followers):
    followers(1)
    tell()
    work(OffTransport())
    assert statuses() == [("suppressed", "texts_off")]


# --- the loop -----------------------------------------------------------------------------------------


def test_drain_ends_when_nothing_is_left(followers, transport):
    followers(2)
    tell()
    Worker(transport).run(drain=True)
    assert len(transport.texts) == 2
    assert Heartbeat.objects.count() == 1


def test_told_to_stop_it_finishes_the_open_text_and_takes_no_other(followers):
    transport = FakeTransport()
    worker = Worker(transport)
    transport.during = lambda attempt: worker.stop()
    followers(2)
    tell()
    worker.run()
    assert len(transport.texts) == 1
    assert sorted(s for s, _ in statuses()) == ["queued", "sent"]


def test_a_job_runs_once_a_period_on_however_many_machines(clock, monkeypatch):
    runs = []
    monkeypatch.setattr(registry, "JOBS", {"daily": Job(timedelta(days=1), runs.append)})
    run_jobs(timezone.now())
    run_jobs(timezone.now())
    assert len(runs) == 1
    clock.shift(timedelta(days=1))
    run_jobs(timezone.now())
    assert len(runs) == 2


def test_a_job_that_crashed_is_taken_over_and_stops_no_other(clock, monkeypatch):
    runs = []

    def crash(now):
        if not runs:
            runs.append("crashed")
            raise ZeroDivisionError
        runs.append("finished")

    jobs = {"a": Job(timedelta(days=1), crash), "b": Job(timedelta(days=1), lambda now: runs.append("b"))}
    monkeypatch.setattr(registry, "JOBS", jobs)
    run_jobs(timezone.now())
    clock.shift(timedelta(minutes=61))
    run_jobs(timezone.now())
    run_jobs(timezone.now())
    assert runs == ["crashed", "b", "finished"]
    assert JobRun.objects.filter(finished_at=None).count() == 0
