"""How a message gets to the provider, and the few ways in which that can fail."""

import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from backend.notifications.models import Channel

# From the first connection to the last byte of the answer, in seconds. Shorter than outbox.LEASE.
TOTAL_SECONDS = 20.0


class TransportError(Exception):
    """Why a text was not taken. `reason` is a short word or the provider's code, never its message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:40]


class NotSent(TransportError):
    """Certainly not sent; may be repeated freely after `wait`."""

    def __init__(self, reason: str, wait: timedelta = timedelta(seconds=5)) -> None:
        super().__init__(reason)
        self.wait = wait


class Misconfigured(NotSent):
    """Certainly not sent, through our own fault: the same would happen to every other text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, timedelta(minutes=1))


class Refused(TransportError):
    """Certainly not sent, and never will be to this number."""


class SendingOff(Refused):
    """There is no provider to send it."""


class Unknown(TransportError):
    """It may have been sent, or not."""


@dataclass(frozen=True)
class News:
    """What the provider says of one text that it has. `cost` in USD, once it is known."""

    provider_id: str
    status: str
    error_code: str = ""
    cost: str | None = None


class Transport(Protocol):
    """A channel's provider. It is called with no transaction open and may be called from several threads."""

    channel: str

    def send(self, *, to: str, body: str, attempt_id: uuid.UUID, expires_at: datetime) -> str:
        """Hands a text over and returns the provider's id for it. Raises TransportError."""

    def find(self, *, to: str, body: str, since: datetime) -> list[str]:
        """The provider's ids of texts with these words to this number since then. Raises TransportError."""

    def news(self, *, since: datetime, until: datetime) -> Iterator[News]:
        """What became of the texts created between, as far as the provider knows. Raises TransportError."""


class ConsoleTransport:
    """Shows messages where the worker runs; for development."""

    def __init__(self, channel: str = Channel.SMS) -> None:
        self.channel = channel

    def send(self, *, to: str, body: str, attempt_id: uuid.UUID, expires_at: datetime) -> str:
        masked = re.sub(r"\w(?=\w\w)", "*", to)
        sys.stdout.write(f"[{Channel(self.channel).label} to {masked}] {body}\n")
        sys.stdout.flush()
        return f"console-{attempt_id}"

    def find(self, *, to: str, body: str, since: datetime) -> list[str]:
        return []

    def news(self, *, since: datetime, until: datetime) -> Iterator[News]:
        return iter(())


class OffTransport:
    """No provider is configured: everything runs, nothing is sent."""

    def __init__(self, channel: str = Channel.SMS) -> None:
        self.channel = channel

    def send(self, *, to: str, body: str, attempt_id: uuid.UUID, expires_at: datetime) -> str:
        raise SendingOff("texts_off" if self.channel == Channel.SMS else "email_off")

    def find(self, *, to: str, body: str, since: datetime) -> list[str]:
        return []

    def news(self, *, since: datetime, until: datetime) -> Iterator[News]:
        return iter(())


def email_transport() -> Transport:
    """The transport of e-mail that the settings ask for."""
    if settings.EMAIL_URL:
        from backend.notifications.email import EmailTransport

        return EmailTransport()
    return ConsoleTransport(Channel.EMAIL) if settings.DEVELOPMENT else OffTransport(Channel.EMAIL)


def text_transport() -> Transport:
    """The transport of texts that the settings ask for. Raises ImproperlyConfigured where they are incomplete."""
    if problem := settings_problem():
        raise ImproperlyConfigured(problem)
    if settings.TWILIO_ACCOUNT_SID:
        from backend.notifications.twilio_api import TwilioTransport

        return TwilioTransport()
    return ConsoleTransport() if settings.DEVELOPMENT else OffTransport()


def settings_problem() -> str:
    """What is wrong with the TWILIO_… settings, "" if nothing; names settings, quotes none."""
    credentials = [settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN]
    sender = settings.TWILIO_MESSAGING_SERVICE_SID or settings.TWILIO_FROM_NUMBER
    if any([*credentials, sender]) and not (all(credentials) and sender):
        return (
            "Twilio is half configured: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and one of "
            "TWILIO_MESSAGING_SERVICE_SID and TWILIO_FROM_NUMBER, or none of them."
        )
    if settings.TWILIO_API_BASE_URL:
        from backend.notifications.twilio_api import base_url_problem

        return base_url_problem(settings.TWILIO_API_BASE_URL)
    return ""
