"""Bulletins: policies and final reports have followers of their own, who are told that there is an update."""

from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import AuditRow, User
from backend.feedback.workinggroups.models import Bulletin
from backend.notifications import registry, services
from backend.notifications.models import Message, Notice
from backend.notifications.phones import phone_index
from backend.notifications.sensitive import is_sensitive
from backend.notifications.worker import work_once
from backend.roster.models import Area
from tests.notifications.conftest import from_twilio, text_in, twilio  # noqa: F401
from tests.notifications.fakes import FakeTransport
from tests.workinggroups.conftest import Group

JSON = "application/json"
LIST = "/api/v1/bulletins"
POLICY = {
    "kind": "policy",
    "title": "No warrants without a knock",
    "source": "An executive order",
    "body": "Since June.",
}
REPORT = {
    "kind": "final_report",
    "title": "Domestic violence fatality review: final report",
    "source": "The review panel",
    "url": "https://example.org/final-report",
}
OF_AREA, OF_POLICY, OF_REPORTS = "+13142000001", "+13142000002", "+13142000003"


@pytest.fixture
def followers(city: None) -> None:
    """One of a district, one of policies, one of final reports."""
    area = f"area:{Area.objects.get(slug='slmpd-district-4').slug}"
    for number, topic in [
        (OF_AREA, area),
        (OF_POLICY, "bulletins:policy"),
        (OF_REPORTS, "bulletins:final-reports"),
    ]:
        services.add_followers(topic=topic, numbers=[number], source="demo")


def publish(client: Client, **body: Any) -> Any:
    return client.post(LIST, body, JSON)


def told() -> list[str]:
    """Numbers that bulletins go to."""
    indexes = Message.objects.filter(notice__kind="bulletin").values_list(
        "recipient__address_index", flat=True
    )
    numbers = {phone_index(number): number for number in (OF_AREA, OF_POLICY, OF_REPORTS)}
    return sorted(numbers[index] for index in indexes)


def refusal(answer: Any) -> tuple[str, str]:
    assert answer.status_code == 400, answer.content
    error = answer.json()["errors"][0]
    return error["pointer"], error["code"]


def test_an_administrator_publishes_and_everybody_reads(
    administrator: User, sign_in: Any, client: Client
) -> None:
    answer = publish(sign_in(administrator), **POLICY, decided_on="2022-06-08")
    assert (answer.status_code, answer["Location"]) == (201, f"{LIST}/no-warrants-without-a-knock")
    assert {
        **POLICY,
        "topic": "bulletins:policy",
        "decided_on": "2022-06-08",
        "url": "",
    }.items() <= answer.json().items()
    assert client.get(answer["Location"]).json() == answer.json()
    assert client.get(LIST).json()["results"] == [answer.json()]
    assert client.get(f"{LIST}?kind=final_report").json()["results"] == []
    assert AuditRow.objects.get(action="bulletin_published").actor == administrator.pk


def test_nobody_else_publishes(
    force: Group, resident: User, captain: User, sign_in: Any, client: Client
) -> None:
    assert publish(client, **POLICY).status_code == 401
    for user in (resident, captain, force.coordinator):
        assert publish(sign_in(user), **POLICY).status_code == 403
    assert not Bulletin.objects.exists()
    assert client.get(f"{LIST}/no-such").status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": "<h1>Final</h1>"}, "/title"),
        ({"url": ""}, "/url"),
        ({"url": "javascript:alert(1)"}, "/url"),
        ({"body": "What the panel heard. " * 20}, "/body"),
        ({"kind": "case_file"}, "/kind"),
        ({"decided_on": "2026-11-24"}, "/decided_on"),
    ],
)
def test_of_a_panel_nothing_but_its_final_report(
    administrator: User, sign_in: Any, change: dict[str, str], pointer: str
) -> None:
    assert refusal(publish(sign_in(administrator), **{**REPORT, **change}))[0] == pointer
    assert not Notice.objects.filter(kind="bulletin").exists()


def test_who_follows_a_topic_is_told_and_nobody_else(
    followers: None, administrator: User, sign_in: Any
) -> None:
    me = sign_in(administrator)
    assert publish(me, **REPORT).status_code == 201
    assert told() == [OF_REPORTS]
    assert publish(me, **POLICY).status_code == 201
    assert told() == [OF_POLICY, OF_REPORTS]
    assert publish(me, **POLICY).json()["type"] == "slug-used"
    assert Notice.objects.filter(kind="bulletin").count() == 2


def test_no_text_says_what_it_is_about(followers: None, administrator: User, sign_in: Any) -> None:
    publish(sign_in(administrator), **REPORT)
    notice, transport = Notice.objects.get(kind="bulletin"), FakeTransport()
    while work_once(transport):
        pass
    (sent,) = [text for text in transport.texts if text.to == OF_REPORTS]
    assert sent.body.startswith("Roll Call: there is an update. https://")
    assert not is_sensitive(f"{notice.body}{notice.translations}{notice.topics}{notice.key}{notice.path}")


def test_a_bulletin_that_is_gone_is_not_told_of(followers: None, administrator: User, sign_in: Any) -> None:
    publish(sign_in(administrator), **REPORT)
    Bulletin.objects.all().delete()
    transport = FakeTransport()
    while work_once(transport):
        pass
    assert OF_REPORTS not in [text.to for text in transport.texts]


def test_one_topic_ends_without_the_other(city: None, administrator: User, sign_in: Any) -> None:
    for topic in ("bulletins:policy", "bulletins:final-reports"):
        services.add_followers(topic=topic, numbers=[OF_POLICY], source="demo")
    services.unsubscribe(phone=OF_POLICY, topics=["bulletins:final-reports"])
    me = sign_in(administrator)
    publish(me, **REPORT)
    assert told() == []
    publish(me, **POLICY)
    assert told() == [OF_POLICY]


def test_stop_ends_both(city: None, administrator: User, sign_in: Any, text_in: Any) -> None:  # noqa: F811
    for topic in ("bulletins:policy", "bulletins:final-reports"):
        services.add_followers(topic=topic, numbers=[OF_POLICY], source="demo")
    text_in("STOP", OF_POLICY)
    me = sign_in(administrator)
    publish(me, **REPORT)
    publish(me, **POLICY)
    assert told() == []


def test_what_can_be_followed(force: Group) -> None:
    exist = ["bulletins:policy", "bulletins:final-reports", "group:use-of-force"]
    assert all(map(registry.topic_exists, exist))
    assert not any(map(registry.topic_exists, ["bulletins:final_report", "bulletins:x", "group:no-such"]))
