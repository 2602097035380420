"""Queueing: once, with the change it tells of, to whoever wants it."""

import pytest
from django.db import transaction
from django.utils import timezone

from backend.notifications import services
from backend.notifications.models import Message, Notice, Recipient, Subscription
from tests.notifications.conftest import TOPIC, statuses, tell

pytestmark = pytest.mark.django_db


def test_everybody_who_follows_any_topic_is_told_once(followers):
    people = followers(3)
    Subscription.objects.create(recipient=people[0], topic="area:somewhere-else")
    assert tell(topics=[TOPIC, "area:somewhere-else"]) == 3
    assert Message.objects.count() == 3


def test_the_same_key_queues_nothing_again(followers):
    followers(2)
    assert (tell("k"), tell("k"), tell("other")) == (2, 0, 2)


def test_only_those_who_agreed(followers):
    people = followers(3)
    Recipient.objects.filter(pk=people[0].pk).update(consent="none")
    Recipient.objects.filter(pk=people[1].pk).update(consent="stopped")
    assert tell() == 1


def test_a_change_that_fails_is_not_told(followers):
    followers(1)
    with transaction.atomic():
        tell()
        transaction.set_rollback(True)
    assert statuses() == []
    assert not Notice.objects.filter(key="k").exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_text_outside_a_transaction_is_a_mistake():
    with pytest.raises(RuntimeError):
        services.queue_notice(
            kind="changed", key="k", topics=[TOPIC], subject_id="", body="x", expires_at=timezone.now()
        )


@pytest.mark.parametrize("changes", [{"kind": "nobody's"}, {"body": " "}, {"body": "x" * 1601}])
def test_a_text_that_could_never_go_is_a_mistake(changes):
    with pytest.raises(ValueError, match=r"kind|1 to 1600"):
        tell(**changes)
