"""What residents tell."""

from collections.abc import Mapping

from backend.feedback.concerns.services import requests
from backend.records.tags import (
    ACCOUNT,
    CLOSED,
    CONCERN,
    CONTACT,
    EMPLOYEE,
    EVERY,
    NUMBER,
    OPEN,
    PUBLIC,
    REQUEST,
    REVIEW,
    SECURITY,
    WHO_TOLD,
    WORK,
    Record,
    after,
)

RECORDS: Mapping[str, Mapping[str, Record]] = {
    # --- what residents tell
    **{
        f"concerns.{name}": {EVERY: PUBLIC}
        for name in ("Category", "Question", "Office", "Route", "CannedAnswer", "HelpLine", "FigureTable")
    },
    "concerns.Concern": {
        "id category area desk status disposition submitted_at closed_at anonymised_at erased_at": Record(
            "kept", OPEN, "log of complaints; RSMo 610.200"
        ),
        "is_near_border priority target_at escalated_to first_response_at needs_reading changed_at": (PUBLIC),
        "assigned_to": Record("kept", OPEN, "which member of staff did what"),
        "description answers": Record(CONCERN, REVIEW, "log of complaints; RSMo 610.200"),
        "address position said_at occurrence": Record(
            CONCERN, REVIEW, "location of a complaint; RSMo 610.200"
        ),
        "reporter language": Record(WHO_TOLD, REVIEW, "who complained; RSMo 610.100, 610.200"),
        "phone": Record(WHO_TOLD, REVIEW, CONTACT),
        "contact_note": Record(
            WHO_TOLD,
            CLOSED,
            "how a person may safely be reached; may show who is afraid, RSMo 610.021",
        ),
        "handler_may_know tells_by_text": Record(
            WHO_TOLD, REVIEW, "how a reporter wants to hear; RSMo 610.021"
        ),
        "asked_at asked_again_at dealt_with": Record(
            "kept", REVIEW, "what one resident thinks; RSMo 610.021"
        ),
        "is_walled cleared_at merged_into": Record("kept", REVIEW, EMPLOYEE),
        "is_sensitive": Record("kept", REVIEW, "may show who is afraid; RSMo 610.021"),
        "phone_index": Record(WHO_TOLD, CLOSED, SECURITY),
        "receipt_index passphrase": Record(CONCERN, CLOSED, SECURITY),
    },
    "concerns.ConcernReply": {
        "id concern body at by_text": Record(CONCERN, REVIEW, "log of complaints; RSMo 610.200"),
    },
    "concerns.ConcernChange": {
        "id": NUMBER,
        "concern status at": Record("kept", OPEN, "log of complaints; RSMo 610.200"),
        "move": Record("kept", REVIEW, f"what was done, which may tell of whom it is about; {EMPLOYEE}"),
        "reason": Record(CONCERN, REVIEW, "why staff moved it, which may tell of a person; RSMo 610.021"),
        "by": Record("kept", OPEN, "which member of staff did what"),
    },
    "concerns.ConcernSubject": {
        "id concern staff_member command source by at": Record(
            "kept: the wall stands when the words are gone",
            REVIEW,
            EMPLOYEE,
        ),
    },
    **{
        f"concerns.{name}": {
            "id concern at": Record(CONCERN, OPEN, WORK),
            "by": Record(CONCERN, OPEN, "which member of staff did what"),
            names: Record(CONCERN, REVIEW, "may tell of a person; RSMo 610.021"),
        }
        for name, names in (("ConcernLetter", "body language"), ("ConcernNote", "body"))
    },
    "concerns.Referral": {
        "id": NUMBER,
        "concern office referred_at acknowledged_at returned_at": PUBLIC,
        "reference note outcome": Record(CONCERN, REVIEW, "may tell of a person; RSMo 610.021"),
        "by": Record("kept", OPEN, "which member of staff did what"),
    },
    "concerns.Photo": {
        "id concern status width height received_at lease_until": Record(CONCERN, OPEN, WORK),
        "digest key raw_file file masked_file": Record(CONCERN, CLOSED, SECURITY),
    },
    "concerns.Redaction": {
        "id concern part reply question photo start end box provision at": Record(
            CONCERN, OPEN, "what is withheld, and by which law; RSMo 610.023, 610.024"
        ),
        "by": Record(CONCERN, OPEN, "which member of staff did what"),
    },
    "concerns.LegalHold": {
        "id concern by since ended_at": Record("kept", REVIEW, "litigation; RSMo 610.021(1)"),
        "reason": Record(CONCERN, CLOSED, "litigation; RSMo 610.021(1)"),
    },
    "concerns.FatalityReview": {
        "id": NUMBER,
        "concern final_report changed_at": Record("kept", OPEN, "RSMo 455.560.6"),
        "work_product": Record(CONCERN, CLOSED, "RSMo 455.560.5"),
        "by": Record("kept", REVIEW, "who worked for the panel; RSMo 455.560.5"),
    },
    "concerns.AboutMeRequest": {
        "id status asked_at decided_at": PUBLIC,
        "decided_by": Record("kept", OPEN, "which member of staff did what"),
        "page": Record("kept", REVIEW, "where a resident is shown; RSMo 610.021"),
        "words answer": Record(REQUEST, REVIEW, "a resident's own words, about themselves; RSMo 610.021"),
        "receipt_index": Record(REQUEST, CLOSED, SECURITY),
    },
    "concerns.PageFeedback": {
        "id page is_helpful on": PUBLIC,
        "comment": Record(after(requests.KEPT), REVIEW, "a resident's own words"),
    },
    "concerns.DeskLook": {
        "id user at": Record(ACCOUNT, OPEN, "which member of staff did what"),
    },
}
