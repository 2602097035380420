"""The codebook: coordinators keep it, members tag with it, nobody else learns that it is there."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.feedback.workinggroups import models as theirs
from backend.feedback.workinggroups.models import Comment, CommentTheme, GroupChange, Theme
from backend.feedback.workinggroups.services.breaking import break_glass
from tests.workinggroups.conftest import Group, make_civilian
from tests.workinggroups.heard import make_call, make_comment, make_draft, make_testimony, make_theme

JSON = "application/json"
NAME = {"name": "Training of officers", "description": "What is taught, and how often."}


@pytest.fixture
def comment(force: Group) -> Comment:
    return make_comment(make_call(force.group, make_draft(force.group, "purpose")), "purpose")


def tag(client: Client, path: str, *keys: str) -> Any:
    return client.put(f"{path}/themes", {"themes": keys}, JSON)


def held(comment: Comment) -> list[str]:
    return sorted(CommentTheme.objects.filter(comment=comment).values_list("theme__key", flat=True))


def refusal(answer: Any) -> tuple[str, str]:
    assert answer.status_code == 400, answer.content
    error = answer.json()["errors"][0]
    return error["pointer"], error["code"]


# --- the codebook -------------------------------------------------------------------------------------


def test_a_coordinator_adds_a_theme_and_members_read_it(force: Group, sign_in: Any) -> None:
    made = sign_in(force.coordinator).post(f"{force.at}/themes", NAME, JSON)
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    assert made.json() == {"key": "training-of-officers", **NAME, "ended_at": None}
    assert sign_in(force.member).get(f"{force.at}/themes").json() == {"themes": [made.json()]}
    assert GroupChange.objects.get(action="theme_added").by == force.coordinator


def test_a_key_is_there_once_a_group(force: Group, providers: Group, sign_in: Any) -> None:
    for group in (force, providers):
        assert sign_in(group.coordinator).post(f"{group.at}/themes", NAME, JSON).status_code == 201
    again = sign_in(force.coordinator).post(f"{force.at}/themes", NAME, JSON)
    assert (again.status_code, again.json()["type"]) == (409, "theme-used")


def test_a_repeat_adds_no_second_theme(force: Group, sign_in: Any) -> None:
    me, key = sign_in(force.coordinator), {"Idempotency-Key": "a-random-key"}
    first, second = (me.post(f"{force.at}/themes", NAME, JSON, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code, second["Idempotency-Replayed"]) == (201, 201, "true")


def test_who_broke_the_glass_reads_the_codebook_and_changes_nothing(
    force: Group, comment: Comment, administrator: User, sign_in: Any
) -> None:
    make_theme(force.group, "training")
    break_glass(group=force.group, by=administrator, reason="A complaint about how comments are answered.")
    me = sign_in(administrator)
    assert me.get(f"{force.at}/themes").status_code == 200
    assert me.post(f"{force.at}/themes", NAME, JSON).status_code == 404
    assert tag(me, f"{force.at}/comments/{comment.pk}", "training").status_code == 404


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/name"),
        ({"name": "<b>Training</b>"}, "/name"),
        ({"name": "Training", "description": "<script>x</script>"}, "/description"),
        ({"name": "訓練"}, "/key"),
        ({"name": "Training", "key": "two words"}, "/key"),
    ],
)
def test_what_no_theme_is(force: Group, sign_in: Any, sent: dict[str, str], pointer: str) -> None:
    assert refusal(sign_in(force.coordinator).post(f"{force.at}/themes", sent, JSON))[0] == pointer


def test_members_keep_no_codebook(force: Group, sign_in: Any) -> None:
    theme, member = make_theme(force.group, "training"), sign_in(force.member)
    assert member.post(f"{force.at}/themes", NAME, JSON).status_code == 403
    assert member.post(f"{force.at}/themes/{theme.key}/end").status_code == 403


def test_to_others_there_is_none(
    force: Group,
    providers: Group,
    resident: User,
    officer: User,
    captain: User,
    administrator: User,
    sign_in: Any,
    client: Client,
    comment: Comment,
) -> None:
    make_theme(force.group, "training")
    assert client.get(f"{force.at}/themes").status_code == 401
    for user in (resident, officer, captain, administrator, providers.coordinator):
        me = sign_in(user)
        nothing = me.get("/api/v1/working-groups/no-such-group/themes")
        assert nothing.status_code == 404
        for answer in (
            me.get(f"{force.at}/themes"),
            me.post(f"{force.at}/themes", {}, JSON),
            me.post(f"{force.at}/themes/training/end"),
            tag(me, f"{force.at}/comments/{comment.pk}", "training"),
        ):
            assert (answer.status_code, answer.content) == (404, nothing.content)


def test_a_civilian_in_the_seat_for_one_is_a_member(
    force: Group, comment: Comment, city: None, sign_in: Any
) -> None:
    make_theme(force.group, "training")
    me = sign_in(make_civilian(force.group))
    assert me.get(f"{force.at}/themes").status_code == 200
    assert tag(me, f"{force.at}/comments/{comment.pk}", "training").status_code == 200


# --- comments -----------------------------------------------------------------------------------------


def test_a_member_says_what_a_comment_is_about(force: Group, comment: Comment, sign_in: Any) -> None:
    for key in ("training", "trust", "costs"):
        make_theme(force.group, key)
    me, path = sign_in(force.member), f"{force.at}/comments/{comment.pk}"
    answer = tag(me, path, "trust", "training")
    assert [theme["key"] for theme in answer.json()["themes"]] == ["training", "trust"]
    assert tag(me, path, "trust", "costs", "costs").status_code == 200
    assert held(comment) == ["costs", "trust"]
    assert tag(me, path).json() == {"themes": []}
    assert held(comment) == []
    assert GroupChange.objects.filter(action="comment_themes_set", object_id=str(comment.pk)).count() == 3


def test_what_is_not_in_the_codebook(force: Group, providers: Group, comment: Comment, sign_in: Any) -> None:
    make_theme(providers.group, "theirs")
    make_theme(force.group, "training")
    me, path = sign_in(force.member), f"{force.at}/comments/{comment.pk}"
    assert refusal(tag(me, path, "training", "theirs")) == ("/themes", "unknown")
    assert held(comment) == []
    elsewhere = tag(sign_in(providers.member), f"{providers.at}/comments/{comment.pk}", "theirs")
    assert elsewhere.status_code == 404
    assert me.put(f"{path}/themes", {"themes": [f"t{n}" for n in range(21)]}, JSON).status_code == 400


def test_an_ended_theme_stays_where_it_is_and_goes_on_nothing_new(
    force: Group, comment: Comment, sign_in: Any
) -> None:
    make_theme(force.group, "training")
    other = make_comment(comment.consultation)
    me, path = sign_in(force.coordinator), f"{force.at}/comments/"
    tag(me, f"{path}{comment.pk}", "training")
    ended = me.post(f"{force.at}/themes/training/end")
    assert (ended.status_code, ended.json()["ended_at"] is None) == (200, False)
    assert me.post(f"{force.at}/themes/training/end").json()["type"] == "already-ended"
    assert me.post(f"{force.at}/themes/no-such/end").status_code == 404
    assert refusal(tag(me, f"{path}{other.pk}", "training")) == ("/themes", "ended")
    assert tag(me, f"{path}{comment.pk}", "training").status_code == 200
    assert held(comment) == ["training"]


def test_who_left_yesterday_tags_nothing(force: Group, comment: Comment, sign_in: Any) -> None:
    make_theme(force.group, "training")
    me = sign_in(force.member)
    force.member.group_memberships.update(ended_at=timezone.now())
    assert tag(me, f"{force.at}/comments/{comment.pk}", "training").status_code == 404


# --- testimonies --------------------------------------------------------------------------------------


def test_a_testimony_is_tagged_from_the_day_after(force: Group, sign_in: Any) -> None:
    make_theme(force.group, "training")
    call = make_call(force.group, None, takes_testimony=True)
    told, new = make_testimony(call), make_testimony(call, days_ago=0)
    me, at = sign_in(force.member), f"{force.at}/consultations/{call.pk}/testimonies"
    assert tag(me, f"{at}/{told.pk}", "training").status_code == 200
    assert theirs.TestimonyTheme.objects.get().testimony == told
    early = tag(me, f"{at}/{new.pk}", "training")
    assert (early.status_code, early.json()["type"]) == (409, "too-early")
    assert refusal(tag(me, f"{at}/{told.pk}", "unheard-of")) == ("/themes", "unknown")


def test_nobody_else_tags_testimonies(
    force: Group, providers: Group, captain: User, administrator: User, sign_in: Any
) -> None:
    make_theme(force.group, "training")
    told = make_testimony(make_call(force.group, None, takes_testimony=True))
    for user in (providers.member, captain, administrator):
        for path in (force.at, providers.at):
            at = f"{path}/consultations/{told.consultation_id}/testimonies/{told.pk}"
            assert tag(sign_in(user), at, "training").status_code == 404
    assert not theirs.TestimonyTheme.objects.exists()
    assert Theme.objects.get().tagged_testimonies.count() == 0
