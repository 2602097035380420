"""What can be worked out of a table with sums: every bound by linear programming, not by the code's own flows.

All vertices of such a table's polytope are whole, so the bounds for counts are those for numbers.
"""

import time
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from backend.suppression import suppress

K = 10
Shown = list[list[int | None]]
counts = st.one_of(st.integers(0, 3), st.integers(0, 15), st.integers(0, 400))


def with_sums(inner: list[list[int]]) -> list[list[int]]:
    rows = [[*row, sum(row)] for row in inner]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


@st.composite
def tables(draw: st.DrawFn, least: int = 1) -> list[list[int]]:
    height, width = draw(st.integers(least, 5)), draw(st.integers(least, 4))
    cells = draw(st.sampled_from([counts, st.integers(0, 12), st.integers(0, 30), st.integers(5, 25)]))
    return with_sums(
        draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=height, max_size=height))
    )


def withheld(shown: Shown) -> list[tuple[int, int]]:
    return [(i, j) for i, j in product(range(len(shown)), range(len(shown[0]))) if shown[i][j] is None]


def bounds(
    shown: Shown, small: set[tuple[int, int]] | None = None
) -> Iterator[tuple[tuple[int, int], float, float]]:
    """(cell, least, greatest) of each withheld cell. With `small` who looks knows which are below K."""
    height, width = len(shown), len(shown[0])
    number = {cell: n for n, cell in enumerate(withheld(shown))}
    lines = [[(i, j) for j in range(width)] for i in range(height)]
    lines += [[(i, j) for i in range(height)] for j in range(width)]
    sums, known = np.zeros((len(lines), len(number))), np.zeros(len(lines))
    for n, line in enumerate(lines):
        for cell in line:
            sign = -1 if cell == line[-1] else 1
            value = shown[cell[0]][cell[1]]
            if value is None:
                sums[n, number[cell]] = sign
            else:
                known[n] -= sign * value

    def limits(cell: tuple[int, int]) -> tuple[int, int | None]:
        if small is None:
            return (0, None)
        return (0, K - 1) if cell in small else (K, None)

    args = {"A_eq": sums, "b_eq": known, "bounds": [limits(c) for c in number]}
    for cell, n in number.items():
        one = np.zeros(len(number))
        one[n] = 1
        least, most = linprog(one, **args), linprog(-one, **args)
        assert least.status == 0
        assert most.status in (0, 3)  # 3: without end
        yield cell, least.fun, -most.fun if most.status == 0 else float("inf")


@settings(max_examples=30, deadline=None)
@given(rows=tables())
def test_no_withheld_cell_can_be_told_within_k(rows: list[list[int]]) -> None:
    shown = suppress(rows, K)
    for row, told in zip(rows, shown, strict=True):
        for value, cell in zip(row, told, strict=True):
            assert cell in (None, value)
            assert cell is None or cell >= K
    for cell, least, most in bounds(shown):
        assert most - least >= K - 1e-6, (rows, shown, cell)


@pytest.mark.parametrize(
    "inner",
    [
        [[0]],
        [[9]],
        [[3, 7]],
        [[10, 0]],
        [[10], [10], [9]],
        [[0, 0, 0], [0, 0, 0]],
        [[10, 10, 3], [10, 10, 10], [10, 10, 10]],
        [[50, 1], [1, 50]],
        [[1, 100, 100], [100, 1, 100], [100, 100, 1]],
        [[0, 0, 500], [0, 0, 500]],
        [[9, 9], [9, 9]],
    ],
)
def test_cases(inner: list[list[int]]) -> None:
    shown = suppress(with_sums(inner), K)
    assert withheld(shown)
    assert all(most - least >= K - 1e-6 for _, least, most in bounds(shown))


def test_a_table_of_large_counts_is_shown_whole() -> None:
    rows = with_sums([[10, 400, 25], [11, 12, 10]])
    assert suppress(rows, K) == rows


def test_one_small_count_takes_three_others_with_it_and_no_sum() -> None:
    rows = with_sums([[3, 30, 40], [50, 20, 60], [70, 80, 90]])
    assert suppress(rows, K) == [
        [None, None, 40, 73],
        [None, None, 60, 130],
        [70, 80, 90, 240],
        [123, 130, 190, 443],
    ]


@settings(max_examples=15, deadline=None)
@given(rows=tables(least=3))
def test_who_knows_which_counts_are_small_learns_no_more_of_inner_ones_than_the_rule_says(
    rows: list[list[int]],
) -> None:
    """Where it can be had: with few sums of their own small, or with large counts beside them."""
    shown = suppress(rows, K)
    small = {(i, j) for i, j in withheld(shown) if rows[i][j] < K}
    assume(all(i < len(rows) - 1 and j < len(rows[0]) - 1 for i, j in small))
    for (i, j), least, most in bounds(shown, small):
        if (i, j) in small:
            assert (least, most) == pytest.approx((0, K - 1), abs=1e-6), (rows, shown, i, j)


@pytest.mark.parametrize("most", [0, 4, 12, 30, 100])
def test_a_citys_quarter_takes_less_than_a_second(most: int) -> None:
    random = np.random.default_rng(8)
    rows = with_sums(random.integers(0, most + 1, (20, 14)).tolist())
    began = time.process_time()
    suppress(rows, K)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("rows", [[[1, 2], [1, 3]], [[-1, -1], [-1, -1]]])
def test_what_does_not_add_up_is_refused(rows: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="add up"):
        suppress(rows, K)
