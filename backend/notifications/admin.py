"""Staff pages of the outbox, for administrators: how far texts are, the stop buttons, whatever a person must read.

Neither numbers nor words to one person are shown. Every act goes through the services.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from backend.errors import DomainError, Invalid
from backend.notifications import plain_words, registry, services
from backend.notifications.languages import ENGLISH, LANGUAGES, Language, vouched_for
from backend.notifications.models import (
    Alert,
    Attempt,
    Channel,
    LanguageReview,
    Message,
    Notice,
    Reply,
    Sender,
)
from backend.notifications.phones import MAX_LENGTH, parse_phone
from backend.staff_pages import ReadOnlyAdmin


class QueueAdmin(ReadOnlyAdmin):
    """Administrators look; counting the whole queue for each page would be a scan."""

    show_full_result_count = False

    def each(self, request: HttpRequest, chosen: QuerySet[Any], act: Callable[[Any], object]) -> None:
        """Does it to each of the chosen rows, and says what came of it."""
        for row in chosen:
            try:
                done = act(row)
                self.message_user(request, f"{row}: done{f', {done:,}' if isinstance(done, int) else ''}.")
            except DomainError as refusal:
                self.message_user(request, f"{row}: {refusal.detail}", messages.ERROR)


@admin.register(Notice)
class NoticeAdmin(QueueAdmin):
    """What was said, and how many copies are in which state."""

    list_display = ["id", "kind", "urgency", "created_at", "expires_at", "halted_at"]
    list_filter = ["kind"]
    fields = ["kind", "words", "states", "size", "created_at", "expires_at", "halted_at"]
    readonly_fields = fields
    actions = ["halt", "resend"]
    actions_list = ["stop_sending", "start_sending"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).exclude(subject_id__in=registry.kept_from(request.user))

    @admin.display(description="words")
    def words(self, notice: Notice) -> str:
        """What went to everybody; a text to one person may hold a code."""
        kind = registry.KINDS.get(notice.kind)
        return notice.body if kind and kind.needs_consent and notice.topics else "not shown"

    @admin.display(description="copies")
    def states(self, notice: Notice) -> str:
        counts = dict(notice.messages.values_list("status").annotate(Count("pk")).order_by())
        total = f"{sum(counts.values()):,} in all"
        return "; ".join([total, *(f"{counts[s]:,} {s.label}" for s in Message.Status if s in counts)])

    @admin.display(description="segments and cost")
    def size(self, notice: Notice) -> str:
        told = services.summary(notice)
        billed = Attempt.objects.filter(message__notice=notice).aggregate(cost=Sum("cost"))["cost"]
        each = ", ".join(f"{language} {count}" for language, count in told.segments.items())
        known = f"; billed so far ${billed:.2f}" if billed else ""
        return f"segments a copy: {each}; about ${told.cost:.2f} for all{known}"

    @admin.action(description="Stop what has not gone yet")
    def halt(self, request: HttpRequest, chosen: QuerySet[Notice]) -> None:
        self.each(request, chosen, lambda notice: services.halt(notice=notice, by=request.user))

    @admin.action(description="Send to those who did not get it")
    def resend(self, request: HttpRequest, chosen: QuerySet[Notice]) -> None:
        self.each(request, chosen, lambda notice: services.resend(notice=notice, by=request.user))

    @action(description="Stop all texts", permissions=["view"], url_path="stop-sending")
    def stop_sending(self, request: HttpRequest) -> HttpResponse:
        return self._switch(request, "Stop all texts, sign-in codes too?", services.stop_sending)

    @action(description="Let texts go again", permissions=["view"], url_path="start-sending")
    def start_sending(self, request: HttpRequest) -> HttpResponse:
        return self._switch(request, "Let texts go again?", services.start_sending)

    def _switch(self, request: HttpRequest, question: str, act: Callable[..., None]) -> HttpResponse:
        """Asks first: a link may be followed by a browser on its own."""
        if request.method == "POST":
            act(channel=Channel.SMS, by=request.user)
            self.message_user(request, "Done.")
            return HttpResponseRedirect(reverse("admin:notifications_notice_changelist"))
        context = {**self.admin_site.each_context(request), "title": question, "question": question}
        return render(request, "notifications/ask.html", context)


@admin.register(Message)
class MessageAdmin(QueueAdmin):
    """Each copy's state. Neither numbers nor words are shown."""

    list_display = ["id", "notice", "state", "attempts_made", "segments", "due_at", "settled_at"]
    list_filter = ["status"]
    list_select_related = ["notice"]
    fields = ["notice", "state", "attempts_made", "tries", "segments", "cost", "due_at", "settled_at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).exclude(notice__subject_id__in=registry.kept_from(request.user))

    @admin.display(description="state", ordering="status")
    def state(self, message: Message) -> str:
        return plain_words.said(message)

    @admin.display(description="attempts")
    def tries(self, message: Message) -> str:
        tries = message.attempts.order_by("started_at").prefetch_related("receipts")
        return "; ".join(
            f"{t.started_at:%Y-%m-%d %H:%M:%S} {t.outcome or 'open'}"
            f"{''.join(f', {r.status} {r.error_code}'.rstrip() for r in t.receipts.all())}"
            for t in tries
        )

    @admin.display(description="cost")
    def cost(self, message: Message) -> str:
        billed = message.attempts.aggregate(cost=Sum("cost"))["cost"]
        return f"${billed:.4f}" if billed is not None else "not billed yet"


class OptOutForm(forms.Form):
    phone = forms.CharField(max_length=MAX_LENGTH, label="Number of whoever called, wrote or came by")
    reason = forms.CharField(max_length=200, label="What they asked for, and how")


@admin.register(Reply)
class ReplyAdmin(QueueAdmin):
    """Replies that may be a STOP: sending to their writers rests until somebody has read them."""

    list_display = ["at", "body", "needs_reading"]
    fields = ["at", "body", "needs_reading"]
    readonly_fields = fields
    actions = ["is_stop", "is_no_stop"]
    actions_list = ["opt_out"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reply]:
        return super().get_queryset(request).filter(needs_reading=True)

    @admin.action(description="This is a STOP")
    def is_stop(self, request: HttpRequest, chosen: QuerySet[Reply]) -> None:
        self.each(request, chosen, lambda r: services.settle_doubt(reply=r, is_stop=True, by=request.user))

    @admin.action(description="This is no STOP")
    def is_no_stop(self, request: HttpRequest, chosen: QuerySet[Reply]) -> None:
        self.each(request, chosen, lambda r: services.settle_doubt(reply=r, is_stop=False, by=request.user))

    @action(
        description="Stop all texts to a number, for who asked us to",
        permissions=["view"],
        url_path="opt-out",
    )
    def opt_out(self, request: HttpRequest) -> HttpResponse:
        """The same as POST /api/v1/opt-outs, for whoever has no other desk."""
        form = OptOutForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                number, reason = parse_phone(form.cleaned_data["phone"]), form.cleaned_data["reason"]
                with transaction.atomic():
                    services.opt_out(recipient=services.recipient_of(number), by=request.user, reason=reason)
            except Invalid as refusal:
                form.add_error("phone", refusal.detail)
            else:
                self.message_user(request, "No text goes to this number any more.")
                return HttpResponseRedirect(reverse("admin:notifications_reply_changelist"))
        context = {**self.admin_site.each_context(request), "title": "Stop texts to a number", "form": form}
        return render(request, "notifications/ask.html", context)


@admin.register(Alert)
class AlertAdmin(QueueAdmin):
    """What is or was wrong with the sending as a whole."""

    list_display = ["kind", "detail", "raised_at", "seen_at", "over_at"]
    list_filter = ["kind", ("over_at", admin.EmptyFieldListFilter)]
    ordering = ["-raised_at"]


@admin.register(Sender)
class SenderAdmin(QueueAdmin):
    """Whether sending rests, until when, and how much of the month is used."""

    list_display = ["channel", "state", "month", "month_segments"]

    @admin.display(description="state")
    def state(self, sender: Sender) -> str:
        reason = plain_words.REASONS.get(sender.reason, sender.reason)
        if sender.stopped_at:
            return f"stopped since {sender.stopped_at:%Y-%m-%d %H:%M}: {reason}"
        waits = sender.paused_until > timezone.now()
        return f"waits until {sender.paused_until:%Y-%m-%d %H:%M}: {reason}" if waits else "sends"


class ReviewForm(forms.Form):
    language = forms.ChoiceField(
        choices=[(code, known.name) for code, known in LANGUAGES.items() if known != ENGLISH]
    )
    reader = forms.CharField(max_length=80, label="Who has read all of it, and speaks the language")


@admin.register(LanguageReview)
class LanguageReviewAdmin(QueueAdmin):
    """The languages in which texts may go; all others go in English."""

    list_display = ["language", "by", "at", "ended_at", "holds"]
    actions = ["take_back"]
    actions_list = ["review"]

    @admin.display(description="in use", boolean=True)
    def holds(self, review: LanguageReview) -> bool:
        """Not once the words have changed."""
        return not review.ended_at and LANGUAGES.get(review.language) in vouched_for()

    @admin.action(description="Take back: texts go in English again")
    def take_back(self, request: HttpRequest, chosen: QuerySet[LanguageReview]) -> None:
        self.each(request, chosen, lambda r: services.end_review(language=r.language, by=request.user))

    @action(description="Read and vouch for a language", permissions=["view"], url_path="review")
    def review(self, request: HttpRequest) -> HttpResponse:
        """The words of one language beside the English ones, and who vouches for them."""
        form = ReviewForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            services.review_language(**form.cleaned_data, by=request.user)
            self.message_user(request, "Texts may go in this language now.")
            return HttpResponseRedirect(reverse("admin:notifications_languagereview_changelist"))
        known: Language = LANGUAGES.get(request.GET.get("language", ""), ENGLISH)
        context = {
            **self.admin_site.each_context(request),
            "title": "Languages",
            "form": form,
            "language": known if known != ENGLISH else None,
            "languages": [one for one in LANGUAGES.values() if one != ENGLISH],
        }
        return render(request, "notifications/review.html", context)
