"""What followers of a series are texted when it changes, and whether that is still true on sending."""

import unicodedata
from datetime import datetime

from django.db.models import Q

from backend.events.models import Event, OccurrenceOverride
from backend.events.recurrence import day_in_words, from_basic, in_words
from backend.notifications import links
from backend.notifications.languages import ENGLISH, Language, in_each
from backend.notifications.links import LINK
from backend.notifications.segments import is_gsm7, plainer, room
from backend.notifications.sensitive import is_sensitive, unless_sensitive

REASON = "{reason}"  # where staff's own words go
TITLE, PLACE = 28, 20  # characters of each that a text has room for


def _short(words: str, most: int) -> str:
    """Letters keep their accents; pictures, of which one would double the text's price, go."""
    letters = "".join(
        c for c in plainer(words) if unicodedata.category(c) not in ("So", "Sk", "Cs", "Co", "Cn")
    )
    plain = " ".join(letters.split())
    return plain if len(plain) <= most else f"{plain[: most - 3].rstrip(' ,.;:-')}..."


def _what(language: Language, event: Event) -> str:
    """The series' title or, in another language, and instead of a sensitive one, what kind of meeting it is."""
    if language.code == "en" and not is_sensitive(event.title):
        return _short(event.title, TITLE)
    return language.say(Event.Kind(event.kind).label.capitalize())


def when(language: Language, event: Event, moment: datetime) -> str:
    """A date as the language writes it; of what is known by its day, the day."""
    local = moment.astimezone(event.tz)
    if language.code == "en":
        return day_in_words(local) if event.is_whole_day else in_words(local)
    return language.day(local) if event.is_whole_day else language.when(local)


def in_english(event: Event, moment: datetime) -> str:
    """The same on pages, which are in English."""
    return when(ENGLISH, event, moment)


def _with_reason(language: Language, text: str, reason: str) -> str:
    """Staff's own words after ours where they are English and cost no further segment."""
    if language.code != "en" or not reason:
        return text.replace(REASON, "")
    reason = unless_sensitive(reason)
    bare = text.replace(REASON, "").replace(LINK, links.longest())
    reason = _short(reason, 100)
    if not is_gsm7(reason):
        reason = reason if not is_gsm7(bare) else reason.encode("ascii", "ignore").decode()
    left = room(bare) - 1
    reason = _short(reason, left) if left >= 12 else ""
    return text.replace(REASON, f" {reason}" if reason else "")


def cancelled(event: Event, moment: datetime, place: str, reason: str) -> dict[str, str]:
    """One date will not take place."""
    return in_each(
        lambda language: _with_reason(
            language,
            language.say(
                "Cancelled: {what}, {when}, {place}.{reason} {link}", **facts(language, event, moment, place)
            ),
            reason,
        )
    )


def moved(event: Event, old: datetime, new: datetime, place: str, reason: str) -> dict[str, str]:
    """One date has another time or place."""

    def render(language: Language) -> str:
        told = facts(language, event, new, place)
        if old != new:
            told["when"] = f"{when(language, event, old)} -> {told['when']}"
        text = language.say("Moved: {what}, {when}, {place}.{reason} {link}", **told)
        return _with_reason(language, text, reason)

    return in_each(render)


def restored(event: Event, moment: datetime) -> dict[str, str]:
    """One date takes place after all, as the series has it."""
    return in_each(
        lambda language: language.say(
            "On again: {what}, {when}, {place}. {link}", **facts(language, event, moment, event.place_name)
        )
    )


def series_cancelled(event: Event, following: datetime, reason: str) -> dict[str, str]:
    """No further date will take place; `following` is the next one."""
    return in_each(
        lambda language: _with_reason(
            language,
            language.say(
                "Cancelled: {what}, all dates from {when}, {place}.{reason} {link}",
                **facts(language, event, following, event.place_name),
            ),
            reason,
        )
    )


def series_split(event: Event, first: datetime) -> dict[str, str]:
    """From a date on the series is another one, `event`; `first` is its first date."""
    return in_each(
        lambda language: language.say(
            "New times: {what} goes on from {when}, {place}. {link}",
            **facts(language, event, first, event.place_name),
        )
    )


def promoted(event: Event, moment: datetime, place: str) -> dict[str, str]:
    """Somebody who waited has a place."""
    return in_each(
        lambda language: language.say(
            "You have a place: {what}, {when}, {place}. {link}", **facts(language, event, moment, place)
        )
    )


def reminder(event: Event, moment: datetime, place: str) -> dict[str, str]:
    """Of a date that somebody registered for or follows."""
    return in_each(
        lambda language: language.say(
            "Reminder: {what}, {when}, {place}. {link}", **facts(language, event, moment, place)
        )
    )


def facts(language: Language, event: Event, moment: datetime, place: str) -> dict[str, str]:
    """What, when and where, as the language says it, with the room that a text has."""
    return {
        "what": _what(language, event),
        "when": when(language, event, moment),
        "place": _short(place, PLACE),
        "reason": REASON,
        "link": LINK,
    }


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
