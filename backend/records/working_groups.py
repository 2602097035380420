"""What a policy should say: working groups, and what people say to them."""

from collections.abc import Mapping

from django.db.models import Q

from backend.feedback.workinggroups.models import Comment
from backend.feedback.workinggroups.services import erasing, members
from backend.records.tags import CLOSED, EVERY, NUMBER, OPEN, PUBLIC, REVIEW, SECURITY, Record, after

_WRITER = f"{after(erasing.WRITERS_KEPT)} after what became of it is published"
_UNPUBLISHED = f"{after(erasing.WORDS_KEPT)} after the call's end, where they are not published; else kept"
_TESTIMONY = f"{after(erasing.WORDS_KEPT)} after the call's end"
_TERM = f"{after(erasing.TERMS_KEPT)} after the term's end"
_RECORD = after(erasing.RECORD_KEPT)

_BODY = "records of a public body; RSMo 610.010(4), 610.011"
_ADVISORY = "what a body has before it, until it is published; RSMo 610.021"
_STORY = "what a person lived through, unnamed; RSMo 610.021"
_OPENED = Record("kept", OPEN, _BODY)
_BY = Record("kept", REVIEW, "who of a group did what; RSMo 610.021")

RECORDS: Mapping[str, Mapping[str, Record]] = {
    **{f"workinggroups.{name}": {EVERY: PUBLIC} for name in ("WorkingGroup", "GroupSeat")},
    "workinggroups.Membership": {
        "id seat is_coordinator starts_on ends_on ended_at": _OPENED,
        "name organization": Record(
            _TERM, REVIEW, f"open where the body is public and not discreet; {_BODY}"
        ),
        "user staff_member": Record(_TERM, REVIEW, "who has an account; RSMo 610.021"),
        "invitation_index": Record(
            f"{after(members.INVITATION_LASTS)}, or when it is taken up", CLOSED, SECURITY
        ),
        "invited_by created_at joined_at": _BY,
    },
    "workinggroups.GroupChange": {
        "id": NUMBER,
        "group action object_id reason by at": Record(_RECORD, REVIEW, _ADVISORY),
    },
    "workinggroups.BreakGlass": {
        "id group user reason at ends_at": Record(_RECORD, REVIEW, "who looked at what is closed, and why"),
    },
    "workinggroups.Draft": {
        "id group number title summary created_at changed_at published_at": _OPENED,
        "published_by": _BY,
    },
    **{
        f"workinggroups.{name}": {EVERY: _OPENED}
        for name in ("Section", "Consultation", "ConsultationQuestion")
    },
    "workinggroups.Comment": {
        "id consultation section kind content_warnings": _OPENED,
        "created_at words_index": Record("kept", REVIEW, "may tell of who wrote it; RSMo 610.021"),
        "body wording": Record(_UNPUBLISHED, REVIEW, _ADVISORY),
        "shown_name": Record(_UNPUBLISHED, REVIEW, "a name that somebody chose to have shown"),
        "author": Record(_WRITER, REVIEW, "who wrote to a body; RSMo 610.021"),
        "receipt_index": Record(_WRITER, CLOSED, SECURITY),
    },
    "workinggroups.CommentAnswer": {
        "id": NUMBER,
        "comment question choice": _OPENED,
        "words": Record(_UNPUBLISHED, REVIEW, _ADVISORY),
    },
    "workinggroups.Support": {
        "id consultation section": _OPENED,
        "user": Record(_TESTIMONY, REVIEW, "who is for what; RSMo 610.021"),
    },
    "workinggroups.Disposition": {
        "id": NUMBER,
        "comment outcome reason grounds landed_draft landed_key at": _OPENED,
        "by": _BY,
    },
    "workinggroups.Theme": {EVERY: Record("kept", REVIEW, _ADVISORY)},
    "workinggroups.CommentTheme": {EVERY: Record("kept", REVIEW, _ADVISORY)},
    "workinggroups.Testimony": {
        "id consultation body content_warnings on": Record(_TESTIMONY, REVIEW, _STORY),
        "grounds reason": Record("kept", REVIEW, "why moderators keep it back"),
    },
    "workinggroups.TestimonyTheme": {EVERY: Record("kept", REVIEW, _STORY)},
    "workinggroups.DemographicCount": {
        "consultation counts": Record(
            "kept", REVIEW, "sums, small ones among them, that could tell of a person"
        ),
    },
    "workinggroups.Recommendation": {EVERY: PUBLIC},
    "workinggroups.RecommendationChange": {
        "id recommendation status evidence evidence_url status_on at": PUBLIC,
        "by": _BY,
    },
    "workinggroups.Bulletin": {
        "id slug kind title body url source decided_on published_at": PUBLIC,
        "published_by": _BY,
    },
}

# What may be given out of a table whose rows are not all public.
_OF_PUBLISHED = Q(comment__in=Comment.objects.published())
OPEN_ROWS: Mapping[str, Q] = {
    "workinggroups.Draft": Q(published_at__isnull=False),
    "workinggroups.Section": Q(draft__published_at__isnull=False),
    "workinggroups.Consultation": Q(audience="everybody"),
    "workinggroups.ConsultationQuestion": Q(consultation__audience="everybody"),
    "workinggroups.Membership": Q(joined_at__isnull=False),
    "workinggroups.Comment": Q(pk__in=Comment.objects.published()),
    "workinggroups.CommentAnswer": _OF_PUBLISHED,
    "workinggroups.Disposition": _OF_PUBLISHED,
}
