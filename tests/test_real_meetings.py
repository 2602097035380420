"""Schedules of real neighborhood organisations, as they write them; where STL_DATA names them.

Held against the words by another way than the reader's: what each word says is looked for in the rule, and what the
rule says in the words.
"""

import csv
import re
import sys
from typing import Any

from backend.errors import Unprocessable
from backend.events.phrases import Proposal, Reading, read
from tests.realdata import needs_data, real

pytestmark = [needs_data]

ORDINALS = {
    "1st": "1",
    "first": "1",
    "2nd": "2",
    "second": "2",
    "3rd": "3",
    "third": "3",
    "4th": "4",
    "fourth": "4",
}
ORDINALS |= {"5th": "5", "fifth": "5", "last": "-1"}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def words(text: str) -> list[str]:
    found = re.findall(r"[a-z]+|\d+(?:st|nd|rd|th)?", text.lower())
    return [word for word in found if word not in ("month", "months", "monthly")]


def days_said(text: str) -> set[str]:
    """Each weekday word with the ordinal right before it: "4TU"."""
    said = words(text)
    pairs = zip(["", *said], said, strict=False)
    return {ORDINALS.get(before, "") + word[:2].upper() for before, word in pairs if word[:3] in DAYS}


def months_said(text: str) -> set[int]:
    return {MONTHS.index(word[:3]) + 1 for word in words(text) if word[:3] in MONTHS}


def months_of(proposal: Proposal) -> set[int]:
    found = re.search(r"BYMONTH=([\d,]+)", proposal.rrule)
    return {int(n) for n in found[1].split(",")} if found else set(range(1, 13))


def is_right(text: str, reading: Reading) -> bool:
    proposals, small = reading.proposals, text.lower()
    days = {day for p in proposals for day in p.rrule.rpartition("BYDAY=")[2].split(",")}
    hours = {moment.hour % 12 or 12 for p in proposals for moment in (p.start_time, p.end_time) if moment}
    said = months_said(text)
    months = set().union(*(months_of(p) for p in proposals))
    if "exclud" in small:
        right_months = months == set(range(1, 13)) - said
    elif re.search(r"\bodd|\beven", small):
        right_months = all(len({m % 2 for m in months_of(p)}) == 1 for p in proposals)
    elif re.search(r"-|through|\bto\b", re.sub(r"\d\S*", "", small)) and said:
        right_months = said <= months  # a span: its ends are in it
    else:
        right_months = months == (said or set(range(1, 13)))
    every_second = "bimonthly" in small or "every other" in small
    stepped = all("INTERVAL=2" in p.rrule or len(months_of(p)) <= 6 for p in proposals)
    return (
        days == days_said(text)
        and right_months
        and hours == hours_said(small)
        and (not every_second or stepped)
    )


def hours_said(small: str) -> set[int]:
    clocks = re.findall(r"(\d{1,2})(?::\d\d)?\s*(?:[ap]\.?m|-\s*(?=\d))|\b(\d{1,2}):\d\d", small)
    return {int(a or b) for a, b in clocks}


def test_every_real_schedule_is_read_right_or_honestly_not(capsys: Any) -> None:
    with real("meetings_real.csv").open(encoding="utf-8-sig") as file:
        texts = [row["schedule_text"] for row in csv.DictReader(file)]
    readings: dict[str, Reading] = {}
    unread, wrong = [], []
    for text in texts:
        try:
            readings[text] = read(text)
        except Unprocessable:
            unread.append(text)
        else:
            wrong += [] if is_right(text, readings[text]) else [text]
    with capsys.disabled():
        doubtful = sum(bool(readings[text].doubts) for text in texts if text in readings)
        sys.stdout.write(
            f"\n{len(texts)} real schedules: {len(texts) - len(unread)} read ({doubtful} of them with doubts), "
            f"{len(unread)} could not be read, {len(wrong)} wrong\n"
        )
    assert len(texts) == 103
    assert wrong == []
    assert [text for text in unread if any(day[:-2] for day in days_said(text))] == []


def test_the_check_can_fail() -> None:
    for text, other in [
        ("2nd Tues. of the month at 7pm", "3rd Tues. of the month at 7pm"),
        ("2nd Tues. of the month at 7pm", "2nd Tues. of the month at 8pm"),
        ("2nd Tues. of May at 7pm", "2nd Tues. of June at 7pm"),
        ("2nd Tues. (excluding May) at 7pm", "2nd Tues. at 7pm"),
        ("2nd Tues. bimonthly at 7pm", "2nd Tues. at 7pm"),
    ]:
        assert is_right(text, read(text))
        assert not is_right(text, read(other))
