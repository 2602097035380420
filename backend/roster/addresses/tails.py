"""What may follow a street: units, floors, "REAR", then this city, its state and a ZIP."""

import re

from .words import DIRECTIONS

_UNITS = "APT APTO APARTMENT UNIT PISO STE SUITE RM ROOM BLDG BUILDING LOT FLOOR FL FLR NO NUMBER"
_UNIT_WORDS = set(_UNITS.split())
_PLACES = (
    "REAR ALLEY FRONT UPPER LOWER BSMT BASEMENT GARAGE LOBBY PH UP DOWN DOWNSTAIRS UPSTAIRS FLOOR FL FLR"
)
_PLACE_IN_HOUSE = set(_PLACES.split())
_CITY = "ST LOUIS CITY, ST LOUIS, STL, STLOUIS, CITY, MO, MISSOURI, UNITED STATES, U S A, USA, US"
_CITY_BY_FIRST: dict[str, list[list[str]]] = {}
for _words in map(str.split, _CITY.split(",")):
    _CITY_BY_FIRST.setdefault(_words[0], []).append(_words)
# A bare "E" is no unit: "E St Louis" is another city.
_BARE_UNIT = re.compile(r"\d{1,5}(?:[A-Z]|ST|ND|RD|TH)?|[A-DF-MO-RT-VX-Z]\d{0,4}")
_UNIT_VALUE = re.compile(r"\d{1,5}[A-Z]{0,2}|[A-Z]{1,2}\d{0,5}")
_JOINED_UNIT = re.compile(r"(?:APT|UNIT|STE|RM|FL)\d{1,4}[A-Z]?")


def tail_starts(tokens: list[str]) -> list[bool]:
    """For each position, the end included, whether nothing but a tail follows from there on."""
    follows = [False] * len(tokens) + [True]
    for at in range(len(tokens) - 1, -1, -1):
        follows[at] = any(follows[at + length] for length in _tail_lengths(tokens, at))
    return follows


def is_tail(tokens: list[str]) -> bool:
    """Whether these words may follow a street."""
    return tail_starts(tokens)[0]


def is_this_city(tokens: list[str]) -> bool:
    """Whether these words are the city and what follows it, not its avenue of the same name."""
    return tokens[:1] == ["STL"] or (tokens[:2] == ["ST", "LOUIS"] and is_tail(tokens))


def is_place_in_house(token: str) -> bool:
    """REAR, UPPER, ALLEY ...: may also stand between number and street."""
    return token in _PLACE_IN_HOUSE


def is_unit_word(token: str) -> bool:
    """APT, FLOOR, SUITE ...: the number behind it is no house's."""
    return token in _UNIT_WORDS


def _tail_lengths(tokens: list[str], at: int) -> list[int]:
    first = tokens[at]
    if first == ",":
        return [1]
    lengths = [len(words) for words in _CITY_BY_FIRST.get(first, ()) if tokens[at : at + len(words)] == words]
    if first in _UNIT_WORDS and at + 1 < len(tokens) and _UNIT_VALUE.fullmatch(tokens[at + 1]):
        lengths.append(2)
        if tokens[at + 2 : at + 3] and tokens[at + 2] in DIRECTIONS:
            lengths.append(3)  # "APT 1 N"
    if first in _UNIT_WORDS or first in _PLACE_IN_HOUSE or _BARE_UNIT.fullmatch(first):
        lengths.append(1)
    if _JOINED_UNIT.fullmatch(first):
        lengths.append(1)
    return lengths
