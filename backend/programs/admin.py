"""Staff pages of the programs: applications by seat, and what is offered, to look at.

Every act goes through the services.
"""

from datetime import date
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from backend.accounts.models import User
from backend.errors import DomainError
from backend.programs import desk
from backend.programs.models import LIVE, Application, Cohort, Entry, Program
from backend.programs.services import catalogue, community, readiness
from backend.staff_pages import StaffReadOnlyAdmin


def _who(request: HttpRequest) -> User:
    return cast("User", request.user)  # the staff pages let nobody else in


class CohortFilter(admin.RelatedFieldListFilter):
    """The cohorts of the applications that the person handles."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        handled = model_admin.get_queryset(request).order_by().values("cohort")
        cohorts = Cohort.objects.filter(pk__in=handled).select_related("program").defer("seed")
        return [(str(cohort.pk), str(cohort)) for cohort in cohorts]


@admin.register(Application)
class ApplicationAdmin(StaffReadOnlyAdmin):
    """A program's applications for its staff: the list without names, and the page of one, on record as read."""

    list_display = ("program", "cohort_name", "status", "has_place", "turn", "created_at", "missing")
    list_filter = (
        ("program", admin.RelatedOnlyFieldListFilter),
        ("cohort", CohortFilter),
        "status",
    )
    list_select_related = ("program", "cohort")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        handled = Application.objects.handled_by(_who(request), timezone.localdate())
        return handled.defer("name", "born_on", "answers", "closed_answers", "comment", "cohort__seed")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With what is missing from each of the page's applications, asked for once."""
        changes = super().get_changelist_instance(request)
        page = list(changes.result_list)
        lacks = readiness.missing_of(page)
        for application in page:
            application.lacks = lacks[application.pk] if application.status in LIVE else []
        changes.result_list = page
        return changes

    @admin.display(description="cohort", ordering="cohort__starts_on")
    def cohort_name(self, application: Application) -> str:
        return application.cohort.name

    @admin.display(description="still missing")
    def missing(self, application: Any) -> str:
        return ", ".join(name.replace("_", " ") for name in application.lacks)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        found = self.get_object(request, unquote(object_id))
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return desk.application(request, found.pk, self.admin_site.each_context(request))


@admin.register(Program)
class ProgramAdmin(StaffReadOnlyAdmin):
    """What is offered, and whether anybody has confirmed it; who manages a program confirms it here."""

    list_display = ("name", "agency", "state", "verified_on")
    list_filter = ("agency", "kind")
    list_select_related = ("agency",)
    search_fields = ("name", "slug", "owner")
    fields = (
        *("name", "kind", "agency", "owner", "state", "verified_on", "ended_on", "summary", "who", "rules"),
        *("applicants", "cost", "season", "contact", "bring", "access_notes", "spoken"),
        *("has_public_sessions", "source", "source_year"),
    )
    readonly_fields = fields
    actions_detail = ("confirm",)

    @admin.display(description="status")
    def state(self, program: Program) -> str:
        return program.status(timezone.localdate())

    @admin.display(description="rules")
    def rules(self, program: Program) -> str:
        rules = program.rules.all()
        return " ".join(f"{r.words}{'' if r.confirmed_on else ' (to be confirmed)'}" for r in rules)

    @admin.display(description="languages")
    def spoken(self, program: Program) -> str:
        return ", ".join(program.languages)

    def has_manage_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        program = self.get_object(request, unquote(str(object_id)))
        managed = Program.objects.managed_by(_who(request), timezone.localdate())
        return program is not None and managed.filter(pk=program.pk).exists()

    @action(description="Confirm that it runs", permissions=["manage"], url_path="confirm")
    def confirm(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks first: a link may be followed by a browser on its own."""
        program = cast("Program", self.get_object(request, unquote(object_id)))
        if request.method == "POST":
            try:
                catalogue.revise_program(program=program, by=_who(request), confirm=True)
                self.message_user(request, f"{program} is confirmed as of today.")
            except DomainError as refusal:
                self.message_user(request, refusal.detail, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:programs_program_change", args=(program.pk,)))
        question = "Does it run today, as its page says?"
        context = {**self.admin_site.each_context(request), "title": str(program), "question": question}
        return render(request, "notifications/ask.html", context)


@admin.register(Entry)
class EntryAdmin(StaffReadOnlyAdmin):
    """The directory; administrators confirm what somebody has asked after today."""

    list_display = ("name", "kind", "status", "verified_on", "phone")
    list_filter = ("kind", ("verified_on", admin.EmptyFieldListFilter))
    list_select_related = ("area",)
    search_fields = ("name", "what", "tags", "phone")
    fields = (
        *(
            "name",
            "kind",
            "status",
            "verified_on",
            "ended_on",
            "what",
            "who_for",
            "area",
            "hours",
            "phone",
            "url",
        ),
        *("tag_words", "spoken", "crisis_rank", "source", "source_year"),
    )
    readonly_fields = fields
    actions = ("confirm",)

    @admin.display(description="status")
    def status(self, entry: Entry) -> str:
        today = timezone.localdate()
        return entry.status(today)

    @admin.display(description="tags")
    def tag_words(self, entry: Entry) -> str:
        return ", ".join(entry.tags)

    @admin.display(description="languages")
    def spoken(self, entry: Entry) -> str:
        return ", ".join(entry.languages)

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        return _who(request).is_administrator

    @admin.action(description="Confirm: somebody asked today, and it is so", permissions=["confirm"])
    def confirm(self, request: HttpRequest, chosen: QuerySet[Entry]) -> None:
        try:
            for entry in chosen:
                community.revise_entry(entry=entry, by=_who(request), confirm=True)
                self.message_user(request, f"{entry}: confirmed.")
        except DomainError as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)


def _is_over(ended_on: date | None, today: date) -> bool:
    return ended_on is not None and ended_on <= today


@admin.register(Cohort)
class CohortAdmin(StaffReadOnlyAdmin):
    """The intakes, and how many places are given and waited for. The seed of a draw is not shown."""

    list_display = (
        *("name", "program", "mode", "starts_on", "ends_on", "places", "given", "waiting"),
        "cancelled_at",
    )
    list_filter = (("program", admin.RelatedOnlyFieldListFilter), "mode")
    list_select_related = ("program",)
    search_fields = ("name", "program__name")
    fields = (
        *("name", "program", "mode", "starts_on", "ends_on", "opens_at", "closes_at"),
        *("places", "given", "waiting", "area", "place_name", "place_address"),
        *("seed_hash", "decided_at", "cancelled_at"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cohort]:
        waits = Q(applications__status=Application.Status.WAITLISTED)
        counts = {
            "given_count": Count("applications", filter=Q(applications__has_place=True)),
            "waiting_count": Count("applications", filter=waits),
        }
        return super().get_queryset(request).defer("seed").annotate(**counts)

    @admin.display(description="given", ordering="given_count")
    def given(self, cohort: Any) -> int:
        return cast("int", cohort.given_count)

    @admin.display(description="waiting", ordering="waiting_count")
    def waiting(self, cohort: Any) -> int:
        return cast("int", cohort.waiting_count)
