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
    COORDINATED_GROUPS,
    GROUP_WORDS,
    LONGEST,
    PROGRAM_AGENCY,
    PUBLIC_BODIES,
    SHORTEST,
    STAFFED_PROGRAMS,
    Event,
    EventChange,
    EventQuerySet,
    ImportedSeries,
    coordinated_groups,
    reach,
    staffed_programs,
)

__all__ = [
    "COORDINATED_GROUPS",
    "GROUP_WORDS",
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
    "coordinated_groups",
    "reach",
    "staffed_programs",
]
