from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from backend.feedback.concerns.models import Concern


@admin.register(Concern)
class ConcernAdmin(ModelAdmin):
    """The desk of a liaison or commander: exactly what `visible_to` gives, to read."""

    list_display = ["submitted_at", "category", "area", "status", "disposition"]
    list_filter = ["status", "category"]
    list_select_related = ["area__agency"]
    fields = ["submitted_at", "category", "description", "address", "area", "desk", "status", "disposition"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Concern]:
        return Concern.objects.visible_to(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
