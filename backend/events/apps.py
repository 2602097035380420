from datetime import timedelta
from uuid import UUID

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "backend.events"
    label = "events"

    def ready(self) -> None:
        from backend.events import notices, services
        from backend.events.models import Event
        from backend.notifications.registry import register_job, register_kind, register_topic

        for kind in ("occurrence_cancelled", "occurrence_moved", "event_cancelled"):
            register_kind(kind, still_true=notices.still_true)
        register_topic("event", exists=_is_published)
        register_topic("kind", exists=lambda kind: kind in Event.Kind.values)
        register_job("extend_occurrences", every=timedelta(days=1), run=services.extend_occurrences)


def _is_published(event_id: str) -> bool:
    from backend.events.models import Event

    try:
        return Event.objects.published().filter(pk=UUID(event_id)).exists()
    except ValueError:
        return False
