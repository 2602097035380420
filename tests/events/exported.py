"""Calendars as Outlook and Google export them."""

OUTLOOK_ZONE = """\
BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def vevent(**changes: str | None) -> str:
    """The 2nd Tuesday's meeting at 19:15, five times; None leaves a line out, a name with __ carries parameters."""
    lines = {
        "UID": "040000008200E00074C5B7101A82E008-watch@example.org",
        "DTSTAMP": "20261101T120000Z",
        "DTSTART;TZID=Central Standard Time": "20261208T191500",
        "DTEND;TZID=Central Standard Time": "20261208T201500",
        "RRULE": "FREQ=MONTHLY;COUNT=5;INTERVAL=1;BYDAY=2TU",
        "SUMMARY": "Neighborhood watch",
        "LOCATION": r"Soulard Market\, 730 Carroll St\, St. Louis",
        "DESCRIPTION": "Bring a chair.",
        **changes,
    }
    return "".join(
        [
            "BEGIN:VEVENT\n",
            *(f"{name}:{value}\n" for name, value in lines.items() if value is not None),
            "END:VEVENT\n",
        ]
    )


def calendar(*events: str, head: str = "") -> str:
    zone = OUTLOOK_ZONE.format(name="Central Standard Time")
    start = "BEGIN:VCALENDAR\nPRODID:-//Microsoft Corporation//Outlook//EN\nVERSION:2.0\n"
    return f"{start}{head}{zone}{''.join(events)}END:VCALENDAR\n"


def without_times(**changes: str | None) -> dict[str, str | None]:
    gone = {"DTSTART;TZID=Central Standard Time": None, "DTEND;TZID=Central Standard Time": None}
    return {**gone, **changes}


def changed_date(original: str, start: str, **more: str | None) -> str:
    end = start[:9] + f"{int(start[9:11]) + 1:02}" + start[11:]
    return vevent(
        **{
            "RRULE": None,
            "RECURRENCE-ID;TZID=Central Standard Time": original,
            "DTSTART;TZID=Central Standard Time": start,
            "DTEND;TZID=Central Standard Time": end,
            **more,
        }
    )
