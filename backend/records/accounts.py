"""Who is asking, and texts."""

from collections.abc import Mapping

from backend.accounts import codes, idempotency
from backend.notifications import erasure
from backend.records.tags import (
    ACCOUNT,
    AUDIT,
    CLOSED,
    CONTACT,
    EVERY,
    LOG,
    NOTICE,
    OPEN,
    PUBLIC,
    RECIPIENT,
    REPLY,
    REVIEW,
    SECURITY,
    WORK,
    Record,
    after,
)

RECORDS: Mapping[str, Mapping[str, Record]] = {
    # --- who is asking
    "accounts.User": {
        "email phone": Record(ACCOUNT, REVIEW, CONTACT),
        "code_word": Record(ACCOUNT, CLOSED, SECURITY),
        "email_index phone_index password": Record(ACCOUNT, CLOSED, SECURITY),
        "safe_at_home mailing_address": Record(
            ACCOUNT, CLOSED, "the address confidentiality program; RSMo 589.660 to 589.683"
        ),
        "id kind is_active is_administrator created_at last_login": Record(
            ACCOUNT, REVIEW, "who has an account, a resident's among them; RSMo 610.021"
        ),
    },
    "accounts.AuditRow": {
        "id at actor actor_kind action object_type object_id fields reason request_id seal": Record(
            AUDIT, REVIEW, "what staff looked at, and why; may show an inquiry, RSMo 610.100"
        ),
    },
    "accounts.AuditSeal": {EVERY: Record("kept", OPEN, WORK)},
    "accounts.IdempotencyKey": {
        "key_hash body_hash claim": Record(after(idempotency.KEPT_FOR), CLOSED, SECURITY),
        "id claimed_at status answer": Record(
            after(idempotency.KEPT_FOR), REVIEW, "a copy of an answer to a resident"
        ),
    },
    "accounts.Session": {
        "session_key session_data": Record("when it expires", CLOSED, SECURITY),
        "id client user created_at seen_at expire_date": Record(
            "when it expires", REVIEW, "who has an account, a resident's among them; RSMo 610.021"
        ),
    },
    "accounts.StaffInvitation": {
        "id user token_hash made_at expires_at": Record("when it expires or is taken", CLOSED, SECURITY),
    },
    "accounts.SignInCode": {
        "id address_index code is_alive guesses sent_at expires_at": Record(
            after(codes.DAY), CLOSED, SECURITY
        ),
    },
    "accounts.CodeBudget": {EVERY: Record(after(codes.BUDGETS_KEPT), OPEN, WORK)},
    "mfa.Authenticator": {
        "id user type data created_at last_used_at": Record(ACCOUNT, CLOSED, SECURITY),
    },
    # The library's own lists of addresses, which nothing writes to.
    "account.EmailAddress": {"id user email verified primary": Record(ACCOUNT, REVIEW, CONTACT)},
    "account.EmailConfirmation": {
        "id email_address created sent key": Record(ACCOUNT, CLOSED, SECURITY),
    },
    "admin.LogEntry": {
        "id action_time user content_type object_id object_repr action_flag change_message": Record(
            LOG, REVIEW, "which member of staff changed what"
        ),
    },
    "auth.Group": {EVERY: PUBLIC},
    "auth.Group_permissions": {EVERY: PUBLIC},
    "auth.Permission": {EVERY: PUBLIC},
    "contenttypes.ContentType": {EVERY: PUBLIC},
    # --- texts
    "notifications.Recipient": {
        "address": Record(RECIPIENT, REVIEW, CONTACT),
        "address_index": Record("with the address; after a STOP kept while it is in force", CLOSED, SECURITY),
        "id channel consent language time_zone unusable_reason created_at changed_at": Record(
            f"{RECIPIENT}; after a STOP kept", REVIEW, "who gets texts"
        ),
        "hours_from hours_until is_discreet never_contact in_doubt_since instead": Record(
            ACCOUNT, CLOSED, "how a person may safely be reached; may show who is afraid, RSMo 610.021"
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
            f"{after(erasure.NOTICES_KEPT)} after it expired", REVIEW, "may be about one person's matter"
        ),
    },
    "notifications.Message": {
        "id notice recipient channel status reason urgency segments": Record(
            NOTICE, REVIEW, "who was told what"
        ),
        "due_at lease_until attempts_made settled_at": Record(NOTICE, REVIEW, "who was told when"),
    },
    "notifications.Attempt": {EVERY: Record(NOTICE, REVIEW, "who was told what")},
    "notifications.Receipt": {EVERY: Record(NOTICE, REVIEW, "who was told what")},
    "notifications.Reply": {
        "id provider_id recipient body answer needs_reading at": Record(
            REPLY, REVIEW, "a resident's own words"
        ),
    },
    "notifications.Sender": {EVERY: PUBLIC},
    "notifications.Alert": {EVERY: Record(f"{after(erasure.ALERTS_KEPT)} after it was over", OPEN, WORK)},
    "notifications.LanguageReview": {
        "id language catalogue by at ended_at": Record(
            "kept", OPEN, "which words the department vouches for"
        ),
    },
    "notifications.JobRun": {EVERY: Record(after(erasure.RUNS_KEPT), OPEN, WORK)},
    "notifications.Heartbeat": {
        EVERY: Record(f"{after(erasure.BEATS_KEPT)} after the last", CLOSED, SECURITY)
    },
}
