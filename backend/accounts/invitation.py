"""The page behind an invitation's link: a password, then on to the second factor (allauth's pages)."""

from typing import Any

from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backend.accounts import staff


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    found = staff.invited_by(token)
    if found is None:
        return render(request, "staff/invitation.html", status=404)
    form: Any = SetPasswordForm(found.user, request.POST or None)
    if form.is_valid():
        staff.begin(request, found.user, form.cleaned_data["new_password1"])
        return redirect("mfa_activate_totp")
    return render(request, "staff/invitation.html", {"form": form, "email": found.user.email})
