"""What was recommended, where it stands, and by what one can see it."""

from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import AuditRow, User
from backend.feedback.workinggroups.models import Bulletin, GroupChange, Recommendation, RecommendationChange
from backend.feedback.workinggroups.services.recommendations import load_outcomes
from backend.notifications.models import Notice
from tests.workinggroups.conftest import Group

JSON = "application/json"
LIST = "/api/v1/recommendations"
NEW = {"title": "Report every use of force", "source": "Report of April 2022", "body": "Within a day."}
DONE = {
    "status": "done",
    "evidence": "The order is in force.",
    "evidence_url": "https://example.org/order",
    "status_on": "2026-11-20",
}


def post(client: Client, path: str = LIST, **body: Any) -> Any:
    return client.post(path, body, JSON)


@pytest.fixture
def made(force: Group, sign_in: Any) -> str:
    """The address of one of the force group's."""
    answer = post(sign_in(force.coordinator), group="use-of-force", **NEW)
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def refusal(answer: Any) -> tuple[str, str]:
    assert answer.status_code == 400, answer.content
    error = answer.json()["errors"][0]
    return error["pointer"], error["code"]


def test_a_coordinator_enters_one_and_everybody_reads_it(made: str, force: Group, client: Client) -> None:
    assert made == f"{LIST}/report-every-use-of-force"
    one = client.get(made).json()
    assert {
        "group": "use-of-force",
        "status": "open",
        "status_on": "2026-11-23",
        **NEW,
    }.items() <= one.items()
    assert [change["status"] for change in one["history"]] == ["open"]
    assert [row["slug"] for row in client.get(LIST).json()["results"]] == ["report-every-use-of-force"]
    assert GroupChange.objects.get(action="recommendation_entered").by == force.coordinator
    assert not AuditRow.objects.filter(action__startswith="recommendation").exists()


def test_its_history_keeps_what_it_was(made: str, force: Group, sign_in: Any, client: Client) -> None:
    me = sign_in(force.coordinator)
    assert post(me, f"{made}/status", status="in_progress", evidence="A draft is out.").status_code == 200
    moved = post(me, f"{made}/status", **DONE)
    assert DONE.items() <= moved.json().items()
    history = client.get(made).json()["history"]
    assert [(row["status"], row["status_on"], row["evidence"]) for row in history] == [
        ("open", "2026-11-23", ""),
        ("in_progress", "2026-11-23", "A draft is out."),
        ("done", "2026-11-20", "The order is in force."),
    ]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"evidence": ""}, "/evidence", "required"),
        ({"status": "declined", "evidence": ""}, "/evidence", "required"),
        ({"evidence": "<b>There</b>"}, "/evidence", "markup"),
        ({"evidence_url": "javascript:alert(1)"}, "/evidence_url", "invalid"),
        ({"status_on": "2026-11-24"}, "/status_on", "future"),
        ({"status": "finished"}, "/status", "invalid_choice"),
    ],
)
def test_no_standing_without_what_shows_it(
    made: str, force: Group, sign_in: Any, change: dict[str, str], pointer: str, code: str
) -> None:
    answer = post(sign_in(force.coordinator), f"{made}/status", **{**DONE, **change})
    assert refusal(answer) == (pointer, code)
    assert RecommendationChange.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": "<i>Report</i>"}, "/title"),
        ({"source": " "}, "/source"),
        ({"group": "no-such-group"}, "/group"),
        ({"recommended_on": "2027-01-01"}, "/recommended_on"),
        ({"status": "done"}, "/evidence"),
        ({"title": "報告"}, "/slug"),
    ],
)
def test_what_no_recommendation_is(force: Group, sign_in: Any, change: dict[str, str], pointer: str) -> None:
    sent = {**NEW, "group": "use-of-force", **change}
    assert refusal(post(sign_in(force.coordinator), **sent))[0] == pointer


def test_nobody_else_writes_a_groups(
    made: str,
    force: Group,
    providers: Group,
    resident: User,
    captain: User,
    administrator: User,
    sign_in: Any,
    client: Client,
) -> None:
    assert post(client, f"{made}/status", **DONE).status_code == 401
    for user in (resident, captain, administrator, force.member, providers.coordinator):
        me = sign_in(user)
        assert post(me, f"{made}/status", **DONE).status_code == 403
        assert post(me, group="use-of-force", slug="another", **NEW).status_code == 403
    assert Recommendation.objects.get().status == "open"


def test_an_administrator_writes_what_is_no_groups(
    administrator: User, captain: User, force: Group, sign_in: Any
) -> None:
    me = sign_in(administrator)
    answer = post(me, **NEW)
    assert (answer.status_code, answer.json()["group"]) == (201, None)
    assert post(me, f"{answer['Location']}/status", **DONE).status_code == 200
    assert AuditRow.objects.filter(actor=administrator.pk, action__startswith="recommendation_").count() == 2
    for user in (captain, force.coordinator):
        assert post(sign_in(user), f"{answer['Location']}/status", **DONE).status_code == 403
        assert post(sign_in(user), **NEW).status_code == 403


def test_a_slug_is_there_once_and_a_repeat_is_the_same(made: str, force: Group, sign_in: Any) -> None:
    me = sign_in(force.coordinator)
    again = post(me, group="use-of-force", **NEW)
    assert (again.status_code, again.json()["type"]) == (409, "slug-used")
    sent, key = {**NEW, "group": "use-of-force", "slug": "twice"}, {"Idempotency-Key": "a-random-key"}
    first, second = (me.post(LIST, sent, JSON, headers=key) for _ in range(2))
    assert (first.status_code, second["Idempotency-Replayed"]) == (201, "true")


def test_the_list_is_by_status_and_group_and_knows_304(
    made: str, force: Group, providers: Group, sign_in: Any, client: Client
) -> None:
    post(sign_in(providers.coordinator), group="service-providers", slug="theirs", **{**NEW, **DONE})

    def slugs(query: str) -> list[str]:
        return [row["slug"] for row in client.get(f"{LIST}?{query}").json()["results"]]

    assert slugs("status=done") == slugs("group=service-providers") == ["theirs"]
    assert slugs("status=done&group=use-of-force") == []
    assert client.get(f"{LIST}?status=unheard-of").status_code == 400
    assert client.get(f"{LIST}/no-such").status_code == 404
    tag = {"If-None-Match": client.get(LIST)["ETag"]}
    assert client.get(LIST, headers=tag).status_code == 304
    post(sign_in(force.coordinator), f"{made}/status", **DONE)
    assert client.get(LIST, headers=tag).status_code == 200


def test_what_the_sources_say_is_loaded_once_and_tells_nobody(
    force: Group, providers: Group, sign_in: Any, client: Client
) -> None:
    before = Notice.objects.count()
    assert (load_outcomes(), load_outcomes()) == (3, 0)
    standing = {row["slug"]: (row["group"], row["status"]) for row in client.get(LIST).json()["results"]}
    assert standing == {
        "revise-use-of-force-policy": ("use-of-force", "in_progress"),
        "strengthen-response-to-domestic-violence": ("service-providers", "in_progress"),
    }
    assert Bulletin.objects.get().kind == "policy"
    assert Notice.objects.count() == before


def test_what_has_moved_on_stays(force: Group, sign_in: Any) -> None:
    assert load_outcomes() == 2  # the providers' group is not there yet
    post(sign_in(force.coordinator), f"{LIST}/revise-use-of-force-policy/status", **DONE)
    assert load_outcomes() == 0
    assert Recommendation.objects.get().status == "done"
