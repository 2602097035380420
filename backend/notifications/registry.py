"""What the rooms above tell this one, from their AppConfig.ready: it imports none of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.notifications.languages import Language
    from backend.notifications.models import Recipient

    Answer = Callable[[str, Recipient, Language], str]


@dataclass(frozen=True)
class Kind:
    """What must hold at the moment a message of this kind goes out; a secret one is not kept, nor sent twice."""

    still_true: Callable[[str, datetime], bool]
    needs_consent: bool
    is_secret: bool = False
    may_halt: bool = True


@dataclass(frozen=True)
class Command:
    """What a text that begins with a word is answered (register_command)."""

    answer: "Answer"
    is_private: bool
    also: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Job:
    every: timedelta
    run: Callable[[datetime], object]


KINDS: dict[str, Kind] = {}
TOPICS: dict[str, Callable[[str], bool]] = {}
JOBS: dict[str, Job] = {}
COMMANDS: dict[str, Command] = {}
REPLIES: dict[str, Callable[[str, str, str], bool]] = {}
WITNESSES: list[Callable[..., object]] = []
ALARMS: list[Callable[[str, str], object]] = []
HANDED_ON: list[Callable[[str], object]] = []
KEEPERS: list[Callable[[Any], list[str]]] = []


def register_kind(
    name: str,
    still_true: Callable[[str, datetime], bool],
    *,
    needs_consent: bool = True,
    is_secret: bool = False,
    may_halt: bool = True,
) -> None:
    """`still_true(subject_id, now)` is asked just before a text of this kind leaves.

    Without `needs_consent` it also goes to numbers that have not agreed (never to those that said
    STOP): only for what the person waits for, such as a code or the question itself, and for staff's alarms.
    The words of a secret are erased once it went out or expired, and one of unknown fate is not sent again by
    itself: who waits for it asks for another. Where not `may_halt`, staff cannot stop a notice of this kind: it tells
    people what staff did.
    """
    _add(KINDS, name, Kind(still_true, needs_consent, is_secret, may_halt))


def secret_kinds() -> list[str]:
    return [name for name, kind in KINDS.items() if kind.is_secret]


def register_topic(prefix: str, exists: Callable[[str], bool]) -> None:
    """Topics `prefix:rest` may be followed where `exists(rest)`."""
    _add(TOPICS, prefix, exists)


def register_job(name: str, every: timedelta, run: Callable[[datetime], object]) -> None:
    """`run(now)` once a period, by one worker. A crash may make it run again: it must bear that."""
    _add(JOBS, name, Job(every, run))


# What carriers and providers answer themselves; a command of ours by such a name would never arrive.
CARRIER_STOP = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"))
RESERVED = CARRIER_STOP | {"START", "YES", "UNSTOP", "HELP", "INFO"}


def register_command(
    word: str, answer: "Answer", *, is_private: bool, also: re.Pattern[str] | None = None
) -> None:
    """Texts that begin with the word (upper case) are answered by `answer(rest, recipient, language)`.

    So are those in which `also` finds something, which is then the rest: what people send without the word.
    What is private (an address, a receipt) is not kept with the number: a repeat of such a text is answered
    by asking again, which must change nothing more. Raises ValueError for a reserved word.
    """
    if word in RESERVED:
        raise ValueError(f"{word} is the carriers' own")
    _add(COMMANDS, word, Command(answer, is_private, also))


def register_reply(kind: str, take: Callable[[str, str, str], bool]) -> None:
    """Words that answer a text of this kind go to `take(subject_id, phone_index, words)`; False: not taken any more."""
    _add(REPLIES, kind, take)


def register_witness(note: Callable[..., object]) -> None:
    """What staff do here is told to `note(action, obj, by=, reason=)`, in the same transaction."""
    WITNESSES.append(note)


def witness(action: str, obj: object, *, by: object, reason: str) -> None:
    for note in WITNESSES:
        note(action, obj, by=by, reason=reason)


def register_alarm(ring: Callable[[str, str], object]) -> None:
    """`ring(kind, detail)` when something is newly wrong with the sending as a whole, in its transaction."""
    ALARMS.append(ring)


def register_handed_on(forget: Callable[[str], object]) -> None:
    """`forget(number)` when whoever has the number says that it is not the person we mean."""
    HANDED_ON.append(forget)


def register_keeper(ids_kept_from: Callable[[Any], list[str]]) -> None:
    """`ids_kept_from(user)`: what not even this administrator may know of, for it is about them."""
    KEEPERS.append(ids_kept_from)


def kept_from(user: Any) -> list[str]:
    """Ids of what this user's staff pages leave out, whatever table tells of it."""
    return [object_id for keeper in KEEPERS for object_id in keeper(user)]


def topic_exists(topic: str) -> bool:
    """Whether somebody answers for this topic and knows it."""
    prefix, _, rest = topic.partition(":")
    exists = TOPICS.get(prefix)
    return bool(rest and exists and exists(rest))


def _add(table: dict[str, Any], name: str, entry: object) -> None:
    if name in table:
        raise ValueError(f"{name} is registered twice")
    table[name] = entry
