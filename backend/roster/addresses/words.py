"""From what a person types to plain upper-case words: how they are spelt and cut, not which streets exist."""

import re
import unicodedata
from functools import lru_cache

MAX_CHARS = 200
_DIRECTIONS = {"N": "N NORTH NTH NO", "S": "S SOUTH STH SO", "E": "E EAST", "W": "W WEST"}
DIRECTIONS = {spelling: letter for letter, spellings in _DIRECTIONS.items() for spelling in spellings.split()}
_SUFFIXES = {
    "AVE": "AV AVE AVEN AVENUE AVENUES AVES",
    "BLVD": "BL BLV BLVD BOUL BOULEVARD BVD",
    "BRIDGE": "BRIDGE",
    "CIR": "CIR CIRC CIRCLE",
    "CT": "COURT CT",
    "DR": "DR DRIVE DRV",
    "EXPY": "EXPRESSWAY EXPWY EXPY",
    "HWY": "HIGHWAY HWY",
    "LN": "LA LANE LN",
    "LOOP": "LOOP",
    "PATH": "PATH",
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
_ORDINAL_WORDS = (
    "FIRST SECOND THIRD FOURTH FIFTH SIXTH SEVENTH EIGHTH NINTH TENTH ELEVENTH TWELFTH THIRTEENTH FOURTEENTH "
    "FIFTEENTH SIXTEENTH SEVENTEENTH EIGHTEENTH NINETEENTH TWENTIETH"
)
_ORDINALS = {word: number for number, word in enumerate(_ORDINAL_WORDS.split(), 1)}
_TENS = {"TWENTY": 20, "THIRTY": 30, "FORTY": 40, "FIFTY": 50}


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
    "BRDG": "BRIDGE",
    "BRG": "BRIDGE",
    "CENTRE": "CENTER",
    "CTR": "CENTER",
    "GDNS": "GARDENS",
    "GOVT": "GOVERNMENT",
    "HTS": "HEIGHTS",
    "PK": "PARK",
    "SPGS": "SPRINGS",
    "THEATRE": "THEATER",
    **{word: ordinal(number) for word, number in _ORDINALS.items()},
    **{
        tens + word: ordinal(number + unit)
        for tens, number in _TENS.items()
        for word, unit in _ORDINALS.items()
        if unit < 10
    },
}
_UNITS = {ordinal(unit): unit for unit in range(1, 10)}
_SEPARATORS = str.maketrans(
    dict.fromkeys("|\\;@", "/") | {"&": " AND ", "+": " AND ", "#": " APT ", "_": " "}
)
_SPLITTING_WORDS = {"AT", "ON", "NEAR", "BTWN", "BTW", "BET", "BETWEEN", "OFF"}
_FILLERS = {"CORNER", "INTERSECTION", "OF", "THE", "CALLE", "AVENIDA"}

_COMPASS = r"(?:[NSEW]|[NS][EW]|NORTH|SOUTH|EAST|WEST|(?:NORTH|SOUTH)(?:EAST|WEST))"
_REWRITTEN = [
    (re.compile(r"\bP\.? ?O\.? ?BOX \d+"), " "),  # letters go there, nobody lives there
    (re.compile(r"\bB/W\b"), " BETWEEN "),
    (re.compile(r"\b([NSEW])/B\b"), r"\1B"),  # W/B: westbound
    (re.compile(r"\b(?:[NSEW]/[SO]|R/O)\b"), " "),  # "north side of", "rear of"
    (re.compile(rf"\b{_COMPASS} CORNER\b"), " "),
    (re.compile(rf"\b(?:JUST )?{_COMPASS} OF\b"), "/"),  # "Olive, east of Grand"
    (re.compile(r"\b(\d{1,3})(?:XX|\*\*|##)(?!\w)"), r"\g<1>00 BLOCK "),
    (re.compile(r"\b(\d{1,2}) HUNDRED\b"), r"\g<1>00"),
    (re.compile(r"\b(?:ESQUINA|CRUCE)(?: (?:DE|CON))?\b"), "/"),
    (re.compile(r"(?<=[A-Z]{2}) (?:Y|CON) (?=[A-Z\d]{3}|[NSEW] )"), " AND "),  # "Grand y Arsenal"
    (re.compile(r"\b(\d+) TO (\d+)\b"), r"\1-\2"),
    (re.compile(r"^(?:NO|NUMBER|NUM)\b[. ]*(?=\d+[A-Z]? )"), ""),  # not "No. 20th St", north
    (re.compile(r"^([^\d#/@&]+)# ?(\d{1,5})\b"), r"\2 \1"),  # "calle Olive #1915"
    (re.compile(r"\b(?:MILE|EXIT) \d+[A-Z]?\b|\bRAMP\b"), " "),  # places on a highway, which has no numbers
    (re.compile(r"\b([NSEW])(\d+(?:ST|ND|RD|TH))\b"), r"\1 \2"),  # N20TH
    (re.compile(r"\b(\d+)([A-Z]{4,})"), r"\1 \2"),  # 1820MARKET
]
_WORD = re.compile(r"[A-Z0-9]+|[/,]")
_HIGHWAY_WORDS = {"I", "INTERSTATE", "HIGHWAY", "HWY", "US", "ROUTE", "RT"}
_HIGHWAY = re.compile(r"I?(\d{2,3})")
_COMPASS_LETTERS = {"N", "S", "E", "W"}
_BOUND = re.compile(r"[NSEW]B|(?:NORTH|SOUTH|EAST|WEST)B(?:O(?:U(?:N(?:D)?)?)?)?")
_SAME_HIGHWAY = {"40": "64"}  # St. Louis still says "highway 40" for I-64


_FRACTION = re.compile(r"(?<![\d/])[1-9]/[2-9](?![\d/])")
_PARENTHESES, _PARENTHESIS, _DIGIT = re.compile(r"\([^()]*\)"), re.compile(r"[()]"), re.compile(r"\d")


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
    text = _FRACTION.sub(" ", text.upper()[: 2 * MAX_CHARS])
    text = text.split(":", 1)[0].lstrip(" #@")  # after a colon police records keep map coordinates
    return _without_parentheses(text) if "(" in text else text


def _without_parentheses(text: str) -> str:
    """Remarks in parentheses say nothing ("Olive (rear)"), unless the number is there ("City Hall (1200 Market)")."""
    outside = _PARENTHESES.sub(" ", text)
    return outside if _DIGIT.search(outside) or not _DIGIT.search(text) else _PARENTHESIS.sub(",", text)


def words(text: str) -> list[str]:
    """Words of folded text; "/" between streets, "," between parts, everything else only separates.

    "6001 W. Florissant" -> ["6001", "W", "FLORISSANT"]; "I-70 EB @ Union" -> ["I70", "/", "UNION"].
    """
    for pattern, meaning in _REWRITTEN:
        text = pattern.sub(meaning, text)
    found = _WORD.findall(text.translate(_SEPARATORS))
    return _join_highways(
        ["/" if word in _SPLITTING_WORDS else word for word in found if word not in _FILLERS]
    )


def _join_highways(tokens: list[str]) -> list[str]:
    """One word a highway, without its direction: I 70 WESTBOUND, EB 70, INTERSTATE 70 W -> I70."""
    joined: list[str] = []
    for token in tokens:
        previous = joined[-1] if joined else ""
        if previous in _HIGHWAY_WORDS and (number := _HIGHWAY.fullmatch(token)):
            joined[-1] = _highway(number[1])
        elif _BOUND.fullmatch(token) or (token in _HIGHWAY_WORDS and previous in _HIGHWAY_WORDS):
            if previous.isdigit() and (number := _HIGHWAY.fullmatch(previous)):
                joined[-1] = _highway(number[1])
            elif previous != "I" and not _is_highway(previous):
                joined.append("I")
        elif not (token in _COMPASS_LETTERS and _is_highway(previous)):
            joined.append(_highway(token[1:]) if _is_highway(token) else token)
    return joined


def _is_highway(token: str) -> bool:
    return token[:1] == "I" and _HIGHWAY.fullmatch(token) is not None


def _highway(number: str) -> str:
    return f"I{_SAME_HIGHWAY.get(number, number)}"


def canonical(tokens: list[str]) -> list[str]:
    """One spelling a word: AVENUE and AV -> AVE, SAINT -> ST, NORTH -> N, NINTH -> 9TH."""
    plain: list[str] = []
    for token in tokens:
        word = _CANONICAL.get(token, token)
        if plain and plain[-1] in _TENS and word in _UNITS:  # TWENTY FIRST
            plain[-1] = ordinal(_TENS[plain[-1]] + _UNITS[word])
        else:
            plain.append(word)
    if plain and plain[0] == "NO":
        plain[0] = "N"
    return plain
