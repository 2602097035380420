"""Who serves here, and what happens when."""

from collections.abc import Mapping

from backend.records.tags import (
    ACCOUNT,
    CLOSED,
    EVERY,
    OPEN,
    POST,
    PUBLIC,
    REGISTRATION,
    REVIEW,
    SECURITY,
    Record,
)

RECORDS: Mapping[str, Mapping[str, Record]] = {
    # --- who serves here
    "roster.StaffMember": {
        "id agency name rank badge_number is_sworn contact is_demo": Record("kept", OPEN, POST),
        "user": Record(ACCOUNT, REVIEW, "whose account it is; RSMo 610.021"),
    },
    "roster.Assignment": {
        "id staff_member area role watch starts_on ends_on is_acting confirmed_on": Record(
            "kept", OPEN, POST
        ),
    },
    **{
        f"roster.{name}": {EVERY: PUBLIC}
        for name in (
            *("Agency", "Contact", "Area", "BoundarySet", "Boundary", "Parent"),
            *("Station", "StreetSegment", "AddressPoint", "Edition"),
        )
    },
    # --- what happens when
    "events.Event": {
        "id uid agency kind status title description area_slugs": PUBLIC,
        "time_zone first_on start_time duration_minutes rrule last_ends_at": PUBLIC,
        "place_name place_address lat lon join_url cancel_reason sequence revised_at ics": PUBLIC,
        "agenda access_notes languages takes_registrations capacity program review_on confirmed_at": PUBLIC,
        "working_group emergency_reason follows": PUBLIC,
        "confirmed_by": Record("kept", REVIEW, "a ride-along does not name its officer; RSMo 610.021"),
        "organiser": Record("kept", REVIEW, "a ride-along does not name its officer; RSMo 610.021"),
    },
    "events.Event_areas": {EVERY: PUBLIC},
    "events.OccurrenceOverride": {EVERY: PUBLIC},
    "events.Occurrence": {EVERY: PUBLIC},
    "events.ImportedSeries": {EVERY: PUBLIC},
    "events.EventChange": {
        "id event action sequence at": PUBLIC,
        "by": Record("kept", OPEN, "which member of staff did what"),
        "details": Record("kept", REVIEW, "names a former organiser, who may be a ride-along's officer"),
    },
    "events.Registration": {
        "id occurrence user status party_size number remind_hours checked_in_at created_at "
        "uid sequence revised_at": Record(REGISTRATION, REVIEW, "who was where; RSMo 610.021"),
        "code": Record(REGISTRATION, CLOSED, SECURITY),
    },
    "events.PersonalFeed": {
        "id user made_at": Record(
            ACCOUNT, REVIEW, "who has an account, a resident's among them; RSMo 610.021"
        ),
        "token_hash": Record(ACCOUNT, CLOSED, SECURITY),
    },
    "events.Meeting": {
        "id occurrence attendance newcomers minutes recorded_at": PUBLIC,
        "recorded_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "events.Priority": {
        "id area title description action action_on status outcome raised_at created_at closed_at": PUBLIC,
        "recorded_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "events.Commitment": {
        "id area said_at promise promised_by due_on status outcome created_at closed_at": PUBLIC,
        "recorded_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "events.Ballot": {
        "id area period voter cast_at_meeting paper_number created_at": Record(
            ACCOUNT, REVIEW, "how one person voted"
        ),
    },
    "events.BallotRank": {"id ballot priority rank": Record(ACCOUNT, REVIEW, "how one person voted")},
    "events.CommitmentRating": {
        "id commitment user rating": Record(ACCOUNT, REVIEW, "what one resident thinks; RSMo 610.021"),
    },
}
