"""What residents tell, where it went, and what became of it."""

from backend.feedback.concerns.models.catalogue import (
    CannedAnswer,
    Category,
    HelpLine,
    Office,
    Question,
    Route,
)
from backend.feedback.concerns.models.concerns import Concern, ConcernChange, ConcernReply, ConcernSubject
from backend.feedback.concerns.models.handling import (
    AboutMeRequest,
    ConcernLetter,
    ConcernNote,
    DeskLook,
    FatalityReview,
    FigureTable,
    LegalHold,
    PageFeedback,
    Photo,
    Redaction,
    Referral,
)
from backend.feedback.concerns.models.reading import (
    READS_CONCERNS,
    Reach,
    command_of,
    reach_of,
)

__all__ = [
    "READS_CONCERNS",
    "AboutMeRequest",
    "CannedAnswer",
    "Category",
    "Concern",
    "ConcernChange",
    "ConcernLetter",
    "ConcernNote",
    "ConcernReply",
    "ConcernSubject",
    "DeskLook",
    "FatalityReview",
    "FigureTable",
    "HelpLine",
    "LegalHold",
    "Office",
    "PageFeedback",
    "Photo",
    "Question",
    "Reach",
    "Redaction",
    "Referral",
    "Route",
    "command_of",
    "reach_of",
]
