"""E-mail: a channel of its own; and what is secret, by whatever channel."""

import smtplib
import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import timezone

from backend.notifications import outbox, registry, services
from backend.notifications.email import EmailTransport
from backend.notifications.models import Channel, Message, Notice
from backend.notifications.registry import Kind
from backend.notifications.transports import ConsoleTransport, OffTransport, Unknown, email_transport
from backend.notifications.worker import Worker, work_once
from tests.notifications.conftest import statuses, tell
from tests.notifications.fakes import FakeTransport

ADDRESS = "neighbor@example.org"

pytestmark = pytest.mark.django_db


class BrokenMail(BaseEmailBackend):
    """A mail server that fails as it is told, on connecting or on taking the message."""

    on_open: Exception | None = None
    on_send: Exception | None = None

    def open(self) -> None:
        if self.on_open:
            raise self.on_open

    def send_messages(self, messages: Any) -> int:
        if self.on_send:
            raise self.on_send
        return len(messages)


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.KINDS, "secret", Kind(lambda *_: True, needs_consent=False, is_secret=True))


def queue(body: str = "your code", *, channel: Channel = Channel.EMAIL, to: str = ADDRESS) -> Message:
    with transaction.atomic():
        services.send_to(
            kind="secret",
            key=f"k{Notice.objects.count()}",
            recipient=services.recipient_of(to, channel),
            body=body,
            expires_at=timezone.now() + timedelta(minutes=10),
        )
    return Message.objects.latest("pk")


def test_a_message_goes_by_its_recipients_channel() -> None:
    queue()
    assert not work_once(FakeTransport())
    assert work_once(EmailTransport())
    (sent,) = mail.outbox
    assert (sent.to, sent.body) == ([ADDRESS], "your code")
    attempt = Message.objects.get().attempts.get()
    assert sent.extra_headers["Message-ID"] == f"<{attempt.pk}@rollcall.example>" == attempt.provider_id
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert statuses() == [("sent", "")]


@pytest.mark.parametrize(
    ("when", "error", "status", "reason"),
    [
        ("on_open", ConnectionRefusedError(), "queued", "ConnectionRefusedError"),
        ("on_open", smtplib.SMTPAuthenticationError(535, b""), "queued", "smtp_535"),
        ("on_send", smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"")}), "failed", "smtp_550"),
        ("on_send", smtplib.SMTPRecipientsRefused({ADDRESS: (450, b"")}), "queued", "smtp_450"),
        ("on_send", smtplib.SMTPSenderRefused(553, b"", "x"), "queued", "smtp_553"),
        ("on_send", smtplib.SMTPDataError(554, b""), "failed", "smtp_554"),
        ("on_send", smtplib.SMTPServerDisconnected(), "unknown", "SMTPServerDisconnected"),
        ("on_send", TimeoutError(), "unknown", "TimeoutError"),
    ],
)
def test_how_a_mail_server_fails(
    settings: Any, monkeypatch: pytest.MonkeyPatch, when: str, error: Exception, status: str, reason: str
) -> None:
    settings.EMAIL_BACKEND = "tests.notifications.test_email.BrokenMail"
    monkeypatch.setattr(BrokenMail, when, error)
    queue()
    work_once(EmailTransport())
    assert statuses() == [(status, reason)]


def test_a_mail_server_that_is_down_does_not_pause_the_texts(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "tests.notifications.test_email.BrokenMail"
    monkeypatch.setattr(BrokenMail, "on_open", ConnectionRefusedError())
    queue()
    queue(channel=Channel.SMS, to="+13145550142")
    work_once(EmailTransport())
    assert outbox.claim(Channel.EMAIL) is None
    assert work_once(transport := FakeTransport())
    assert len(transport.texts) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_mail_server_that_hangs_holds_up_no_text() -> None:
    texts, mails = FakeTransport(), FakeTransport(channel=Channel.EMAIL)
    worker = Worker(texts, mails)
    text_went = threading.Event()
    texts.during = lambda attempt: text_went.set()
    # The mail is taken no sooner than the text, which is sent meanwhile or never.
    waited: list[bool] = []
    mails.during = lambda attempt: waited.append(text_went.wait(20))
    queue()
    queue(channel=Channel.SMS, to="+13145550142")
    worker.run(drain=True)
    assert waited == [True]
    assert (len(texts.texts), len(mails.texts)) == (1, 1)
    connection.close()


def test_without_a_server_mail_is_shown_or_off(settings: Any, capsys: Any) -> None:
    settings.EMAIL_URL, settings.DEVELOPMENT = "", False
    assert isinstance(email_transport(), OffTransport)
    queue()
    work_once(email_transport())
    assert statuses() == [("suppressed", "email_off")]
    settings.DEVELOPMENT = True
    assert isinstance(email_transport(), ConsoleTransport)
    queue()
    work_once(email_transport())
    shown = capsys.readouterr().out
    assert "your code" in shown
    assert ADDRESS not in shown
    settings.EMAIL_URL = "smtp://mail.example:25"
    assert isinstance(email_transport(), EmailTransport)


# --- secrets ------------------------------------------------------------------------------------------


def test_a_secret_is_forgotten_once_it_went_out() -> None:
    queue(channel=Channel.SMS, to="+13145550142")
    work_once(FakeTransport())
    assert statuses() == [("sent", "")]
    assert Notice.objects.get().body == ""


def test_a_secret_is_forgotten_once_it_expired() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        queue()
        clock.shift(timedelta(minutes=10))
        assert outbox.forget_secrets(timezone.now()) == 1
        assert Notice.objects.get().body == ""
        work_once(transport := FakeTransport(channel=Channel.EMAIL))
        assert transport.texts == []
        assert statuses() == [("expired", "too_late")]


def test_a_secret_of_unknown_fate_is_not_sent_again() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        queue(channel=Channel.SMS, to="+13145550142")
        transport = FakeTransport(answers=[Unknown("timeout")])
        work_once(transport)
        assert statuses() == [("unknown", "timeout")]
        clock.shift(timedelta(seconds=11))
        work_once(transport)  # the provider does not know it
        assert transport.texts == []
        assert statuses() == [("failed", "fate_unknown")]
        assert Notice.objects.get().body == ""


def test_ten_thousand_notices_do_not_hold_up_a_code(followers: Any, transport: FakeTransport) -> None:
    followers(10_000)
    tell()
    queue("12345678", channel=Channel.SMS, to="+13145550142")
    work_once(transport)
    assert transport.texts[0].body == "12345678"
