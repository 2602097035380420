"""Staff sign in with password and second factor, or not at all."""

import re
import time
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from backend.accounts import staff
from backend.accounts.models import AuditRow, Session, StaffInvitation, User
from backend.encryption import blind_index, decrypt
from backend.notifications.models import Notice
from tests.conftest import DocumentedClient
from tests.factories import make_session, make_staff

APP = "/_allauth/app/v1"
EMAIL = "chief@example.org"
PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


def invite(**kwargs: Any) -> str:
    """The path of a fresh invitation's link."""
    out = StringIO()
    call_command("invite_staff", EMAIL, stdout=out, **kwargs)
    return out.getvalue().strip().removeprefix("https://rollcall.example")


def totp(user: User, *, ahead: int = 0) -> str:
    secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead)))


def accept(client: Client, path: str, password: str = PASSWORD) -> Any:
    return client.post(path, {"new_password1": password, "new_password2": password})


def set_up(client: Client, path: str) -> User:
    """Takes an invitation to its end; returns who is then in."""
    assert accept(client, path)["Location"] == "/staff/2fa/totp/activate/"
    page = client.get("/staff/2fa/totp/activate/").content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page)
    assert secret, page
    code = format_hotp_value(hotp_value(secret[1], int(time.time()) // 30))
    answer = client.post("/staff/2fa/totp/activate/", {"code": code})
    assert answer["Location"] == "/staff/2fa/recovery-codes/"
    user = User.objects.get(email_index=blind_index("email", EMAIL))
    cache.clear()  # the code just shown may be shown again: these tests do not wait for the next
    return user


@pytest.fixture
def chief(db: None) -> User:
    """An administrator with an authenticator app."""
    return set_up(Client(), invite(administrator=True))


def by_form(client: Client, password: str = PASSWORD, email: str = EMAIL, **extra: Any) -> Any:
    return client.post("/staff/login/", {"login": email, "password": password}, **extra)


def by_app(client: Any, password: str = PASSWORD, email: str = EMAIL, **extra: Any) -> Any:
    body = {"email": email, "password": password}
    return client.post(f"{APP}/auth/login", body, content_type="application/json", **extra)


def factor(client: Any, token: str, code: str) -> Any:
    headers = {"X-Session-Token": token}
    path = f"{APP}/auth/2fa/authenticate"
    return client.post(path, {"code": code}, content_type="application/json", headers=headers)


# --- the invitation -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_invitation_leads_into_the_staff_pages() -> None:
    client = Client()
    path = invite(administrator=True)
    page = client.get(path)
    assert page.status_code == 200
    assert EMAIL in page.content.decode()
    user = set_up(client, path)
    codes = client.get("/staff/2fa/recovery-codes/").content.decode()
    assert len(re.findall(r"\b\d{8}\b", codes)) == 10
    assert client.get("/admin/").status_code == 200
    assert client.get(path).status_code == 404
    assert [row.action for row in AuditRow.objects.filter(object_id=str(user.pk))] == [
        "invited",
        "set up a second factor",
    ]


def test_half_way_through_nothing_is_open_and_it_can_be_gone_on_with() -> None:
    client = Client()
    path = invite(administrator=True)
    accept(client, path)
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == "/staff/2fa/totp/activate/"
    assert client.get("/api/v1/triage/concerns").status_code == 401
    assert by_form(Client()).status_code == 200
    assert by_app(Client()).status_code == 400
    set_up(Client(), path)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012"])
def test_a_weak_password_is_refused_with_the_reason(password: str) -> None:
    page = accept(Client(), invite(), password)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()


def test_an_invitation_ends_after_three_days_and_with_the_next() -> None:
    first = invite()
    assert Client().get(invite()).status_code == 200
    assert Client().get(first).status_code == 404
    last = invite()
    with time_machine.travel(timezone.now() + staff.VALID + timedelta(minutes=1)):
        assert accept(Client(), last).status_code == 404
        assert staff.erase_old(timezone.now()) == 1


def test_a_new_invitation_ends_what_was_lost(chief: User) -> None:
    signed_in = Client()
    signed_in.cookies["sessionid"] = make_session(chief).session_key
    assert signed_in.get("/admin/").status_code == 200
    path = invite()
    assert signed_in.get("/admin/").status_code == 302
    assert by_form(Client()).status_code == 200
    assert not Authenticator.objects.exists()
    assert set_up(Client(), path).is_administrator


def test_the_link_goes_out_by_e_mail_and_is_stored_nowhere_else() -> None:
    path = invite()
    assert Notice.objects.get(kind=staff.KIND).body.strip().endswith(path)
    assert path.split("/")[-2] not in str(StaffInvitation.objects.values())


def test_a_residents_address_is_refused(resident: User) -> None:
    with pytest.raises(CommandError, match="resident"):
        call_command("invite_staff", resident.email)
    with pytest.raises(CommandError, match="not an e-mail"):
        call_command("invite_staff", "nobody")


def test_an_administrator_invites_on_the_staff_pages(chief: User, sign_in: Any) -> None:
    client = sign_in(chief)
    page = client.post("/admin/accounts/user/add/", {"email": "new@example.org"}, follow=True)
    assert re.search(r"https://rollcall.example/staff/invitation/[\w-]{32}/", page.content.decode())
    new = User.objects.exclude(pk=chief.pk).get()
    assert (new.kind, new.is_administrator, new.email) == ("staff", False, "new@example.org")
    again = {"action": "invite_again", "_selected_action": [str(new.pk)]}
    page = client.post("/admin/accounts/user/", again, follow=True)
    assert "staff/invitation" in page.content.decode()
    refused = client.post("/admin/accounts/user/add/", {"email": "NEW@example.org"})
    assert "There is an account with this address" in refused.content.decode()


def test_a_closed_account_is_out_at_once(officer: User, chief: User, sign_in: Any) -> None:
    theirs = sign_in(officer)
    assert theirs.get("/api/v1/triage/concerns").status_code == 200
    sign_in(chief).post(f"/admin/accounts/user/{officer.pk}/change/", {})
    assert theirs.get("/api/v1/triage/concerns").status_code == 401
    assert not Session.objects.filter(user=officer).exists()
    sign_in(chief).post(f"/admin/accounts/user/{chief.pk}/change/", {})
    chief.refresh_from_db()
    assert chief.is_active


# --- the form -------------------------------------------------------------------------------------------


def test_password_and_code_open_the_staff_pages(chief: User) -> None:
    client = Client()
    asked = client.get("/admin/", follow=True)
    assert 'type="password"' in asked.content.decode()
    assert "ign up" not in asked.content.decode()
    answer = by_form(client)
    assert answer["Location"] == "/staff/2fa/authenticate/"
    assert client.get("/admin/").status_code == 302
    assert client.post("/staff/2fa/authenticate/", {"code": totp(chief)})["Location"] == "/admin/"
    assert "/staff/2fa/" in client.get("/admin/").content.decode()
    client.post("/staff/logout/")
    assert client.get("/admin/").status_code == 302


def test_every_page_of_signing_in_answers(chief: User, sign_in: Any) -> None:
    client = sign_in(chief)
    for path in (
        *("login/", "logout/", "inactive/", "reauthenticate/", "password/change/", "2fa/"),
        *("2fa/authenticate/", "2fa/reauthenticate/", "2fa/totp/activate/", "2fa/totp/deactivate/"),
        *("2fa/recovery-codes/", "2fa/recovery-codes/generate/", "2fa/recovery-codes/download/"),
        *("2fa/webauthn/", "2fa/webauthn/add/", "2fa/webauthn/reauthenticate/"),
    ):
        for who in (client, Client()):
            assert who.get(f"/staff/{path}", follow=True).status_code in (200, 403, 404), path


def test_there_is_no_sign_up_form(client: Client) -> None:
    assert client.get("/staff/signup/").status_code == 404


def test_a_recovery_code_works_once(chief: User) -> None:
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    client = Client()
    by_form(client)
    assert client.post("/staff/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert client.get("/admin/").status_code == 200
    other = Client()
    by_form(other)
    assert other.post("/staff/2fa/authenticate/", {"code": codes[0]}).status_code == 200
    assert other.get("/admin/").status_code == 302


def test_the_authenticator_app_stays(chief: User, sign_in: Any) -> None:
    client = Client()
    by_form(client)
    client.post("/staff/2fa/authenticate/", {"code": totp(chief)})
    client.post("/staff/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_new_password_ends_the_other_sessions(chief: User, sign_in: Any) -> None:
    other, client = sign_in(chief), Client()
    by_form(client)
    client.post("/staff/2fa/authenticate/", {"code": totp(chief)})
    new = "another horse battery"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/staff/password/change/", fields).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302


def test_a_form_without_its_token_is_refused(chief: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert by_form(client).status_code == 403
    client.cookies["sessionid"] = make_session(chief).session_key
    assert client.post("/admin/accounts/user/add/", {"email": "x@example.org"}).status_code == 403


# --- the app --------------------------------------------------------------------------------------------


def test_password_and_code_open_the_staff_api_and_no_page(city: None, chief: User) -> None:
    client = DocumentedClient()
    pending = by_app(client)
    assert pending.status_code == 401
    token = pending.json()["meta"]["session_token"]
    assert client.get("/api/v1/triage/concerns", headers={"X-Session-Token": token}).status_code == 401
    answer = factor(client, token, totp(chief))
    assert answer.status_code == 200, answer.content
    token = answer.json()["meta"]["session_token"]
    assert client.get("/api/v1/triage/concerns", headers={"X-Session-Token": token}).status_code == 200
    assert client.get("/admin/", headers={"X-Session-Token": token}).status_code == 302
    client.cookies["sessionid"] = token
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/v1/triage/concerns").status_code == 401


def test_a_cookies_key_is_no_token(chief: User, client: DocumentedClient) -> None:
    headers = {"X-Session-Token": str(make_session(chief).session_key)}
    assert client.get("/api/v1/triage/concerns", headers=headers).status_code == 401


@pytest.mark.parametrize("code", ["000000", "", "１２３４５６", "12345\x00", "x" * 500])
def test_a_wrong_code_opens_nothing(chief: User, client: DocumentedClient, code: str) -> None:
    token = by_app(client).json()["meta"]["session_token"]
    assert factor(client, token, code).status_code == 400
    assert client.get("/api/v1/me", headers={"X-Session-Token": token}).status_code == 401


@pytest.mark.parametrize("credential", [{}, {"id": 1}, {"id": "x", "rawId": "x", "response": {}}, [], "x"])
def test_a_made_up_passkey_opens_nothing(chief: User, client: DocumentedClient, credential: Any) -> None:
    headers = {"X-Session-Token": by_app(client).json()["meta"]["session_token"]}
    path = f"{APP}/auth/webauthn/authenticate"
    assert client.get(path, headers=headers).status_code == 200
    body = {"credential": credential}
    assert client.post(path, body, content_type="application/json", headers=headers).status_code == 400


def test_a_code_of_the_app_works_once(chief: User, client: DocumentedClient) -> None:
    code = totp(chief)
    first, second = (by_app(client).json()["meta"]["session_token"] for _ in range(2))
    assert factor(client, first, code).status_code == 200
    assert factor(client, second, code).status_code == 400


def test_guessing_codes_ends(chief: User, client: DocumentedClient) -> None:
    token = by_app(client).json()["meta"]["session_token"]
    for n in range(5):
        factor(client, token, f"{n:06}")
    assert factor(client, token, totp(chief)).status_code == 400
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert factor(client, token, totp(chief)).status_code == 200


def test_what_is_wrong_is_not_told(chief: User, client: DocumentedClient, resident: User) -> None:
    make_staffless = User.objects.create_user(
        kind=User.Kind.STAFF, email="new@example.org", password=PASSWORD
    )
    assert make_staffless.has_usable_password()
    answers = [
        by_app(client, password="wrong password"),
        by_app(client, email="nobody@example.org"),
        by_app(client, email=resident.email),
        by_app(client, email="new@example.org"),  # no second factor
    ]
    assert {(a.status_code, a.content) for a in answers} == {(400, answers[0].content)}


def test_a_strangers_failures_lock_nobody_out(chief: User, client: DocumentedClient) -> None:
    for n in range(1000):
        by_app(client, password="wrong password", REMOTE_ADDR=f"198.51.100.{n % 40}")
    assert by_app(client, REMOTE_ADDR="203.0.113.7").status_code == 401
    for _ in range(5):
        by_app(client, password="wrong password", REMOTE_ADDR="203.0.113.8")
    locked = by_app(client, REMOTE_ADDR="203.0.113.8")
    assert locked.status_code == 400
    assert locked.json()["errors"][0]["code"] == "too_many_login_attempts"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert by_app(client, REMOTE_ADDR="203.0.113.8").status_code == 401


# --- how long -------------------------------------------------------------------------------------------


def test_an_hour_without_a_touch_ends_it_and_so_does_the_shift(city: None, sign_in: Any) -> None:
    with time_machine.travel("2026-11-25T12:00:00Z", tick=False) as clock:
        client = sign_in(make_staff("o@example.org", "slmpd-beat-402", "beat_officer"))
        for _ in range(14):
            clock.shift(timedelta(minutes=50))
            assert client.get("/api/v1/triage/concerns").status_code == 200
        clock.shift(timedelta(minutes=21))  # 12 hours and a minute
        assert client.get("/api/v1/triage/concerns").status_code == 401
        client = sign_in(User.objects.get(staff_member__name="O"))
        clock.shift(timedelta(minutes=61))
        assert client.get("/api/v1/triage/concerns").status_code == 401
