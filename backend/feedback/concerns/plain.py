"""What people wrote, as it is compared: without accents, case, and characters that nobody sees. Pure."""

import re
import unicodedata

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
