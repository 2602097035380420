"""What happens when: series and their dates, who takes part, and what came of it."""

from backend.events.models.dates import Occurrence, OccurrenceOverride
from backend.events.models.meetings import (
    Ballot,
    BallotRank,
    Commitment,
    CommitmentRating,
    Meeting,
    Priority,
)
from backend.events.models.registrations import PersonalFeed, Registration
from backend.events.models.series import (
    LONGEST,
    PROGRAM_AGENCY,
    PUBLIC_BODIES,
    SHORTEST,
    STAFFED_PROGRAMS,
    Event,
    EventChange,
    EventQuerySet,
    ImportedSeries,
    reach,
    staffed_programs,
)

__all__ = [
    "LONGEST",
    "PROGRAM_AGENCY",
    "PUBLIC_BODIES",
    "SHORTEST",
    "STAFFED_PROGRAMS",
    "Ballot",
    "BallotRank",
    "Commitment",
    "CommitmentRating",
    "Event",
    "EventChange",
    "EventQuerySet",
    "ImportedSeries",
    "Meeting",
    "Occurrence",
    "OccurrenceOverride",
    "PersonalFeed",
    "Priority",
    "Registration",
    "reach",
    "staffed_programs",
]
