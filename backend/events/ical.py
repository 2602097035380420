"""Series as iCalendar (RFC 5545, RFC 7986), by the rules that real calendar programs taught.

Pure: no request, no clock, no settings. The same state gives the same bytes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from backend.events.recurrence import day_in_words, in_words

# By hand: generated ones list dates, or begin summer at 03:00, and some programs then show it an hour off.
VTIMEZONE = {
    "America/Chicago": b"""\
BEGIN:VTIMEZONE
TZID:America/Chicago
BEGIN:DAYLIGHT
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
TZNAME:CDT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
TZNAME:CST
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
END:VTIMEZONE
""".replace(b"\n", b"\r\n")
}


@dataclass(frozen=True)
class Place:
    """Where: a name and, where known, an address and a WGS84 point."""

    name: str
    address: str = ""
    lat: float | None = None
    lon: float | None = None

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.name, self.address)))


@dataclass(frozen=True)
class Change:
    """What is different about one date. `recurrence_id` is the start that the rule gave it; all aware.

    A cancelled date keeps its times. `place` None means the series' own.
    """

    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    reason: str = ""
    place: Place | None = None


@dataclass(frozen=True)
class Series:
    """A series as published. Times are aware, in the zone whose IANA name is `time_zone`.

    Of one with `is_whole_day` only the days are written; `languages` are names, `follows_uid` that of the series
    before it.
    """

    uid: str
    sequence: int
    revised_at: datetime
    title: str
    category: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: Place
    url: str
    rrule: str = ""
    description: str = ""
    agenda: str = ""
    access_notes: str = ""
    languages: tuple[str, ...] = ()
    emergency_reason: str = ""
    takes_registrations: bool = False
    is_whole_day: bool = False
    follows_uid: str = ""
    join_url: str = ""
    organiser: str = ""
    cancelled: bool = False
    reason: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Booking:
    """Somebody's own place at one date, for their own calendar. `note` is for their eyes, such as the code."""

    uid: str
    sequence: int
    revised_at: datetime
    state: Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]
    note: str
    remind_hours: tuple[int, ...] = ()


# --- lines --------------------------------------------------------------------------------------------

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")


def text(value: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11): escaped once, without control characters."""
    value = _CONTROL.sub("", _BREAKS.sub("\n", value))
    return value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def fold(line: str) -> bytes:
    """A content line with its CRLF, folded at 75 octets and never inside a character (RFC 5545, 3.1)."""
    data, pieces, room = line.encode(), [], 75
    while len(data) > room:
        cut = room
        while data[cut] & 0xC0 == 0x80:
            cut -= 1
        pieces.append(data[:cut])
        data, room = data[cut:], 74
    return b"\r\n ".join([*pieces, data]) + b"\r\n"


def _line(value: str) -> str:
    """One line of words; a double quote could not stand in a parameter beside it (RFC 5545, 3.2)."""
    return " ".join(_CONTROL.sub("", _BREAKS.sub(" ", value)).split()).replace('"', "'")


def _parameter(value: str) -> str:
    return f'"{value.replace("^", "^^")}"'  # RFC 6868


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _local(name: str, moment: datetime, series: Series) -> str:
    local = moment.astimezone(series.starts_at.tzinfo)
    if series.is_whole_day:
        return f"{name};VALUE=DATE:{local:%Y%m%d}"
    return f"{name};TZID={series.time_zone}:{local:%Y%m%dT%H%M%S}"


# --- events -------------------------------------------------------------------------------------------


def _place_lines(place: Place) -> list[str]:
    # Apple shows a map only where LOCATION equals the structured title and address.
    name, address = _line(place.name), _line(place.address)
    location = "\n".join(filter(None, (name, address)))
    lines = [f"LOCATION:{text(location)}"] if location else []
    if place.lat is None or place.lon is None:
        return lines
    titled = f";X-ADDRESS={_parameter(address)}" if address else ""
    lat, lon = f"{place.lat:.6f}", f"{place.lon:.6f}"
    return [
        *lines,
        f"GEO:{lat};{lon}",
        f"X-APPLE-STRUCTURED-LOCATION;VALUE=URI{titled};X-APPLE-RADIUS=100;"
        f"X-TITLE={_parameter(name)}:geo:{lat},{lon}",
    ]


def _sentence(word: str, rest: str) -> str:
    return f"{word}: {rest}" if rest else f"{word}."


def _notice(series: Series, change: Change | None) -> str:
    if series.cancelled:
        return _sentence("Cancelled", series.reason)
    if change is None:
        return ""
    if change.cancelled:
        return _sentence("Cancelled", change.reason)
    before = change.recurrence_id.astimezone(series.starts_at.tzinfo)
    when = day_in_words(before) if series.is_whole_day else in_words(before)
    return " ".join(filter(None, (f"Moved from {when}, {series.place}.", change.reason)))


def _description(series: Series, change: Change | None, booking: Booking | None) -> str:
    """Everything that programs which show only this field must not miss."""
    parts = (
        _notice(series, change),
        booking.note if booking else "",
        series.emergency_reason and f"Called with short notice: {series.emergency_reason}",
        series.description.strip(),
        series.agenda and f"Agenda:\n{series.agenda.strip()}",
        series.access_notes and f"Access: {series.access_notes}",
        f"Offered in: {', '.join(series.languages)}" if series.languages else "",
        "Please register; the page below says how." if series.takes_registrations and not booking else "",
        series.join_url and f"Join: {series.join_url}",
        series.organiser and f"Organiser: {series.organiser}",
        f"More: {series.url}",
    )
    return "\n\n".join(filter(None, parts))


def _when_lines(series: Series, change: Change | None) -> list[str]:
    source = change or series
    # A day's end is the next day (RFC 5545, 3.6.1), also where the clocks make it shorter or longer.
    ends_at = source.starts_at + timedelta(days=1) if series.is_whole_day else source.ends_at
    lines = [_local("DTSTART", source.starts_at, series), _local("DTEND", ends_at, series)]
    # The only date of a series without a rule is the event itself: it is changed in place.
    if series.rrule and change:
        return [_local("RECURRENCE-ID", change.recurrence_id, series), *lines]
    return [*lines, f"RRULE:{_rule(series)}"] if series.rrule else lines


def _rule(series: Series) -> str:
    """UNTIL is of DTSTART's own type (RFC 5545, 3.3.10)."""
    found = series.is_whole_day and re.search(r"UNTIL=(\d{8}T\d{6}Z)", series.rrule)
    if not found:
        return series.rrule
    last = datetime.strptime(found[1], "%Y%m%dT%H%M%S%z").astimezone(series.starts_at.tzinfo)
    return series.rrule.replace(found[1], f"{last:%Y%m%d}")


HEADS = {"CONFIRMED": "", "TENTATIVE": "Waiting list: ", "CANCELLED": "Cancelled: "}


def _state(series: Series, change: Change | None, booking: Booking | None) -> str:
    if series.cancelled or (change and change.cancelled):
        return "CANCELLED"
    return booking.state if booking else "CONFIRMED"


def _alarms(series: Series, booking: Booking) -> list[str]:
    return [
        line
        for hours in booking.remind_hours
        for line in (
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{text(_line(series.title))}",
            f"TRIGGER:-PT{hours}H",
            "END:VALARM",
        )
    ]


def _vevent(series: Series, change: Change | None = None, booking: Booking | None = None) -> bytes:
    state = _state(series, change, booking)
    is_coming = booking is not None and state == "CONFIRMED"
    stamp = _utc(series.revised_at)
    lines = [
        "BEGIN:VEVENT",
        f"UID:{series.uid}",
        f"DTSTAMP:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        # One number for the series and its overrides: an override's may not be lower (ical.md, rule 2).
        f"SEQUENCE:{series.sequence}",
        *_when_lines(series, change),
        f"SUMMARY:{text(HEADS[state] + _line(series.title))}",
        *([f"RELATED-TO:{series.follows_uid}"] if series.follows_uid else []),
        f"STATUS:{state}",
        # Who subscribes to what is public is not busy; who has a place is.
        f"TRANSP:{'OPAQUE' if is_coming else 'TRANSPARENT'}",
        f"X-MICROSOFT-CDO-BUSYSTATUS:{'BUSY' if is_coming else 'FREE'}",
        f"CATEGORIES:{text(series.category)}",
        *_place_lines((change and change.place) or series.place),
        f"URL:{series.url}",
        f"DESCRIPTION:{text(_description(series, change, booking))}",
        *(_alarms(series, booking) if booking and is_coming else []),
        "END:VEVENT",
    ]
    return b"".join(map(fold, lines))


def vevents(series: Series) -> bytes:
    """The series' VEVENTs, ready to join: itself, then one for each changed date, in the rule's order."""
    changes = sorted(series.changes, key=lambda change: change.recurrence_id)
    if not series.rrule:
        return _vevent(series, changes[0] if changes else None)
    return b"".join([_vevent(series), *(_vevent(series, change) for change in changes)])


def booked(series: Series, change: Change | None, booking: Booking) -> bytes:
    """The VEVENT of somebody's place at one date of a series; `series` has that date's times and no rule."""
    own = replace(series, uid=booking.uid, sequence=booking.sequence, revised_at=booking.revised_at)
    return _vevent(own, change, booking)


# --- calendars ----------------------------------------------------------------------------------------


def calendar(*, name: str, source: str, events: Iterable[bytes], time_zone: str = "America/Chicago") -> bytes:
    """A VCALENDAR around what `vevents` made; `source` is its own address. Valid without any event."""
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Roll Call//Roll Call//EN",
        "CALSCALE:GREGORIAN",
        f"NAME:{text(_line(name))}",
        f"X-WR-CALNAME:{text(_line(name))}",
        "COLOR:navy",
        "X-APPLE-CALENDAR-COLOR:#000080",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        f"SOURCE;VALUE=URI:{source}",
    ]
    return b"".join([*map(fold, head), VTIMEZONE[time_zone], *events, b"END:VCALENDAR\r\n"])
