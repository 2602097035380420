"""Schedules as people write them ("4th Tues. of the month at 7:15pm"), as rules for somebody to confirm.

Pure. A wrong rule is worse than none: what tells of time and is not understood is refused, and what is left over is
said.
"""

import re
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

from backend.errors import Unprocessable
from backend.events.recurrence import DAYS

MOST_LETTERS = 500
ORDINALS = {"1st": 1, "first": 1, "2nd": 2, "second": 2, "3rd": 3, "third": 3, "4th": 4, "fourth": 4}
ORDINALS |= {"5th": 5, "fifth": 5, "last": -1}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_ORDINAL = rf"(?:{'|'.join(ORDINALS)})"
_DAY = (
    r"(?:mon(?:days?)?|tue(?:s(?:days?)?)?|wed(?:s|nes(?:days?)?)?|thu(?:r(?:s(?:days?)?)?)?|fri(?:days?)?"
    r"|sat(?:ur(?:days?)?)?|sun(?:days?)?)"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_JOIN = r"(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*)"
_TO = r"\s*(?:-|–|—|to|through|thru)\s*"
_SPAN = rf"\b{_MONTH}\b(?:{_TO}\b{_MONTH}\b)?"
_SPANS = rf"{_SPAN}(?:{_JOIN}{_SPAN})*"
_CLOCK = r"(?:\d{1,2}(?::\d\d)?(?:\s*[ap]m)?|noon)"

WHEN = re.compile(rf"\b({_ORDINAL}(?:{_JOIN}{_ORDINAL})*)\s+({_DAY})\b")
WEEKLY = re.compile(rf"\b(?:every|each)\s+({_DAY}(?:{_JOIN}{_DAY})*)\b")
EXCEPT = re.compile(rf"\b(?:excluding|except(?:ing)?(?:\s+for|\s+in)?|but\s+not(?:\s+in)?)\s+({_SPANS})")
EVERY_SECOND = re.compile(r"\bbi-?monthly\b|\bevery\s+(?:other|two|second|2)\s+months?\b")
EVERY_THIRD = re.compile(r"\bevery\s+(?:three|third|3)\s+months?\b")
PARITY = re.compile(r"\b(?:every\s+)?(odd|even)(?:-numbered)?\s+months?\b")
CLOCKS = re.compile(rf"\b(?:at\s+|from\s+|@\s*)?({_CLOCK})(?:{_TO}({_CLOCK}))?(?!\w)")
# Words of time that would change the rule, if they were understood.
BARS = re.compile(
    r"\b(?:no|not|none|never|var(?:y|ies|ious)|quarterly|bi-?weekly|alternat\w*|weeks?|daily|year(?:ly)?|annual\w*"
    r"|cancel\w*|except\w*|excluding|other|or|but|until|before|after|beginning|starting|weekdays?|weekends?)\b"
)
FILLERS = re.compile(
    r"\b(?:of|the|each|every|month|months|monthly|on|at|from|in|and|to|meeting|meetings|am|pm|we|meet|meets|held|a)\b"
)


@dataclass(frozen=True)
class Proposal:
    """A rule without an end, and local wall times as far as the text names them."""

    rrule: str
    start_time: time | None
    end_time: time | None


@dataclass(frozen=True)
class Reading:
    """What the text seems to say; `doubts` are sentences for whoever confirms it."""

    proposals: tuple[Proposal, ...]
    doubts: tuple[str, ...]


def _refuse(why: str) -> Unprocessable:
    return Unprocessable(
        f"{why} Write for example: 4th Tuesday of the month at 7:15 pm; or: 1st Monday of March and June at 6 pm.",
        type="schedule-not-understood",
    )


def read(text: str) -> Reading:
    """Raises Unprocessable (`schedule-not-understood`) where no rule can be read for sure."""
    plain = _plain(text)
    clauses = _clauses(plain)
    doubts: list[str] = []
    times = [_times(clause, doubts) for clause in clauses]
    found = [
        Proposal(_rule(clause, doubts), *(times[n] or next(filter(None, times[n:]), (None, None))))
        for n, clause in enumerate(clauses)
    ]
    proposals = tuple(dict.fromkeys(found))
    if re.search(r"\band\s*/\s*or\b", plain) and len(proposals) > 1:
        raise _refuse("The text leaves open which of its dates is meant.")
    if any(proposal.start_time is None for proposal in proposals):
        doubts.append("The text names no time of day.")
    return Reading(proposals, tuple(dict.fromkeys(doubts)))


def _plain(text: str) -> str:
    """Small letters, single spaces, no full stops: "p.m." and "Tues." are "pm" and "tues"."""
    if len(text) > MOST_LETTERS:
        raise _refuse(f"This is longer than {MOST_LETTERS} letters.")
    small = re.sub(r"\b([ap])\.?\s?m\b\.?", r"\1m", text.lower())
    return " ".join(small.replace(".", " ").replace("/", " / ").split()).replace("and / or", "and/or")


def _clauses(plain: str) -> list[str]:
    """The text cut before each "second Monday" or "every Tuesday"; what comes before the first belongs to it."""
    without = EVERY_THIRD.sub(lambda m: m[0].replace("third", "three"), EVERY_SECOND.sub("bimonthly", plain))
    starts = sorted(match.start() for match in (*WHEN.finditer(without), *WEEKLY.finditer(without)))
    if not starts:
        raise _refuse("No day of the week or of the month was found in this.")
    cuts = [0, *starts[1:], len(without)]
    return [without[a:b] for a, b in pairwise(cuts)]


# --- the rule -----------------------------------------------------------------------------------------


def _rule(clause: str, doubts: list[str]) -> str:
    rest, months, interval = clause, set(range(1, 13)), 1
    for excluded in EXCEPT.finditer(clause):
        months -= _months(excluded[1])
        rest = rest.replace(excluded[0], " ")
    if parity := PARITY.search(rest):
        months &= set(range(1 if parity[1] == "odd" else 2, 13, 2))
        rest = rest.replace(parity[0], " ")
    if stepped := EVERY_SECOND.search(rest) or EVERY_THIRD.search(rest):
        interval = 2 if EVERY_SECOND.search(rest) else 3
        rest = rest.replace(stepped[0], " ")
    named = re.findall(_SPANS, rest)
    if named:
        months &= set().union(*(_months(span) for span in named))
        rest = re.sub(_SPANS, " ", rest)
        if interval > 1:
            months, interval = _stepped(named, months, interval), 1
    if not months:
        raise _refuse("The months in this cancel each other out.")
    if interval > 1:
        doubts.append("Not every month: say in the first date which month it begins in.")
    days, rest = _days(rest)
    _check_rest(rest, doubts)
    if any(day.startswith("5") for day in days):
        doubts.append("Not every month has a fifth such day.")
    parts = ["FREQ=MONTHLY" if days[0][:-2] else "FREQ=WEEKLY"]
    parts += [f"INTERVAL={interval}"] if interval > 1 else []
    parts += [f"BYMONTH={','.join(map(str, sorted(months)))}"] if len(months) < 12 else []
    if parts[0] == "FREQ=WEEKLY" and len(parts) > 1:
        raise _refuse("A weekday of some months alone cannot be one series.")
    return ";".join([*parts, f"BYDAY={','.join(days)}"])


def _days(rest: str) -> tuple[list[str], str]:
    """Days as BYDAY has them, and the text without them."""
    if match := WHEN.search(rest):
        day = _day(match[2])
        ordinals = re.findall(_ORDINAL, match[1])
        return [f"{ORDINALS[word]}{day}" for word in dict.fromkeys(ordinals)], rest.replace(match[0], " ")
    if match := WEEKLY.search(rest):
        return [_day(word) for word in re.findall(_DAY, match[1])], rest.replace(match[0], " ")
    raise _refuse("No day of the week was found in this.")


def _day(word: str) -> str:
    return next(day for day in DAYS if day == word[:2].upper())


def _month(word: str) -> int:
    return MONTHS.index(word[:3]) + 1


def _months(spans: str) -> set[int]:
    """ "jan-june and aug" as numbers; a span may go over the end of the year."""
    found: set[int] = set()
    for span in re.findall(_SPAN, spans):
        first, *last = (_month(word) for word in re.findall(rf"\b{_MONTH}\b", span))
        length = (last[0] - first) % 12 if last else 0
        found |= {(first + n - 1) % 12 + 1 for n in range(length + 1)}
    return found


def _stepped(named: list[str], months: set[int], interval: int) -> set[int]:
    """ "Every other month (Feb-Dec)": those of the one span that lie on the step from its first month."""
    ends = re.findall(rf"\b{_MONTH}\b", named[0])
    if len(named) > 1 or len(ends) != 2 or len(re.findall(_SPAN, named[0])) != 1:
        raise _refuse("Months are named, and every other month too; give one of them.")
    first = _month(ends[0])
    return {month for month in months if (month - first) % 12 % interval == 0}


def _check_rest(rest: str, doubts: list[str]) -> None:
    """What no part of the rule took: refused where it tells of time, said where it does not."""
    rest = CLOCKS.sub(lambda m: " " if _is_clock(m) else m[0], rest).replace("and/or", " ")
    asides = re.findall(r"\([^()]*\)", rest)
    main = re.sub(r"\([^()]*\)", " ", rest)
    if (
        match := BARS.search(main)
        or re.search(r"\d+", rest)
        or re.search(rf"\b(?:{_DAY}|{_ORDINAL})\b", main)
    ):
        raise _refuse(f"It is not clear what {match[0]!r} means here.")
    words = re.sub(r"[^\w'&]+", " ", FILLERS.sub(" ", main)).split()
    left = [aside for aside in asides if re.sub(r"[^\w]", "", FILLERS.sub("", aside))]
    if said := " ".join([*words, *left]).strip():
        doubts.append(f"Not taken into account: {said}")


# --- the time of day ----------------------------------------------------------------------------------


def _is_clock(match: re.Match[str]) -> bool:
    """A number alone is none: it has minutes, am or pm, or "at" before it."""
    return bool(re.search(r":|[ap]m|noon", match[0]) or match[0].startswith(("at", "@")))


def _times(clause: str, doubts: list[str]) -> tuple[time | None, time | None] | None:
    """(start, end) that a clause names, None for none."""
    found = {
        m[0].removeprefix("at ").removeprefix("from "): m for m in CLOCKS.finditer(clause) if _is_clock(m)
    }
    if len(found) > 1:
        raise _refuse("There are several times of day in this.")
    if not found:
        return None
    [match] = found.values()
    end = _clock(match[2], None) if match[2] else None
    start = _clock(match[1], end)
    if start is None or (match[2] and end is None):
        raise _refuse(f"It is not clear which time of day {match[0]!r} is; write am or pm.")
    if not re.search(r"[ap]m|noon", match[0]):
        doubts.append(f"{match[0].strip()} was taken as {start:%H:%M}, in the evening.")
    if not 6 <= start.hour < 22:
        doubts.append(f"{start:%H:%M} is an unusual time; is it right?")
    return start, end


def _clock(text: str, end: time | None) -> time | None:
    """A time; without am or pm that of `end` where it is then before it, else the evening's. None: not clear."""
    if text == "noon":
        return time(12)
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    if not 1 <= hour <= 12 or minute > 59:
        return None
    if half := re.search(r"[ap]m", text):
        return time(hour % 12 + 12 * (half[0] == "pm"), minute)
    evening = time(hour % 12 + 12, minute)
    if end is not None:
        morning = time(hour % 12, minute)
        return next((moment for moment in (evening, morning) if moment < end), None)
    return evening if 1 <= hour < 9 else None
