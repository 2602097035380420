"""What a record of a field says, and the words that many share."""

from datetime import timedelta
from typing import Literal, NamedTuple

from backend.accounts import audit
from backend.events.services import registrations
from backend.feedback.concerns.models import Category
from backend.feedback.concerns.services import requests
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


def after(kept: timedelta) -> str:
    return f"{kept.days // 365} years" if kept.days % 365 == 0 else f"{kept.days} days"


SECURITY = "a security measure; RSMo 610.021(21)"
CONTACT = "a resident's own number or address; RSMo 610.021"
POST = "who holds a public post, and how the post is reached, is public"
EMPLOYEE = "about an employee; RSMo 610.021(3), 610.021(13)"
WORK = "the department's own work; open unless a statute closes it, RSMo 610.011"

PUBLIC = Record("kept", OPEN, WORK)
NUMBER = Record("kept", CLOSED, "a running number counts what is withheld; RSMo 610.021(3)")
ACCOUNT = "with the account"
RECIPIENT = f"{after(erasure.RECIPIENTS_KEPT)} after the last change; an account may keep it longer"
NOTICE = f"{after(erasure.NOTICES_KEPT)} after the notice expired"
REPLY = after(erasure.REPLIES_KEPT)
REGISTRATION = f"{after(registrations.KEPT)} after the date"
BY_CATEGORY = "after closing as its category says ({} days unless set otherwise); under a legal hold later"
WHO_TOLD = BY_CATEGORY.format(Category._meta.get_field("anonymise_after_days").default)
CONCERN = BY_CATEGORY.format(Category._meta.get_field("erase_after_days").default)
REQUEST = f"{after(requests.KEPT)} after it was decided"
APPLICATION = f"{after(programs.KEPT)} after the cohort's end"
CLOSED_ANSWERS = f"{after(programs.CLOSED_ANSWERS_KEPT)} after the cohort's end"
SIGNATURE = f"{after(programs.SIGNATURES_KEPT)} after the cohort's end"
NOMINATION = (
    f"{after(programs.NOMINATIONS_KEPT)} after the month's end; who is honored, {after(programs.KEPT)}"
)
LOG = after(LOG_KEPT)
# Two years more than those in which an action may be brought (RSMo 516.120); counsel may name another term.
AUDIT = f"{after(audit.KEPT)} after the newest row of its batch; the seal stays"
