"""Which cells of a table with sums are withheld, so that what is left does not tell the small ones. Pure.

Who reads such a table knows that every row and column adds up and that no count is below 0. So how far a withheld cell
can be moved is a largest flow: rows and columns are the nodes, the withheld cells are the edges between them, and a
cell that goes up makes another of its row and another of its column go down. Counts are whole, and so is the flow.
See Cox, "Suppression methodology and statistical disclosure control" (1980), and Kelly, Golden and Assad (1992).
"""

from collections import deque
from heapq import heappop, heappush
from itertools import pairwise, product

Cell = tuple[int, int]
ENDLESS = 1 << 60
# What it costs to withhold one more: an inner cell rather than a row's or column's sum, that rather than the whole.
INNER, SUM, WHOLE = 1, 20, 400


def suppress(rows: list[list[int]], k: int = 10) -> list[list[int | None]]:
    """The table with None for each cell that is withheld.

    `rows`: whole counts; the last column holds the rows' sums, the last row the columns'. Withheld is what is below
    `k`, and as much more as is needed so that of each withheld cell, sums too, the least and the greatest value that
    fit with all that is shown are at least `k` apart. The cells below `k` are besides kept as uncertain as can be to
    somebody who knows which these are: where it can be had, each may still be anything from 0 to k - 1.
    The same table gives the same answer. Raises ValueError for one that does not add up.
    """
    if not _adds_up(rows):
        raise ValueError("Each row and column must add up to its sum, and no count be below 0.")
    table = _Table(rows, k)
    waiting = deque(sorted(table.withheld))
    while waiting:
        cell = waiting.popleft()
        waiting.extend(table.protect(cell))
    return [
        [None if (i, j) in table.withheld else value for j, value in enumerate(row)]
        for i, row in enumerate(rows)
    ]


def _adds_up(rows: list[list[int]]) -> bool:
    columns = list(zip(*rows, strict=True))
    lines = [*rows, *map(list, columns)]
    return all(sum(line[:-1]) == line[-1] and min(line) >= 0 for line in lines)


class _Table:
    """Withheld cells only grow, and with them every cell's room: what is once protected stays so."""

    def __init__(self, rows: list[list[int]], k: int) -> None:
        self.rows, self.k = rows, k
        self.height, self.width = len(rows), len(rows[0])
        cells = product(range(self.height), range(self.width))
        self.withheld = {(i, j) for i, j in cells if rows[i][j] < k}

    def protect(self, cell: Cell) -> list[Cell]:
        """Withholds what the cell needs; returns what that was."""
        before, value = set(self.withheld), self.rows[cell[0]][cell[1]]
        down = self._room(cell, goes_up=False, wanted=self.k, small_known=False, may_add=False)
        self._room(cell, goes_up=True, wanted=self.k - down, small_known=False, may_add=True)
        if value < self.k:
            self._room(cell, goes_up=False, wanted=value, small_known=True, may_add=True)
            self._room(cell, goes_up=True, wanted=self.k - 1 - value, small_known=True, may_add=True)
        return sorted(self.withheld - before)

    def _room(self, cell: Cell, *, goes_up: bool, wanted: int, small_known: bool, may_add: bool) -> int:
        """How far the cell's value can go that way, at most `wanted`; with `may_add`, by withholding more."""
        row, column = cell[0], self.height + cell[1]
        # The cell's own change closes the circle: up in its row and column is a flow from column to row.
        start, end = (column, row) if goes_up != self._is_sum(cell) else (row, column)
        moved: dict[Cell, int] = {}
        room = min(wanted, self._limit(cell, goes_up, small_known))
        found = 0
        while found < room and (path := self._path(start, end, cell, moved, small_known, may_add)):
            steps = list(pairwise(path))
            found_now = min(room - found, *(self._left(a, b, moved, small_known) for a, b in steps))
            for a, b in steps:
                edge, sign = self._edge(a, b)
                moved[edge] = moved.get(edge, 0) + sign * found_now
                self.withheld.add(edge)
            found += found_now
        return found

    def _path(
        self, start: int, end: int, without: Cell, moved: dict[Cell, int], small_known: bool, may_add: bool
    ) -> list[int]:
        """The cheapest way from node to node on which something is left; [] for none (Dijkstra)."""
        best, came_from = {start: 0}, {start: start}
        heap = [(0, start)]
        while heap:
            cost, node = heappop(heap)
            if node == end:
                break
            if cost > best[node]:
                continue
            is_row = node < self.height
            for other in range(self.height, self.height + self.width) if is_row else range(self.height):
                edge = (node, other - self.height) if is_row else (other, node - self.height)
                price = 0 if edge in self.withheld else self._price(edge)
                if edge == without or (price and not may_add) or best.get(other, ENDLESS) <= cost + price:
                    continue
                if self._left(node, other, moved, small_known):
                    best[other], came_from[other] = cost + price, node
                    heappush(heap, (cost + price, other))
        if end not in came_from:
            return []
        path = [end]
        while path[-1] != start:
            path.append(came_from[path[-1]])
        return path[::-1]

    def _edge(self, a: int, b: int) -> tuple[Cell, int]:
        """The cell between two nodes, and 1 for the way from row to column, -1 for the other."""
        return ((a, b - self.height), 1) if a < self.height else ((b, a - self.height), -1)

    def _left(self, a: int, b: int, moved: dict[Cell, int], small_known: bool) -> int:
        """How much more can go from node to node. From row to column a count goes up, and a sum down."""
        edge, sign = self._edge(a, b)
        goes_up = (sign > 0) != self._is_sum(edge)
        return self._limit(edge, goes_up, small_known) - sign * moved.get(edge, 0)

    def _limit(self, cell: Cell, goes_up: bool, small_known: bool) -> int:
        value = self.rows[cell[0]][cell[1]]
        is_small = value < self.k
        if goes_up:
            return self.k - 1 - value if small_known and is_small else ENDLESS
        return value - self.k if small_known and not is_small else value

    def _is_sum(self, cell: Cell) -> bool:
        """Whether it adds up a row or a column. The sum of all is on the counts' side: it adds up sums."""
        return (cell[0] == self.height - 1) != (cell[1] == self.width - 1)

    def _price(self, cell: Cell) -> int:
        sums = (cell[0] == self.height - 1) + (cell[1] == self.width - 1)
        return (INNER, SUM, WHOLE)[sums] * 100_000 + min(self.rows[cell[0]][cell[1]], 99_999)
