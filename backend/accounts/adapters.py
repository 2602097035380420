"""What django-allauth asks us: who has this number, how a code reaches it, who may sign in with a password."""

import dataclasses
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from backend.accounts import codes, residents
from backend.accounts.codes import Address
from backend.accounts.models import User
from backend.encryption import blind_index, decrypt, encrypt, rotated
from backend.errors import Invalid
from backend.notifications.phones import MAX_LENGTH, parse_phone, phone_index

DEVICE_MAX_LENGTH = 200
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class PhoneField(forms.CharField):
    """A US mobile number as people write it; its value is E.164."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_LENGTH, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return parse_phone(text) if text else ""
        except Invalid as error:
            raise ValidationError(error.detail, code="invalid") from None


class StaffPassword(ModelBackend):
    """E-mail and password of staff who have a second factor; without one a password opens nothing."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, email: str = "", password: str = "", **other: Any
    ) -> User | None:
        index = blind_index("email", email.strip().casefold())
        user = User.objects.filter(email_index=index, kind=User.Kind.STAFF, is_active=True).first()
        if user is None:
            make_password(password)  # the same time for an unknown address
            return None
        if not user.check_password(password) or not has_authenticator(user):
            return None
        return user


def has_authenticator(user: User) -> bool:
    """Whether an authenticator app or a passkey is set up."""
    return Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists()


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session["device"] = self.get_http_user_agent(request)[:DEVICE_MAX_LENGTH]

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        return User.objects.filter(phone_index=phone_index(phone)).first()

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """A number is kept with an account only once it has been proven."""
        return (user.phone, True) if user.phone else None

    def generate_phone_verification_code(self, *, user: User, phone: str) -> str:
        """Sends the code; the session need not know it (sign_in.VerifyPhone)."""
        codes.request(Address("sms", phone))
        return ""

    def send_verification_code_sms(self, *args: Any, **kwargs: Any) -> None:
        """It went out when it was made."""

    def set_phone_verified(self, user: User, phone: str) -> None:
        residents.change_phone(user, phone)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count for this address from there, so that a stranger's failures lock nobody out."""
        email = str(credentials.get("email", "")).strip().casefold()
        return f"{blind_index('email', email)} from {self.get_client_ip(request)}"


class HeadlessAdapter(DefaultHeadlessAdapter):
    def get_user_dataclass(self) -> type:
        return SignedIn

    def user_as_dataclass(self, user: User) -> "SignedIn":
        return SignedIn(id=str(user.pk), kind=user.kind, display=str(user))


@dataclasses.dataclass
class SignedIn:
    """What a phone is told of who is signed in; the rest is `GET /api/v1/me`."""

    id: str
    kind: str
    display: str


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are encrypted like every personal field, and the authenticator app stays."""

    def get_totp_label(self, user: User) -> str:
        return user.email

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return authenticator.type != Authenticator.Type.TOTP  # an administrator's new invitation replaces it


def rotated_secrets(data: dict[str, Any]) -> dict[str, Any]:
    """An authenticator's data with its secret under the newest key. Raises UndecryptableError."""
    return data | {name: rotated(data[name]) for name in ("secret", "seed") if name in data}
