"""The routing table as a page: whose rows it shows, what "Try it" says, and that "Save" does just that."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.feedback.concerns.models import Category, Concern, Office, Route
from tests.concerns.test_desk_page import QUEUE, Page
from tests.concerns.test_routing import BEAT, FOUR, NORTH, OTHER_BEAT, area, concern

pytestmark = pytest.mark.django_db

PAGE = f"{QUEUE}routes/"
FAR = "slmpd-district-2"
ROW = {"category": "noise", "area": BEAT, "desk": NORTH, "office": ""}


@pytest.fixture
def desk(liaison: User, sign_in: Any) -> Client:
    Concern.objects.all().delete()  # the demo's
    client: Client = sign_in(liaison)
    return client


def attempt(client: Client, **data: Any) -> Page:
    return Page(client.post(PAGE, {**ROW, "act": "try", **data}))


def to_save(page: Page) -> dict[str, str]:
    """What "Save" sends."""
    names = {*ROW, "version"}
    hidden = [field for field in page.all("input") if field.get("name") in names]
    assert all(field["type"] == "hidden" for field in hidden)
    return {"act": "save"} | {field["name"] or "": field["value"] or "" for field in hidden}


def chosen(page: Page) -> list[str | None]:
    return [option["value"] for option in page.all("option") if "selected" in option and option["value"]]


# --- for whom ----------------------------------------------------------------------------------------------


def test_it_is_for_liaisons_and_the_queue_shows_the_way_to_them_alone(
    liaison: User, outsider: User, captain: User, officer: User, sign_in: Any
) -> None:
    for user in (liaison, outsider):
        assert PAGE in [a.get("href") for a in Page(sign_in(user).get(QUEUE)).all("a")]
        assert sign_in(user).get(PAGE).status_code == 200
    for user in (captain, officer):
        assert PAGE not in [a.get("href") for a in Page(sign_in(user).get(QUEUE)).all("a")]
        assert sign_in(user).get(PAGE).status_code == 403
        assert sign_in(user).post(PAGE, {**ROW, "act": "save"}).status_code == 403
    assert not Route.objects.exists()


def test_strangers_and_residents_are_sent_to_sign_in(client: Client, resident: User, sign_in: Any) -> None:
    for one in (client, sign_in(resident)):
        assert "/admin/login/" in one.get(PAGE)["Location"]


def test_it_shows_the_rows_of_the_persons_areas(desk: Client) -> None:
    office = Office.objects.create(slug="bureau", name="The Bureau", contact="x", source="x")
    Route.objects.create(category_id="noise", area=area(BEAT), desk=area(NORTH), office=office)
    Route.objects.create(category_id="traffic", area=area(FAR), desk=area(FOUR))
    answer = desk.get(PAGE)
    page = Page(answer)
    assert "no-store" in answer["Cache-Control"]
    assert "The Bureau" in page.html
    links = [a["href"] for a in page.all("a") if (a.get("href") or "").startswith("?")]
    assert links == [f"?category=noise&area={BEAT}"]
    assert chosen(Page(desk.get(PAGE + str(links[0])))) == ["noise", BEAT, NORTH, "bureau"]
    assert chosen(Page(desk.get(f"{PAGE}?category=traffic&area={FAR}"))) == []


def test_what_can_be_chosen(desk: Client, outsider: User) -> None:
    """Areas of the post, desks of the department; categories that have ended only where a row still has one."""
    Category.objects.filter(pk__in=("noise", "traffic")).update(ended_at=timezone.now())
    Route.objects.create(category_id="noise", area=area(BEAT), desk=area(NORTH))
    html = Page(desk.get(PAGE)).html
    areas, desks = html.split('name="area"')[1].split('name="desk"')
    assert f'"{BEAT}"' in areas
    assert f'"{FAR}"' not in areas
    assert f'"{FAR}"' in desks
    assert "slcpd" not in html
    assert 'value="noise"' in html
    assert 'value="traffic"' not in html


# --- trying and saving -------------------------------------------------------------------------------------


def test_trying_counts_what_moves_and_what_would_have_and_changes_nothing(desk: Client) -> None:
    concern()
    concern(status="in_progress", submitted_at=timezone.now() - timedelta(days=30))
    concern(where=OTHER_BEAT)
    page = attempt(desk)
    assert "1 would move now, and 2 of last quarter would have gone elsewhere" in page.html
    line = page.html.split("<tbody>")[1].split("</tbody>")[0]
    for words in ("Beat 402", "District 4", area(NORTH).name, '"count">1<', '"count">2<'):
        assert words in line, words
    assert "Beat 401" not in line
    assert chosen(page) == ["noise", BEAT, NORTH]
    assert not Route.objects.exists()
    assert set(Concern.objects.values_list("desk__slug", flat=True)) == {FOUR}


def test_saving_does_what_was_tried(desk: Client, liaison: User) -> None:
    office = Office.objects.create(slug="bureau", name="The Bureau", contact="x", source="x")
    moving = concern()
    tried = attempt(desk, office="bureau")
    assert "and most likely on to The Bureau" in tried.html
    answer = desk.post(PAGE, to_save(tried))
    assert answer.status_code == 302
    assert "Saved: 1 concern moved." in Page(desk.get(answer["Location"])).html
    route = Route.objects.get()
    assert (route.category_id, route.area.slug, route.desk.slug, route.office) == (
        "noise",
        BEAT,
        NORTH,
        office,
    )
    moving.refresh_from_db()
    assert moving.desk == area(NORTH)
    assert AuditRow.objects.filter(action="reroute", actor=liaison.pk, object_id=str(moving.pk)).exists()


def test_a_row_is_taken_away(desk: Client) -> None:
    Route.objects.create(category_id="noise", area=area(BEAT), desk=area(NORTH))
    back = concern()
    tried = attempt(desk, desk="none")
    assert "is taken away." in tried.html
    assert desk.post(PAGE, to_save(tried)).status_code == 302
    assert not Route.objects.exists()
    back.refresh_from_db()
    assert back.desk == area(FOUR)


def test_what_has_changed_since_is_tried_again(desk: Client) -> None:
    tried = attempt(desk)
    moving = concern()
    refused = Page(desk.post(PAGE, to_save(tried)))
    assert "try it again" in refused.html
    assert refused.html.index('role="alert"') < refused.html.index("<h1")
    assert "version" not in to_save(refused)
    assert chosen(refused) == ["noise", BEAT, NORTH]
    assert not Route.objects.exists()
    assert desk.post(PAGE, to_save(attempt(desk))).status_code == 302
    moving.refresh_from_db()
    assert moving.desk == area(NORTH)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"desk": ""}, "something is missing"),
        ({"category": "x" * 31}, "something is missing"),
        ({"category": "no_such"}, "There is no such category."),
        ({"desk": "slcpd-precinct-1"}, "A desk is an area on today"),
        ({"office": "nowhere"}, "There is no such office."),
        ({"area": FAR}, "for its own liaison"),
    ],
)
def test_what_is_refused_is_said_above_and_at_its_field(
    desk: Client, data: dict[str, str], words: str
) -> None:
    for sent in ({"act": "try"}, {"act": "save", "version": "x"}):
        refused = attempt(desk, **sent, **data)
        assert words in refused.html.split("<h1")[0]
        assert ("errorlist" in refused.html) is (data.get("area") != FAR)
        assert "version" not in to_save(refused)
    assert not Route.objects.exists()


def test_nothing_of_a_walled_concern_shows(desk: Client, liaison: User, sign_in: Any) -> None:
    before = attempt(desk).html.split("<h2 id=")[1]
    concern(is_walled=True)
    after = attempt(desk).html.split("<h2 id=")[1]
    assert before.split("<form")[0] == after.split("<form")[0]


def test_the_page_can_be_used_without_seeing_it(desk: Client) -> None:
    Route.objects.create(category_id="noise", area=area(FOUR), desk=area(FOUR))
    concern()
    for page in (Page(desk.get(PAGE)), attempt(desk), attempt(desk, desk="")):
        assert len(page.all("h1")) == 1
        assert page.all("a")[0] == {"class": "skip", "href": "#desk"}
        assert next(p for p in page.all("p") if p.get("role") == "status")["aria-live"] == "polite"
        assert all(attrs.get("tabindex") in (None, "-1") for _, attrs in page.tags)
        assert all(head.get("scope") in ("col", "row") for head in page.all("th"))
        ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
        assert len(ids) == len(set(ids))
        labels = {label.get("for") for label in page.all("label")}
        fields = [f for f in page.all("input", "select", "textarea") if f.get("type") != "hidden"]
        assert len(fields) == 4
        assert all(field["id"] in labels for field in fields)
        assert len([tag for _, tag in page.tags if "data-first" in tag]) == 1
