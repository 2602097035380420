"""How many concerns came, went and came back, by command and week; for staff, and once a quarter for everybody.

Weeks are ISO weeks of St. Louis, named by their Monday, and belong to the quarter that the Monday is in. A command is
a district or precinct, by today's map (models.command_of). First responses are measured in hours by the clock, not in
business hours: so long somebody waited. A percentile is the nearest rank, a time that somebody did wait.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import RowNumber, TruncWeek
from django.utils import timezone

from backend.accounts.models import User
from backend.feedback.concerns.models import Concern, ConcernChange, FigureTable, command_of
from backend.feedback.concerns.triage import MOVES
from backend.roster.index import geography
from backend.roster.models import Area
from backend.suppression import suppress

MEASURES = ("opened", "closed", "reopened", "overdue")
CLOSINGS = [name for name, move in MOVES.items() if move.end == Concern.Status.CLOSED]
FEWEST = 10  # what is published counts at least so many
SETTLED = timedelta(days=14)  # after a quarter's end
DAY, WEEK = timedelta(days=1), timedelta(days=7)
NOWHERE = Q(pk__in=())


class Wait(NamedTuple):
    """Until the first response, of so many that had one."""

    answered: int
    median: timedelta
    p90: timedelta


class Weeks(NamedTuple):
    """Whole weeks, from a Monday until before another; `now`: what passes later has not passed."""

    first: date
    end: date
    now: datetime

    def holds(self, field: str) -> Q:
        begins, ends = (timezone.make_aware(datetime.combine(day, time())) for day in (self.first, self.end))
        return Q(**{f"{field}__gte": begins, f"{field}__lt": ends})

    def mondays(self) -> list[date]:
        return [self.first + WEEK * n for n in range((self.end - self.first).days // 7)]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


# --- for staff ----------------------------------------------------------------------------------------


def staff_figures(*, user: User, first: date, last: date) -> list[dict[str, Any]]:
    """A row for each command and week, from the week of `first` to that of `last`, in which anything happened.

    Counted is what this person may see now, and nothing else. `area` is a slug, None for what lies in no command.
    """
    span = Weeks(monday(first), monday(last) + WEEK, timezone.now())
    visible = Concern.objects.visible_to(user)
    rows: dict[tuple[str, date], dict[str, Any]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
    areas = geography().areas
    for measure, command, week, n in _counts(visible, span, NOWHERE):
        rows[areas[command].slug if command else "", week][measure] = n
    waits = {
        (areas[command].slug if command else "", week): wait
        for (command, week), wait in _waits(visible, span, NOWHERE, by_week=True).items()
    }
    return [
        {"area": area or None, "week": week, **rows[area, week], **_hours(waits.get((area, week)), digits=1)}
        for area, week in sorted(rows)
    ]


def _hours(wait: Wait | None, *, digits: int) -> dict[str, Any]:
    return {
        "answered": wait.answered if wait else 0,
        "median_hours": round(wait.median / timedelta(hours=1), digits) if wait else None,
        "p90_hours": round(wait.p90 / timedelta(hours=1), digits) if wait else None,
    }


# --- counting -----------------------------------------------------------------------------------------


def _counts(
    concerns: QuerySet[Concern], span: Weeks, unplaced: Q
) -> Iterator[tuple[str, int | None, date, int]]:
    """(measure, id of the command, Monday, how many), counted by the database; a row where there is any.

    What is `unplaced` counts for no command.
    """
    changes = ConcernChange.objects.filter(span.holds("at"), concern__in=concerns)
    by_measure: dict[str, tuple[QuerySet[Any], str]] = {
        "opened": (concerns.filter(span.holds("submitted_at")), "submitted_at"),
        "closed": (changes.filter(move__in=CLOSINGS), "at"),
        "reopened": (changes.filter(move="reopen"), "at"),
        "overdue": (_overdue(concerns, span), "target_at"),
    }
    for measure, (rows, moment) in by_measure.items():
        found = (
            rows.annotate(command=_command(rows, unplaced), week=TruncWeek(moment))
            .order_by()
            .values_list("command", "week")
            .annotate(n=Count("pk"))
        )
        for command, week, n in found:
            yield measure, command, week.date(), n


def _overdue(concerns: QuerySet[Concern], span: Weeks) -> QuerySet[Concern]:
    """Those whose target passed while they were open, by their history; opened again later is not late then."""
    before = ConcernChange.objects.filter(concern=OuterRef("pk"), at__lte=OuterRef("target_at"))
    state = Subquery(before.order_by("-at", "-id").values("status")[:1])
    passed = concerns.filter(span.holds("target_at"), target_at__lt=span.now)
    return passed.annotate(state_then=state).exclude(state_then=Concern.Status.CLOSED)


def _command(rows: QuerySet[Any], unplaced: Q) -> Case:
    """The command's id of a concern, or of the concern of a change; NULL where it is in none."""
    of_change = rows.model is ConcernChange
    on, below = timezone.localdate(), defaultdict[int, list[int]](list)
    for area in geography().maps(on).upwards:
        if command := command_of(area, on):
            below[command.pk].append(area)
    key = "concern__area__in" if of_change else "area__in"
    hidden = Q(concern__in=Concern.objects.filter(unplaced)) if of_change else unplaced
    return Case(
        When(hidden, then=None),
        *(When(**{key: areas}, then=Value(command)) for command, areas in sorted(below.items())),
        default=None,
        output_field=IntegerField(),
    )


def _waits(
    concerns: QuerySet[Concern], span: Weeks, unplaced: Q, *, by_week: bool
) -> dict[tuple[int | None, date | None], Wait]:
    """By command and, with `by_week`, Monday of the telling. The database ranks; two rows a group come here."""
    answered = concerns.filter(span.holds("submitted_at"), first_response_at__isnull=False)
    group = [F("command"), F("week")] if by_week else [F("command")]
    took = ExpressionWrapper(F("first_response_at") - F("submitted_at"), DurationField())
    ranked = (
        answered.annotate(command=_command(answered, unplaced), week=TruncWeek("submitted_at"), took=took)
        .annotate(
            rank=Window(RowNumber(), partition_by=group, order_by=["took", "pk"]),
            n=Window(Count("pk"), partition_by=group),
        )
        .annotate(to_half=F("rank") * 2 - F("n"), to_ninety=F("rank") * 10 - F("n") * 9)
        .order_by()
    )
    picked = ranked.filter(Q(to_half__in=(0, 1)) | Q(to_ninety__in=range(10)))
    found: dict[tuple[int | None, date | None], Wait] = {}
    for command, week, wait, n, to_half in picked.values_list("command", "week", "took", "n", "to_half"):
        key = (command, week.date() if by_week else None)
        so_far = found.get(key, Wait(n, timedelta(), timedelta()))
        # Of one or two answers both ranks may be the same row.
        found[key] = Wait(n, wait if to_half in (0, 1) else so_far.median, max(so_far.p90, wait))
    return found


# --- for everybody ------------------------------------------------------------------------------------


def publish_figures(now: datetime) -> int:
    """Publishes each quarter that ended 14 days ago and has no table yet, once and for all; returns how many.

    A table is never made anew: two versions would tell by their difference what each withholds.
    """
    earliest = Concern.objects.aggregate(at=Min("submitted_at"))["at"]
    if earliest is None:
        return 0
    made, first = 0, _start_of_quarter(monday(timezone.localtime(earliest).date()))
    while (following := _start_of_quarter(first + timedelta(days=95))) - DAY + SETTLED <= timezone.localdate(
        now
    ):
        name = f"{first.year}-Q{(first.month + 2) // 3}"
        if not FigureTable.objects.filter(quarter=name).exists():
            # The weeks whose Monday is in the quarter.
            span = Weeks(monday(first + 6 * DAY), monday(following + 6 * DAY), now)
            facts = {"tables": public_tables(span), "published_at": now}
            made += FigureTable.objects.get_or_create(quarter=name, defaults=facts)[1]
        first = following
    return made


def _start_of_quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def public_tables(span: Weeks) -> dict[str, Any]:
    """{"weeks": [Mondays], "areas": [slugs], "tables": {measure: rows}, "first_response": [...]}.

    `rows`: one for each of `areas`, one for what is shown by no area (without a place, sensitive, and all that is or
    ever was walled), one of sums; in each the weeks and their sum; None is withheld (suppression). Of a command with
    fewer than 10 answers, or whose sum of the opened is withheld, no time is told.
    """
    cleared = ConcernChange.objects.filter(concern=OuterRef("pk"), move="clear")
    # By area each of them would stand out against what that area's commander counts of what they may read.
    unplaced = Q(is_walled=True) | Q(is_sensitive=True) | Q(Exists(cleared))
    everything = Concern.objects.all()
    commands, weeks = _commands(), span.mondays()
    places: list[int | None] = [*(area.pk for area in commands), None]
    cells = {measure: [[0] * len(weeks) for _ in places] for measure in MEASURES}
    for measure, command, week, n in _counts(everything, span, unplaced):
        row = places.index(command) if command in places else -1
        cells[measure][row][weeks.index(week)] += n
    tables = {measure: suppress(_with_sums(rows), FEWEST) for measure, rows in cells.items()}
    waits = _waits(everything, span, unplaced, by_week=False)
    return {
        "weeks": [week.isoformat() for week in weeks],
        "areas": [area.slug for area in commands],
        "tables": tables,
        "first_response": [
            {"area": area.slug, **_told(waits.get((area.pk, None)), tables["opened"][n][-1])}
            for n, area in enumerate(commands)
        ],
    }


def _commands() -> list[Area]:
    """The districts and precincts on today's map, whether anything happened there or not."""
    maps = geography().maps(timezone.localdate())
    kinds = (Area.Kind.DISTRICT, Area.Kind.PRECINCT)
    areas = (geography().areas[pk] for pk in maps.upwards)
    return sorted((area for area in areas if area.kind in kinds), key=lambda area: area.slug)


def _told(wait: Wait | None, opened: int | None) -> dict[str, Any]:
    """In whole hours; how many were answered is not told."""
    told = wait if wait and wait.answered >= FEWEST and opened is not None else None
    hours = _hours(told, digits=0)
    return {name: hours[name] and int(hours[name]) for name in ("median_hours", "p90_hours")}


def _with_sums(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    summed = [[*row, sum(row)] for row in rows]
    return [*summed, [sum(column) for column in zip(*summed, strict=True)]]
