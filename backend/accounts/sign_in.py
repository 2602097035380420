"""Signing in from a phone: django-allauth's headless routes, with one start for the known and the unknown.

`auth/code/request` and `auth/signup` are the same step: they take a number or an e-mail address, send at
most one code, and answer the same whether or not there is an account. `auth/code/confirm` takes the code.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core.exceptions import RateLimited
from allauth.headless.account.views import ConfirmLoginCodeView, ManagePhoneView, VerifyPhoneView
from allauth.headless.base.response import AuthenticationResponse, ConflictResponse, ForbiddenResponse
from allauth.headless.base.views import APIView
from allauth.headless.internal.restkit import inputs
from allauth.headless.internal.restkit.response import ErrorResponse
from django import forms
from django.http import HttpRequest, HttpResponse
from rest_framework.throttling import BaseThrottle

from backend.accounts import codes, residents
from backend.accounts.codes import Address
from backend.accounts.models import User
from backend.api import bad_request, problem_response
from backend.errors import DomainError
from backend.throttles import throttle

EMAIL_MAX_LENGTH = 254

# Generous: a carrier puts thousands of phones behind one address.
START = throttle("code-start", per_minute=60)
CONFIRM = throttle("code-confirm", per_minute=120)


def throttled(by: type[BaseThrottle]) -> Callable[[Any], Any]:
    """The view behind a throttle: 429 as problem+json, before anything is read."""

    def decorator(view: Any) -> Any:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            gate = by()
            if request.method == "POST" and not gate.allow_request(request, view):  # type: ignore[arg-type]
                return too_many(int(gate.wait() or 0) + 1)
            return view(request, *args, **kwargs)

        wrapper.csrf_exempt = True  # type: ignore[attr-defined]  # a header signs in, which no form can send
        return wrapper

    return decorator


def too_many(seconds: int) -> HttpResponse:
    response = problem_response(429, f"Too many attempts from here. Try again in {seconds} seconds.")
    response["Retry-After"] = str(seconds)
    return response


class Refusals:
    """Refusals of django-allauth that would come out as a server error or without a word."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 400 and not response.streaming and not response.content:
            return bad_request(request)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, RateLimited):
            return too_many(30)
        # What a made-up passkey makes of the library's reading of it.
        if "/webauthn/" in request.path and isinstance(exception, (KeyError, TypeError, ValueError)):
            return problem_response(400, "The passkey's answer could not be read; try again.")
        return bad_request(request, exception) if isinstance(exception, DomainError) else None


class StartInput(inputs.Input):
    phone = forms.CharField(required=False)
    email = inputs.EmailField(required=False, max_length=EMAIL_MAX_LENGTH)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"] = get_adapter().phone_form_field(required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if not self.errors and bool(data.get("phone")) == bool(data.get("email")):
            raise forms.ValidationError("Give a phone number or an e-mail address, one of them.", "required")
        return data


class StartView(APIView):
    """Sends a code, and says that the session now waits for it."""

    input_class = StartInput

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return ConflictResponse(request)
        phone, email = self.input.cleaned_data["phone"], self.input.cleaned_data["email"]
        codes.request(Address("sms", phone) if phone else Address("email", email))
        # Whose code it is, if anybody's, is not known before it is shown.
        LoginCodeVerificationProcess.initiate(request=request, user=None, phone=phone, email=email)
        return AuthenticationResponse(request)


class ConfirmInput(inputs.Input):
    code = forms.CharField(max_length=40)

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        """`code` is what the session would expect; ours is asked of the address (codes.py)."""
        super().__init__(*args, **kwargs)


class ConfirmView(ConfirmLoginCodeView):
    """Signs in whoever shows the code; the account is made now, where there is none."""

    input_class = ConfirmInput

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        state = self.process.state
        to = Address("sms", state["phone"]) if "phone" in state else Address("email", state["email"])
        user = residents.sign_in(to, self.input.cleaned_data["code"])
        if user is None:
            self.process.record_invalid_attempt()
            self.input.add_error("code", get_adapter().validation_error("incorrect_code"))
            return ErrorResponse(request, input=self.input)
        self.process._user = self.stage.login.user = user
        return AuthenticationResponse.from_response(request, self.process.finish(None))


class Phone(ManagePhoneView):
    """A resident's number; staff sign in by e-mail alone."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and request.user.kind != User.Kind.RESIDENT:
            return ForbiddenResponse(request)
        return super().dispatch(request, *args, **kwargs)


class VerifyPhone(VerifyPhoneView):
    """A new number for an account, proven by the code that was last sent to it."""

    def get_input_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_input_kwargs()
        return {**kwargs, "code": codes.live_code(Address("sms", kwargs["phone"]))}
