"""What we heard: a call's figures as tables that add up. Pure: facts in, no clock, no database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

UNDISPOSED = "undisposed"
OUTCOMES = ("accepted", "partly", "declined", "out_of_scope", "moderated", UNDISPOSED)
LANDING = ("accepted", "partly")
KINDS = ("comment", "wording", "answers")
LANDED = ("version", "key", "number", "heading", "comments")
SMALLEST = 10  # testimonies: fewer could be known by what they have in common
NOT_NAMED = "not named"
OF_THE_WHOLE = "of the whole"

THEMES_NOTE = "A comment may be about several themes: the rows of themes do not add up to the whole."
SMALL_NOTE = f"A testimony may be about several themes; fewer than {SMALLEST} are not shown."


class Cell(NamedTuple):
    """How many comments of a kind, of a section (None: of the whole), came out so; `grounds` of moderated ones."""

    kind: str
    section: int | None
    outcome: str
    grounds: str
    how_many: int


class Part(NamedTuple):
    """A section that was commented on or could be: of which version, and whether it is gone from the newest one."""

    id: int
    key: str
    number: str
    heading: str
    version: int
    is_orphaned: bool


class Tagged(NamedTuple):
    """How many comments about a theme came out so."""

    key: str
    outcome: str
    how_many: int


class Landed(NamedTuple):
    """How many comments went into a section of a version."""

    version: int
    key: str
    number: str
    heading: str
    how_many: int


class Asked(NamedTuple):
    """A question of the call; `counts` by choice, in the question's order; `answered` counts words too."""

    key: str
    text: str
    kind: str
    counts: dict[str, int]
    answered: int


class Told(NamedTuple):
    """Testimonies: how many, how many kept back on which grounds, and of the others how many about a theme."""

    how_many: int
    kept_back: dict[str, int]
    themes: dict[str, int]


@dataclass(frozen=True)
class Facts:
    """What the tables are made of. `codebook`: all themes' names by key, in the order of the tables.

    `totals`: each counted by a query of its own, for the checks.
    """

    title: str
    group: str
    version: int | None
    opens_at: datetime
    closes_at: datetime
    published_at: datetime | None
    cells: Sequence[Cell] = ()
    parts: Sequence[Part] = ()
    codebook: dict[str, str] = field(default_factory=dict)
    tagged: Sequence[Tagged] = ()
    without_theme: dict[str, int] = field(default_factory=dict)
    supports: dict[int | None, int] = field(default_factory=dict)
    questions: Sequence[Asked] = ()
    testimonies: Told | None = None
    demographics: Sequence[dict[str, Any]] | None = None
    landed: Sequence[Landed] = ()
    totals: dict[str, int] = field(default_factory=dict)


class Said(NamedTuple):
    """A published comment. `answers`: question and answer, in turn."""

    section: str
    is_orphaned: bool
    kind: str
    name: str
    words: str
    wording: str
    answers: Sequence[tuple[str, str]]
    outcome: str
    reason: str
    landed: str


# --- tables -------------------------------------------------------------------------------------------


def tables(facts: Facts) -> dict[str, Any]:
    """The report without anybody's words. Every outcome is in every row, with 0 where there is none."""
    outcomes = _counts((cell.outcome, cell.how_many) for cell in facts.cells)
    sections = _sections(facts)
    made = {
        "title": facts.title,
        "group": facts.group,
        "version": facts.version,
        "opens_at": facts.opens_at.isoformat(),
        "closes_at": facts.closes_at.isoformat(),
        "published_at": facts.published_at.isoformat() if facts.published_at else None,
        "comments": facts.totals.get("comments", 0),
        "kinds": {kind: sum(c.how_many for c in facts.cells if c.kind == kind) for kind in KINDS},
        "outcomes": outcomes,
        "moderated": dict(sorted(_by((c.grounds, c.how_many) for c in facts.cells if c.grounds).items())),
        "sections": sections,
        "themes": _themes(facts),
        "without_theme": sum(facts.without_theme.values()),
        "themes_note": THEMES_NOTE,
        "supports": sum(facts.supports.values()),
        "questions": [_question(asked) for asked in facts.questions],
        "testimonies": _told(facts, facts.testimonies) if facts.testimonies else None,
        "demographics": facts.demographics,
        "landed": [dict(zip(LANDED, row, strict=True)) for row in facts.landed],
    }
    return {**made, "checks": _checks(facts, made)}


def _by(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for name, count in pairs:
        sums[name] += count
    return sums


def _counts(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums = _by(pairs)
    return {outcome: sums[outcome] for outcome in OUTCOMES}


def _sections(facts: Facts) -> list[dict[str, Any]]:
    """One row a section, and at the end one for what was said of the whole."""
    of: defaultdict[int | None, Counter[str]] = defaultdict(Counter)
    for cell in facts.cells:
        of[cell.section][cell.outcome] += cell.how_many
    whole = Part(0, "", "", OF_THE_WHOLE, 0, False)
    rows: list[tuple[int | None, Part]] = [*((part.id, part) for part in facts.parts), (None, whole)]
    return [
        {
            "key": part.key or None,
            "number": part.number,
            "heading": part.heading,
            "version": part.version or None,
            "is_orphaned": part.is_orphaned,
            "comments": of[section].total(),
            "supports": facts.supports.get(section, 0),
            "outcomes": _counts(of[section].items()),
        }
        for section, part in rows
    ]


def _themes(facts: Facts) -> list[dict[str, Any]]:
    """Of the codebook what a comment of this call is about: the rest is not public."""
    of: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in facts.tagged:
        of[row.key][row.outcome] += row.how_many
    return [
        {"key": key, "name": name, "comments": of[key].total(), "outcomes": _counts(of[key].items())}
        for key, name in facts.codebook.items()
        if key in of
    ]


def _question(asked: Asked) -> dict[str, Any]:
    choices = [{"choice": choice, "count": count} for choice, count in asked.counts.items()]
    return {
        "key": asked.key,
        "text": asked.text,
        "kind": asked.kind,
        "answered": asked.answered,
        "choices": choices,
    }


def _told(facts: Facts, told: Told) -> dict[str, Any]:
    """Counts by theme, where they are not small.

    A theme has a row if there are many, or if comments are about it: that there is a row tells nothing of a few. Nor
    is it told how many have no theme, which beside a single theme that is not shown would.
    """
    commented = {row.key for row in facts.tagged}
    counts = {key: count for key, count in told.themes.items() if count >= SMALLEST}
    themes = [
        {"key": key, "name": name, "testimonies": counts.get(key)}
        for key, name in facts.codebook.items()
        if key in commented or key in counts
    ]
    return {
        "count": told.how_many,
        "kept_back": dict(sorted(told.kept_back.items())),
        "themes": themes,
        "note": SMALL_NOTE,
    }


def _checks(facts: Facts, made: dict[str, Any]) -> list[dict[str, Any]]:
    """What a reader can add up: the sum of each table beside a total that was counted apart from it."""
    outcomes, sections, totals = made["outcomes"], made["sections"], facts.totals
    whole = totals.get("comments", 0)
    tests = [
        ("kinds", sum(made["kinds"].values()), whole),
        ("outcomes", sum(outcomes.values()), whole),
        ("sections", sum(row["comments"] for row in sections), whole),
        *(
            (f"sections: {name}", sum(row["outcomes"][name] for row in sections), outcomes[name])
            for name in OUTCOMES
        ),
        ("moderated, by grounds", sum(made["moderated"].values()), totals.get("moderated", 0)),
        ("with and without a theme", totals.get("with_theme", 0) + made["without_theme"], whole),
        ("landed", sum(row.how_many for row in facts.landed), sum(outcomes[name] for name in LANDING)),
        ("supports", sum(row["supports"] for row in sections), totals.get("supports", 0)),
    ]
    return [{"name": n, "sum": s, "total": t, "adds_up": s == t} for n, s, t in tests]
