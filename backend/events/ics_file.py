"""Calendars that Outlook, Google and others export, read as series of this one; pure.

Read is what is certain. What this calendar could not publish truthfully (whole days, lists of dates, rules that
programs disagree on) is returned with the reason, beside what was read. Of people nothing is read: no attendees, no
organiser's address.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import icalendar

from backend.errors import Invalid
from backend.events import recurrence
from backend.events.words import LONGEST_MARKUP, one_line, plain_text, web_address

CHICAGO = ZoneInfo(recurrence.ZONES[0])
MOST_SERIES = 200
LONGEST_UID, LONGEST_LINE, LONGEST_ADDRESS, LONGEST_TEXT = 255, 120, 160, 4000
USUAL_MINUTES = 60
ONCE = (
    "UID",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "STATUS",
    "CLASS",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "GEO",
)
NO_UID = "It has no UID by which a later import could know it again."
UNREAD = ("VALARM", "VTODO", "VJOURNAL", "VFREEBUSY")
# What the library raises while it reads, and gives instead of a date or a rule, depends on what is broken.
BROKEN = (ValueError, LookupError, TypeError, AttributeError, OverflowError)
JOIN = ("X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL", "CONFERENCE")


@dataclass(frozen=True)
class FoundDate:
    """What is different about one date: cancelled, or at another time (aware), length or place (name, address)."""

    cancelled: bool
    starts_at: datetime
    duration_minutes: int
    place: tuple[str, str] | None = None


@dataclass(frozen=True)
class FoundSeries:
    """One series of the file, in local wall time.

    `dates` are by the local day that the rule gave; `notes` are sentences for whoever imports it.
    """

    source_uid: str
    title: str
    description: str
    place_name: str
    place_address: str
    point: tuple[float, float] | None
    join_url: str
    categories: tuple[str, ...]
    first_on: date
    start_time: time
    duration_minutes: int
    rrule: str
    cancelled: bool
    dates: dict[date, FoundDate] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotRead:
    """An entry that is not imported, and why, in words for whoever imports it."""

    source_uid: str
    title: str
    reason: str


class _Refused(Exception):
    """Why an entry is not read."""


def read(text: str) -> list[FoundSeries | NotRead]:
    """Every series of the file, in its order. Raises Invalid (field `calendar`) for what is no iCalendar file."""
    try:
        calendars = icalendar.Calendar.from_ical(_without_unread(text.removeprefix("\ufeff")), multiple=True)
    except BROKEN:
        raise Invalid("This is not an iCalendar file; export it again as .ics.", field="calendar") from None
    found = [item for calendar in calendars for item in _series_of(calendar)]
    if not found:
        raise Invalid("There is no event in this file.", field="calendar")
    return found


def _without_unread(text: str) -> str:
    """Without alarms, tasks and the like: nothing is read of them, so a broken one harms nothing."""
    kept, inside = [], ""
    for line in text.splitlines(keepends=True):
        name = line.strip().upper()
        if not inside and name.startswith("BEGIN:") and name[6:] in UNREAD:
            inside = name[6:]
        if not inside:
            kept.append(line)
        elif name == f"END:{inside}":
            inside = ""
    return "".join(kept)


def _series_of(calendar: Any) -> Iterator[FoundSeries | NotRead]:
    masters: dict[str, list[Any]] = {}
    changed: dict[str, list[Any]] = {}
    for event in calendar.walk("VEVENT"):
        if "UID" not in event:
            yield _not_read(event, NO_UID)
            continue
        kind = changed if "RECURRENCE-ID" in event else masters
        kind.setdefault(str(event["UID"]), []).append(event)
    if len(masters) > MOST_SERIES:
        raise Invalid(f"At most {MOST_SERIES} series at once; split the file.", field="calendar")
    own_zone = _zone_named(str(calendar.get("X-WR-TIMEZONE", "")))
    for uid, events in masters.items():
        yield _tried(_Reader(uid, own_zone), events, changed.pop(uid, []))
    for events in changed.values():
        yield _not_read(events[0], "Its series is not in the file.")


def _not_read(event: Any, reason: str) -> NotRead:
    return NotRead(one_line(event.get("UID", ""))[:LONGEST_UID], one_line(event.get("SUMMARY", "")), reason)


def _tried(reader: "_Reader", events: list[Any], changed: list[Any]) -> FoundSeries | NotRead:
    try:
        return reader.series(events, changed)
    except _Refused as refusal:
        reason = str(refusal)
    except Invalid as error:  # of the rule
        reason = error.detail
    except BROKEN:
        reason = "It is not written as iCalendar has it; export it again."
    return _not_read(events[0], reason)


class _Reader:
    """Reads one series; gathers the notes about it."""

    def __init__(self, uid: str, own_zone: tzinfo) -> None:
        self.uid, self.own_zone = uid, own_zone
        self.notes: list[str] = []

    def series(self, events: list[Any], changed: Iterable[Any]) -> FoundSeries:
        event = events[0]
        self._refuse(event, len(events))
        rrule = event["RRULE"].to_ical().decode() if "RRULE" in event else ""
        start = self._start(event, repeats=bool(rrule))
        minutes = self._minutes(event, None)
        place, join_url = self._place(event)
        if changed and not rrule:
            raise _Refused("It has no rule, and yet a changed date.")
        # Refuses what would not be published.
        recurrence.schedule(
            rrule=rrule,
            first_on=start.date(),
            start_time=start.time(),
            time_zone=CHICAGO.key,
            horizon=start,
        )
        return FoundSeries(
            source_uid=self.uid,
            title=_title(event),
            description=_described(event),
            place_name=place[0],
            place_address=place[1],
            point=_point(event),
            join_url=join_url,
            categories=_categories(event),
            first_on=start.date(),
            start_time=start.time(),
            duration_minutes=minutes,
            rrule=rrule,
            cancelled=_is_cancelled(event),
            dates=self._dates(event, changed, start, minutes, place) if rrule else {},
            notes=tuple(self.notes),
        )

    def _refuse(self, event: Any, times: int) -> None:
        if not self.uid.isprintable() or not 0 < len(self.uid) <= LONGEST_UID:
            raise _Refused(NO_UID)
        if times > 1:
            raise _Refused("It is in the file twice.")
        _refuse_private_or_doubled(event)
        if event.errors:
            raise _Refused(f"{event.errors[0][0]} of it cannot be read.")
        if "DTSTART" not in event:
            raise _Refused("It has no start.")
        if "RDATE" in event or "EXRULE" in event:
            raise _Refused(
                "Its dates are a list beside the rule; calendar programs disagree about those. Give it one "
                "rule, or one entry a date."
            )

    # --- when

    def _start(self, event: Any, *, repeats: bool) -> datetime:
        """The start in local time, aware."""
        start = self._moment(event["DTSTART"])
        if not 2000 <= start.year < 2199:
            raise _Refused("Its year is not between 2000 and 2198.")
        if repeats and not _goes_with_chicago(start):
            raise _Refused(
                "It repeats in another time zone (or in UTC), whose clocks do not change with ours; give it the "
                "time zone Central Time in the program and export it again."
            )
        start = start.astimezone(CHICAGO)
        if start.second:
            raise _Refused("It does not start on a whole minute.")
        return start

    def _moment(self, value: Any) -> datetime:
        moment = value.dt
        if not isinstance(moment, datetime):
            raise _Refused("It has days without hours; give it a start and an end.")
        if moment.tzinfo is None and (name := value.params.get("TZID")):
            raise _Refused(f"Its time zone {str(name)[:60]} is not known.")
        return moment if moment.tzinfo else moment.replace(tzinfo=self.own_zone)

    def _minutes(self, event: Any, usual: int | None) -> int:
        if "DTEND" in event:
            start, end = (self._moment(event[name]).astimezone(UTC) for name in ("DTSTART", "DTEND"))
            length = end - start
        elif "DURATION" in event:
            length = event["DURATION"].dt
        elif usual is not None:
            return usual
        else:
            self.notes.append(f"It has no end; {USUAL_MINUTES} minutes are assumed.")
            return USUAL_MINUTES
        return int(length.total_seconds() // 60)

    # --- where

    def _place(self, event: Any) -> tuple[tuple[str, str], str]:
        """((name, address), address to join)."""
        where = plain_text(event.get("LOCATION", ""))
        link = next((url for name in JOIN if (url := web_address(event.get(name)))), "") or web_address(where)
        if not where or web_address(where):
            if not link:
                raise _Refused("It has no location; residents must know where to go.")
            return ("Online", ""), link
        return _split_place(where), link

    # --- single dates

    def _dates(
        self, event: Any, changed: Iterable[Any], start: datetime, minutes: int, place: tuple[str, str]
    ) -> dict[date, FoundDate]:
        def as_by_rule(day: date, *, cancelled: bool) -> FoundDate:
            return FoundDate(cancelled, datetime.combine(day, start.time(), CHICAGO), minutes)

        found = {}
        for days in _all(event.get("EXDATE")):
            if days.params.get("TZID") and any(not day.dt.tzinfo for day in days.dts):
                raise _Refused("The time zone of its left-out dates is not known.")
            for value in days.dts:
                day = self._day(value)
                found[day] = as_by_rule(day, cancelled=True)
        for override in changed:
            day = self._day_of(override)
            if _is_cancelled(override):
                found[day] = as_by_rule(day, cancelled=True)
                continue
            one = self._changed_date(override, day, _title(event), minutes, place)
            if one != as_by_rule(day, cancelled=False):
                found[day] = one
        return found

    def _day(self, value: Any) -> date:
        moment = value.dt
        return self._moment(value).astimezone(CHICAGO).date() if isinstance(moment, datetime) else moment

    def _day_of(self, event: Any) -> date:
        if event["RECURRENCE-ID"].params.get("RANGE"):
            raise _Refused(
                "It is changed from a date on (RANGE=THISANDFUTURE), which calendar programs disagree about; end it "
                "there and give what follows as a series of its own."
            )
        _refuse_private_or_doubled(event)
        return self._day(event["RECURRENCE-ID"])

    def _changed_date(
        self, event: Any, day: date, title: str, minutes: int, place: tuple[str, str]
    ) -> FoundDate:
        if event.errors or "DTSTART" not in event:
            raise _Refused("One of its changed dates cannot be read.")
        elsewhere = self._place(event)[0] if "LOCATION" in event else place
        if one_line(event.get("SUMMARY", "")) != title:
            self.notes.append(f"On {day} it has another title; the series' own is kept.")
        return FoundDate(
            cancelled=False,
            starts_at=self._start(event, repeats=False),
            duration_minutes=self._minutes(event, minutes),
            place=None if elsewhere == place else elsewhere,
        )


# --- words --------------------------------------------------------------------------------------------


def _refuse_private_or_doubled(event: Any) -> None:
    if doubled := [name for name in ONCE if isinstance(event.get(name), list)]:
        raise _Refused(f"It has {doubled[0]} more than once.")
    if str(event.get("CLASS", "")).upper() in ("PRIVATE", "CONFIDENTIAL"):
        raise _Refused("It, or a date of it, is marked as private.")


def _is_cancelled(event: Any) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _title(event: Any) -> str:
    title = one_line(event.get("SUMMARY", ""))
    if not title:
        raise _Refused("It has no title.")
    if len(title) > LONGEST_LINE:
        raise _Refused(f"Its title is longer than {LONGEST_LINE} characters.")
    return title


def _described(event: Any) -> str:
    if len(str(event.get("DESCRIPTION", ""))) > LONGEST_MARKUP:
        raise _Refused(f"Its description is longer than {LONGEST_TEXT} characters.")
    words = plain_text(event.get("DESCRIPTION", ""))
    if len(words) > LONGEST_TEXT:
        raise _Refused(f"Its description is longer than {LONGEST_TEXT} characters.")
    return words


def _categories(event: Any) -> tuple[str, ...]:
    return tuple(one_line(name) for each in _all(event.get("CATEGORIES")) for name in each.cats)


def _all(value: Any) -> list[Any]:
    """A property that may be there more than once, or not at all."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _point(event: Any) -> tuple[float, float] | None:
    geo = event.get("GEO")
    if geo is None or not (abs(geo.latitude) <= 90 and abs(geo.longitude) <= 180):
        return None
    return float(geo.latitude), float(geo.longitude)


def _split_place(where: str) -> tuple[str, str]:
    """ "Library, 123 Main St, St. Louis" is a name and an address."""
    name, _, address = (where if "\n" in where else where.replace(",", "\n", 1)).partition("\n")
    name, address = one_line(name).rstrip(","), one_line(address)
    if len(name) > LONGEST_LINE or len(address) > LONGEST_ADDRESS:
        raise _Refused("Its location is too long; give a name, a comma and the address.")
    return name, address


# --- time zones ---------------------------------------------------------------------------------------


def _zone_named(name: str) -> tzinfo:
    """That zone, or ours: times without one are meant as the clocks here go."""
    try:
        return ZoneInfo(name) if name else CHICAGO
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones
        return CHICAGO


def _goes_with_chicago(start: datetime) -> bool:
    """Whether the clocks of its zone show the same as ours, all year round."""
    noons = (start.replace(hour=12, minute=0, second=0) + timedelta(days=7 * week) for week in range(105))
    return all(noon.utcoffset() == noon.replace(tzinfo=CHICAGO).utcoffset() for noon in noons)
