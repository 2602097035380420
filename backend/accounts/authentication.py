"""Who is asking, for the API: by the header X-Session-Token, or by the staff pages' cookie.

A member of staff counts as signed in only where the session records a second factor; without one every
address answers as to a stranger.
"""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from backend.accounts.models import User


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session's sign-in included a code of an authenticator app, a passkey or a recovery code."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


class AppSession(BaseAuthentication):
    """A phone's session; only as a header, never as a cookie. Raises AuthenticationFailed once it has ended."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        token = request.headers.get("X-Session-Token")
        if not token:
            return None
        found = authenticate_by_x_session_token(token)
        if not found:
            raise AuthenticationFailed("This session has ended; sign in again.")
        user, session = found
        if user.kind == User.Kind.STAFF and not _records_second_factor(user, session):
            raise AuthenticationFailed("Sign in with your second factor.")
        return user, session

    def authenticate_header(self, request: Request) -> str:
        return "X-Session-Token"


def _records_second_factor(user: User, session: Any) -> bool:
    asking = HttpRequest()
    asking.user, asking.session = user, session
    return has_second_factor(asking)


class StaffSession(SessionAuthentication):
    """The staff pages' cookie session, with CSRF."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        user = getattr(request._request, "user", None)
        if not user or not user.is_active or not user.is_staff or not has_second_factor(request._request):
            return None
        self.enforce_csrf(request)
        return user, None
