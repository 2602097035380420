"""The directory: crisis lines always first, everything with its source and date, and no page that is out of date."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.programs.models import Entry
from backend.roster import editions
from backend.roster.models import Area

JSON = {"content_type": "application/json"}
LIST = "/api/v1/directory"


@pytest.fixture(autouse=True)
def _asked_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed is seen at once, as after half a second."""
    monkeypatch.setattr(editions, "FRESH_SECONDS", -1)


@pytest.fixture
def administrator(city: None) -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email="admin@example.org", is_administrator=True)


def entry(slug: str, area: str = "", **facts: Any) -> Entry:
    facts = {"kind": "service", "what": "Helps.", "source": "City portal", "source_year": 2015, **facts}
    name = slug.replace("-", " ").title()
    place = Area.objects.get(slug=area) if area else None
    return Entry.objects.create(slug=slug, area=place, **{"name": name, **facts})


@pytest.fixture
def entries(city: None) -> None:
    entry("suicide-line", name="988", crisis_rank=2, tags=["crisis"])
    entry("emergency", name="911", crisis_rank=1, tags=["crisis"], area="slmpd-district-2")
    entry("brightside", what="Removes graffiti.", tags=["graffiti", "clean-up"], languages=["en"])
    entry("boys-club", area="slmpd-district-4", kind="partner", tags=["youth"], languages=["en", "es"])
    entry("beat-pantry", area="slmpd-beat-402", what="100% free food_parcels.", tags=["food"])
    entry("far-clinic", area="slmpd-district-2", what="A clinic.", tags=["health"])
    entry("report", kind="bulletin", what="A report, in print.", tags=["police"])
    entry("gone", ended_on=timezone.localdate())
    entry("gone-line", crisis_rank=3, ended_on=timezone.localdate() - timedelta(days=1))
    entry("leaving", kind="contact", ended_on=timezone.localdate() + timedelta(days=1))


def slugs(rows: list[dict[str, Any]]) -> list[str]:
    return [row["slug"] for row in rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["beat-pantry", "boys-club", "brightside", "far-clinic", "leaving", "report"]),
        ("tag=youth", ["boys-club"]),
        ("tag=clean-up", ["brightside"]),
        ("tag=clean", []),
        ("kind=bulletin", ["report"]),
        ("kind=partner&tag=food", []),
        ("language=es", ["boys-club"]),
        ("area=slmpd-district-4", ["beat-pantry", "boys-club", "brightside", "leaving", "report"]),
        ("area=slmpd-beat-402", ["beat-pantry", "boys-club", "brightside", "leaving", "report"]),
        ("area=slmpd-beat-401", ["boys-club", "brightside", "leaving", "report"]),
        ("area=slmpd-district-2", ["brightside", "far-clinic", "leaving", "report"]),
        ("q=GRAFFITI", ["brightside"]),
        ("q=pantry+FREE", ["beat-pantry"]),
        ("q=health", ["far-clinic"]),
        ("q=clinic+graffiti", []),
        ("q=%25", ["beat-pantry"]),
        ("q=d_p", ["beat-pantry"]),
        ("q=%22", []),
        ("q=%5B", []),
        ("q=,", ["report"]),
        ("q=nothing-at-all", []),
    ],
)
def test_what_is_asked_for_and_the_crisis_lines_beside_it(
    entries: None, client: Any, query: str, found: list[str]
) -> None:
    answer = client.get(f"{LIST}?{query}").json()
    assert slugs(answer["crisis"]) == ["emergency", "suicide-line"]
    assert slugs(answer["results"]) == found


def test_crisis_lines_are_on_every_page(entries: None, client: Any) -> None:
    address, seen = f"{LIST}?page_size=2", []
    while address:
        page = client.get(address).json()
        assert slugs(page["crisis"]) == ["emergency", "suicide-line"]
        seen += slugs(page["results"])
        address, before = page["next"], page["previous"]
    assert seen == ["beat-pantry", "boys-club", "brightside", "far-clinic", "leaving", "report"]
    assert slugs(client.get(before).json()["results"]) == seen[2:4]


@pytest.mark.parametrize(
    "query",
    [
        *("area=nowhere", "area=%27", "kind=hospital", "language=xx", "tag=Two+Words", "tag=%25"),
        *(f"q={'a' * 81}", "page_size=0", "cursor=made-up"),
    ],
)
def test_what_cannot_be_asked(entries: None, client: Any, query: str) -> None:
    assert client.get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("verified_on", "source_year", "notice"),
    [
        (date(2026, 11, 23), None, ""),
        (date(2025, 11, 23), 2015, ""),
        (date(2025, 11, 22), 2015, "Nobody has confirmed this since November 22, 2025; ask before you go."),
        (None, 2015, "Nobody has confirmed this since 2015; ask before you go."),
        (None, None, "Nobody has confirmed this; ask before you go."),
    ],
)
def test_an_old_entry_says_so(
    city: None, client: Any, verified_on: date | None, source_year: int | None, notice: str
) -> None:
    entry("slate", verified_on=verified_on, source_year=source_year)
    shown = client.get(f"{LIST}/slate").json()
    assert (shown["status"], shown["notice"]) == ("unconfirmed" if notice else "confirmed", notice)
    assert (shown["source"], shown["source_year"]) == ("City portal", source_year)
    assert client.get(LIST).json()["results"] == [shown]


def test_what_ended_or_never_was_is_not_there(entries: None, client: Any) -> None:
    answers = [client.get(f"{LIST}/{slug}") for slug in ("gone", "gone-line", "never")]
    assert {a.status_code for a in answers} == {404}
    assert client.get(f"{LIST}/leaving").status_code == 200
    assert client.get(f"{LIST}/gone", headers={"If-None-Match": "*"}).status_code == 404


def test_nothing_is_sent_twice_until_something_changes(
    entries: None, administrator: User, client: Any, sign_in: Any
) -> None:
    for n, path in enumerate((LIST, f"{LIST}?tag=youth", f"{LIST}/boys-club")):
        tag = client.get(path)["ETag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        sign_in(administrator).patch(f"{LIST}/boys-club", {"phone": f"314-555-010{n}"}, **JSON)
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_administrators_change_confirm_and_end_an_entry(
    entries: None, administrator: User, client: Any, sign_in: Any
) -> None:
    admin, path = sign_in(administrator), f"{LIST}/boys-club"
    sent = {
        "name": "Boys and Girls Club",
        "tags": ["youth", "sport"],
        "area": None,
        "url": "https://club.example/",
        "languages": ["bs"],
        "hours": "Mon to Fri,  15:00 to 20:00",
        "confirm": True,
    }
    changed = admin.patch(path, sent, **JSON).json()
    assert changed == client.get(path).json()
    assert (changed["status"], changed["verified_on"], changed["area"]) == ("confirmed", "2026-11-23", None)
    assert changed["hours"] == "Mon to Fri, 15:00 to 20:00"
    row = AuditRow.objects.get(action="entry_changed")
    assert row.actor == administrator.pk
    assert row.fields == ["area", "hours", "languages", "name", "tags", "url", "verified_on"]
    assert admin.patch(path, {"confirm": True}, **JSON).json() == changed
    assert admin.patch(path, {"confirm": False}, **JSON).json() == changed
    assert AuditRow.objects.filter(action="entry_changed").count() == 1
    assert admin.patch(path, {"area": "slmpd-district-2"}, **JSON).json()["area"] == "slmpd-district-2"
    assert admin.patch(path, {"ended_on": "2026-11-23"}, **JSON).json()["ended_on"] == "2026-11-23"
    assert client.get(path).status_code == 404
    assert admin.patch(path, {"ended_on": None}, **JSON).status_code == 200
    assert client.get(path).status_code == 200


def test_nobody_else_changes_it(
    entries: None, client: Any, resident: User, captain: User, liaison: User, sign_in: Any
) -> None:
    path = f"{LIST}/boys-club"
    assert client.patch(path, {"confirm": True}, **JSON).status_code == 401
    for user in (resident, captain, liaison):
        assert sign_in(user).patch(path, {"confirm": True}, **JSON).status_code == 403
    assert Entry.objects.get(slug="boys-club").verified_on is None


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 121}, "/name"),
        ({"what": "<b>Free</b>"}, "/what"),
        ({"phone": "<a href=x>"}, "/phone"),
        ({"source": ""}, "/source"),
        ({"url": "javascript:alert(1)"}, "/url"),
        ({"tags": ["Two Words"]}, "/tags/0"),
        ({"languages": ["xx"]}, "/languages/0"),
        ({"area": "nowhere"}, "/area"),
        ({"kind": "hospital"}, "/kind"),
        ({"crisis_rank": 0}, "/crisis_rank"),
        ({"ended_on": "soon"}, "/ended_on"),
    ],
)
def test_what_an_entry_cannot_say(
    entries: None, administrator: User, sign_in: Any, sent: dict[str, Any], pointer: str
) -> None:
    answer = sign_in(administrator).patch(f"{LIST}/boys-club", sent, **JSON)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_of_what_is_not_there_nothing_is_changed(administrator: User, sign_in: Any) -> None:
    assert sign_in(administrator).patch(f"{LIST}/never", {"confirm": True}, **JSON).status_code == 404
