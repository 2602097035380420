"""From an older key to the newest, with everything readable in between."""

import os
import signal
import subprocess
import sys
from io import StringIO
from itertools import islice
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from backend import encryption
from backend.accounts import audit
from backend.accounts.models import IdempotencyKey, User
from backend.accounts.sessions import SessionStore
from backend.encryption import (
    TokenColumn,
    UndecryptableError,
    blind_index,
    decrypt,
    encrypt,
    rotate,
    rotated,
    token_columns,
)
from backend.notifications.models import Recipient
from tests.factories import make_session

MANY = 10_000
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def keys(settings: Any) -> Any:
    """keys(first, second, …) sets FIELD_KEYS; they begin with the old one alone."""

    def set_keys(*names: str) -> None:
        settings.FIELD_KEYS = list(names)

    set_keys(OLD)
    return set_keys


def recipients(count: int) -> None:
    Recipient.objects.bulk_create(
        [Recipient(address=f"+1314{n:07}", address_index=str(n)) for n in range(count)], batch_size=500
    )


def all_read(count: int) -> bool:
    """Whether every row says what it said at first."""
    rows = Recipient.objects.values_list("address_index", "address")
    return dict(rows) == {str(n): f"+1314{n:07}" for n in range(count)}


def tokens() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM notifications_recipient ORDER BY id")
        return [token for (token,) in cursor.fetchall()]


def address() -> TokenColumn:
    return next(column for column in token_columns() if str(column) == "notifications.Recipient.address")


def rotate_all() -> str:
    out = StringIO()
    call_command("rotate_field_keys", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_ten_thousand_rows_stopped_half_way_and_run_again(keys: Any) -> None:
    recipients(MANY)
    keys(NEW, OLD)
    indexes = set(Recipient.objects.values_list("address_index", flat=True))
    for n, changed in enumerate(islice(rotate(address()), 10)):
        assert changed == encryption.BATCH
        if n % 5 == 0:
            assert all_read(MANY)
    half = tokens()
    told = rotate_all()
    assert "notifications.Recipient.address: 5,000 of 5,000 re-encrypted" in told
    assert "10,000 values, 5,000 of them under the first key before" in told
    assert all_read(MANY)
    assert tokens()[:5000] == half[:5000]
    keys(NEW)
    assert all_read(MANY)
    assert "All is under the first key" in rotate_all()
    assert set(Recipient.objects.values_list("address_index", flat=True)) == indexes


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_killed_at_any_moment_it_can_be_run_again(keys: Any) -> None:
    count = 3_000
    recipients(count)
    database = connection.settings_dict
    name, who = database["NAME"], f"{database['USER']}:{database['PASSWORD']}"
    postgres = f"postgres://{who}@{database['HOST']}:{database['PORT']}/{name}"
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{name}" if connection.vendor == "sqlite" else postgres,
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "DEBUG": "0",
        "FIELD_KEYS": f"{NEW},{OLD}",
    }
    command = [sys.executable, "manage.py", "rotate_field_keys"]
    with subprocess.Popen(
        command, cwd=django_settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if "Recipient.address: 1,000 of" in line:
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    keys(NEW, OLD)
    assert all_read(count)
    keys(NEW)
    with pytest.raises(UndecryptableError):
        all_read(count)
    keys(NEW, OLD)
    rotate_all()
    keys(NEW)
    assert all_read(count)


@pytest.mark.django_db
def test_every_model_is_rotated_the_append_only_trail_too(keys: Any) -> None:
    user = User.objects.create_user(kind=User.Kind.STAFF, email="s@example.org")
    audit.record("trial", user, by=user, reason="because")
    IdempotencyKey.objects.create(key_hash="k", body_hash="b", status=200, answer="{}")
    audit.seal(timezone.now())
    keys(NEW, OLD)
    told = rotate_all()
    assert "3 values were under an older key" in told
    keys(NEW)
    user.refresh_from_db()
    assert (user.email, user.email_index) == ("s@example.org", blind_index("email", "s@example.org"))
    assert IdempotencyKey.objects.get().answer == "{}"
    assert audit.verify(timezone.now()).findings == []


@pytest.mark.django_db
def test_a_missing_key_changes_nothing_and_names_the_row(keys: Any) -> None:
    recipients(encryption.BATCH + 2)
    keys(Fernet.generate_key().decode())
    lost = Recipient.objects.create(address="+13145550100", address_index="lost")
    keys(NEW, OLD)
    before = tokens()
    with pytest.raises(
        CommandError, match=f"notifications.Recipient.address of the row {lost.pk} cannot be decrypted"
    ):
        rotate_all()
    assert tokens() == before
    with pytest.raises(UndecryptableError, match=str(lost.pk)):
        list(rotate(address()))


@pytest.mark.django_db
def test_what_somebody_writes_meanwhile_stays(keys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    recipients(3)
    keys(NEW, OLD)
    first = Recipient.objects.order_by("pk")[0]

    def slowly(token: str) -> str:
        """While the row is re-encrypted, its owner changes it, once."""
        if decrypt(token) == "+13140000000":
            Recipient.objects.filter(pk=first.pk).update(address="+13145550111")
        return rotated(token)

    column = address()._replace(rotated=slowly)
    assert list(rotate(column)) == [2]
    first.refresh_from_db()
    assert first.address == "+13145550111"
    keys(NEW)
    assert Recipient.objects.get(address_index="2").address == "+13140000002"


@pytest.mark.django_db
def test_what_is_under_the_first_key_is_not_written(keys: Any, django_assert_num_queries: Any) -> None:
    recipients(3)
    with django_assert_num_queries(2):  # a page, and that there is no other
        assert list(rotate(address())) == [0]


@pytest.mark.django_db
def test_sessions_and_second_factors_are_rotated(keys: Any) -> None:
    """A session's data is a token in a text, an authenticator's secret one inside JSON."""
    user = User.objects.create_user(kind=User.Kind.STAFF, email="s@example.org")
    totp = Authenticator.objects.create(user=user, type="totp", data={"secret": encrypt("JBSWY3DP"), "n": 1})
    key = make_session(user).session_key
    keys(NEW, OLD)
    told = rotate_all()
    assert "accounts.Session.session_data: 1 of 1 re-encrypted" in told
    keys(NEW)
    totp.refresh_from_db()
    assert (decrypt(totp.data["secret"]), totp.data["n"]) == ("JBSWY3DP", 1)
    assert SessionStore(key)["_auth_user_id"] == str(user.pk)
