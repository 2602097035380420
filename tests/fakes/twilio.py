"""A loopback stand-in for Twilio's Messages API with scripted faults. Knows nothing of the project, nor of `twilio`.

Run by itself it serves on a port (`--help`); `/_fake/` is its control. It never listens on, or calls, anything that is
not loopback.
"""
from __future__ import annotations

import argparse
import base64
import hashlib
import heapq
import http.client
import ipaddress
import itertools
import json
import os
import queue
import random
import re
import secrets
import socket
import struct
import sys
import threading
import time
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

VERSION = "1.0"

# --------------------------------------------------------------------------------------
# Signature (own implementation, RFC 2104 HMAC written out; nothing shared with `twilio`)
# --------------------------------------------------------------------------------------


def _hmac(key: bytes, msg: bytes, algo: str) -> bytes:
    h = hashlib.sha1 if algo == "HMAC_SHA1" else hashlib.sha256
    if len(key) > 64:
        key = h(key).digest()
    key = key.ljust(64, b"\0")
    inner = h(bytes(b ^ 0x36 for b in key) + msg).digest()
    return h(bytes(b ^ 0x5C for b in key) + inner).digest()


def twilio_signature(token: str, url: str, params, algo: str = "HMAC_SHA1") -> str:
    """params: mapping name -> str | list[str], or list of (name, value) pairs."""
    pairs: dict[str, list[str]] = {}
    items = params.items() if hasattr(params, "items") else (params or [])
    for k, v in items:
        vs = v if isinstance(v, (list, tuple)) else [v]
        pairs.setdefault(k, []).extend(str(x) for x in vs)
    s = url
    for name in sorted(pairs):
        for value in sorted(set(pairs[name])):
            s += name + value
    return base64.b64encode(_hmac(token.encode(), s.encode(), algo)).decode()


# --------------------------------------------------------------------------------------
# SMS segmentation (GSM 03.38)
# --------------------------------------------------------------------------------------

GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXT = set("^{}\\[~]|€\f")
SMART = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u201c": '"', "\u201d": '"',
    "\u201e": '"', "\u2013": "-", "\u2014": "-", "\u2011": "-", "\u2212": "-", "\u2026": "...",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\u2060": "", "\ufeff": "",
    "\u00ab": '"', "\u00bb": '"', "\u2032": "'", "\u2033": '"',
}


def smart_encode(text: str) -> str:
    """Approximation of Twilio's Smart Encoding: punctuation only, no accented letters."""
    return "".join(SMART.get(c, c) for c in text)


def segments(text: str) -> tuple[int, str]:
    """-> (number of segments, 'GSM-7' | 'UCS-2')"""
    if all(c in GSM7 or c in GSM7_EXT for c in text):
        sizes = [2 if c in GSM7_EXT else 1 for c in text]
        if sum(sizes) <= 160:
            return 1, "GSM-7"
        n, left = 1, 153
        for s in sizes:  # an escape pair is never split over two segments
            if s > left:
                n, left = n + 1, 153
            left -= s
        return n, "GSM-7"
    sizes = [2 if ord(c) > 0xFFFF else 1 for c in text]
    if sum(sizes) <= 70:
        return 1, "UCS-2"
    n, left = 1, 67
    for s in sizes:
        if s > left:
            n, left = n + 1, 67
        left -= s
    return n, "UCS-2"


# --------------------------------------------------------------------------------------
# Outcomes
# --------------------------------------------------------------------------------------

ERRORS = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21211: (400, "Invalid 'To' Phone Number: {to}"),
    21266: (400, "'To' and 'From' number cannot be the same: {to}"),
    21408: (400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number provided ({from_}) is not a valid message-capable Twilio phone number for this destination."),
    21609: (400, "Invalid 'StatusCallback' URL: {cb}"),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21612: (400, "Message cannot be sent with the current combination of 'To' ({to}) and/or 'From' parameters"),
    21614: (400, "'To' number {to} is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21701: (400, "The Messaging Service does not exist"),
    30001: (400, "Queue overflow"),
    30002: (400, "Account suspended"),
    30003: (400, "Unreachable destination handset"),
    30004: (400, "Message blocked"),
    30005: (400, "Unknown destination handset"),
    30006: (400, "Landline or unreachable carrier"),
    30007: (400, "Message filtered"),
    30008: (400, "Unknown error"),
    30034: (400, "US A2P 10DLC - Message from an Unregistered Number"),
    30410: (400, "Provider Timeout Error"),
    30610: (400, "Message couldn't be delivered (Compliance Toolkit quiet hours)"),
    35114: (400, "Timestamp provided in SendAt is invalid"),  # code approximated
}

TERMINAL = {"delivered", "undelivered", "failed", "canceled", "read"}


def preset(name: str, cfg) -> dict:
    """Turn a preset name into an outcome dict."""
    o = {
        "name": name, "http": "ok", "accept": True, "delay": 0.0, "final": "delivered",
        "error_code": None, "callbacks": "normal",
    }
    P = {
        "delivered": {},
        "sent_only": {"final": "sent"},
        "queued_forever": {"final": "queued"},
        # refused outright (nothing created)
        "invalid_21211": {"http": "error", "accept": False, "code": 21211},
        "not_mobile_21614": {"http": "error", "accept": False, "code": 21614},
        "unsubscribed_21610": {"http": "error", "accept": False, "code": 21610},
        "region_21408": {"http": "error", "accept": False, "code": 21408},
        "auth_401": {"http": "error", "accept": False, "code": 20003},
        "rate_429": {"http": "error", "accept": False, "code": 20429, "retry_after": cfg["retry_after"]},
        "rate_429_no_header": {"http": "error", "accept": False, "code": 20429},
        "server_500": {"http": "error", "accept": False, "code": 20500},
        "server_503_html": {"http": "html", "accept": False, "status": 503},
        "reset": {"http": "reset", "accept": False},
        "timeout": {"http": "hang", "accept": False},
        # ambiguous: Twilio HAS the message, the client does not get told
        "server_500_accepted": {"http": "error", "accept": True, "code": 20500},
        "reset_accepted": {"http": "reset", "accept": True},
        "timeout_accepted": {"http": "hang", "accept": True},
        "truncated_accepted": {"http": "truncate", "accept": True},
        "garbage_accepted": {"http": "garbage", "accept": True},
        "drip_accepted": {"http": "drip", "accept": True},
        # slow but fine
        "slow_5s": {"delay": 5.0},
        "slow_20s": {"delay": 20.0},
        # callback behaviour
        "cb_none": {"callbacks": "none"},
        "cb_reversed": {"callbacks": "reversed"},
        "cb_shuffled": {"callbacks": "shuffled"},
        "cb_duplicate": {"callbacks": "duplicate"},
        "cb_early": {"callbacks": "early"},
        "cb_late": {"callbacks": "late"},
        "cb_parallel": {"callbacks": "parallel"},
        "cb_bad_signature": {"callbacks": "bad_signature"},
        "cb_delivered_then_undelivered": {"callbacks": "contradict_fail"},
        "cb_failed_then_delivered": {"callbacks": "contradict_ok"},
        "cb_extra_params": {"callbacks": "extra"},
    }
    if name in P:
        o.update(P[name])
        return o
    m = re.fullmatch(r"(undelivered|failed|reject)_(\d{5})", name)
    if m:
        kind, code = m.group(1), int(m.group(2))
        if kind == "reject":
            o.update({"http": "error", "accept": False, "code": code})
        else:
            o.update({"final": kind, "error_code": code})
        return o
    m = re.fullmatch(r"slow_(\d+(?:\.\d+)?)s", name)
    if m:
        o["delay"] = float(m.group(1))
        return o
    raise ValueError(f"unknown outcome {name!r}")


PRESET_NAMES = [
    "delivered", "sent_only", "queued_forever", "invalid_21211", "not_mobile_21614",
    "unsubscribed_21610", "region_21408", "auth_401", "rate_429", "rate_429_no_header",
    "server_500", "server_503_html", "reset", "timeout", "server_500_accepted",
    "reset_accepted", "timeout_accepted", "truncated_accepted", "garbage_accepted",
    "drip_accepted", "slow_5s", "slow_20s", "slow_<N>s", "cb_none", "cb_reversed", "cb_shuffled",
    "cb_duplicate", "cb_early", "cb_late", "cb_parallel", "cb_bad_signature",
    "cb_delivered_then_undelivered", "cb_failed_then_delivered", "cb_extra_params",
    "undelivered_<code>", "failed_<code>", "reject_<code>",
]

# numbers in the fictitious 555-01xx block (phonenumbers calls them valid).  A list means
# "first attempt, second attempt, ..."; the last entry repeats.
MAGIC = {
    "+13145550100": ["delivered"],
    "+13145550101": ["invalid_21211"],
    "+13145550102": ["not_mobile_21614"],
    "+13145550103": ["unsubscribed_21610"],
    "+13145550104": ["region_21408"],
    "+13145550110": ["failed_30001", "delivered"],
    "+13145550111": ["undelivered_30003"],
    "+13145550112": ["undelivered_30005"],
    "+13145550113": ["undelivered_30006"],
    "+13145550114": ["failed_30007"],
    "+13145550115": ["undelivered_30034"],
    "+13145550116": ["failed_30001"],
    "+13145550117": ["undelivered_30004"],
    "+13145550118": ["undelivered_30008"],
    "+13145550119": ["sent_only"],
    "+13145550121": ["rate_429", "delivered"],
    "+13145550122": ["rate_429"],
    "+13145550123": ["server_500", "delivered"],
    "+13145550124": ["server_500"],
    "+13145550125": ["server_500_accepted", "delivered"],
    "+13145550126": ["timeout", "delivered"],
    "+13145550127": ["timeout_accepted", "delivered"],
    "+13145550128": ["reset", "delivered"],
    "+13145550129": ["reset_accepted", "delivered"],
    "+13145550130": ["slow_5s"],
    "+13145550131": ["server_503_html", "delivered"],
    "+13145550132": ["truncated_accepted", "delivered"],
    "+13145550133": ["drip_accepted", "delivered"],
    "+13145550134": ["garbage_accepted", "delivered"],
    "+13145550141": ["cb_reversed"],
    "+13145550142": ["cb_duplicate"],
    "+13145550143": ["cb_early"],
    "+13145550144": ["cb_delivered_then_undelivered"],
    "+13145550145": ["cb_failed_then_delivered"],
    "+13145550146": ["cb_none"],
    "+13145550147": ["cb_late"],
    "+13145550148": ["cb_bad_signature"],
    "+13145550149": ["cb_extra_params"],
    "+13145550150": ["cb_parallel"],
    # Twilio's own documented test-credential numbers
    "+15005550001": ["invalid_21211"],
    "+15005550002": ["reject_21612"],
    "+15005550003": ["region_21408"],
    "+15005550004": ["unsubscribed_21610"],
    "+15005550009": ["not_mobile_21614"],
}

STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START_WORDS = {"START", "YES", "UNSTOP"}
HELP_WORDS = {"HELP", "INFO"}
AUTO_REPLY = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}

KNOWN_PARAMS = {
    "To", "StatusCallback", "ApplicationSid", "MaxPrice", "ProvideFeedback", "Attempt",
    "ValidityPeriod", "ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded",
    "PersistentAction", "TrafficType", "ShortenUrls", "ScheduleType", "SendAt", "SendAsMms",
    "ContentVariables", "RiskCheck", "From", "FallbackFrom", "MessagingServiceSid", "Body",
    "MediaUrl", "ContentSid", "MessageIntent",
}

DEFAULTS = {
    "account_sid": "ACfa4e0000000000000000000000000001",
    "auth_token": "f4ce7a110000000000000000000000aa",
    "api_key_sid": "SKfa4e0000000000000000000000000001",
    "api_key_secret": "f4ce-api-secret",
    "messaging_service_sid": "MGfa4e0000000000000000000000000001",
    "from_numbers": ["+13145550199"],
    "inbound_url": None,
    "url_map": {},              # {"https://public.example.org": "http://127.0.0.1:8000"}
    "forwarded_headers": True,  # X-Forwarded-Proto/Host when a url_map entry was used
    "default_outcome": "delivered",
    "magic_numbers": True,
    "mps": 0,                   # accepted create calls per second, 0 = no limit
    "max_concurrency": 0,
    "retry_after": 2,
    "response_delay": 0.0,      # between accepting and answering (widens the crash window)
    "accept_delay": 0.0,        # before accepting
    "step_delay": 0.02,         # between two statuses of one message
    "late_delay": 20.0,
    "hang_seconds": 60.0,
    "drip_seconds": 30.0,
    "list_lag": 0.0,            # list endpoint does not show messages younger than this
    "optout_mode": "default",   # default | advanced (adds OptOutType) | off
    "hold_callbacks": False,
    "callback_timeout": 15.0,
    "signature_algorithm": "HMAC_SHA1",
    "shared_key_id": "webhooks_sharedkey_fake01",
    "shared_key_secret": None,
    "strict_callback_host": False,
    "price_per_segment": "0.0083",
}


def now() -> datetime:
    return datetime.now(timezone.utc)


def rfc2822(d: datetime | None) -> str | None:
    return None if d is None else format_datetime(d)


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def is_loopback(host: str | None) -> bool:
    if not host:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ApiError(Exception):
    def __init__(self, code: int, status: int | None = None, headers=None, **fmt):
        self.code = code
        st, msg = ERRORS.get(code, (400, f"Error {code}"))
        self.status = status or st
        try:
            self.message = msg.format(**{"to": "", "from_": "", "cb": "", **fmt})
        except Exception:
            self.message = msg
        self.headers = headers or {}


# --------------------------------------------------------------------------------------
# The service
# --------------------------------------------------------------------------------------


class FakeTwilio:
    def __init__(self, port: int = 0, host: str = "127.0.0.1", journal: str | None = None, **config):
        if not is_loopback(host):
            raise SystemExit("fake_twilio listens on loopback only")
        self.lock = threading.RLock()
        self.cfg = {**DEFAULTS, **{k: v for k, v in config.items() if v is not None}}
        self.journal_path = journal
        self._journal = open(journal, "a", buffering=1) if journal else None
        self._reset_state()
        self._heap: list = []
        self._heap_n = itertools.count()
        self._heap_cv = threading.Condition()
        self._jobs: queue.Queue = queue.Queue()
        self._stop = False
        self.server = _Server((host, port), _Handler)
        self.server.fake = self
        self.host, self.port = self.server.server_address[:2]
        self._threads: list[threading.Thread] = []

    # -- lifecycle ---------------------------------------------------------------------
    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> "FakeTwilio":
        self._threads = [
            threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True),
            threading.Thread(target=self._run_heap, daemon=True),
        ] + [threading.Thread(target=self._run_jobs, daemon=True) for _ in range(16)]
        for t in self._threads:
            t.start()
        return self

    def stop(self) -> None:
        self._stop = True
        with self._heap_cv:
            self._heap_cv.notify_all()
        self.server.shutdown()
        self.server.server_close()
        if self._journal:
            self._journal.close()

    __enter__ = start

    def __exit__(self, *a):
        self.stop()

    def _reset_state(self) -> None:
        self.messages: dict[str, dict] = {}
        self.attempts: list[dict] = []
        self.callbacks: list[dict] = []
        self.held: list[dict] = []
        self.inbounds: list[dict] = []
        self.notes: list[dict] = []      # the "debugger": 11200, 12100, 12300, 21610 ...
        self.blocked: set[str] = set()
        self.scripts: dict[str, list] = {}
        self.script_pos: dict[str, int] = {}
        self.accept_times: list[float] = []
        self.in_flight = 0
        self.max_in_flight = 0
        self.limited_until = 0.0
        self.early_after_429 = 0
        self.generation = getattr(self, "generation", 0) + 1
        self.last_activity = time.monotonic()

    def journal(self, kind: str, **data) -> None:
        if self._journal:
            try:
                self._journal.write(json.dumps({"t": time.time(), "kind": kind, **data}, default=str) + "\n")
            except ValueError:
                pass

    # -- scheduler ---------------------------------------------------------------------
    def later(self, delay: float, fn, *a) -> None:
        gen = self.generation

        def run():
            if gen == self.generation:
                fn(*a)

        with self._heap_cv:
            heapq.heappush(self._heap, (time.monotonic() + max(0.0, delay), next(self._heap_n), run))
            self._heap_cv.notify()

    def _run_heap(self) -> None:
        while not self._stop:
            with self._heap_cv:
                while not self._stop and (not self._heap or self._heap[0][0] > time.monotonic()):
                    wait = self._heap[0][0] - time.monotonic() if self._heap else 1.0
                    self._heap_cv.wait(min(max(wait, 0.0005), 1.0))
                if self._stop:
                    return
                _, _, fn = heapq.heappop(self._heap)
            self._jobs.put(fn)

    def _run_jobs(self) -> None:
        while not self._stop:
            try:
                fn = self._jobs.get(timeout=0.5)
            except queue.Empty:
                continue
            try:
                fn()
            except Exception as e:  # never let a job kill a worker
                self.note(0, f"fake internal error: {type(e).__name__}: {e}")

    def pending_jobs(self) -> int:
        with self._heap_cv:
            return len(self._heap) + self._jobs.qsize()

    def note(self, code: int, text: str, **data) -> None:
        with self.lock:
            self.notes.append({"t": time.time(), "code": code, "text": text, **data})
        self.journal("note", code=code, text=text)

    # -- outcome choice ----------------------------------------------------------------
    def outcome_for(self, to: str) -> dict:
        with self.lock:
            plan = self.scripts.get(to)
            if plan is None and self.cfg["magic_numbers"]:
                plan = MAGIC.get(to)
            if not plan:
                plan = [self.cfg["default_outcome"]]
            i = self.script_pos.get(to, 0)
            self.script_pos[to] = i + 1
            item = plan[min(i, len(plan) - 1)]
        if isinstance(item, str):
            return preset(item, self.cfg)
        base = preset(item.get("preset", "delivered"), self.cfg)
        base.update(item)
        return base

    # -- create ------------------------------------------------------------------------
    def validate_create(self, p: dict[str, list[str]]) -> None:
        g = lambda k: (p.get(k) or [""])[0]
        to, from_, mg = g("To"), g("From"), g("MessagingServiceSid")
        if not to:
            raise ApiError(21604)
        if not re.fullmatch(r"\+[1-9]\d{7,14}", to):
            raise ApiError(21211, to=to)
        if not from_ and not mg:
            raise ApiError(21603)
        if mg and mg != self.cfg["messaging_service_sid"]:
            raise ApiError(21701)
        if from_ and from_ not in self.cfg["from_numbers"]:
            raise ApiError(21606, from_=from_)
        if from_ and from_ == to:
            raise ApiError(21266, to=to)
        body = g("Body")
        if not body and not p.get("MediaUrl") and not g("ContentSid"):
            raise ApiError(21602)
        if len(body) > 1600:
            raise ApiError(21617)
        cb = g("StatusCallback")
        if cb:
            u = urlsplit(cb)
            if u.scheme not in ("http", "https") or not u.hostname or "_" in u.hostname:
                raise ApiError(21609, cb=cb)
            if self.cfg["strict_callback_host"] and (is_loopback(u.hostname) or "." not in u.hostname):
                raise ApiError(21609, cb=cb)
        vp = g("ValidityPeriod")
        if vp and not (vp.isdigit() and 1 <= int(vp) <= 36000):
            raise ApiError(21617, status=400)  # code approximated; what matters is the 400
        if g("ScheduleType") and mg:
            try:
                at = datetime.fromisoformat(g("SendAt").replace("Z", "+00:00"))
                if at.tzinfo is None:
                    at = at.replace(tzinfo=timezone.utc)
            except ValueError:
                raise ApiError(35114)
            if not timedelta(minutes=5) <= at - now() <= timedelta(days=35):
                raise ApiError(35114)

    def create(self, p: dict[str, list[str]], attempt: dict, outcome: dict) -> dict:
        """Create the message resource (Twilio now owns the message)."""
        g = lambda k: (p.get(k) or [""])[0]
        mg, from_, body = g("MessagingServiceSid"), g("From"), g("Body")
        wire = smart_encode(body) if g("SmartEncoded").lower() == "true" else body
        nseg, enc = segments(wire)
        scheduled = bool(g("ScheduleType")) and bool(mg)
        if g("ScheduleType") and not mg:
            self.note(0, "ScheduleType/SendAt without MessagingServiceSid: dropped, sent at once (documented Twilio behaviour)", to=g("To"))
        sid = new_sid("MM" if p.get("MediaUrl") else "SM")
        t = now()
        m = {
            "sid": sid, "to": g("To"), "from": from_ or None, "messaging_service_sid": mg or None,
            "body": body, "wire_body": wire, "segments": nseg, "encoding": enc,
            "direction": "outbound-api", "num_media": len(p.get("MediaUrl") or []),
            "status": "scheduled" if scheduled else ("accepted" if mg else "queued"),
            "error_code": None, "date_created": t, "date_updated": t, "date_sent": None,
            "price": None, "status_callback": g("StatusCallback") or None, "outcome": outcome["name"],
            "history": [], "attempt": attempt["n"], "acked": False, "shown_at": None,
            "send_at": g("SendAt") or None, "params": {k: v for k, v in p.items()},
            "validity_period": int(g("ValidityPeriod") or 36000),
            "discard": g("ContentRetention") == "discard", "deleted": False, "kind": "api",
        }
        m["history"].append((time.time(), m["status"]))
        with self.lock:
            self.messages[sid] = m
            self.last_activity = time.monotonic()
        attempt["sid"], attempt["accepted"] = sid, True
        self.journal("accepted", sid=sid, to=m["to"], body=body, cb=m["status_callback"], attempt=attempt["n"])
        if scheduled:
            at = datetime.fromisoformat(m["send_at"].replace("Z", "+00:00"))
            if at.tzinfo is None:
                at = at.replace(tzinfo=timezone.utc)
            self.later((at - now()).total_seconds(), self._begin, sid, outcome)
        elif outcome["callbacks"] == "early":
            self._walk_early(m, outcome)
        else:
            self.later(self.cfg["step_delay"], self._begin, sid, outcome)
        return m

    # -- lifecycle of an accepted message ------------------------------------------------
    def _statuses(self, m: dict, outcome: dict) -> list[str]:
        seq = (["queued"] if m["messaging_service_sid"] else []) + ["sending"]
        final = outcome["final"]
        if final == "queued":
            return seq[:-1] if m["messaging_service_sid"] else []
        if final == "failed":
            return seq[:-1] + ["failed"]
        seq += ["sent"]
        if final in ("delivered", "undelivered"):
            seq += [final]
        return seq

    def _set_status(self, m: dict, status: str, code=None) -> None:
        with self.lock:
            m["status"] = status
            m["date_updated"] = now()
            m["history"].append((time.time(), status))
            if status in ("failed", "undelivered"):
                m["error_code"] = code
            if status == "sent":
                m["date_sent"] = now()
                m["price"] = f"-{float(self.cfg['price_per_segment']) * m['segments']:.5f}"
                if not m["from"]:
                    m["from"] = self.cfg["from_numbers"][0]
            if status == "delivered" and m["shown_at"] is None:
                m["shown_at"] = time.time()
            self.last_activity = time.monotonic()

    def _begin(self, sid: str, outcome: dict) -> None:
        m = self.messages.get(sid)
        if not m or m["deleted"] or m["status"] in TERMINAL:
            return
        if m["to"] in self.blocked and m["kind"] == "api":
            # opted out between create and hand-over: Twilio fails it with 21610
            self._set_status(m, "failed", 21610)
            self._emit(m, "failed", 21610)
            return
        mode = outcome["callbacks"]
        seq = self._statuses(m, outcome)
        code = outcome["error_code"]
        if mode in ("reversed", "shuffled", "parallel", "late"):
            for s in seq:
                self._set_status(m, s, code)
            order = list(seq)
            if mode == "reversed":
                order.reverse()
            elif mode == "shuffled":
                random.Random(sid).shuffle(order)
            if mode == "late":
                for i, s in enumerate(order):
                    self.later(self.cfg["late_delay"] + i * self.cfg["step_delay"], self._emit, m, s, code)
            elif mode == "parallel":
                for s in order:
                    self._jobs.put(lambda s=s: self._emit(m, s, code))
            else:
                self._chain_emit(m, order, code)
            return
        if mode == "contradict_fail":      # delivered, then undelivered for a later segment
            self._chain(m, seq + ["undelivered"], outcome, 30008)
        elif mode == "contradict_ok":
            self._chain(m, ["sending", "sent", "undelivered", "delivered"], outcome, 30003)
        else:
            self._chain(m, seq, outcome, code)

    def _chain(self, m: dict, seq: list[str], outcome: dict, code) -> None:
        if not seq or m["deleted"] or m["status"] == "canceled":
            return
        s = seq[0]
        self._set_status(m, s, code)
        mode = outcome["callbacks"]
        if mode != "none":
            for _ in range(3 if mode == "duplicate" else 1):
                self._emit(m, s, code, signature="bad" if mode == "bad_signature" else "good",
                           extra={f"X{i}Unknown": "new field" for i in range(10)} if mode == "extra" else None)
        self.later(self.cfg["step_delay"], self._chain, m, seq[1:], outcome, code)

    def _chain_emit(self, m: dict, order: list[str], code) -> None:
        if order:
            self._emit(m, order[0], code)
            self.later(self.cfg["step_delay"], self._chain_emit, m, order[1:], code)

    def _walk_early(self, m: dict, outcome: dict) -> None:
        for s in self._statuses(m, outcome):
            self._set_status(m, s, outcome["error_code"])
            self._emit(m, s, outcome["error_code"], timeout=5.0)

    # -- webhooks out ------------------------------------------------------------------
    def status_params(self, m: dict, status: str, code=None, extra=None) -> dict:
        p = {
            "SmsSid": m["sid"], "SmsStatus": status, "MessageStatus": status, "To": m["to"],
            "MessageSid": m["sid"], "AccountSid": self.cfg["account_sid"],
            "From": m["from"] or self.cfg["from_numbers"][0], "ApiVersion": "2010-04-01",
        }
        if m["messaging_service_sid"]:
            p["MessagingServiceSid"] = m["messaging_service_sid"]
        if status in ("failed", "undelivered") and code:
            p["ErrorCode"] = str(code)
        if status in ("delivered", "undelivered"):
            p["RawDlrDoneDate"] = now().strftime("%y%m%d%H%M")
        p.update(extra or {})
        return p

    def _emit(self, m: dict, status: str, code=None, signature: str = "good", extra=None, timeout=None, url=None) -> dict | None:
        url = url or m["status_callback"]
        if not url:
            return None
        params = self.status_params(m, status, code, extra)
        job = {"url": url, "params": params, "signature": signature, "sid": m["sid"], "status": status, "timeout": timeout}
        if self.cfg["hold_callbacks"]:
            with self.lock:
                self.held.append(job)
            return None
        return self.deliver(**job)

    def target_for(self, url: str) -> tuple[str | None, str, bool]:
        """-> (loopback url or None, url to sign, mapped?)"""
        u = urlsplit(url)
        signed = urlunsplit((u.scheme, u.netloc, u.path, u.query, ""))  # a fragment never travels
        for pub in sorted(self.cfg["url_map"], key=len, reverse=True):
            if signed == pub or signed.startswith(pub.rstrip("/") + "/") or signed.startswith(pub + "?"):
                return self.cfg["url_map"][pub].rstrip("/") + signed[len(pub.rstrip("/")):], signed, True
        return (signed if is_loopback(u.hostname) else None), signed, False

    def deliver(self, url: str, params: dict, signature: str = "good", sid: str = "", status: str = "",
                timeout: float | None = None, method: str = "POST", kind: str = "status", idem: str | None = None,
                json_body: str | None = None) -> dict:
        """POST one webhook to the application, signed. Never leaves loopback."""
        target, signed_url, mapped = self.target_for(url)
        rec = {"t": time.time(), "kind": kind, "sid": sid, "status": status, "url": signed_url, "target": target,
               "signature": signature, "http_status": None, "error": None, "tries": 0, "response": None,
               "params": params, "elapsed": None}
        if target is None or not is_loopback(urlsplit(target).hostname):
            rec["error"] = "not loopback and not in url_map: not sent"
            self.note(11200, rec["error"], url=signed_url)
            with self.lock:
                self.callbacks.append(rec)
            return rec
        algo = self.cfg["signature_algorithm"]
        token = self.cfg["shared_key_secret"] or self.cfg["auth_token"] if algo == "HMAC_SHA256" else self.cfg["auth_token"]
        sign_url, sign_params = signed_url, params
        if json_body is not None:
            sep = "&" if urlsplit(signed_url).query else "?"
            digest = hashlib.sha256(json_body.encode()).hexdigest()
            sign_url = signed_url + f"{sep}bodySHA256={digest}"
            target = target + ("&" if urlsplit(target).query else "?") + f"bodySHA256={digest}"
            sign_params = {}
        elif method == "GET":
            sep = "&" if urlsplit(signed_url).query else "?"
            sign_url = signed_url + sep + urlencode(params)
            target = target + ("&" if urlsplit(target).query else "?") + urlencode(params)
            sign_params = {}
        sig = twilio_signature(token, sign_url, sign_params, algo)
        headers = {
            "Content-Type": "application/json" if json_body is not None else "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1", "Accept": "*/*",
            "I-Twilio-Idempotency-Token": idem or "fake-" + secrets.token_hex(12),
            "X-Twilio-Signature": sig,
        }
        if algo != "HMAC_SHA1":
            headers["X-Twilio-Webhooks-Signature-Settings"] = f"key={self.cfg['shared_key_id']},algorithm={algo}"
        if signature == "bad":
            headers["X-Twilio-Signature"] = base64.b64encode(bytes(b ^ 1 for b in base64.b64decode(sig))).decode()
        elif signature == "missing":
            del headers["X-Twilio-Signature"]
        elif signature == "empty":
            headers["X-Twilio-Signature"] = ""
        elif signature == "wrong_token":
            headers["X-Twilio-Signature"] = twilio_signature("0" * 32, sign_url, sign_params)
        elif signature == "wrong_url":
            headers["X-Twilio-Signature"] = twilio_signature(token, sign_url.replace("://", "://evil.") + "x", sign_params)
        elif signature == "unsigned_params":   # valid for the url without the body
            headers["X-Twilio-Signature"] = twilio_signature(token, sign_url, {})
        elif signature == "garbage":
            headers["X-Twilio-Signature"] = "%%% not base64 \u00e9".encode("latin-1").decode("latin-1")
        elif signature == "algo_none":
            headers["X-Twilio-Webhooks-Signature-Settings"] = "key=x,algorithm=NONE"
        elif signature == "algo_downgrade":    # SHA1 over an attacker-chosen key named in the header
            headers["X-Twilio-Webhooks-Signature-Settings"] = "key=attacker,algorithm=HMAC_SHA1"
            headers["X-Twilio-Signature"] = twilio_signature("", sign_url, sign_params)
        body = b"" if method == "GET" else (json_body if json_body is not None else urlencode(params, doseq=True)).encode()
        opts = dict(parse_qsl(urlsplit(url).fragment))
        retries = min(int(opts.get("rc", 1)), 5)
        policy = set(opts.get("rp", "ct").split(","))
        tu = urlsplit(target)
        pu = urlsplit(signed_url)
        if mapped:
            headers["Host"] = pu.netloc
            if self.cfg["forwarded_headers"]:
                headers["X-Forwarded-Proto"] = pu.scheme
                headers["X-Forwarded-Host"] = pu.netloc
                headers["X-Forwarded-For"] = "127.0.0.1"
        path = tu.path or "/"
        if tu.query:
            path += "?" + tu.query
        t0 = time.monotonic()
        for attempt in range(retries + 1):
            rec["tries"] = attempt + 1
            rec["error"] = None
            conn = http.client.HTTPConnection(tu.hostname, tu.port or 80, timeout=timeout or self.cfg["callback_timeout"])
            fail = None
            try:
                try:
                    conn.connect()
                except OSError as e:
                    fail, rec["error"] = "ct", f"{type(e).__name__}: {e}"
                else:
                    try:
                        conn.request(method, path, body=body, headers=headers)
                        r = conn.getresponse()
                        data = r.read(1 << 20)
                        rec["http_status"] = r.status
                        rec["response"] = data.decode("utf-8", "replace")
                        rec["response_type"] = r.getheader("Content-Type", "")
                        if 400 <= r.status < 500:
                            fail = "4xx"
                        elif r.status >= 500:
                            fail = "5xx"
                    except Exception as e:
                        fail, rec["error"] = "rt", f"{type(e).__name__}: {e}"
            finally:
                conn.close()
            if fail is None or not ({"all", fail} & policy):
                break
        rec["elapsed"] = round(time.monotonic() - t0, 4)
        if rec["http_status"] is None or rec["http_status"] >= 400:
            self.note(11200, f"webhook got {rec['http_status'] or rec['error']}", url=signed_url, sid=sid)
        with self.lock:
            self.callbacks.append(rec)
            self.last_activity = time.monotonic()
        self.journal("callback", sid=sid, status=status, http=rec["http_status"], error=rec["error"], ck=kind)
        return rec

    # -- inbound -----------------------------------------------------------------------
    def inbound(self, from_: str, body: str = "", to: str | None = None, url: str | None = None,
                media: list | None = None, signature: str = "good", sid: str | None = None,
                idem: str | None = None, extra: dict | None = None, drop: list | None = None,
                method: str = "POST", skip_carrier: bool = False, geo: bool = True) -> dict:
        """A resident texts us: Twilio's own STOP/START/HELP handling, then the signed webhook."""
        url = url or self.cfg["inbound_url"]
        to = to or self.cfg["from_numbers"][0]
        word = body.strip().upper()
        kind = "STOP" if word in STOP_WORDS else "START" if word in START_WORDS else "HELP" if word in HELP_WORDS else None
        mode = self.cfg["optout_mode"]
        auto = None
        sid = sid or new_sid("MM" if media else "SM")
        t = time.time()
        with self.lock:
            first_time = sid not in self.messages
            if first_time:
                self.messages[sid] = {
                    "sid": sid, "to": to, "from": from_, "messaging_service_sid": None, "body": body, "wire_body": body,
                    "segments": segments(body)[0], "encoding": segments(body)[1], "direction": "inbound",
                    "num_media": len(media or []), "status": "received", "error_code": None, "date_created": now(),
                    "date_updated": now(), "date_sent": now(), "price": None, "status_callback": None, "outcome": "",
                    "history": [(t, "received")], "attempt": None, "acked": True, "shown_at": None, "send_at": None,
                    "params": {}, "discard": False, "deleted": False, "kind": "inbound", "validity_period": 0,
                }
        if mode != "off" and kind and not skip_carrier and first_time:
            if kind == "STOP":
                auto = None if from_ in self.blocked else AUTO_REPLY["STOP"]
                self.blocked.add(from_)
            elif kind == "START":
                auto = AUTO_REPLY["START"] if from_ in self.blocked else None
                self.blocked.discard(from_)
            else:
                auto = AUTO_REPLY["HELP"]
            if auto:
                self._handset(from_, to, auto, "auto")
        n_seg, _ = segments(body)
        p = {
            "ToCountry": "US", "ToState": "MO", "SmsMessageSid": sid, "NumMedia": str(len(media or [])),
            "ToCity": "ST. LOUIS", "FromZip": "63103", "SmsSid": sid, "FromState": "MO", "SmsStatus": "received",
            "FromCity": "ST. LOUIS", "Body": body, "FromCountry": "US", "To": to, "ToZip": "", "NumSegments": str(n_seg),
            "MessageSid": sid, "AccountSid": self.cfg["account_sid"], "From": from_, "ApiVersion": "2010-04-01",
        }
        if self.cfg["messaging_service_sid"]:
            p["MessagingServiceSid"] = self.cfg["messaging_service_sid"]
        if not geo:
            for k in ("ToCity", "FromZip", "FromState", "FromCity", "ToZip", "ToState"):
                p[k] = ""
        for i, mu in enumerate(media or []):
            p[f"MediaUrl{i}"] = mu["url"] if isinstance(mu, dict) else mu
            p[f"MediaContentType{i}"] = mu.get("type", "image/jpeg") if isinstance(mu, dict) else "image/jpeg"
        if mode == "advanced" and kind:
            p["OptOutType"] = kind
        p.update(extra or {})
        for k in drop or []:
            p.pop(k, None)
        out = {"message_sid": sid, "keyword": kind, "twilio_auto_reply": auto, "http_status": None, "twiml": None, "delivered_replies": []}
        if not url:
            out["error"] = "no inbound url configured"
            return out
        rec = self.deliver(url, p, signature=signature, sid=sid, status="received", kind="inbound", idem=idem, method=method)
        out["http_status"], out["elapsed"], out["error"], out["body"] = rec["http_status"], rec["elapsed"], rec["error"], rec["response"]
        if rec["http_status"] and 200 <= rec["http_status"] < 300 and rec["http_status"] != 204:
            tw = parse_twiml(rec["response"] or "", rec.get("response_type", ""))
            out["twiml"] = tw
            for w in tw["warnings"]:
                self.note(tw["code"], w, url=url)
            for r in tw["messages"]:
                dest = r["to"] or from_
                if dest in self.blocked and mode != "off":
                    self.note(21610, "TwiML reply to a blocked number was not sent", to=dest, body=r["body"])
                    continue
                self._handset(dest, to, r["body"], "twiml", cb=r["status_callback"])
                out["delivered_replies"].append(r["body"])
        with self.lock:
            self.inbounds.append({"t": t, "from": from_, "body": body, **out})
        return out

    def _handset(self, to: str, from_: str, body: str, kind: str, cb: str | None = None) -> dict:
        n, enc = segments(body)
        m = {
            "sid": new_sid("SM"), "to": to, "from": from_, "messaging_service_sid": None, "body": body, "wire_body": body,
            "segments": n, "encoding": enc, "direction": "outbound-reply", "num_media": 0, "status": "delivered",
            "error_code": None, "date_created": now(), "date_updated": now(), "date_sent": now(), "price": None,
            "status_callback": cb, "outcome": "delivered", "history": [(time.time(), "delivered")], "attempt": None,
            "acked": True, "shown_at": time.time(), "send_at": None, "params": {}, "discard": False, "deleted": False,
            "kind": kind, "validity_period": 36000,
        }
        with self.lock:
            self.messages[m["sid"]] = m
            self.last_activity = time.monotonic()
        if cb:
            self.later(self.cfg["step_delay"], self._emit, m, "delivered")
        return m

    # -- views -------------------------------------------------------------------------
    def resource(self, m: dict) -> dict:
        a = self.cfg["account_sid"]
        base = f"/2010-04-01/Accounts/{a}/Messages/{m['sid']}"
        unsent = m["status"] in ("accepted", "scheduled") and m["messaging_service_sid"]
        return {
            "account_sid": a, "api_version": "2010-04-01",
            "body": "" if (m["discard"] and m["status"] in TERMINAL) else m["body"],
            "date_created": rfc2822(m["date_created"]), "date_sent": rfc2822(m["date_sent"]),
            "date_updated": rfc2822(m["date_updated"]), "direction": m["direction"],
            "error_code": m["error_code"],
            "error_message": ERRORS.get(m["error_code"], (0, None))[1] if m["error_code"] else None,
            "from": m["from"], "messaging_service_sid": m["messaging_service_sid"],
            "num_media": str(m["num_media"]), "num_segments": "0" if unsent else str(m["segments"]),
            "price": m["price"], "price_unit": "USD" if m["price"] else None, "sid": m["sid"], "status": m["status"],
            "subresource_uris": {"media": base + "/Media.json"}, "to": m["to"], "uri": base + ".json",
        }

    def public(self, m: dict) -> dict:
        return {
            **{k: m[k] for k in ("sid", "to", "from", "body", "wire_body", "segments", "encoding", "direction", "status",
                                 "error_code", "status_callback", "outcome", "attempt", "acked", "kind", "history",
                                 "messaging_service_sid", "send_at", "params", "deleted", "shown_at")},
            "created": m["date_created"].timestamp(),
        }

    def accepted(self, **flt) -> list[dict]:
        with self.lock:
            out = [m for m in self.messages.values() if m["kind"] == "api"]
        for k, v in flt.items():
            out = [m for m in out if v is None or (v in m["body"] if k == "contains" else m[k] == v)]
        return out

    def summary(self) -> dict:
        msgs = self.accepted()
        groups: dict[tuple, list] = {}
        corr: dict[str, list] = {}
        for m in msgs:
            groups.setdefault((m["to"], m["body"]), []).append(m["sid"])
            if m["status_callback"]:
                corr.setdefault(m["status_callback"], []).append(m["sid"])
        dup = [{"to": k[0], "body": k[1], "sids": v} for k, v in groups.items() if len(v) > 1]
        dupc = {k: v for k, v in corr.items() if len(v) > 1}
        by: dict[str, int] = {}
        for m in msgs:
            by[m["status"]] = by.get(m["status"], 0) + 1
        with self.lock:
            http: dict[str, int] = {}
            for a in self.attempts:
                k = str(a["http_status"] or a["ended"])
                http[k] = http.get(k, 0) + 1
            ts = sorted(a["t"] for a in self.attempts)
            peak, j = 0, 0
            for i, t in enumerate(ts):
                while ts[j] <= t - 1.0:
                    j += 1
                peak = max(peak, i - j + 1)
            unk = sorted({p for a in self.attempts for p in a["unknown_params"]})
            return {
                "attempts": len(self.attempts), "accepted": len(msgs),
                "unique_to_body": len(groups), "unique_numbers": len({m["to"] for m in msgs}),
                "duplicate_groups": len(dup), "extra_copies": sum(len(d["sids"]) - 1 for d in dup),
                "duplicates": dup[:200],
                "distinct_status_callbacks": len(corr), "reused_status_callbacks": len(dupc),
                "accepted_not_acked": sum(1 for m in msgs if not m["acked"]),
                "by_status": by, "attempt_results": http,
                "segments": sum(m["segments"] for m in msgs),
                "ucs2_messages": sum(1 for m in msgs if m["encoding"] == "UCS-2"),
                "without_status_callback": sum(1 for m in msgs if not m["status_callback"]),
                "peak_attempts_per_second": peak, "max_in_flight": self.max_in_flight, "in_flight": self.in_flight,
                "early_after_429": self.early_after_429,
                "attempts_to_blocked": sum(1 for a in self.attempts if a["code"] == 21610),
                "callbacks": len(self.callbacks), "held_callbacks": len(self.held),
                "callback_results": _count(str(c["http_status"] or c["error"]) for c in self.callbacks),
                "inbound": len(self.inbounds), "blocked": sorted(self.blocked),
                "unknown_params": unk, "notes": len(self.notes),
                "pending_jobs": self.pending_jobs(), "idle_seconds": round(time.monotonic() - self.last_activity, 3),
            }

    def handset(self, number: str) -> list[dict]:
        """What the resident's phone would show, in order."""
        with self.lock:
            rows = [m for m in self.messages.values() if (m["to"] == number and m["shown_at"]) or (m["kind"] == "inbound" and m["from"] == number)]
        rows.sort(key=lambda m: m["shown_at"] or m["date_created"].timestamp())
        return [{"dir": "out" if m["kind"] == "inbound" else "in", "kind": m["kind"], "body": m["wire_body"], "sid": m["sid"],
                 "t": m["shown_at"] or m["date_created"].timestamp()} for m in rows]

    def wait(self, accepted: int | None = None, attempts: int | None = None, idle: float | None = None, timeout: float = 30.0) -> bool:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            with self.lock:
                na = sum(1 for m in self.messages.values() if m["kind"] == "api")
                nt = len(self.attempts)
                idle_for = time.monotonic() - self.last_activity
            ok = (accepted is None or na >= accepted) and (attempts is None or nt >= attempts)
            if ok and (idle is None or (idle_for >= idle and self.pending_jobs() == 0 and self.in_flight == 0)):
                return True
            time.sleep(0.02)
        return False


def _count(it) -> dict:
    d: dict[str, int] = {}
    for x in it:
        d[x] = d.get(x, 0) + 1
    return d


def parse_twiml(text: str, ctype: str) -> dict:
    out = {"messages": [], "warnings": [], "code": 0}
    if not text.strip():
        return out
    base = ctype.split(";")[0].strip().lower()
    if base == "text/plain":   # Twilio sends text/plain bodies back as the reply
        out["messages"].append({"body": text, "to": None, "status_callback": None})
        return out
    if base not in ("text/xml", "application/xml", "text/html"):
        out["warnings"].append(f"12300 Invalid Content-Type: {ctype!r}")
        out["code"] = 12300
        return out
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        out["warnings"].append("12100 document parse failure (doctype)")
        out["code"] = 12100
        return out
    try:
        root = ET.fromstring(text.encode() if text.lstrip().startswith("<?xml") else text)
    except ET.ParseError as e:
        out["warnings"].append(f"12100 document parse failure: {e}")
        out["code"] = 12100
        return out
    if root.tag != "Response":
        out["warnings"].append(f"12200 schema: root is <{root.tag}>")
        out["code"] = 12200
        return out
    for el in root:
        if el.tag in ("Message", "Sms"):
            b = el.find("Body")
            body = (b.text if b is not None else "".join(el.itertext())) or ""
            body = body.strip()
            if not body and el.find("Media") is None:
                out["warnings"].append("14103 message has no body")
                out["code"] = 14103
                continue
            out["messages"].append({"body": body, "to": el.get("to"), "status_callback": el.get("statusCallback") or el.get("action")})
        elif el.tag != "Redirect":
            out["warnings"].append(f"12200 unknown verb <{el.tag}>")
            out["code"] = 12200
    return out


# --------------------------------------------------------------------------------------
# HTTP
# --------------------------------------------------------------------------------------


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    fake: FakeTwilio

    def handle_error(self, request, client_address):
        pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 120
    disable_nagle_algorithm = True

    def log_message(self, *a):
        pass

    @property
    def f(self) -> FakeTwilio:
        return self.server.fake

    # -- plumbing ----------------------------------------------------------------------
    def _send(self, status: int, obj=None, headers=None, raw: bytes | None = None, ctype="application/json") -> bool:
        data = raw if raw is not None else (b"" if obj is None else json.dumps(obj).encode())
        try:
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Type", ctype)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Twilio-Request-Id", "RQ" + secrets.token_hex(16))
            self.send_header("X-Powered-By", "fake_twilio")
            for k, v in (headers or {}).items():
                self.send_header(k, v)
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()
            return True
        except OSError:
            self.close_connection = True
            return False

    def _api_error(self, e: ApiError) -> None:
        self._send(e.status, {"code": e.code, "message": e.message,
                              "more_info": f"https://www.twilio.com/docs/errors/{e.code}", "status": e.status}, e.headers)

    def _rst(self) -> None:
        self.close_connection = True
        try:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.wfile.close()
            self.connection.close()
        except OSError:
            pass

    def _body(self) -> bytes:
        if (self.headers.get("Transfer-Encoding") or "").lower() == "chunked":
            out = b""
            while True:
                size = int(self.rfile.readline().split(b";")[0] or b"0", 16)
                chunk = self.rfile.read(size)
                self.rfile.readline()
                if not size:
                    return out
                out += chunk
        n = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(n) if n else b""

    def _auth(self) -> bool:
        h = self.headers.get("Authorization", "")
        if not h.startswith("Basic "):
            return False
        try:
            user, _, pw = base64.b64decode(h[6:]).decode().partition(":")
        except Exception:
            return False
        c = self.f.cfg
        return (user, pw) in ((c["account_sid"], c["auth_token"]), (c["api_key_sid"], c["api_key_secret"]))

    def do_GET(self):
        self._route("GET")

    def do_POST(self):
        self._route("POST")

    def do_DELETE(self):
        self._route("DELETE")

    def _route(self, method: str) -> None:
        u = urlsplit(self.path)
        if u.path.startswith("/_fake/"):
            return self._control(method, u)
        body = self._body()
        m = re.fullmatch(r"/2010-04-01/Accounts/([^/]+)/Messages(?:/([^/]+))?\.json", u.path)
        try:
            if re.fullmatch(r"/2010-04-01/Accounts/[^/]+/Messages\.json", u.path) and method == "POST":
                return self._create(u, m.group(1), body)
            if not self._auth():
                raise ApiError(20003)
            acc = re.fullmatch(r"/2010-04-01/Accounts/([^/.]+)\.json", u.path)
            if acc and method == "GET" and acc.group(1) == self.f.cfg["account_sid"]:
                return self._send(200, {"sid": acc.group(1), "friendly_name": "fake_twilio", "status": "active", "type": "Full",
                                        "auth_token": "redacted", "owner_account_sid": acc.group(1), "subresource_uris": {},
                                        "uri": u.path, "date_created": rfc2822(now()), "date_updated": rfc2822(now())})
            if not m or m.group(1) != self.f.cfg["account_sid"]:
                raise ApiError(20404)
            if m.group(2) is None:
                return self._list(u)
            msg = self.f.messages.get(m.group(2))
            if not msg or msg["deleted"]:
                raise ApiError(20404)
            if method == "GET":
                return self._send(200, self.f.resource(msg))
            if method == "DELETE":
                msg["deleted"] = True
                return self._send(204)
            p = dict(parse_qsl(body.decode(), keep_blank_values=True))
            if p.get("Status") == "canceled":
                if msg["status"] not in ("scheduled", "accepted", "queued"):
                    raise ApiError(30409, status=400)   # code approximated
                self.f._set_status(msg, "canceled")
                self.f.later(0, self.f._emit, msg, "canceled")
            if "Body" in p:
                if p["Body"] != "":
                    raise ApiError(20001, status=400)
                msg["body"] = ""
            return self._send(200, self.f.resource(msg))
        except ApiError as e:
            self._api_error(e)

    # -- create ------------------------------------------------------------------------
    def _create(self, u, account: str, raw: bytes) -> None:
        f = self.f
        p: dict[str, list[str]] = {}
        form = (self.headers.get("Content-Type") or "").startswith("application/x-www-form-urlencoded")
        if form:
            for k, v in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
                p.setdefault(k, []).append(v)
        g = lambda k: (p.get(k) or [""])[0]
        t = time.time()
        with f.lock:
            a = {"n": len(f.attempts) + 1, "t": t, "to": g("To"), "from": g("From"), "ms": g("MessagingServiceSid"),
                 "body": g("Body"), "status_callback": g("StatusCallback"), "params": p, "form": form,
                 "auth": self._auth(), "outcome": None, "http_status": None, "code": None, "sid": None, "accepted": False,
                 "ended": None, "elapsed": None, "ua": self.headers.get("User-Agent", ""),
                 "unknown_params": sorted(set(p) - KNOWN_PARAMS),
                 "idempotency_headers": {k: v for k, v in self.headers.items() if "idempot" in k.lower()}}
            f.attempts.append(a)
            f.in_flight += 1
            f.max_in_flight = max(f.max_in_flight, f.in_flight)
            f.last_activity = time.monotonic()
            busy = f.cfg["max_concurrency"] and f.in_flight > f.cfg["max_concurrency"]
        f.journal("attempt", n=a["n"], to=a["to"], body=a["body"], cb=a["status_callback"])
        try:
            self._create_inner(f, a, account, p, busy)
        except ApiError as e:
            a["http_status"], a["code"], a["ended"] = e.status, e.code, "error"
            self._api_error(e)
        finally:
            a["elapsed"] = round(time.time() - t, 4)
            with f.lock:
                f.in_flight -= 1
                f.last_activity = time.monotonic()
            f.journal("attempt_end", n=a["n"], http=a["http_status"], ended=a["ended"], sid=a["sid"])

    def _create_inner(self, f: FakeTwilio, a: dict, account: str, p: dict, busy: bool) -> None:
        cfg = f.cfg
        if not a["auth"]:
            raise ApiError(20003)
        if account != cfg["account_sid"]:
            raise ApiError(20404)
        mono = time.monotonic()
        with f.lock:
            if mono < f.limited_until:
                f.early_after_429 += 1
            f.accept_times = [x for x in f.accept_times if x > mono - 1.0]
            over = cfg["mps"] and len(f.accept_times) >= cfg["mps"]
            if over or busy:
                f.limited_until = mono + cfg["retry_after"]
            else:
                f.accept_times.append(mono)
        if over or busy:
            raise ApiError(20429, headers={"Retry-After": str(cfg["retry_after"])})
        f.validate_create(p)
        to = a["to"]
        if to in f.blocked:
            raise ApiError(21610)
        o = f.outcome_for(to)
        a["outcome"] = o["name"]
        if cfg["accept_delay"]:
            time.sleep(cfg["accept_delay"])
        msg = f.create(p, a, o) if o["accept"] else None
        pause = o["delay"] + cfg["response_delay"]
        if pause:
            time.sleep(pause)
        kind = o["http"]
        if kind == "error":
            hdr = {"Retry-After": str(o["retry_after"])} if o.get("retry_after") is not None else {}
            if o.get("code") == 20429 and hdr:
                with f.lock:
                    f.limited_until = time.monotonic() + float(o["retry_after"])
            raise ApiError(o.get("code", 20500), status=o.get("status"), headers=hdr, to=to)
        if kind == "html":
            a["http_status"], a["ended"] = o.get("status", 503), "html"
            self._send(a["http_status"], raw=b"<html><body><h1>503 Service Unavailable</h1></body></html>", ctype="text/html")
            return
        if kind == "reset":
            a["ended"] = "reset"
            self._rst()
            return
        if kind == "hang":
            a["ended"] = "hang"
            self.close_connection = True
            self._hang(cfg["hang_seconds"])
            self._rst()
            return
        good = json.dumps(f.resource(msg)).encode()
        if kind == "truncate":
            a["http_status"], a["ended"] = 201, "truncated"
            self._send(201, raw=good[: len(good) // 2])   # well-formed HTTP, broken JSON
            return
        if kind == "garbage":
            a["http_status"], a["ended"] = 201, "garbage"
            self._send(201, raw=b"<html>proxy says hello</html>", ctype="text/html")
            return
        if kind == "drip":
            a["ended"] = "drip"
            self._drip(good, cfg["drip_seconds"])
            return
        ok = self._send(201, raw=good)
        a["http_status"], a["ended"] = 201, "ok" if ok else "client_gone"
        if msg is not None and ok:
            msg["acked"] = True

    def _hang(self, seconds: float) -> None:
        """Wait, but notice when the client gives up."""
        end = time.monotonic() + seconds
        self.connection.settimeout(0.2)
        while time.monotonic() < end and not self.f._stop:
            try:
                if self.connection.recv(1, socket.MSG_PEEK) == b"":
                    return
            except (TimeoutError, socket.timeout):
                continue
            except OSError:
                return
            time.sleep(0.1)

    def _drip(self, data: bytes, seconds: float) -> None:
        """One byte at a time: a per-read timeout never fires, a total deadline would."""
        self.close_connection = True
        try:
            head = (f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n"
                    "Connection: close\r\n\r\n").encode()
            self.wfile.write(head)
            for i in range(len(data)):
                self.wfile.write(data[i:i + 1])
                self.wfile.flush()
                time.sleep(seconds / len(data))
        except OSError:
            pass

    # -- list --------------------------------------------------------------------------
    def _list(self, u) -> None:
        f, q = self.f, dict(parse_qsl(u.query, keep_blank_values=True))
        size = min(max(int(q.get("PageSize", 50)), 1), 1000)
        page = int(q.get("Page", 0))

        def when(m):
            return m["date_sent"] or m["date_created"]

        def parse(v):
            d = datetime.fromisoformat(v.replace("Z", "+00:00"))
            return d if d.tzinfo else d.replace(tzinfo=timezone.utc)

        with f.lock:
            rows = [m for m in f.messages.values() if not m["deleted"]]
        lag = f.cfg["list_lag"]
        rows = [m for m in rows if (now() - m["date_created"]).total_seconds() >= lag]
        if q.get("To"):
            rows = [m for m in rows if m["to"] == q["To"]]
        if q.get("From"):
            rows = [m for m in rows if m["from"] == q["From"]]
        try:
            if q.get("DateSent"):
                d = parse(q["DateSent"]).date()
                rows = [m for m in rows if when(m).date() == d]
            if q.get("DateSent>"):
                rows = [m for m in rows if when(m) >= parse(q["DateSent>"])]
            if q.get("DateSent<"):
                rows = [m for m in rows if when(m) <= parse(q["DateSent<"])]
        except ValueError:
            raise ApiError(20001, status=400)
        rows.sort(key=lambda m: m["date_created"], reverse=True)
        part = rows[page * size:(page + 1) * size]
        base = u.path
        keep = [(k, v) for k, v in q.items() if k not in ("Page", "PageToken", "PageSize")]
        uri = lambda n: base + "?" + urlencode(keep + [("PageSize", size), ("Page", n)])
        self._send(200, {
            "end": page * size + max(len(part) - 1, 0), "first_page_uri": uri(0),
            "next_page_uri": uri(page + 1) if (page + 1) * size < len(rows) else None, "page": page, "page_size": size,
            "previous_page_uri": uri(page - 1) if page else None, "start": page * size, "uri": uri(page),
            "messages": [f.resource(m) for m in part],
        })

    # -- control -----------------------------------------------------------------------
    def _control(self, method: str, u) -> None:
        f = self.f
        q = dict(parse_qsl(u.query, keep_blank_values=True))
        raw = self._body()
        try:
            d = json.loads(raw) if raw else {}
        except ValueError:
            return self._send(400, {"error": "control endpoints take JSON"})
        name = u.path[len("/_fake/"):].strip("/")
        try:
            if name == "health":
                return self._send(200, {"ok": True, "version": VERSION, "url": f.url})
            if name == "reset":
                keep = d.get("keep_config", True)
                with f.lock:
                    f._reset_state()
                    if not keep:
                        f.cfg = dict(DEFAULTS)
                return self._send(200, {"ok": True})
            if name == "config":
                if method == "POST":
                    bad = [k for k in d if k not in DEFAULTS]
                    if bad:
                        return self._send(400, {"error": f"unknown config {bad}"})
                    if d.get("default_outcome"):
                        preset(d["default_outcome"], f.cfg)
                    f.cfg.update(d)
                return self._send(200, {k: v for k, v in f.cfg.items()})
            if name == "outcomes":
                return self._send(200, {"presets": PRESET_NAMES, "magic": MAGIC})
            if name == "script":
                items = d if isinstance(d, list) else [d]
                for it in items:
                    plan = it.get("outcomes") or [it["outcome"]]
                    for x in plan:
                        preset(x if isinstance(x, str) else x.get("preset", "delivered"), f.cfg)
                    with f.lock:
                        f.scripts[it["to"]] = plan
                        f.script_pos[it["to"]] = 0
                return self._send(200, {"ok": True, "scripted": len(f.scripts)})
            if name == "messages":
                rows = [f.public(m) for m in f.accepted(to=q.get("to"), contains=q.get("contains"), status=q.get("status"))]
                if q.get("all"):
                    rows = [f.public(m) for m in f.messages.values()]
                return self._send(200, {"count": len(rows), "messages": rows})
            if name == "attempts":
                rows = [a for a in f.attempts if q.get("to") in (None, a["to"])]
                return self._send(200, {"count": len(rows), "attempts": rows})
            if name == "summary":
                return self._send(200, f.summary())
            if name == "handset":
                return self._send(200, {"number": q["number"], "messages": f.handset(q["number"])})
            if name == "notes":
                return self._send(200, {"notes": f.notes})
            if name == "callbacks":
                rows = [c for c in f.callbacks if q.get("sid") in (None, c["sid"])]
                return self._send(200, {"count": len(rows), "callbacks": rows})
            if name == "callbacks/held":
                return self._send(200, {"count": len(f.held), "held": f.held})
            if name == "callbacks/release":
                with f.lock:
                    jobs, f.held = f.held, []
                order = d.get("order", "fifo")
                if order == "lifo":
                    jobs.reverse()
                elif order == "shuffle":
                    random.Random(d.get("seed", 1)).shuffle(jobs)
                n = int(d.get("limit") or len(jobs))
                with f.lock:
                    f.held = jobs[n:] + f.held
                recs = [f.deliver(**j) for j in jobs[:n] for _ in range(int(d.get("times", 1)))]
                return self._send(200, {"released": len(recs), "results": [{k: r[k] for k in ("sid", "status", "http_status", "error")} for r in recs]})
            if name == "callback":
                m = f.messages.get(d.get("sid", "")) or {
                    "sid": d.get("sid") or new_sid("SM"), "to": d.get("to", "+13145550100"), "from": f.cfg["from_numbers"][0],
                    "messaging_service_sid": f.cfg["messaging_service_sid"], "status_callback": None}
                url = d.get("url") or m["status_callback"]
                if not url:
                    return self._send(400, {"error": "no url"})
                p = f.status_params(m, d.get("status", "delivered"), d.get("error_code"), d.get("extra"))
                for k in d.get("drop", []):
                    p.pop(k, None)
                recs = [f.deliver(url, p, signature=d.get("signature", "good"), sid=m["sid"], status=d.get("status", "delivered"),
                                  method=d.get("method", "POST"), idem=d.get("idem"), json_body=d.get("json_body"))
                        for _ in range(int(d.get("times", 1)))]
                return self._send(200, {"results": recs})
            if name == "inbound":
                times = int(d.pop("times", 1))
                parallel = d.pop("parallel", False)
                same = d.pop("same_sid", times > 1)
                if same and not d.get("sid"):
                    d["sid"] = new_sid("SM")
                    d.setdefault("idem", "fake-" + secrets.token_hex(12))
                d["from_"] = d.pop("from")
                if parallel:
                    res: list = [None] * times
                    ths = [threading.Thread(target=lambda i=i: res.__setitem__(i, f.inbound(**d))) for i in range(times)]
                    [t.start() for t in ths]
                    [t.join() for t in ths]
                else:
                    res = [f.inbound(**d) for _ in range(times)]
                return self._send(200, res[0] if times == 1 else {"results": res})
            if name == "blocklist":
                with f.lock:
                    f.blocked |= set(d.get("add", []))
                    f.blocked -= set(d.get("remove", []))
                return self._send(200, {"blocked": sorted(f.blocked)})
            if name == "sign":
                return self._send(200, {"signature": twilio_signature(d.get("token") or f.cfg["auth_token"], d["url"], d.get("params") or {}, d.get("algorithm", "HMAC_SHA1"))})
            if name == "wait":
                ok = f.wait(accepted=d.get("accepted"), attempts=d.get("attempts"), idle=d.get("idle"), timeout=float(d.get("timeout", 30)))
                return self._send(200 if ok else 408, {"ok": ok, "accepted": len(f.accepted()), "attempts": len(f.attempts)})
            return self._send(404, {"error": f"no control endpoint {name!r}"})
        except (KeyError, ValueError, TypeError) as e:
            return self._send(400, {"error": f"{type(e).__name__}: {e}"})


# --------------------------------------------------------------------------------------


def main(argv=None) -> int:
    ap = argparse.ArgumentParser(description="loopback stand-in for Twilio's Messages API")
    ap.add_argument("--port", type=int, default=int(os.environ.get("FAKE_TWILIO_PORT", 8899)))
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--account-sid", default=os.environ.get("TWILIO_ACCOUNT_SID"))
    ap.add_argument("--auth-token", default=os.environ.get("TWILIO_AUTH_TOKEN"))
    ap.add_argument("--messaging-service", default=os.environ.get("TWILIO_MESSAGING_SERVICE_SID"))
    ap.add_argument("--from-number", action="append")
    ap.add_argument("--inbound-url")
    ap.add_argument("--map", action="append", default=[], metavar="PUBLIC=LOOPBACK", help="e.g. https://app.example.org=http://127.0.0.1:8000")
    ap.add_argument("--mps", type=float, default=0)
    ap.add_argument("--response-delay", type=float, default=0.0)
    ap.add_argument("--step-delay", type=float)
    ap.add_argument("--hang-seconds", type=float)
    ap.add_argument("--default-outcome")
    ap.add_argument("--optout-mode", choices=["default", "advanced", "off"])
    ap.add_argument("--journal", help="append every attempt/acceptance/callback as JSON lines")
    ap.add_argument("--print-env", action="store_true", help="print the environment the app needs, then exit")
    a = ap.parse_args(argv)
    cfg = {
        "account_sid": a.account_sid, "auth_token": a.auth_token, "messaging_service_sid": a.messaging_service,
        "from_numbers": a.from_number, "inbound_url": a.inbound_url, "mps": a.mps, "response_delay": a.response_delay,
        "step_delay": a.step_delay, "hang_seconds": a.hang_seconds, "default_outcome": a.default_outcome,
        "optout_mode": a.optout_mode, "url_map": dict(x.split("=", 1) for x in a.map),
    }
    full = {**DEFAULTS, **{k: v for k, v in cfg.items() if v is not None}}
    env = {
        "TWILIO_API_BASE_URL": f"http://{a.host}:{a.port}", "TWILIO_ACCOUNT_SID": full["account_sid"],
        "TWILIO_AUTH_TOKEN": full["auth_token"], "TWILIO_MESSAGING_SERVICE_SID": full["messaging_service_sid"],
        "TWILIO_FROM_NUMBER": full["from_numbers"][0], "NO_PROXY": "127.0.0.1,localhost",
    }
    if a.print_env:
        print("\n".join(f"export {k}='{v}'" for k, v in env.items()))
        return 0
    f = FakeTwilio(port=a.port, host=a.host, journal=a.journal, **cfg).start()
    print(json.dumps({"listening": f.url, "pid": os.getpid(), "env": env}), flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        pass
    finally:
        f.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
