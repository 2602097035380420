from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backend.feedback.concerns.models import Concern
from backend.staff_pages import StaffReadOnlyAdmin


@admin.register(Concern)
class ConcernAdmin(StaffReadOnlyAdmin):
    """The desk of a liaison or commander: exactly what `visible_to` gives, to read."""

    list_display = ["submitted_at", "category", "area", "status", "disposition"]
    list_filter = ["status", "category"]
    list_select_related = ["area__agency"]
    fields = ["submitted_at", "category", "description", "address", "area", "desk", "status", "disposition"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Concern]:
        return Concern.objects.visible_to(request.user)
