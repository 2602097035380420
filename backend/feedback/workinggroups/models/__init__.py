"""Groups, their texts, what people say of them, and what became of it: tables and reads."""

from backend.feedback.workinggroups.models.comments import (
    Comment,
    CommentAnswer,
    CommentTheme,
    Disposition,
    Support,
    Theme,
)
from backend.feedback.workinggroups.models.drafts import Consultation, ConsultationQuestion, Draft, Section
from backend.feedback.workinggroups.models.groups import (
    BreakGlass,
    GroupChange,
    GroupSeat,
    Membership,
    WorkingGroup,
)
from backend.feedback.workinggroups.models.outcomes import Bulletin, Recommendation, RecommendationChange
from backend.feedback.workinggroups.models.testimony import DemographicCount, Testimony, TestimonyTheme

__all__ = [
    "BreakGlass",
    "Bulletin",
    "Comment",
    "CommentAnswer",
    "CommentTheme",
    "Consultation",
    "ConsultationQuestion",
    "DemographicCount",
    "Disposition",
    "Draft",
    "GroupChange",
    "GroupSeat",
    "Membership",
    "Recommendation",
    "RecommendationChange",
    "Section",
    "Support",
    "Testimony",
    "TestimonyTheme",
    "Theme",
    "WorkingGroup",
]
