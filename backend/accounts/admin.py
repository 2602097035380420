from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminEmailInputWidget

from backend.accounts import audit, staff
from backend.accounts.models import AuditRow, AuditSeal, User
from backend.encryption import blind_index
from backend.notifications.registry import kept_from
from backend.staff_pages import NamedFilters, ReadOnlyAdmin

# Reach follows from assignments; there are no hand-kept groups.
admin.site.unregister(Group)
# The library's own screens would let second factors be written by hand.
admin.site.unregister([Authenticator, EmailAddress])


class AuditedAdmin(NamedFilters):
    """Rows that are edited by hand; each change leaves a row of the audit trail."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        audit.record("changed" if change else "added", obj, by=_who(request), fields=form.changed_data)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        audit.record("deleted", obj, by=_who(request))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            audit.record("deleted", obj, by=_who(request))
        super().delete_queryset(request, queryset)


def _who(request: HttpRequest) -> User:
    return cast("User", request.user)  # the staff pages let nobody else in


class Invite(forms.ModelForm):
    """A new member of staff."""

    email = forms.EmailField(widget=UnfoldAdminEmailInputWidget)

    class Meta:
        model = User
        fields = ["email", "is_administrator"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if User.objects.filter(email_index=blind_index("email", email.casefold())).exists():
            raise forms.ValidationError(
                "There is an account with this address. A member of staff is invited again from the list; "
                "a resident needs another address for work."
            )
        return email


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """Who has an account: staff are invited, and an account is closed; nothing else is edited by hand."""

    list_display = ["id", "kind", "is_active", "is_administrator", "created_at"]
    list_filter = ["kind", "is_active", "is_administrator"]
    actions = ["invite_again"]

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **kwargs) if obj else Invite

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["email", "is_administrator"]
        return ["id", "kind", "is_active", "is_administrator", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        fixed = ["id", "kind", "is_administrator", "created_at"]
        # Nobody shuts themselves out.
        return [*fixed, "is_active"] if obj == request.user else fixed

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            if not obj.is_active:
                obj.sessions.all().delete()
            return
        user = self._invite(request, form.cleaned_data["email"], form.cleaned_data["is_administrator"])
        obj.pk, obj.kind = user.pk, user.kind

    @admin.action(description="Invite again: password, second factor and sessions end")
    def invite_again(self, request: HttpRequest, queryset: Any) -> None:
        for user in queryset.filter(kind=User.Kind.STAFF):
            self._invite(request, user.email, False)

    def _invite(self, request: HttpRequest, email: str, is_administrator: bool) -> User:
        user, link = staff.invite(email, by=_who(request), is_administrator=is_administrator)
        messages.success(request, f"An e-mail is on its way; the link, shown here once, is {link}")
        return user

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditRow)
class AuditRowAdmin(ReadOnlyAdmin):
    """Who did what, for administrators; nobody writes here."""

    show_full_result_count = False
    ordering = ["-pk"]
    list_display = ["at", "action", "object_type", "object_id", "actor", "seal"]
    list_filter = ["action", "object_type"]
    search_fields = ["object_id", "actor", "request_id"]
    fields = [
        *("at", "action", "object_type", "object_id", "fields"),
        *("actor_kind", "actor", "reason", "request_id", "seal"),
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditRow]:
        return super().get_queryset(request).exclude(object_id__in=kept_from(_who(request)))


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin):
    list_display = ["number", "row_count", "last_at", "sealed_at", "erased_at"]
