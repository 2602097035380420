"""Personal data at rest: encrypted columns, and blind indexes to find them by.

An encrypted column holds a Fernet token (FIELD_KEYS, newest first); reading with none of the keys
raises, never returns ciphertext. A blind index is HMAC-SHA-256 under INDEX_KEY, so that equality can
be looked up and nothing else; rotating FIELD_KEYS leaves it alone.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.lookups import Exact

NOT_SEARCHABLE = "An encrypted column cannot be searched; filter by its blind index."


class UndecryptableError(Exception):
    """A stored value that none of FIELD_KEYS opens: a key is missing or wrong."""


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(text: str) -> str:
    """The Fernet token of `text` under the newest key."""
    return _fernet(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text of a token. Raises UndecryptableError."""
    try:
        return _fernet(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken:
        raise UndecryptableError("A stored value cannot be decrypted; check FIELD_KEYS.") from None


def blind_index(purpose: str, text: str) -> str:
    """64 hex digits that are the same for the same purpose and text, and tell nothing else."""
    message = f"{purpose}\0{text}".encode()
    return hmac.new(settings.INDEX_KEY.encode(), message, hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that is ciphertext in the database. Cannot be filtered or ordered by; keep a blind index for that."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else encrypt(str(value)) if value != "" else ""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        lookup = {"isnull": super().get_lookup("isnull"), "exact": IsEmpty}.get(lookup_name)
        if lookup is None:
            raise TypeError(NOT_SEARCHABLE)
        return lookup


class IsEmpty(Exact):
    """`field=""`, the one thing that can be asked of an encrypted column: whether it has been erased."""

    def get_prep_lookup(self) -> str:
        if self.rhs != "":
            raise TypeError(NOT_SEARCHABLE)
        return ""
