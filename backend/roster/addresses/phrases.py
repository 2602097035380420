"""The grammar of an address: where its number, direction, name and suffix may stand."""

import re
from collections.abc import Iterator
from itertools import pairwise
from string import ascii_uppercase

from .tails import is_place_in_house, is_unit_word, tail_starts
from .words import DIRECTIONS, SUFFIXES, canonical, fold, words

NUMBER = re.compile(r"\d{1,5}[A-Z]?")
BLOCK_WORDS = {"BLOCK", "BLK", "BK", "BLOCKS"}
_CONNECTORS = {"X", "N", "BY", "TO", "FROM", "AND"}
_LONGEST_STREET = 8  # words
_MOST_BEFORE_STREET = 4  # words between number and street


def number_of(token: str) -> int:
    """The number of a word that NUMBER matches: "1915A" -> 1915."""
    return int(token.rstrip(ascii_uppercase))


def split(tokens: list[str], separator: str) -> list[list[str]]:
    """The runs of words between separators; some may be empty."""
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def streets_apart(tokens: list[str]) -> list[list[str]]:
    """The texts between "/"; a number alone belongs to the next text ("1400 / MARKET ST")."""
    parts: list[list[str]] = []
    for part in split(tokens, "/"):
        if parts and len(parts[-1]) == 1 and NUMBER.fullmatch(parts[-1][0]):
            parts[-1] += part
        elif part:
            parts.append(part)
    return parts


def name_words(name: str) -> list[str]:
    """Canonical words of a name from the map."""
    return plain(words(fold(name)))


def place_words(name: str) -> list[str]:
    """Canonical words of a place's name, in which "Near" and "At" part no streets: "Near North Riverfront"."""
    return canonical(re.findall(r"[A-Z0-9]+", fold(name)))


def plain(tokens: list[str]) -> list[str]:
    """Canonical words without separators."""
    return canonical([token for token in tokens if token.isalnum()])


def interpretations(phrase: list[str]) -> Iterator[tuple[str, list[str], str]]:
    """(direction, name words, suffix) with as much as possible taken for direction and suffix first."""
    fronts = [("", phrase)] if phrase else []
    if len(phrase) > 1 and phrase[0] in DIRECTIONS:
        fronts.insert(0, (phrase[0], phrase[1:]))
    if len(phrase) > 1 and phrase[-1] in DIRECTIONS:
        fronts.insert(0, (phrase[-1], phrase[:-1]))
    for prefix, rest in fronts:
        if len(rest) > 1 and rest[-1] in SUFFIXES:
            yield prefix, rest[:-1], SUFFIXES[rest[-1]]
        yield prefix, rest, ""


def phrases(tokens: list[str]) -> Iterator[list[str]]:
    """Beginnings that may be a street, longest first: a unit, this city or another street must follow."""
    comma = tokens.index(",") if "," in tokens else len(tokens)
    longest = min(comma, _LONGEST_STREET)
    if 1 < len(tokens) == longest:
        yield tokens  # what most people write; the rest need not be worked out for them
        longest -= 1
    follows = tail_starts(tokens)
    for end in range(longest, 0, -1):
        only_direction = end == 1 and len(tokens) > 1 and tokens[0] in DIRECTIONS
        followed = follows[end] or tokens[end] == "AND"
        if followed and not only_direction and not _is_east_st_louis(tokens, end):
            yield tokens[:end]


def _is_east_st_louis(tokens: list[str], end: int) -> bool:
    """Another city, in another state."""
    return tokens[end - 1] == "E" and tokens[end : end + 2] == ["ST", "LOUIS"]


def houses(part: list[str]) -> Iterator[list[str]]:
    """The words from each house number on: first, or after a comma or "and" ("City Hall, 1200 Market St").

    No number that is itself a street ("8 & Olive"). "Olive, 1200 block" is turned round.
    """
    for at, token in enumerate(part):
        if NUMBER.fullmatch(token) and (at == 0 or part[at - 1] in (",", "AND")):
            house = part[at:]
            if house[1:] and all(word in BLOCK_WORDS for word in house[1:]):
                yield house + [word for word in part[:at] if word != ","]
            elif house[1:2] != ["AND"] or (house[2:3] and NUMBER.fullmatch(house[2])):
                yield house


def late_houses(part: list[str]) -> Iterator[list[str]]:
    """The words from numbers on that follow other words ("behind 1200 Market"), or a street ("Olive 1200")."""
    if part and NUMBER.fullmatch(part[0]):
        return
    for at, token in list(enumerate(part))[1:_LONGEST_STREET]:
        if NUMBER.fullmatch(token) and len(token) > 1 and not is_unit_word(part[at - 1]):
            yield part[at:] if part[at + 1 :] else [token, *part[:at]]


def without_block(house: list[str]) -> tuple[bool, list[str]]:
    """(whether a hundred-block is meant, what follows its number): "4200-4298 BLOCK SHAW", "4200 SHAW BLOCK"."""
    rest = house[1:]
    for at in (0, 1):
        if rest[at : at + 1] and rest[at] in BLOCK_WORDS and all(word.isdigit() for word in rest[:at]):
            return True, rest[at + 1 :]
    if len(rest) > 1 and rest[-1] in BLOCK_WORDS:
        return True, rest[:-1]
    return False, rest


def after_number(tokens: list[str]) -> Iterator[list[str]]:
    """The words after a number, then without what may stand before the street: "-15", "R", "(REAR)"."""
    rest = canonical(tokens)
    yield rest
    for _ in range(_MOST_BEFORE_STREET):
        if len(rest) < 2 or not _may_stand_before_street(rest[0]):
            return
        rest = rest[1:]
        yield rest


def _may_stand_before_street(token: str) -> bool:
    return token.isdigit() or is_place_in_house(token) or (len(token) == 1 and token not in DIRECTIONS)


def pairs(parts: list[list[str]]) -> Iterator[tuple[list[str], list[str]]]:
    """Pairs of texts that may name two streets that cross."""
    yield from ((first, second) for first, second in pairwise(parts) if first != second)
    for part in parts:
        for clause in [part, *split(part, ",")]:
            for at in [at for at, token in enumerate(clause) if token == "AND"][:3]:
                yield clause[:at], clause[at + 1 :]


def side_by_side(part: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Two streets with a comma, a dash, an "x" or nothing between them; the first is a name and no more."""
    for at in range(1, min(len(part), _LONGEST_STREET)):
        rest = part[at:]
        while rest and (rest[0] == "," or rest[0] in _CONNECTORS):
            rest = rest[1:]
        if rest and part[at - 1] != ",":
            yield part[:at], rest
