"""From what a person types to plain upper-case words: how they are spelt and cut, not which streets exist."""

import re
import unicodedata
from functools import lru_cache

MAX_CHARS = 200
DIRECTIONS = {
    "N": "N",
    "NORTH": "N",
    "NO": "N",
    "S": "S",
    "SOUTH": "S",
    "SO": "S",
    "E": "E",
    "EAST": "E",
    "W": "W",
    "WEST": "W",
}
_SUFFIXES = {
    "AVE": "AV AVE AVEN AVENUE AVENUES AVES",
    "BLVD": "BL BLV BLVD BOUL BOULEVARD BVD",
    "BRIDGE": "BRG BRIDGE",
    "CIR": "CIR CIRC CIRCLE",
    "CT": "COURT CT",
    "DR": "DR DRIVE DRV",
    "EXPY": "EXPRESSWAY EXPWY EXPY",
    "HWY": "HIGHWAY HWY",
    "LN": "LA LANE LN",
    "LOOP": "LOOP",
    "PATH": "PATH",
    "PK": "PK",
    "PKWY": "PARKWAY PKW PKWAY PKWY PKY",
    "PL": "PL PLACE",
    "ALY": "ALY",
    "PLZ": "PLAZA PLZ PZ",
    "RD": "RD ROAD",
    "ROW": "ROW",
    "SQ": "SQ SQR SQUARE",
    "ST": "ST STR STREET STREETS STS",
    "TER": "TER TERR TERRACE",
    "TRL": "TRAIL TRL",
    "WALK": "WALK",
    "WAY": "WAY",
    "XING": "CROSSING XING",
}
SUFFIXES = {spelling: suffix for suffix, spellings in _SUFFIXES.items() for spelling in spellings.split()}
_ORDINALS = [
    "FIRST",
    "SECOND",
    "THIRD",
    "FOURTH",
    "FIFTH",
    "SIXTH",
    "SEVENTH",
    "EIGHTH",
    "NINTH",
    "TENTH",
    "ELEVENTH",
    "TWELFTH",
    "THIRTEENTH",
    "FOURTEENTH",
    "FIFTEENTH",
    "SIXTEENTH",
    "SEVENTEENTH",
    "EIGHTEENTH",
    "NINETEENTH",
    "TWENTIETH",
]


def ordinal(number: int) -> str:
    """21 -> "21ST"."""
    ending = "TH" if number % 100 in (11, 12, 13) else {1: "ST", 2: "ND", 3: "RD"}.get(number % 10, "TH")
    return f"{number}{ending}"


# SAINT and STREET become the same word on purpose: what people write ("ST") does not tell them apart.
_CANONICAL = {
    **{word: short for word, short in DIRECTIONS.items() if word != "NO"},
    "SAINT": "ST",
    "STREET": "ST",
    "AV": "AVE",
    "AVENUE": "AVE",
    "MOUNT": "MT",
    "FORT": "FT",
    "DOCTOR": "DR",
    "REVEREND": "REV",
    **{word: ordinal(number) for number, word in enumerate(_ORDINALS, 1)},
}
_EXPANDED = {"MLK": ("MARTIN", "LUTHER", "KING")}
_SEPARATORS = {
    "/": "/",
    "|": "/",
    "\\": "/",
    ";": "/",
    "@": "/",
    "&": " AND ",
    "+": " AND ",
    "#": " APT ",
    "_": " ",
}
_SPLITTING_WORDS = {"AT", "ON", "NEAR", "BTWN", "BETWEEN", "OFF"}
_FILLERS = {"CORNER", "INTERSECTION", "OF", "THE"}

_UNIT_WORDS = {
    "APT",
    "APARTMENT",
    "UNIT",
    "STE",
    "SUITE",
    "RM",
    "ROOM",
    "BLDG",
    "BUILDING",
    "LOT",
    "FLOOR",
    "FL",
    "FLR",
    "NO",
    "NUMBER",
}
_PLACE_IN_HOUSE = {
    "REAR",
    "ALLEY",
    "FRONT",
    "UPPER",
    "LOWER",
    "BSMT",
    "BASEMENT",
    "GARAGE",
    "LOBBY",
    "PH",
    "UP",
    "DOWN",
    "DOWNSTAIRS",
    "UPSTAIRS",
    "FLOOR",
    "FL",
    "FLR",
}
_CITY = re.compile(
    r"(?: (?:ST LOUIS|STL)(?: CITY)?| CITY)?(?: MO| MISSOURI)?(?: \d{5})?(?: \d{4})?(?: USA?)?"
)
# A bare "E" is no unit: "E St Louis" is another city.
_BARE_UNIT = re.compile(r"\d{1,4}(?:[A-Z]|ST|ND|RD|TH)?|[A-DF-MO-RT-VX-Z]\d{0,4}")
_UNIT_VALUE = re.compile(r"\d{1,5}[A-Z]{0,2}|[A-Z]{1,2}\d{0,5}")

_RESPACED = [
    (re.compile(r"\b([NSEW])(\d+(?:ST|ND|RD|TH))\b"), r"\1 \2"),  # N20TH
    (re.compile(r"\b(\d+)([A-Z]{4,})"), r"\1 \2"),  # 1820MARKET
    (re.compile(r"\b(?:MILE|EXIT) \d+[A-Z]?\b|\bRAMP\b"), " "),  # places on a highway, which has no numbers
]
_HIGHWAY_WORDS = {"I", "INTERSTATE", "HIGHWAY", "HWY", "US", "ROUTE", "RT"}
_BOUND = re.compile(r"[NSEW]B|(?:NORTH|SOUTH|EAST|WEST)B(?:O(?:U(?:N(?:D)?)?)?)?")
_SAME_HIGHWAY = {"40": "64"}  # St. Louis still says "highway 40" for I-64


@lru_cache(maxsize=1024)
def _fold_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in ("No", "Cc") or category[0] == "Z":
        return " "
    if category in ("Cf", "Mn", "Sk") or character in "'’‘ʼ´`":
        return ""
    return "-" if category == "Pd" else character


def fold(text: str) -> str:
    """Upper-case text without accents, apostrophes, fractions, control characters or exotic digits."""
    text = "".join(map(_fold_character, text))
    if not text.isascii():
        text = "".join(map(_fold_character, unicodedata.normalize("NFKD", text)))
    text = re.sub(r"(?<![\d/])[1-9]/[2-9](?![\d/])", " ", text.upper()[: 2 * MAX_CHARS])
    return text.split(":", 1)[0].lstrip(" #@")  # after a colon police records keep map coordinates


def words(text: str) -> list[str]:
    """Words of folded text; "/" between streets, "," between parts, everything else only separates.

    "6001 W. Florissant" -> ["6001", "W", "FLORISSANT"]; "I-70 EB @ Union" -> ["I70", "/", "UNION"].
    """
    for sign, meaning in _SEPARATORS.items():
        text = text.replace(sign, meaning)
    for pattern, meaning in _RESPACED:
        text = pattern.sub(meaning, text)
    return _join_highways(
        ["/" if word in _SPLITTING_WORDS else word for word in re.findall(r"[A-Z0-9]+|[/,]", text)]
    )


def _join_highways(tokens: list[str]) -> list[str]:
    """One word a highway, without its direction: I 70 WESTBOUND, EB 70, INTERSTATE 70 W -> I70."""
    joined: list[str] = []
    for token in tokens:
        previous = joined[-1] if joined else ""
        if _is_highway_number(token) and previous in _HIGHWAY_WORDS:
            joined[-1] = _highway(token)
        elif _BOUND.fullmatch(token) or (token in _HIGHWAY_WORDS and previous in _HIGHWAY_WORDS):
            if _is_highway_number(previous):
                joined[-1] = _highway(previous)
            elif not previous.startswith("I"):
                joined.append("I")
        elif not (token in {"N", "S", "E", "W"} and _is_highway(previous)):
            joined.append(token)
    return joined


def _highway(number: str) -> str:
    return f"I{_SAME_HIGHWAY.get(number, number)}"


def _is_highway_number(token: str) -> bool:
    return token.isdigit() and len(token) in (2, 3)


def _is_highway(token: str) -> bool:
    return re.fullmatch(r"I\d{2,3}", token) is not None


def canonical(tokens: list[str]) -> list[str]:
    """One spelling a word: AVENUE and AV -> AVE, SAINT -> ST, NORTH -> N, NINTH -> 9TH."""
    plain = [_CANONICAL.get(token, token) for token in tokens if token not in _FILLERS]
    if plain and plain[0] == "NO":
        plain[0] = "N"
    return [word for token in plain for word in _EXPANDED.get(token, (token,))]


def is_tail(tokens: list[str]) -> bool:
    """Whether these words may follow a street: units, floors, "REAR", then this city, state and ZIP."""
    tokens = [token for token in tokens if token != ","]
    at = 0
    while at < len(tokens):
        if _CITY.fullmatch(" " + " ".join(tokens[at:])):
            return True
        step = _unit_length(tokens[at:])
        if not step:
            return False
        at += step
    return True


def _unit_length(tokens: list[str]) -> int:
    first, following = tokens[0], tokens[1:2]
    if first in _UNIT_WORDS and following and _UNIT_VALUE.fullmatch(following[0]):
        return 2
    if first in _UNIT_WORDS or first in _PLACE_IN_HOUSE:
        return 1
    return 1 if _BARE_UNIT.fullmatch(first) else 0


def is_place_in_house(token: str) -> bool:
    """REAR, UPPER, ALLEY ...: may also stand between number and street."""
    return token in _PLACE_IN_HOUSE
