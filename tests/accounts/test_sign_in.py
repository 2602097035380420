"""Residents sign in with a code: one start for the known and the unknown, and no way to be kept out."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from backend.accounts import codes
from backend.accounts.models import Session, SignInCode, User
from backend.notifications.models import Message, Notice, Recipient
from tests.conftest import DocumentedClient
from tests.factories import make_staff

APP = "/_allauth/app/v1"
NUMBER = "(314) 555-0142"
OTHER = "314-555-0143"
ADDRESS = "neighbor@example.org"

pytestmark = pytest.mark.django_db


def post(client: Any, path: str, body: Any, token: str = "", **kwargs: Any) -> Any:
    headers = {"X-Session-Token": token} if token else {}
    return client.post(APP + path, body, content_type="application/json", headers=headers, **kwargs)


def start(client: Any, **to: str) -> str:
    """A start; returns the token of the session that now waits for a code."""
    answer = post(client, "/auth/code/request", to or {"phone": NUMBER})
    assert answer.status_code == 401, answer.content
    assert {"id": "login_by_code", "is_pending": True} in answer.json()["data"]["flows"]
    token: str = answer.json()["meta"]["session_token"]
    return token


def last_code() -> str:
    notice = Notice.objects.filter(kind=codes.KIND).order_by("-pk")[0]
    found = re.fullmatch(r"@rollcall\.example #(\d{8})", notice.body.splitlines()[-1])
    assert found, notice.body
    return found[1]


def confirm(client: Any, token: str, code: str) -> Any:
    return post(client, "/auth/code/confirm", {"code": code}, token)


def sign_in(client: Any, **to: str) -> str:
    """All of it; returns the token of the session."""
    answer = confirm(client, start(client, **to), last_code())
    assert answer.status_code == 200, answer.content
    token: str = answer.json()["meta"]["session_token"]
    return token


def me(client: Any, token: str) -> Any:
    return client.get("/api/v1/me", headers={"X-Session-Token": token})


def texts() -> int:
    return Message.objects.filter(notice__kind=codes.KIND).count()


# --- the way in -----------------------------------------------------------------------------------------


def test_a_number_signs_up_and_in_again(client: DocumentedClient) -> None:
    first = sign_in(client)
    assert me(client, first).json()["phone"] == "+13145550142"
    again = sign_in(client)
    assert User.objects.count() == 1
    assert {s["is_current"] for s in sessions(client, again)} == {True, False}


def test_an_e_mail_address_is_the_other_way(client: DocumentedClient) -> None:
    token = sign_in(client, email=ADDRESS)
    assert me(client, token).json()["email"] == ADDRESS
    assert sign_in(client, email=ADDRESS.upper())
    assert User.objects.count() == 1
    assert mail.outbox == []  # the worker sends it, not the request


def test_signing_up_and_asking_for_a_code_are_one_step(client: DocumentedClient) -> None:
    answer = post(client, "/auth/signup", {"phone": NUMBER})
    assert answer.status_code == 401
    assert confirm(client, answer.json()["meta"]["session_token"], last_code()).status_code == 200


def test_the_answer_does_not_tell_whether_there_is_an_account(client: DocumentedClient) -> None:
    sign_in(client)
    known, unknown = (post(client, "/auth/code/request", {"phone": phone}) for phone in (NUMBER, OTHER))
    without_token = [re.sub(rb'"session_token": "\w+"', b"", answer.content) for answer in (known, unknown)]
    assert without_token[0] == without_token[1]
    assert known.status_code == unknown.status_code == 401
    assert texts() == 3


def test_an_abandoned_sign_up_goes_on(client: DocumentedClient) -> None:
    start(client)
    assert User.objects.count() == 0
    assert sign_in(client)


def test_the_text_says_what_it_is_and_ends_with_the_code_for_this_page(client: DocumentedClient) -> None:
    start(client)
    message = Message.objects.get()
    lines = message.notice.body.splitlines()
    assert lines[0].startswith(f"{last_code()} is your Roll Call sign-in code, good for 10 minutes.")
    assert "Do not share" in lines[0]
    assert message.notice.expires_at == SignInCode.objects.get().expires_at


# --- codes that do not open -------------------------------------------------------------------------------


def test_a_wrong_code_opens_nothing_and_five_end_the_attempt(client: DocumentedClient) -> None:
    token = start(client)
    right = last_code()
    wrong = f"{(int(right) + 1) % 10**8:08}"
    for code in ("", wrong, "١٢٣٤٥٦٧٨", "\ud800", "1" * 41):
        assert confirm(client, token, code).status_code == 400
    assert confirm(client, token, right).status_code == 409
    assert User.objects.count() == 0


def test_a_code_typed_with_a_space_is_the_same_code(client: DocumentedClient) -> None:
    token = start(client)
    code = last_code()
    assert confirm(client, token, f" {code[:4]} {code[4:]}").status_code == 200


def test_a_code_opens_once(client: DocumentedClient) -> None:
    one, other = start(client), start(client)
    code = last_code()
    assert confirm(client, one, code).status_code == 200
    assert confirm(client, other, code).status_code == 400


def test_a_code_dies_with_its_text(client: DocumentedClient) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token = start(client)
        code = last_code()
        clock.shift(timedelta(minutes=10, seconds=1))
        assert confirm(client, token, code).status_code == 400


def test_an_older_code_dies_when_a_newer_is_sent(client: DocumentedClient) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token, old = start(client), last_code()
        clock.shift(timedelta(seconds=61))
        start(client)
        assert texts() == 2
        assert confirm(client, token, old).status_code == 400
        assert confirm(client, token, last_code()).status_code == 200


def test_another_persons_code_opens_nothing(client: DocumentedClient) -> None:
    start(client, phone=OTHER)
    theirs = last_code()
    assert confirm(client, start(client), theirs).status_code == 400


def test_a_guessed_at_code_dies(client: DocumentedClient) -> None:
    start(client)
    SignInCode.objects.update(guesses=codes.MAX_GUESSES - 1)
    to = codes.Address("sms", "+13145550142")
    assert not codes.prove(to, "x")
    assert not codes.prove(to, last_code())


# --- numbers that get none --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "phone",
    [
        "+1 876 555 0123",  # Jamaica, at international rates
        "1-900-555-0123",
        "800-555-0123",
        "+44 7400 123456",
        "314-555-0142 ext. 7",
        "5550142",
        "not a number",
        "314\x005550142",
        "\ud800",
        "3" * 500,
    ],
)
def test_a_number_that_cannot_be_texted_is_refused_with_the_reason(
    client: DocumentedClient, phone: str
) -> None:
    answer = post(client, "/auth/code/request", {"phone": phone})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["param"] == "phone"
    assert texts() == 0


@pytest.mark.parametrize(
    "body", [{}, {"phone": NUMBER, "email": ADDRESS}, {"email": "nobody"}, {"phone": ["x"]}]
)
def test_a_start_names_one_address(client: DocumentedClient, body: Any) -> None:
    assert post(client, "/auth/code/request", body).status_code == 400


@pytest.mark.parametrize("body", ["[]", "{", "\x00", '"x"'])
def test_what_is_no_json_object_is_refused_as_a_problem(client: DocumentedClient, body: str) -> None:
    answer = client.post(f"{APP}/auth/code/request", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_numbers_in_unicode_digits_are_the_same_number(client: DocumentedClient) -> None:
    start(client, phone="٣١٤-٥٥٥-٠١٤٢")
    assert Recipient.objects.get().address == "+13145550142"


def test_staff_do_not_sign_in_by_a_code(client: DocumentedClient, city: None) -> None:
    make_staff(ADDRESS, "slmpd-beat-402", "beat_officer")
    token = start(client, email=ADDRESS)
    body = Notice.objects.get(kind=codes.KIND).body
    assert "staff account" in body
    assert not re.search(r"\d{8}", body)
    assert confirm(client, token, SignInCode.objects.get().code).status_code == 400


# --- too many ---------------------------------------------------------------------------------------------


def test_a_thousand_starts_against_one_number_from_many_addresses(client: DocumentedClient) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        mine = start(client)
        for n in range(1000):
            clock.shift(timedelta(seconds=3))
            answer = post(
                client, "/auth/code/request", {"phone": NUMBER}, REMOTE_ADDR=f"198.51.{n % 250}.{n % 199}"
            )
            assert answer.status_code == 401
        # 0, 1, 3, 8 and 23 minutes into the attack of 50.
        assert texts() == 5
        # The person whose number it is types the last code that came into the session they began with.
        assert confirm(client, mine, last_code()).status_code == 200


def test_an_attack_of_a_day_sends_eleven_texts_and_leaves_a_code_alive(client: DocumentedClient) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(24 * 12):
            start(client)
            assert codes.live_code(codes.Address("sms", "+13145550142"))
            clock.shift(timedelta(minutes=5))
            cache.clear()
        assert texts() == 11


def test_ten_thousand_sign_ups_of_one_block(client: DocumentedClient) -> None:
    with time_machine.travel(datetime(2026, 11, 25, 16, 5, tzinfo=UTC), tick=False) as clock:
        sign_in(client, phone="314-555-9999")
        for n in range(0, 10_000, 10):
            clock.shift(timedelta(seconds=1))
            answer = post(
                client, "/auth/signup", {"phone": f"31455{50000 + n:05}"}, REMOTE_ADDR=f"203.0.113.{n % 250}"
            )
            assert answer.status_code == 401
        assert texts() == codes.STRANGERS_A_BLOCK[timedelta(hours=1)]
        # Who has an account there, and who is elsewhere, still get in.
        assert sign_in(client, phone="314-555-9999")
        assert sign_in(client, phone="636-555-0100")


def test_one_network_address_gets_a_minutes_share(client: DocumentedClient) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        answers = [post(client, "/auth/code/request", {"phone": NUMBER}) for _ in range(61)]
        assert {answer.status_code for answer in answers[:60]} == {401}
        assert answers[60].status_code == 429
        assert int(answers[60]["Retry-After"]) <= 61
        assert answers[60]["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X_Forwarded_For"])
def test_a_forged_address_is_not_another_address(client: DocumentedClient, header: str) -> None:
    name = "HTTP_" + header.upper().replace("-", "_")
    with time_machine.travel(timezone.now(), tick=False):
        answers = [
            post(client, "/auth/code/request", {"phone": NUMBER}, **{name: f"192.0.2.{n}"}) for n in range(61)
        ]
    assert answers[60].status_code == 429


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_starts_at_once_send_one_text() -> None:
    def ask(n: int) -> int:
        try:
            return int(post(DocumentedClient(), "/auth/code/request", {"phone": NUMBER}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(16))) == {401}
    assert texts() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_code_shown_twice_at_once_opens_one_session() -> None:
    waiting = [start(DocumentedClient()) for _ in range(4)]
    code = last_code()

    def show(token: str) -> int:
        try:
            return int(confirm(DocumentedClient(), token, code).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(show, waiting))
    assert sorted(answers) == [200, 400, 400, 400]
    assert User.objects.count() == 1


@pytest.mark.parametrize("method", ["trace", "put", "delete", "options"])
def test_a_method_that_nobody_offers_is_no_server_error(client: DocumentedClient, method: str) -> None:
    assert getattr(client, method)(f"{APP}/account/phone").status_code in (200, 401, 405)


# --- sessions ---------------------------------------------------------------------------------------------


def sessions(client: Any, token: str) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/me/sessions", headers={"X-Session-Token": token})
    assert answer.status_code == 200
    shown: list[dict[str, Any]] = answer.json()
    return shown


def test_a_session_slides_while_it_is_used(client: DocumentedClient) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token = sign_in(client)
        for _ in range(5):
            clock.shift(timedelta(days=60))
            assert me(client, token).status_code == 200
        clock.shift(timedelta(days=91))
        assert me(client, token).status_code == 401


def test_sessions_are_listed_and_ended_one_by_one(client: DocumentedClient) -> None:
    lost, mine = sign_in(client), sign_in(client)
    listed = sessions(client, mine)
    other = next(s for s in listed if not s["is_current"])
    headers = {"X-Session-Token": mine}
    assert client.delete(f"/api/v1/me/sessions/{other['id']}", headers=headers).status_code == 204
    assert client.delete(f"/api/v1/me/sessions/{other['id']}", headers=headers).status_code == 404
    assert me(client, lost).status_code == 401
    assert me(client, mine).status_code == 200


def test_nobody_ends_another_persons_session(client: DocumentedClient) -> None:
    mine, theirs = sign_in(client), sign_in(client, phone=OTHER)
    target = sessions(client, mine)[0]["id"]
    answer = client.delete(f"/api/v1/me/sessions/{target}", headers={"X-Session-Token": theirs})
    assert answer.status_code == 404
    assert me(client, mine).status_code == 200


def test_signing_out_ends_the_session(client: DocumentedClient) -> None:
    token = sign_in(client)
    client.delete(f"{APP}/auth/session", headers={"X-Session-Token": token})
    assert me(client, token).status_code == 401


def test_a_token_in_a_cookie_opens_nothing(client: DocumentedClient) -> None:
    client.cookies["sessionid"] = sign_in(client)
    assert client.get("/api/v1/me").status_code == 401


def test_what_is_stored_signs_nobody_in(client: DocumentedClient) -> None:
    token = sign_in(client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_key, session_data FROM accounts_session")
        stored = str(cursor.fetchall())
    assert token not in stored
    assert "3145550142" not in stored
    assert me(client, Session.objects.get().session_key).status_code == 401


# --- the account ------------------------------------------------------------------------------------------


def test_a_new_number_is_proven_before_it_counts_and_takes_no_agreement_along(
    client: DocumentedClient,
) -> None:
    token = sign_in(client)
    Recipient.objects.update(consent=Recipient.ConsentState.GIVEN)
    answer = post(client, "/account/phone", {"phone": OTHER}, token)
    assert answer.status_code == 202, answer.content
    assert me(client, token).json()["phone"] == "+13145550142"
    assert post(client, "/auth/phone/verify", {"code": "00000000"}, token).status_code == 400
    assert post(client, "/auth/phone/verify", {"code": last_code()}, token).status_code == 200
    assert me(client, token).json()["phone"] == "+13145550143"
    new = Recipient.objects.get(address_index=codes.Address("sms", "+13145550143").index)
    assert new.consent == Recipient.ConsentState.NONE
    assert me(client, sign_in(client, phone=OTHER)).json()["id"] == me(client, token).json()["id"]


def test_asking_to_change_the_number_again_at_once_is_too_soon_and_no_server_error(
    client: DocumentedClient,
) -> None:
    """The library raises RateLimited where it should answer; here it is a 429."""
    token = sign_in(client)
    answers = [post(client, "/account/phone", {"phone": OTHER}, token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 429, 429]
    other = sign_in(client, phone="314-555-0199")
    assert post(client, "/account/phone", {"phone": OTHER}, other).status_code == 429


def test_an_account_does_not_get_anothers_number(client: DocumentedClient) -> None:
    sign_in(client, phone=OTHER)
    token = sign_in(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert post(client, "/account/phone", {"phone": OTHER}, token).status_code == 202
        assert post(client, "/auth/phone/verify", {"code": last_code()}, token).status_code == 400
    assert me(client, token).json()["phone"] == "+13145550142"


def test_an_e_mail_address_can_be_added(client: DocumentedClient) -> None:
    token = sign_in(client)
    headers = {"X-Session-Token": token}
    kwargs = {"content_type": "application/json", "headers": headers}
    assert client.post("/api/v1/me/email", {"email": ADDRESS}, **kwargs).status_code == 202
    wrong = client.post("/api/v1/me/email/confirm", {"email": ADDRESS, "code": "1"}, **kwargs)
    assert wrong.status_code == 400
    right = client.post("/api/v1/me/email/confirm", {"email": ADDRESS, "code": last_code()}, **kwargs)
    assert right.json()["email"] == ADDRESS
    assert me(client, sign_in(client, email=ADDRESS)).json()["phone"] == "+13145550142"


def test_an_e_mail_address_of_another_account_is_a_conflict(client: DocumentedClient) -> None:
    sign_in(client, email=ADDRESS)
    kwargs = {"content_type": "application/json", "headers": {"X-Session-Token": sign_in(client)}}
    client.post("/api/v1/me/email", {"email": ADDRESS}, **kwargs)
    answer = client.post("/api/v1/me/email/confirm", {"email": ADDRESS, "code": last_code()}, **kwargs)
    assert answer.status_code == 409
