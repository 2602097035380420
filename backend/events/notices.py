"""What followers of a series are texted when it changes, and whether that is still true on sending."""

import unicodedata
from datetime import datetime

from backend.events.models import Event, OccurrenceOverride
from backend.events.recurrence import in_words

ONE_TEXT = 160  # characters of the GSM 7-bit alphabet
_TYPOGRAPHY = str.maketrans({"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})


def _plain(words: str) -> str:
    """Characters that every phone's cheapest encoding has: one odd one would halve the text."""
    ascii_only = unicodedata.normalize("NFKD", words.translate(_TYPOGRAPHY)).encode("ascii", "ignore")
    return " ".join(ascii_only.decode().split())


def _short(words: str, room: int) -> str:
    plain = _plain(words)
    return plain if len(plain) <= room else f"{plain[: max(room - 3, 0)].rstrip(' ,.;:-')}..."


def _text(head: str, reason: str, link: str) -> str:
    room = ONE_TEXT - len(head) - len(link) - 2
    reason = _short(reason, room) if reason and room >= 12 else ""
    return " ".join(filter(None, (head, reason, link)))


def cancelled(*, title: str, start: datetime, place: str, reason: str, link: str) -> str:
    """One date will not take place; `start` is local."""
    head = f"Cancelled: {_short(title, 28)}, {in_words(start)}, {_short(place, 20)}."
    return _text(head, reason, link)


def moved(*, title: str, old: datetime, new: datetime, place: str, reason: str, link: str) -> str:
    """One date has another time or place; both times are local."""
    when = in_words(new) if old == new else f"{in_words(old)} -> {in_words(new)}"
    return _text(f"Moved: {_short(title, 28)}, {when}, {_short(place, 20)}.", reason, link)


def series_cancelled(*, title: str, start: datetime, place: str, reason: str, link: str) -> str:
    """No further date will take place; `start` is the next one, local."""
    head = f"Cancelled: {_short(title, 28)}, all dates from {in_words(start)}, {_short(place, 20)}."
    return _text(head, reason, link)


def subject(event: Event, recurrence_id: str) -> str:
    """What a notice is about, as `still_true` reads it: series, date ("" for all) and SEQUENCE."""
    return f"{event.id}:{recurrence_id}:{event.sequence}"


def still_true(subject_id: str, now: datetime) -> bool:
    """Whether the change that the text tells of is still how it stands."""
    event_id, recurrence_id, sequence = subject_id.split(":")
    if not recurrence_id:
        return Event.objects.filter(pk=event_id, status=Event.Status.CANCELLED, sequence=sequence).exists()
    # A date has one override, which keeps the SEQUENCE of its own last change.
    return OccurrenceOverride.objects.filter(
        event_id=event_id, event__status=Event.Status.PUBLISHED, sequence=sequence
    ).exists()
