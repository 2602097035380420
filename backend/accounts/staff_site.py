"""The staff pages: Django's admin for people of staff with a second factor, by cookie alone."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from backend.accounts.authentication import has_second_factor


class StaffSite(UnfoldAdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_active and user.is_staff and has_second_factor(request))

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The one form there is to sign in by asks for the second factor too."""
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        if request.user.is_authenticated:  # from an invitation, half way
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        wanted = {"next": request.GET.get("next") or reverse("admin:index")}
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode(wanted)}")
