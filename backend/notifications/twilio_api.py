"""Twilio's Messages API. Its words, codes and quirks stay in this file and in the webhooks' views.

Messages of Twilio's exceptions quote phone numbers: they are never shown, logged or chained.
"""

import contextlib
import http.client
import ipaddress
import json
import logging
import socket
import ssl
import threading
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import certifi
from django.conf import settings
from django.utils import timezone
from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from backend.notifications.models import Channel
from backend.notifications.transports import (
    TOTAL_SECONDS,
    Misconfigured,
    News,
    NotSent,
    Refused,
    TransportError,
    Unknown,
)

CONNECT_SECONDS, READ_SECONDS = 5.0, 15.0
MAX_ANSWER = 1_000_000  # bytes; a page of 50 messages has about 60,000
MOST_NEWS, NEWS_PAGE = 20_000, 200  # a run; the next goes on
MAX_VALIDITY = 36_000  # seconds, Twilio's own limit
CLOCKS_DIFFER_BY = timedelta(minutes=2)

# 4xx codes that tell of the number; all others that are known tell of us (sms.md, last table).
ABOUT_THE_NUMBER = {21211, 21214, 21217, 21219, 21266, 21408, 21610, 21612, 21614}
STATUS_OUR_FAULT = {401, 403, 404}
CODE_OUR_FAULT = {20003, 21602, 21603, 21606, 21609, 21617, 21701}


class TwilioTransport:
    channel: str = Channel.SMS

    def __init__(self) -> None:
        sid, token = settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN
        # An empty `environment` would make the client read the process's own (TWILIO_EDGE …).
        self._client = Client(
            sid, token, http_client=Http(settings.TWILIO_API_BASE_URL), environment={"TWILIO_EDGE": ""}
        )
        if settings.TWILIO_MESSAGING_SERVICE_SID:
            self._sender = {"messaging_service_sid": settings.TWILIO_MESSAGING_SERVICE_SID}
        else:
            self._sender = {"from_": settings.TWILIO_FROM_NUMBER}

    def send(self, *, to: str, body: str, attempt_id: uuid.UUID, expires_at: datetime) -> str:
        left = int((expires_at - timezone.now()).total_seconds())
        sid = self._call(
            lambda: (
                self._client.messages.create(
                    to=to,
                    body=body,
                    status_callback=f"{settings.PUBLIC_URL}/webhooks/twilio/status/{attempt_id}",
                    validity_period=max(5, min(left, MAX_VALIDITY)),
                    **self._sender,
                ).sid
            )
        )
        if not isinstance(sid, str) or not sid:
            raise Unknown("unreadable")
        return sid

    def find(self, *, to: str, body: str, since: datetime) -> list[str]:
        """By number and, here, by words and time: the list's own date filter goes by the date of sending."""
        since -= CLOCKS_DIFFER_BY
        listed = self._call(lambda: self._client.messages.list(to=to, limit=50, page_size=50))
        return [
            m.sid
            for m in listed
            if m.body == body and m.direction.startswith("outbound") and m.date_created >= since
        ]

    def news(self, *, since: datetime, until: datetime) -> Iterator[News]:
        """Page by page, by the time of creation; nothing of a number or its words is kept."""
        listed = self._call(
            lambda: self._client.messages.stream(
                date_sent_after=since - CLOCKS_DIFFER_BY, limit=MOST_NEWS, page_size=NEWS_PAGE
            )
        )
        while (m := self._call(lambda: next(listed, None))) is not None:
            if m.direction.startswith("outbound") and m.date_created <= until:
                yield News(m.sid, m.status, str(m.error_code or ""), _dollars(m.price, m.price_unit))

    def _call(self, call: Callable[[], Any]) -> Any:
        """Runs a call of the client's. Whatever is not understood after sending may have been sent."""
        try:
            return call()
        except TransportError:
            raise
        except TwilioException as error:
            raise _refusal(getattr(error, "status", 0), getattr(error, "code", 0)) from None
        except Exception as error:
            raise Unknown(f"unreadable_{type(error).__name__}") from None


def _dollars(price: str | None, unit: str | None) -> str | None:
    """What a text cost, as a positive number: the provider writes it as a debit."""
    return price.lstrip("-") if price and (unit or "USD").upper() == "USD" else None


def _refusal(status: Any, code: Any) -> TransportError:
    reason = str(code if isinstance(code, int) else status)
    if code in CODE_OUR_FAULT or status in STATUS_OUR_FAULT or status in range(300, 400):
        return Misconfigured(reason)
    if code in ABOUT_THE_NUMBER or status == 400:
        return Refused(reason)
    return Unknown(reason)


# --- the way there ------------------------------------------------------------------------------------


def base_url_problem(url: str) -> str:
    """What is wrong with TWILIO_API_BASE_URL, "" if nothing; does not quote it.

    Requests carry the account's token, so that plain http is for a loopback host only.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "TWILIO_API_BASE_URL is not an address."
    if parts.scheme not in ("http", "https") or not host:
        return "TWILIO_API_BASE_URL must be https://host[:port]."
    if parts.username is not None or parts.password is not None:
        return "TWILIO_API_BASE_URL must not contain a user name or password."
    if parts.path not in ("", "/") or parts.query or parts.fragment or url.rstrip("/")[-1] in "?#":
        return "TWILIO_API_BASE_URL must end after the host and port."
    if parts.scheme == "http" and not _is_loopback(host):
        return "TWILIO_API_BASE_URL may be plain http only for this machine itself (127.0.0.1)."
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Http(HttpClient):
    """The client's way out, instead of `requests`, because three things must be certain here:

    whether a byte of the request had left when it failed, that the whole exchange ends in time even if
    the answer drips, and how long to wait after a 429, whose headers Twilio's exceptions drop.
    """

    def __init__(self, base_url: str = "", total_seconds: float = TOTAL_SECONDS) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), False)
        self._base = urlsplit(base_url) if base_url else None
        self._total_seconds = total_seconds
        self._tls = ssl.create_default_context()
        self._tls.load_verify_locations(certifi.where())

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        parts = self._rewritten(urlsplit(uri))
        query = "&".join(filter(None, [parts.query, urlencode(params or {}, doseq=True)]))
        path = f"{parts.path}?{query}" if query else parts.path
        sent = dict(headers or {})
        if auth:
            sent["Authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode()
        body = urlencode(data, doseq=True).encode() if data else None
        status, answer_headers, text = self._exchange(parts, method.upper(), path, body, sent)
        if status == 429:
            raise NotSent(_code(text), _retry_after(answer_headers.get("Retry-After")))
        return Response(status, text, answer_headers)

    def _rewritten(self, parts: SplitResult) -> SplitResult:
        if self._base and (parts.hostname or "").endswith(".twilio.com"):
            return parts._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return parts

    def _exchange(
        self, parts: SplitResult, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, http.client.HTTPMessage, str]:
        ends = time.monotonic() + self._total_seconds
        connection = self._connected(parts, ends)
        # `read` gives each piece of the answer its own time; this gives all of them one.
        cut = threading.Timer(ends - time.monotonic(), _cut, [connection.sock])
        cut.daemon = True
        cut.start()
        try:
            connection.request(method, path, body, headers)
            with connection.getresponse() as answer:
                text = answer.read(MAX_ANSWER).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise Unknown(type(error).__name__) from None
        finally:
            cut.cancel()
            connection.close()
        if answer.length:  # `read` does not mind an end before the promised one
            raise Unknown("incomplete")
        return answer.status, answer.headers, text

    def _connected(self, parts: SplitResult, ends: float) -> http.client.HTTPConnection:
        """An open connection with time left to use it. Nothing has been sent where this raises NotSent."""
        host = parts.hostname or ""
        connection = (
            http.client.HTTPSConnection(host, parts.port, timeout=CONNECT_SECONDS, context=self._tls)
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, parts.port, timeout=CONNECT_SECONDS)
        )
        try:
            connection.connect()
            connection.sock.settimeout(READ_SECONDS)
        except OSError as error:
            connection.close()
            raise NotSent(f"no_connection_{type(error).__name__}") from None
        if time.monotonic() >= ends:
            connection.close()
            raise NotSent("no_connection_in_time")
        return connection


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may have ended by itself
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _code(text: str) -> str:
    try:
        return str(int(json.loads(text)["code"]))
    except (ValueError, KeyError, TypeError):
        return "429"


def _retry_after(value: str | None) -> timedelta:
    """Seconds or an HTTP date (RFC 9110, 10.2.3), between 1 second and 5 minutes; 5 seconds if unreadable."""
    seconds = 5.0
    try:
        if value and value.strip().isdigit():
            seconds = float(value)
        elif value:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        pass
    return timedelta(seconds=min(max(seconds, 1.0), 300.0))
