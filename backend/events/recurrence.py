"""Repetition rules (RFC 5545, 3.3.10) in local wall time, restricted to what calendar programs agree on.

Nothing here reads a clock or a database. Every refusal is an `Invalid` that names the field and says
what to send instead.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil import rrule as rules

from backend.errors import Invalid

MAX_DATES = 999  # Outlook takes no COUNT above it
LONGEST = timedelta(days=3653)
LAST_SAFE_DAY = 28  # of the month: programs disagree on what to do where there is no 31st
ZONES = ("America/Chicago",)  # those whose VTIMEZONE ical.py writes

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = {"WEEKLY": rules.WEEKLY, "MONTHLY": rules.MONTHLY}
WEEKDAYS = dict(zip(DAYS, rules.weekdays, strict=True))


@dataclass(frozen=True)
class Rule:
    """A parsed rule. `by_day` pairs a position (0: every) with a day; `until` is inclusive.

    `until` is a date (through that local day), a naive datetime (local) or an aware one.
    """

    freq: str
    interval: int = 1
    by_month: tuple[int, ...] = ()
    by_day: tuple[tuple[int, str], ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: str = "MO"
    count: int | None = None
    until: date | None = None

    def __str__(self) -> str:
        """Canonical text; a rule with a date or a local time as UNTIL has none fit to publish."""
        days = (f"{position or ''}{day}" for position, day in self.by_day)
        until = self.until.strftime("%Y%m%dT%H%M%SZ") if self.until else ""
        parts = {
            "FREQ": self.freq,
            "INTERVAL": self.interval if self.interval > 1 else "",
            "BYMONTH": ",".join(map(str, self.by_month)),
            "BYDAY": ",".join(days),
            "BYMONTHDAY": ",".join(map(str, self.by_month_day)),
            "BYSETPOS": ",".join(map(str, self.by_set_pos)),
            "WKST": self.week_start if self.week_start != "MO" else "",
            "COUNT": self.count or "",
            "UNTIL": until,
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


@dataclass(frozen=True)
class Schedule:
    """The starts of a series, aware and in its zone, with the rule as it is to be published (or "").

    An open series goes on after them.
    """

    rrule: str
    starts: tuple[datetime, ...]
    is_open: bool = False


# --- reading a rule -----------------------------------------------------------------------------------


def _refuse(detail: str) -> Invalid:
    return Invalid(detail, field="rrule")


def _integers(name: str, text: str, low: int, high: int, *, signed: bool = False) -> tuple[int, ...]:
    if not re.fullmatch(r"[+-]?\d{1,4}(,[+-]?\d{1,4})*", text):
        raise _refuse(f"{name}={text} is not a number; write for example {name}={low}.")
    numbers = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    if any(not low <= (abs(n) if signed else n) <= high for n in numbers):
        raise _refuse(f"{name} goes from {low} to {high}.")
    return numbers


def _one(name: str, text: str, high: int) -> int:
    numbers = _integers(name, text, 1, high)
    if len(numbers) > 1:
        raise _refuse(f"{name} takes one number.")
    return numbers[0]


def _by_day(text: str) -> tuple[tuple[int, str], ...]:
    found = [re.fullmatch(r"([+-]?[1-5])?([A-Z]{2})", part) for part in text.split(",")]
    if not all(match and match[2] in DAYS for match in found):
        raise _refuse("BYDAY takes days such as FR,SA,SU or, by position in the month, 2TU or -1FR.")
    return tuple(dict.fromkeys((int(m[1] or 0), m[2]) for m in found if m))


def _week_start(text: str) -> str:
    if text not in DAYS:
        raise _refuse("WKST takes one day, such as SU.")
    return text


def _until(text: str) -> date:
    for form, length in (("%Y%m%dT%H%M%S%z", 16), ("%Y%m%dT%H%M%S", 15), ("%Y%m%d", 8)):
        try:
            parsed = datetime.strptime(text, form)  # noqa: DTZ007 (a local UNTIL is allowed in)
        except ValueError:
            continue
        if len(text) == length and 2000 <= parsed.year <= 2200:
            return parsed if length > 8 else parsed.date()
    raise _refuse("UNTIL takes the last day, such as UNTIL=20270331, or a time in UTC.")


_READ: dict[str, tuple[str, Callable[[str], object]]] = {
    "INTERVAL": ("interval", lambda text: _one("INTERVAL", text, 60)),
    "BYMONTH": ("by_month", lambda text: _integers("BYMONTH", text, 1, 12)),
    "BYDAY": ("by_day", _by_day),
    "BYMONTHDAY": ("by_month_day", lambda text: _integers("BYMONTHDAY", text, 1, 31, signed=True)),
    "BYSETPOS": ("by_set_pos", lambda text: _integers("BYSETPOS", text, 1, 31, signed=True)),
    "WKST": ("week_start", _week_start),
    "COUNT": ("count", lambda text: _one("COUNT", text, MAX_DATES)),
    "UNTIL": ("until", _until),
}


def _split(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or name not in {"FREQ", *_READ}:
            raise _refuse(f"'{part[:40]}' is not understood here; use FREQ, {', '.join(_READ)}.")
        if name in parts:
            raise _refuse(f"{name} is there twice.")
        parts[name] = value
    return parts


def parse(text: str) -> Rule:
    """Reads a rule: WEEKLY or MONTHLY, with an end or open. Raises Invalid (field `rrule`)."""
    parts = _split(text)
    freq = parts.pop("FREQ", "")
    if freq not in FREQUENCIES:
        raise _refuse("Start the rule with FREQ=WEEKLY or FREQ=MONTHLY.")
    values = {_READ[name][0]: _READ[name][1](value) for name, value in parts.items()}
    rule = Rule(freq=freq, **values)  # type: ignore[arg-type]
    _check_parts(rule)
    return rule


def _check_parts(rule: Rule) -> None:
    if rule.count and rule.until:
        raise _refuse(
            "Say when the series ends with COUNT (how many dates) or UNTIL (the last day), not both."
        )
    if any(day > LAST_SAFE_DAY for day in rule.by_month_day):
        raise _refuse("Not every month has a 29th, 30th or 31st; use BYMONTHDAY=-1 for its last day.")
    if rule.freq == "MONTHLY":
        if len({bool(position) for position, _ in rule.by_day}) > 1:
            # RFC 5545 means both sets; many programs show only what is in both.
            raise _refuse("Give either days (FR) or positions (2FR) in BYDAY, not both; post two series.")
        if rule.by_set_pos and not (rule.by_day or rule.by_month_day):
            raise _refuse("BYSETPOS needs BYDAY or BYMONTHDAY beside it.")
        return
    # BYSETPOS in a first week that is not whole is counted differently from program to program.
    if rule.by_month or rule.by_month_day or rule.by_set_pos or any(position for position, _ in rule.by_day):
        raise _refuse(
            "Months, days of the month and positions (BYMONTH, BYMONTHDAY, 2TU, BYSETPOS) go with FREQ=MONTHLY."
        )


# --- dates --------------------------------------------------------------------------------------------


def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises Invalid (field `time_zone`) for one that feeds cannot carry."""
    if name not in ZONES:
        raise Invalid(f"Use one of these time zones: {', '.join(ZONES)}.", field="time_zone")
    return ZoneInfo(name)


def day_in_words(local: datetime) -> str:
    """ "Fri Nov 27"; GSM-7 characters only."""
    return f"{local:%a %b} {local.day}"


def in_words(local: datetime) -> str:
    """A local time as people here write it: "Fri Nov 27, 7:30 am"; GSM-7 characters only."""
    return f"{day_in_words(local)}, {local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def check_clock(local: datetime, field: str) -> None:
    """Refuses a start that the change of the clocks skips or repeats: programs disagree about both.

    `local` is naive wall time or aware in its zone; `field` is the one to blame. Raises Invalid.
    """
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    if first is None or second is None or first == second:
        return
    why = "does not exist, because the clocks go forward" if first < second else "is there twice"
    raise Invalid(
        f"{in_words(local)} {local.year} {why}; start before 1:00 am or from 3:00 am.",
        field=field,
        code="clock-change",
    )


def _until_local(rule: Rule, tz: ZoneInfo) -> datetime | None:
    if isinstance(rule.until, datetime):
        return rule.until.astimezone(tz).replace(tzinfo=None) if rule.until.tzinfo else rule.until
    return datetime.combine(rule.until, time.max) if rule.until else None


def _dates(rule: Rule, first: datetime, until: datetime | None) -> list[datetime]:
    """At most one more than a series may have, which `_check_dates` then refuses."""
    latest = first + LONGEST
    if until and until > latest and rule.until:
        raise _refuse("A series runs for ten years at most; let UNTIL be earlier.")
    generated = rules.rrule(
        FREQUENCIES[rule.freq],  # type: ignore[arg-type]
        dtstart=first,
        interval=rule.interval,
        bymonth=rule.by_month or None,
        wkst=WEEKDAYS[rule.week_start],
        byweekday=[WEEKDAYS[day](position) if position else WEEKDAYS[day] for position, day in rule.by_day]
        or None,
        bymonthday=rule.by_month_day or None,
        bysetpos=rule.by_set_pos or None,
        until=until or latest,
    )
    return list(generated if _is_open(rule) else islice(generated, rule.count or MAX_DATES + 1))


def _check_dates(rule: Rule, first: datetime, dates: list[datetime]) -> None:
    if not dates:
        raise _refuse("No date of this rule lies between the first date and the end.")
    if dates[0] != first:
        # Off its own rule, eight of ten programs show the first date wrongly (RFC 5545, 3.8.5.3).
        raise Invalid(
            f"{first:%A, %B} {first.day}, {first.year} is not a date of the rule; "
            f"its first date from then on is {dates[0]:%A, %Y-%m-%d}.",
            field="first_on",
        )
    if len(dates) > MAX_DATES and not _is_open(rule):
        raise _refuse(f"A series has at most {MAX_DATES} dates; end it earlier.")
    if rule.count and len(dates) < rule.count:
        raise _refuse("A series runs for ten years at most; let COUNT be smaller.")


def _is_open(rule: Rule) -> bool:
    return rule.count is None and rule.until is None


def _local_dates(rule: Rule | None, first: datetime, tz: ZoneInfo, horizon: datetime) -> list[datetime]:
    if rule is None:
        return [first]
    if not (rule.by_day or rule.by_month_day) and rule.freq == "MONTHLY" and first.day > LAST_SAFE_DAY:
        raise _refuse("Not every month has this day; use BYDAY, such as -1FR, or BYMONTHDAY=-1.")
    if _is_open(rule):
        return _open_dates(rule, first, horizon.astimezone(tz).replace(tzinfo=None))
    dates = _dates(rule, first, _until_local(rule, tz))
    _check_dates(rule, first, dates)
    return dates


def _open_dates(rule: Rule, first: datetime, horizon: datetime) -> list[datetime]:
    """Those up to the horizon, and the first whatever it is."""
    if time(1) <= first.time() < time(3):
        # Of dates without an end one day or other is that of a change of the clocks.
        raise Invalid(
            "A series without an end starts before 1:00 am or from 3:00 am, because of the change of the clocks.",
            field="start_time",
            code="clock-change",
        )
    a_year_on = first + timedelta(days=366 * max(rule.interval, 1))
    dates = _dates(rule, first, max(horizon, a_year_on))
    _check_dates(rule, first, dates)
    return [first, *(date for date in dates[1:] if date <= horizon)]


def schedule(*, rrule: str, first_on: date, start_time: time, time_zone: str, horizon: datetime) -> Schedule:
    """All dates of a series of that rule (empty: one date), in local wall time; of an open one those up to `horizon`.

    UNTIL comes back in UTC, on the last start itself (RFC 5545, 3.3.10). Raises Invalid for a rule that
    cannot be read, a first date off its rule, a start in the skipped or the repeated hour of a change of
    the clocks, and an unknown zone.
    """
    tz = zone(time_zone)
    if not 2000 <= first_on.year <= 2150:
        raise Invalid(
            "Give the year of the first date with four digits, such as 2026-11-27.", field="first_on"
        )
    rule = parse(rrule) if rrule.strip() else None
    dates = _local_dates(rule, datetime.combine(first_on, start_time), tz, horizon)
    starts = tuple(local.replace(tzinfo=tz) for local in dates)
    for start in starts:
        check_clock(start, "start_time")
    if rule and rule.until:
        rule = replace(rule, until=starts[-1].astimezone(UTC))
    return Schedule(str(rule or ""), starts, is_open=rule is not None and _is_open(rule))


def coming_days(rrule: str, on: date, count: int) -> list[date]:
    """The first days of a rule from that day on. Raises Invalid for a rule that cannot be read."""
    noon = datetime.combine(on, time(12))
    return [found.date() for found in islice(_dates(parse(rrule), noon, None), count)]


def without_first(text: str, dates: int) -> str:
    """A rule (or none, "") as it goes on when so many of its dates are over."""
    rule = parse(text) if text else None
    return str(replace(rule, count=rule.count - dates)) if rule and rule.count else text


def until_day(text: str, time_zone: str) -> str:
    """A published rule with UNTIL as a local day, so that the time of day can change without losing a date."""
    rule = parse(text)
    if not isinstance(rule.until, datetime):
        return text
    last = _until_local(rule, zone(time_zone))
    return re.sub(r"UNTIL=[^;]+", f"UNTIL={last:%Y%m%d}", text.upper())


# --- names of dates -----------------------------------------------------------------------------------


def basic(local: datetime) -> str:
    """The basic form of a local time (RFC 5545, 3.3.5), by which a date is named: 20261127T073000."""
    return local.strftime("%Y%m%dT%H%M%S")


def from_basic(text: str, time_zone: str) -> datetime | None:
    """The aware time that `basic` named, or None where the text is no such name."""
    if not re.fullmatch(r"\d{8}T\d{6}", text, re.ASCII):
        return None
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=zone(time_zone))
    except ValueError:
        return None
