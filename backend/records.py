"""Every stored field that says something about a person: when it ends, and what the Sunshine Law makes of it.

`tests/test_records.py` fails where a model gains a personal-looking field without a line here. Missouri's
Sunshine Law is RSMo chapter 610; REVIEW means that counsel decides before a record is given out.
"""

from typing import Literal, NamedTuple

OPEN: Literal["open"] = "open"
CLOSED: Literal["closed"] = "closed"
REVIEW: Literal["review"] = "review"


class Record(NamedTuple):
    """`ends`: when `prune` erases it, or what else ends it. `basis`: why it is closed or must be reviewed."""

    ends: str
    tag: Literal["open", "closed", "review"]
    basis: str


_CONTACT = "a resident's own number or address; RSMo 610.021"
_PUBLIC_POST = "who holds a public post, and how the post is reached, is public"
# Two years more than those in which an action may be brought (RSMo 516.120); counsel may name another term.
_AUDIT_ENDS = "7 years after the newest row of its batch; the seal stays"
_AUDIT = "what staff looked at, and why; may show an inquiry, RSMo 610.100"

RECORDS: dict[str, Record] = {
    "accounts.User.email": Record("with the account", REVIEW, _CONTACT),
    "accounts.User.email_index": Record("with the account", CLOSED, "a security measure; RSMo 610.021(21)"),
    "accounts.User.phone": Record("with the account", REVIEW, _CONTACT),
    "accounts.User.phone_index": Record("with the account", CLOSED, "a security measure; RSMo 610.021(21)"),
    "accounts.User.password": Record("with the account", CLOSED, "a security measure; RSMo 610.021(21)"),
    "accounts.IdempotencyKey.answer": Record("8 days", REVIEW, "a copy of an answer to a resident"),
    "accounts.AuditRow.actor": Record(_AUDIT_ENDS, REVIEW, _AUDIT),
    "accounts.AuditRow.reason": Record(_AUDIT_ENDS, REVIEW, _AUDIT),
    "notifications.Recipient.address": Record(
        "90 days after the last change, once nothing is followed", REVIEW, _CONTACT
    ),
    "notifications.Recipient.address_index": Record(
        "with the address; after a STOP kept while it is in force",
        CLOSED,
        "a security measure; RSMo 610.021(21)",
    ),
    "notifications.Subscription.topic": Record(
        "with the recipient, or when the topic ends", REVIEW, "what one follows"
    ),
    "notifications.Subscription.recipient": Record(
        "with the topic or the recipient", REVIEW, "what one follows"
    ),
    "notifications.Consent.recipient": Record(
        "with the recipient; after a STOP kept", REVIEW, "proof of agreement"
    ),
    "notifications.Message.recipient": Record(
        "90 days after the notice expired", REVIEW, "who was told what"
    ),
    "notifications.Reply.recipient": Record("30 days", REVIEW, "who wrote"),
    "notifications.Notice.body": Record(
        "90 days after it expired", REVIEW, "may be about one person's matter"
    ),
    "notifications.Reply.body": Record("30 days", REVIEW, "a resident's own words"),
    "concerns.Concern.description": Record(
        "2 years after closing", REVIEW, "log of complaints; RSMo 610.200"
    ),
    "concerns.Concern.address": Record(
        "2 years after closing", REVIEW, "location of a complaint; RSMo 610.200"
    ),
    "concerns.Concern.position": Record(
        "2 years after closing", REVIEW, "location of a complaint; RSMo 610.200"
    ),
    "concerns.Concern.reporter": Record(
        "2 years after closing", REVIEW, "who complained; RSMo 610.100, 610.200"
    ),
    "concerns.Concern.receipt_index": Record(
        "2 years after closing", CLOSED, "a security measure; RSMo 610.021(21)"
    ),
    "roster.StaffMember.name": Record("kept", OPEN, _PUBLIC_POST),
    "roster.StaffMember.rank": Record("kept", OPEN, _PUBLIC_POST),
    "roster.StaffMember.badge_number": Record("kept", OPEN, _PUBLIC_POST),
    "roster.StaffMember.contact": Record("kept", OPEN, _PUBLIC_POST),
    "concerns.ConcernChange.by": Record("kept", OPEN, "which member of staff did what"),
    "events.EventChange.by": Record("kept", OPEN, "which member of staff did what"),
    "roster.StaffMember.user": Record("with the account", OPEN, _PUBLIC_POST),
    "events.Event.organiser": Record("kept", OPEN, _PUBLIC_POST),
}
