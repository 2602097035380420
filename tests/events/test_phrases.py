"""Schedules in words: a rule that is surely right, or an honest refusal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.models import User
from backend.errors import Unprocessable
from backend.events.phrases import read
from backend.events.recurrence import coming_days, parse
from tests.events.factories import at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4th Tues. of the month at 7:15pm", [("FREQ=MONTHLY;BYDAY=4TU", "19:15", "")]),
        ("LAST FRIDAY OF EACH MONTH, 6 P.M.", [("FREQ=MONTHLY;BYDAY=-1FR", "18:00", "")]),
        ("1st and 3rd Wednesdays at noon", [("FREQ=MONTHLY;BYDAY=1WE,3WE", "12:00", "")]),
        ("every Monday and Thursday from 9am to 10:30am", [("FREQ=WEEKLY;BYDAY=MO,TH", "09:00", "10:30")]),
        ("2nd Sat. of the month 11-12:30pm", [("FREQ=MONTHLY;BYDAY=2SA", "11:00", "12:30")]),
        ("first Mon. of May - Aug. at 6-7pm", [("FREQ=MONTHLY;BYMONTH=5,6,7,8;BYDAY=1MO", "18:00", "19:00")]),
        (
            "third Thu Sept. through Feb at 7 pm",
            [("FREQ=MONTHLY;BYMONTH=1,2,9,10,11,12;BYDAY=3TH", "19:00", "")],
        ),
        ("2nd Mon. of even months at 5pm", [("FREQ=MONTHLY;BYMONTH=2,4,6,8,10,12;BYDAY=2MO", "17:00", "")]),
        (
            "1st Wed. every other month (Mar-Nov) at 7pm",
            [("FREQ=MONTHLY;BYMONTH=3,5,7,9,11;BYDAY=1WE", "19:00", "")],
        ),
        ("every third month on the 2nd Tuesday at 7pm", [("FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU", "19:00", "")]),
        (
            "1st Tues. of the month (except July and August) at 7pm",
            [("FREQ=MONTHLY;BYMONTH=1,2,3,4,5,6,9,10,11,12;BYDAY=1TU", "19:00", "")],
        ),
        (
            "first Monday of Jan.-May; second Monday of June; 6:30pm",
            [
                ("FREQ=MONTHLY;BYMONTH=1,2,3,4,5;BYDAY=1MO", "18:30", ""),
                ("FREQ=MONTHLY;BYMONTH=6;BYDAY=2MO", "18:30", ""),
            ],
        ),
    ],
)
def test_what_is_read(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = [
        (
            p.rrule,
            f"{p.start_time:%H:%M}" if p.start_time else "",
            f"{p.end_time:%H:%M}" if p.end_time else "",
        )
        for p in read(text).proposals
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("2nd Tues. of the month", "no time"),
        ("2nd Tues. of the month - 6:30", "18:30, in the evening"),
        ("2nd Tues. bimonthly at 7pm", "which month it begins"),
        ("5th Monday at 7pm", "fifth"),
        ("2nd Tues. at 11:30pm", "unusual"),
        ("Housing committee, 2nd Tues. at 7pm (call first)", "housing committee (call first)"),
    ],
)
def test_what_is_not_sure_is_said(text: str, doubt: str) -> None:
    assert any(doubt in said for said in read(text).doubts)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "Dates vary",
            "No regular meetings",
            "730 Carroll St",
            "2nd week of June",
            "Tuesdays",
            "monthly at 7pm",
        ),
        "2nd Tues. or 3rd Wed. of the month at 7pm",
        "2nd Tues. at 6pm and/or 3rd Wed. at 7pm",
        "2nd Tues. of the month, quarterly, at 7pm",
        "2nd Tues. of the month except holidays at 7pm",
        "2nd Tues. at 6pm and at 7pm",
        "2nd Tues. of the month at 9:30",
        "2nd Tues. of the month at 19:30",
        "2nd Tues. of the month after the 15th",
        "2nd Tues. of May (excluding May)",
        "every Tuesday in June at 6pm",
        "Tues. and 2nd Wed. at 6pm",
        "x" * 501,
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        read(text)
    assert refused.value.type == "schedule-not-understood"


WORDS = [
    "2nd",
    "last",
    "Tues",
    "Wed.",
    "of",
    "every",
    "month",
    "at",
    "7pm",
    "6:30",
    "-",
    "(",
    ")",
    "and",
    "May",
]


@given(st.text(max_size=80) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_anything_is_a_rule_or_a_refusal(text: str) -> None:
    try:
        reading = read(text)
    except Unprocessable:
        return
    for proposal in reading.proposals:
        assert str(parse(proposal.rrule)) == proposal.rrule


def test_a_proposal_shows_its_days_and_posts_nothing(officer: User, sign_in: Any) -> None:
    ask = {"text": "4th Tues. of the month from 7:15pm to 8pm"}
    answer = sign_in(officer).post("/api/v1/events/propose", ask, content_type="application/json").json()
    [proposal] = answer["proposals"]
    assert (proposal["rrule"], proposal["start_time"], proposal["end_time"]) == (
        "FREQ=MONTHLY;BYDAY=4TU",
        "19:15",
        "20:00",
    )
    assert proposal["days"][:3] == ["2026-11-24", "2026-12-22", "2027-01-26"]
    refused = sign_in(officer).post(
        "/api/v1/events/propose", {"text": "Dates vary"}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["type"]) == (422, "schedule-not-understood")


def test_coming_days_begin_with_the_day_itself() -> None:
    assert coming_days("FREQ=WEEKLY;BYDAY=FR", at("2026-11-27 23:00").date(), 1) == [
        at("2026-11-27 00:00").date()
    ]
