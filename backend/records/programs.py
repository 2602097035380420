"""Who takes part in what."""

from collections.abc import Mapping

from backend.programs.services import erasing as programs
from backend.records.tags import (
    ACCOUNT,
    APPLICATION,
    CLOSED,
    CLOSED_ANSWERS,
    EVERY,
    NOMINATION,
    OPEN,
    POST,
    PUBLIC,
    REVIEW,
    SECURITY,
    SIGNATURE,
    WORK,
    Record,
    after,
)

RECORDS: Mapping[str, Mapping[str, Record]] = {
    # --- who takes part in what
    **{
        f"programs.{name}": {EVERY: PUBLIC}
        for name in ("Rule", "Form", "Topic", "Supply", "Waiver", "Entry", "Docket", "CourtDate")
    },
    "programs.Program": {
        "id slug name kind agency owner summary who applicants cost season contact bring": PUBLIC,
        "access_notes languages has_public_sessions source source_year verified_on ended_on": PUBLIC,
        "verified_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "programs.Seat": {"id program user role since until": Record(ACCOUNT, OPEN, POST)},
    "programs.Cohort": {
        "id program name mode starts_on ends_on opens_at closes_at places area place_name": PUBLIC,
        "place_address seed_hash decided_at cancelled_at created_at": PUBLIC,
        "officer": Record("kept", REVIEW, "which officer coaches whose children; RSMo 610.021"),
        "seed": Record("kept", REVIEW, "decides a draw until its deadline, then published"),
    },
    "programs.RideSlot": {
        "id cohort district cancelled_at": PUBLIC,
        "area watch officer starts_at ends_at on": Record(
            "kept", REVIEW, "where which officer will be; a security measure, RSMo 610.021(21)"
        ),
    },
    "programs.Application": {
        "name born_on guardian_name guardian_contact answers comment person_index": Record(
            APPLICATION, REVIEW, "who asked for what, a minor perhaps; RSMo 610.021"
        ),
        "closed_answers": Record(CLOSED_ANSWERS, CLOSED, "health and the like; RSMo 610.021(5)"),
        "applicant": Record(APPLICATION, REVIEW, "who has an account, a resident's among them; RSMo 610.021"),
        "id program cohort is_for_self form wished_district supply slot former_slot status has_place placed_at turn "
        "rating sequence revised_at created_at erased_at": Record("kept", OPEN, WORK),
    },
    "programs.ApplicationChange": {
        "id application move status code at": Record("kept", OPEN, WORK),
        "words": Record(APPLICATION, REVIEW, "why one person was refused; RSMo 610.021"),
        "by": Record("kept", OPEN, "which member of staff did what"),
    },
    "programs.Screening": {
        "id application outcome on by": Record(
            APPLICATION, CLOSED, "the outcome of a records check; RSMo 610.120, 43.540"
        ),
    },
    "programs.Signature": {
        "id application waiver role method name witness device_at at document document_hash": Record(
            SIGNATURE, REVIEW, "a resident's signature; kept while an action may be brought, RSMo 516.120"
        ),
    },
    "programs.Session": {
        "id cohort number topic instructor event cancelled_at sequence revised_at told_sequence": PUBLIC,
        "starts_at ends_at": Record("kept", REVIEW, "where children will be; RSMo 610.021"),
        "code": Record("kept", CLOSED, SECURITY),
    },
    "programs.Attendance": {
        "id application session number by at": Record(APPLICATION, REVIEW, "who was where; RSMo 610.021"),
    },
    "programs.Certificate": {
        "id application issued_on by document document_hash": Record(
            APPLICATION, REVIEW, "who took part in what; RSMo 610.021"
        ),
    },
    "programs.RegisteredItem": {
        "id owner kind decal make color status created_at": Record(
            ACCOUNT, REVIEW, "who owns what; RSMo 610.021"
        ),
        "serial serial_index transfer_hash transfer_expires_at": Record(ACCOUNT, CLOSED, SECURITY),
    },
    "programs.ItemChange": {
        "id item action words by at": Record(ACCOUNT, REVIEW, "what happened to a resident's property"),
    },
    "programs.Nomination": {
        "nominator nominator_name nominator_contact child_name born_on school story guardian_name "
        "guardian_contact guardian_agreed_at person_index": Record(
            NOMINATION, REVIEW, "about a child; shown only as a guardian agreed, RSMo 610.021"
        ),
        "id cohort relation status created_at erased_at": Record("kept", OPEN, WORK),
        "guardian_asked_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "programs.Score": {
        "id nomination judge points at": Record(NOMINATION, REVIEW, "one judge's view of a child"),
    },
    "programs.Leader": {
        "id area user organisation invited_by invited_at ended_at": Record(
            ACCOUNT, REVIEW, "who leads which neighborhood; RSMo 610.021"
        ),
        "code_hash": Record(ACCOUNT, CLOSED, SECURITY),
    },
    "programs.Site": {
        "id program area note suggested_at outcome closed_at": PUBLIC,
        "place concern": Record(
            f"with its concern, or {after(programs.KEPT)} after it is suggested",
            REVIEW,
            "location of a complaint; RSMo 610.200",
        ),
        "suggested_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "programs.Strategy": {
        "id area title text published_at withdrawn_at": Record(
            "kept", REVIEW, "tactics of an area; RSMo 610.100, 610.021(21)"
        ),
        "published_by": Record("kept", OPEN, "which member of staff did what"),
    },
}
