"""Figures: what staff count of what they may see, and what a quarter tells everybody."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.feedback.concerns.models import Concern, ConcernChange, ConcernSubject, FigureTable
from backend.feedback.concerns.services import figures
from backend.roster.models import Area
from tests.factories import make_staff
from tests.test_suppression import bounds

FOUR, BEAT, COUNTY = "slmpd-district-4", "slmpd-beat-402", "slcpd-precinct-1"
WEEK = "from=2026-11-16&to=2026-11-22"
MONDAY = datetime(2026, 11, 16, 15, tzinfo=UTC)
AFTER_Q3 = datetime(2026, 10, 14, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _without_the_demos(city: None) -> None:
    Concern.objects.all().delete()


def told(where: str | None, at: datetime, *, closed: timedelta | None = None, **facts: Any) -> Concern:
    """One with its history; `closed` so long after."""
    place = Area.objects.get(slug=where) if where else None
    if closed is not None:
        facts |= {"status": "closed", "disposition": "resolved", "closed_at": at + closed}
    made = Concern.objects.create(category_id="noise", description="x", area=place, submitted_at=at, **facts)
    changed(made, "submit", "submitted", at)
    if closed is not None:
        changed(made, "close", "closed", at + closed)
    return made


def changed(concern: Concern, move: str, status: str, at: datetime) -> None:
    ConcernChange.objects.create(concern=concern, move=move, status=status, at=at)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def week_of(client: Client, query: str = WEEK) -> dict[Any, dict[str, Any]]:
    answer = client.get(f"/api/v1/triage/figures?{query}")
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    return {(row.pop("area"), row.pop("week")): row for row in answer.json()["results"]}


def test_a_week_counts_what_happened_in_it(liaison: User, sign_in: Any) -> None:
    target = MONDAY + hours(20)
    for wait in range(1, 11):  # each answered an hour later than the one before
        told(BEAT, MONDAY, first_response_at=MONDAY + hours(wait))
    told(BEAT, MONDAY, closed=hours(5), target_at=target)  # in time
    told(BEAT, MONDAY, closed=hours(30), target_at=target)  # late
    again = told(BEAT, MONDAY, target_at=target)  # closed in time, opened again after it
    changed(again, "close", "closed", MONDAY + hours(10))
    changed(again, "reopen", "triaged", MONDAY + hours(40))
    told(BEAT, MONDAY - timedelta(days=7), target_at=target)  # of the week before, overdue in this one
    told(FOUR, MONDAY, closed=hours(24 * 8))  # closed a week later
    told(None, MONDAY)
    told("slmpd-district-2", MONDAY)
    rows = week_of(sign_in(liaison))
    assert rows == {
        (FOUR, "2026-11-16"): {
            "opened": 14,
            "closed": 3,
            "reopened": 1,
            "overdue": 2,
            "answered": 10,
            "median_hours": 5.0,
            "p90_hours": 9.0,
        },
        (None, "2026-11-16"): {
            "opened": 1,
            "closed": 0,
            "reopened": 0,
            "overdue": 0,
            "answered": 0,
            "median_hours": None,
            "p90_hours": None,
        },
    }


def test_weeks_begin_on_monday_in_st_louis(liaison: User, sign_in: Any) -> None:
    told(BEAT, datetime(2026, 11, 16, 5, 59, tzinfo=UTC))  # Sunday, 23:59
    told(BEAT, datetime(2026, 11, 16, 6, 0, tzinfo=UTC))
    rows = week_of(sign_in(liaison), "from=2026-11-15&to=2026-11-16")
    assert {week: row["opened"] for (_, week), row in rows.items()} == {"2026-11-09": 1, "2026-11-16": 1}


@pytest.mark.parametrize(
    "query", ["from=2026-11-17&to=2026-11-01", "from=2025-01-01&to=2026-11-01", "from=x", "to=9999-12-31"]
)
def test_bad_days_are_refused(liaison: User, sign_in: Any, query: str) -> None:
    assert sign_in(liaison).get(f"/api/v1/triage/figures?{query}").status_code == 400


@pytest.mark.parametrize("days", ["from=0001-01-01&to=0001-01-03", "to=0001-01-01"])
def test_the_first_days_there_are_do_no_harm(liaison: User, sign_in: Any, days: str) -> None:
    assert sign_in(liaison).get(f"/api/v1/triage/figures?{days}").status_code in (200, 400)


@pytest.mark.parametrize("cleared", [False, True])
def test_figures_are_the_same_bytes_with_and_without_what_is_hidden(
    officer: User, captain: User, outsider: User, sign_in: Any, cleared: bool
) -> None:
    sworn = make_staff("sworn@example.org", FOUR, "liaison")
    admin = User.objects.create_user(kind=User.Kind.STAFF, email="a@example.org", is_administrator=True)
    for where in (BEAT, COUNTY, None):
        told(where, MONDAY, closed=hours(3), first_response_at=MONDAY + hours(1))
    clients = [sign_in(user) for user in (officer, captain, outsider, sworn, admin)]
    before = [client.get(f"/api/v1/triage/figures?{WEEK}").content for client in clients]
    hidden = told(
        BEAT,
        MONDAY,
        is_walled=True,
        cleared_at=timezone.now() if cleared else None,
        target_at=MONDAY + hours(1),
        first_response_at=MONDAY + hours(90),
    )
    district = Area.objects.get(slug=FOUR)
    ConcernSubject.objects.create(concern=hidden, command=district, source="asked")
    changed(hidden, "close", "closed", MONDAY + hours(2))
    changed(hidden, "reopen", "triaged", MONDAY + hours(3))
    assert [client.get(f"/api/v1/triage/figures?{WEEK}").content for client in clients] == before


# --- for everybody ------------------------------------------------------------------------------------


def a_quarter() -> None:
    """The third of 2026: much in District 4, some in 2, little in the County, a few beside that."""
    first = datetime(2026, 7, 6, 15, tzinfo=UTC)
    rows = []
    for week in range(13):
        at = first + timedelta(weeks=week)
        for where, n in (
            (BEAT, 12 + week),
            ("slmpd-district-2", 9 + week % 4),
            (COUNTY, week % 3),
            (None, 11),
        ):
            place = Area.objects.get(slug=where) if where else None
            answered = {"first_response_at": at + hours(2 + week)} if where != COUNTY else {}
            rows += [
                Concern(
                    category_id="noise",
                    description="x",
                    area=place,
                    submitted_at=at,
                    target_at=at + timedelta(days=2),
                    is_walled=where == BEAT and k == 0,
                    is_sensitive=where == BEAT and k == 1,
                    **answered,
                )
                for k in range(n)
            ]
    made = Concern.objects.bulk_create(rows)
    changes = []
    for k, concern in enumerate(made):
        changes.append(
            ConcernChange(concern=concern, move="submit", status="submitted", at=concern.submitted_at)
        )
        if k % 3:
            at = concern.submitted_at + timedelta(days=k % 4)
            changes.append(ConcernChange(concern=concern, move="close", status="closed", at=at))
        if k % 7 == 1:
            at = concern.submitted_at + timedelta(days=5)
            changes.append(ConcernChange(concern=concern, move="reopen", status="triaged", at=at))
    ConcernChange.objects.bulk_create(changes)
    # Its wall has come down, and it stays where it was counted.
    freed = next(concern for concern in made if concern.is_walled)
    Concern.objects.filter(pk=freed.pk).update(is_walled=False)
    ConcernChange.objects.create(concern=freed, move="clear", status="submitted", at=freed.submitted_at)


def recounted(areas: list[str], weeks: list[str]) -> dict[str, list[list[int]]]:
    """The same tables, from each row by plain Python."""
    cells: dict[str, Counter[tuple[int, int]]] = {measure: Counter() for measure in figures.MEASURES}

    def count(measure: str, concern: Concern, at: datetime) -> None:
        day = timezone.localtime(at).date()
        week = (day - timedelta(days=day.weekday())).isoformat()
        moves = {change.move for change in concern.changes.all()}
        slug = concern.area.slug if concern.area else ""
        district = FOUR if slug == BEAT else slug
        stands_out = concern.is_walled or concern.is_sensitive or "clear" in moves
        shown = district in areas and not stands_out
        if week in weeks:
            cells[measure][areas.index(district) if shown else len(areas), weeks.index(week)] += 1

    for concern in Concern.objects.select_related("area").prefetch_related("changes"):
        count("opened", concern, concern.submitted_at)
        state = "submitted"
        for change in sorted(concern.changes.all(), key=lambda c: c.at):
            if change.move in ("close", "reopen"):
                count({"close": "closed", "reopen": "reopened"}[change.move], concern, change.at)
            if change.at <= concern.target_at:
                state = change.status
        if state != "closed":
            count("overdue", concern, concern.target_at)
    tables = {}
    for measure, counter in cells.items():
        rows = [[counter[i, j] for j in range(len(weeks))] for i in range(len(areas) + 1)]
        rows = [[*row, sum(row)] for row in rows]
        tables[measure] = [*rows, [sum(column) for column in zip(*rows, strict=True)]]
    return tables


def test_a_published_quarter_tells_true_numbers_and_no_small_one(client: Client) -> None:
    a_quarter()
    assert figures.publish_figures(AFTER_Q3) == 1
    listed = client.get("/api/v1/concern-figures")
    assert [row["quarter"] for row in listed.json()["results"]] == ["2026-Q3"]
    answer = client.get("/api/v1/concern-figures/2026-Q3").json()
    assert (answer["weeks"][0], answer["weeks"][-1]) == ("2026-07-06", "2026-09-28")
    assert FOUR in answer["areas"]
    assert COUNTY in answer["areas"]
    truth = recounted(answer["areas"], answer["weeks"])
    shown = 0
    for measure, rows in answer["tables"].items():
        for told_row, true_row in zip(rows, truth[measure], strict=True):
            for cell, value in zip(told_row, true_row, strict=True):
                assert cell is None or cell == value >= 10, measure
                shown += cell is not None
        for cell, least, most in bounds(rows):
            assert most - least >= 10 - 1e-6, (measure, cell)
    assert shown > 30


def test_times_are_told_where_ten_were_answered_and_the_sum_is_shown(client: Client) -> None:
    a_quarter()
    figures.publish_figures(AFTER_Q3)
    answer = client.get("/api/v1/concern-figures/2026-Q3").json()
    times = {row["area"]: row for row in answer["first_response"]}
    sums = dict(zip(answer["areas"], [row[-1] for row in answer["tables"]["opened"]], strict=False))
    waits = sorted(
        (c.first_response_at - c.submitted_at) / hours(1)
        for c in Concern.objects.filter(area__slug=BEAT, is_walled=False, is_sensitive=False)
        if c.first_response_at and not c.changes.filter(move="clear")
    )
    assert sums[FOUR] == len(waits)
    n = len(waits)
    median, p90 = waits[(n + 1) // 2 - 1], waits[(9 * n + 9) // 10 - 1]
    assert times[FOUR] == {"area": FOUR, "median_hours": round(median), "p90_hours": round(p90)}
    assert times[COUNTY] == {"area": COUNTY, "median_hours": None, "p90_hours": None}
    assert all(times[slug]["median_hours"] is None for slug, total in sums.items() if total is None)


def test_a_quarter_is_published_14_days_after_its_end_and_never_again(client: Client) -> None:
    told(BEAT, datetime(2026, 7, 6, 15, tzinfo=UTC))
    assert figures.publish_figures(AFTER_Q3 - timedelta(days=1)) == 0
    assert client.get("/api/v1/concern-figures/2026-Q3").status_code == 404
    assert figures.publish_figures(AFTER_Q3) == 1
    before = client.get("/api/v1/concern-figures/2026-Q3")
    for _ in range(40):
        told(BEAT, datetime(2026, 7, 6, 15, tzinfo=UTC))
    assert figures.publish_figures(AFTER_Q3 + timedelta(days=1)) == 0
    assert client.get("/api/v1/concern-figures/2026-Q3").content == before.content
    assert FigureTable.objects.count() == 1


def test_missed_quarters_are_made_up_and_a_week_belongs_to_its_mondays(client: Client) -> None:
    told(BEAT, datetime(2026, 1, 2, 15, tzinfo=UTC))  # a Friday; its Monday is in 2025
    assert figures.publish_figures(AFTER_Q3) == 4
    answers = [
        client.get(f"/api/v1/concern-figures/{q}").json()
        for q in ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
    ]
    weeks = [week for answer in answers for week in answer["weeks"]]
    assert len(weeks) == len(set(weeks)) == 52
    assert weeks[12:14] == ["2025-12-29", "2026-01-05"]


def test_published_figures_have_an_etag(client: Client) -> None:
    told(BEAT, datetime(2026, 7, 6, 15, tzinfo=UTC))
    figures.publish_figures(AFTER_Q3)
    for path in ("/api/v1/concern-figures", "/api/v1/concern-figures/2026-Q3"):
        tag = client.get(path)["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/api/v1/concern-figures/2026-Q4", headers={"If-None-Match": "*"}).status_code == 404


def test_without_any_concern_nothing_is_published(city: None) -> None:
    assert figures.publish_figures(AFTER_Q3) == 0
