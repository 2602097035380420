"""Residents sign in with a code: one start for the known and the unknown."""

import re
from typing import Any

import pytest

from backend.accounts.models import SignInCode, User
from backend.notifications.models import Message
from tests.conftest import DocumentedClient

APP = "/_allauth/app/v1"
NUMBER = "(314) 555-0142"

pytestmark = pytest.mark.django_db


def post(client: Any, path: str, body: Any, token: str = "") -> Any:
    headers = {"X-Session-Token": token} if token else {}
    return client.post(APP + path, body, content_type="application/json", headers=headers)


def start(client: Any, phone: str = NUMBER, **kwargs: Any) -> str:
    """A start; returns the token of the session that now waits for a code."""
    answer = post(client, "/auth/code/request", {"phone": phone}, **kwargs)
    assert answer.status_code == 401, answer.content
    assert {"id": "login_by_code", "is_pending": True} in answer.json()["data"]["flows"]
    token: str = answer.json()["meta"]["session_token"]
    return token


def last_code() -> str:
    body = Message.objects.order_by("-pk").first().notice.body
    found = re.fullmatch(r"@rollcall\.example #(\d{8})", body.splitlines()[-1])
    assert found, body
    return found[1]


def test_a_new_number_gets_a_code_and_an_account(client: DocumentedClient) -> None:
    token = start(client)
    assert User.objects.count() == 0
    answer = post(client, "/auth/code/confirm", {"code": last_code()}, token)
    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["user"]["kind"] == "resident"
    signed_in = answer.json()["meta"]["session_token"]
    session = client.get(f"{APP}/auth/session", headers={"X-Session-Token": signed_in})
    assert session.status_code == 200
    assert User.objects.get().phone == "+13145550142"
    assert SignInCode.objects.count() == 0
