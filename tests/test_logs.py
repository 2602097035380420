"""Nothing personal in a log: every personal value of a whole run is sent through, then searched for."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from backend import health, logs
from backend.accounts.models import User
from backend.notifications.transports import ConsoleTransport
from backend.notifications.worker import work_once

EMAIL, PASSWORD = "unlikely.name@example.org", "unlikely-password-77"
NUMBER, NUMBER_TYPED = "+13145550188", "(314) 555-0188"
ACCOUNT, TOKEN = "AC" + "0" * 32, "a-token-of-nobody"
ADDRESS, WORDS, KEY = "4242 Zyxwv Ave", "The quixotic neighbour wept", "unlikely-key-0001"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger says, in the form that it is written in."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter())
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


def test_no_personal_value_is_logged(
    client: Client,
    city: None,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    capfd: pytest.CaptureFixture[str],
) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
    post: dict[str, Any] = {"content_type": "application/json"}
    client.post("/api/v1/lookup", {"address": ADDRESS}, **post)
    client.post("/api/v1/lookup", {"lat": 38.631234, "lon": -90.207654}, **post)
    told = {"category": "traffic", "description": WORDS, "area": "slmpd-district-4"}
    receipt = client.post("/api/v1/concerns", told, headers={"Idempotency-Key": KEY}, **post).json()[
        "receipt"
    ]
    client.post("/api/v1/concerns/receipt", {"receipt": receipt}, **post)
    client.post("/api/v1/concerns", {**told, "category": WORDS}, **post)
    client.post("/api/v1/subscriptions", {"phone": NUMBER_TYPED, "topics": ["area:slmpd-district-4"]}, **post)
    _text_in(client)
    console = capfd.readouterr().out
    work_once(ConsoleTransport())
    shown = capfd.readouterr().out
    assert console == ""
    assert "88" in shown
    assert NUMBER not in shown
    client.get(f"/feeds/personal/{KEY}.ics")
    client.get(f"/api/v1/occurrences?near=38.631234,-90.207654&radius_m=500&note={ADDRESS}")
    User.objects.create_user(kind=User.Kind.STAFF, email=EMAIL, password=PASSWORD)
    client.post("/admin/login/", {"username": EMAIL, "password": "wrong-" + PASSWORD})
    client.post("/admin/login/", {"username": EMAIL, "password": PASSWORD})
    _fail_with(f"{NUMBER} {WORDS}", monkeypatch)
    text = log.getvalue()
    secrets = [
        EMAIL,
        PASSWORD,
        NUMBER,
        "5550188",
        "zyxwv",
        "quixotic",
        KEY,
        receipt,
        "38.631234",
        "90.207654",
    ]
    assert [secret for secret in secrets if secret.casefold() in text.casefold()] == []
    assert text.count('"event": "request"') >= 12


def _text_in(client: Client) -> None:
    """The number writes to us, signed as the provider signs."""
    form = {"AccountSid": ACCOUNT, "MessageSid": "SM1", "From": NUMBER, "Body": WORDS}
    url = "https://rollcall.example/webhooks/twilio/inbound"
    answer = client.post(
        "/webhooks/twilio/inbound",
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form)},
    )
    assert answer.status_code == 200


def _fail_with(message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError(message)

    monkeypatch.setattr(health, "_checks", broken)
    assert Client(raise_request_exception=False).get(f"/readyz?{KEY}").status_code == 500


def test_lines_are_json_with_the_request_id(client: Client, log: io.StringIO, db: None) -> None:
    answer = client.get("/healthz")
    line = next(json.loads(line) for line in log.getvalue().splitlines() if '"event": "request"' in line)
    assert line["request_id"] == answer["X-Request-ID"]
    assert (line["route"], line["status"], line["method"]) == ("/healthz", 200, "GET")
    assert line["at_utc"].endswith("Z")


def test_a_failure_is_logged_by_its_place(
    client: Client, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fail_with("never shown", monkeypatch)
    line = next(json.loads(line) for line in log.getvalue().splitlines() if "RuntimeError" in line)
    assert any("health.py" in place for place in line["at"])
    assert "never shown" not in str(line)
