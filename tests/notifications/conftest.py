import itertools
import uuid
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from twilio.request_validator import RequestValidator

from backend.notifications import registry, services
from backend.notifications.models import Message, Recipient
from backend.notifications.registry import Kind
from tests.notifications.fakes import FakeTransport

SID, TOKEN = "AC" + "0" * 32, "a-token-of-nobody"
TOPIC = "area:somewhere"


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """A kind of text and a topic, as a room above would register them."""
    monkeypatch.setitem(registry.KINDS, "changed", Kind(lambda subject, now: subject != "untrue", True))
    monkeypatch.setitem(registry.TOPICS, "area", lambda slug: slug.startswith("somewhere"))


@pytest.fixture
def twilio(settings):
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = SID, TOKEN
    settings.TWILIO_FROM_NUMBER = "+13145550199"
    return settings


@pytest.fixture
def transport():
    return FakeTransport()


@pytest.fixture
def followers():
    """Adds so many who follow TOPIC; returns them in order."""

    def add(count: int, topic: str = TOPIC) -> list[Recipient]:
        start = 2_000_000 + Recipient.objects.count()
        services.add_followers(
            topic=topic, numbers=[f"+1314{start + n}" for n in range(count)], source="demo"
        )
        return list(Recipient.objects.order_by("pk"))[-count:]

    return add


def tell(key: str = "k", **changes) -> int:
    """Queues a text to the followers of TOPIC, as a room above does within its own change."""
    words = {
        "kind": "changed",
        "key": key,
        "topics": [TOPIC],
        "subject_id": "one",
        "body": "Friday's roll call is cancelled.",
        "expires_at": timezone.now() + timedelta(hours=2),
    }
    with transaction.atomic():
        return services.queue_notice(**{**words, **changes})


def statuses() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("pk").values_list("status", "reason"))


@pytest.fixture
def from_twilio(client: Client, twilio) -> Callable:
    """Posts a form to a webhook, signed as Twilio signs; keyword arguments spoil it."""
    numbers = itertools.count()

    def post(path: str, *, token: str = TOKEN, headers: dict | None = None, **form: str):
        form = {"AccountSid": SID, "MessageSid": f"SM{next(numbers):032x}", **form}
        url = f"https://rollcall.example{path}"
        signed = {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, form)}
        return client.post(
            path,
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers=signed if headers is None else headers,
        )

    return post


@pytest.fixture
def text_in(from_twilio) -> Callable:
    """A resident's text; returns the answer's XML."""

    def send(body: str, number: str = "+13142000000", **form: str) -> str:
        response = from_twilio("/webhooks/twilio/inbound", From=number, Body=body, **form)
        assert response.status_code == 200
        assert response["Content-Type"] == "text/xml"
        return response.content.decode().partition("?>")[2]

    return send


@pytest.fixture
def receipt(from_twilio) -> Callable:
    def send(attempt: uuid.UUID, status: str, sid: str, **form: str) -> int:
        path = f"/webhooks/twilio/status/{attempt}"
        return from_twilio(path, MessageSid=sid, MessageStatus=status, **form).status_code

    return send
