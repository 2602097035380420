from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from backend.accounts.models import User

# Reach follows from assignments; there are no hand-kept groups.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Who has an account; nothing here is edited by hand but whether it is open."""

    list_display = ["id", "kind", "is_active", "is_administrator", "created_at"]
    list_filter = ["kind", "is_active", "is_administrator"]
    fields = ["id", "kind", "is_active", "is_administrator", "created_at"]
    readonly_fields = ["id", "kind", "is_administrator", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
