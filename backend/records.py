"""Every stored field of every model: when it ends, and what the Sunshine Law makes of it.

`tests/test_records.py` fails where a field has no line here. `EVERY` stands for all fields of a model, but not of one
that holds something about a person: there a new field needs a word of its own. `manage.py sunshine_export` gives out
what is OPEN. Missouri's Sunshine Law is RSMo chapter 610; REVIEW means that counsel decides before it is given out.
The times are those by which `prune` erases.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from django.db.models import Case, F, Model, QuerySet, When

from backend.accounts import audit, codes, idempotency
from backend.events.services import registrations
from backend.feedback.concerns.models import Category, Concern, ConcernChange
from backend.feedback.concerns.services import requests
from backend.feedback.concerns.triage import UNTOLD
from backend.notifications import erasure
from backend.programs.services import erasing as programs
from backend.prune import LOG_KEPT

OPEN: Literal["open"] = "open"
CLOSED: Literal["closed"] = "closed"
REVIEW: Literal["review"] = "review"
EVERY = "*"


class Record(NamedTuple):
    """`ends`: when `prune` erases it, or what else ends it. `basis`: why it is open, closed or must be reviewed."""

    ends: str
    tag: Literal["open", "closed", "review"]
    basis: str


def _after(kept: timedelta) -> str:
    return f"{kept.days // 365} years" if kept.days % 365 == 0 else f"{kept.days} days"


_SECURITY = "a security measure; RSMo 610.021(21)"
_CONTACT = "a resident's own number or address; RSMo 610.021"
_POST = "who holds a public post, and how the post is reached, is public"
EMPLOYEE = "about an employee; RSMo 610.021(3), 610.021(13)"
_WORK = "the department's own work; open unless a statute closes it, RSMo 610.011"

_PUBLIC = Record("kept", OPEN, _WORK)
_NUMBER = Record("kept", CLOSED, "a running number counts what is withheld; RSMo 610.021(3)")
_ACCOUNT = "with the account"
_RECIPIENT = f"{_after(erasure.RECIPIENTS_KEPT)} after the last change; an account may keep it longer"
_NOTICE = f"{_after(erasure.NOTICES_KEPT)} after the notice expired"
_REPLY = _after(erasure.REPLIES_KEPT)
_REGISTRATION = f"{_after(registrations.KEPT)} after the date"
_BY_CATEGORY = "after closing as its category says ({} days unless set otherwise); under a legal hold later"
_WHO_TOLD = _BY_CATEGORY.format(Category._meta.get_field("anonymise_after_days").default)
_CONCERN = _BY_CATEGORY.format(Category._meta.get_field("erase_after_days").default)
_REQUEST = f"{_after(requests.KEPT)} after it was decided"
_APPLICATION = f"{_after(programs.KEPT)} after the cohort's end"
_CLOSED_ANSWERS = f"{_after(programs.CLOSED_ANSWERS_KEPT)} after the cohort's end"
_SIGNATURE = f"{_after(programs.SIGNATURES_KEPT)} after the cohort's end"
_NOMINATION = (
    f"{_after(programs.NOMINATIONS_KEPT)} after the month's end; who is honored, {_after(programs.KEPT)}"
)
_LOG = _after(LOG_KEPT)
# Two years more than those in which an action may be brought (RSMo 516.120); counsel may name another term.
_AUDIT = f"{_after(audit.KEPT)} after the newest row of its batch; the seal stays"

# By model, then by names of fields, which share a line where all is the same.
RECORDS: Mapping[str, Mapping[str, Record]] = {
    # --- who is asking
    "accounts.User": {
        "email phone": Record(_ACCOUNT, REVIEW, _CONTACT),
        "code_word": Record(_ACCOUNT, CLOSED, _SECURITY),
        "email_index phone_index password": Record(_ACCOUNT, CLOSED, _SECURITY),
        "safe_at_home mailing_address": Record(
            _ACCOUNT, CLOSED, "the address confidentiality program; RSMo 589.660 to 589.683"
        ),
        "id kind is_active is_administrator created_at last_login": Record(
            _ACCOUNT, REVIEW, "who has an account, a resident's among them; RSMo 610.021"
        ),
    },
    "accounts.AuditRow": {
        "id at actor actor_kind action object_type object_id fields reason request_id seal": Record(
            _AUDIT, REVIEW, "what staff looked at, and why; may show an inquiry, RSMo 610.100"
        ),
    },
    "accounts.AuditSeal": {EVERY: Record("kept", OPEN, _WORK)},
    "accounts.IdempotencyKey": {
        "key_hash body_hash claim": Record(_after(idempotency.KEPT_FOR), CLOSED, _SECURITY),
        "id claimed_at status answer": Record(
            _after(idempotency.KEPT_FOR), REVIEW, "a copy of an answer to a resident"
        ),
    },
    "accounts.Session": {
        "session_key session_data": Record("when it expires", CLOSED, _SECURITY),
        "id client user created_at seen_at expire_date": Record(
            "when it expires", REVIEW, "who has an account, a resident's among them; RSMo 610.021"
        ),
    },
    "accounts.StaffInvitation": {
        "id user token_hash made_at expires_at": Record("when it expires or is taken", CLOSED, _SECURITY),
    },
    "accounts.SignInCode": {
        "id address_index code is_alive guesses sent_at expires_at": Record(
            _after(codes.DAY), CLOSED, _SECURITY
        ),
    },
    "accounts.CodeBudget": {EVERY: Record(_after(codes.BUDGETS_KEPT), OPEN, _WORK)},
    "mfa.Authenticator": {
        "id user type data created_at last_used_at": Record(_ACCOUNT, CLOSED, _SECURITY),
    },
    # The library's own lists of addresses, which nothing writes to.
    "account.EmailAddress": {"id user email verified primary": Record(_ACCOUNT, REVIEW, _CONTACT)},
    "account.EmailConfirmation": {
        "id email_address created sent key": Record(_ACCOUNT, CLOSED, _SECURITY),
    },
    "admin.LogEntry": {
        "id action_time user content_type object_id object_repr action_flag change_message": Record(
            _LOG, REVIEW, "which member of staff changed what"
        ),
    },
    "auth.Group": {EVERY: _PUBLIC},
    "auth.Group_permissions": {EVERY: _PUBLIC},
    "auth.Permission": {EVERY: _PUBLIC},
    "contenttypes.ContentType": {EVERY: _PUBLIC},
    # --- texts
    "notifications.Recipient": {
        "address": Record(_RECIPIENT, REVIEW, _CONTACT),
        "address_index": Record(
            "with the address; after a STOP kept while it is in force", CLOSED, _SECURITY
        ),
        "id channel consent language time_zone unusable_reason created_at changed_at": Record(
            f"{_RECIPIENT}; after a STOP kept", REVIEW, "who gets texts"
        ),
        "hours_from hours_until is_discreet never_contact in_doubt_since instead": Record(
            _ACCOUNT, CLOSED, "how a person may safely be reached; may show who is afraid, RSMo 610.021"
        ),
    },
    "notifications.Consent": {
        "id recipient action wording language source at": Record(
            "with the recipient; after a STOP kept", REVIEW, "proof of agreement"
        ),
    },
    "notifications.Subscription": {
        "id recipient topic delivery least created_at": Record(
            "with the recipient, or when the topic ends", REVIEW, "what one follows"
        ),
    },
    "notifications.Reminder": {
        "id subscription hours": Record("with the subscription", REVIEW, "what one follows"),
    },
    "notifications.Notice": {
        "id kind key topics subject_id body translations path urgency created_at expires_at halted_at": Record(
            f"{_after(erasure.NOTICES_KEPT)} after it expired", REVIEW, "may be about one person's matter"
        ),
    },
    "notifications.Message": {
        "id notice recipient channel status reason urgency segments": Record(
            _NOTICE, REVIEW, "who was told what"
        ),
        "due_at lease_until attempts_made settled_at": Record(_NOTICE, REVIEW, "who was told when"),
    },
    "notifications.Attempt": {EVERY: Record(_NOTICE, REVIEW, "who was told what")},
    "notifications.Receipt": {EVERY: Record(_NOTICE, REVIEW, "who was told what")},
    "notifications.Reply": {
        "id provider_id recipient body answer needs_reading at": Record(
            _REPLY, REVIEW, "a resident's own words"
        ),
    },
    "notifications.Sender": {EVERY: _PUBLIC},
    "notifications.Alert": {EVERY: Record(f"{_after(erasure.ALERTS_KEPT)} after it was over", OPEN, _WORK)},
    "notifications.LanguageReview": {
        "id language catalogue by at ended_at": Record(
            "kept", OPEN, "which words the department vouches for"
        ),
    },
    "notifications.JobRun": {EVERY: Record(_after(erasure.RUNS_KEPT), OPEN, _WORK)},
    "notifications.Heartbeat": {
        EVERY: Record(f"{_after(erasure.BEATS_KEPT)} after the last", CLOSED, _SECURITY)
    },
    # --- who serves here
    "roster.StaffMember": {
        "id agency name rank badge_number is_sworn contact is_demo": Record("kept", OPEN, _POST),
        "user": Record(_ACCOUNT, REVIEW, "whose account it is; RSMo 610.021"),
    },
    "roster.Assignment": {
        "id staff_member area role watch starts_on ends_on is_acting confirmed_on": Record(
            "kept", OPEN, _POST
        ),
    },
    **{
        f"roster.{name}": {EVERY: _PUBLIC}
        for name in (
            *("Agency", "Contact", "Area", "BoundarySet", "Boundary", "Parent"),
            *("Station", "StreetSegment", "AddressPoint", "Edition"),
        )
    },
    # --- what happens when
    "events.Event": {
        "id uid agency kind status title description area_slugs": _PUBLIC,
        "time_zone first_on start_time duration_minutes rrule last_ends_at": _PUBLIC,
        "place_name place_address lat lon join_url cancel_reason sequence revised_at ics": _PUBLIC,
        "agenda access_notes languages takes_registrations capacity program review_on confirmed_at": _PUBLIC,
        "emergency_reason follows": _PUBLIC,
        "confirmed_by": Record("kept", REVIEW, "a ride-along does not name its officer; RSMo 610.021"),
        "organiser": Record("kept", REVIEW, "a ride-along does not name its officer; RSMo 610.021"),
    },
    "events.Event_areas": {EVERY: _PUBLIC},
    "events.OccurrenceOverride": {EVERY: _PUBLIC},
    "events.Occurrence": {EVERY: _PUBLIC},
    "events.ImportedSeries": {EVERY: _PUBLIC},
    "events.EventChange": {
        "id event action sequence at": _PUBLIC,
        "by": Record("kept", OPEN, "which member of staff did what"),
        "details": Record("kept", REVIEW, "names a former organiser, who may be a ride-along's officer"),
    },
    "events.Registration": {
        "id occurrence user status party_size number remind_hours checked_in_at created_at "
        "uid sequence revised_at": Record(_REGISTRATION, REVIEW, "who was where; RSMo 610.021"),
        "code": Record(_REGISTRATION, CLOSED, _SECURITY),
    },
    "events.PersonalFeed": {
        "id user made_at": Record(
            _ACCOUNT, REVIEW, "who has an account, a resident's among them; RSMo 610.021"
        ),
        "token_hash": Record(_ACCOUNT, CLOSED, _SECURITY),
    },
    "events.Meeting": {
        "id occurrence attendance newcomers minutes recorded_at": _PUBLIC,
        "recorded_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "events.Priority": {
        "id area title description action action_on status outcome raised_at created_at closed_at": _PUBLIC,
        "recorded_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "events.Commitment": {
        "id area said_at promise promised_by due_on status outcome created_at closed_at": _PUBLIC,
        "recorded_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "events.Ballot": {
        "id area period voter cast_at_meeting paper_number created_at": Record(
            _ACCOUNT, REVIEW, "how one person voted"
        ),
    },
    "events.BallotRank": {"id ballot priority rank": Record(_ACCOUNT, REVIEW, "how one person voted")},
    "events.CommitmentRating": {
        "id commitment user rating": Record(_ACCOUNT, REVIEW, "what one resident thinks; RSMo 610.021"),
    },
    # --- who takes part in what
    **{
        f"programs.{name}": {EVERY: _PUBLIC}
        for name in ("Rule", "Form", "Topic", "Supply", "Waiver", "Entry", "Docket", "CourtDate")
    },
    "programs.Program": {
        "id slug name kind agency owner summary who applicants cost season contact bring": _PUBLIC,
        "access_notes languages has_public_sessions source source_year verified_on ended_on": _PUBLIC,
        "verified_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "programs.Seat": {"id program user role since until": Record(_ACCOUNT, OPEN, _POST)},
    "programs.Cohort": {
        "id program name mode starts_on ends_on opens_at closes_at places area place_name": _PUBLIC,
        "place_address seed_hash decided_at cancelled_at created_at": _PUBLIC,
        "officer": Record("kept", REVIEW, "which officer coaches whose children; RSMo 610.021"),
        "seed": Record("kept", REVIEW, "decides a draw until its deadline, then published"),
    },
    "programs.RideSlot": {
        "id cohort district cancelled_at": _PUBLIC,
        "area watch officer starts_at ends_at on": Record(
            "kept", REVIEW, "where which officer will be; a security measure, RSMo 610.021(21)"
        ),
    },
    "programs.Application": {
        "name born_on guardian_name guardian_contact answers comment person_index": Record(
            _APPLICATION, REVIEW, "who asked for what, a minor perhaps; RSMo 610.021"
        ),
        "closed_answers": Record(_CLOSED_ANSWERS, CLOSED, "health and the like; RSMo 610.021(5)"),
        "applicant": Record(
            _APPLICATION, REVIEW, "who has an account, a resident's among them; RSMo 610.021"
        ),
        "id program cohort is_for_self form wished_district supply slot former_slot status has_place placed_at turn "
        "rating sequence revised_at created_at erased_at": Record("kept", OPEN, _WORK),
    },
    "programs.ApplicationChange": {
        "id application move status code at": Record("kept", OPEN, _WORK),
        "words": Record(_APPLICATION, REVIEW, "why one person was refused; RSMo 610.021"),
        "by": Record("kept", OPEN, "which member of staff did what"),
    },
    "programs.Screening": {
        "id application outcome on by": Record(
            _APPLICATION, CLOSED, "the outcome of a records check; RSMo 610.120, 43.540"
        ),
    },
    "programs.Signature": {
        "id application waiver role method name witness device_at at document document_hash": Record(
            _SIGNATURE, REVIEW, "a resident's signature; kept while an action may be brought, RSMo 516.120"
        ),
    },
    "programs.Session": {
        "id cohort number topic instructor event cancelled_at sequence revised_at told_sequence": _PUBLIC,
        "starts_at ends_at": Record("kept", REVIEW, "where children will be; RSMo 610.021"),
        "code": Record("kept", CLOSED, _SECURITY),
    },
    "programs.Attendance": {
        "id application session number by at": Record(_APPLICATION, REVIEW, "who was where; RSMo 610.021"),
    },
    "programs.Certificate": {
        "id application issued_on by document document_hash": Record(
            _APPLICATION, REVIEW, "who took part in what; RSMo 610.021"
        ),
    },
    "programs.RegisteredItem": {
        "id owner kind decal make color status created_at": Record(
            _ACCOUNT, REVIEW, "who owns what; RSMo 610.021"
        ),
        "serial serial_index transfer_hash transfer_expires_at": Record(_ACCOUNT, CLOSED, _SECURITY),
    },
    "programs.ItemChange": {
        "id item action words by at": Record(_ACCOUNT, REVIEW, "what happened to a resident's property"),
    },
    "programs.Nomination": {
        "nominator nominator_name nominator_contact child_name born_on school story guardian_name "
        "guardian_contact guardian_agreed_at person_index": Record(
            _NOMINATION, REVIEW, "about a child; shown only as a guardian agreed, RSMo 610.021"
        ),
        "id cohort relation status created_at erased_at": Record("kept", OPEN, _WORK),
        "guardian_asked_by": Record("kept", OPEN, "which member of staff did what"),
    },
    "programs.Score": {
        "id nomination judge points at": Record(_NOMINATION, REVIEW, "one judge's view of a child"),
    },
    "programs.Leader": {
        "id area user organisation invited_by invited_at ended_at": Record(
            _ACCOUNT, REVIEW, "who leads which neighborhood; RSMo 610.021"
        ),
        "code_hash": Record(_ACCOUNT, CLOSED, _SECURITY),
    },
    "programs.Site": {
        "id program area note suggested_at outcome closed_at": _PUBLIC,
        "place concern": Record(
            f"with its concern, or {_after(programs.KEPT)} after it is suggested",
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
    # --- what residents tell
    **{
        f"concerns.{name}": {EVERY: _PUBLIC}
        for name in ("Category", "Question", "Office", "Route", "CannedAnswer", "HelpLine", "FigureTable")
    },
    "concerns.Concern": {
        "id category area desk status disposition submitted_at closed_at anonymised_at erased_at": Record(
            "kept", OPEN, "log of complaints; RSMo 610.200"
        ),
        "is_near_border priority target_at escalated_to first_response_at needs_reading changed_at": (
            _PUBLIC
        ),
        "assigned_to": Record("kept", OPEN, "which member of staff did what"),
        "description answers": Record(_CONCERN, REVIEW, "log of complaints; RSMo 610.200"),
        "address position said_at occurrence": Record(
            _CONCERN, REVIEW, "location of a complaint; RSMo 610.200"
        ),
        "reporter language": Record(_WHO_TOLD, REVIEW, "who complained; RSMo 610.100, 610.200"),
        "phone": Record(_WHO_TOLD, REVIEW, _CONTACT),
        "contact_note": Record(
            _WHO_TOLD,
            CLOSED,
            "how a person may safely be reached; may show who is afraid, RSMo 610.021",
        ),
        "handler_may_know tells_by_text": Record(
            _WHO_TOLD, REVIEW, "how a reporter wants to hear; RSMo 610.021"
        ),
        "asked_at asked_again_at dealt_with": Record(
            "kept", REVIEW, "what one resident thinks; RSMo 610.021"
        ),
        "is_walled cleared_at merged_into": Record("kept", REVIEW, EMPLOYEE),
        "is_sensitive": Record("kept", REVIEW, "may show who is afraid; RSMo 610.021"),
        "phone_index": Record(_WHO_TOLD, CLOSED, _SECURITY),
        "receipt_index passphrase": Record(_CONCERN, CLOSED, _SECURITY),
    },
    "concerns.ConcernReply": {
        "id concern body at by_text": Record(_CONCERN, REVIEW, "log of complaints; RSMo 610.200"),
    },
    "concerns.ConcernChange": {
        "id": _NUMBER,
        "concern status at": Record("kept", OPEN, "log of complaints; RSMo 610.200"),
        "move": Record("kept", REVIEW, f"what was done, which may tell of whom it is about; {EMPLOYEE}"),
        "reason": Record(_CONCERN, REVIEW, "why staff moved it, which may tell of a person; RSMo 610.021"),
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
            "id concern at": Record(_CONCERN, OPEN, _WORK),
            "by": Record(_CONCERN, OPEN, "which member of staff did what"),
            names: Record(_CONCERN, REVIEW, "may tell of a person; RSMo 610.021"),
        }
        for name, names in (("ConcernLetter", "body language"), ("ConcernNote", "body"))
    },
    "concerns.Referral": {
        "id": _NUMBER,
        "concern office referred_at acknowledged_at returned_at": _PUBLIC,
        "reference note outcome": Record(_CONCERN, REVIEW, "may tell of a person; RSMo 610.021"),
        "by": Record("kept", OPEN, "which member of staff did what"),
    },
    "concerns.Photo": {
        "id concern status width height received_at lease_until": Record(_CONCERN, OPEN, _WORK),
        "digest key raw_file file masked_file": Record(_CONCERN, CLOSED, _SECURITY),
    },
    "concerns.Redaction": {
        "id concern part reply question photo start end box provision at": Record(
            _CONCERN, OPEN, "what is withheld, and by which law; RSMo 610.023, 610.024"
        ),
        "by": Record(_CONCERN, OPEN, "which member of staff did what"),
    },
    "concerns.LegalHold": {
        "id concern by since ended_at": Record("kept", REVIEW, "litigation; RSMo 610.021(1)"),
        "reason": Record(_CONCERN, CLOSED, "litigation; RSMo 610.021(1)"),
    },
    "concerns.FatalityReview": {
        "id": _NUMBER,
        "concern final_report changed_at": Record("kept", OPEN, "RSMo 455.560.6"),
        "work_product": Record(_CONCERN, CLOSED, "RSMo 455.560.5"),
        "by": Record("kept", REVIEW, "who worked for the panel; RSMo 455.560.5"),
    },
    "concerns.AboutMeRequest": {
        "id status asked_at decided_at": _PUBLIC,
        "decided_by": Record("kept", OPEN, "which member of staff did what"),
        "page": Record("kept", REVIEW, "where a resident is shown; RSMo 610.021"),
        "words answer": Record(_REQUEST, REVIEW, "a resident's own words, about themselves; RSMo 610.021"),
        "receipt_index": Record(_REQUEST, CLOSED, _SECURITY),
    },
    "concerns.PageFeedback": {
        "id page is_helpful on": _PUBLIC,
        "comment": Record(_after(requests.KEPT), REVIEW, "a resident's own words"),
    },
    "concerns.DeskLook": {
        "id user at": Record(_ACCOUNT, OPEN, "which member of staff did what"),
    },
}


def records_of(model: type[Model]) -> dict[str, Record]:
    """The record of each stored field that has one, in the order of the columns."""
    lines = RECORDS.get(model._meta.label, {})
    named = {name: record for names, record in lines.items() for name in names.split()}
    found = {field.name: named.get(field.name, named.get(EVERY)) for field in model._meta.concrete_fields}
    return {name: record for name, record in found.items() if record}


# --- what is given out of a table -----------------------------------------------------------------------

# Of a concern about an employee: with its area or id, the log would tell that employee's command that it is there.
WALLED_GIVEN = (
    "category",
    "status",
    "disposition",
    "submitted_at",
    "closed_at",
    "anonymised_at",
    "erased_at",
)


def hangs_on_a_concern(model: type[Model]) -> bool:
    return any(
        field.name == "concern" and field.related_model is Concern for field in model._meta.concrete_fields
    )


def open_rows(model: type[Model]) -> QuerySet[Any]:
    """The rows of a log of this model, in order; none of what hangs on a walled concern, nor of what made it so."""
    rows = model._base_manager.order_by("pk")
    if model is ConcernChange:
        rows = rows.exclude(move__in=UNTOLD)
    return rows.exclude(concern__is_walled=True) if hangs_on_a_concern(model) else rows


def open_columns(model: type[Model]) -> dict[str, Any]:
    """Each open field with what is given of it: for a walled concern's, only those of WALLED_GIVEN."""
    names = [name for name, record in records_of(model).items() if record.tag == OPEN]
    if model is not Concern:
        return {name: F(name) for name in names}
    apart = {name: Case(When(is_walled=False, then=F(name))) for name in names if name not in WALLED_GIVEN}
    return {name: apart.get(name, F(name)) for name in names}
