"""A page of a desk, as fast among a million concerns as among a thousand.

What somebody reads is a union: of each area, of each desk, of what is assigned to them (models.reading, Reach.apart).
No index has the whole in order, but one has each part: of each the database takes the first rows of a page, and the
first of all of those are the page. The parts go out as one statement.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from rest_framework.pagination import Cursor
from rest_framework.request import Request

from backend.api import Pages
from backend.feedback.concerns.models import Concern, Reach

ALL = Q()
MOST = 200  # SELECTs in one UNION: SQLite takes 500


@dataclass(frozen=True)
class Order:
    """A column of Concern, and whether its latest is first; the id decides between equals, the lower first."""

    column: str
    is_latest_first: bool
    of: Q = ALL  # which concerns it lists

    def after(self, position: Sequence[str], *, is_reverse: bool) -> Q:
        """What comes after the row of that value and id; before it, in reverse."""
        value, pk = datetime.fromisoformat(position[0]), position[1]
        way = "lt" if self.is_latest_first != is_reverse else "gt"
        beyond = Q(**{f"{self.column}__{way}": value}) | Q(**{f"id__{'lt' if is_reverse else 'gt'}": pk})
        return Q(**{f"{self.column}__{way}e": value}) & beyond

    def terms(self, *, is_reverse: bool) -> tuple[tuple[str, bool], tuple[str, bool]]:
        """(column, whether it descends) of both columns."""
        return (self.column, self.is_latest_first != is_reverse), ("id", is_reverse)

    def position_of(self, concern: Concern) -> list[str]:
        return [getattr(concern, self.column).isoformat(), str(concern.pk)]


def moment_of(text: str) -> datetime:
    """A time of a position, in UTC. Raises ValueError for what is none, has no zone, or is in UTC in no year."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError from None


OPEN = ~Q(status=Concern.Status.CLOSED)
ORDERS = {
    "newest": Order("submitted_at", True),
    "target": Order("target_at", False, OPEN),
    "changed": Order("changed_at", True),
}


@dataclass(frozen=True)
class Queue:
    """What of a reach meets `where`, of which only the first rows of an order are ever asked for.

    `rows(q)` gives the concerns under a condition with all that a row shows.
    """

    reach: Reach
    where: Q
    rows: Callable[[Q], QuerySet[Concern]]

    def page(self, order: Order, size: int, position: Sequence[str] | None, *, is_reverse: bool) -> "Page":
        """The rows after a position, from the beginning without one; in reverse those just before it."""
        found = self.first(order, size + 1, position, is_reverse=is_reverse)
        rows, goes_on = found[:size], len(found) > size
        rows = rows[::-1] if is_reverse else rows
        has_next, has_previous = (True, goes_on) if is_reverse else (goes_on, position is not None)
        return Page(
            rows,
            order.position_of(rows[-1]) if rows and has_next else None,
            order.position_of(rows[0]) if rows and has_previous else None,
        )

    def first(
        self, order: Order, most: int, position: Sequence[str] | None, *, is_reverse: bool
    ) -> list[Concern]:
        """The first after a position. The rows themselves are read through the wall again: it may have risen since."""
        after = order.after(position, is_reverse=is_reverse) if position else ALL
        where = order.of & self.where & after
        parts: list[Statement] = []
        for part, areas in self.reach.apart():
            statement, values = _part(where, part, order, most, is_reverse)
            parts += [(statement, (area, *values[1:])) for area in areas] or [(statement, values)]
        if not parts:
            return []
        statement, values = _first_of_all(parts, order, most, is_reverse)
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            ids = [Concern._meta.pk.to_python(row[0]) for row in cursor.fetchall()]
        found = {concern.pk: concern for concern in self.rows(Q(pk__in=ids) & self.reach.as_one())}
        return [found[pk] for pk in ids if pk in found]


class Page(NamedTuple):
    """Rows, and the positions after and before which others are; None where there are no others."""

    rows: list[Concern]
    next: list[str] | None
    previous: list[str] | None


Statement = tuple[str, tuple[Any, ...]]


def _part(where: Q, part: Q, order: Order, most: int, is_reverse: bool) -> Statement:
    """The ids of the first rows of one part."""
    (column, descends), (_, id_descends) = order.terms(is_reverse=is_reverse)
    by = ("-" * descends + column, "-" * id_descends + "id")
    rows = Concern.objects.filter(part).filter(where).order_by(*by).values_list("id", column)[:most]
    return rows.query.sql_with_params()


def _first_of_all(parts: Sequence[Statement], order: Order, most: int, is_reverse: bool) -> Statement:
    """The first of several; by Django's own union SQLite takes no ordered parts."""
    while len(parts) > MOST:
        groups = [parts[n : n + MOST] for n in range(0, len(parts), MOST)]
        parts = [_first_of_all(group, order, most, is_reverse) for group in groups]
    (_, descends), (_, id_descends) = order.terms(is_reverse=is_reverse)
    by = f"2 {'DESC' if descends else 'ASC'}, 1 {'DESC' if id_descends else 'ASC'}"
    union = " UNION ".join(f"SELECT * FROM ({statement}) AS part" for statement, _ in parts)
    return f"{union} ORDER BY {by} LIMIT {most}", tuple(value for _, values in parts for value in values)


class DeskPages(Pages):
    """Pages of a Queue in the order that `order` names; a position is a row's value and id, so ties are no matter."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        name = request.query_params.get("order", "newest")
        order, self.ordering = ORDERS[name], name
        self.base_url = request.build_absolute_uri()
        size = self.get_page_size(request) or self.page_size
        cursor = self.decode_cursor(request) or Cursor(0, False, None)
        page: Page = queryset.page(order, size, cursor.position, is_reverse=cursor.reverse)
        self.links = self._link(page.next, False), self._link(page.previous, True)
        return page.rows

    def _link(self, position: Any, is_reverse: bool) -> str | None:
        return self.encode_cursor(Cursor(0, is_reverse, position)) if position else None

    def get_next_link(self) -> str | None:
        return self.links[0]

    def get_previous_link(self) -> str | None:
        return self.links[1]
