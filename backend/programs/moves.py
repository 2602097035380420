"""Where an application may go from where it is. Pure: no database.

`review`, `waitlist` and `accept` also happen by themselves, by the cohort's mode; each is then a line of the
timeline without a person.
"""

from backend.programs.models.applications import LIVE, Application

S = Application.Status

# move → (from, to)
MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "review": ((S.SUBMITTED,), S.UNDER_REVIEW),
    "ask": ((S.UNDER_REVIEW,), S.ACTION_NEEDED),
    "answer": ((S.ACTION_NEEDED,), S.UNDER_REVIEW),
    "waitlist": ((S.UNDER_REVIEW, S.ACTION_NEEDED), S.WAITLISTED),
    "accept": ((S.UNDER_REVIEW, S.WAITLISTED), S.ACCEPTED),
    "decline": ((S.UNDER_REVIEW, S.ACTION_NEEDED, S.WAITLISTED), S.DECLINED),
    # A place freed for somebody who is not ready for it yet: it is kept for them meanwhile.
    "hold": ((S.WAITLISTED,), S.UNDER_REVIEW),
    # The department took the slot back and has no other: first in the line.
    "bump": ((S.ACCEPTED,), S.WAITLISTED),
    # The place stays kept, but something is missing again, such as the waiver's new text.
    "recheck": ((S.ACCEPTED,), S.UNDER_REVIEW),
    # Kept for too long without the applicant's signature: the end of the line.
    "lapse": ((S.SUBMITTED, S.UNDER_REVIEW, S.ACTION_NEEDED), S.WAITLISTED),
    "complete": ((S.ACCEPTED,), S.COMPLETED),
    "no-show": ((S.ACCEPTED,), S.NO_SHOW),
    "call-off": (LIVE, S.DECLINED),  # the whole cohort is
    "reinstate": ((S.NO_SHOW,), S.ACCEPTED),  # they were there after all
    "withdraw": (LIVE, S.WITHDRAWN),
}
BY_STAFF = ("review", "ask", "waitlist", "accept", "decline", "complete", "no-show", "reinstate")
# Moves with which staff tell the applicant why, in plain words.
EXPLAINED = ("ask", "decline")
# Why somebody is declined, for figures.
REASONS = {
    "not_eligible": "a rule of the program is not met",
    "not_cleared": "the records check",
    "incomplete": "what was asked for did not come",
    "no_places": "there are no more places",
    "called_off": "it does not take place",
    "other": "another reason",
}
