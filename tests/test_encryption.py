"""Personal columns: unreadable in the database, unsearchable, and never ciphertext in the hand."""

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from backend.accounts.models import User
from backend.encryption import UndecryptableError, blind_index
from backend.notifications.models import Recipient

NUMBER = "+13145550100"


@pytest.fixture
def recipient(db: None) -> Recipient:
    return Recipient.objects.create(address=NUMBER, address_index=blind_index("phone", NUMBER))


def test_stored_as_ciphertext_and_read_as_text(recipient: Recipient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM notifications_recipient")
        stored = cursor.fetchone()[0]
    assert NUMBER not in stored
    assert Recipient.objects.get().address == NUMBER


def test_every_key_reads_and_the_first_writes(recipient: Recipient, settings: object) -> None:
    old = settings.FIELD_KEYS  # type: ignore[attr-defined]
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *old]  # type: ignore[attr-defined]
    assert Recipient.objects.get().address == NUMBER


def test_a_wrong_key_raises(recipient: Recipient, settings: object) -> None:
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]  # type: ignore[attr-defined]
    with pytest.raises(UndecryptableError):
        Recipient.objects.get()


def test_only_emptiness_can_be_asked(recipient: Recipient) -> None:
    assert not Recipient.objects.filter(address="").exists()
    assert Recipient.objects.exclude(address="").exists()
    for lookup in ({"address": NUMBER}, {"address__contains": "5550"}, {"address__in": [NUMBER]}):
        with pytest.raises(TypeError, match="blind index"):
            Recipient.objects.filter(**lookup).exists()


def test_the_index_depends_on_its_purpose_and_key(settings: object) -> None:
    before = blind_index("phone", NUMBER)
    assert before == blind_index("phone", NUMBER) != blind_index("email", NUMBER)
    settings.INDEX_KEY = "another"  # type: ignore[attr-defined]
    assert blind_index("phone", NUMBER) != before


def test_e_mail_finds_the_user_in_any_case(db: None) -> None:
    user = User.objects.create_user(kind=User.Kind.STAFF, email="Ada@Example.org", password="a long password")
    assert User.objects.get_by_natural_key(" ada@example.ORG ") == user
