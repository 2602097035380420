"""Whom to turn to instead, or first: numbers by what the words are about, and what is not taken here."""

from typing import Any

from backend.errors import Unprocessable
from backend.feedback.concerns.models import HelpLine
from backend.feedback.concerns.notices import WARNING, may_go_on, say
from backend.feedback.concerns.warnings import find_warnings
from backend.notifications.languages import vouched_for

MISCONDUCT, STAFF_REPORT = NOT_TAKEN = ("misconduct", "staff_report")

# What the Civilian Oversight Board takes, said before anything is typed into a form of ours.
OVERSIGHT = (
    "Complaints of misconduct go to the Civilian Oversight Board, not to us. It takes them signed, from a person "
    "directly involved (or a minor's guardian), not anonymously, and gives a copy to Internal Affairs."
)
# RSMo 105.055: no supervisor may forbid or punish that a public employee discloses wrongdoing.
STAFF = (
    "What employees have to report about their own department is not taken here, where the department reads it. "
    "Missouri law (RSMo 105.055) protects public employees who disclose wrongdoing; use one of the channels named "
    "here."
)
NOTHING_KEPT = "Nothing of what you wrote was kept: your words are yours to take there."
FACTS: dict[str, tuple[str, ...]] = {
    MISCONDUCT: (
        "The complaint is signed.",
        "It comes from a person directly involved, or from a minor's parent or guardian.",
        "It is not anonymous.",
        "Internal Affairs of the police gets a copy.",
    ),
    STAFF_REPORT: (
        "Missouri law (RSMo 105.055) protects public employees who disclose wrongdoing from being punished for it.",
        "What is sent through this app is read by the department, and is no such disclosure.",
        "Think of asking a lawyer of your own, or your union, first.",
    ),
}
KINDS: dict[str, tuple[HelpLine.Kind, ...]] = {
    MISCONDUCT: (HelpLine.Kind.OVERSIGHT,),
    STAFF_REPORT: (HelpLine.Kind.STAFF, HelpLine.Kind.OVERSIGHT),
}
_TYPES = {MISCONDUCT: "civilian-oversight-board", STAFF_REPORT: "staff-channels"}
_TITLES = {MISCONDUCT: "This belongs before the Board", STAFF_REPORT: "This belongs to another channel"}
DETAILS = {MISCONDUCT: OVERSIGHT, STAFF_REPORT: STAFF}


def refuse_not_taken(category: str, description: str) -> None:
    """Raises Unprocessable for what others take, with their rules and how to reach them; nothing is kept.

    `your_words` goes back, so that the phone can keep them for the person; what staff report only they have.
    """
    if category not in NOT_TAKEN:
        return
    words = {"your_words": description} if category == MISCONDUCT else {}
    raise Unprocessable(
        f"{DETAILS[category]} {NOTHING_KEPT}",
        type=_TYPES[category],
        title=_TITLES[category],
        facts=list(FACTS[category]),
        lines=lines(*KINDS[category]),
        **words,
    )


def lines(*kinds: str) -> list[dict[str, Any]]:
    """The help lines of some kinds, in the order of the kinds."""
    found = sorted(HelpLine.objects.filter(kind__in=kinds), key=lambda line: kinds.index(line.kind))
    return [
        {
            "kind": line.kind,
            "name": line.name,
            "call": line.call,
            "text": line.text,
            "web": line.web,
            "hours": line.hours,
            "source": line.source,
            "verified_on": line.verified_on and line.verified_on.isoformat(),
        }
        for line in found
    ]


def warnings_of(text: str, language: str) -> list[dict[str, Any]]:
    """What the text's wording calls for, as `said_of` says it."""
    return said_of(find_warnings(text), language)


def said_of(kinds: list[str], language: str) -> list[dict[str, Any]]:
    """For each kind (warnings.KINDS) words in that language with the English beside, and whom to call."""
    if not kinds:
        return []
    reviewed = {vouched.code for vouched in vouched_for()}
    numbers = lines(*kinds)
    return [
        {
            "kind": kind,
            **say(WARNING[kind], language, reviewed),
            "lines": [line for line in numbers if line["kind"] == kind],
        }
        for kind in kinds
    ]


def stop_if_urgent(kinds: list[str], language: str) -> None:
    """Raises Unprocessable (`may-be-urgent`) with what is said of these kinds, if there are any."""
    if found := said_of(kinds, language):
        go_on = say(may_go_on, language, {vouched.code for vouched in vouched_for()})
        raise Unprocessable(
            "This may be urgent, and nobody here reads it at once. Look at the numbers first. To send it all the same, "
            'send it again with "goes_on": true; nothing has been kept.',
            type="may-be-urgent",
            title="This may be urgent",
            warnings=found,
            go_on=go_on,
        )
