"""What is said of a group, and before somebody writes or tells: who reads it, what becomes public, what is for ever."""

from backend.feedback.workinggroups.models import Consultation, GroupSeat, WorkingGroup

_READERS = (
    "What is told to the group and not published is read by its members and coordinators. Nobody of the police reads "
    "it{civilian}. An administrator of this service reads it only for a stated reason, for an hour, on record, and the "
    "group is told each time."
)
_CIVILIAN = ", but for the civilian employee who holds the seat for one"
# Of a group as a whole.
_PUBLIC_BODY = (
    "This is a public body: its meetings are open, and what is told to it is a public record under RSMo chapter 610. "
    "Comments are published with what became of them, under the name you choose to have shown or none."
)
_NO_PUBLIC_BODY = (
    "This is no public body: what is told to it is not published comment by comment. Its reports show what was heard "
    "in numbers and in its own words."
)
_NAMES_SHOWN = " The names of its members and the seats they hold are public."
_NAMES_HIDDEN = " Who its members are is not public."
# Before a comment is written.
_PUBLIC = (
    "The group is a public body: what you write is a public record under Missouri's Sunshine Law (RSMo chapter 610). "
    "Your words are published with what became of them, without your name unless you have it shown. Leave out what "
    "shows who you or others are."
)
_NOT_PUBLIC = (
    "The group is no public body: how many wrote and what became of it is published, not your words. A court may still "
    "order that they be handed over."
)
_ANSWER = "Each comment gets an answer: accepted, in part, declined or out of scope, with the reason."
_WITHOUT_IDENTITY = (
    "Nobody is required to tell what happened to them. What you lived through can be told without anything that says "
    "who you are; it cannot be found again then, nor answered or taken back."
)
# Before what somebody lived through is told.
NO_STORY = (
    "Nobody is required to tell a story, here or anywhere, and what you say counts no less without one."
)
_NOT_IN_WORDS = (
    "Of what you tell here nobody reads anything before tomorrow, and it is never published as you wrote it."
)
_NO_WAY_BACK = (
    "It is kept without your name, your account, your address and the time. So nothing in it says that it is yours, "
    "and it cannot be found again, answered, changed or taken back, not even by you."
)
_STORY_PUBLIC = (
    "The group is a public body: what you write may be a public record under Missouri's Sunshine Law (RSMo chapter "
    "610). Write no names, and no place or date by which you or others could be known."
)
_STORY_NOT_PUBLIC = (
    "The group is no public body, but a court may order that what it holds be handed over. Write no names, and no "
    "place or date by which you or others could be known."
)
_NOT_A_REPORT = (
    "This is no report to the police and no call for help: nobody answers. In danger call 911. Lines that listen come "
    "first in the directory."
)
HELP_PATH = "/api/v1/directory"
KEPT = "It is kept, with nothing that leads to you. Sent a second time it would be kept twice."


def who_reads(group: WorkingGroup) -> str:
    has_civilian = any(seat.rule == GroupSeat.Rule.NON_SWORN for seat in group.seats.all())
    return _READERS.format(civilian=_CIVILIAN if has_civilian else "")


def what_is_public(group: WorkingGroup) -> str:
    body = _PUBLIC_BODY if group.is_public_body else _NO_PUBLIC_BODY
    return body + (_NAMES_HIDDEN if group.is_discreet else _NAMES_SHOWN)


def before_writing(group: WorkingGroup, call: Consultation) -> list[str]:
    """In the order in which they are shown."""
    notices = [who_reads(group), _PUBLIC if group.is_public_body else _NOT_PUBLIC, _ANSWER]
    return [*notices, _WITHOUT_IDENTITY] if call.takes_testimony else notices


def before_telling(group: WorkingGroup) -> list[str]:
    """In the order in which they are shown, with HELP_PATH beside."""
    record = _STORY_PUBLIC if group.is_public_body else _STORY_NOT_PUBLIC
    return [NO_STORY, who_reads(group), _NOT_IN_WORDS, _NO_WAY_BACK, record, _NOT_A_REPORT]


def shown_of(shown_name: str, call: Consultation) -> str:
    """An identity choice, shown back."""
    if not call.group.is_public_body or call.audience != Consultation.Audience.EVERYBODY:
        return "Your words are not published."
    if shown_name:
        return f"Your words are published with the name “{shown_name}”."
    return "Your words are published without a name."
