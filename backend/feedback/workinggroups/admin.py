"""Staff pages of working groups, for administrators: what a group is, and who looked past its wall.

Nothing of its work is here: no text in work, no comment, no testimony, no member and not the group's record.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from backend.accounts.admin import AuditedAdmin
from backend.feedback.workinggroups.models import BreakGlass, GroupSeat, WorkingGroup
from backend.roster import editions
from backend.staff_pages import ReadOnlyAdmin


class Facts(AuditedAdmin):
    """Public facts to correct. Groups come from the catalogue and stay."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        editions.bump(editions.WORKING_GROUPS)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(WorkingGroup)
class WorkingGroupAdmin(Facts):
    list_display = ("slug", "shown_name", "area", "is_public_body", "is_discreet")
    list_select_related = ("area__agency",)
    fields = (
        *("slug", "name", "neutral_name", "area", "charter", "moderation_policy", "source"),
        *("is_public_body", "is_discreet"),
    )
    readonly_fields = ("slug", "area", "is_public_body", "is_discreet")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(GroupSeat)
class GroupSeatAdmin(Facts):
    """Who may hold a seat is the charter's: its rule is not changed under those who hold it."""

    list_display = ("group", "name", "rule", "places")
    list_filter = ("group",)
    list_select_related = ("group",)
    fields = ("group", "name", "rule", "places")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("group", "name", "rule") if obj else ()


@admin.register(BreakGlass)
class BreakGlassAdmin(ReadOnlyAdmin):
    list_display = ("at", "group", "user", "ends_at")
    list_filter = ("group",)
    list_select_related = ("group", "user")
    fields = ("group", "user", "reason", "at", "ends_at")
