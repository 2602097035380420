"""Sessions: rows that can be listed and ended, and that a copy of the database does not open.

A phone carries its key in the header X-Session-Token, a browser in a cookie; neither key works in the
other's place. Every use pushes the end: a resident's comes after 90 days without one; a member of staff
has an hour without a touch, and one shift in all.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from allauth.headless.tokens.strategies.sessions import SessionTokenStrategy
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest
from django.utils import timezone

from backend.accounts.models import Session, User
from backend.encryption import UndecryptableError, decrypt, encrypt

SIGNING_IN = timedelta(hours=4)  # as long as the longest-lived code (codes.py)
RESIDENT_IDLE = timedelta(days=90)
STAFF_IDLE = timedelta(hours=1)
STAFF_SHIFT = timedelta(hours=12)


def ends_at(user: User | None, created_at: datetime, now: datetime) -> datetime:
    """When a session that is used at `now` ends, if it is not used again."""
    if user is None:
        return created_at + SIGNING_IN
    if user.kind == User.Kind.STAFF:
        return min(now + STAFF_IDLE, created_at + STAFF_SHIFT)
    return now + RESIDENT_IDLE


class SessionStore(DatabaseStore):
    """Django's sessions in a table of ours. A key of the other client finds nothing."""

    client = Session.Client.BROWSER
    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        now = timezone.now()
        rows = Session.objects.select_related("user").filter(
            session_key=_hash(self.session_key), client=self.client, expire_date__gt=now
        )
        self.row = rows.first()
        if self.row is None:
            self._session_key = None
            return None
        # A write now and then, not with every request.
        end = ends_at(self.row.user, self.row.created_at, now)
        if self.row.user and now - self.row.seen_at > (end - now) / 50:
            rows.update(seen_at=now, expire_date=end)
        return self.row

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=_hash(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        key = _hash(self._get_or_create_session_key())  # type: ignore[attr-defined]
        now = timezone.now()
        kept = self.row if self.row and self.row.session_key == key else Session(created_at=now)
        user = User.objects.filter(pk=data[SESSION_KEY]).first() if SESSION_KEY in data else None
        self.row = Session(
            session_key=key,
            session_data=self.encode(data),
            expire_date=ends_at(user, kept.created_at, now),
            id=kept.id,
            client=self.client,
            user=user,
            created_at=kept.created_at,
            seen_at=now,
        )
        return self.row

    def delete(self, session_key: str | None = None) -> None:
        Session.objects.filter(session_key=_hash(session_key or self.session_key)).delete()

    def encode(self, session_dict: dict[str, Any]) -> str:
        return encrypt(json.dumps(session_dict))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        try:
            data: dict[str, Any] = json.loads(decrypt(str(session_data)))
        except UndecryptableError:
            return {}  # signed out, which a lost key is no reason to answer with an error
        return data


class AppTokens(SessionTokenStrategy):
    """The token of a phone is the key of a session that no cookie opens."""

    def create_session_token(self, request: HttpRequest) -> str:
        request.session.client = Session.Client.APP  # type: ignore[attr-defined]
        request.session.save()
        return str(request.session.session_key)

    def lookup_session(self, session_token: str) -> SessionBase | None:
        session = SessionStore(session_token)
        session.client = Session.Client.APP
        session.get(SESSION_KEY)  # reads the row; without one the store forgets the key
        return session if session.session_key else None


def _hash(key: str | None) -> str:
    return hashlib.sha256(f"session {key}".encode()).hexdigest()[:40]
