"""Staff accounts: begun by an administrator's invitation, and of use only with a second factor."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from backend.accounts import audit
from backend.accounts.models import StaffInvitation, User
from backend.encryption import blind_index
from backend.errors import Conflict
from backend.notifications import registry
from backend.notifications.models import Channel
from backend.notifications.services import recipient_of, send_to

KIND = "staff_invitation"
VALID = timedelta(days=3)
DAY = timedelta(days=1)
BACKEND = "backend.accounts.adapters.StaffPassword"


def register() -> None:
    registry.register_kind(KIND, _still_open, needs_consent=False, is_secret=True)


def _still_open(token_hash: str, now: datetime) -> bool:
    return StaffInvitation.objects.filter(token_hash=token_hash, expires_at__gt=now).exists()


@transaction.atomic
def invite(email: str, *, by: User | None = None, is_administrator: bool = False) -> tuple[User, str]:
    """A new staff account, or a known one begun anew; returns it and the link, which also goes out by e-mail.

    Of a known account the password, the authenticators and the sessions end: who asks for a new invitation has
    lost one of them. Raises Conflict for a resident's address.
    """
    user = User.objects.filter(email_index=blind_index("email", email.strip().casefold())).first()
    if user is None:
        user = User.objects.create_user(kind=User.Kind.STAFF, email=email, is_administrator=is_administrator)
    elif user.kind != User.Kind.STAFF:
        raise Conflict("A resident's account has this address; staff need one of their own for work.")
    else:
        user.set_unusable_password()
        user.is_active, user.is_administrator = True, user.is_administrator or is_administrator
        user.save()
        Authenticator.objects.filter(user=user).delete()
        user.sessions.all().delete()
    token = secrets.token_urlsafe(24)
    now = timezone.now()
    facts = {"token_hash": _hash(token), "made_at": now, "expires_at": now + VALID}
    StaffInvitation.objects.update_or_create(user=user, defaults=facts)
    audit.record("invited", user, by=by, fields=["is_administrator"] if is_administrator else [])
    link = settings.PUBLIC_URL + reverse("staff_invitation", args=[token])
    send_to(
        kind=KIND,
        key=f"{KIND} {facts['token_hash']}",
        recipient=recipient_of(user.email, Channel.EMAIL),
        body=f"You have a staff account at Roll Call. Set it up within three days:\n\n{link}\n",
        expires_at=now + VALID,
        subject_id=_hash(token),
    )
    return user, link


def invited_by(token: str) -> StaffInvitation | None:
    """The invitation that this link is, if it still holds."""
    open_ones = StaffInvitation.objects.select_related("user").filter(user__is_active=True)
    return open_ones.filter(token_hash=_hash(token), expires_at__gt=timezone.now()).first()


def begin(request: HttpRequest, user: User, password: str) -> None:
    """Sets the password and signs in as far as setting up a second factor goes; nothing else is open before."""
    user.set_password(password)
    user.save(update_fields=["password"])
    login(request, user, backend=BACKEND)
    record_authentication(request, user, method="password", reauthenticated=True)


def factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """A receiver: whoever has just shown a code of the new authenticator is in, and the invitation is used up."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    record_authentication(request, user, method="mfa", type=authenticator.type)
    with transaction.atomic():
        StaffInvitation.objects.filter(user=user).delete()
        audit.record("set up a second factor", user, by=user)


def _hash(token: str) -> str:
    return hashlib.sha256(f"invitation {token}".encode()).hexdigest()


def erase_old(now: datetime) -> int:
    """Deletes invitations that nobody took; returns how many."""
    return StaffInvitation.objects.filter(expires_at__lt=now).delete()[0]


def tell_administrators(kind: str, detail: str) -> None:
    """An e-mail to each administrator: something is wrong with the texts, once each time it is."""
    now = timezone.now()
    for user in User.objects.filter(kind=User.Kind.STAFF, is_active=True, is_administrator=True):
        send_to(
            kind="alarm",
            key=f"alarm {kind} {user.pk} {now.timestamp():.0f}",
            recipient=recipient_of(user.email, Channel.EMAIL),
            body=f"Something is wrong with the texts: {detail}\n\n{settings.PUBLIC_URL}/admin/",
            expires_at=now + DAY,
        )
