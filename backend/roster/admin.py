from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from backend.accounts.admin import AuditedAdmin
from backend.roster import editions
from backend.roster.models import Agency, Area, Assignment, BoundarySet, Contact, StaffMember, Station
from backend.staff_pages import ReadOnlyAdmin


class RosterAdmin(AuditedAdmin):
    """Upkeep of public facts. Every change is a new edition, so that all processes see it."""

    edition: tuple[str, ...] = (editions.ROSTER,)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        editions.bump(*self.edition)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        editions.bump(*self.edition)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        editions.bump(*self.edition)


@admin.register(Agency)
class AgencyAdmin(RosterAdmin):
    edition = (editions.MAPS, editions.ROSTER)
    list_display = ["slug", "name", "city"]


@admin.register(Contact)
class ContactAdmin(RosterAdmin):
    list_display = ["agency", "kind", "label", "value", "verified_on", "is_disputed"]
    list_filter = ["agency", "kind"]


@admin.register(Area)
class AreaAdmin(RosterAdmin):
    """Areas come and go with maps; only their names are edited."""

    edition = (editions.MAPS, editions.ROSTER)
    list_display = ["slug", "kind", "code", "name"]
    list_filter = ["agency", "kind"]
    search_fields = ["slug", "name"]
    readonly_fields = ["agency", "kind", "code", "slug"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(BoundarySet)
class BoundarySetAdmin(ReadOnlyAdmin):
    """Which edition of a map is in force; maps are imported (`manage.py import_areas`), never typed."""

    list_display = ["agency", "kind", "name", "effective_on", "ended_on", "is_schematic"]
    list_filter = ["agency", "kind"]


@admin.register(StaffMember)
class StaffMemberAdmin(RosterAdmin):
    list_display = ["name", "rank", "agency", "badge_number", "is_sworn"]
    list_filter = ["agency", "is_sworn"]
    search_fields = ["name", "badge_number"]
    exclude = ["user", "is_demo"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who served stays in the history; and what refuses or goes with a deletion would tell of a walled concern."""
        return False


@admin.register(Assignment)
class AssignmentAdmin(RosterAdmin):
    list_display = [
        "staff_member",
        "role",
        "area",
        "watch",
        "starts_on",
        "ends_on",
        "is_acting",
        "confirmed_on",
    ]
    list_filter = ["role", "area__agency"]
    autocomplete_fields = ["staff_member", "area"]
    list_select_related = ["staff_member", "area__agency"]


@admin.register(Station)
class StationAdmin(RosterAdmin):
    list_display = ["name", "agency", "address", "phone", "verified_on"]
