from django.contrib import admin
from django.db.models import Count

from backend.notifications import registry
from backend.notifications.models import Message, Notice
from backend.staff_pages import ReadOnlyAdmin


class QueueAdmin(ReadOnlyAdmin):
    """Administrators look; counting the whole queue for each page would be a scan."""

    show_full_result_count = False


@admin.register(Notice)
class NoticeAdmin(QueueAdmin):
    """What was said, and how many copies are in which state."""

    list_display = ["id", "kind", "urgency", "created_at", "expires_at"]
    list_filter = ["kind"]
    fields = ["kind", "words", "states", "created_at", "expires_at"]
    readonly_fields = fields

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


@admin.register(Message)
class MessageAdmin(QueueAdmin):
    """Each copy's state. Neither numbers nor words are shown."""

    list_display = ["id", "notice", "status", "reason", "attempts_made", "due_at", "settled_at"]
    list_filter = ["status"]
    list_select_related = ["notice"]
    fields = ["notice", "status", "reason", "attempts_made", "due_at", "settled_at"]
    readonly_fields = fields
