"""The desk as a page: what it shows to whom, what its forms do as they send it, and that the keyboard is enough."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import AuditRow, User
from backend.feedback.concerns.models import CannedAnswer, Concern, ConcernReply, Office
from backend.roster.models import StaffMember
from tests.concerns.test_admin import tell
from tests.matrix import MISSING

pytestmark = pytest.mark.django_db

QUEUE = "/admin/concerns/concern/"


class Page(HTMLParser):
    """The parts of a page that these tests ask for."""

    def __init__(self, answer: Any) -> None:
        assert answer.status_code == 200, answer
        super().__init__()
        self.html = answer.content.decode()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in tags]

    @property
    def acts(self) -> list[str | None]:
        return [b["value"] for b in self.all("button") if b.get("name") == "act"]

    @property
    def read_at(self) -> str:
        return next(i["value"] or "" for i in self.all("input") if i.get("name") == "read_at")


def page_of(concern: str) -> str:
    return f"{QUEUE}{concern}/change/"


def send(desk: Client, concern: str, act: str, view: str = "", **data: Any) -> Any:
    """Presses a button of the page as it is now."""
    page = page_of(concern) + (f"?view={view}" if view else "")
    return desk.post(page, {"act": act, "read_at": Page(desk.get(page)).read_at, **data})


@pytest.fixture
def desk(liaison: User, sign_in: Any) -> Client:
    Concern.objects.all().delete()  # the demo's
    client: Client = sign_in(liaison)
    return client


@pytest.fixture
def told(client: Client, desk: Client) -> list[str]:
    """Three, the one with the earliest target first."""
    found = [tell(client, description=f"Number {n} of three.") for n in (1, 2, 3)]
    for hours, pk in enumerate(found):
        target = timezone.now() + timedelta(hours=2 * hours - 1)
        Concern.objects.filter(pk=pk).update(target_at=target)
    return found


# --- the queue ---------------------------------------------------------------------------------------------


def test_the_queue_is_by_target_and_marks_what_is_overdue(desk: Client, told: list[str]) -> None:
    html = Page(desk.get(QUEUE)).html
    places = [html.index(pk) for pk in told]
    assert places == sorted(places)
    assert html.count("Overdue</span> since") == 1


def test_the_views_of_the_queue(desk: Client, told: list[str], liaison: User) -> None:
    first, second, third = told
    Concern.objects.exclude(pk=first).update(status="triaged")
    Concern.objects.update(assigned_to=None)
    Concern.objects.filter(pk=third).update(assigned_to=StaffMember.objects.get(user=liaison))
    shown = {
        view: [pk for pk in told if pk in Page(desk.get(f"{QUEUE}?view={view}")).html]
        for view in ("mine", "unread", "overdue", "nonsense")
    }
    assert shown == {"mine": [third], "unread": [first], "overdue": [first], "nonsense": told}
    Concern.objects.filter(pk=second).update(needs_reading=True)
    assert second in Page(desk.get(f"{QUEUE}?view=unread")).html


def test_what_changed_since_the_last_look(desk: Client, told: list[str]) -> None:
    page = Page(desk.get(f"{QUEUE}?view=changed"))
    assert all(pk in page.html for pk in told)
    seen = next(b["value"] for b in page.all("button") if b.get("name") == "seen")
    assert desk.post(QUEUE, {"seen": seen}).status_code == 302
    assert not any(pk in Page(desk.get(f"{QUEUE}?view=changed")).html for pk in told)
    send(desk, told[1], "note", body="Looked at.")
    assert [pk for pk in told if pk in Page(desk.get(f"{QUEUE}?view=changed")).html] == [told[1]]


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-11-23T10:00:00"])
def test_a_look_that_is_no_time(desk: Client, seen: str) -> None:
    assert desk.post(QUEUE, {"seen": seen}).status_code == 302


def test_the_queue_pages_there_and_back(
    desk: Client, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.feedback.concerns.desk_page.ROWS", 2)
    found = {tell(client, description=f"Number {n}.") for n in range(5)}
    pages, url = [], QUEUE
    while url:
        page = Page(desk.get(url))
        pages.append([pk for pk in re.findall(r"[0-9a-f-]{36}(?=/change/)", page.html) if pk in found])
        url = next((a["href"] or "" for a in page.all("a") if a.get("rel") == "next"), "")
    assert [len(rows) for rows in pages] == [2, 2, 1]
    assert {pk for rows in pages for pk in rows} == found
    back = next(a["href"] for a in page.all("a") if a.get("rel") == "prev")
    assert all(pk in Page(desk.get(back)).html for pk in pages[1])


@pytest.mark.parametrize(
    "position", ["", "x", "2026-11-23T10:00:00,1", f"2026-11-23T10:00:00,{MISSING}", ",,"]
)
def test_a_position_that_is_none_is_the_beginning(desk: Client, told: list[str], position: str) -> None:
    assert told[0] in Page(desk.get(QUEUE, {"after": position})).html


# --- the wall ----------------------------------------------------------------------------------------------


def test_hidden_and_missing_are_the_same_and_no_queue_tells_of_it(
    client: Client, captain: User, told: list[str], sign_in: Any
) -> None:
    views = ["", "mine", "unread", "overdue"]
    commander = sign_in(captain)
    before = [commander.get(f"{QUEUE}?view={view}").content for view in views]
    beside = commander.get(page_of(told[2])).content
    hidden = tell(client, description="An officer did it.", about_police_employee=True)
    assert [commander.get(f"{QUEUE}?view={view}").content for view in views] == before
    assert without_tokens(commander.get(page_of(told[2])).content) == without_tokens(beside)
    for data in ({}, {"act": "close", "disposition": "resolved"}, {"act": "reporter", "reason": "I wonder"}):
        answers = [sign_in(captain).post(page_of(pk), data) for pk in (hidden, str(MISSING))]
        assert [a.status_code for a in answers] == [302, 302]
        assert answers[0]["Location"] == answers[1]["Location"] == QUEUE
        assert answers[0].content == answers[1].content
    assert Concern.objects.get(pk=hidden).status == "submitted"


def without_tokens(content: bytes) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", content.decode())


def test_a_civilian_liaison_reads_who_is_kept_away(
    client: Client, desk: Client, officer: User, captain: User, sign_in: Any
) -> None:
    walled = tell(client, description="An officer did it.", about_police_employee=True)
    assert "Civilian liaisons alone read this" in Page(desk.get(page_of(walled))).html
    member = StaffMember.objects.get(user=officer)
    answer = send(desk, walled, "clear", about=member.name, reason="By the car’s number.")
    assert answer.status_code == 302
    html = Page(desk.get(page_of(walled))).html
    assert f"Kept from {member} and from everybody who serves below the Major in SLMPD District 4." in html
    assert sign_in(officer).get(page_of(walled)).status_code == 302
    assert sign_in(captain).get(page_of(walled)).status_code == 302


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Say about whom it is"),
        ({"is_described": "on", "is_about_nobody": "on"}, "Say about whom it is"),
        ({"about": "Nobody Known"}, "nobody of the roster"),
    ],
)
def test_a_wall_does_not_come_down_by_mistake(
    client: Client, desk: Client, data: dict[str, str], words: str
) -> None:
    walled = tell(client, about_police_employee=True)
    refused = Page(send(desk, walled, "clear", reason="Looked.", **data))
    assert words in refused.html
    assert Concern.objects.get(pk=walled).is_walled


def test_buttons_for_liaisons_are_for_liaisons(captain: User, told: list[str], sign_in: Any) -> None:
    commander = sign_in(captain)
    page = Page(commander.get(page_of(told[0])))
    assert not {"subjects", "give_back", "clear", "reporter"} & set(page.acts)
    for act in ("subjects", "give_back", "reporter"):
        data = {"act": act, "read_at": page.read_at, "reason": "Why not", "is_described": "on"}
        refused = Page(commander.post(page_of(told[0]), data))
        assert 'role="alert"' in refused.html
    assert not AuditRow.objects.filter(object_id=told[0]).exclude(action="submit").exists()


# --- a concern's page --------------------------------------------------------------------------------------


def test_the_page_can_be_used_without_seeing_it(desk: Client, told: list[str]) -> None:
    """Labels, one first heading, the skip link first, a place where results are said, and no order but the page's."""
    for url in (QUEUE, page_of(told[1])):
        page = Page(desk.get(url))
        assert len(page.all("h1")) == 1
        assert page.all("html")[0]["lang"] == "en"
        assert page.all("a")[0] == {"class": "skip", "href": "#desk"}
        assert page.all("main")[0]["id"] == "desk"
        assert next(p for p in page.all("p") if p.get("role") == "status")["aria-live"] == "polite"
        assert all(attrs.get("tabindex") in (None, "-1") for _, attrs in page.tags)
        assert not any("autofocus" in attrs or "accesskey" in attrs for _, attrs in page.tags)
        ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
        assert len(ids) == len(set(ids))
        labels = {label.get("for") for label in page.all("label")}
        fields = [f for f in page.all("input", "select", "textarea") if f.get("type") != "hidden"]
        assert all(field["id"] in labels for field in fields), url
    assert fields


def test_each_button_has_a_key_of_its_own(desk: Client, told: list[str]) -> None:
    keys = [d["data-key"] for d in Page(desk.get(page_of(told[0]))).all("details")]
    assert len(keys) == len(set(keys))
    assert not {"j", "k", "u", "?"} & set(keys)


def test_three_are_closed_one_after_the_other(desk: Client, told: list[str], liaison: User) -> None:
    url = page_of(told[0])
    for n, pk in enumerate(told):
        answer = send(desk, pk, "close", disposition="resolved")
        assert answer.status_code == 302
        url = answer["Location"]
        assert url == (page_of(told[n + 1]) if n < 2 else QUEUE)
    page = Page(desk.get(url))
    assert "Close: done." in page.html
    assert set(Concern.objects.values_list("status", "disposition")) == {("closed", "resolved")}
    assert AuditRow.objects.filter(action="close", actor=liaison.pk).count() == 3


def test_the_view_goes_along(desk: Client, told: list[str]) -> None:
    answer = send(desk, told[2], "triage", view="unread")  # the newest first
    assert answer["Location"] == f"{page_of(told[1])}?view=unread"
    page = Page(desk.get(answer["Location"]))
    assert f"{QUEUE}?view=unread" in [a.get("href") for a in page.all("a")]
    assert [a["href"] for a in page.all("a") if a.get("rel") == "next"] == [f"{page_of(told[0])}?view=unread"]


def test_whoever_is_slower_is_told_and_keeps_what_they_typed(
    desk: Client, told: list[str], captain: User, sign_in: Any
) -> None:
    read_at = Page(desk.get(page_of(told[0]))).read_at
    assert send(sign_in(captain), told[0], "triage").status_code == 302
    data = {"act": "close", "read_at": read_at, "disposition": "no_action", "reason": "Nothing <was> found."}
    refused = Page(desk.post(page_of(told[0]), data))
    assert "Somebody changed this concern while you read it" in refused.html
    assert refused.html.index('role="alert"') < refused.html.index("<h1")
    assert "Nothing &lt;was&gt; found." in refused.html
    opened = [d for d in refused.all("details") if "open" in d]
    assert [d["data-key"] for d in opened] == ["c"]
    chosen = [i["value"] for i in refused.all("input") if i.get("type") == "radio" and "checked" in i]
    assert "no_action" in chosen
    assert Concern.objects.get(pk=told[0]).status == "triaged"
    # And again, having looked at it.
    assert desk.post(page_of(told[0]), data | {"read_at": refused.read_at}).status_code == 302
    assert Concern.objects.get(pk=told[0]).status == "closed"


def test_what_was_typed_is_not_lost_with_its_button(
    desk: Client, told: list[str], captain: User, sign_in: Any
) -> None:
    read_at = Page(desk.get(page_of(told[0]))).read_at
    send(sign_in(captain), told[0], "close", disposition="resolved")
    data = {"act": "transfer", "read_at": read_at, "desk": "", "reason": "Their side of the street."}
    assert "Their side of the street." in Page(desk.post(page_of(told[0]), data)).html


def test_something_missing_is_said_at_its_field(desk: Client, told: list[str]) -> None:
    refused = Page(send(desk, told[0], "close"))
    assert "something is missing" in refused.html
    assert "errorlist" in refused.html
    assert Concern.objects.get(pk=told[0]).status == "submitted"


def test_every_form_does_what_it_says(desk: Client, told: list[str], liaison: User) -> None:
    """One after the other on one concern, each as the page offers it."""
    first, second, _ = told
    mine = StaffMember.objects.get(user=liaison)
    office = Office.objects.create(
        slug="bins", name="Refuse", contact="314", source="x", gives_reference=True
    )
    answer = CannedAnswer.objects.create(title="Thanks", language="es", body="Gracias por avisarnos.")
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("triage", {}, "triaged"),
        ("assign", {"to": mine.pk, "reason": "Knows it."}, "assigned"),
        ("start", {}, "in_progress"),
        ("note", {"body": "Seen on Monday."}, "in_progress"),
        ("priority", {"priority": 1}, "in_progress"),
        ("letter", {"language": "en", "body": "We were there."}, "in_progress"),
        ("letter", {"language": "en", "canned": answer.pk, "body": ""}, "in_progress"),
        ("refer", {"office": office.slug, "note": "Please look."}, "referred"),
        ("acknowledge", {"reference": "4711"}, "referred"),
        ("return", {"outcome": "Bins were emptied."}, "triaged"),
        ("close", {"disposition": "resolved"}, "closed"),
        ("reopen", {"reason": "Again."}, "triaged"),
        ("merge", {"into": second}, "closed"),
    ]
    for act, data, status in steps:
        assert act in Page(desk.get(page_of(first))).acts, act
        sent = send(desk, first, act, **data)
        assert sent.status_code == 302, (act, sent.content.decode())
        stays = act in ("note", "priority", "letter")
        assert (sent["Location"] == page_of(first)) is stays, act
        assert Concern.objects.get(pk=first).status == status, act
    html = Page(desk.get(page_of(first))).html
    for words in ("Knows it.", "Seen on Monday.", "We were there.", "Gracias", "4711", "Bins were emptied."):
        assert words in html, words
    assert page_of(second) in html


def test_what_staff_see_of_the_words_is_masked(desk: Client, told: list[str], liaison: User) -> None:
    concern = Concern.objects.get(pk=told[0])
    reply = ConcernReply.objects.create(concern=concern, body="Call Jane Roe.")
    concern.redactions.create(part="description", start=0, end=8, provision="RSMo 610.021", by=liaison)
    concern.redactions.create(
        part="reply", reply=reply, start=5, end=13, provision="RSMo 610.021", by=liaison
    )
    for page in (QUEUE, page_of(told[0])):
        html = Page(desk.get(page)).html
        assert "Number 1" not in html
        assert "Jane Roe" not in html
    assert "Call ████████." in html


# --- the record --------------------------------------------------------------------------------------------

LAW = "RSMo 610.021"


def test_words_are_masked_as_they_are_typed_or_copied(client: Client, desk: Client, liaison: User) -> None:
    pk = tell(client, description="Ann  Roe\nlives there. Ask Ann Roe.")
    ConcernReply.objects.create(concern_id=pk, body="Not ann roe, Jim.")
    for words, html in (
        ("ann roe", "███████ there. Ask Ann Roe."),
        ("Ann\r\nRoe", "Ask ███████."),
        ("Not Ann Roe", "███████████, Jim."),
    ):
        html = html.replace("███████ there", "████████\nlives there")
        answer = send(desk, pk, "redact", words=words, provision=LAW)
        assert answer["Location"] == page_of(pk)
        assert html in Page(desk.get(page_of(pk))).html
    refused = Page(send(desk, pk, "redact", words="Ann Roe", provision=LAW))
    assert "neither in what was told nor in an answer" in refused.html
    assert Concern.objects.get(pk=pk).redactions.count() == 3
    rows = AuditRow.objects.filter(action="redact", actor=liaison.pk)
    assert [row.reason for row in rows] == [LAW] * 3


def test_words_are_masked_everywhere_and_masks_are_lifted_one_by_one(client: Client, desk: Client) -> None:
    pk = tell(client, description="Jane told me. Call Jane.")
    ConcernReply.objects.create(concern_id=pk, body="JANE is away.")
    assert "lift" not in Page(desk.get(page_of(pk))).acts
    send(desk, pk, "redact", words="Jane", everywhere="on", provision=LAW)
    page = Page(desk.get(page_of(pk)))
    assert "jane" not in page.html.lower()
    masks = [i["value"] for i in page.all("input") if i.get("name") == "redaction"]
    assert len(masks) == 3
    assert page.html.count(f"({LAW})") == 3
    assert send(desk, pk, "lift", redaction=masks[0])["Location"] == page_of(pk)
    assert "jane" in Page(desk.get(page_of(pk))).html.lower()
    assert "This mask is off already." in Page(send(desk, pk, "lift", redaction=masks[0])).html
    assert Concern.objects.get(pk=pk).redactions.count() == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"words": "", "provision": LAW}, "This field is required."),
        ({"words": "Number", "provision": ""}, "This field is required."),
        ({"words": "██", "provision": LAW}, "is masked already"),
        ({"words": "(", "provision": LAW}, "neither in what was told"),
    ],
)
def test_nothing_is_masked_by_mistake(
    desk: Client, told: list[str], data: dict[str, str], words: str
) -> None:
    assert words in Page(send(desk, told[0], "redact", **data)).html
    assert not Concern.objects.get(pk=told[0]).redactions.exists()


def test_a_hold_begins_with_a_reason_and_ends(
    desk: Client, told: list[str], captain: User, liaison: User, sign_in: Any
) -> None:
    pk = told[0]
    assert "errorlist" in Page(send(desk, pk, "hold", reason="")).html
    assert send(desk, pk, "hold", reason="Roe against the City")["Location"] == page_of(pk)
    page = Page(desk.get(page_of(pk)))
    assert "Roe against the City" in page.html
    assert "hold" not in page.acts
    assert "Roe against" not in Page(sign_in(captain).get(page_of(pk))).html
    hold = next(i["value"] for i in page.all("input") if i.get("name") == "hold")
    assert "errorlist" in Page(send(desk, pk, "end_hold", hold=hold, reason="")).html
    assert send(desk, pk, "end_hold", hold=hold, reason="Settled").status_code == 302
    assert "Ended" in Page(desk.get(page_of(pk))).html
    send(desk, pk, "hold", reason="Another matter")
    assert "has ended already" in Page(send(desk, pk, "end_hold", hold=hold, reason="Again")).html
    assert Concern.objects.get(pk=pk).holds.filter(ended_at=None).count() == 1
    assert AuditRow.objects.filter(action="hold", actor=liaison.pk, object_id=pk).count() == 2


def test_the_record_is_for_the_liaison_of_the_desk(captain: User, told: list[str], sign_in: Any) -> None:
    commander = sign_in(captain)
    page = Page(commander.get(page_of(told[0])))
    assert not {"redact", "lift", "hold", "end_hold"} & set(page.acts)
    for act, data in (("redact", {"words": "Number", "provision": LAW}), ("hold", {"reason": "Why not"})):
        refused = commander.post(page_of(told[0]), {"act": act, "read_at": page.read_at, **data})
        assert "The record is for the liaison of this desk" in Page(refused).html
    concern = Concern.objects.get(pk=told[0])
    assert not concern.redactions.exists()
    assert not concern.holds.exists()


def test_a_mask_or_hold_of_another_concern_is_none_of_this(
    desk: Client, told: list[str], liaison: User
) -> None:
    first, second, _ = (Concern.objects.get(pk=pk) for pk in told)
    mask = second.redactions.create(part="description", start=0, end=3, provision=LAW, by=liaison)
    hold = second.holds.create(reason="A matter", by=liaison)
    for pk, act, data in (
        (told[0], "lift", {"redaction": mask.pk}),
        (told[0], "end_hold", {"hold": hold.pk, "reason": "-"}),
    ):
        assert 'role="alert"' in Page(send(desk, pk, act, **data)).html
    hold.refresh_from_db()
    assert hold.ended_at is None
    assert second.redactions.count() == 1
    assert not first.redactions.exists()


def test_who_told_it_is_in_the_answer_to_its_button_alone_and_on_record(
    desk: Client, resident: User, liaison: User, sign_in: Any
) -> None:
    pk = tell(sign_in(resident))
    assert "resident@" not in Page(desk.get(page_of(pk))).html
    assert "resident@" not in Page(send(desk, pk, "reporter", reason="")).html
    answer = send(desk, pk, "reporter", reason="To call back.")
    assert "resident@example.org" in Page(answer).html
    assert "no-store" in answer["Cache-Control"]
    assert "resident@" not in Page(desk.get(page_of(pk))).html
    row = AuditRow.objects.get(action="name_reporter")
    assert (row.actor, row.object_id, row.reason) == (liaison.pk, pk, "To call back.")


def test_pages_are_not_stored_and_words_are_not_markup(client: Client, desk: Client) -> None:
    pk = tell(client, description="<script>alert(1)</script> at the corner")
    for page in (QUEUE, page_of(pk)):
        answer = desk.get(page)
        assert "no-store" in answer["Cache-Control"]
        assert b"<script>alert" not in answer.content


def test_an_unknown_button_does_nothing(desk: Client, told: list[str]) -> None:
    assert desk.post(page_of(told[0]), {"act": "burn"})["Location"] == page_of(told[0])


def test_a_page_without_a_version_is_refused(desk: Client, told: list[str]) -> None:
    refused = desk.post(page_of(told[0]), {"act": "triage"})
    assert "nothing was done" in Page(refused).html
