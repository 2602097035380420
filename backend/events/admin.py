"""Staff pages of the calendar: what is on in one's own areas, and what a captain does between calls."""

from collections.abc import Callable
from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action

from backend.accounts.models import User
from backend.errors import DomainError
from backend.events import desk, services
from backend.events.models import Event
from backend.staff_pages import StaffReadOnlyAdmin


@admin.register(Event)
class EventAdmin(StaffReadOnlyAdmin):
    """Series that the person may change; every change goes through the services."""

    list_display = ("title", "kind", "status", "first_on", "start_time", "rrule", "place_name", "next_date")
    list_filter = ("status", "kind")
    search_fields = ("title", "place_name")
    fields = (
        *("title", "kind", "status", "description", "areas", "organiser"),
        *("first_on", "start_time", "duration_minutes", "rrule"),
        *("place_name", "place_address", "join_url", "cancel_reason", "sequence", "revised_at"),
    )
    actions = ("publish", "cancel_next_date", "cancel_series")
    actions_list = ("quarter", "today")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        seen = super().get_queryset(request).changeable_by(request.user, timezone.localdate())
        return seen.defer("ics")

    @admin.display(description="next date")
    def next_date(self, event: Event) -> str:
        coming = event.next_occurrence(timezone.now())
        return f"{coming.starts_at.astimezone(event.tz):%a %b %d, %H:%M}" if coming else "none"

    @admin.action(description="Publish")
    def publish(self, request: HttpRequest, chosen: QuerySet[Event]) -> None:
        self._each(request, chosen, lambda e: services.revise_event(event=e, by=_who(request), publish=True))

    @admin.action(description="Cancel the next date and tell followers")
    def cancel_next_date(self, request: HttpRequest, chosen: QuerySet[Event]) -> None:
        self._each(request, chosen, lambda e: services.cancel_next_occurrence(event=e, by=_who(request)))

    @admin.action(description="Cancel the whole series and tell followers")
    def cancel_series(self, request: HttpRequest, chosen: QuerySet[Event]) -> None:
        self._each(request, chosen, lambda e: services.cancel_event(event=e, by=_who(request)))

    @action(description="Post a quarter", url_path="quarter")
    def quarter(self, request: HttpRequest) -> HttpResponse:
        return desk.quarter(request, {**self.admin_site.each_context(request), "title": "Post a quarter"})

    @action(description="Today", url_path="today")
    def today(self, request: HttpRequest) -> HttpResponse:
        return desk.today(request, {**self.admin_site.each_context(request), "title": "Today"})

    def _each(self, request: HttpRequest, chosen: QuerySet[Event], act: Callable[[Event], object]) -> None:
        for event in chosen:
            try:
                act(event)
                self.message_user(request, f"{event.title}: done.")
            except DomainError as error:
                self.message_user(request, f"{event.title}: {error.detail}", messages.ERROR)


def _who(request: HttpRequest) -> User:
    return cast("User", request.user)  # the staff pages let nobody else in
