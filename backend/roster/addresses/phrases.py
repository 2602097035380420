"""The grammar of an address: where its number, direction, name and suffix may stand."""

import re
from collections.abc import Iterator
from itertools import pairwise

from .words import DIRECTIONS, SUFFIXES, canonical, fold, is_place_in_house, is_tail, ordinal, words

SHORT_NAME, FORMER_NAME = 0.02, 0.08
NUMBER = re.compile(r"(\d{1,5})[A-Z]?")
_TITLES = {"DR", "REV", "BISHOP", "JR", "SR", "MADAME", "MADAM"}


def _split(tokens: list[str], separator: str) -> list[list[str]]:
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
    for part in _split(tokens, "/"):
        if parts and len(parts[-1]) == 1 and NUMBER.fullmatch(parts[-1][0]):
            parts[-1] += part
        elif part:
            parts.append(part)
    return parts


def name_words(name: str) -> list[str]:
    return plain(words(fold(name)))


def plain(tokens: list[str]) -> list[str]:
    return canonical([token for token in tokens if token.isalnum()])


def spellings(name: list[str]) -> dict[str, float]:
    """Ways to write a name, run together, with their doubt: whole, without titles, without initials."""
    untitled = [word for word in name if word not in _TITLES]
    long = [word for word in untitled if len(word) > 1]
    spellings = {"".join(name): 0.0}
    for shorter in (untitled, long):
        if len(shorter) > 1:
            spellings.setdefault("".join(shorter), SHORT_NAME)
    if name == ["I44"]:
        spellings["I70"] = FORMER_NAME
    if any(word.isdigit() for word in name):
        spellings["".join(ordinal(int(word)) if word.isdigit() else word for word in name)] = SHORT_NAME
    return spellings


def interpretations(phrase: list[str]) -> Iterator[tuple[str, list[str], str]]:
    """(direction, name words, suffix) with as much as possible taken for direction and suffix first."""
    fronts = [("", phrase)]
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
    for end in range(min(len(tokens), 8), 0, -1):
        only_direction = end == 1 and len(tokens) > 1 and tokens[0] in DIRECTIONS
        if (
            not only_direction
            and "," not in tokens[:end]
            and (tokens[end:][:1] == ["AND"] or is_tail(tokens[end:]))
        ):
            yield tokens[:end]


def number_starts(part: list[str]) -> Iterator[int]:
    """Where a house number may stand: first, or after a comma or "and" ("Union Station, 1820 Market St")."""
    for at, token in enumerate(part[:-1]):
        if NUMBER.fullmatch(token) and (at == 0 or part[at - 1] in (",", "AND")):
            yield at


def after_number(tokens: list[str]) -> Iterator[list[str]]:
    """The words after a number, then without what may stand before the street: "-15", "R", "(REAR)"."""
    rest = canonical(tokens)
    yield rest
    while len(rest) > 1 and (
        rest[0].isdigit() or is_place_in_house(rest[0]) or (len(rest[0]) == 1 and rest[0] not in DIRECTIONS)
    ):
        rest = rest[1:]
        yield rest


def pairs(parts: list[list[str]]) -> Iterator[tuple[list[str], list[str]]]:
    """Pairs of texts that may name two streets that cross."""
    yield from ((first, second) for first, second in pairwise(parts) if first != second)
    for part in parts:
        for clause in [part, *_split(part, ",")]:
            for at in [at for at, token in enumerate(clause) if token == "AND"][:3]:
                yield clause[:at], clause[at + 1 :]
