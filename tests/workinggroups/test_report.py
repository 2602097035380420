"""What we heard: tables that add up, who may read them, and words that stay words."""

import csv
import io
import tracemalloc
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from backend.accounts.models import User
from backend.feedback.workinggroups import models as theirs
from backend.feedback.workinggroups import report_files
from backend.feedback.workinggroups.models import Comment, CommentAnswer, Consultation, Support
from backend.feedback.workinggroups.report import OUTCOMES, UNDISPOSED, tables
from backend.feedback.workinggroups.services import reports
from backend.feedback.workinggroups.services.breaking import break_glass
from tests.workinggroups.conftest import Group
from tests.workinggroups.heard import (
    make_call,
    make_comment,
    make_draft,
    make_testimony,
    make_theme,
    publish,
)

KEYS = ("purpose", "force", "review")
HOSTILE = (
    "[click](javascript:alert(1)) ![x](https://evil.example/p.png) <script>alert(1)</script>\n"
    "# A heading\n\n===\n---\n```\ncode\n```\n    indented\n\t* item\n1. one\n> > out\r\n"
    "<https://evil.example> www.evil.example a@evil.example &lt;b&gt; | a | b |\n[x]: https://evil.example\n~~~\n\\"
)


@pytest.fixture
def call(force: Group) -> Consultation:
    return make_call(force.group, make_draft(force.group, *KEYS))


def path_of(call: Consultation, form: str = "") -> str:
    return f"/api/v1/working-groups/{call.group.slug}/consultations/{call.pk}/report{form}"


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content).decode()


def rows(client: Client, call: Consultation, table: str) -> list[dict[str, str]]:
    written = text(client, path_of(call, f".csv?table={table}"))
    return list(csv.DictReader(io.StringIO(written, newline="")))


def adds_up(report: dict[str, Any]) -> bool:
    return all(check["adds_up"] for check in report["checks"])


# --- who reads it -------------------------------------------------------------------------------------


def test_before_it_is_published_it_is_its_members(
    call: Consultation,
    force: Group,
    providers: Group,
    resident: User,
    captain: User,
    administrator: User,
    sign_in: Any,
    client: Client,
) -> None:
    make_comment(call, "force")
    missing = client.get(path_of(call).replace(str(call.pk), str(make_testimony(call).pk)))
    for form in ("", ".md", ".csv", ".csv?table=comments"):
        for somebody in (
            client,
            *(sign_in(u) for u in (resident, captain, administrator, providers.coordinator)),
        ):
            answer = somebody.get(path_of(call, form))
            assert (answer.status_code, answer.content) == (404, missing.content)
        assert sign_in(force.member).get(path_of(call, form)).status_code == 200
    assert sign_in(force.member).get(path_of(call))["Cache-Control"] == "no-store"


def test_who_broke_the_glass_reads_it(call: Consultation, administrator: User, sign_in: Any) -> None:
    me = sign_in(administrator)
    assert me.get(path_of(call)).status_code == 404
    break_glass(group=call.group, by=administrator, reason="A complaint about how comments are answered.")
    assert me.get(path_of(call)).status_code == 200


def test_once_published_everybody_reads_the_same(
    call: Consultation, force: Group, captain: User, sign_in: Any, client: Client
) -> None:
    make_comment(call, "force", "declined")
    publish(call)
    report = client.get(path_of(call))
    assert report.json()["outcomes"]["declined"] == 1
    for user in (captain, force.member):
        assert sign_in(user).get(path_of(call)).content == report.content


def test_a_call_for_members_never_becomes_public(force: Group, sign_in: Any, client: Client) -> None:
    call = make_call(force.group, make_draft(force.group, "purpose"), audience="members")
    make_comment(call, "purpose", "declined", body="Between us.")
    publish(call)
    for form in ("", ".md", ".csv?table=comments"):
        assert client.get(path_of(call, form)).status_code == 404
    assert sign_in(force.member).get(path_of(call)).json()["comments"] == 1


def test_not_changed_is_304_and_a_late_theme_is_a_change(
    call: Consultation, force: Group, sign_in: Any, client: Client
) -> None:
    comment = make_comment(call, "force", "declined", themes=(make_theme(force.group, "trust"),))
    publish(call)
    tag = client.get(path_of(call))["ETag"]
    assert client.get(path_of(call), headers={"If-None-Match": tag}).status_code == 304
    sign_in(force.member).put(f"{force.at}/comments/{comment.pk}/themes", {"themes": []}, "application/json")
    answer = client.get(path_of(call), headers={"If-None-Match": tag})
    assert (answer.status_code, answer.json()["without_theme"]) == (200, 1)


# --- counts -------------------------------------------------------------------------------------------


def test_every_table_says_what_there_is(
    call: Consultation, force: Group, client: Client, resident: User
) -> None:
    training, trust, _ = (make_theme(force.group, key) for key in ("training", "trust", "of-another-call"))
    newest = make_draft(force.group, "purpose", "force", "oversight")
    make_comment(call, "force", "accepted", landed=(newest, "oversight"), themes=(training, trust))
    make_comment(call, "force", "partly", kind="wording", themes=(training,))
    make_comment(call, "review", "out_of_scope")
    make_comment(call, None, "moderated", grounds="abuse")
    make_comment(call, "review", "moderated")
    Support.objects.create(consultation=call, section=call.draft.sections.get(key="force"), user=resident)
    publish(call)
    report = client.get(path_of(call)).json()
    assert report["comments"] == 5
    assert report["kinds"] == {"comment": 4, "wording": 1, "answers": 0}
    assert report["outcomes"] == dict(zip(OUTCOMES, (1, 1, 0, 1, 2, 0), strict=True))
    assert report["moderated"] == {"abuse": 1, "spam": 1}
    sections = [(r["key"], r["comments"], r["supports"], r["is_orphaned"]) for r in report["sections"]]
    assert sections == [
        ("purpose", 0, 0, False),
        ("force", 2, 1, False),
        ("review", 2, 0, True),
        (None, 1, 0, False),
    ]
    assert [(r["key"], r["comments"]) for r in report["themes"]] == [("training", 2), ("trust", 1)]
    assert report["without_theme"] == 3
    landed = [(r["version"], r["number"], r["key"], r["heading"], r["comments"]) for r in report["landed"]]
    assert landed == [(1, "2", "force", "Force", 1), (2, "3", "oversight", "Oversight", 1)]
    assert adds_up(report)


def test_answers_to_questions_without_what_is_kept_back(call: Consultation, client: Client) -> None:
    ask = call.questions.create
    often = ask(key="often", position=1, text="How often?", kind="choice", choices=["yearly", "never"])
    why = ask(key="why", position=2, text="Why?", kind="text")
    for outcome, choice in [("declined", "yearly"), ("", "yearly"), ("moderated", "never")]:
        answers = make_comment(call, None, outcome, kind="answers", body="")
        CommentAnswer.objects.create(comment=answers, question=often, choice=choice)
        CommentAnswer.objects.create(comment=answers, question=why, words="Because.")
    publish(call)
    first, second = client.get(path_of(call)).json()["questions"]
    assert first["choices"] == [{"choice": "yearly", "count": 2}, {"choice": "never", "count": 0}]
    assert (first["answered"], second["answered"], second["choices"]) == (2, 2, [])


def test_few_testimonies_are_not_told_apart(force: Group, client: Client) -> None:
    call = make_call(force.group, None, takes_testimony=True)
    for key in ("many", "few", "commented"):
        make_theme(force.group, key)
    make_comment(call, None, "declined", themes=(force.group.themes.get(key="commented"),))
    told = [make_testimony(call) for _ in range(12)]
    for key, count in (("many", 10), ("few", 9)):
        theme = force.group.themes.get(key=key)
        theirs.TestimonyTheme.objects.bulk_create(
            theirs.TestimonyTheme(testimony=one, theme=theme) for one in told[:count]
        )
    make_testimony(call, grounds="private", reason="It names a neighbor.")
    make_testimony(call, days_ago=0)  # counted from tomorrow on
    publish(call)
    answer = client.get(path_of(call)).json()["testimonies"]
    assert (answer["count"], answer["kept_back"]) == (13, {"private": 1})
    assert {row["key"]: row["testimonies"] for row in answer["themes"]} == {
        "many": 10,
        "commented": None,
    }
    assert "fewer than 10" in answer["note"]
    assert "It happened to me" not in text(client, path_of(call, ".md"))


def test_what_nobody_answered_is_a_report_too(call: Consultation, client: Client) -> None:
    publish(call)
    report = client.get(path_of(call)).json()
    assert (report["comments"], report["testimonies"], adds_up(report)) == (0, None, True)
    assert "0 comments came." in text(client, path_of(call, ".md"))


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(
        st.tuples(
            st.sampled_from((None, *KEYS)),
            st.sampled_from(OUTCOMES),
            st.sampled_from(("comment", "wording", "answers")),
            st.sets(st.sampled_from(("training", "trust", "costs"))),
        ),
        max_size=25,
    )
)
def test_it_equals_a_count_by_hand(force: Group, said: list[tuple[Any, ...]]) -> None:
    call = _said(force, said)
    report = tables(reports.facts_of(call))
    assert adds_up(report)
    assert report["comments"] == len(said)
    assert report["outcomes"] == {o: sum(row[1] == o for row in said) for o in OUTCOMES}
    by_hand = Counter((row[0], row[1]) for row in said)
    for row in report["sections"]:
        assert row["outcomes"] == {outcome: by_hand[row["key"], outcome] for outcome in OUTCOMES}
    for row in report["themes"]:
        assert row["outcomes"] == {o: sum(row["key"] in r[3] and r[1] == o for r in said) for o in OUTCOMES}
    assert report["without_theme"] == sum(not row[3] for row in said)
    assert sum(row["comments"] for row in report["landed"]) == sum(
        r[1] in ("accepted", "partly") for r in said
    )
    written = csv.DictReader(
        io.StringIO("".join(report_files.sections_csv(reports.facts_of(call))), newline="")
    )
    assert sum(int(row["comments"]) for row in written) == len(said)


def _said(force: Group, said: list[tuple[Any, ...]]) -> Consultation:
    codebook = {
        key: force.group.themes.get_or_create(key=key, defaults={"name": key})[0]
        for key in ("training", "trust", "costs")
    }
    call = make_call(force.group, force.group.drafts.first() or make_draft(force.group, *KEYS))
    for key, outcome, kind, themes in said:
        tags = tuple(codebook[name] for name in themes)
        make_comment(call, key, "" if outcome == UNDISPOSED else outcome, kind=kind, themes=tags)
    return call


def _statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_as_many_statements_for_one_comment_as_for_many(
    call: Consultation, force: Group, client: Client
) -> None:
    theme = make_theme(force.group, "trust")
    make_comment(call, "force", "declined", themes=(theme,))
    publish(call)
    few = _statements(client, path_of(call)), _statements(client, path_of(call, ".md"))
    for n in range(30):
        make_comment(call, KEYS[n % 3], OUTCOMES[n % 5], themes=(theme,))
    assert (_statements(client, path_of(call)), _statements(client, path_of(call, ".md"))) == few
    with CaptureQueriesContext(connection) as queries:
        client.get(path_of(call))
    assert not [q for q in queries if '"body"' in q["sql"] and "workinggroups_comment" in q["sql"]]


# --- words --------------------------------------------------------------------------------------------


def test_what_was_published_is_there_with_what_became_of_it(call: Consultation, client: Client) -> None:
    make_comment(call, "force", "accepted", body="Say when.", shown_name="A. Neighbor")
    make_comment(call, "force", "moderated", body="Buy watches.")
    publish(call)
    (row,) = rows(client, call, "comments")
    assert row == {
        "section": "2 Force",
        "is_orphaned": "False",
        "kind": "comment",
        "name": "A. Neighbor",
        "words": "Say when.",
        "wording": "",
        "answers": "",
        "outcome": "accepted",
        "reason": "It was decided so.",
        "landed": "version 1, force",
    }
    shown = text(client, path_of(call, ".md"))
    assert "> Say when\\." in shown
    assert "watches" not in shown
    assert "1 spam" not in shown


def test_before_it_is_published_members_read_no_words_here(
    call: Consultation, force: Group, sign_in: Any
) -> None:
    make_comment(call, "force", "declined", body="Too early to say.")
    member = sign_in(force.member)
    assert rows(member, call, "comments") == []
    assert "Too early" not in text(member, path_of(call, ".md"))


def test_who_is_no_public_body_publishes_counts(collaborative: Group, client: Client) -> None:
    call = make_call(collaborative.group, make_draft(collaborative.group, "purpose"))
    make_comment(call, "purpose", "declined", body="Not for everybody.", shown_name="A. Neighbor")
    publish(call)
    assert client.get(path_of(call)).json()["outcomes"]["declined"] == 1
    assert rows(client, call, "comments") == []
    assert "Neighbor" not in text(client, path_of(call, ".md"))


def test_hostile_words_stay_words_in_markdown(call: Consultation, client: Client) -> None:
    ask = call.questions.create(key="why", position=1, text="Why <b>?", kind="text")
    made = make_comment(
        call,
        "force",
        "declined",
        body=HOSTILE,
        wording=HOSTILE,
        shown_name="**Bold** [me](https://evil.example)",
    )
    CommentAnswer.objects.create(comment=made, question=ask, words=HOSTILE)
    publish(call)
    markdown = text(client, path_of(call, ".md"))
    html = MarkdownIt("gfm-like", {"linkify": False}).render(markdown)
    for made_of_it in ("<a ", "<img", "<script", "<code", "<li", "<hr", "<b>"):
        assert made_of_it not in html
    assert html.count("<h1>") == 1
    assert html.count("<blockquote>") == 3
    for bare in ("https://", "www.", "@evil", "]("):
        assert bare not in markdown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize(
    "words",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", '=HYPERLINK("https://evil.example")'],
)
def test_no_cell_runs_as_a_formula(call: Consultation, client: Client, words: str) -> None:
    make_comment(call, "force", "declined", body=words, shown_name=words)
    publish(call)
    (row,) = rows(client, call, "comments")
    assert row["words"] == row["name"] == f"'{words}"


@given(st.text(max_size=200))
def test_no_words_end_the_quote(words: str) -> None:
    markdown = "\n".join(report_files.quoted(words))
    html = MarkdownIt("gfm-like", {"linkify": False}).render(markdown)
    assert html.startswith("<blockquote>")
    tags = {tag.split(">")[0] for tag in html.split("<")[1:]}
    assert tags <= {"blockquote", "/blockquote", "p", "/p", "br /", "br"}


def test_words_are_read_as_they_are_sent(call: Consultation, client: Client) -> None:
    body = "Say more. " * 2000
    Comment.objects.bulk_create(
        Comment(consultation=call, kind="comment", body=body, words_index=str(n)) for n in range(1000)
    )
    publish(call)
    lines = report_files.comments_csv(reports.said_in(call))
    tracemalloc.start()
    assert sum(map(len, lines)) > 20_000_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 15_000_000


# --- CSV ----------------------------------------------------------------------------------------------


def test_tables_as_csv(call: Consultation, force: Group, client: Client) -> None:
    make_comment(call, "force", "declined", themes=(make_theme(force.group, "trust", name="=Trust"),))
    make_comment(call, None, "moderated")
    publish(call)
    sections = rows(client, call, "sections")
    assert len(sections) == (len(KEYS) + 1) * len(OUTCOMES)
    assert sum(int(row["comments"]) for row in sections) == 2
    themes = [row for row in rows(client, call, "themes") if row["comments"] != "0"]
    assert [(row["theme"], row["name"], row["outcome"]) for row in themes] == [
        ("trust", "'=Trust", "declined"),
        ("", "without a theme", "moderated"),
    ]
    assert client.get(path_of(call, ".csv?table=people")).status_code == 400
    assert client.get(path_of(call, ".csv"))["Content-Type"] == "text/csv; charset=utf-8"
