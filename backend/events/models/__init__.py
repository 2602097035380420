"""What happens when: series and their dates, and who takes part."""

from backend.events.models.registrations import Registration
from backend.events.models.series import (
    LONGEST,
    PUBLIC_BODIES,
    SHORTEST,
    Event,
    EventChange,
    EventQuerySet,
    Occurrence,
    OccurrenceOverride,
    reach,
)

__all__ = [
    "LONGEST",
    "PUBLIC_BODIES",
    "SHORTEST",
    "Event",
    "EventChange",
    "EventQuerySet",
    "Occurrence",
    "OccurrenceOverride",
    "Registration",
    "reach",
]
