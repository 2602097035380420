"""How people describe themselves: sums in one row a call, published without what is small."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.feedback.workinggroups.demographics import (
    ABOUT,
    FEWEST,
    OTHERWISE,
    QUESTIONS,
    RATHER_NOT,
    Counts,
    add,
    publishable,
)
from backend.feedback.workinggroups.models import DemographicCount
from backend.feedback.workinggroups.services import testimony
from tests.conftest import DocumentedClient
from tests.test_suppression import bounds
from tests.workinggroups.conftest import Group
from tests.workinggroups.telling import at, make_call

POST: dict[str, Any] = {"content_type": "application/json"}
MANY = [q for q in QUESTIONS if q.many]
ME = {"age": "25_to_34", "race_ethnicity": ["asian", "white"], "gender": OTHERWISE}


@pytest.fixture
def committed(transactional_db: None, django_db_serialized_rollback: None) -> None:
    """Real commits, each with a transaction's number of its own."""


def answers_of(question: Any) -> Any:
    one = st.sampled_from(list(question.choices))
    rest = [c for c in question.choices if c != RATHER_NOT]
    many = st.one_of(st.just([RATHER_NOT]), st.lists(st.sampled_from(rest), min_size=1, unique=True))
    return st.one_of(st.none(), many if question.many else one)


@st.composite
def everybodys(draw: st.DrawFn) -> Counts:
    """The sums of a few kinds of people, of each of which there are some."""
    counts: Counts = {}
    for _ in range(draw(st.integers(0, 6))):
        answers = {q.key: a for q in QUESTIONS if (a := draw(answers_of(q))) is not None}
        for _ in range(draw(st.integers(1, 14))):
            counts = add(counts, answers)
    return counts


@settings(max_examples=15, deadline=None)
@given(counts=everybodys())
def test_no_withheld_number_can_be_told_within_ten(counts: Counts) -> None:
    for question, shown in zip(QUESTIONS, publishable(counts), strict=True):
        row = [choice["count"] for choice in shown["choices"]]
        true = [counts.get(question.key, {}).get(choice, 0) for choice in question.choices]
        assert all(n in (None, m) and (n is None or n >= FEWEST) for n, m in zip(row, true, strict=True))
        if not question.many:
            whole = [*row, shown["people"]]
            assert all(most - least >= FEWEST - 1e-6 for _, least, most in bounds([whole, whole]))
        elif shown["people"] is not None:
            for n, count in enumerate(row):
                if count is None:
                    least, most = room(row, shown["people"], n, list(question.choices).index(RATHER_NOT))
                    assert most - least >= FEWEST


def room(row: list[int | None], people: int, n: int, rather_not: int) -> tuple[int, int]:
    """Between what a withheld count of a question of many choices can be, by what is shown.

    Who would rather not say chose nothing else, and all others at least one.
    """
    others = [c for i, c in enumerate(row) if i not in (n, rather_not)]
    covered = sum(c for c in others if c is not None)
    if n == rather_not:
        most = people - max((c for c in others if c is not None), default=0)
        return (0 if None in others else max(0, people - covered)), most
    if row[rather_not] is None:
        return 0, people
    speaking = people - (row[rather_not] or 0)
    return (0 if None in others else max(0, speaking - covered)), speaking


def test_what_is_large_is_shown_and_what_is_small_is_not() -> None:
    counts: Counts = {}
    for answers, times in (
        (ME, 12),
        ({"age": "65_or_over", "race_ethnicity": ["white"]}, 15),
        ({"age": "under_18"}, 3),
    ):
        for _ in range(times):
            counts = add(counts, answers)
    shown = {row["question"]: row for row in publishable(counts)}
    ages = {c["choice"]: c["count"] for c in shown["age"]["choices"]}
    races = {c["choice"]: c["count"] for c in shown["race_ethnicity"]["choices"]}
    assert shown["age"]["people"] == 30
    assert ages["under_18"] is None
    assert shown["race_ethnicity"]["people"] == 27
    assert (races["asian"], races["white"]) == (12, None)  # all but none of 27 chose white
    # All twelve said the same: either number would tell what the others did not say.
    assert {shown["gender"]["people"], *(c["count"] for c in shown["gender"]["choices"])} == {None}
    assert shown["disability"]["people"] is None


def test_nothing_is_required_and_no_place_is_asked() -> None:
    assert all(RATHER_NOT in q.choices for q in QUESTIONS)
    assert [q.key for q in QUESTIONS if OTHERWISE not in q.choices] == ["age"]
    assert "no words are asked for" in ABOUT
    assert not {"neighborhood", "ward", "address"} & {q.key for q in QUESTIONS}


def test_answers_are_sums_in_one_row(client: DocumentedClient, force: Group) -> None:
    call = make_call(force, takes_testimony=False)
    for answers in (ME, {"age": "25_to_34"}, {}):
        answer = client.post(at(force, call, "demographics"), answers, **POST)
        assert (answer.status_code, answer.json()) == (201, {"kept": True, "notice": ABOUT})
    counts = DemographicCount.objects.get().counts
    assert counts["age"]["25_to_34"] == counts["age"]["people"] == 2
    assert (counts["race_ethnicity"]["white"], counts["race_ethnicity"]["people"]) == (1, 1)
    assert counts["disability"]["people"] == 0


@pytest.mark.parametrize(
    "answers",
    [
        {"age": "29"},
        {"age": ["25_to_34"]},
        {"race_ethnicity": "white"},
        {"race_ethnicity": ["white", "martian"]},
        {"race_ethnicity": ["white", RATHER_NOT]},
        {"gender": "in my own words"},
    ],
)
def test_what_is_no_choice_is_refused(client: DocumentedClient, force: Group, answers: Any) -> None:
    call = make_call(force)
    assert client.post(at(force, call, "demographics"), answers, **POST).status_code == 400
    assert not DemographicCount.objects.exists()


def test_the_same_choice_twice_counts_once(client: DocumentedClient, force: Group) -> None:
    twice = {"race_ethnicity": ["asian", "asian"]}
    client.post(at(force, make_call(force), "demographics"), twice, **POST)
    assert DemographicCount.objects.get().counts["race_ethnicity"]["asian"] == 1


def test_the_row_does_not_show_what_was_chosen_first(client: DocumentedClient, force: Group) -> None:
    client.post(at(force, make_call(force), "demographics"), ME, **POST)
    with connection.cursor() as cursor:
        cursor.execute("SELECT counts FROM workinggroups_demographiccount")
        written = str(cursor.fetchone()[0])
    if connection.vendor == "sqlite":  # PostgreSQL keeps an order of its own
        places = [written.index(f'"{question.key}"') for question in QUESTIONS]
        assert places == sorted(places)
    assert all(f'"{choice}"' in written for question in QUESTIONS for choice in question.choices)


def test_nobody_sees_sums_before_and_they_change_no_more_after(
    client: DocumentedClient, force: Group, sign_in: Any
) -> None:
    call = make_call(force)
    where = at(force, call, "demographics")
    for n, race in enumerate(["asian", "white"] * FEWEST):
        client.post(where, {"race_ethnicity": [race]}, REMOTE_ADDR=f"203.0.113.{n}", **POST)
    assert testimony.demographics_of(call) is None
    assert sign_in(force.member).get(where).status_code == 405
    call.closed_at = timezone.now()
    call.save()
    assert testimony.demographics_of(call) is None
    refusal = client.post(where, ME, **POST)
    assert (refusal.status_code, refusal.json()["type"]) == (409, "call-closed")
    call.published_at = timezone.now()
    call.save()
    shown = testimony.demographics_of(call)
    assert shown is not None
    assert shown[1]["people"] == 2 * FEWEST
    assert client.post(where, ME, **POST).status_code == 409
    assert testimony.demographics_of(call) == shown


def test_a_published_call_of_which_nobody_said_anything(force: Group) -> None:
    call = make_call(force, published_at=timezone.now())
    assert all(row["people"] is None for row in testimony.demographics_of(call) or [])


def test_calls_for_members_and_later_ones_take_none(client: DocumentedClient, force: Group) -> None:
    members = make_call(force, audience="members")
    later = make_call(force, opens_at=timezone.now() + timedelta(hours=1))
    assert client.post(at(force, members, "demographics"), ME, **POST).status_code == 404
    assert client.post(at(force, later, "demographics"), ME, **POST).status_code == 409


def test_many_at_once_are_all_counted(committed: None, force: Group) -> None:
    call, together, people = make_call(force), Barrier(6), 6

    def describe(_: int) -> None:
        try:
            together.wait(10)
            testimony.describe(consultation=call, answers=ME)
        finally:
            connection.close()

    with ThreadPoolExecutor(people) as pool:
        list(pool.map(describe, range(people)))
    assert DemographicCount.objects.get().counts["age"]["people"] == people
