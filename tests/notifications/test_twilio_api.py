"""The real client against a server on this machine: what is sent, and what each answer means."""

import json
import logging
import socket
import struct
import time
import uuid
from datetime import timedelta

import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from backend.notifications import twilio_api
from backend.notifications.transports import (
    ConsoleTransport,
    Misconfigured,
    NotSent,
    OffTransport,
    Refused,
    Unknown,
    text_transport,
)
from backend.notifications.twilio_api import Http, base_url_problem
from tests.notifications.conftest import SID
from tests.notifications.fakes import Server

TO, BODY = "+13142000000", "Friday's roll call is cancelled."


def answer(status: int, body: object, **headers: str):
    def write(handler) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(data)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return write


def error(code: int, status: int = 400):
    return answer(status, {"code": code, "message": f"about {TO}", "status": status})


@pytest.fixture
def server(twilio):
    """Starts a server that answers so; returns it and a transport that talks to it."""
    open_servers = []

    def start(write):
        context = Server(write).running()
        server = context.__enter__()
        open_servers.append(context)
        twilio.TWILIO_API_BASE_URL = server.url
        return server, text_transport()

    yield start
    for context in open_servers:
        context.__exit__(None, None, None)


def send(transport) -> str:
    return transport.send(
        to=TO, body=BODY, attempt_id=uuid.UUID(int=7), expires_at=timezone.now() + timedelta(hours=1)
    )


def test_what_is_sent(server):
    fake, transport = server(answer(201, {"sid": "SM1"}))
    assert send(transport) == "SM1"
    (form,) = fake.forms
    assert 3590 <= int(form.pop("ValidityPeriod")) <= 3600
    assert form == {
        "To": TO,
        "Body": BODY,
        "From": "+13145550199",
        "StatusCallback": f"https://rollcall.example/webhooks/twilio/status/{uuid.UUID(int=7)}",
    }
    assert fake.paths == [f"/2010-04-01/Accounts/{SID}/Messages.json"]


def test_a_messaging_service_chooses_the_number(server, twilio):
    twilio.TWILIO_MESSAGING_SERVICE_SID = "MG" + "0" * 32
    fake, transport = server(answer(201, {"sid": "SM1"}))
    send(transport)
    assert fake.forms[0]["MessagingServiceSid"] == "MG" + "0" * 32
    assert "From" not in fake.forms[0]


def test_the_environment_does_not_divert_it(server, monkeypatch):
    for name, value in {"TWILIO_EDGE": "sydney", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}.items():
        monkeypatch.setenv(name, value)
    _, transport = server(answer(201, {"sid": "SM1"}))
    assert send(transport) == "SM1"


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (error(21211), Refused("21211")),
        (error(21610), Refused("21610")),
        (error(29999), Refused("29999")),
        (error(20003, 401), Misconfigured("20003")),
        (error(20404, 404), Misconfigured("20404")),
        (error(21606), Misconfigured("21606")),
        (error(20500, 500), Unknown("20500")),
        (answer(503, b"<html>"), Unknown("503")),
        (answer(201, b'{"sid": "SM'), Unknown("unreadable_JSONDecodeError")),
        (answer(201, b"<html>"), Unknown("unreadable_JSONDecodeError")),
        (answer(201, {}), Unknown("unreadable")),
        (answer(201, []), Unknown("unreadable_AttributeError")),
        (answer(201, b"{}", Content_Length="99"), Unknown("incomplete")),
        (answer(302, b"", Location="https://example.org"), Misconfigured("302")),
    ],
)
def test_what_each_answer_means(server, write, expected):
    _, transport = server(write)
    with pytest.raises(type(expected)) as raised:
        send(transport)
    assert raised.value.reason == expected.reason
    assert TO not in str(raised.value)


@pytest.mark.parametrize(
    ("header", "seconds"), [("17", 17), ("0", 1), ("99999", 300), ("soon", 5), ("-3", 5), (None, 5)]
)
def test_slow_down_says_for_how_long(server, header, seconds):
    headers = {"Retry_After": header} if header else {}
    _, transport = server(answer(429, {"code": 20429, "message": "x"}, **headers))
    with pytest.raises(NotSent) as raised:
        send(transport)
    assert (raised.value.reason, raised.value.wait) == ("20429", timedelta(seconds=seconds))


def test_a_date_to_wait_for():
    assert twilio_api._retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == timedelta(seconds=1)


def test_nobody_there_means_nothing_was_sent(twilio):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    twilio.TWILIO_API_BASE_URL = f"http://127.0.0.1:{port}"
    with pytest.raises(NotSent):
        send(text_transport())


def test_a_connection_that_breaks_may_have_sent_it(server):
    def reset(handler) -> None:
        handler.close_connection = True
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    _, transport = server(reset)
    with pytest.raises(Unknown):
        send(transport)


def test_a_dripping_answer_is_cut_off(server):
    def drip(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n")
        try:
            for _ in range(200):
                handler.wfile.write(b" ")
                time.sleep(0.02)
        except OSError:
            pass

    fake, _ = server(drip)
    started = time.monotonic()
    with pytest.raises(Unknown):
        Http(fake.url, total_seconds=0.2).request("GET", "https://api.twilio.com/x")
    assert time.monotonic() - started < 1


# --- asking what became of a text -------------------------------------------------------------------------


def listed(**changes) -> dict:
    message = {
        "sid": "SM1",
        "to": TO,
        "body": BODY,
        "direction": "outbound-api",
        "date_created": "Sun, 22 Nov 2026 18:00:00 +0000",
    }
    return {**message, **changes}


def test_a_text_is_found_by_number_words_and_time(server):
    messages = [
        listed(),
        listed(sid="SM2", body="Other words."),
        listed(sid="SM3", direction="inbound"),
        listed(sid="SM4", date_created="Sun, 22 Nov 2026 17:00:00 +0000"),
    ]
    fake, transport = server(answer(200, {"messages": messages, "next_page_uri": None, "page_size": 50}))
    since = timezone.datetime(2026, 11, 22, 18, 0, 30, tzinfo=timezone.get_fixed_timezone(0))
    assert transport.find(to=TO, body=BODY, since=since) == ["SM1"]
    assert "To=%2B13142000000" in fake.paths[0]


@pytest.mark.parametrize("write", [error(20500, 500), answer(200, b"<html>"), answer(200, [])])
def test_a_list_that_cannot_be_read_is_no_answer(server, write):
    _, transport = server(write)
    with pytest.raises(Unknown):
        transport.find(to=TO, body=BODY, since=timezone.now())


# --- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8899", "http://localhost:1/", "http://[::1]:8899", "https://texts.example", "https://a:8443"],
)  # fmt: skip
def test_addresses_that_may_stand_in_for_twilio(url):
    assert base_url_problem(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://texts.example", "http://10.0.0.1", "http://127.0.0.1.example.org", "ftp://127.0.0.1",
        "https://", "127.0.0.1:8899", "https://user:secret@texts.example", "https://@texts.example",
        "https://texts.example/v1", "https://texts.example?a=1", "https://texts.example#a",
        "https://texts.example/?", "https://texts.example:port", "https://[::1", "http://127.0.0.1@evil.example",
    ],
)  # fmt: skip
def test_addresses_that_may_not(url, twilio):
    twilio.TWILIO_API_BASE_URL = url
    (found,) = [m for m in checks.run_checks() if m.id == "notifications.E001"]
    assert "secret" not in found.msg
    assert "evil" not in found.msg
    with pytest.raises(ImproperlyConfigured):
        text_transport()


def test_half_a_configuration_is_refused(settings):
    settings.TWILIO_ACCOUNT_SID = SID
    with pytest.raises(ImproperlyConfigured):
        text_transport()


def test_without_settings_texts_are_off_or_shown(settings):
    settings.DEVELOPMENT = False
    assert isinstance(text_transport(), OffTransport)
    settings.DEVELOPMENT = True
    assert isinstance(text_transport(), ConsoleTransport)


def test_the_console_masks_the_number(capsys):
    send(ConsoleTransport())
    shown = capsys.readouterr().out
    assert BODY in shown
    assert "+*********00" in shown
    assert "200000" not in shown


def test_no_number_words_or_token_in_any_log(server, caplog):
    caplog.set_level(logging.DEBUG)
    _, transport = server(error(20500, 500))
    with pytest.raises(Unknown):
        send(transport)
    with pytest.raises(Unknown):
        transport.find(to=TO, body=BODY, since=timezone.now())
    for personal in (TO, BODY, "2000000", "a-token-of-nobody"):
        assert personal not in caplog.text
