from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from backend.accounts import audit
from backend.accounts.models import AuditRow, AuditSeal, User
from backend.staff_pages import ReadOnlyAdmin

# Reach follows from assignments; there are no hand-kept groups.
admin.site.unregister(Group)


class AuditedAdmin(ModelAdmin):
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


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """Who has an account; nothing here is edited by hand but whether it is open."""

    list_display = ["id", "kind", "is_active", "is_administrator", "created_at"]
    list_filter = ["kind", "is_active", "is_administrator"]
    fields = ["id", "kind", "is_active", "is_administrator", "created_at"]
    readonly_fields = ["id", "kind", "is_administrator", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

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


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin):
    list_display = ["number", "row_count", "last_at", "sealed_at", "erased_at"]
