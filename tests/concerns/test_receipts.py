"""A receipt opens one concern, with its passphrase where it has one, and tells nothing else."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from django.utils import timezone

from backend import settings as production
from backend.feedback.concerns.models import Category, Concern
from backend.feedback.concerns.services import erasing, receipts
from tests.concerns.conftest import tell

PASSPHRASE = "seven blue herons"


def ask(client: Any, receipt: str, passphrase: str | None = None, path: str = "") -> Any:
    body = {"receipt": receipt} | ({} if passphrase is None else {"passphrase": passphrase})
    return client.post(f"/api/v1/concerns/receipt{path}", body, content_type="application/json")


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was hashed slowly since."""
    done: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        done.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return done


def test_it_has_80_bits_and_is_never_the_same(client: Client, city: None) -> None:
    given = {tell(client).json()["receipt"] for _ in range(5)}
    assert len(given) == 5
    assert all(len(receipt.replace("-", "")) * 5 == 80 for receipt in given)


def test_a_passphrase_is_kept_as_a_slow_hash_and_asked_for(client: Client, city: None) -> None:
    told = tell(client, passphrase=PASSPHRASE).json()
    kept = Concern.objects.get(pk=told["id"]).passphrase
    assert kept.startswith("md5$")
    assert PASSPHRASE not in kept
    found = ask(client, told["receipt"], PASSPHRASE)
    assert (found.status_code, found.json()["id"]) == (200, told["id"])
    assert ask(client, told["receipt"], f"  {PASSPHRASE} ").status_code == 200


def test_in_production_it_is_scrypt() -> None:
    assert production.PASSPHRASE_HASHER == "scrypt"
    hash_ = receipts.hash_of(PASSPHRASE)
    assert receipts._fits(PASSPHRASE, hash_)


def test_wrong_erased_and_without_its_passphrase_are_the_same_bytes(client: Client, city: None) -> None:
    locked = tell(client, passphrase=PASSPHRASE).json()["receipt"]
    told = tell(client).json()
    kept = timedelta(days=Category.objects.get(slug="traffic").erase_after_days)
    Concern.objects.filter(pk=told["id"]).update(
        status="closed", disposition="resolved", closed_at=timezone.now() - kept
    )
    assert ask(client, told["receipt"]).status_code == 200
    assert erasing.erase_old(timezone.now()) >= 1
    answers = [
        ask(client, "AAAA-BBBB-CCCC-DDDD"),
        ask(client, "AAAA-BBBB-CCCC-DDDD", PASSPHRASE),
        ask(client, "nonsense"),
        ask(client, told["receipt"]),
        ask(client, told["receipt"], PASSPHRASE),
        ask(client, locked),
        ask(client, locked, ""),
        ask(client, locked, "seven blue heron"),
        ask(client, locked, "SEVEN BLUE HERONS"),
    ]
    answers += [ask(client, locked, path="/sheet"), ask(client, "AAAA-BBBB-CCCC-DDDD", PASSPHRASE, "/sheet")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({frozenset(answer.headers.items()) - {("X-Request-ID", answer.headers.get("X-Request-ID"))}
                for answer in answers}) == 1  # fmt: skip


def test_a_passphrase_costs_one_slow_hash_whatever_it_is_held_against(
    client: Client, city: None, hashes: list[str]
) -> None:
    locked, plain = tell(client, passphrase=PASSPHRASE).json()["receipt"], tell(client).json()["receipt"]
    for receipt in (locked, plain, "AAAA-BBBB-CCCC-DDDD", "x"):
        for passphrase, cost in ((PASSPHRASE, 1), ("another one", 1), ("", 0), (None, 0)):
            hashes.clear()
            ask(client, receipt, passphrase)
            assert len(hashes) == cost, (receipt == locked, passphrase)


def test_no_more_is_read_of_a_right_receipt_than_of_a_wrong_one(
    client: Client, city: None, django_assert_num_queries: Any
) -> None:
    locked = tell(client, passphrase=PASSPHRASE).json()["receipt"]
    for receipt, passphrase in ((locked, ""), (locked, "wrong"), ("A" * 16, ""), ("A" * 16, "wrong")):
        with django_assert_num_queries(1):
            assert receipts.find(receipt, passphrase) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"passphrase": "short"}, "min_length"),
        ({"passphrase": PASSPHRASE, "identity": "none"}, "no-receipt"),
    ],
)
def test_passphrases_that_are_refused(client: Client, city: None, body: dict[str, Any], code: str) -> None:
    answer = tell(client, **body)
    assert answer.status_code == 400
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("/passphrase", code)]


def test_a_million_tries_lock_nobody_out(client: Client, city: None, forty_at_once: None) -> None:
    receipt = tell(client).json()["receipt"]
    with time_machine.travel(timezone.now(), tick=False):
        wrong = [ask(client, f"AAAA-BBBB-CCCC-DDD{n}").status_code for n in range(2, 6)]
        assert wrong == [404, 404, 404, 429]
        assert ask(Client(REMOTE_ADDR="198.51.100.7"), receipt).status_code == 200


# --- shown a second time ----------------------------------------------------------------------------------


def sheet(client: Any, receipt: str, **body: Any) -> Any:
    told = {"receipt": receipt, **body}
    return client.post("/api/v1/concerns/receipt/sheet", told, content_type="application/json")


def test_it_is_shown_again_to_print(client: Client, city: None) -> None:
    told = tell(client).json()
    assert told["receipt_sheet"] == "/api/v1/concerns/receipt/sheet"
    page = sheet(client, told["receipt"].lower().replace("-", " "))
    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/html")
    assert page["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert page["Referrer-Policy"] == "no-referrer"
    words = page.content.decode()
    assert told["receipt"] in words
    for said in ("the only key", "STATUS", "reply", "911"):
        assert said in words
    assert "<script" not in words
    assert "Cars" not in words


@pytest.mark.parametrize(
    ("language", "direction"), [("es", "ltr"), ("ar", "rtl"), ("ps", "rtl"), ("vi", "ltr")]
)
def test_the_sheet_is_in_the_readers_language(
    client: Client, city: None, language: str, direction: str
) -> None:
    words = sheet(client, tell(client).json()["receipt"], language=language).content.decode()
    assert f'<html lang="{language}" dir="{direction}">' in words
    assert "Nobody reads this around the clock" in words  # the English beside
    assert words.count("<p>") == words.count('lang="en"')


def test_the_sheet_of_a_locked_one(client: Client, city: None) -> None:
    receipt = tell(client, passphrase=PASSPHRASE).json()["receipt"]
    assert sheet(client, receipt).status_code == 404
    words = sheet(client, receipt, passphrase=PASSPHRASE).content.decode()
    assert "You also need the passphrase" in words
    assert PASSPHRASE not in words
    assert "STATUS" not in words  # which knows no passphrase


def test_nobody_with_an_account_gets_one(resident: Any, city: None, sign_in: Any) -> None:
    told = tell(sign_in(resident)).json()
    assert (told["receipt"], told["receipt_sheet"]) == (None, None)
