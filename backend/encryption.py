"""Personal data at rest: encrypted columns, and blind indexes to find them by.

An encrypted column holds a Fernet token (FIELD_KEYS, newest first); reading with none of the keys
raises, never returns ciphertext. `manage.py rotate_field_keys` brings all to the newest key. A blind
index is HMAC-SHA-256 under INDEX_KEY, so that equality can be looked up and nothing else; rotating
FIELD_KEYS leaves it alone.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import ExpressionWrapper, F, Value
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


class UndatedEncryptedTextField(EncryptedTextField):
    """The same without the time of writing, which a Fernet token shows in clear to the second."""

    def get_prep_value(self, value: Any) -> Any:
        fernet = _fernet(tuple(settings.FIELD_KEYS))
        return fernet.encrypt_at_time(str(value).encode(), 0).decode() if value else value


class IsEmpty(Exact):
    """`field=""`, the one thing that can be asked of an encrypted column: whether it has been erased."""

    def get_prep_lookup(self) -> str:
        if self.rhs != "":
            raise TypeError(NOT_SEARCHABLE)
        return ""


# --- from older keys to the newest --------------------------------------------------------------------

BATCH = 500


class TokenColumn(NamedTuple):
    """A column with tokens in it; `rotated` gives the value that it stores with all of them under the newest key."""

    model: type[models.Model]
    name: str
    rotated: Callable[[Any], Any]

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.name}"


_registered: list[tuple[str, str, Callable[[Any], Any]]] = []


def register_tokens(model: str, name: str, rotated: Callable[[Any], Any]) -> None:
    """Also rotates a column that is no EncryptedTextField, such as JSON with a token in it; from AppConfig.ready.

    `rotated(value)` returns an equal value where nothing is to be done, and may raise UndecryptableError.
    """
    _registered.append((model, name, rotated))


def token_columns() -> list[TokenColumn]:
    """Every EncryptedTextField of every model, and what is registered besides."""
    fields = [(model, field) for model in apps.get_models() for field in model._meta.local_concrete_fields]
    own = [TokenColumn(m, f.name, rotated) for m, f in fields if isinstance(f, EncryptedTextField)]
    return own + [TokenColumn(apps.get_model(model), name, work) for model, name, work in _registered]


def rotated(token: str) -> str:
    """A token of the same text under the newest key; the same token where it is. Raises UndecryptableError."""
    keys = tuple(settings.FIELD_KEYS)
    try:
        _fernet(keys[:1]).decrypt(token)
        return token
    except InvalidToken:
        try:
            return _fernet(keys).rotate(token).decode()
        except InvalidToken:
            raise UndecryptableError("none of FIELD_KEYS opens it") from None


def count_tokens(column: TokenColumn) -> tuple[int, int]:
    """(values that are there, those of them under an older key). Raises UndecryptableError, naming the row."""
    there = old = 0
    for pk, stored in _stored(column).values_list("pk", "as_stored").iterator(BATCH):
        if stored:
            there += 1
            old += _rotated(column, pk, stored) != stored
    return there, old


def rotate(column: TokenColumn) -> Iterator[int]:
    """Brings a column to the newest key, each batch in a transaction of its own; yields how many that were.

    What somebody else writes meanwhile stays as they wrote it: with an older key until the next run, if theirs is
    older. Killed, it goes on where it was when run again.
    """
    field = _plain(column)
    rows, last = _stored(column), None
    while page := list(_after(rows, last)[:BATCH]):
        changes = [(pk, old, _rotated(column, pk, old)) for pk, old in page if old]
        changes = [change for change in changes if change[1] != change[2]]
        done = 0
        if changes:
            with transaction.atomic():
                for pk, old, new in changes:
                    same = rows.filter(pk=pk, as_stored=old)
                    done += same.update(**{column.name: Value(new, output_field=field)})
        yield done
        last = page[-1][0]


def _after(rows: models.QuerySet[Any], last: Any) -> Any:
    pages = rows.order_by("pk").values_list("pk", "as_stored")
    return pages if last is None else pages.filter(pk__gt=last)


def _stored(column: TokenColumn) -> models.QuerySet[Any]:
    """The rows, with what the database holds as `as_stored`; append-only ones, too."""
    stored = ExpressionWrapper(F(column.name), output_field=_plain(column))
    return models.QuerySet(column.model).annotate(as_stored=stored)


def _plain(column: TokenColumn) -> Any:
    """The column's field as one that neither encrypts nor decrypts."""
    field = column.model._meta.get_field(column.name)
    return models.TextField() if isinstance(field, EncryptedTextField) else field


def _rotated(column: TokenColumn, pk: Any, stored: Any) -> Any:
    try:
        return column.rotated(stored)
    except UndecryptableError as error:
        raise UndecryptableError(f"{column} of the row {pk} cannot be decrypted: {error}.") from None
