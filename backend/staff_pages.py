"""What the rooms' staff pages share: who may open them, and that a list tells no more than it shows.

What a person sees there is each room's `visible_to` or the like; what they do goes through its services.
"""

from typing import Any

from django.contrib.admin.utils import get_fields_from_path
from django.http import HttpRequest
from unfold.admin import ModelAdmin

# What Django's filters ask of a field, after its name.
ASKED = ("", "__exact", "__isnull", "__isempty", "__gte", "__lt", "__year", "__month", "__day")


class NamedFilters(ModelAdmin):
    """A list answers the filters that its page names, and no other question in the address.

    Django lets every field through, and one step over any relation: the list of accounts would say whose a comment is.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return any(lookup in self._questions(named) for named in self._named(request))

    def _named(self, request: HttpRequest) -> list[Any]:
        filters = [f[0] if isinstance(f, (list, tuple)) else f for f in self.get_list_filter(request)]
        return [*filters, self.date_hierarchy] if self.date_hierarchy else filters

    def _questions(self, named: Any) -> list[str]:
        if not isinstance(named, str):
            return [named.parameter_name]
        target = getattr(get_fields_from_path(self.model, named)[-1], "target_field", None)
        starts = [named, f"{named}__{target.name}"] if target else [named]
        return [start + asked for start in starts for asked in ASKED]


class ReadOnlyAdmin(NamedFilters):
    """Rows to look at; nothing is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StaffReadOnlyAdmin(ReadOnlyAdmin):
    """The same for everybody of staff, not administrators alone; `get_queryset` says what each sees."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))
