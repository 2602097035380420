"""Numbered sections from version to version: which stay, split, merge, come and go, and how words differ. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, takewhile
from typing import NamedTuple

from django.utils.text import slugify

from backend.errors import Invalid

MOST = 500  # of a version; the largest use-of-force policies have some 150
LONGEST_KEY = 60


@dataclass(frozen=True, kw_only=True)
class Part:
    """A section as it is written. Without `key` it is that of its heading, without `number` its place.

    `origins`: keys of the version before that it came from; None: the same key there, if there is one.
    """

    heading: str
    body: str = ""
    key: str = ""
    number: str = ""
    origins: Sequence[str] | None = None


class Placed(NamedTuple):
    """A section with all that is left open filled in."""

    key: str
    number: str
    heading: str
    body: str
    origins: list[str]


def place(parts: Sequence[Part], before: Iterable[str], ever: Iterable[str]) -> list[Placed]:
    """The sections of a version in order. `before`: the keys of the version before; `ever`: those of all before it.

    Raises Invalid, naming the section: none or too many, a key twice, an origin that the version before does not have,
    and a key that was given up, or would name another section than it does: comments hang on keys.
    """
    known, used = set(before), set(ever)
    if not 1 <= len(parts) <= MOST:
        raise Invalid(f"A version has 1 to {MOST} sections.", field="sections", code="count")
    placed = [_placed(part, position, known) for position, part in enumerate(parts, 1)]
    counts = Counter(section.key for section in placed)
    for n, section in enumerate(placed):
        at = f"sections/{n}"
        if counts[section.key] > 1:
            raise Invalid(
                f"Two sections have the key “{section.key}”; each needs its own.",
                field=f"{at}/key",
                code="twice",
            )
        if lost := [key for key in section.origins if key not in known]:
            raise Invalid(
                f"The version before has no section “{lost[0]}”.",
                field=f"{at}/origins",
                code="unknown-origin",
            )
        if section.key in known and section.key not in section.origins:
            raise Invalid(
                f"“{section.key}” is a section of the version before: name it among the origins, or choose a new key.",
                field=f"{at}/origins",
                code="other-section",
            )
        if section.key in used - known:
            raise Invalid(
                f"“{section.key}” was a section once, and comments of then are on it; choose a new key.",
                field=f"{at}/key",
                code="key-was-used",
            )
    return placed


def _placed(part: Part, position: int, known: set[str]) -> Placed:
    key = part.key or slugify(part.heading)[:LONGEST_KEY].strip("-") or f"section-{position}"
    origins = [key] if part.origins is None and key in known else list(dict.fromkeys(part.origins or ()))
    return Placed(key, part.number or str(position), part.heading, part.body, origins)


def successors(key: str, origins: Mapping[str, Sequence[str]]) -> list[str]:
    """The sections of a version that came from a section of the version before, by `origins` of each."""
    return [later for later, earlier in origins.items() if key in earlier]


# --- differences ----------------------------------------------------------------------------------------


class Run(NamedTuple):
    """Words that are `same`, `removed` or `added`."""

    op: str
    text: str


@dataclass(frozen=True)
class Difference:
    """What became of one section. `change`: same, changed, added, removed, split, merged."""

    key: str
    change: str
    number: str
    heading: str
    origins: list[str] = field(default_factory=list)
    successors: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)


def compare(before: Sequence[Placed], after: Sequence[Placed]) -> list[Difference]:
    """The sections of the later version in order, then those that are gone."""
    old = {section.key: section for section in before}
    came_from = {section.key: section.origins for section in after}
    effort = Effort()
    now = [_difference(section, old, came_from, effort) for section in after]
    gone = [
        Difference(s.key, "removed", s.number, s.heading, successors=successors(s.key, came_from))
        for s in before
        if s.key not in came_from
    ]
    return now + gone


def _difference(
    section: Placed, old: Mapping[str, Placed], came_from: Mapping[str, Sequence[str]], effort: "Effort"
) -> Difference:
    """Against its own text of before, or the text of all that it came from."""
    origins = [key for key in section.origins if key in old]
    text = "\n\n".join(old[key].body for key in ([section.key] if section.key in old else origins))
    # Of what came from many, the texts of before are shown as long as there is room; all of it could be anything.
    runs = differing(text if effort.has_room(len(text)) else "", section.body, effort)
    return Difference(
        section.key,
        _change(section, origins, old, came_from),
        section.number,
        section.heading,
        origins,
        runs=runs,
    )


def _change(
    section: Placed, origins: list[str], old: Mapping[str, Placed], came_from: Mapping[str, Sequence[str]]
) -> str:
    if not origins:
        return "added"
    if len(origins) > 1:
        return "merged"
    if len(successors(origins[0], came_from)) > 1:
        return "split"
    before = old[origins[0]]
    is_same = (before.key, before.heading, before.body) == (section.key, section.heading, section.body)
    return "same" if is_same else "changed"


# --- words ----------------------------------------------------------------------------------------------

# Anyone may ask for a comparison, of any two texts, so the work of one has an end: in steps, not in time.
FEW = 600  # words of a passage that are compared at once; of a longer one its sentences come first
MOST_CHANGES = (
    400  # found between two passages; where more differ they are shown whole, which reads better too
)
MOST_TEXT = 4_000_000  # characters of the version before, some of them several times
MOST_STEPS = 1_500_000  # of a whole comparison, half a second; what is left after them is shown whole

_WORDS = re.compile(r"\s+|\S+\s*")  # a word with the blanks after it
_ENDS = (".", ";", ":", "?", "!")
_AFTER_ENDS = " \t\"'”’»)]"


class Match(NamedTuple):
    """Pieces that are the same: from `old` in the earlier text and `new` in the later one, so many."""

    old: int
    new: int
    length: int


class Effort:
    """Counts the steps of a comparison down from the most that it may take."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        self.left = most
        self.room = MOST_TEXT

    def has_room(self, characters: int) -> bool:
        """Whether a text of before is still to be shown."""
        self.room -= characters
        return self.room >= 0

    def spend(self, steps: int) -> bool:
        """Whether any are left after so many."""
        self.left -= steps
        return self.left > 0


def differing(before: str, after: str, effort: Effort | None = None) -> list[Run]:
    """The later text word by word, with what went and what came.

    The runs that are `same` and `removed` are the earlier text to the letter, those `same` and `added` the later one.
    """
    effort = effort or Effort()
    if before == after:
        return _joined([Run("same", after)])
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    middle = _by_word(old[head : len(old) - tail], new[head : len(new) - tail], effort)
    end = Run("same", "".join(old[len(old) - tail :]))
    return _joined([Run("same", "".join(old[:head])), *middle, end])


def _alike(old: Iterable[str], new: Iterable[str]) -> int:
    """How many pieces are the same before the first that are not."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _by_word(old: list[str], new: list[str], effort: Effort) -> Iterator[Run]:
    """By words if there are few and enough of them stayed, else by sentences and the words of those that did not."""
    matches = _fewest_changes(old, new, effort) if max(len(old), len(new)) <= FEW else None
    if matches is not None:
        yield from _runs(old, new, matches)
        return
    if effort.left <= 0:
        yield from _runs(old, new, [])
        return
    old, new = _sentences(old), _sentences(new)
    for same, gone, come in _blocks(old, new, _fewest_changes(old, new, effort) or []):
        words, others = _WORDS.findall(gone), _WORDS.findall(come)
        few = max(len(words), len(others)) <= FEW
        yield from _runs(words, others, (few and _fewest_changes(words, others, effort)) or [])
        yield Run("same", same)


def _sentences(words: list[str]) -> list[str]:
    sentences, begun = [], 0
    for n, word in enumerate(words, 1):
        if n == len(words) or "\n" in word or word.rstrip(_AFTER_ENDS).endswith(_ENDS):
            sentences.append("".join(words[begun:n]))
            begun = n
    return sentences


def _runs(old: list[str], new: list[str], matches: Sequence[Match]) -> Iterator[Run]:
    for same, gone, come in _blocks(old, new, matches):
        yield Run("removed", gone)
        yield Run("added", come)
        yield Run("same", same)


def _blocks(old: list[str], new: list[str], matches: Sequence[Match]) -> Iterator[tuple[str, str, str]]:
    """Each match, with what went and what came before it; last what is after all, with no match."""
    a = b = 0
    for match in [*matches, Match(len(old), len(new), 0)]:
        same = "".join(old[match.old : match.old + match.length])
        yield same, "".join(old[a : match.old]), "".join(new[b : match.new])
        a, b = match.old + match.length, match.new + match.length


def _joined(runs: Iterable[Run]) -> list[Run]:
    """Without empty ones, and neighbors of a kind as one."""
    full = (run for run in runs if run.text)
    return [
        Run(op, "".join(run.text for run in of_a_kind)) for op, of_a_kind in groupby(full, lambda r: r.op)
    ]


def _fewest_changes(old: list[str], new: list[str], effort: Effort) -> list[Match] | None:
    """What stays if the fewest pieces go and come; None where that takes too many changes or steps to find.

    The greedy algorithm of Myers, "An O(ND) Difference Algorithm and Its Variations" (1986). `reach[k]`: how far into
    `old` one gets on the diagonal k with the changes made so far; negative k count from the end of the list.
    """
    n, m = len(old), len(new)
    most = min(MOST_CHANGES, n + m)
    if not n or not m:
        return []
    if abs(n - m) > most:
        return None
    reach: list[int] = [0] * (2 * most + 3)
    trail: list[list[int]] = []
    for changes in range(most + 1):
        trail.append(reach[:])
        steps = 0
        for k in range(-changes, changes + 1, 2):
            # By a piece that came, or else one that went, whichever gets further.
            went, came = reach[k - 1] + 1, reach[k + 1]
            x = begun = came if k == -changes or (k != changes and went <= came) else went
            if not changes:
                x = begun = 0
            while x < n and x - k < m and old[x] == new[x - k]:
                x += 1
            reach[k] = x
            steps += 1 + x - begun
            if x >= n and x - k >= m:
                effort.spend(steps)
                return _walked_back(trail, n, m)
        if not effort.spend(steps):
            return None
    return None


def _walked_back(trail: list[list[int]], x: int, y: int) -> list[Match]:
    matches = []
    for changes in range(len(trail) - 1, 0, -1):
        reach, k = trail[changes], x - y
        went, came = reach[k - 1] + 1, reach[k + 1]
        by_coming = k == -changes or (k != changes and went <= came)
        begun = came if by_coming else went
        if x > begun:
            matches.append(Match(begun, begun - k, x - begun))
        x, y = (begun, begun - k - 1) if by_coming else (begun - 1, begun - k)
    return [Match(0, 0, x), *matches[::-1]]
