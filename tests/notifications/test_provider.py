"""The whole way, real client and real receipts, against a stand-in for the provider with every scripted fault.

The clock jumps from one thing that is due to the next; the stand-in's own delays are real, and short.
"""

import io
import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.models import AuditRow
from backend.notifications import outbox, sender, services, twilio_api, upkeep, verdicts
from backend.notifications.models import Alert, Attempt, Channel, JobRun, Message, Notice, Receipt, Recipient
from backend.notifications.services import try_unreachable_again
from backend.notifications.transports import text_transport
from backend.notifications.worker import drained, work_once
from tests.conftest import MORNING
from tests.fakes.twilio import MAGIC, FakeTwilio
from tests.notifications.conftest import TOPIC, tell
from tests.test_logs import log  # noqa: F401  # the fixture

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

NUMBER = "+1314555{}"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture
def provider(live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTwilio]:
    with FakeTwilio(
        url_map={"https://rollcall.example": live_server.url},
        forwarded_headers=False,
        step_delay=0.002,
        hang_seconds=1.0,
        drip_seconds=2.0,
        late_delay=0.2,
        inbound_url="https://rollcall.example/webhooks/twilio/inbound",
    ) as fake:
        settings.TWILIO_ACCOUNT_SID = fake.cfg["account_sid"]
        settings.TWILIO_AUTH_TOKEN = fake.cfg["auth_token"]
        settings.TWILIO_MESSAGING_SERVICE_SID = fake.cfg["messaging_service_sid"]
        settings.TWILIO_API_BASE_URL = fake.url
        monkeypatch.setattr(twilio_api, "Http", partial(twilio_api.Http, total_seconds=0.5))
        control(
            fake, "script", [{"to": NUMBER.format("0130"), "outcomes": [{"preset": "slow_5s", "delay": 0.1}]}]
        )
        yield fake
        fake.wait(idle=0.1, timeout=5)


def control(fake: FakeTwilio, name: str, data: Any = None) -> Any:
    request = urllib.request.Request(f"{fake.url}/_fake/{name}", json.dumps(data).encode() if data else None)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def follow(numbers: list[str]) -> None:
    services.add_followers(topic=TOPIC, numbers=numbers, source="demo")


def run_dry(fake: FakeTwilio, clock: Any, steps: int = 200) -> None:
    """Works until nothing is due within half a minute, with the clock going on from one due moment to the next."""
    transport = text_transport()
    for _ in range(steps):
        while work_once(transport):
            pass
        assert fake.wait(idle=0.02, timeout=20)
        if drained(timezone.now()):
            assert fake.wait(idle=0.4, timeout=20)  # what it has still to say
            if drained(timezone.now()):
                return
        clock.shift(timedelta(seconds=5))
    raise AssertionError("it does not come to an end")


def ends() -> dict[str, tuple[str, str]]:
    """How each number's text ended, by the last four digits."""
    rows = Message.objects.select_related("recipient").order_by("pk")
    return {m.recipient.address[-4:]: (m.status, m.reason) for m in rows}


# By number: how its text ends in the first minutes, and how many copies the provider has.
TABLE: dict[str, tuple[str, str, int]] = {
    "0100": ("delivered", "", 1),
    "0101": ("failed", "21211", 0),
    "0102": ("failed", "21614", 0),
    "0103": ("failed", "21610", 0),
    "0104": ("failed", "21408", 0),
    "0110": ("delivered", "", 2),  # the first failed in the provider's own queue
    "0111": ("undelivered", "30003", 1),
    "0112": ("undelivered", "30005", 1),
    "0113": ("undelivered", "30006", 1),
    "0114": ("failed", "30007", 1),
    "0116": ("failed", "30001", 4),
    "0117": ("undelivered", "30004", 1),
    "0118": ("undelivered", "30008", 1),
    "0119": ("sent", "", 1),
    "0121": ("delivered", "", 1),
    "0123": ("delivered", "", 1),
    "0124": ("failed", "20500", 0),
    "0125": ("delivered", "", 1),
    "0126": ("delivered", "", 1),
    "0127": ("delivered", "", 1),
    "0128": ("delivered", "", 1),
    "0129": ("delivered", "", 1),
    "0130": ("delivered", "", 1),
    "0131": ("delivered", "", 1),
    "0132": ("delivered", "", 1),
    "0133": ("delivered", "", 1),
    "0134": ("delivered", "", 1),
    "0141": ("delivered", "", 1),
    "0142": ("delivered", "", 1),
    "0143": ("delivered", "", 1),
    "0144": ("undelivered", "30008", 1),
    "0145": ("undelivered", "30003", 1),
    "0146": ("sent", "", 1),
    "0147": ("delivered", "", 1),
    "0148": ("sent", "", 1),
    "0149": ("delivered", "", 1),
    "0150": ("delivered", "", 1),
}
APART = {"0115", "0122"}  # what one number does to the whole sender


def test_the_table_has_every_number_of_the_stand_in() -> None:
    assert {number[-4:] for number in MAGIC if number.startswith("+1314555")} == TABLE.keys() | APART


def test_every_fault_ends_as_it_should(
    provider: FakeTwilio,
    clock: Any,
    settings: Any,
    log: io.StringIO,  # noqa: F811
    capfd: Any,
) -> None:
    settings.DEVELOPMENT = True
    follow([NUMBER.format(digits) for digits in TABLE])
    tell(expires_at=timezone.now() + timedelta(days=5))
    run_dry(provider, clock)
    assert ends() == {digits: row[:2] for digits, row in TABLE.items()}
    copies = {digits: len(provider.accepted(to=NUMBER.format(digits))) for digits in TABLE}
    assert copies == {digits: row[2] for digits, row in TABLE.items()}
    summary = control(provider, "summary")
    assert summary["accepted"] == sum(row[2] for row in TABLE.values())
    assert summary["extra_copies"] == 4  # the provider's own failures, tried again: 0110 and thrice 0116
    assert (summary["reused_status_callbacks"], summary["without_status_callback"]) == (0, 0)
    assert (summary["unknown_params"], summary["attempts_to_blocked"]) == ([], 1)
    assert set(summary["callback_results"]) == {
        "200",
        "403",
    }  # 403: the bad signatures of 0148, and those alone
    assert summary["callback_results"]["403"] == len(
        [c for c in provider.callbacks if c["signature"] == "bad"]
    )
    stopped = Recipient.objects.filter(consent="stopped")
    assert [r.address[-4:] for r in stopped] == ["0103"]
    unusable = Recipient.objects.exclude(unusable_reason="").order_by("pk")
    assert [r.address[-4:] for r in unusable] == ["0101", "0102", "0112", "0113"]
    assert set(Alert.objects.values_list("kind", flat=True)) == {"filtered"}
    # Whatever was written meanwhile, at the lowest level, holds no number, no words, no token and no page's address.
    pages = [str(callback["response"]) for callback in provider.callbacks]
    rows = [str(row) for model in (AuditRow, Alert, JobRun) for row in model.objects.values()]
    written = "\n".join([log.getvalue(), *capfd.readouterr(), *pages, *rows])
    assert "text not taken" in written
    secrets = ["555010", "555014", "5550199", "roll call is cancelled", "/m/", provider.cfg["auth_token"]]
    assert [secret for secret in secrets if secret in written.casefold()] == []
    # Half an hour later the phones that were off are tried once more, and no one else.
    clock.shift(timedelta(minutes=31))
    assert try_unreachable_again(timezone.now()) == 2
    run_dry(provider, clock)
    assert {len(provider.accepted(to=NUMBER.format(d))) for d in ("0111", "0118")} == {2}
    assert {len(provider.accepted(to=NUMBER.format(d))) for d in ("0144", "0145")} == {1}
    clock.shift(timedelta(hours=1))
    assert try_unreachable_again(timezone.now()) == 0


def test_what_no_receipt_told_is_asked_for(provider: FakeTwilio, clock: Any) -> None:
    follow([NUMBER.format(d) for d in ("0100", "0119", "0146", "0148")])
    tell(expires_at=timezone.now() + timedelta(days=5))
    run_dry(provider, clock)
    assert {d for d, (status, _) in ends().items() if status == "sent"} == {"0119", "0146", "0148"}
    upkeep.ask_for_news(timezone.now())
    assert Attempt.objects.filter(cost=None).count() == 4  # the provider may still be about to say
    clock.shift(timedelta(hours=2))
    upkeep.ask_for_news(timezone.now())
    assert ends()["0146"] == ends()["0148"] == ("delivered", "")
    assert not Attempt.objects.filter(cost=None).exists()
    clock.shift(timedelta(days=4))
    upkeep.ask_for_news(timezone.now())
    assert ends()["0119"] == ("sent", "no_receipt")


def test_an_unregistered_sender_stops_the_rest(provider: FakeTwilio, clock: Any) -> None:
    follow([NUMBER.format("0115")])
    tell("one")
    run_dry(provider, clock)
    assert ends() == {"0115": ("undelivered", "30034")}
    follow([NUMBER.format("0100")])
    tell("two")
    run_dry(provider, clock)
    assert ends()["0100"] == ("queued", "")
    assert list(Alert.objects.values_list("kind", flat=True)) == ["unregistered"]
    services.start_sending(channel=Channel.SMS, by=None)
    run_dry(provider, clock)
    assert ends()["0100"] == ("delivered", "")


def test_slow_down_for_ever_ends_with_the_use_by_time_and_is_obeyed(provider: FakeTwilio, clock: Any) -> None:
    follow([NUMBER.format("0122")])
    tell(expires_at=timezone.now() + timedelta(minutes=2))
    transport = text_transport()
    assert work_once(transport)
    wait = sender.paused_until() - timezone.now()
    assert timedelta(seconds=1.5) < wait < timedelta(seconds=2.5)  # the stand-in says: retry after 2 s
    run_dry(provider, clock)
    assert ends() == {"0122": ("queued", "20429")}  # each wait longer than the one before
    clock.shift(timedelta(minutes=10))
    run_dry(provider, clock)
    assert ends() == {"0122": ("expired", "too_late")}
    assert control(provider, "summary")["accepted"] == 0
    assert Message.objects.get().attempts_made == 0


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [
        ("cb_shuffled", "delivered", ""),
        ("undelivered_30023", "held", "30023"),
        ("undelivered_30610", "held", "30610"),
        ("reject_21612", "failed", "21612"),
        ("queued_forever", "sent", ""),
        ("rate_429_no_header", "expired", "too_late"),
        ("undelivered_30410", "undelivered", "30410"),
    ],
)
def test_more_outcomes(provider: FakeTwilio, clock: Any, outcome: str, status: str, reason: str) -> None:
    number = "+13142000001"
    control(provider, "script", {"to": number, "outcome": outcome})
    follow([number])
    tell(expires_at=timezone.now() + timedelta(minutes=3 if status == "expired" else 60 * 48))
    run_dry(provider, clock)
    if status == "expired":
        assert ends() == {"0001": ("queued", "20429")}
        clock.shift(timedelta(minutes=10))
        run_dry(provider, clock)
    assert ends() == {"0001": (status, reason)}
    if status == "held":
        message = Message.objects.get()
        local = timezone.localtime(message.due_at)
        assert (local.date() - timezone.localdate()).days == 1
        assert Alert.objects.exists()


def test_a_refused_account_fails_nobody(provider: FakeTwilio, clock: Any) -> None:
    number = "+13142000001"
    control(provider, "script", {"to": number, "outcomes": ["auth_401", "delivered"]})
    follow([number])
    tell()
    transport = text_transport()
    assert work_once(transport)
    assert not work_once(transport)
    assert ends() == {"0001": ("queued", "20003")}
    assert list(Alert.objects.filter(over_at=None).values_list("kind", flat=True)) == ["misconfigured_sms"]
    clock.shift(timedelta(seconds=70))
    run_dry(provider, clock)
    assert ends() == {"0001": ("delivered", "")}
    assert not Alert.objects.filter(over_at=None).exists()


@pytest.mark.parametrize("listed", [True, False])
def test_a_crash_between_sending_and_noting(provider: FakeTwilio, clock: Any, listed: bool) -> None:
    """The provider's list settles it; where that shows nothing, one more copy is all that can come of it."""
    follow(["+13142000001"])
    tell()
    claim = outbox.claim()
    assert claim
    assert claim.attempt
    control(provider, "config", {"list_lag": 0.0 if listed else 10_000.0, "hold_callbacks": True})
    text_transport().send(
        to="+13142000001",
        body=verdicts.words_for(claim.message),
        attempt_id=claim.attempt.pk,
        expires_at=timezone.now() + timedelta(hours=1),
    )
    clock.shift(timedelta(seconds=31))
    run_dry(provider, clock)
    assert len(provider.accepted()) == (1 if listed else 2)
    assert ends() == {"0001": ("sent", "")}


def test_five_hundred_and_a_stop_in_the_middle(provider: FakeTwilio, clock: Any) -> None:
    """Texts that wait for the morning are withdrawn with the others, and none goes later."""
    control(provider, "config", {"hold_callbacks": True})  # 4,000 receipts would tell nothing more
    follow([f"+1314{2_000_000 + n}" for n in range(500)])
    tell()
    person = Recipient.objects.order_by("pk")[400]
    tell("night", topics=["area:somewhere-else"])
    Message.objects.create(
        notice=Notice.objects.get(key="night"),
        recipient=person,
        status="held",
        due_at=timezone.now() + timedelta(hours=12),
    )
    transport, quitter = text_transport(), person.address
    for _ in range(250):
        work_once(transport)
    answer = control(provider, "inbound", {"from": quitter, "body": "STOP", "to": "+13145550199"})
    assert answer["http_status"] == 200
    assert provider.accepted(to=quitter) == []
    run_dry(provider, clock)
    clock.shift(timedelta(hours=24))
    outbox.release(timezone.now())
    run_dry(provider, clock)
    assert provider.accepted(to=quitter) == []
    assert set(Message.objects.filter(recipient=person).values_list("status", "reason")) == {
        ("suppressed", "stopped")
    }
    assert len(provider.accepted()) == 499
    assert control(provider, "summary")["attempts_to_blocked"] == 0


# --- webhooks, as an attacker would send them ------------------------------------------------------------

SIGNATURES = ["bad", "missing", "empty", "wrong_token", "wrong_url", "unsigned_params", "garbage"]
State = Callable[[], tuple[Any, ...]]


def state() -> tuple[Any, ...]:
    rows = Message.objects.order_by("pk").values_list("status", "reason")
    return list(rows), Receipt.objects.count(), Recipient.objects.get().consent


def test_news_that_are_not_the_providers_change_nothing(provider: FakeTwilio, clock: Any) -> None:
    control(provider, "config", {"hold_callbacks": True})
    follow(["+13142000001"])
    tell()
    assert work_once(text_transport())
    (accepted,) = provider.accepted()
    before, took = state(), []
    for signature in SIGNATURES:
        for status in ("delivered", "failed"):
            took += control(
                provider, "callback", {"sid": accepted["sid"], "status": status, "signature": signature}
            )["results"]
    took += control(provider, "callback", {"sid": accepted["sid"], "method": "GET"})["results"]
    took += control(
        provider, "callback", {"sid": accepted["sid"], "json_body": '{"MessageStatus": "failed"}'}
    )["results"]
    foreign = {"sid": accepted["sid"], "status": "failed", "extra": {"AccountSid": "AC" + "9" * 32}}
    took += control(provider, "callback", foreign)["results"]
    took += control(provider, "callback", {"sid": accepted["sid"], "extra": {"Big": "x" * 1_000_000}})[
        "results"
    ]
    assert {answer["http_status"] for answer in took} <= {403, 405, 413}
    other = {"sid": "SM" + "f" * 32, "url": accepted["status_callback"], "status": "failed"}
    took += control(provider, "callback", other)["results"]
    assert took[-1]["http_status"] == 200
    assert state() == before
    for signature in SIGNATURES:
        stop = {"from": "+13142000001", "to": "+13145550199", "body": "STOP", "signature": signature}
        assert control(provider, "inbound", stop)["http_status"] == 403
    assert state() == before
    took += control(provider, "callback", {"sid": accepted["sid"], "status": "delivered", "times": 3})[
        "results"
    ]
    assert state()[0] == [("delivered", "")]
    assert Receipt.objects.count() == 1
    assert max(answer["elapsed"] for answer in took) < 2
