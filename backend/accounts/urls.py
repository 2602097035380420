"""Signing in: phones at /_allauth/app/v1/, staff at /staff/; one's own account at /api/v1/me.

Of django-allauth's routes these are the ones we offer; e-mail management, social accounts and sign-up by
form are not among them.
"""

from typing import Any

from allauth.account import views as pages
from allauth.headless.account import views as headless
from allauth.headless.base.views import ConfigView
from allauth.headless.constants import Client
from allauth.headless.mfa import views as factors
from django.urls import include, path
from django.views.generic import RedirectView

from backend.accounts import sign_in, text_views, views
from backend.accounts.invitation import invitation
from backend.api import only


def _app(view: Any) -> Any:
    return view.as_api_view(client=Client.APP)


_start = sign_in.throttled(sign_in.START)(_app(sign_in.StartView))

app_urls = [
    path("config", _app(ConfigView)),
    path("auth/session", _app(headless.SessionView)),
    path("auth/signup", _start),
    path("auth/code/request", _start),
    path("auth/code/confirm", sign_in.throttled(sign_in.CONFIRM)(_app(sign_in.ConfirmView))),
    path("auth/phone/verify", _app(sign_in.VerifyPhone)),
    path("account/phone", only("GET", "POST")(_app(sign_in.Phone))),
    path("auth/login", _app(headless.LoginView)),
    path("auth/2fa/authenticate", _app(factors.AuthenticateView)),
    path("auth/webauthn/authenticate", _app(factors.AuthenticateWebAuthnView)),
]

api_urls = [
    path("me", views.Me.as_view()),
    path("me/export", views.Export.as_view()),
    path("me/email", views.Email.as_view()),
    path("me/email/confirm", views.EmailConfirm.as_view()),
    path("me/sessions", views.Sessions.as_view()),
    path("me/sessions/<uuid:session_id>", views.SessionEnd.as_view()),
    path("me/messages/<slug:channel>", text_views.Messages.as_view()),
    path("me/messages/<slug:channel>/follows", text_views.Follows.as_view()),
    path("opt-outs", text_views.OptOuts.as_view()),
]

staff_urls = [
    # The login page names it, though it offers no code; those are for residents' phones.
    path(
        "login/code/", RedirectView.as_view(pattern_name="account_login"), name="account_request_login_code"
    ),
    path("login/", pages.login, name="account_login"),
    path("logout/", pages.logout, name="account_logout"),
    path("inactive/", pages.account_inactive, name="account_inactive"),
    path("invitation/<str:token>/", invitation, name="staff_invitation"),
    path("reauthenticate/", pages.reauthenticate, name="account_reauthenticate"),
    path("password/change/", pages.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
]
