"""What followers of a series are texted when it changes, and whether that is still true on sending."""

import unicodedata
from datetime import datetime

from django.db.models import Q

from backend.events.models import Event, OccurrenceOverride
from backend.events.recurrence import from_basic

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


def cancelled(*, title: str, when: str, place: str, reason: str, link: str) -> str:
    """One date will not take place."""
    head = f"Cancelled: {_short(title, 28)}, {when}, {_short(place, 20)}."
    return _text(head, reason, link)


def moved(*, title: str, old: str, new: str, place: str, reason: str, link: str) -> str:
    """One date has another time or place."""
    when = new if old == new else f"{old} -> {new}"
    return _text(f"Moved: {_short(title, 28)}, {when}, {_short(place, 20)}.", reason, link)


def restored(*, title: str, when: str, place: str, link: str) -> str:
    """One date takes place after all, as the series has it."""
    return _text(f"On again: {_short(title, 28)}, {when}, {_short(place, 20)}.", "", link)


def series_cancelled(*, title: str, when: str, place: str, reason: str, link: str) -> str:
    """No further date will take place; `when` is the next one."""
    head = f"Cancelled: {_short(title, 28)}, all dates from {when}, {_short(place, 20)}."
    return _text(head, reason, link)


def series_split(*, title: str, when: str, place: str, link: str) -> str:
    """From a date on the series is another one; `when` is its first date, and `link` its page."""
    return _text(f"New times: {_short(title, 28)} goes on from {when}, {_short(place, 20)}.", "", link)


def promoted(*, title: str, when: str, place: str, link: str) -> str:
    """Somebody who waited has a place."""
    return _text(f"You have a place: {_short(title, 28)}, {when}, {_short(place, 20)}.", "", link)


def reminder(*, title: str, when: str, place: str, link: str) -> str:
    """Of a date that somebody registered for."""
    return _text(f"Reminder: {_short(title, 28)}, {when}, {_short(place, 20)}.", "", link)


def subject(event: Event, recurrence_id: str) -> str:
    """What a notice is about, as `still_true` reads it: series, date ("" for all) and SEQUENCE."""
    return f"{event.id}:{recurrence_id}:{event.sequence}"


def still_true(subject_id: str, now: datetime) -> bool:
    """Whether the change that the text tells of is still how it stands."""
    event_id, recurrence_id, sequence = subject_id.split(":")
    if not recurrence_id:
        return Event.objects.filter(pk=event_id, status=Event.Status.CANCELLED, sequence=sequence).exists()
    # A date has one override, which keeps the SEQUENCE of its own last change.
    # A series that was split took later dates along.
    there = Q(event_id=event_id) | Q(event__follows_id=event_id)
    return OccurrenceOverride.objects.filter(
        there, event__status=Event.Status.PUBLISHED, sequence=sequence
    ).exists()


def still_as_planned(subject_id: str, now: datetime) -> bool:
    """Whether the date takes place as its series has it, which is then published."""
    event_id, day, _ = subject_id.split(":")
    event = Event.objects.filter(pk=event_id, status=Event.Status.PUBLISHED).first()
    start = event and from_basic(day, event.time_zone)
    return bool(event and start and event.occurrences.filter(recurrence_id=start, status="scheduled"))


def still_goes_on(subject_id: str, now: datetime) -> bool:
    """Whether the series that the text announces is still there, unchanged since."""
    event_id, _, sequence = subject_id.split(":")
    return Event.objects.filter(pk=event_id, status=Event.Status.PUBLISHED, sequence=sequence).exists()
