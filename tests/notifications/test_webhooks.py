"""Twilio's webhooks: only Twilio, only ours, forward only, and never a 500."""

import uuid

import pytest

from backend.notifications import outbox
from backend.notifications.models import Attempt, Message, Receipt, Recipient, Reply
from backend.notifications.worker import work_once
from tests.notifications.conftest import TOKEN, statuses, tell
from tests.notifications.fakes import FakeTransport

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"
INBOUND = "/webhooks/twilio/inbound"


@pytest.fixture
def sent(followers, transport):
    """The attempt of one text that was accepted."""
    followers(1)
    tell()
    work_once(transport)
    return Attempt.objects.get()


# --- receipts -------------------------------------------------------------------------------------------


def test_a_text_moves_with_its_receipts(sent, receipt):
    for status in ("queued", "sending", "sent"):
        assert receipt(sent.pk, status, sent.provider_id) == 200
        assert statuses() == [("sent", "")]
    receipt(sent.pk, "delivered", sent.provider_id)
    assert statuses() == [("delivered", "")]
    assert Receipt.objects.count() == 4


def test_receipts_in_any_order_and_number_end_the_same(sent, receipt):
    for status in ("delivered", "sent", "delivered", "queued", "sending"):
        receipt(sent.pk, status, sent.provider_id)
    assert statuses() == [("delivered", "")]
    assert Receipt.objects.count() == 4


@pytest.mark.parametrize("order", [("delivered", "undelivered"), ("undelivered", "delivered")])
def test_a_failure_wins_and_both_are_kept(sent, receipt, order):
    for status in order:
        code = {"ErrorCode": "30008"} if status == "undelivered" else {}
        receipt(sent.pk, status, sent.provider_id, **code)
    assert statuses() == [("undelivered", "30008")]
    assert Receipt.objects.count() == 2


def test_a_receipt_before_the_answer(followers, receipt):
    transport = FakeTransport()
    transport.during = lambda attempt: receipt(attempt, "delivered", transport.texts[-1].id)
    followers(1)
    tell()
    work_once(transport)
    assert statuses() == [("delivered", "")]


def test_a_receipt_settles_what_nobody_knew(followers, receipt, transport):
    followers(1)
    tell()
    claim = outbox.claim()
    outbox.lost_sight(claim, "timeout")
    receipt(claim.attempt.pk, "queued", "SM" + "b" * 32)
    assert statuses() == [("sent", "")]
    assert not work_once(transport)


def test_a_receipt_for_what_waits_to_be_repeated_keeps_it_from_going_twice(followers, receipt, transport):
    followers(1)
    tell()
    claim = outbox.claim()
    Message.objects.update(status="queued", lease_until=None)
    receipt(claim.attempt.pk, "delivered", "SM" + "b" * 32)
    assert not work_once(transport)


def test_unsubscribed_at_the_provider_is_a_stop(sent, receipt):
    receipt(sent.pk, "failed", sent.provider_id, ErrorCode="21610")
    assert (statuses(), Recipient.objects.get().consent) == ([("failed", "21610")], "stopped")


def test_unknown_news_are_shrugged_off(sent, receipt):
    assert receipt(uuid.uuid4(), "delivered", sent.provider_id) == 200
    assert receipt(sent.pk, "teleported", sent.provider_id) == 200
    assert receipt(sent.pk, "delivered", "SM" + "f" * 32) == 200
    assert receipt(sent.pk, "delivered", "nonsense") == 200
    assert receipt(sent.pk, "failed", sent.provider_id, ErrorCode="x" * 99) == 200
    assert statuses() == [("sent", "")]


# --- who is calling -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Twilio-Signature": ""},
        {"X-Twilio-Signature": "AAAA"},
        {"X-Twilio-Signature": "%%% not base64 \u00e9"},
        {"X-Twilio-Webhooks-Signature-Settings": "key=x,algorithm=NONE"},
    ],
)
def test_without_a_good_signature_nothing_happens(from_twilio, headers):
    response = from_twilio(INBOUND, headers=headers, From="+13142000000", Body="STOP")
    assert response.status_code == 403
    assert not Recipient.objects.exists()


def test_another_token_is_no_signature(from_twilio):
    for token in ("", "0" * 32):
        assert from_twilio(INBOUND, token=token, From="+13142000000", Body="STOP").status_code == 403


def test_an_account_that_is_not_ours(from_twilio):
    response = from_twilio(INBOUND, AccountSid="AC" + "f" * 32, From="+13142000000", Body="STOP")
    assert response.status_code == 403
    assert not Reply.objects.exists()


def test_without_twilio_settings_nobody_is_twilio(from_twilio, settings):
    settings.TWILIO_AUTH_TOKEN = ""
    assert from_twilio(INBOUND, token="", From="+13142000000", Body="STOP").status_code == 403


def test_the_query_is_signed_too(from_twilio):
    from_twilio(INBOUND + "?a=1", From="+13142000000", Body="STOP")
    assert Reply.objects.count() == 1


def test_blank_and_repeated_fields_are_signed(from_twilio):
    assert from_twilio(INBOUND, From="+13142000000", Body="", FromZip="").status_code == 200


def test_other_methods_and_forms(client, twilio):
    assert client.get(INBOUND).status_code == 405
    assert client.put(INBOUND).status_code == 405
    signed = {"X-Twilio-Signature": "AAAA"}
    assert client.post(INBOUND, {"a": "b"}, headers=signed).status_code == 403  # multipart
    assert client.post(INBOUND, {}, content_type="application/json", headers=signed).status_code == 403
    assert client.post(INBOUND, b"\xff=\xfe", content_type=FORM, headers=signed).status_code == 403
    many = "&".join(f"a{n}=1" for n in range(3000))
    assert client.post(INBOUND, many, content_type=FORM, headers=signed).status_code == 403


def test_a_form_that_is_too_large(client, twilio):
    response = client.post(INBOUND, "a=" + "x" * 70_000, content_type=FORM)
    assert response.status_code == 413


@pytest.mark.parametrize("number", ["", "anonymous", "+1314200000012345678", "' OR 1=1"])
def test_a_sender_that_is_no_number_is_shrugged_off(text_in, number):
    assert text_in("hello", number) == "<Response></Response>"
    assert not Recipient.objects.exists()


def test_the_refusals_say_nothing_of_the_token(from_twilio):
    response = from_twilio(INBOUND, token="x", From="+13142000000", Body="STOP")
    assert TOKEN not in response.content.decode()
