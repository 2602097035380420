"""A whole cycle over HTTP: 500 comments on three versions with splits and merges, and a report that adds up."""

import random
from collections import Counter
from typing import Any

from tests.conftest import DocumentedClient
from tests.workinggroups.calls import begin, call, close, dispose, pages, post, publish, published, say
from tests.workinggroups.conftest import Group, make_person


def parts(*keys: str, **origins: list[str]) -> list[dict[str, Any]]:
    return [{"key": key, "heading": f"On {key}", "body": f"The text of {key}."} for key in keys] + [
        {"key": key, "heading": f"On {key}", "body": f"The text of {key}.", "origins": came}
        for key, came in origins.items()
    ]


VERSIONS = [
    parts("purpose", "force", "firearms", "vehicles", "reports", "training"),
    # firearms are split, vehicles and reports become one
    parts(
        "purpose",
        "force",
        "training",
        drawing=["firearms"],
        shooting=["firearms"],
        conduct=["vehicles", "reports"],
    ),
    # the two parts are one again under a new name, training is gone
    parts("purpose", "force", "conduct", guns=["drawing", "shooting"]),
    parts("purpose", "force", "conduct", "guns"),
]
COMMENTS = (220, 180, 100)


class Tally:
    """What the test itself said and ruled, counted by hand."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.sections: Counter[tuple[str, str]] = Counter()
        self.landed: Counter[tuple[int, str]] = Counter()
        self.kinds: Counter[str] = Counter()
        self.themes: Counter[tuple[str, str]] = Counter()
        self.without_theme = 0
        self.of_section: dict[str, set[str]] = {}


def comment_on(
    client: DocumentedClient,
    coordinator: DocumentedClient,
    group: Group,
    number: int,
    count: int,
    chance: random.Random,
) -> tuple[str, Tally]:
    """Opens a call on a version, comments, closes it, begins the next version and says what became of each."""
    tally, keys = Tally(), [part["key"] for part in VERSIONS[number - 1]]
    consultation = call(coordinator, group, draft=number)["id"]
    said: list[tuple[str, str]] = []
    for n in range(count):
        section = chance.choice([*keys, ""])
        is_wording = bool(section) and chance.random() < 0.2
        body = (
            {"kind": "wording", "wording": f"Should read thus, {n}."}
            if is_wording
            else {"body": f"Thought {n}."}
        )
        answer = say(client, group, consultation, section=section, version=number, **body)
        assert answer.status_code == 201, answer.content
        said.append((answer.json()["id"], section))
        tally.kinds["wording" if is_wording else "comment"] += 1
        tally.of_section.setdefault(section, set()).add(answer.json()["id"])
    assert close(coordinator, group, consultation).status_code == 200
    begin(coordinator, group, *VERSIONS[number])
    landing = [part["key"] for part in VERSIONS[number]]
    together: dict[str, list[str]] = {"declined": [], "out_of_scope": []}
    for comment, section in said:
        outcome = chance.choice(["accepted", "partly", "declined", "out_of_scope", "moderated"])
        tally.outcomes[outcome] += 1
        tally.sections[section, outcome] += 1
        themes = chance.choice([[], ["duty"], ["training"], ["duty", "training"]])
        tally.themes.update((theme, outcome) for theme in themes)
        tally.without_theme += not themes
        if themes:
            put = {"themes": themes}
            done = coordinator.put(
                f"{group.at}/comments/{comment}/themes", put, content_type="application/json"
            )
            assert done.status_code == 200, done.content
        if outcome in together:
            together[outcome].append(comment)
            continue
        ruling = {"grounds": chance.choice(["spam", "abuse"])} if outcome == "moderated" else {}
        if not ruling:
            ruling = {"landed_version": number + 1, "landed_section": chance.choice(landing)}
            tally.landed[number + 1, ruling["landed_section"]] += 1
        done = dispose(coordinator, group, comment, outcome=outcome, reason="Because of this.", **ruling)
        assert done.status_code == 200, done.content
    refused = publish(coordinator, group, number + 1)
    assert (refused.status_code, refused.json()["undisposed"]) == (409, sum(map(len, together.values())))
    for outcome, comments in together.items():
        answer = post(
            coordinator,
            f"{group.at}/comments/dispose",
            comments=comments,
            outcome=outcome,
            reason="For that reason.",
        )
        assert answer.json() == {"disposed": len(comments)}
    assert publish(coordinator, group, number + 1).status_code == 200
    return consultation, tally


def test_five_hundred_comments_over_three_versions(
    force: Group, client: DocumentedClient, sign_in: Any
) -> None:
    coordinator, chance = sign_in(force.coordinator), random.Random(9)
    published(coordinator, force, *VERSIONS[0])
    for theme in ("duty", "training"):
        assert post(coordinator, f"{force.at}/themes", key=theme, name=theme.title()).status_code == 201
    heard = [
        comment_on(client, coordinator, force, number, count, chance)
        for number, count in enumerate(COMMENTS, 1)
    ]
    assert sum(COMMENTS) == 500
    for (consultation, tally), count in zip(heard, COMMENTS, strict=True):
        report = client.get(f"{force.at}/consultations/{consultation}/report").json()
        assert_report(report, tally, count)
    assert_orphans(client, force, [tally for _, tally in heard])


def assert_report(report: dict[str, Any], tally: Tally, count: int) -> None:
    assert report["comments"] == count
    assert {name: n for name, n in report["outcomes"].items() if n} == dict(tally.outcomes)
    rows = {row["key"] or "": row for row in report["sections"]}
    counted = {(key, outcome): n for key, row in rows.items() for outcome, n in row["outcomes"].items() if n}
    assert counted == dict(tally.sections)
    assert {kind: n for kind, n in report["kinds"].items() if n} == dict(tally.kinds)
    tagged = {(t["key"], outcome): n for t in report["themes"] for outcome, n in t["outcomes"].items() if n}
    assert (tagged, report["without_theme"]) == (dict(tally.themes), tally.without_theme)
    assert {(row["version"], row["key"]): row["comments"] for row in report["landed"]} == dict(tally.landed)
    last = {part["key"] for part in VERSIONS[3]} | {""}
    assert {key for key, row in rows.items() if row["is_orphaned"]} == rows.keys() - last
    assert all(check["adds_up"] for check in report["checks"])


def assert_orphans(client: DocumentedClient, group: Group, tallies: list[Tally]) -> None:
    """Of the last version: what was said of sections that it does not have, by id; what is kept back is not shown."""
    last = {part["key"] for part in VERSIONS[3]} | {""}
    expected = {
        c for tally in tallies for key, ids in tally.of_section.items() if key not in last for c in ids
    }
    listed = pages(client, f"{group.at}/comments?orphaned=true&page_size=200")
    shown = {c["id"] for c in pages(client, f"{group.at}/comments?page_size=200")}
    assert {c["id"] for c in listed} == expected & shown
    assert all(c["section"] not in last for c in listed)
    assert len(expected & shown) > 50


def test_three_people_and_their_answers(force: Group, client: DocumentedClient, sign_in: Any) -> None:
    """The thinnest cycle, read by those who wrote."""
    coordinator, writer = sign_in(force.coordinator), sign_in(make_person("writer"))
    published(coordinator, force, *VERSIONS[0])
    consultation = call(coordinator, force, draft=1)["id"]
    mine = say(writer, force, consultation, section="force", body="Only to save a life.").json()
    unknown = say(client, force, consultation, section="firearms", body="Warn first.").json()
    close(coordinator, force, consultation)
    begin(coordinator, force, *VERSIONS[1])
    landed = {"landed_version": 2, "landed_section": "drawing"}
    dispose(coordinator, force, unknown["id"], outcome="partly", reason="Where there is time.", **landed)
    dispose(coordinator, force, mine["id"], outcome="declined", reason="The law has a wider rule.")
    assert publish(coordinator, force, 2).status_code == 200
    own = pages(writer, "/api/v1/me/working-group-comments")[0]["disposition"]
    assert (own["outcome"], own["reason"]) == ("declined", "The law has a wider rule.")
    asked = post(client, "/api/v1/working-groups/comments/receipt", receipt=unknown["receipt"]).json()
    assert (asked["disposition"]["landed_version"], asked["disposition"]["landed_section"]) == (2, "drawing")
