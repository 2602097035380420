"""The staff pages of concerns: the wall in what the library makes by itself, and what liaisons read."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.feedback.concerns import models
from backend.feedback.concerns.models import (
    CannedAnswer,
    Category,
    Concern,
    FigureTable,
    HelpLine,
    Office,
    PageFeedback,
    Question,
)
from tests.factories import make_staff
from tests.matrix import MISSING

pytestmark = pytest.mark.django_db

BASE = "/admin/concerns/"
KEPT = ("category", "question", "office", "helpline", "cannedanswer")


@pytest.fixture
def administrator(city: None) -> User:
    return User.objects.create_user(kind=User.Kind.STAFF, email="a@c.example", is_administrator=True)


@pytest.fixture
def rows(city: None) -> dict[str, Any]:
    """One of each."""
    traffic = Category.objects.get(pk="traffic")
    return {
        "category": traffic,
        "question": Question.objects.create(category=traffic, slug="worst-hour", text="When is it worst?"),
        "office": Office.objects.create(
            slug="bins", name="Refuse Division", contact="314", source="its page"
        ),
        "helpline": HelpLine.objects.create(kind="crisis", name="Lifeline", call="988", source="its page"),
        "cannedanswer": CannedAnswer.objects.create(
            title="Thanks", body="Thank you; we are looking into it."
        ),
        "figuretable": FigureTable.objects.create(quarter="2026-Q3", tables={"opened": []}),
        "pagefeedback": PageFeedback.objects.create(
            page="/", is_helpful=False, comment="No hours.", on="2026-11-20"
        ),
    }


def tell(client: Client, **body: Any) -> str:
    body = {"category": "traffic", "description": "Cars run the light.", "address": "1915 Olive St"} | body
    answer = client.post("/api/v1/concerns", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def test_the_desk_sees_its_concerns_and_the_outsider_none(
    client: Client, liaison: User, outsider: User, sign_in: Any
) -> None:
    told = tell(client)
    page = f"{BASE}concern/{told}/change/"
    assert "Cars run the light." in sign_in(liaison).get(page).content.decode()
    refused = sign_in(outsider).get(page)
    assert refused.status_code == 302
    assert "Cars run" not in sign_in(outsider).get(f"{BASE}concern/").content.decode()
    assert Concern.objects.filter(pk=told).exists()


def test_strangers_are_sent_to_the_login(client: Client, city: None) -> None:
    assert "/admin/login/" in client.get(f"{BASE}concern/")["Location"]


def test_what_is_hidden_and_what_is_missing_are_the_same_bytes(
    client: Client, captain: User, sign_in: Any
) -> None:
    """On every page of the library's, and on those that only its own scripts ask for; at one and the same time."""
    hidden = tell(client, about_police_employee=True)
    kind = ContentType.objects.get_for_model(Concern).pk
    for page in (
        *(f"{BASE}concern/%s/{name}/" for name in ("change", "delete", "history")),
        f"{BASE}concern/%s/",
        f"/admin/r/{kind}/%s/",
    ):
        for method in ("get", "post"):
            with time_machine.travel(timezone.now(), tick=False):
                answers = [getattr(sign_in(captain), method)(page % pk) for pk in (hidden, MISSING)]
            headers = [
                {name: value.replace(str(pk), "") for name, value in answer.items() if name != "X-Request-ID"}
                for answer, pk in zip(answers, (hidden, MISSING), strict=True)
            ]
            assert answers[0].status_code == answers[1].status_code, page
            assert answers[0].content == answers[1].content, page
            assert headers[0] == headers[1], page
            assert answers[0].cookies.output() == answers[1].cookies.output(), page


@pytest.mark.parametrize(
    "query", ["q=light", "status__exact=submitted", "_facets=True", "all=", "o=1", "p=0"]
)
def test_the_librarys_filters_and_searches_tell_nothing(
    client: Client, captain: User, sign_in: Any, query: str
) -> None:
    desk = sign_in(captain)
    before = desk.get(f"{BASE}concern/?{query}").content
    tell(client, about_police_employee=True)
    assert desk.get(f"{BASE}concern/?{query}").content == before
    choose = f"/admin/autocomplete/?app_label=concerns&model_name=concern&field_name=merged_into&{query}"
    assert desk.get(choose).status_code in (403, 404)


def test_no_other_table_of_a_concern_has_staff_pages() -> None:
    ours = {model for model in admin.site._registry if model.__module__.startswith(models.__name__)}
    assert {m.__name__.lower() for m in ours} == {"concern", *KEPT, "figuretable", "pagefeedback"}


def test_of_what_may_name_an_employee_a_sworn_liaison_reads_nothing(
    city: None, rows: dict[str, Any], sign_in: Any
) -> None:
    sworn = sign_in(make_staff("sworn@example.org", "slmpd-district-4", "liaison", is_sworn=True))
    assert sworn.get(f"{BASE}office/").status_code == 200
    for page in (f"{BASE}pagefeedback/", f"{BASE}pagefeedback/{rows['pagefeedback'].pk}/change/"):
        assert sworn.get(page).status_code == 403


def test_liaisons_read_what_administrators_keep(
    liaison: User, captain: User, administrator: User, rows: dict[str, Any], sign_in: Any
) -> None:
    for name, row in rows.items():
        pages = (f"{BASE}{name}/", f"{BASE}{name}/{row.pk}/change/")
        for page in pages:
            assert sign_in(liaison).get(page).status_code == 200, page
            assert sign_in(administrator).get(page).status_code == 200, page
            assert sign_in(captain).get(page).status_code == 403, page
        assert sign_in(liaison).post(pages[1], {}).status_code == 403, name
        assert sign_in(liaison).get(f"{BASE}{name}/add/").status_code == 403, name
        for who in (liaison, administrator):
            assert sign_in(who).post(f"{BASE}{name}/{row.pk}/delete/", {"post": "yes"}).status_code == 403, (
                name
            )
        assert type(row).objects.filter(pk=row.pk).exists()
        may_add = 200 if name in KEPT else 403
        assert sign_in(administrator).get(f"{BASE}{name}/add/").status_code == may_add, name


def test_a_former_liaison_reads_nothing_of_it(liaison: User, rows: dict[str, Any], sign_in: Any) -> None:
    liaison.staff_member.assignments.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert sign_in(liaison).get(f"{BASE}cannedanswer/").status_code == 403


def test_a_change_is_on_record_by_its_fields_alone(
    administrator: User, rows: dict[str, Any], sign_in: Any
) -> None:
    office = rows["office"]
    page = f"{BASE}office/{office.pk}/change/"
    sent = {
        "name": "Refuse",
        "contact": "314-622-4800",
        "source": "its page",
        "ended_at_0": "",
        "ended_at_1": "",
    }
    assert sign_in(administrator).post(page, sent).status_code == 302
    office.refresh_from_db()
    assert (office.name, office.slug) == ("Refuse", "bins")
    row = AuditRow.objects.get(object_type="concerns.Office", action="changed")
    assert (row.actor, row.fields) == (administrator.pk, ["contact", "name"])


def test_a_questions_text_stays_and_it_can_be_ended(
    administrator: User, rows: dict[str, Any], sign_in: Any
) -> None:
    question = rows["question"]
    page = f"{BASE}question/{question.pk}/change/"
    sent = {
        "text": "Where?",
        "slug": "where",
        "kind": "yes_no",
        "category": "other",
        "position": 5,
        "ended_at_0": "2026-11-23",
        "ended_at_1": "09:00:00",
    }
    assert sign_in(administrator).post(page, sent).status_code == 302
    question.refresh_from_db()
    assert (question.text, question.slug, question.kind) == ("When is it worst?", "worst-hour", "text")
    assert question.category_id == "traffic"
    assert question.position == 5
    assert question.ended_at is not None


@pytest.mark.parametrize(
    ("kind", "choices", "is_taken"),
    [
        ("choice", '["in the street", "in the alley"]', True),
        ("choice", "[]", False),
        ("choice", '["yes", "yes"]', False),
        ("choice", '{"a": "b"}', False),
        ("choice", '["", "b"]', False),
        ("choice", "[[1], 2]", False),
        ("text", '["a", "b"]', False),
        ("yes_no", "[]", True),
    ],
)
def test_a_choice_has_something_to_choose_from(
    administrator: User, rows: dict[str, Any], sign_in: Any, kind: str, choices: str, is_taken: bool
) -> None:
    sent = {
        "category": "traffic",
        "slug": "which-corner",
        "text": "Where is it?",
        "kind": kind,
        "choices": choices,
        "position": 10,
        "ended_at_0": "",
        "ended_at_1": "",
    }
    answer = sign_in(administrator).post(f"{BASE}question/add/", sent)
    assert (answer.status_code == 302) is is_taken
    assert Question.objects.filter(slug="which-corner").exists() is is_taken


def test_a_category_keeps_its_slug_and_forgets_who_before_what(
    administrator: User, rows: dict[str, Any], sign_in: Any
) -> None:
    traffic = rows["category"]
    page = f"{BASE}category/traffic/change/"
    sent = {
        "slug": "cars",
        "name": "Traffic",
        "notice": "",
        "who_reads": "A liaison.",
        "anonymity": "anyone",
        "priority": 3,
        "target_hours": 20,
        "anonymise_after_days": 100,
        "erase_after_days": 50,
        "position": 1,
        "ended_at_0": "",
        "ended_at_1": "",
        "close_after_days": "",
    }
    refused = sign_in(administrator).post(page, sent)
    assert refused.status_code == 200
    assert sign_in(administrator).post(page, sent | {"erase_after_days": 100}).status_code == 302
    traffic.refresh_from_db()
    assert (traffic.target_hours, traffic.erase_after_days) == (20, 100)
    assert not Category.objects.filter(pk="cars").exists()
