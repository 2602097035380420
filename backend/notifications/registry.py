"""What the rooms above tell this one, from their AppConfig.ready: it imports none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Kind:
    """What must hold at the moment a message of this kind goes out; a secret one is not kept, nor sent twice."""

    still_true: Callable[[str, datetime], bool]
    needs_consent: bool
    is_secret: bool = False


@dataclass(frozen=True)
class Job:
    every: timedelta
    run: Callable[[datetime], object]


KINDS: dict[str, Kind] = {}
TOPICS: dict[str, Callable[[str], bool]] = {}
JOBS: dict[str, Job] = {}


def register_kind(
    name: str,
    still_true: Callable[[str, datetime], bool],
    *,
    needs_consent: bool = True,
    is_secret: bool = False,
) -> None:
    """`still_true(subject_id, now)` is asked just before a text of this kind leaves.

    Without `needs_consent` it also goes to numbers that have not agreed (never to those that said
    STOP): only for what the person asked for this minute, such as a code or the question itself.
    The words of a secret are erased once it went out or expired, and one of unknown fate is not sent again by
    itself: who waits for it asks for another.
    """
    _add(KINDS, name, Kind(still_true, needs_consent, is_secret))


def secret_kinds() -> list[str]:
    return [name for name, kind in KINDS.items() if kind.is_secret]


def register_topic(prefix: str, exists: Callable[[str], bool]) -> None:
    """Topics `prefix:rest` may be followed where `exists(rest)`."""
    _add(TOPICS, prefix, exists)


def register_job(name: str, every: timedelta, run: Callable[[datetime], object]) -> None:
    """`run(now)` once a period, by one worker. A crash may make it run again: it must bear that."""
    _add(JOBS, name, Job(every, run))


def topic_exists(topic: str) -> bool:
    """Whether somebody answers for this topic and knows it."""
    prefix, _, rest = topic.partition(":")
    exists = TOPICS.get(prefix)
    return bool(rest and exists and exists(rest))


def _add(table: dict[str, Any], name: str, entry: object) -> None:
    if name in table:
        raise ValueError(f"{name} is registered twice")
    table[name] = entry
