"""Staff pages of concerns: the desk (desk_page.py), and what liaisons read and administrators keep."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path

from backend.accounts.admin import AuditedAdmin
from backend.feedback.concerns import desk_page, routing_page
from backend.feedback.concerns.desk_page import who
from backend.feedback.concerns.models import (
    CannedAnswer,
    Category,
    Concern,
    FigureTable,
    HelpLine,
    Office,
    PageFeedback,
    Question,
)
from backend.feedback.concerns.services.liaisons import is_liaison
from backend.staff_pages import ReadOnlyAdmin, StaffReadOnlyAdmin


@admin.register(Concern)
class ConcernAdmin(StaffReadOnlyAdmin):
    """The desk of a liaison or commander: exactly what `visible_to` gives.

    The library's list is not used: its filters, counts and searches would each have to keep the wall.
    """

    def get_queryset(self, request: HttpRequest) -> QuerySet[Concern]:
        return Concern.objects.visible_to(request.user)

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.routes)
        return [path("routes/", page, name="concerns_concern_routes"), *super().get_urls()]

    def routes(self, request: HttpRequest) -> HttpResponse:
        return routing_page.routes(request, self.admin_site.each_context(request))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return desk_page.queue(request, self.admin_site.each_context(request))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        found = cast("Concern | None", self.get_object(request, unquote(object_id)))
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return desk_page.concern(request, found.pk, self.admin_site.each_context(request))

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        return desk_page.nothing(request)


class ForLiaisons(ReadOnlyAdmin):
    """Read by liaisons and administrators."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request) or is_liaison(who(request))


class Kept(AuditedAdmin, ForLiaisons):
    """Read by liaisons and changed by administrators, on record; ended, not deleted."""

    # What makes a row what it is: people have answered it, or typed under it.
    fixed: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fixed if obj else ()


def _is_administrator(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.is_staff and user.is_administrator)


@admin.register(Category)
class CategoryAdmin(Kept):
    """A change holds for what is told from then on; a concern keeps what it was told under."""

    fixed = ("slug",)
    list_display = ("name", "slug", "anonymity", "priority", "target_hours", "is_sensitive", "ended_at")
    fields = (
        *("slug", "name", "notice", "who_reads", "anonymity", "handler_may_know", "is_sensitive"),
        "is_about_police",
        *("priority", "target_hours", "close_after_days", "anonymise_after_days", "erase_after_days"),
        *("position", "ended_at"),
    )


class QuestionForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """Choices are what one can choose from, and nothing else has any."""
        cleaned = super().clean() or {}
        if "choices" not in self.fields:  # fixed
            return cleaned
        choices = cleaned.get("choices") or []
        is_choice = cleaned.get("kind") == Question.Kind.CHOICE
        is_list = isinstance(choices, list) and all(isinstance(one, str) and one.strip() for one in choices)
        if not is_list or is_choice != bool(choices) or len(set(choices)) < len(choices):
            self.add_error(
                "choices", 'Of the kind "choice", and only then: a list of different answers, ["yes", "no"].'
            )
        return cleaned


@admin.register(Question)
class QuestionAdmin(Kept):
    """Its text is not edited: it is ended and another added, so that old answers keep their question."""

    form = QuestionForm
    fixed = ("category", "slug", "text", "kind", "choices")
    list_display = ("text", "category", "kind", "is_required", "position", "ended_at")
    list_filter = ("category",)
    list_select_related = ("category",)
    fields = ("category", "slug", "text", "kind", "choices", "is_required", "position", "ended_at")


@admin.register(Office)
class OfficeAdmin(Kept):
    fixed = ("slug",)
    list_display = ("name", "contact", "gives_reference", "verified_on", "ended_at")
    search_fields = ("name",)


@admin.register(HelpLine)
class HelpLineAdmin(Kept):
    """Numbers that are shown before somebody types on; a wrong one is corrected here at once."""

    list_display = ("name", "kind", "call", "text", "hours", "verified_on")
    list_filter = ("kind",)


@admin.register(CannedAnswer)
class CannedAnswerAdmin(Kept):
    list_display = ("title", "language", "category", "ended_at")
    list_filter = ("language", "category")
    list_select_related = ("category",)
    search_fields = ("title",)


@admin.register(FigureTable)
class FigureTableAdmin(ForLiaisons):
    """As they were published."""

    list_display = ("quarter", "published_at")
    fields = ("quarter", "published_at", "tables")


@admin.register(PageFeedback)
class PageFeedbackAdmin(ForLiaisons):
    """Whose words may name an employee: of the liaisons, for the civilian ones."""

    list_display = ("on", "page", "is_helpful", "comment")
    list_filter = ("is_helpful",)
    fields = ("on", "page", "is_helpful", "comment")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_administrator(request) or is_liaison(who(request), is_civilian=True)
