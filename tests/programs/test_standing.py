"""Standing from attendance alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.programs.standing import Held, Requirement, standing

START = datetime(2027, 1, 6, 21, tzinfo=UTC)
THREE = Requirement(absences=3)


def course(count: int = 12, off: tuple[int, ...] = ()) -> list[Held]:
    return [Held(n, START + timedelta(weeks=n - 1), n in off) for n in range(1, count + 1)]


def after(number: int) -> datetime:
    return START + timedelta(weeks=number - 1)


@pytest.mark.parametrize(
    ("missed", "requirement", "allowed", "finished"),
    [
        (3, THREE, 3, True),
        (4, THREE, 3, False),
        (2, Requirement(percent=80), 2, True),  # 10 of 12 are 83 %
        (3, Requirement(percent=80), 2, False),  # 9 are 75 %
        (3, Requirement(percent=75), 3, True),
        (3, Requirement(absences=3, percent=80), 2, False),
        (2, Requirement(absences=1, percent=80), 1, False),
        (0, Requirement(percent=100), 0, True),
        (12, Requirement(absences=20), 12, False),  # who never came has not finished, whatever the rule
        (0, Requirement(), None, False),  # nor does anybody by no rule
    ],
)
def test_who_has_finished(missed: int, requirement: Requirement, allowed: int | None, finished: bool) -> None:
    found = standing(course(), range(missed + 1, 13), requirement, after(12))
    assert len(found.missed) == missed
    assert found.allowed == allowed
    assert found.is_finished is finished


def test_nobody_has_finished_before_the_last_is_over() -> None:
    everything = range(1, 13)
    assert not standing(course(), everything, THREE, after(12) - timedelta(seconds=1)).is_finished
    assert standing(course(), everything, THREE, after(12)).is_finished


def test_what_is_to_come_is_not_missed() -> None:
    found = standing(course(), [1, 3], THREE, after(4))
    assert (found.attended, found.missed, found.percent, found.can_finish) == ((1, 3), (2, 4), 50, True)
    before = standing(course(), [], THREE, after(1) - timedelta(hours=4))
    assert (before.missed, before.percent, before.can_finish) == ((), None, True)


def test_one_made_up_ahead_is_attended() -> None:
    found = standing(course(), [7], THREE, after(4))
    assert (found.attended, found.missed, found.can_finish) == ((7,), (1, 2, 3, 4), False)


def test_a_cancelled_session_counts_for_nobody() -> None:
    """Of those of 12 less one that were held, 80 percent are 9 (of 11)."""
    found = standing(course(off=(5,)), [1, 2, 3, 4, 5, 6, 7, 8, 9], Requirement(percent=80), after(12))
    assert (found.sessions, found.allowed) == (11, 2)
    assert found.attended == (1, 2, 3, 4, 6, 7, 8, 9)
    assert found.missed == (10, 11, 12)
    assert not found.is_finished


@given(
    count=st.integers(0, 30),
    off=st.sets(st.integers(1, 30)),
    attended=st.sets(st.integers(1, 40)),
    absences=st.none() | st.integers(0, 40),
    percent=st.none() | st.integers(0, 100),
    now=st.integers(0, 31),
)
def test_any_standing(
    count: int,
    off: set[int],
    attended: set[int],
    absences: int | None,
    percent: int | None,
    now: int,
) -> None:
    sessions = course(count, tuple(off))
    requirement = Requirement(absences, percent)
    found = standing(sessions, attended, requirement, after(now))
    counting = {s.number for s in sessions} - off
    assert set(found.attended) == counting & attended
    assert set(found.missed) == {n for n in counting - attended if n <= now}
    assert found == standing(reversed(sessions), attended | off, requirement, after(now))
    if found.is_finished:
        assert found.can_finish
        assert absences is None or len(found.missed) <= absences
        # In whole numbers, as a person would: at least so many of a hundred.
        assert percent is None or len(found.attended) * 100 >= percent * len(counting)
        assert set(found.attended) | set(found.missed) == counting
    more = standing(sessions, attended | set(found.missed[:1]), requirement, after(now))
    assert more.can_finish >= found.can_finish  # coming never harms
    assert more.is_finished >= found.is_finished
