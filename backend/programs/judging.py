"""What judges of an award read, and how their points decide. Pure: no clock, no database."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

HONORED = 10
JUDGES = 2  # as many at least have scored whoever is chosen


# --- points -------------------------------------------------------------------------------------------


class Judged(NamedTuple):
    """A nomination with the points that it got; `child` is the same for every nomination of one child."""

    nomination: UUID
    child: str
    points: tuple[int, ...]


def best(judged: Iterable[Judged], cohort: UUID) -> list[Judged]:
    """The nominations of the ten best children, best first; fewer where fewer were scored by two judges.

    The highest mean is first, ties in the order of SHA-256("<cohort> <nomination>"), which anybody can redo. A child
    named by several people counts once, with the best of these nominations.
    """
    enough = [one for one in judged if len(one.points) >= JUDGES]
    first_of_child: dict[str, Judged] = {}
    for one in sorted(enough, key=lambda one: _rank(one, cohort)):
        first_of_child.setdefault(one.child, one)
    return list(first_of_child.values())[:HONORED]


def _rank(one: Judged, cohort: UUID) -> tuple[Fraction, str]:
    mean = Fraction(sum(one.points), len(one.points))
    return -mean, hashlib.sha256(f"{cohort} {one.nomination}".encode()).hexdigest()


# --- words --------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")
_NO_NAMES = frozenset({"mr", "mrs", "ms", "mx", "dr", "jr", "sr"})
# Of a school's name: what is in many names, and in many stories.
_NO_SCHOOL = frozenset(
    {
        *("academy", "center", "charter", "college", "early", "elementary", "high", "international"),
        *("junior", "kindergarten", "magnet", "middle", "prep", "preparatory", "primary", "public"),
        *("saint", "school", "schools", "st", "and", "at", "for", "in", "of", "the"),
    }
)
# Mail, web and handles, and North American telephone numbers with or without their area.
_CONTACT = re.compile(
    r"[\w.+-]*@\S+|https?://\S+|www\.\S+|#\w+"
    r"|(?<!\d)(?:\+?1[\s.-]?)?(?:\(?\d{3}\)?[\s.-]{0,2})?\d{3}[\s.-]?\d{4}(?!\d)"
)
_ONE_NAME = re.compile(r"\s(?:[a-z]\.?\s)?|[-'’]?")  # between two parts: a space, an initial, a hyphen
_NOTHING = r"(?!)"  # matches nowhere
_LETTERS = str.maketrans({"đ": "d", "ł": "l", "ø": "o"})  # which Unicode does not take apart


def redacted(story: str, *, child: str, guardian: str, nominator: str, school: str) -> str:
    """The story with "the child" and the like for every part of these names, and no address or number.

    Case, accents, a possessive or plural s, and initials beside a name make no difference. Parts in another script
    than Latin are found inside of words too, which run together or take endings there. More goes than must: a child
    named Will takes every "will" along.
    """
    named = (
        ("the child", _parts(child, _NO_NAMES)),
        ("the guardian", _parts(guardian, _NO_NAMES)),
        ("the nominator", _parts(nominator, _NO_NAMES)),
        ("the school", _parts(school, _NO_SCHOOL)),
    )
    whose = {part: who for who, parts in reversed(named) for part, _ in parts}
    pattern = _pattern(set().union(*(parts for _, parts in named)))
    story = _CONTACT.sub("…", story)
    plain, origins = _mapped(story)
    pieces: list[str] = []
    done, last = 0, None
    for found in pattern.finditer(plain):
        if last is None or not _ONE_NAME.fullmatch(plain, last, found.start()):
            part = "".join(_WORD.findall(found["latin"] or found["other"]))
            pieces += [story[done : origins[found.start()]], whose[part]]
        done, last = max(origins[found.end()], origins[found.end() - 1] + 1), found.end()
    return "".join([*pieces, story[done:]])


def _parts(name: str, common: frozenset[str]) -> set[tuple[str, str]]:
    """What stands for the name, as letters alone, and the pattern of it in a plain story.

    Each word, what is written with or without a hyphen or apostrophe (O'Brien, Obrien), the first with the last name,
    and the whole.
    """
    plain = _plain(name)
    words = _WORD.findall(plain)
    as_one = [_WORD.findall(piece) for piece in (*plain.split(), *re.split(r"[\s-]+", plain))]
    parts = [*([word] for word in words), *as_one, words[:1] + words[-1:], words]
    ways = {("".join(part), r"[\W_]{0,3}".join(map(re.escape, part))) for part in parts}
    return {(part, way) for part, way in ways if part not in common and (len(part) > 1 or not part.isascii())}


def _pattern(ways: set[tuple[str, str]]) -> re.Pattern[str]:
    """What finds any of the parts, the longest first."""
    ordered = sorted(ways, key=lambda one: (-len(one[0]), one))
    latin = "|".join(way for part, way in ordered if part.isascii()) or _NOTHING
    others = "|".join(way for part, way in ordered if not part.isascii()) or _NOTHING
    return re.compile(
        rf"(?<![a-z])(?:[a-z](?:\.\s?|['’])){{0,3}}(?P<latin>{latin})(?:e?s)?(?![a-z])(?:\s[a-z]\.)?"
        rf"|(?P<other>{others})"
    )


def _plain(text: str) -> str:
    """Small letters without accents, and without what takes no room."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = (c for c in apart if unicodedata.category(c) not in ("Mn", "Mc", "Me", "Cf"))
    return "".join(kept).translate(_LETTERS)


def _mapped(text: str) -> tuple[str, list[int]]:
    """The plain text, and where in `text` each of its letters, and its end, comes from."""
    letters: list[str] = []
    origins: list[int] = []
    for at, char in enumerate(text):
        plain = _plain(char)
        letters.append(plain)
        origins += [at] * len(plain)
    return "".join(letters), [*origins, len(text)]
