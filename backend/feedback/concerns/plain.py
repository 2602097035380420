"""What people wrote, as it is compared: without accents, case, and characters that nobody sees. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Letters of other alphabets that look like Latin ones, and letters that are written in two ways.
_PAIRS = (
    "аa вb еe кk мm нh оo рp сc тt уy хx іi јj ѕs ԁd ӏl αa οo ρp νv υu ιi τt κk εe đd øo łl ıi "
    "یي ىي کك ەه ہه ھه"
)
_ALIKE = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})
_UNSEEN = ("Mn", "Me", "Cf", "Cc")
MOST_FROM_ONE = 4  # a ligature of a whole sentence ("\ufdfa" is 18) would make long work of a short text
_REVERSING = re.compile("[\u202b\u202e\u2067]")


def bare(text: str) -> str:
    """Lower case, no accents, nothing invisible (zero width, bidi); white space as single blanks."""
    folded = unicodedata.normalize("NFKD", _folded(text))
    seen = "".join(c for c in folded if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return " ".join(seen.translate(_ALIKE).split())


def marked(text: str) -> str:
    """The same with its accents, for languages in which they make another word."""
    folded = unicodedata.normalize("NFC", _folded(text))
    return " ".join("".join(c for c in folded if c.isspace() or unicodedata.category(c) != "Cf").split())


def _folded(text: str) -> str:
    if not text.isascii():
        text = "".join(" " if len(unicodedata.normalize("NFKC", c)) > MOST_FROM_ONE else c for c in text)
    return unicodedata.normalize("NFKC", text).casefold()


def readings(text: str) -> set[str]:
    """All that the text may show: with what nobody sees left out, as a blank, and turned round where it says so."""
    apart = "".join(" " if unicodedata.category(c) == "Cf" else c for c in text)
    turned = [text[::-1]] if _REVERSING.search(text) else []
    return {bare(reading) for reading in (text, apart, *turned)}


# --- where words stand ------------------------------------------------------------------------------------

SHORT = 4  # fewer letters stand in half of all words, and count only as a word of their own
_NUMBER = 7  # so many digits are a number, whatever stands between them


def places_of(words: str, text: str) -> Iterator[tuple[int, int]]:
    """From where to where these words stand in a text, however they are written there: in any case, with or without

    accents, apostrophes and what nobody sees, with anything or nothing between them; a number with its digits in any
    groups. Words of three letters or fewer only by themselves ("Ana", "Ana's").
    """
    wanted, _ = _compared(words)
    if not (wanted := wanted.strip()):
        return
    digits = wanted.replace(" ", "")
    if digits.isdigit() and len(digits) >= _NUMBER:
        pattern = " ?".join(digits)
    else:
        pattern = " ?".join(map(re.escape, wanted.split()))
        if len(digits) < SHORT and digits.isascii():
            pattern = rf"(?<![a-z0-9]){pattern}(?=s?(?![a-z0-9]))"
    plain, at = _compared(text)
    for found in re.finditer(f"(?=({pattern}))", plain):  # a look-ahead also finds those that overlap
        first, last = at[found.start(1)], at[found.end(1) - 1] + 1
        while last < len(text) and _as_compared(text[last]) == "" and text[last] not in _APOSTROPHES:
            last += 1  # an accent of its own goes with its letter
        yield first, last


_APOSTROPHES = "'’‘`´ʼ"


def _compared(text: str) -> tuple[str, list[int]]:
    """Letters and digits as they are compared, single blanks for what is between them; and where each stood."""
    plain: list[str] = []
    at: list[int] = []
    for place, character in enumerate(text):
        for one in _as_compared(character):
            if one != " " or (plain and plain[-1] != " "):
                plain.append(one)
                at.append(place)
    return "".join(plain), at


@lru_cache(maxsize=4096)
def _as_compared(character: str) -> str:
    """Of one character; "" of what nobody sees and of an apostrophe."""
    if letters := "".join(c for c in bare(character) if c.isalnum()):
        return letters
    is_unseen = unicodedata.category(character) in _UNSEEN and not character.isspace()
    return "" if is_unseen or character in _APOSTROPHES else " "
