"""What judges of an award read, and how their points decide (backend/programs/judging.py)."""

import hashlib
import random
import uuid
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.programs.judging import HONORED, Judged, best, redacted

WHO = {"child": "Alex J. Example", "guardian": "Pat Example", "nominator": "Mrs. Morgan O'Brien-Díaz"}
SCHOOL = "Oak Hill Elementary School"


@pytest.mark.parametrize(
    ("story", "read"),
    [
        ("Alex's dog and ALEX J EXAMPLE and Pat Example", "the child's dog and the child and the guardian"),
        ("Ask O’Brien, obrien or M. O'Brien-Diaz.", "Ask the nominator, the nominator or the nominator."),
        ("The Examples of OAK HILL elementary school", "The the child of the school"),
        ("Á\u0301lex A\u00adlex ＡＬＥＸ", "the child"),
        ("Alex. Then AlexExample", "the child. Then the child"),
        ("Alex E. and A. Example came", "the child and the child came"),
        ("Alexander went to school", "Alexander went to school"),
        (
            "at a.example@x.org, (314) 555-0142, 555-0199, www.x.org/alex, @alex_e or #TeamAlex",
            "at … … … … … or …",
        ),
        ("In 2025-2026 at 9:30", "In 2025-2026 at 9:30"),
        ("", ""),
    ],
)
def test_what_a_story_becomes(story: str, read: str) -> None:
    found = redacted(story, **WHO, school=SCHOOL)
    assert found.replace("…,", "…") == read


def test_names_in_other_scripts_are_found_inside_of_words() -> None:
    names = {"child": "李 明", "guardian": "Ахмед", "nominator": "Đorđe Łuk", "school": ""}
    assert redacted("李明帮助了小李。", **names) == "the child帮助了小the child。"
    assert redacted("Ахмеду", **names) == "the guardianу"
    assert redacted("DORDE Luk, Đorđe", **names) == "the nominator, the nominator"


def test_without_any_name_a_story_stays_as_it_is() -> None:
    assert redacted("A good deed", child="", guardian="", nominator="", school="") == "A good deed"


LETTERS = st.text("abcdeéöxyzABC", min_size=1, max_size=3)
LATIN = st.builds("{}{}{}".format, LETTERS, st.sampled_from(("", "-", "'", "’")), LETTERS)
FULL = st.lists(LATIN, min_size=1, max_size=3).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(
    child=FULL,
    guardian=FULL,
    nominator=FULL,
    school=FULL,
    seed=st.integers(),
    between=st.lists(st.text(), max_size=8),
)
def test_no_name_however_written_is_left(
    child: str, guardian: str, nominator: str, school: str, seed: int, between: list[str]
) -> None:
    chance = random.Random(seed)
    words = " ".join((child, guardian, nominator, school)).split()
    written = [chance.choice((str.upper, str.lower, str.title, str))(word) for word in words]
    pieces = [*written, *(w + "'s" for w in written), *(f" {text} " for text in between)]
    chance.shuffle(pieces)
    read = redacted(" ".join(pieces), child=child, guardian=guardian, nominator=nominator, school=school)
    left = read
    for stand_in in ("the child", "the guardian", "the nominator", "the school"):
        left = left.replace(stand_in, " ")
    there = set(left.casefold().split())
    hidden = {word.casefold() for word in words}
    assert not there & hidden
    assert not there & {f"{word}'s" for word in hidden}


POINTS = st.lists(st.integers(1, 10), max_size=5).map(tuple)
ROWS = st.lists(
    st.tuples(st.uuids(), st.integers(0, 14).map(str), POINTS), max_size=40, unique_by=lambda r: r[0]
)


@settings(max_examples=300, deadline=None)
@given(rows=ROWS, cohort=st.uuids(), seed=st.integers())
def test_the_best_are_the_best_of_distinct_children_in_any_order(
    rows: list[tuple[uuid.UUID, str, tuple[int, ...]]], cohort: uuid.UUID, seed: int
) -> None:
    judged = [Judged(*row) for row in rows]
    found = best(judged, cohort)
    random.Random(seed).shuffle(judged)
    assert best(judged, cohort) == found

    def mean(one: Judged) -> Fraction:
        return Fraction(sum(one.points), len(one.points))

    def tie(one: Judged) -> str:
        return hashlib.sha256(f"{cohort} {one.nomination}".encode()).hexdigest()

    scored = [one for one in judged if len(one.points) > 1]
    children = {one.child for one in scored}
    assert len(found) == min(HONORED, len(children)) == len({one.child for one in found})
    for better, worse in pairwise(found):
        assert mean(better) > mean(worse) or (mean(better) == mean(worse) and tie(better) < tie(worse))
    for one in found:
        assert mean(one) == max(mean(other) for other in scored if other.child == one.child)
    if found:
        left_out = [one for one in scored if one.child not in {f.child for f in found}]
        assert all((mean(found[-1]), tie(one)) >= (mean(one), tie(found[-1])) for one in left_out)
