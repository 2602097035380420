from datetime import timedelta
from uuid import UUID

from django.apps import AppConfig
from django.db.models import Q
from django.utils import timezone


class EventsConfig(AppConfig):
    name = "backend.events"
    label = "events"

    def ready(self) -> None:
        from backend.accounts.holdings import register_holding
        from backend.events import holdings, notices, services
        from backend.events.models import Event
        from backend.events.services import messages
        from backend.notifications.registry import register_job, register_kind, register_topic

        for kind in ("occurrence_cancelled", "occurrence_moved", "event_cancelled"):
            register_kind(kind, still_true=notices.still_true)
        register_kind("occurrence_restored", still_true=notices.still_as_planned)
        register_kind("series_split", still_true=notices.still_goes_on)
        for kind in ("registration_promoted", "registration_reminder"):
            register_kind(kind, still_true=messages.still_has_a_place)
        register_kind("occurrence_reminder", still_true=messages.takes_place)
        register_topic("date", exists=messages.is_ahead)
        register_topic("event", exists=_can_be_followed)
        register_topic("kind", exists=lambda kind: kind in Event.Kind.values)
        # An organiser's new name, a new PUBLIC_URL: whatever else the stored bytes are made of.
        register_job("render_feeds", every=timedelta(hours=1), run=lambda now: services.render_all())
        register_job("remind_registered", every=timedelta(minutes=5), run=messages.send_reminders)
        register_job("remind_followers", every=timedelta(minutes=5), run=messages.remind_followers)
        register_holding("events", holdings.HOLDING)
        register_job("extend_occurrences", every=timedelta(days=1), run=services.extend_occurrences)


def _can_be_followed(event_id: str) -> bool:
    """Published, and not over for a month: then nothing can change any more."""
    from backend.events.models import Event

    month_ago = timezone.now() - timedelta(days=30)
    try:
        published = Event.objects.published().filter(pk=UUID(event_id))
        return published.filter(Q(last_ends_at=None) | Q(last_ends_at__gt=month_ago)).exists()
    except ValueError:
        return False
